"""Whole-number kernels: against exact fractions, real-number kernels and quantizers of others."""

import re
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils import arrays
from deeplearn_utils.kernels import conv, pooling
from deeplearn_utils.kernels import quantize as q
from tests.libraries import graphs_only

INT32 = st.integers(-(2**31), 2**31 - 1)
FACTORS = st.floats(2.0**-20, 2.0**4, exclude_min=True)


def half_up(x):
    return floor(x + Fraction(1, 2))


def half_away(x):
    return half_up(x) if x > 0 else -half_up(-x)


def refused(error, message, call, *arguments, **options):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call(*arguments, **options)


@pytest.fixture
def lib(lib):
    """Give the libraries that compute with whole numbers."""
    if lib.name == "tensorflow":
        pytest.skip("TensorFlow's arrays are refused; a test of its own says how")
    return lib


def whole(rng, shape, low=-128, high=127):
    return rng.integers(low, high, shape, dtype=np.int8, endpoint=True)


# Scale and zero point


@given(st.floats(-50, 50), st.floats(0, 100))
def test_a_range_is_covered_and_zero_is_exact(low, width):
    scale, zero_point = q.scale_and_zero_point(low, low + width)
    ends = q.dequantize(np.array([-128, 127], np.int8), scale, zero_point)
    half = scale / 2 * 1.001
    assert ends[0] <= min(low, 0) + half
    assert max(low + width, 0) <= ends[1] + half
    assert q.dequantize(np.array([zero_point], np.int8), scale, zero_point)[0] == 0


def test_scales_are_those_of_litert_quantizer(rng):
    pytest.importorskip("litert_quantizer", reason="litert-quantizer is in the extra `edge`")
    from litert_quantizer.algorithms.uniform_quantize import uniform_quantize_tensor as oracle

    for low, high in [(-1.0, 3.0), (0.0, 2.5), (0.5, 4.0), (-3.0, -1.0)]:
        zero_point, scale = oracle.tensor_zp_scale_from_min_max(
            np.array([[low]], "float32"), np.array([[high]], "float32"), 8, False,
            oracle.qtyping.QuantGranularity.TENSORWISE,
        )  # fmt: skip
        ours = q.scale_and_zero_point(low, high)
        np.testing.assert_allclose(ours[0], scale.item(), rtol=1e-6)
        assert int(ours[1]) == zero_point.item()


def test_weights_are_symmetric_and_have_a_scale_a_channel():
    W = np.array([[0.5, -4.0], [-1.0, 2.0]])
    scale, zero_point = q.scale_and_zero_point(W.min(axis=0), W.max(axis=0), symmetric=True)
    np.testing.assert_allclose(scale, [1 / 127, 4 / 127], rtol=1e-6)
    assert zero_point.tolist() == [0, 0]
    np.testing.assert_array_equal(q.quantize(W, scale, axis=1), [[64, -127], [-127, 64]])
    four_bits, _ = q.scale_and_zero_point(-1.0, 0.5, bits=4, symmetric=True)
    assert q.quantize(np.array([-1.0, 1.0]), four_bits, bits=4).tolist() == [-7, 7]


def test_a_constant_zero_has_a_scale():
    scale, zero_point = q.scale_and_zero_point(0.0, 0.0)
    assert scale == 1
    assert q.quantize(np.zeros(1), scale, zero_point) == zero_point


def test_quantizing_comes_back_within_half_a_step(lib, rng):
    x = lib.array(rng.normal(size=(50, 3)), "float32")
    like = lib.array(np.zeros(1), "int8")
    whole = q.quantize(x, 0.05, 3)
    assert lib.holds(whole, like)
    back = q.dequantize(whole, 0.05, 3)
    assert lib.holds(back, x)
    assert np.abs(arrays.to_numpy(back) - arrays.to_numpy(x)).max() <= 0.02501


# Rounding


@given(INT32, INT32)
def test_the_high_product_is_the_exact_one_rounded_up_at_halves(a, b):
    found = q.saturating_rounding_doubling_high_mul(np.array(a), np.array(b))
    assert found == min(half_up(Fraction(a * b, 2**31)), 2**31 - 1)


