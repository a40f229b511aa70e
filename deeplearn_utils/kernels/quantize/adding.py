"""The sum of two 8-bit tensors with scales of their own, as two runtimes compute it."""

from collections.abc import Collection
from typing import Any

import numpy as np

from ...arrays import Array
from ...checks import choice, shape
from .libraries import int8_namespace, int8_number, need_64_bits
from .libraries import scales as checked_scales
from .rounding import ROUNDINGS, fixed_point, halved, high_mul

FARTHEST = 2.0**-40, 2.0**20
"""How far the larger scale of x and y may be from that of the sum."""


def add(
    x: Array,
    y: Array,
    /,
    *,
    scales: tuple[float, float, float],
    zero_points: tuple[int, int, int],
    rounding: str = "float",
    low: int = -128,
    high: int = 127,
) -> Array:
    """Return x + y.

    Parameters
    ----------
    x, y : array of int8, one shape
    scales, zero_points : of x, y and the sum
    rounding : {"float", "double", "single"}
        "float" is that of XNNPACK, which rounds once, halves up, with factors of 21 bits
        (`sum_factors`); the others are both that of LiteRT's reference kernels and of tflite-micro,
        which round after each of three products.
    low, high : int
        Where the sum ends.

    Returns
    -------
    array of int8

    Examples
    --------
    >>> x, y = np.array([10, 20], np.int8), np.array([1, -128], np.int8)
    >>> add(x, y, scales=(0.5, 0.25, 0.5), zero_points=(0, 0, 0)).tolist()
    [11, -44]
    """
    choice("rounding", rounding, ROUNDINGS)
    xp = int8_namespace(x=x, y=y)
    need_64_bits("x", x)
    shape("y", y, tuple(x.shape))
    if not isinstance(zero_points, Collection) or len(zero_points) != 3:
        raise ValueError(f"`zero_points` must be three, of x, y and the sum, got {zero_points}")
    of_zero = [int8_number("zero_points", z) for z in zero_points]
    low, high = int8_number("low", low), int8_number("high", high)
    centered = [xp.astype(q, xp.int64) - z for q, z in zip((x, y), of_zero[:2], strict=True)]
    if rounding == "float":
        of_x, of_y, shift = sum_factors(scales)
        total = centered[0] * of_x + centered[1] * of_y + 2 ** (shift - 1)
        rounded = xp.bitwise_right_shift(total, xp.full_like(total, shift))
    else:
        of_x, of_y, of_sum = sum_multipliers(scales)
        total = _fixed(xp, centered[0], of_x, left=20) + _fixed(xp, centered[1], of_y, left=20)
        rounded = _fixed(xp, total, of_sum, left=0)
    return xp.astype(xp.clip(rounded + of_zero[2], low, high), xp.int8)


def sum_factors(scales: tuple[float, float, float]) -> tuple[int, int, int]:
    """Return XNNPACK's two whole factors of a sum, and by how many places it is shifted.

    Parameters
    ----------
    scales : tuple of float
        Of x, y and their sum.

    Returns
    -------
    of_x, of_y, shift : int
        x + y is of_x · x + of_y · y, divided by 2^shift; the larger factor has 21 bits.

    Examples
    --------
    >>> sum_factors((0.5, 0.25, 0.5))
    (1048576, 524288, 20)
    """
    of_x, of_y, of_sum = _three(scales)
    ratios = of_x / of_sum, of_y / of_sum
    shift = 21 - int(np.frexp(max(ratios))[1])
    return *(int(np.rint(np.ldexp(ratio, shift))) for ratio in ratios), shift


def sum_multipliers(scales: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return the reference kernels' factors of x, y and their sum, in place of `sum_factors`.

    x and y are multiplied by 2^20 and their factors, so that none loses digits; their sum by the
    third.

    Examples
    --------
    >>> sum_multipliers((0.5, 0.25, 0.5))[:2]
    (0.5, 0.25)
    """
    of_x, of_y, of_sum = map(float, _three(scales))
    twice = 2.0 * max(of_x, of_y)
    return of_x / twice, of_y / twice, twice / (2.0**20 * of_sum)


def _three(scales: Any) -> np.ndarray:
    found = checked_scales("scales", scales)
    if found.shape != (3,):
        raise ValueError(f"`scales` must be three, of x, y and the sum, got {scales}")
    ratio = float(max(found[:2])) / float(found[2])
    if not FARTHEST[0] <= ratio < FARTHEST[1]:
        raise ValueError(f"`scales` are too far apart to be added, got {scales}")
    return found


def _fixed(xp: Any, x: Array, multiplier: float, *, left: int) -> Array:
    mantissa, shift = (int(part) for part in fixed_point(multiplier))
    x = x * 2 ** (left + max(shift, 0))
    product = high_mul(xp, x, xp.full_like(x, mantissa))
    return halved(xp, product, xp.full_like(x, max(-shift, 0)))
