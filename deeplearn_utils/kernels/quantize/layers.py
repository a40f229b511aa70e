"""Layers on 8-bit whole numbers: exact sums in 32 bits, and the layers that need none.

A dense or convolution layer gives its sums, Σ (x − zero_point) W + b, as int32; `requantize` makes
int8 of them. Weights are symmetric: their zero point is 0. Layouts are those of `dense`, `conv2d`
and `max_pool2d`.
"""

import functools
from typing import Any

from ...arrays import Array, device, library
from ...checks import not_empty, shape
from ..sliding import Windows, pair, slide
from .libraries import int8_namespace, int8_number, whole_namespace


def dense_sums(x: Array, W: Array, b: Array, /, *, zero_point: int) -> Array:
    """Return Σ (x − zero_point) W + b, exactly.

    Parameters
    ----------
    x : array of int8, shape (n, in)
    W : array of int8, shape (in, out)
    b : array of int32, shape (out,)
        Biases in units of scale_x · scale_W.
    zero_point : int
        Of x.

    Returns
    -------
    array of int32, shape (n, out)

    Raises
    ------
    TypeError, ValueError
        When a dtype or a shape doesn't fit.

    Examples
    --------
    >>> import numpy as np
    >>> x, W, b = np.array([[-128, 2]], np.int8), np.array([[3], [-4]], np.int8), np.array([7])
    >>> dense_sums(x, W, b.astype(np.int32), zero_point=-128)
    array([[-513]], dtype=int32)
    """
    xp = int8_namespace(x=x, W=W, b=b)
    shape("x", x, ("samples", "in"))
    shape("W", W, (x.shape[1], "out"), "(in, out)")
    shape("b", b, (W.shape[1],), "(out,)")
    return _matmul(xp, _centered(x, zero_point), xp.astype(W, xp.int32)) + b


def conv2d_sums(
    x: Array,
    W: Array,
    b: Array,
    /,
    *,
    zero_point: int,
    stride: int | tuple[int, int] = 1,
    padding: str = "valid",
) -> Array:
    """Return the sums of a convolution layer, exactly; padding stands for the real number 0.

    Parameters
    ----------
    x : array of int8, shape (n, h, w, c_in)
    W : array of int8, shape (kh, kw, c_in, c_out)
    b : array of int32, shape (c_out,)
    zero_point : int
        Of x.
    stride, padding
        As in `conv2d`.

    Returns
    -------
    array of int32, shape (n, out_h, out_w, c_out)

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[-128, -128, -118, -118]], np.int8)[None, :, :, None]
    >>> W = np.array([[-1, 1]], np.int8)[:, :, None, None]
    >>> conv2d_sums(x, W, np.zeros(1, np.int32), zero_point=-128)[0, :, :, 0]
    array([[ 0, 10,  0]], dtype=int32)
    """
    xp = int8_namespace(x=x, W=W, b=b)
    shape("x", x, ("samples", "height", "width", "c_in"))
    shape("W", W, ("kh", "kw", x.shape[3], "c_out"), "(kh, kw, c_in, c_out)")
    not_empty("W", W)
    shape("b", b, (W.shape[3],), "(c_out,)")
    windows = slide(x.shape[1:3], W.shape[:2], pair("stride", stride), padding, name="W")
    kernel = xp.reshape(xp.astype(W, xp.int32), (-1, *W.shape[2:]))
    parts = _parts(xp, _centered(x, zero_point), windows, 0)
    return sum(_product(xp, part, kernel[k, :, :]) for k, part in enumerate(parts)) + b


def depthwise_conv2d_sums(
    x: Array,
    W: Array,
    b: Array,
    /,
    *,
    zero_point: int,
    stride: int | tuple[int, int] = 1,
    padding: str = "valid",
) -> Array:
    """Return the sums of a convolution with one kernel a channel, exactly.

    Parameters
    ----------
    x : array of int8, shape (n, h, w, c)
    W : array of int8, shape (kh, kw, c)
    b : array of int32, shape (c,)
    zero_point, stride, padding
        As in `conv2d_sums`.

    Returns
    -------
    array of int32, shape (n, out_h, out_w, c)

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[[1, 10], [2, 20]]]], np.int8)
    >>> W = np.array([[[1, -1], [3, 0]]], np.int8)
    >>> depthwise_conv2d_sums(x, W, np.zeros(2, np.int32), zero_point=0)
    array([[[[  7, -10]]]], dtype=int32)
    """
    xp = int8_namespace(x=x, W=W, b=b)
    shape("x", x, ("samples", "height", "width", "channels"))
    shape("W", W, ("kh", "kw", x.shape[3]), "(kh, kw, channels)")
    not_empty("W", W)
    shape("b", b, (W.shape[2],), "(channels,)")
    windows = slide(x.shape[1:3], W.shape[:2], pair("stride", stride), padding, name="W")
    kernel = xp.reshape(xp.astype(W, xp.int32), (-1, W.shape[2]))
    parts = _parts(xp, _centered(x, zero_point), windows, 0)
    return sum(part * kernel[k, :] for k, part in enumerate(parts)) + b


