"""The dense layer, forward and backward, on every library."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils import arrays
from deeplearn_utils.kernels.dense import dense, dense_backward
from tests.wrong_inputs import NOT_FLOATS, assert_refused, two_dtypes, two_libraries, whole

SHAPES = [(4, 3, 2), (1, 3, 1), (0, 3, 2)]  # samples, inputs, outputs


def layer(n, n_in, n_out, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    shapes = {"x": (n, n_in), "W": (n_in, n_out), "b": (n_out,), "dz": (n, n_out)}
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", SHAPES)
def test_the_formula_on_every_library(lib, sizes, dtype):
    p = layer(*sizes, dtype)
    ours = {name: lib.array(values) for name, values in p.items()}
    z = dense(ours["x"], ours["W"], ours["b"])
    gradients = dense_backward(ours["dz"], ours["x"], ours["W"])
    right = (
        p["x"] @ p["W"] + p["b"],
        p["dz"] @ p["W"].T,
        p["x"].T @ p["dz"],
        p["dz"].sum(axis=0),
    )
    for got, expected in zip((z, *gradients), right, strict=True):
        assert lib.holds(got, like=ours["x"])
        assert tuple(got.shape) == expected.shape
        np.testing.assert_allclose(arrays.to_numpy(got), expected, rtol=1e-5, atol=1e-6)
    for name, values in p.items():
        np.testing.assert_array_equal(arrays.to_numpy(ours[name]), values)


def test_arrays_that_are_not_contiguous(lib):
    p = layer(8, 6, 4)
    half = (slice(None, None, 2), slice(None, None, 2))
    ours = {k: lib.array(v)[half[: v.ndim]] for k, v in p.items()}
    right = {k: v[half[: v.ndim]].copy() for k, v in p.items()}
    z = dense(ours["x"], ours["W"], ours["b"])
    np.testing.assert_allclose(
        arrays.to_numpy(z), dense(right["x"], right["W"], right["b"]), rtol=1e-13
    )
    gradients = dense_backward(ours["dz"], ours["x"], ours["W"])
    expected = dense_backward(right["dz"], right["x"], right["W"])
    for got, e in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(arrays.to_numpy(got), e, rtol=1e-13)


@given(
    sizes=st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5)),
    seed=st.integers(0, 1000),
)
def test_gradients_are_the_slopes(sizes, seed):
    p = layer(*sizes, seed=seed)
    direction = layer(*sizes, seed=seed + 1)
    gradients = dense_backward(p["dz"], p["x"], p["W"])
    h = 1e-6
    for name, gradient in zip(("x", "W", "b"), gradients, strict=True):
        ends = []
        for s in (1, -1):
            moved = {**p, name: p[name] + s * h * direction[name]}
            ends.append(np.sum(p["dz"] * dense(moved["x"], moved["W"], moved["b"])))
        slope = np.sum(gradient * direction[name])
        np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * h), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e4])
def test_one_bad_sample_leaves_the_others_alone(lib, wrong):
    p = layer(3, 2, 2)
    expected = dense(p["x"], p["W"], p["b"])
    p["x"][1] = wrong
    with np.errstate(invalid="ignore"):
        z = arrays.to_numpy(dense(*(lib.array(p[k]) for k in ("x", "W", "b"))))
    np.testing.assert_allclose(z[[0, 2]], expected[[0, 2]], rtol=1e-13)
    assert np.isfinite(z[1]).all() == np.isfinite(wrong)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"x": np.zeros(3)},
            "`x` must have shape (samples, in), got (3,); did you mean x[:, None]?",
        ),
        ({"x": np.zeros((4, 5))}, "`W` must have shape (in, out) = (5, 2), got (3, 2)"),
        (
            {"W": np.zeros((2, 3))},
            "`W` must have shape (in, out) = (3, 2), got (2, 3); did you mean W.T?",
        ),
        ({"W": np.zeros(3)}, "`W` must have shape (in, out) = (3, 2), got (3,)"),
        (
            {"b": np.zeros((1, 2))},
            "`b` must have shape (out,) = (2,), got (1, 2); did you mean b.reshape(-1)?",
        ),
        ({"b": np.zeros(3)}, "`b` must have shape (out,) = (2,), got (3,)"),
    ],
)
def test_wrong_shapes(lib, change, message):
    p = {**layer(4, 3, 2), **change}
    with pytest.raises(ValueError, match=whole(message)):
        dense(*(lib.array(p[k]) for k in ("x", "W", "b")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"dz": np.zeros((2, 4))},
            "`dz` must have shape (samples, out) = (4, 2), got (2, 4); did you mean dz.T?",
        ),
        ({"dz": np.zeros(2)}, "`dz` must have shape (samples, out) = (4, 2), got (2,)"),
        (
            {"x": np.zeros(3)},
            "`x` must have shape (samples, in), got (3,); did you mean x[:, None]?",
        ),
        (
            {"W": np.zeros((2, 3))},
            "`W` must have shape (in, out) = (3, out), got (2, 3); did you mean W.T?",
        ),
    ],
)
def test_wrong_shapes_backward(lib, change, message):
    p = {**layer(4, 3, 2), **change}
    with pytest.raises(ValueError, match=whole(message)):
        dense_backward(*(lib.array(p[k]) for k in ("dz", "x", "W")))


def test_dtypes_and_libraries_are_never_mixed(lib):
    p = {name: lib.array(values) for name, values in layer(4, 3, 2).items()}
    single = lib.array(np.ones((3, 2)), np.float32)
    with pytest.raises(TypeError, match=two_dtypes(x=p["x"], W=single)):
        dense(p["x"], single, p["b"])
    with pytest.raises(TypeError, match=two_dtypes(dz=p["dz"], W=single)):
        dense_backward(p["dz"], p["x"], single)
    foreign = lib.foreign_array(np.ones((3, 2)))
    with pytest.raises(TypeError, match=two_libraries(x=p["x"], W=foreign)):
        dense(p["x"], foreign, p["b"])


@pytest.mark.parametrize("wrong", NOT_FLOATS)
@pytest.mark.parametrize("name", ["x", "W", "b"])
def test_what_is_no_floating_point_array_is_refused(wrong, name):
    p = layer(1, 2, 2)
    value = p[name] = NOT_FLOATS[wrong]
    assert_refused(value, dense, p["x"], p["W"], p["b"], argument=name)
