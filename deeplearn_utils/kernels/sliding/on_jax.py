"""Convolution and pooling by JAX.

Convolution is linear in x and linear in W, and the sum of a window is linear in x. The gradient of
a linear map is its transpose, which JAX derives without computing the map itself.
"""

import numpy as np

from ...arrays import Array
from .windows import Windows


def convolve(x: Array, W: Array, b: Array, windows: Windows) -> Array:
    """Return b plus the sum of W over every window."""
    return _weighted(x, W, windows) + b


def convolve_backward(dz: Array, x: Array, W: Array, windows: Windows) -> tuple[Array, Array]:
    """Return dx and dW."""
    import jax

    (dx,) = jax.linear_transpose(lambda x: _weighted(x, W, windows), x)(dz)
    (dW,) = jax.linear_transpose(lambda W: _weighted(x, W, windows), W)(dz)
    return dx, dW


def max_pool(x: Array, windows: Windows) -> Array:
    """Return the largest entry of every window."""
    from jax import lax

    return _reduced(x, -np.inf, lax.max, windows)


def max_pool_backward(dz: Array, x: Array, windows: Windows) -> Array:
    """Return dz at the first maximum of every window."""
    import jax

    _, backward = jax.vjp(lambda x: max_pool(x, windows), x)
    return backward(dz)[0]


def sum_pool(x: Array, windows: Windows) -> Array:
    """Return the sum of every window."""
    from jax import lax

    return _reduced(x, 0.0, lax.add, windows)


def sum_pool_backward(dz: Array, x: Array, windows: Windows) -> Array:
    """Return dz for every entry of every window."""
    import jax

    return jax.linear_transpose(lambda x: sum_pool(x, windows), x)(dz)[0]


def _weighted(x: Array, W: Array, windows: Windows) -> Array:
    from jax import lax

    axes = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, W, windows.stride, windows.margins, dimension_numbers=axes)


def _reduced(x: Array, start: float, combine, windows: Windows) -> Array:
    from jax import lax

    size, stride = (1, *windows.size, 1), (1, *windows.stride, 1)
    margins = ((0, 0), *windows.margins, (0, 0))
    return lax.reduce_window(x, np.asarray(start, x.dtype), combine, size, stride, margins)