@given(INT32, st.integers(0, 31))
def test_the_shift_is_the_exact_one_rounded_away_at_halves(x, exponent):
    found = q.rounding_divide_by_power_of_two(np.array(x), np.array(exponent))
    assert found == half_away(Fraction(x, 2**exponent))


@given(st.floats(2.0**-31, 2.0**20))
def test_the_fixed_point_factor_is_within_half_a_unit(multiplier):
    mantissa, shift = q.fixed_point(multiplier)
    assert 2**30 <= mantissa < 2**31
    unit = Fraction(2) ** (int(shift) - 31)
    assert abs(int(mantissa) * unit - Fraction(multiplier)) <= unit / 2


def test_factors_at_the_ends():
    assert [int(part) for part in q.fixed_point(0.0)] == [0, 0]
    assert [int(part) for part in q.fixed_point(1 - 2.0**-40)] == [2**30, 1]
    message = "`multiplier` must lie in [0, 2^31), got -1.0"
    refused(ValueError, message, q.fixed_point, -1.0)


@given(st.integers(-(2**22), 2**22), FACTORS)
def test_each_rounding_is_what_it_says(total, multiplier):
    sums = np.array([[total]], np.int32)
    mantissa, shift = (int(part) for part in q.fixed_point(multiplier))
    exact = Fraction(total * mantissa, 2**31) * Fraction(2) ** shift
    once = half_up(exact)
    high = half_up(Fraction(total * 2 ** max(shift, 0) * mantissa, 2**31))
    twice = half_away(high * Fraction(2) ** min(shift, 0))
    product = Fraction(float(np.float32(total) * np.float32(multiplier)))
    even = round(product)
    for rounding, expected in {"float": even, "double": twice, "single": once}.items():
        found = q.requantize(sums, multiplier, -3, rounding=rounding, low=-100, high=90)
        assert found.item() == min(max(expected - 3, -100), 90), rounding


@pytest.mark.parametrize("rounding", q.ROUNDINGS)
def test_every_library_rounds_alike(rounding, lib, rng):
    sums = rng.integers(-(2**20), 2**20, (40, 3), dtype=np.int32)
    multiplier = np.array([1e-3, 3e-4, 1.5])
    found = q.requantize(lib.array(sums), multiplier, 5, rounding=rounding)
    expected = q.requantize(sums, multiplier, 5, rounding=rounding)
    np.testing.assert_array_equal(arrays.to_numpy(found), expected)


# Layers


def test_sums_are_exact(lib, rng):
    x, W = whole(rng, (3, 7, 6, 2)), whole(rng, (3, 2, 2, 4))
    b = rng.integers(-1000, 1000, 4, dtype=np.int32)
    options = {"stride": (2, 1), "padding": "same"}
    found = q.conv2d_sums(*map(lib.array, (x, W, b)), zero_point=-7, **options)
    real = conv.conv2d(x + 7.0, W.astype(float), b.astype(float), **options)
    np.testing.assert_array_equal(arrays.to_numpy(found), real.astype(np.int32), strict=True)
    for c in range(2):
        found = q.depthwise_conv2d_sums(
            *map(lib.array, (x, W[..., 0], b[:2])), zero_point=-7, **options
        )
        real = conv.conv2d(
            x[..., c : c + 1] + 7.0,
            W[:, :, c : c + 1, :1].astype(float),
            b[c : c + 1] + 0.0,
            **options,
        )
        np.testing.assert_array_equal(arrays.to_numpy(found)[..., c], real[..., 0])
    x, W = whole(rng, (5, 300)), whole(rng, (300, 4))
    found = q.dense_sums(*map(lib.array, (x, W, b)), zero_point=-128)
    np.testing.assert_array_equal(arrays.to_numpy(found), (x + 128.0) @ W.astype(float) + b)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_pools(lib, padding, rng):
    x = whole(rng, (2, 5, 7, 3))
    options = {"window": (2, 3), "stride": 2, "padding": padding}
    found = q.max_pool2d(lib.array(x), **options)
    real = pooling.max_pool2d(x.astype(float), **options)
    np.testing.assert_array_equal(arrays.to_numpy(found), real.astype(np.int8), strict=True)
    found = q.average_pool2d(lib.array(x), **options)
    real = pooling.average_pool2d(x.astype(float), **options)
    away = np.sign(real) * np.floor(np.abs(real) + 0.5 + 1e-9)
    np.testing.assert_array_equal(arrays.to_numpy(found), away.astype(np.int8), strict=True)


