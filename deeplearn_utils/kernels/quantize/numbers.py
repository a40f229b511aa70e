"""Scale and zero point: from real numbers to whole ones and back."""

from typing import Any

import numpy as np

from ...arrays import Array
from ...checks import choice, count
from .libraries import whole_namespace

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
        When an end is NaN or infinite, low lies above high, or the bits are not 2 to 8.

    Examples
    --------
    >>> scale, zero_point = scale_and_zero_point(0.0, 2.55)
    >>> round(float(scale), 6), int(zero_point)
    (0.01, -128)
    """
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    if not (np.isfinite(low) & np.isfinite(high) & (low <= high)).all():
        raise ValueError(f"`low` and `high` must be finite, low first, got {low} and {high}")
    least, most = integers(bits, symmetric=symmetric)
    low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)
    if symmetric:
        low, high = -np.maximum(-low, high), np.maximum(-low, high)
    step = (high - low) / (most - least)
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
    if not 2 <= count("bits", bits) <= 8:
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
    ValueError
        When there are other scales than entries of the axis, or the halves have another name.

    Examples
    --------
    >>> quantize(np.array([0.25, 0.75, -40.0]), 0.5).tolist()
    [0, 2, -80]
    >>> quantize(np.array([0.25, 0.75, -40.0]), 0.5, halves="away").tolist()
    [1, 2, -80]
    """
    choice("halves", halves, HALVES)
    xp = whole_namespace(x=x)
    scale, zero_point = _along(xp, x, np.float32(scale), axis), _along(xp, x, zero_point, axis)
    x = xp.astype(x, xp.float32)
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
    xp = whole_namespace(q=q)
    scale, zero_point = _along(xp, q, np.float32(scale), axis), _along(xp, q, zero_point, axis)
    return xp.astype(xp.astype(q, xp.int32) - zero_point, xp.float32) * scale


def _along(xp: Any, x: Array, values: Any, axis: int | None) -> Array:
    """Return one value, or one for each entry of an axis, so that it fits x."""
    values = np.asarray(values)
    values = values.astype(np.float32 if values.dtype.kind == "f" else np.int32)
    if axis is None:
        if values.size != 1:
            raise ValueError(f"`axis` must say which axis of x has the {values.size} scales")
        return xp.asarray(values.reshape(()), device=x.device)
    if values.ndim and values.shape != (x.shape[axis],):
        raise ValueError(
            f"`scale` must have shape ({x.shape[axis]},), one for each entry of axis {axis}, got "
            f"{values.shape}"
        )
    shape = [1] * len(x.shape)
    shape[axis] = -1
    return xp.asarray(values.reshape(shape), device=x.device)
