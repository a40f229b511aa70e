"""The faster NumPy kernels against the general formulas, and against SciPy."""

import array_api_strict
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeplearn_utils.kernels import activations, on_numpy

DTYPES = ("float32", "float64")
EPSILONS = 8  # how many units in the last place two right answers may lie apart


def logits(max_classes, dtype):
    width = {"float32": 32, "float64": 64}[dtype]
    shapes = hnp.array_shapes(min_dims=1, max_dims=3, max_side=9).map(
        lambda shape: (*shape[:-1], min(shape[-1], max_classes))
    )
    numbers = st.floats(-500, 500, width=width)
    return hnp.arrays(dtype, shapes, elements=numbers)


def general(kernel, z):
    """Return what the formula for every library gives, on the strict library's arrays."""
    return np.from_dlpack(getattr(activations, kernel)(array_api_strict.asarray(z)))


def assert_same(ours, right, dtype):
    tiny, epsilon = np.finfo(dtype).tiny, np.finfo(dtype).eps
    assert ours.dtype == right.dtype == dtype
    np.testing.assert_allclose(ours, right, rtol=EPSILONS * epsilon, atol=tiny)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", ["sigmoid", "softmax"])
@given(data=st.data())
def test_same_as_the_general_formula(kernel, dtype, data):
    z = data.draw(logits(on_numpy.FEW, dtype))
    before = z.copy()
    z.flags.writeable = False
    ours = getattr(activations, kernel)(z)
    assert_same(ours, general(kernel, before), dtype)
    np.testing.assert_array_equal(z, before)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 2, 17])
@pytest.mark.parametrize("k", [1, on_numpy.FEW - 1, on_numpy.FEW, on_numpy.FEW + 1, 100])
def test_softmax_around_the_switch(k, n, dtype, rng):
    z = (5 * rng.normal(size=(n, k))).astype(dtype)
    ours = activations.softmax(z)
    assert ours.flags.c_contiguous
    assert_same(ours, general("softmax", z), dtype)
    right = scipy.special.softmax(z.astype(float), axis=1)
    np.testing.assert_allclose(ours, right, rtol=100 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_as_scipy_out_to_the_tails(dtype):
    largest = -np.log(np.finfo(dtype).tiny)
    z = np.linspace(-largest, largest, 10_001).astype(dtype)
    right = scipy.special.expit(z.astype(np.longdouble))
    np.testing.assert_allclose(activations.sigmoid(z), right, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_not_finite(dtype):
    z = np.array([-np.inf, np.inf, np.nan], dtype)
    np.testing.assert_array_equal(activations.sigmoid(z), np.array([0.0, 1.0, np.nan], dtype))
    row = np.array([[0.0, -np.inf, 0.0]], dtype)
    np.testing.assert_array_equal(activations.softmax(row), [[0.5, 0.0, 0.5]])


def test_nothing_warns_even_if_asked_to(rng):
    z = np.array([[-1e4, 1e4, 0.0]])
    with np.errstate(over="raise", divide="raise"):
        activations.sigmoid(z)
        activations.softmax(z)