@pytest.mark.parametrize("rounding", q.ROUNDINGS)
def test_a_sum_of_two_is_within_one_step(rounding, lib, rng):
    x, y = whole(rng, (200,)), whole(rng, (200,))
    options = {"scales": (0.1, 0.03, 0.12), "zero_points": (4, -9, 1), "low": -100}
    found = q.add(lib.array(x), lib.array(y), rounding=rounding, **options)
    real = (0.1 * (x - 4.0) + 0.03 * (y + 9.0)) / 0.12 + 1
    apart = arrays.to_numpy(found) - np.clip(real, -100, 127)
    assert np.abs(apart).max() <= 0.5001


SOME = np.random.default_rng(0)
SOME_SUMS = SOME.integers(-5000, 5000, (4, 3)).astype(np.int32)
SOME_IMAGES, SOME_KERNELS = whole(SOME, (2, 5, 4, 3)), whole(SOME, (3, 2, 3))
WINDOWS = {"padding": "same", "stride": 2}
COMPILED = {
    **{
        f"requantize {rounding}": (
            lambda sums, rounding=rounding: q.requantize(
                sums, [0.01, 0.02, 0.03], 5, rounding=rounding
            ),
            SOME_SUMS,
        )
        for rounding in q.ROUNDINGS
    },
    "quantize": (lambda x: q.quantize(x, 0.1, 3), 3 * SOME.normal(size=(4, 3))),
    "dequantize": (lambda x: q.dequantize(x, 0.1, 3), SOME_IMAGES),
    "divide": (
        lambda x: q.rounding_divide_by_power_of_two(x, np.iinfo(np.int8).bits - 5),
        SOME_SUMS,
    ),
    "multiply": (lambda x: q.saturating_rounding_doubling_high_mul(x, x), SOME_SUMS),
    "average_pool2d": (lambda x: q.average_pool2d(x, padding="same"), SOME_IMAGES),
    "max_pool2d": (lambda x: q.max_pool2d(x, window=3, padding="same"), SOME_IMAGES),
}


@pytest.mark.parametrize("name", COMPILED)
def test_compiled_kernels_give_the_same_numbers(name, lib, monkeypatch):
    graphs_only(lib, monkeypatch)
    function, x = COMPILED[name]
    found = arrays.compile(function)(lib.array(x))
    np.testing.assert_array_equal(arrays.to_numpy(found), function(x), strict=True)


def test_compiled_layers_give_the_same_sums(lib, monkeypatch):
    graphs_only(lib, monkeypatch)
    arguments = (SOME_IMAGES, SOME_KERNELS, SOME_SUMS[0])

    def layer(x, W, b):
        return q.depthwise_conv2d_sums(x, W, b, zero_point=-3, **WINDOWS)

    found = arrays.compile(layer)(*map(lib.array, arguments))
    np.testing.assert_array_equal(arrays.to_numpy(found), layer(*arguments), strict=True)


# Wrong arguments


