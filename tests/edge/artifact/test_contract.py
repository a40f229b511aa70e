"""Contracts of tensors: what they refuse, and why."""

import re

import numpy as np
import pytest

from deeplearn_utils.edge.artifact import TensorSpec
from tests.wrong_inputs import no_array

IMAGES = TensorSpec((2, 3), "float32", low=0, high=16)


def refused(error, message, call, *arguments, **options):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call(*arguments, **options)


def images(*shape):
    return np.ones(shape, "float32")


def test_what_keeps_the_contract_is_returned_as_it_is():
    X = images(4, 2, 3)
    assert IMAGES.check("X", X) is X


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (
            [[1.0]],
            TypeError,
            '`X` must be a NumPy array, got list; try np.asarray(X, "float32")',
        ),
        (
            np.ones((4, 2, 3)),
            TypeError,
            '`X` must have dtype float32, got float64; try X.astype("float32")',
        ),
        (
            np.ones((4, 2, 3), ">f4"),
            TypeError,
            '`X` must have dtype float32, got >f4; try X.astype("float32")',
        ),
        (images(4, 3, 2), ValueError, "`X` must have shape (n, 2, 3), got (4, 3, 2)"),
        (
            images(2, 3),
            ValueError,
            "`X` must have shape (n, 2, 3), got (2, 3); one sample is a batch too: X[None]",
        ),
        (
            images(4, 6),
            ValueError,
            "`X` must have shape (n, 2, 3), got (4, 6); did you mean X.reshape(-1, 2, 3)?",
        ),
        (np.float32(1)[...], ValueError, "`X` must have shape (n, 2, 3), got ()"),
        (images(0, 2, 3), ValueError, "`X` must hold at least one sample, got none"),
    ],
)
def test_other_types_and_shapes(X, error, message):
    hint = "; did you mean X.reshape(-1, 2, 3)?" if getattr(X, "shape", 0) == (4, 3, 2) else ""
    refused(error, message + hint, IMAGES.check, "X", X)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, "`X` must be finite, got 1 NaN, the first in entry [1, 0, 2]"),
        (np.inf, "`X` must be finite, got 1 infinity, the first in entry [1, 0, 2]"),
        (-0.5, "`X` must lie within [0.0, 16.0], got -0.5 in entry [1, 0, 2]"),
        (16.5, "`X` must lie within [0.0, 16.0], got 16.5 in entry [1, 0, 2]"),
    ],
)
def test_numbers_that_no_image_has(value, message):
    X = images(4, 2, 3)
    X[1, 0, 2] = value
    refused(ValueError, message, IMAGES.check, "X", X)


def test_a_bound_for_each_entry():
    columns = TensorSpec((2,), "float64", low=[0, 10])
    columns.check("X", np.array([[0.0, 10.0]]))
    message = "`X` must lie within [10.0, inf), got 9.0 in row 1, column 1"
    refused(ValueError, message, columns.check, "X", np.array([[5.0, 10.0], [5.0, 9.0]]))
    assert columns.described() == "(n, 2) float64, with bounds"


def test_whole_numbers_have_a_range_too():
    pixels = TensorSpec((1,), "uint8", high=16)
    message = "`X` must lie within (-inf, 16.0], got 17 in row 0, column 0"
    refused(ValueError, message, pixels.check, "X", np.array([[17]], "uint8"))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (((0,), "float32"), ValueError, "`shape` must be at least 1, got 0"),
        (((1.5,), "float32"), TypeError, "`shape` must be a whole number, got 1.5"),
        (
            ((1,), "complex64"),
            TypeError,
            "`dtype` must be one of float32, float64, int8, uint8, int16, int32, int64, "
            "got 'complex64'",
        ),
        (((1,), "float32", "low"), TypeError, "`low` must hold numbers, got 'low'"),
        (((1,), "float32", "1"), TypeError, "`low` must hold numbers, got '1'"),
        (
            ((2,), "float32", [0, 0, 0]),
            ValueError,
            "`low` must be a number or have the sample's shape (2,), got shape (3,)",
        ),
        (
            ((1,), "float32", 0, np.nan),
            ValueError,
            "`high` must be finite, got 1 NaN",
        ),
        (
            ((1,), "float32", 1, 0),
            ValueError,
            "`low` must not be above `high`, got a range without a number in it",
        ),
    ],
)
def test_contracts_that_make_no_sense(arguments, error, message):
    refused(error, message, TensorSpec, *arguments)


def test_numpys_own_names_of_types_are_taken():
    assert TensorSpec((1,), np.float32).dtype == TensorSpec((1,), "<f4").dtype == "float32"


def test_it_comes_back_from_json():
    spec = TensorSpec((2,), "float64", low=[0, 10], high=20)
    again = TensorSpec.from_json(spec.to_json())
    assert again.to_json() == spec.to_json()
    np.testing.assert_array_equal(again.low, [0, 10])


def test_what_hides_numbers_is_no_array():
    spec = TensorSpec((2,), "int8")
    masked = np.ma.masked_equal(np.ones((1, 2), np.int8), 1)
    with pytest.raises(TypeError, match=no_array(masked, "X")):
        spec.check("X", masked)


def test_no_shape_and_no_dtype():
    message = "`shape` must be a tuple such as (8, 8, 1), got 5"
    refused(TypeError, message, TensorSpec, 5, "float32")
    message = "`dtype` must be one of float32, float64, int8, uint8, int16, int32, int64, got None"
    refused(TypeError, message, TensorSpec, (2,), None)
