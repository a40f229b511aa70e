"""The largest difference between two runtimes, and where it is."""

import re

import numpy as np
import pytest

from deeplearn_utils.edge.parity import compare


def test_the_place_is_found(rng):
    original = rng.normal(size=(7, 2, 3))
    found = original.copy()
    found[4, 1, 2] += 0.25
    parity = compare(found, original)
    assert (parity.example, parity.output, parity.n_samples) == (4, (1, 2), 7)
    assert parity.largest == pytest.approx(0.25)
    assert parity.relative == pytest.approx(0.25 / max(1, np.abs(original).max()))
    assert (parity.original, parity.found) == (original[4, 1, 2], found[4, 1, 2])


def test_equal_outputs_have_no_difference(rng):
    outputs = rng.normal(size=(3, 2))
    assert compare(outputs, outputs.copy()).largest == 0


def test_small_outputs_are_compared_as_they_are():
    assert compare(np.array([[1e-3]]), np.array([[2e-3]])).relative == pytest.approx(1e-3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_the_largest_difference(value):
    broken, whole = np.array([[1.0, 9.0], [value, 2.0]]), np.array([[1.0, 2.0], [1.0, 2.0]])
    for pair in ((broken, whole), (whole, broken)):
        parity = compare(*pair)
        assert (parity.example, parity.output) == (1, (0,))
        assert not parity.relative <= 1e9


def test_the_same_infinity_is_no_difference():
    outputs = np.array([[np.inf, -np.inf]])
    assert compare(outputs, outputs.copy()).largest == 0


def test_whole_numbers_do_not_wrap_around():
    parity = compare(np.array([[-128]], "int8"), np.array([[127]], "int8"))
    assert parity.largest == 255


@pytest.mark.parametrize("other", [1, -1, 2**60])
def test_whole_numbers_beyond_float64_are_compared_exactly(other):
    parity = compare(np.array([[2**53], [7]]), np.array([[2**53 + other], [7]]))
    assert (parity.largest, parity.example) == (abs(other), 0)


def test_other_shapes_are_refused():
    message = "outputs have shape (2, 1), those of the original (2,)"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        compare(np.zeros((2, 1)), np.zeros(2))


def test_an_infinity_hides_no_other_difference():
    parity = compare(np.array([[np.inf, 5.0]]), np.array([[np.inf, 1.0]]))
    assert (parity.output, parity.largest, parity.relative) == ((1,), 4.0, 4.0)


@pytest.mark.parametrize("outputs", [np.zeros((0, 2)), np.zeros((2, 0)), np.zeros(())])
def test_no_outputs_at_all(outputs):
    message = f"outputs must have shape (n, ...) and a sample, got {outputs.shape}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        compare(outputs, outputs)