def test_wrong_arguments():
    x, W, b = np.zeros((1, 2), np.int8), np.zeros((2, 1), np.int8), np.zeros(1, np.int32)
    message = "`x` must have dtype int8, got float64"
    refused(TypeError, message, q.dense_sums, np.zeros((1, 2)), W, b, zero_point=0)
    message = "`b` must have dtype int32, got int64"
    refused(TypeError, message, q.dense_sums, x, W, np.zeros(1, int), zero_point=0)
    message = "`rounding` must be one of 'float', 'double', 'single', got 'up'"
    refused(ValueError, message, q.requantize, b, 1.0, 0, rounding="up")
    message = "`low` and `high` must be finite, low first, got 1.0 and 0.0"
    refused(ValueError, message, q.scale_and_zero_point, 1.0, 0.0)
    refused(ValueError, "`bits` must be from 2 to 8, got 9", q.scale_and_zero_point, 0, 1, bits=9)
    message = "`axis` must say which axis of x has the 2 scales"
    refused(ValueError, message, q.quantize, np.zeros((1, 2)), np.ones(2))
    message = "`scale` must have shape (2,), one for each entry of axis 1, got (3,)"
    refused(ValueError, message, q.quantize, np.zeros((1, 2)), np.ones(3), axis=1)


NARROW = pytest.mark.parametrize("narrow", [np.int8, np.uint8, np.int64])


@NARROW
@pytest.mark.parametrize("rounding", q.ROUNDINGS)
def test_numbers_of_narrow_types_count_as_pythons(narrow, rounding):
    sums, x = np.array([[5, -500, 900]], np.int32), np.array([-1.0, 0.5, 2.0])
    expected = q.requantize(sums, 0.25, 5, rounding=rounding)
    found = q.requantize(sums, 0.25, narrow(5), rounding=rounding, high=narrow(127))
    np.testing.assert_array_equal(found, expected, strict=True)
    found = q.requantize(sums, 0.25, 5, rounding=rounding, low=np.int8(-128))
    np.testing.assert_array_equal(found, expected, strict=True)
    for bits in (2, 4, 8):
        assert (
            q.quantize(x, 0.01, bits=narrow(bits)).tolist()
            == q.quantize(x, 0.01, bits=bits).tolist()
        )
        for symmetric in (True, False):
            found, right = (
                q.scale_and_zero_point(-1.0, 2.0, bits=b, symmetric=symmetric)
                for b in (narrow(bits), bits)
            )
            assert found == right


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64])
def test_whole_numbers_of_narrow_types_are_divided_exactly(dtype):
    x = np.array([100, -100, 7, -6], dtype)
    for exponent in (0, 2, 9, 31):
        right = [half_away(Fraction(int(value), 2**exponent)) for value in x]
        for given_exponent in (exponent, np.full(4, exponent, np.uint8), np.full(4, exponent)):
            found = q.rounding_divide_by_power_of_two(x, given_exponent)
            assert found.tolist() == right


def test_biases_at_the_end_of_their_range_are_dequantized():
    ends = np.array([2**31 - 1, -(2**31)], np.int32)
    assert (
        q.dequantize(ends, 1.0, -128).tolist() == np.float32([2**31 + 127, -(2**31) + 128]).tolist()
    )


@pytest.mark.parametrize("halves", ["even", "away"])
def test_nan_is_no_whole_number_and_infinity_is_cut_off(halves):
    message = "`x` must hold numbers, got NaN, for which no whole number stands"
    refused(ValueError, message, q.quantize, np.array([1.0, np.nan]), 0.5, halves=halves)
    far = np.array([np.inf, -np.inf, 1e300])
    assert q.quantize(far, 0.5, halves=halves).tolist() == [127, -128, 127]


