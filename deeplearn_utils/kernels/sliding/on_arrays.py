"""Convolution and pooling by the array API alone: NumPy, CuPy and every library of the standard.

Convolution is one matrix product: each window becomes a row (im2col), the kernel a matrix.
Source: Chellapilla, Puri and Simard, "High performance convolutional neural networks for document
processing" (2006).
"""

import functools
import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...arrays import Array, namespace
from .windows import Windows


def convolve(x: Array, W: Array, b: Array, windows: Windows) -> Array:
    """Return b plus the sum of W over every window: (n, h, w, c_in) to (n, out, out, c_out)."""
    xp = namespace(x)
    z = xp.matmul(_unrolled(x, windows), _kernel_matrix(W))
    z += b
    return xp.reshape(z, (x.shape[0], *windows.out, W.shape[3]))


def convolve_backward(dz: Array, x: Array, W: Array, windows: Windows) -> tuple[Array, Array]:
    """Return dx and dW."""
    xp = namespace(x)
    dz = xp.reshape(dz, (_n_windows(x, windows), W.shape[3]))
    dW = xp.matmul(xp.matrix_transpose(_unrolled(x, windows)), dz)
    rows = xp.matmul(dz, xp.matrix_transpose(_kernel_matrix(W)))
    entries = xp.reshape(rows, (x.shape[0], *windows.out, math.prod(windows.size), x.shape[3]))
    parts = (entries[:, :, :, k, :] for k in range(math.prod(windows.size)))
    return _scattered(parts, x, windows), xp.reshape(dW, W.shape)


def max_pool(x: Array, windows: Windows) -> Array:
    """Return the largest entry of every window."""
    image = _padded(x, windows, -math.inf)
    return functools.reduce(namespace(x).maximum, (image[at] for at in windows.entries()))


def max_pool_backward(dz: Array, x: Array, windows: Windows) -> Array:
    """Return dz at the first maximum of every window."""
    z = max_pool(x, windows)
    image = _padded(x, windows, math.nan)  # NaN equals nothing: the border is never a maximum
    return _scattered(_shares(dz, z, image, windows), x, windows)


def _shares(dz: Array, z: Array, image: Array, windows: Windows):
    """Yield dz for each entry of the windows: all of it to the first maximum."""
    xp = namespace(z)
    finite = xp is np and np.isfinite(dz).all()  # 0 times infinity would be NaN
    left = xp.ones_like(z, dtype=xp.bool)
    for at in windows.entries():
        chosen = left & (image[at] == z)
        left = left & ~chosen
        yield dz * chosen if finite else xp.where(chosen, dz, 0.0)  # the product is far faster


def sum_pool(x: Array, windows: Windows) -> Array:
    """Return the sum of every window."""
    image = _padded(x, windows, 0.0)
    return sum(image[at] for at in windows.entries())


def sum_pool_backward(dz: Array, x: Array, windows: Windows) -> Array:
    """Return dz for every entry of every window."""
    return _scattered((dz for _ in windows.entries()), x, windows)


def _n_windows(x: Array, windows: Windows) -> int:
    return x.shape[0] * math.prod(windows.out)


def _kernel_matrix(W: Array) -> Array:
    return namespace(W).reshape(W, (math.prod(W.shape[:3]), W.shape[3]))


def _unrolled(x: Array, windows: Windows) -> Array:
    """Return the windows as rows of a matrix, shape (n_windows, kh * kw * c_in)."""
    xp = namespace(x)
    image = _padded(x, windows, 0.0)
    shape = _n_windows(x, windows), math.prod(windows.size) * x.shape[3]
    if xp is np:  # the same numbers, copied in longer stretches
        down, right = windows.stride
        view = sliding_window_view(image, windows.size, (1, 2))[:, ::down, ::right]
        return view.transpose(0, 1, 2, 4, 5, 3).reshape(shape)
    return xp.reshape(xp.concat([image[at] for at in windows.entries()], axis=-1), shape)


def _padded(x: Array, windows: Windows, fill: float) -> Array:
    if windows.margins == ((0, 0), (0, 0)):
        return x
    image = _full(x, windows, fill)
    image[windows.inside] = x
    return image


def _scattered(parts: Any, x: Array, windows: Windows) -> Array:
    """Add each part to the image where it was taken from, and cut off the border."""
    image = _full(x, windows, 0.0)
    for at, part in zip(windows.entries(), parts, strict=True):
        image[at] += part
    return image[windows.inside]


def _full(x: Array, windows: Windows, fill: float) -> Array:
    n, _, _, c = x.shape
    shape = n, windows.rows.padded, windows.columns.padded, c
    return namespace(x).full(shape, fill, dtype=x.dtype, device=x.device)
