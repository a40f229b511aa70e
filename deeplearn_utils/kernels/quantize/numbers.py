"""Scale and zero point: from real numbers to whole ones and back."""

from typing import Any

import numpy as np

from ...arrays import Array, asarray, has_values, to_numpy
from ...checks import choice, count, in_range, yes_or_no
from ..losses import check_numbers
from .libraries import integral_namespace, reals, scales, whole_namespace, zero_points

HALVES = ("even", "away")
"""Where a half goes: to the even neighbor as in XNNPACK, or away from zero as in C's round()."""


def scale_and_zero_point(
    low: Any, high: Any, /, *, bits: int = 8, symmetric: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return the scale and the zero point with which whole numbers cover a range.

    Parameters
    ----------
    low, high : float or ndarray, shape (channels,)
        The range; it is widened to hold 0, which stands for padding and for ReLU.
    bits : int
        From 2 to 8.
    symmetric : bool
        True, as for weights: the zero point is 0, and the lowest number is left out, so that −x
        has a place where x has one.

    Returns
    -------
    scale : ndarray, float32
    zero_point : ndarray, int32

    Raises
    ------
    ValueError
        When an end is NaN or infinite, low lies above high, no scale in float32 reaches that far,
        or the bits are not 2 to 8.

    Examples
    --------
    >>> scale, zero_point = scale_and_zero_point(0.0, 2.55)
    >>> round(float(scale), 6), int(zero_point)
    (0.01, -128)
    """
    try:
        low, high = np.broadcast_arrays(reals("low", low), reals("high", high))
    except (TypeError, ValueError):
        raise ValueError(
            f"`low` and `high` must be numbers, or arrays of one shape, got {low!r} and {high!r}"
        ) from None
    if not (np.isfinite(low) & np.isfinite(high) & (low <= high)).all():
        raise ValueError(f"`low` and `high` must be finite, low first, got {low} and {high}")
    least, most = integers(bits, symmetric=symmetric)
    low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)
    if symmetric:
        low, high = -np.maximum(-low, high), np.maximum(-low, high)
    with np.errstate(over="ignore"):
        step = (high - low) / (most - least)
    if (step > np.finfo(np.float32).max).any():
        raise ValueError(f"`low` and `high` are too far apart for float32, got {low} and {high}")
    scale = np.where(step >= np.finfo(np.float32).tiny, step, 1.0)  # else all values are 0
    zero_point = np.zeros_like(scale) if symmetric else np.round(least - low / scale)
    return scale.astype(np.float32), np.clip(zero_point, least, most).astype(np.int32)


def integers(bits: int, *, symmetric: bool = False) -> tuple[int, int]:
    """Return the lowest and the highest number of some bits.

    Examples
    --------
    >>> integers(8), integers(4, symmetric=True)
    ((-128, 127), (-7, 7))
    """
    bits = count("bits", bits)
    yes_or_no("symmetric", symmetric)
    if not 2 <= bits <= 8:
        raise ValueError(f"`bits` must be from 2 to 8, got {bits}")
    return -(2 ** (bits - 1)) + bool(symmetric), 2 ** (bits - 1) - 1


def quantize(
    x: Array,
    scale: Any,
    zero_point: Any = 0,
    /,
    *,
    bits: int = 8,
    axis: int | None = None,
    halves: str = "even",
) -> Array:
    """Return the whole numbers that stand for x: round(x / scale) + zero_point, clipped.

    Parameters
    ----------
    x : array of floating-point numbers
    scale, zero_point : float and int, or ndarrays of shape (x.shape[axis],)
    bits : int
        From 2 to 8; fewer than 8 are kept in an int8 each.
    axis : int, optional
        The axis with a scale of its own for each entry: the channels.
    halves : {"even", "away"}
        "even" multiplies by 1 / scale and rounds halves to even, as XNNPACK does; "away" divides
        and rounds halves away from zero, as LiteRT's reference kernels and tflite-micro do.

    Returns
    -------
    array of int8, shape of x

    Raises
    ------
    TypeError
        When x holds no real numbers, or a zero point is no whole one.
    ValueError
        When x holds NaN, a scale is not above 0, a zero point lies outside int8, there are other
        scales than entries of the axis, or the halves have another name.

    Examples
    --------
    >>> quantize(np.array([0.25, 0.75, -40.0]), 0.5).tolist()
    [0, 2, -80]
    >>> quantize(np.array([0.25, 0.75, -40.0]), 0.5, halves="away").tolist()
    [1, 2, -80]
    """
    choice("halves", halves, HALVES)
    xp = whole_namespace(x=x)
    check_numbers("x", x)
    scale, zero_point = _along(x, scale, zero_point, axis)
    with np.errstate(over="ignore"):  # beyond float32 it is infinite, and cut off
        x = xp.astype(x, xp.float32)
    if has_values(x) and np.isnan(to_numpy(x)).any():
        raise ValueError("`x` must hold numbers, got NaN, for which no whole number stands")
    if halves == "even":
        q = xp.round(x * (1.0 / scale))
    else:
        q = x / scale
        q = xp.where(q < 0, -xp.floor(0.5 - q), xp.floor(q + 0.5))
    low, high = map(float, integers(bits))
    return xp.astype(xp.clip(q + xp.astype(zero_point, xp.float32), low, high), xp.int8)


def dequantize(q: Array, scale: Any, zero_point: Any = 0, /, *, axis: int | None = None) -> Array:
    """Return the real numbers that whole ones stand for: scale · (q − zero_point).

    Parameters
    ----------
    q : array of int8 or int32
    scale, zero_point, axis
        As in `quantize`.

    Returns
    -------
    array of float32, shape of q

    Examples
    --------
    >>> dequantize(np.array([-128, 0, 127], np.int8), 0.5, -128)
    array([  0. ,  64. , 127.5], dtype=float32)
    """
    xp = integral_namespace(q=q)
    scale, zero_point = _along(q, scale, zero_point, axis)
    wide = xp.int32 if q.dtype in (xp.int8, xp.uint8, xp.int16) else xp.int64
    return xp.astype(xp.astype(q, wide) - zero_point, xp.float32) * scale


def _along(x: Array, scale: Any, zero_point: Any, axis: int | None) -> tuple[Array, Array]:
    """Return scale and zero point, one or one for each entry of an axis, so that they fit x."""
    ndim = len(x.shape)
    if axis is not None:
        axis = in_range("axis", count("axis", axis, -ndim), -ndim, ndim - 1)
    found = {"scale": scales("scale", scale), "zero_point": zero_points("zero_point", zero_point)}
    for name, values in found.items():
        if axis is None:
            if values.size != 1:
                several = f"{values.size} {name.replace('_', ' ')}s"
                raise ValueError(f"`axis` must say which axis of x has the {several}")
            found[name] = values.reshape(())
            continue
        if values.ndim and values.shape != (x.shape[axis],):
            raise ValueError(
                f"`{name}` must have shape ({x.shape[axis]},), one for each entry of axis {axis}, "
                f"got {values.shape}"
            )
        shape = [1] * ndim
        shape[axis] = -1
        found[name] = values.reshape(shape)
    return tuple(asarray(values, like=x) for values in found.values())