X, SUMS = np.ones((2, 3)), np.zeros((2, 3), np.int32)
LAYER = np.zeros((1, 2), np.int8), np.zeros((2, 1), np.int8), np.zeros(1, np.int32)
PAIR = np.zeros(2, np.int8), np.zeros(2, np.int8)
ABOVE = "must hold numbers of float32 above 0 (at least 1.18e-38)"
THREE = "must be three, of x, y and the sum"


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ValueError, f"`scale` {ABOVE}, got 0.0", lambda: q.quantize(X, 0.0)),
        (ValueError, f"`scale` {ABOVE}, got nan", lambda: q.dequantize(SUMS, np.nan)),
        (ValueError, f"`scale` {ABOVE}, got 1e+50", lambda: q.quantize(X, 1e50)),
        (ValueError, f"`scale` {ABOVE}, got 1e-40", lambda: q.quantize(X, 1e-40)),
        (TypeError, "`scale` must hold numbers, got 'a'", lambda: q.quantize(X, "a")),
        (TypeError, "`zero_point` must hold whole numbers, got 0.5", lambda: q.quantize(X, 1, 0.5)),
        (
            TypeError,
            "`zero_point` must hold whole numbers, got True",
            lambda: q.quantize(X, 1, True),
        ),
        (
            ValueError,
            "`zero_point` must lie from -128 to 127, got 300",
            lambda: q.quantize(X, 1, 300),
        ),
        (
            ValueError,
            "`zero_point` must have shape (3,), one for each entry of axis 1, got (2,)",
            lambda: q.quantize(X, np.ones(3), np.zeros(2, int), axis=1),
        ),
        (
            ValueError,
            "`axis` must say which axis of x has the 3 zero points",
            lambda: q.quantize(X, 1.0, np.zeros(3, int)),
        ),
        (
            ValueError,
            "`axis` must be a number in [-2, 1], got 5",
            lambda: q.quantize(X, np.ones(3), axis=5),
        ),
        (
            TypeError,
            "`x` must hold numbers, got complex128; try x.astype(float)",
            lambda: q.quantize(X + 1j, 1.0),
        ),
        (
            TypeError,
            "`x` must be an array, got float; try np.asarray(x)",
            lambda: q.quantize(0.5, 1.0),
        ),
        (
            TypeError,
            "`W` must be an array, got int; try np.asarray(W)",
            lambda: q.dense_sums(LAYER[0], 1, LAYER[2], zero_point=0),
        ),
        (
            TypeError,
            "`symmetric` must be True or False, got None",
            lambda: q.scale_and_zero_point(0.0, 1.0, symmetric=None),
        ),
        (TypeError, "`q` must hold whole numbers, got float64", lambda: q.dequantize(X, 1.0)),
        (
            ValueError,
            "`low` and `high` are too far apart for float32, got -1e+308 and 1e+308",
            lambda: q.scale_and_zero_point(-1e308, 1e308),
        ),
        (
            ValueError,
            "`low` and `high` must be numbers, or arrays of one shape, got 'a' and 1",
            lambda: q.scale_and_zero_point("a", 1),
        ),
        (TypeError, "`sums` must hold whole numbers, got float64", lambda: q.requantize(X, 1.0, 0)),
        (
            TypeError,
            "`zero_point` must be a whole number, got 0.5",
            lambda: q.requantize(SUMS, 1.0, 0.5),
        ),
        (
            ValueError,
            "`high` must be a number in [-128, 127], got 300",
            lambda: q.requantize(SUMS, 1.0, 0, high=300),
        ),
        (
            ValueError,
            "`multiplier` must lie in [0, 2^31), got nan",
            lambda: q.requantize(SUMS, np.nan, 0),
        ),
        (
            ValueError,
            "`multiplier` must be one number, or have shape (3,), one for each channel, got (2, 1)",
            lambda: q.requantize(SUMS, np.ones((2, 1)), 0),
        ),
        (
            TypeError,
            "`multiplier` must hold numbers, got 'a'",
            lambda: q.requantize(SUMS, "a", 0),
        ),
        (
            ValueError,
            f"`out_scale` {ABOVE}, got 0",
            lambda: q.rounding_multiplier(1, 1, 0, rounding="float"),
        ),
        (
            TypeError,
            "`zero_point` must be a whole number, got 1.5",
            lambda: q.dense_sums(*LAYER, zero_point=1.5),
        ),
        (
            ValueError,
            "`W` must have at least one element, got shape (0, 2, 1, 1)",
            lambda: q.conv2d_sums(
                np.ones((1, 3, 3, 1), np.int8),
                np.ones((0, 2, 1, 1), np.int8),
                LAYER[2],
                zero_point=0,
            ),
        ),
        (
            ValueError,
            "`exponent` must lie within 0 to 31, got -1",
            lambda: q.rounding_divide_by_power_of_two(SUMS, np.full((2, 3), -1)),
        ),
        (
            TypeError,
            "`a` must hold whole numbers, got float64",
            lambda: q.saturating_rounding_doubling_high_mul(X, SUMS),
        ),
        (
            ValueError,
            "`b` must lie within int32, got 1099511627776",
            lambda: q.saturating_rounding_doubling_high_mul(SUMS, np.array(2**40)),
        ),
    ],
)
def test_a_number_that_cannot_be_is_named(error, message, call):
    refused(error, message, call)


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (TypeError, "`scale` must hold numbers, got '2'", lambda: q.quantize(X, "2")),
        (
            ValueError,
            "`low` and `high` must be numbers, or arrays of one shape, got '0' and '1'",
            lambda: q.scale_and_zero_point("0", "1"),
        ),
        (TypeError, "`multiplier` must hold numbers, got '0.5'", lambda: q.fixed_point("0.5")),
    ],
)
def test_text_is_no_number(error, message, call):
    refused(error, message, call)


