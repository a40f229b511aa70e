"""Every entry of REGULARIZERS on every library: values, gradients, extremes and errors."""

import dataclasses

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.regularizers import REGULARIZERS
from tests.libraries import TENSORFLOW
from tests.wrong_inputs import NOT_FLOATS, assert_refused, two_dtypes, two_libraries, whole

EVERY = pytest.mark.parametrize("name", REGULARIZERS)
THETA = np.array([3.0, -0.5, 2.0, -7.0])
MASK = np.array([1.0, 1.0, 0.0, 1.0])


def made(name, strength=0.3):
    """Make a regularizer with this number in each of its fields."""
    cls = REGULARIZERS[name]
    return cls(*(strength for _ in dataclasses.fields(cls)))


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_same_as_numpy_in_double_precision(other_lib, name, dtype):
    theta, mask = other_lib.array(THETA, dtype), other_lib.array(MASK, dtype)
    regularizer = made(name)
    penalty, gradient = regularizer.penalty(theta, mask), regularizer.gradient(theta, mask)
    assert tuple(penalty.shape) == ()
    assert tuple(gradient.shape) == (4,)
    rtol = 1e-6 if dtype == "float32" else 1e-14
    right = regularizer.penalty(THETA, MASK), regularizer.gradient(THETA, MASK)
    for ours, expected in zip((penalty, gradient), right, strict=True):
        assert other_lib.holds(ours, like=theta)
        np.testing.assert_allclose(arrays.to_numpy(ours), expected, rtol=rtol)
    np.testing.assert_array_equal(arrays.to_numpy(theta), THETA)
    np.testing.assert_array_equal(arrays.to_numpy(mask), MASK)


@EVERY
def test_the_gradient_is_the_slope_of_the_penalty(name):
    regularizer, h = made(name), 1e-6
    for direction in np.eye(4):
        ends = [regularizer.penalty(THETA + s * h * direction, MASK) for s in (1, -1)]
        slope = regularizer.gradient(THETA, MASK) @ direction
        np.testing.assert_allclose(slope, (ends[0] - ends[1]) / (2 * h), rtol=1e-7, atol=1e-9)


@EVERY
def test_against_automatic_gradients(torch, jax, name):
    regularizer = made(name)
    theta, mask = torch.tensor(THETA, requires_grad=True), torch.tensor(MASK)
    (expected,) = torch.autograd.grad(regularizer.penalty(theta, mask), theta)
    torch.testing.assert_close(regularizer.gradient(theta, mask), expected)
    expected = jax.grad(regularizer.penalty)(jax.numpy.asarray(THETA), jax.numpy.asarray(MASK))
    np.testing.assert_allclose(regularizer.gradient(THETA, MASK), expected, rtol=1e-14)


@TENSORFLOW
@EVERY
def test_against_tensorflow_s_gradients(tf, name):
    theta, mask = tf.constant(THETA), tf.constant(MASK)
    with tf.GradientTape() as tape:
        tape.watch(theta)
        penalty = made(name).penalty(theta, mask)
    expected = tape.gradient(penalty, theta)
    np.testing.assert_allclose(made(name).gradient(theta, mask), expected, rtol=1e-14)


@EVERY
def test_a_strength_from_numpy_never_decides_the_dtype(lib, name):
    regularizer = made(name, np.float64(0.3))
    theta, mask = lib.array(THETA, np.float32), lib.array(MASK, np.float32)
    assert lib.holds(regularizer.penalty(theta, mask), like=theta)
    assert lib.holds(regularizer.gradient(theta, mask), like=theta)
    assert lib.holds(regularizer.proximal(theta, mask, np.float64(0.1)), like=theta)


@EVERY
@pytest.mark.parametrize("size", [500.0, 1e4, 1e15])
def test_extremes_are_finite(lib, name, size):
    theta, mask = lib.array([size, -size, 0.0], np.float32), lib.array([1, 1, 1], np.float32)
    assert np.isfinite(float(made(name).penalty(theta, mask)))
    assert np.isfinite(arrays.to_numpy(made(name).gradient(theta, mask))).all()


@EVERY
def test_a_weight_that_is_not_a_number_is_seen(lib, name):
    theta, mask = lib.array([np.nan, 1.0]), lib.array([1.0, 1.0])
    assert np.isnan(float(made(name).penalty(theta, mask)))
    gradient = arrays.to_numpy(made(name).gradient(theta, mask))
    np.testing.assert_array_equal(np.isnan(gradient), [True, False])


@EVERY
def test_arrays_that_are_not_contiguous_and_empty_ones(lib, name):
    theta, mask = lib.array(np.repeat(THETA, 2))[::2], lib.array(np.repeat(MASK, 2))[::2]
    expected = made(name).gradient(THETA, MASK)
    ours = arrays.to_numpy(made(name).gradient(theta, mask))
    np.testing.assert_allclose(ours, expected, rtol=1e-14)
    empty = lib.array(np.zeros(0))
    assert float(made(name).penalty(empty, empty)) == 0.0
    assert tuple(made(name).gradient(empty, empty).shape) == (0,)


@EVERY
@pytest.mark.parametrize("method", ["penalty", "gradient"])
def test_nothing_is_broadcast_or_mixed(lib, name, method):
    call, theta = getattr(made(name), method), lib.array(THETA)
    for mask, got in (
        (1.0, "()"),
        ([1.0], "(1,)"),
        (MASK[:, None], "(4, 1); did you mean mask.reshape(-1)?"),
    ):
        message = f"`mask` must have the shape of `theta` = (4,), got {got}"
        with pytest.raises(ValueError, match=whole(message)):
            call(theta, lib.array(mask))
    single, foreign = lib.array(MASK, np.float32), lib.foreign_array(MASK)
    with pytest.raises(TypeError, match=two_dtypes(theta=theta, mask=single)):
        call(theta, single)
    with pytest.raises(TypeError, match=two_libraries(theta=theta, mask=foreign)):
        call(theta, foreign)


@EVERY
@pytest.mark.parametrize("wrong", NOT_FLOATS)
def test_what_is_no_floating_point_array_is_refused(name, wrong):
    value = NOT_FLOATS[wrong]
    good = np.ones((1, 2))
    for call in (made(name).penalty, made(name).gradient):
        assert_refused(value, call, value, good, argument="theta")
        assert_refused(value, call, good, value, argument="mask")


@EVERY
@pytest.mark.parametrize("wrong", [-0.1, np.nan, np.inf])
def test_a_strength_out_of_range(name, wrong):
    fields = [field.name for field in dataclasses.fields(REGULARIZERS[name])]
    for field in fields:
        options = dict.fromkeys(fields, 0.1) | {field: wrong}
        message = f"`{field}` must be a number in [0.0, inf), got {wrong}"
        with pytest.raises(ValueError, match=whole(message)):
            REGULARIZERS[name](**options)
        with pytest.raises(TypeError, match=f"^`{field}` must be a number, got str$"):
            REGULARIZERS[name](**(options | {field: "0.1"}))
