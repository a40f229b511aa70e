"""Convolution and pooling by PyTorch, whose images have the channels first.

No image is copied: its permuted view is what PyTorch calls the memory format `channels_last`.
"""

from ...arrays import Array
from .windows import Windows


def convolve(x: Array, W: Array, b: Array, windows: Windows) -> Array:
    """Return b plus the sum of W over every window."""
    from torch.nn import functional

    image = _channels_first(_padded(x, windows, 0.0))
    return _channels_last(functional.conv2d(image, _kernel(W), b, stride=windows.stride))


def convolve_backward(dz: Array, x: Array, W: Array, windows: Windows) -> tuple[Array, Array]:
    """Return dx and dW."""
    from torch.nn import grad

    image, dz = _channels_first(_padded(x, windows, 0.0)), _channels_first(dz)
    kernel = _kernel(W)
    dx = grad.conv2d_input(image.shape, kernel, dz, stride=windows.stride)
    dW = grad.conv2d_weight(image, kernel.shape, dz, stride=windows.stride)
    return _channels_last(dx)[windows.inside], dW.permute(2, 3, 1, 0)


def max_pool(x: Array, windows: Windows) -> Array:
    """Return the largest entry of every window."""
    return _channels_last(_maxima(x, windows)[0])


def max_pool_backward(dz: Array, x: Array, windows: Windows) -> Array:
    """Return dz at the first maximum of every window."""
    where = _maxima(x, windows)[1]
    n, c = where.shape[:2]
    height, width = windows.rows.padded, windows.columns.padded
    flat = x.new_zeros((n, c, height * width))
    dx = flat.scatter_add(2, where.flatten(2), _channels_first(dz).flatten(2))
    return _channels_last(dx.unflatten(2, (height, width)))[windows.inside]


def sum_pool(x: Array, windows: Windows) -> Array:
    """Return the sum of every window."""
    from torch.nn import functional

    image = _channels_first(_padded(x, windows, 0.0))
    z = functional.avg_pool2d(image, windows.size, windows.stride, divisor_override=1)
    return _channels_last(z)


def sum_pool_backward(dz: Array, x: Array, windows: Windows) -> Array:
    """Return dz for every entry of every window."""
    from torch.nn import functional

    n, c = x.shape[0], x.shape[3]
    (kh, kw), image = windows.size, (windows.rows.padded, windows.columns.padded)
    entries = _channels_first(dz).flatten(2)[:, :, None, :].expand(n, c, kh * kw, -1)
    dx = functional.fold(entries.flatten(1, 2), image, windows.size, stride=windows.stride)
    return _channels_last(dx)[windows.inside]


def _maxima(x: Array, windows: Windows) -> tuple[Array, Array]:
    from torch.nn import functional

    image = _channels_first(_padded(x, windows, -float("inf")))
    return functional.max_pool2d(image, windows.size, windows.stride, return_indices=True)


def _padded(x: Array, windows: Windows, fill: float) -> Array:
    from torch.nn import functional

    (top, bottom), (left, right) = windows.margins
    if windows.margins == ((0, 0), (0, 0)):
        return x
    return functional.pad(x, (0, 0, left, right, top, bottom), value=fill)


def _kernel(W: Array) -> Array:
    import torch  # reads a memory format out of the strides, which for one channel can be any

    return W.permute(3, 2, 0, 1).clone(memory_format=torch.contiguous_format)


def _channels_first(x: Array) -> Array:
    return x.permute(0, 3, 1, 2)


def _channels_last(x: Array) -> Array:
    return x.permute(0, 2, 3, 1)