def test_whole_numbers_beyond_int64_are_refused():
    x = np.array([7, 2**63 + 4], np.uint64)
    for name, call in (
        ("q", lambda: q.dequantize(x, 1.0)),
        ("x", lambda: q.rounding_divide_by_power_of_two(x, 2)),
        ("sums", lambda: q.requantize(x, 0.1, 0, rounding="double")),
    ):
        refused(ValueError, f"`{name}` must lie within int64, got {2**63 + 4}", call)
    assert q.dequantize(x[:1], 1.0).tolist() == [7]


def test_jax_multiplies_in_64_bits_or_says_so():
    jnp = pytest.importorskip("jax.numpy")
    x, sums = jnp.ones(2, "int8"), jnp.ones(2, "int32")
    options = {"scales": (1.0, 1.0, 1.0), "zero_points": (0, 0, 0)}
    for name, call in (
        ("x", lambda: q.add(x, x, **options)),
        ("sums", lambda: q.requantize(sums, 0.5, 0, rounding="single")),
        ("sums", lambda: q.requantize(sums, 0.5, 0, rounding="double")),
        ("a", lambda: q.saturating_rounding_doubling_high_mul(sums, sums)),
    ):
        message = (
            f"`{name}` is multiplied in 64 bits, which JAX has only after "
            'jax.config.update("jax_enable_x64", True)'
        )
        refused(TypeError, message, call)
    assert q.requantize(sums, 0.5, 0, rounding="float").tolist() == [0, 0]


@pytest.mark.parametrize("rounding", q.ROUNDINGS)
@pytest.mark.parametrize(
    ("message", "scales", "zero_points"),
    [
        (f"`scales` {ABOVE}, got (0.0, 1.0, 1.0)", (0.0, 1.0, 1.0), (0, 0, 0)),
        (f"`scales` {THREE}, got (1.0, 1.0)", (1.0, 1.0), (0, 0, 0)),
        (f"`zero_points` {THREE}, got (0, 0)", (1.0, 1.0, 1.0), (0, 0)),
        (f"`zero_points` {THREE}, got 0", (1.0, 1.0, 1.0), 0),
        (
            "`scales` are too far apart to be added, got (1e-30, 1e-30, 1.0)",
            (1e-30, 1e-30, 1.0),
            (0, 0, 0),
        ),
        (
            "`scales` are too far apart to be added, got (1.0, 1.0, 1e-30)",
            (1.0, 1.0, 1e-30),
            (0, 0, 0),
        ),
    ],
)
def test_scales_that_cannot_be_added_are_named(rounding, message, scales, zero_points):
    options = {"scales": scales, "zero_points": zero_points, "rounding": rounding}
    refused(ValueError, message, q.add, *PAIR, **options)


def test_tensorflow_is_refused(tf):
    message = (
        "`x` must be an array of NumPy, CuPy, PyTorch or JAX, got one of TensorFlow; try "
        "arrays.to_numpy(x)"
    )
    refused(TypeError, message, q.quantize, tf.zeros((2, 3)), 0.5)
