"""From the 32-bit sums of a layer back to 8 bits: the one step in which runtimes differ.

Each sum is multiplied by scale_x · scale_W / scale_out, rounded, and shifted by the zero point.
"float" multiplies in float32 and rounds halves to even, as XNNPACK does. Without floating point,
the factor is a 31-bit whole number and a power of two; "double" rounds after each of the two, as
gemmlowp, LiteRT's reference kernels and tflite-micro do, "single" once, after both.
"""

from typing import Any

import numpy as np

from ...arrays import Array, asarray
from ...checks import choice, in_range, is_scalar_array, number
from .libraries import (
    int8_number,
    integral_namespace,
    need_64_bits,
    reals,
    refuse_outside,
    scales,
)

ROUNDINGS = ("float", "double", "single")
"""The ways to round a product of a sum and a real factor."""

INT32 = (-(2**31), 2**31 - 1)


def rounding_multiplier(
    x_scale: Any, W_scale: Any, out_scale: Any, /, *, rounding: str
) -> np.ndarray:
    """Return scale_x · scale_W / scale_out, in the precision that a rounding wants.

    Parameters
    ----------
    x_scale, W_scale, out_scale : float or ndarray
        Of the input, of the weights (one a channel, or one), and of the output; float32.
    rounding : {"float", "double", "single"}
        "float" multiplies and divides in float32, the others in float64.

    Returns
    -------
    ndarray, float32 or float64

    Examples
    --------
    >>> rounding_multiplier(0.5, [0.25, 0.5], 0.5, rounding="float")
    array([0.25, 0.5 ], dtype=float32)
    """
    choice("rounding", rounding, ROUNDINGS)
    named = {"x_scale": x_scale, "W_scale": W_scale, "out_scale": out_scale}
    of_x, of_W, of_out = (scales(name, value) for name, value in named.items())
    if rounding != "float":
        of_x, of_W, of_out = (of.astype(np.float64) for of in (of_x, of_W, of_out))
    return np.asarray(of_x * of_W / of_out)


