"""Every entry of ACTIVATIONS: values, gradients, extremes and errors on every library."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeplearn_utils import arrays
from deeplearn_utils.kernels import ACTIVATIONS
from tests.wrong_inputs import (
    NOT_FLOATS,
    assert_refused,
    no_floats,
    two_dtypes,
    two_libraries,
    whole,
)

OPTIONS = {
    "leaky_relu": [{}, {"negative_slope": 0.2}, {"negative_slope": 0.0}],
    "elu": [{}, {"alpha": 2.5}, {"alpha": 0.1}],
}
CASES = [
    pytest.param(name, options, id="-".join([name, *map(str, options.values())]))
    for name in ACTIVATIONS
    for options in OPTIONS.get(name, [{}])
]
EXTREMES = np.array([[-1e4, -500.0, -88.8, -40.5, 0.0], [1e4, 500.0, 88.8, 40.5, 1e-30]])
SHAPES = [(4, 6), (1, 6), (4, 1), (0, 6)]  # few: JAX compiles every operation for every shape
TOLERANCE = {"float32": 2e-6, "float64": 1e-13}


def logits(shape, seed=0):
    """Draw values that lie 0.1 or more from the kink at 0."""
    z = 2.0 * np.random.default_rng(seed).normal(size=shape)
    return z + 0.1 * np.sign(z)


def test_every_option_is_tested():
    for name, activation in ACTIVATIONS.items():
        for kernel in (activation.forward, activation.backward):
            found = set(inspect.signature(kernel).parameters) - {"da", "z"}
            assert found == {k for options in OPTIONS.get(name, []) for k in options}, name


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_same_as_numpy_in_double_precision(other_lib, name, options, dtype):
    activation = ACTIVATIONS[name]
    for shape in SHAPES if dtype == "float64" and not options else SHAPES[:1]:
        z, da = logits(shape).astype(dtype), logits(shape, 1).astype(dtype)
        their_z, their_da = other_lib.array(z), other_lib.array(da)
        a, dz = activation.forward(their_z, **options), None
        dz = activation.backward(their_da, their_z, **options)
        exact = z.astype(float), da.astype(float)
        expected = activation.forward(exact[0], **options)
        gradient = activation.backward(exact[1], exact[0], **options)
        for ours, right in ((a, expected), (dz, gradient)):
            assert other_lib.holds(ours, like=their_z)
            assert arrays.to_numpy(ours).shape == right.shape
            np.testing.assert_allclose(
                arrays.to_numpy(ours), right, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype]
            )
        np.testing.assert_array_equal(arrays.to_numpy(their_z), z)  # no input was changed
        np.testing.assert_array_equal(arrays.to_numpy(their_da), da)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_arrays_that_are_not_contiguous(lib, name):
    forward, backward = ACTIVATIONS[name].forward, ACTIVATIONS[name].backward
    xp = arrays.namespace(lib.array(1.0))
    views = {
        (8, 12): (lambda x: x[::2, ::2], lambda x: x[::2, ::2]),
        (6, 4): (xp.matrix_transpose, np.transpose),
    }
    for shape, (view, numpy_view) in views.items():
        z, da = logits(shape), logits(shape, 1)
        theirs, right = view(lib.array(z)), np.array(numpy_view(z))
        their_da, right_da = view(lib.array(da)), np.array(numpy_view(da))
        a, dz = forward(theirs), backward(their_da, theirs)
        np.testing.assert_allclose(arrays.to_numpy(a), forward(right), rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(
            arrays.to_numpy(dz), backward(right_da, right), rtol=1e-13, atol=1e-15
        )


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(6,), (2, 2, 6), (2, 0, 6)])
def test_any_number_of_axes(name, shape):
    z, da = logits(shape), logits(shape, 1)
    rows = z.reshape(-1, 6), da.reshape(-1, 6)
    a, dz = ACTIVATIONS[name].forward(z), ACTIVATIONS[name].backward(da, z)
    np.testing.assert_array_equal(a, ACTIVATIONS[name].forward(rows[0]).reshape(shape))
    np.testing.assert_array_equal(dz, ACTIVATIONS[name].backward(*rows[::-1]).reshape(shape))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_memory_orders_of_numpy(name):
    forward = ACTIVATIONS[name].forward
    z = logits((4, 6))
    right = forward(z)
    np.testing.assert_allclose(forward(z[::-1, ::-1]), forward(z[::-1, ::-1].copy()), rtol=1e-14)
    np.testing.assert_array_equal(forward(np.asfortranarray(z)), right)
    np.testing.assert_array_equal(forward(z.astype(">f8")), right)
    np.testing.assert_array_equal(forward(np.broadcast_to(z[:1], (3, 6)))[2:], forward(z[:1]))


@pytest.mark.parametrize(("name", "options"), CASES)
@given(z=hnp.arrays(float, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-8, 8)))
@settings(max_examples=25)
def test_backward_is_the_slope_of_forward(name, options, z):
    z = np.where(np.abs(z) < 1e-3, 1e-3, z)  # away from the kink
    da, direction = logits(z.shape, 1), logits(z.shape, 2)
    forward, h = ACTIVATIONS[name].forward, 1e-5
    ahead, behind = (np.sum(da * forward(z + s * h * direction, **options)) for s in (1, -1))
    slope = np.sum(ACTIVATIONS[name].backward(da, z, **options) * direction)
    np.testing.assert_allclose(slope, (ahead - behind) / (2 * h), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extremes_are_finite_and_silent(lib, name, options, dtype):
    z = lib.array(EXTREMES, dtype)
    a = ACTIVATIONS[name].forward(z, **options)
    dz = ACTIVATIONS[name].backward(lib.array(np.ones_like(EXTREMES), dtype), z, **options)
    with np.errstate(all="raise", under="ignore"):
        exact = ACTIVATIONS[name].forward(EXTREMES.astype(dtype).astype(float), **options)
    assert np.isfinite(arrays.to_numpy(a)).all()
    assert np.isfinite(arrays.to_numpy(dz)).all()
    np.testing.assert_allclose(arrays.to_numpy(a), exact, rtol=4e-6, atol=1e-37)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_not_a_number_goes_through(lib, name):
    z = lib.array([[np.nan, 1.0, 2.0]])
    a = arrays.to_numpy(ACTIVATIONS[name].forward(z))
    assert np.isnan(a[0, 0])
    assert name == "softmax" or np.isfinite(a[0, 1:]).all()
    dz = ACTIVATIONS[name].backward(lib.array([[np.nan, 1.0, 1.0]]), lib.array([[2.0, 1.0, 2.0]]))
    assert np.isnan(arrays.to_numpy(dz)[0, 0])


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_infinity_gives_the_limit(lib, name):
    z, far = lib.array([-np.inf, np.inf]), lib.array([-1e300, 1e300])
    a, limit = (np.array(arrays.to_numpy(ACTIVATIONS[name].forward(x))) for x in (z, far))
    limit[np.abs(limit) > 1e200] *= np.inf
    np.testing.assert_array_equal(a, limit)
    ones = lib.array([1.0, 1.0])
    dz, limit = (arrays.to_numpy(ACTIVATIONS[name].backward(ones, x)) for x in (z, far))
    np.testing.assert_array_equal(dz, limit)


def test_softmax_rows_are_probabilities_and_a_masked_class_gets_none(lib):
    z = lib.array([[-np.inf, 0.0, 0.0], [1e4, -1e4, 1e4]])
    a = arrays.to_numpy(ACTIVATIONS["softmax"].forward(z))
    np.testing.assert_array_equal(a, [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5]])


def test_softmax_of_infinity_is_not_a_number_and_says_so():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(ACTIVATIONS["softmax"].forward(np.array([np.inf, 0.0]))).any()


@given(z=hnp.arrays(float, (3, 4), elements=st.floats(-500, 500)), shift=st.floats(-100, 100))
@settings(max_examples=50)
def test_softmax_does_not_see_a_shift(z, shift):
    softmax = ACTIVATIONS["softmax"].forward
    np.testing.assert_allclose(softmax(z).sum(axis=-1), 1.0, rtol=1e-14)
    np.testing.assert_allclose(softmax(z), softmax(z + shift), rtol=1e-10, atol=1e-300)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_negative_zero_surprise_at_the_kink(name):
    zero, one = np.zeros(1), np.ones(1)
    slopes = {"relu": 0.0, "leaky_relu": 0.01, "sigmoid": 0.25, "gelu": 0.5, "softplus": 0.5}
    expected = slopes.get(name, 0.0 if name == "softmax" else 1.0)
    np.testing.assert_allclose(ACTIVATIONS[name].backward(one, zero), [expected], rtol=1e-15)
    np.testing.assert_allclose(ACTIVATIONS[name].backward(one, -zero), [expected], rtol=1e-15)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_numbers_and_arrays_without_axes(lib, name):
    forward, backward = ACTIVATIONS[name].forward, ACTIVATIONS[name].backward
    right = forward(np.array([0.5]))[0]
    z = lib.array(0.5)
    assert arrays.to_numpy(forward(z)) == pytest.approx(right)
    assert lib.holds(backward(z, z), like=z)
    assert float(forward(0.5)) == float(forward(np.float64(0.5))) == right
    assert forward(np.float32(0.5)).dtype == np.float32


@pytest.mark.parametrize("option", [np.float64(0.5), np.float32(0.5), np.int64(2)])
@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_never_decides_the_dtype(lib, name, option):
    z = lib.array([-1.0, 1.0], np.float32)
    keyword = next(k for options in OPTIONS[name] for k in options)
    a = ACTIVATIONS[name].forward(z, **{keyword: option})
    assert lib.holds(a, like=z)
    assert lib.holds(ACTIVATIONS[name].backward(z, z, **{keyword: option}), like=z)
    right = ACTIVATIONS[name].forward(np.array([-1.0, 1.0]), **{keyword: float(option)})
    np.testing.assert_allclose(arrays.to_numpy(a), right, rtol=1e-6)


@pytest.mark.parametrize(
    ("value", "error", "rule"),
    [
        (np.nan, ValueError, "must be a number in (-inf, inf), got nan"),
        (np.inf, ValueError, "must be a number in (-inf, inf), got inf"),
        ("1", TypeError, "must be a number, got str"),
        (None, TypeError, "must be a number, got NoneType"),
    ],
)
@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_is_a_finite_number(name, value, error, rule):
    option = next(k for options in OPTIONS[name] for k in options)
    for kernel, arrays_in in (
        (ACTIVATIONS[name].forward, [np.ones(2)]),
        (ACTIVATIONS[name].backward, [np.ones(2)] * 2),
    ):
        with pytest.raises(error, match=whole(f"`{option}` {rule}")):
            kernel(*arrays_in, **{option: value})


@pytest.mark.parametrize("wrong", NOT_FLOATS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_is_no_floating_point_array_is_refused(name, wrong):
    z = np.ones((1, 2))
    value = NOT_FLOATS[wrong]
    assert_refused(value, ACTIVATIONS[name].forward, value, argument="z")
    assert_refused(value, ACTIVATIONS[name].backward, value, z, argument="da")
    assert_refused(value, ACTIVATIONS[name].backward, z, value, argument="z")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_whole_numbers_are_refused_on_every_library(lib, name):
    z = lib.array([[1, 2]])
    with pytest.raises(TypeError, match=no_floats(z, "z")):
        ACTIVATIONS[name].forward(z)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients_are_never_broadcast(lib, name):
    z = lib.array(logits((2, 3)))
    message = "`da` must have the shape of `z` = (2, 3), got (3,)"
    with pytest.raises(ValueError, match=whole(message)):
        ACTIVATIONS[name].backward(lib.array(logits((3,))), z)
    single = lib.array(logits((2, 3)), np.float32)
    with pytest.raises(TypeError, match=two_dtypes(da=single, z=z)):
        ACTIVATIONS[name].backward(single, z)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_libraries_are_never_mixed(lib, name):
    other = lib.foreign_array(np.ones((2, 3)))
    z = lib.array(logits((2, 3)))
    with pytest.raises(TypeError, match=two_libraries(da=other, z=z)):
        ACTIVATIONS[name].backward(other, z)


@pytest.mark.parametrize("shape", [(), (2, 0)])
def test_softmax_needs_a_class(lib, shape):
    message = f"`z` must have a last axis with one entry a class, got shape {shape}"
    with pytest.raises(ValueError, match=whole(message)):
        ACTIVATIONS["softmax"].forward(lib.array(np.zeros(shape)))
