"""Bodies of requests: what is read is what was sent, for any contract."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils.edge.artifact import TensorSpec
from deeplearn_utils.edge.npy import to_npy
from deeplearn_utils.serving.requests import JSON, NPY, Refused, batch_of

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


def refused(body, kind, spec):
    with pytest.raises(Refused) as caught:
        batch_of(body, kind, spec, most_samples=8)
    return caught.value.status, caught.value.reason


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "uint8", "int64"])
def test_numbers_arrive_as_they_were_sent(dtype, rng):
    X = (100 * rng.random((4, 2, 3))).astype(dtype)
    spec = TensorSpec((2, 3), dtype)
    for body, kind in (
        (json.dumps({"inputs": X.tolist()}).encode(), JSON),
        (json.dumps({"inputs": X.tolist()}).encode(), "Application/JSON; charset=utf-8"),
        (to_npy(X), NPY),
    ):
        np.testing.assert_array_equal(batch_of(body, kind, spec, most_samples=8), X, strict=True)


@pytest.mark.parametrize(
    ("dtype", "number", "shown"),
    [
        ("uint8", 256, "256"),
        ("uint8", -1, "-1"),
        ("int8", 1.5, "1.5"),
        ("int32", 2**31, "2.14748e+09"),
        ("float32", 1e39, "1e+39"),
    ],
)
def test_nothing_is_cut_off(dtype, number, shown):
    body = json.dumps({"inputs": [[1, number]]}).encode()
    status, reason = refused(body, JSON, TensorSpec((2,), dtype))
    assert (status, reason) == (
        422,
        f"`inputs` must hold numbers that {dtype} can hold, got {shown} in row 0, column 1",
    )


@given(ANY_JSON)
def test_any_json_is_a_batch_or_a_refusal(value):
    spec = TensorSpec((2,), "float32")
    for told in (value, {"inputs": value}):
        status = 200
        try:
            X = batch_of(json.dumps(told).encode(), JSON, spec, most_samples=8)
        except Refused as refusal:
            status = refusal.status
        if status == 200:
            np.testing.assert_allclose(X, np.array(value, "float32"))
        else:
            assert status in (400, 413, 422)


@given(st.binary(max_size=200), st.sampled_from([JSON, NPY]))
def test_any_bytes_are_a_batch_or_a_refusal(body, kind):
    status, reason = refused(body, kind, TensorSpec((2,), "float32"))
    assert 400 <= status < 500
    assert reason


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1, -(2**63), 10**18 + 1])
def test_whole_numbers_arrive_to_the_last_digit(number):
    body = json.dumps({"inputs": [[number]]}).encode()
    X = batch_of(body, JSON, TensorSpec((1,), "int64"), most_samples=1)
    assert X.dtype == np.int64
    assert X.item() == number


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 1.5, "1e999"])
def test_whole_numbers_that_do_not_fit(number):
    body = f'{{"inputs": [[{number}]]}}'.encode()
    status, reason = refused(body, JSON, TensorSpec((1,), "int64"))
    assert status == 422
    assert "that int64 can hold" in reason