def fixed_point(multiplier: Any, /) -> tuple[np.ndarray, np.ndarray]:
    """Return whole numbers m and s with multiplier ≈ m · 2^(s − 31), and 2^30 ≤ m < 2^31.

    Parameters
    ----------
    multiplier : float or ndarray
        Not negative. What is below 2^-32 becomes m = 0.

    Returns
    -------
    mantissa, shift : ndarray, int32

    Raises
    ------
    ValueError
        When a factor is negative, NaN, or 2^31 and more.

    Examples
    --------
    >>> mantissa, shift = fixed_point(0.3)
    >>> int(mantissa), int(shift), mantissa * 2.0 ** (shift - 31)
    (1288490189, -1, np.float64(0.30000000004656613))
    """
    multiplier = _factors(multiplier)
    fraction, shift = np.frexp(multiplier)
    mantissa = np.floor(fraction * 2.0**31 + 0.5).astype(np.int64)
    over = mantissa == 2**31
    mantissa, shift = np.where(over, mantissa // 2, mantissa), np.where(over, shift + 1, shift)
    small = shift < -31
    return (
        np.where(small, 0, mantissa).astype(np.int32),
        np.where(small, 0, shift).astype(np.int32),
    )


def _factors(multiplier: Any) -> np.ndarray:
    found = reals("multiplier", multiplier)
    if not ((found >= 0) & (found < 2.0**31)).all():
        raise ValueError(f"`multiplier` must lie in [0, 2^31), got {multiplier}")
    return found


def saturating_rounding_doubling_high_mul(a: Array, b: Array, /) -> Array:
    """Return a · b / 2^31, rounded to the nearest, halves up.

    Parameters
    ----------
    a, b : array of int32 or int64
        In the range of int32.

    Returns
    -------
    array, int64
        In the range of int32; −2^31 · −2^31 gives 2^31 − 1.

    Notes
    -----
    gemmlowp adds 2^30, or 1 − 2^30 to a negative product, and cuts the rest of the division off:
    halves go towards plus infinity. Its name is that of the instruction SQRDMULH of ARM.

    Examples
    --------
    >>> halves = np.array([3, -3]), np.array([2**30, 2**30])
    >>> saturating_rounding_doubling_high_mul(*halves)
    array([ 2, -1])
    """
    xp = integral_namespace(a=a, b=b)
    need_64_bits("a", a)
    for name, x in (("a", a), ("b", b)):
        refuse_outside(name, x, *INT32, "int32")
    return high_mul(xp, a, b)


def high_mul(xp: Any, a: Array, b: Array) -> Array:
    """Do what `saturating_rounding_doubling_high_mul` does, for arrays that are known to fit."""
    product = xp.astype(a, xp.int64) * xp.astype(b, xp.int64)
    nudged = xp.where(product >= 0, product + 2**30, product + (1 - 2**30))
    # // rounds down, C cuts off
    cut = xp.where(nudged >= 0, nudged // 2**31, -((-nudged) // 2**31))
    return xp.clip(cut, *INT32)


def rounding_divide_by_power_of_two(x: Array, exponent: Array, /) -> Array:
    """Return x / 2^exponent, rounded to the nearest, halves away from zero.

    Parameters
    ----------
    x : array of int64, or narrower
    exponent : array of int64, or narrower
        From 0 to 31.

    Returns
    -------
    array, int64

    Examples
    --------
    >>> rounding_divide_by_power_of_two(np.array([5, 6, 7, -6]), np.array(2))
    array([ 1,  2,  2, -2])
    """
    xp = integral_namespace(x=x)
    exponent = number(exponent)
    if isinstance(exponent, int) or is_scalar_array(exponent):
        exponent = xp.zeros_like(xp.astype(x, xp.int64)) + in_range("exponent", exponent, 0, 31)
    refuse_outside("exponent", exponent, 0, 31, "0 to 31")
    return halved(xp, xp.astype(x, xp.int64), xp.astype(exponent, xp.int64))


def halved(xp: Any, x: Array, exponent: Array) -> Array:
    """Do what `rounding_divide_by_power_of_two` does, for arrays that are known to fit."""
    size = xp.bitwise_left_shift(xp.ones_like(x), exponent)
    remainder = x & (size - 1)
    threshold = (size - 1) // 2 + xp.astype(x < 0, xp.int64)
    return xp.bitwise_right_shift(x, exponent) + xp.astype(remainder > threshold, xp.int64)


def requantize(
    sums: Array,
    multiplier: Any,
    zero_point: int,
    /,
    *,
    rounding: str = "float",
    low: int = -128,
    high: int = 127,
) -> Array:
    """Return round(sums · multiplier) + zero_point, clipped to [low, high].

    Parameters
    ----------
    sums : array of int32, shape (..., channels)
        What the layers `dense_sums`, `conv2d_sums` and `depthwise_conv2d_sums` give.
    multiplier : float or ndarray, shape (channels,)
        From `rounding_multiplier`.
    zero_point : int
        Of the output.
    rounding : {"float", "double", "single"}
        "float": the product in float32, halves to even. "double": in whole numbers, rounded after
        the product and again after the shift. "single": in whole numbers, rounded once, halves up.
    low, high : int
        Where the output ends: a ReLU is low = zero_point.

    Returns
    -------
    array of int8, shape (..., channels)

    Raises
    ------
    TypeError
        When sums or zero point are no whole numbers.
    ValueError
        When the rounding has another name, the multiplier is no factor for `fixed_point` or has
        another shape, or zero point, low or high lie outside int8.

    Examples
    --------
    The same sum and the same factor, 0.5, and three answers to 2.5 and −2.5:

    >>> sums, half = np.array([5, -5], np.int32), np.float32(0.5)
    >>> [requantize(sums, half, 0, rounding=rounding).tolist() for rounding in ROUNDINGS]
    [[2, -2], [3, -2], [3, -2]]
    """
    choice("rounding", rounding, ROUNDINGS)
    xp = integral_namespace(sums=sums)
    multiplier = _factors(multiplier)
    each = tuple(sums.shape[-1:])
    if multiplier.shape not in ((), each):
        raise ValueError(
            f"`multiplier` must be one number, or have shape {each}, one for each channel, got "
            f"{multiplier.shape}"
        )
    zero_point = int8_number("zero_point", zero_point)
    low, high = int8_number("low", low), int8_number("high", high)
    if rounding == "float":
        factor = asarray(multiplier.astype(np.float32), like=sums)
        scaled = xp.astype(sums, xp.float32) * factor
        # clipped before it becomes whole: no product overflows
        rounded = xp.astype(
            xp.round(xp.clip(scaled, low - zero_point, high - zero_point)), xp.int32
        )
    else:
        need_64_bits("sums", sums)
        rounded = _in_whole_numbers(xp, sums, multiplier, rounding)
        rounded = xp.clip(rounded, low - zero_point, high - zero_point)
    return xp.astype(rounded + zero_point, xp.int8)


def _in_whole_numbers(xp: Any, sums: Array, multiplier: Any, rounding: str) -> Array:
    mantissa, shift = (
        asarray(part.astype(np.int64), like=sums) for part in fixed_point(multiplier)
    )
    sums = xp.astype(sums, xp.int64)
    if rounding == "single":
        total = 31 - shift
        half = xp.bitwise_left_shift(xp.ones_like(total), total - 1)
        return xp.bitwise_right_shift(sums * mantissa + half, total)
    left, right = xp.clip(shift, 0, None), xp.clip(-shift, 0, None)
    sums = xp.bitwise_left_shift(sums, left)
    high = high_mul(xp, sums, mantissa)
    return halved(xp, high, right + xp.zeros_like(high))