def max_pool2d(
    x: Array,
    /,
    *,
    window: int | tuple[int, int] = 2,
    stride: int | tuple[int, int] | None = None,
    padding: str = "valid",
) -> Array:
    """Return the largest number of every window; scale and zero point stay.

    Parameters
    ----------
    x : array of int8, shape (n, h, w, c)
    window, stride, padding
        As in the kernel `max_pool2d` of real numbers.

    Examples
    --------
    >>> import numpy as np
    >>> max_pool2d(np.array([[1, 2, 0, 0], [3, 4, 0, 7]], np.int8)[None, :, :, None]).ravel()
    array([4, 7], dtype=int8)
    """
    xp, windows = _images(x, window, stride, padding)
    return functools.reduce(xp.maximum, _parts(xp, x, windows, -128))


def average_pool2d(
    x: Array,
    /,
    *,
    window: int | tuple[int, int] = 2,
    stride: int | tuple[int, int] | None = None,
    padding: str = "valid",
) -> Array:
    """Return the mean of every window, halves rounded away from zero; scale and zero point stay.

    Parameters
    ----------
    x : array of int8, shape (n, h, w, c)
    window, stride, padding
        As in the kernel `average_pool2d` of real numbers: padding never counts.

    Examples
    --------
    >>> import numpy as np
    >>> average_pool2d(np.array([[1, 2, -3], [1, 2, -4]], np.int8)[None, :, :, None],
    ...                padding="same").ravel()
    array([ 2, -4], dtype=int8)
    """
    xp, windows = _images(x, window, stride, padding)
    ones = xp.ones_like(x[:1, :, :, :1], dtype=xp.int32)
    sums, counts = (sum(_parts(xp, xp.astype(y, xp.int32), windows, 0)) for y in (x, ones))
    mean = (xp.abs(sums) + counts // 2) // counts
    return xp.astype(xp.where(sums < 0, -mean, mean), xp.int8)


def _centered(x: Array, zero_point: int) -> Array:
    xp = whole_namespace(x=x)
    return xp.astype(x, xp.int32) - int8_number("zero_point", zero_point)


def _images(x: Array, window: Any, stride: Any, padding: str) -> tuple[Any, Windows]:
    xp = int8_namespace(x=x)
    shape("x", x, ("samples", "height", "width", "channels"))
    size = pair("window", window)
    step = size if stride is None else pair("stride", stride)
    return xp, slide(x.shape[1:3], size, step, padding, each=(x.shape[0], x.shape[3]))


def _parts(xp: Any, x: Array, windows: Windows, border: int):
    """Yield entry after entry of all windows, row by row of a window."""
    for axis, (before, after) in zip((1, 2), windows.margins, strict=True):
        edge = xp.full_like(x[:, :1, :, :] if axis == 1 else x[:, :, :1, :], border)
        x = xp.concat([*[edge] * before, x, *[edge] * after], axis=axis)
    for at in windows.entries():
        yield x[at]


def _product(xp: Any, part: Array, matrix: Array) -> Array:
    rows = xp.reshape(part, (-1, part.shape[3]))
    return xp.reshape(_matmul(xp, rows, matrix), (*part.shape[:3], matrix.shape[1]))


def _matmul(xp: Any, x: Array, W: Array) -> Array:
    if library(x) == "torch" and device(x) == "gpu":  # has no such product of whole numbers
        # below 2^53 float64 holds every whole number
        return xp.astype(xp.matmul(xp.astype(x, xp.float64), xp.astype(W, xp.float64)), xp.int32)
    return xp.matmul(x, W)
