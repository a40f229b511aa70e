"""Pooling, forward and backward: each window of an image becomes one number, channel by channel.

Images have their channels last. Sources: maximum, Riesenhuber and Poggio, "Hierarchical models of
object recognition in cortex" (1999); average, LeCun et al., "Handwritten digit recognition with a
back-propagation network" (1990).
"""

import math

from ..arrays import Array, arange, namespace
from ..checks import count, float_arrays, shape
from .sliding import Windows, pair, route, slide
from .sliding.windows import Axis


def max_pool2d(
    x: Array,
    /,
    *,
    window: int | tuple[int, int] = 2,
    stride: int | tuple[int, int] | None = None,
    padding: str = "valid",
) -> Array:
    """Return the largest entry of every window.

    Parameters
    ----------
    x : array, shape (n, h, w, c)
        Images.
    window : int or (int, int), default 2
        Height and width of the window.
    stride : int or (int, int), optional
        How far the window moves down, and to the right. Default: the window's size, so that
        windows touch and don't overlap.
    padding : {"valid", "same"}, default "valid"
        "valid": every window lies inside the image, a rest at the border is left out. "same":
        ceil(h / stride) rows and ceil(w / stride) columns, as in TensorFlow; the border that this
        adds never counts.

    Returns
    -------
    array, shape (n, out_h, out_w, c)

    Raises
    ------
    TypeError
        When x holds no floating-point numbers, or a size is no whole number.
    ValueError
        When x is no batch of images, or the window is larger than the image.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 7.0]])[None, :, :, None]
    >>> max_pool2d(image)[0, :, :, 0]
    array([[4., 7.]])
    """
    x, windows = _images(x, window, stride, padding)
    return route(x).max_pool(x, windows)


def max_pool2d_backward(
    dz: Array,
    x: Array,
    /,
    *,
    window: int | tuple[int, int] = 2,
    stride: int | tuple[int, int] | None = None,
    padding: str = "valid",
) -> Array:
    """Return dx: the gradient of every window goes to its largest entry.

    Of several equal ones the first, row by row, gets all of it, as in TensorFlow, PyTorch and JAX.
    A NaN, which `max_pool2d` passes on, counts as infinity.

    Parameters
    ----------
    dz : array, shape (n, out_h, out_w, c)
        Gradient of the loss with respect to the output.
    x : array, shape (n, h, w, c)
        The forward kernel's input.
    window, stride, padding
        As in the forward kernel.

    Returns
    -------
    array, same shape as x

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[1.0, 2.0, 7.0, 7.0], [3.0, 4.0, 7.0, 7.0]])[None, :, :, None]
    >>> max_pool2d_backward(np.array([[[[1.0], [2.0]]]]), image)[0, :, :, 0]
    array([[0., 0., 2., 0.],
           [0., 1., 0., 0.]])
    """
    dz, x, windows = _image_gradients(dz, x, window, stride, padding)
    x = namespace(x).where(x == x, x, math.inf)
    return route(x).max_pool_backward(dz, x, windows)


def average_pool2d(
    x: Array,
    /,
    *,
    window: int | tuple[int, int] = 2,
    stride: int | tuple[int, int] | None = None,
    padding: str = "valid",
) -> Array:
    """Return the mean of every window.

    With padding "same" the mean is taken over the part of the window that lies inside the image,
    as in TensorFlow. Arguments, result and errors are those of `max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[1.0, 2.0, 6.0], [3.0, 4.0, 8.0]])[None, :, :, None]
    >>> average_pool2d(image, padding="same")[0, :, :, 0]
    array([[2.5, 7. ]])
    """
    x, windows = _images(x, window, stride, padding)
    return _divided(route(x).sum_pool(x, windows), windows)


def average_pool2d_backward(
    dz: Array,
    x: Array,
    /,
    *,
    window: int | tuple[int, int] = 2,
    stride: int | tuple[int, int] | None = None,
    padding: str = "valid",
) -> Array:
    """Return dx: the gradient of every window, in equal shares to its entries.

    Of x only the shape is used. Arguments and result are those of `max_pool2d_backward`.

    Examples
    --------
    >>> import numpy as np
    >>> average_pool2d_backward(np.array([[[[1.0]]]]), np.zeros((1, 2, 2, 1)))[0, :, :, 0]
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    dz, x, windows = _image_gradients(dz, x, window, stride, padding)
    return route(x).sum_pool_backward(_divided(dz, windows), x, windows)


def max_pool1d(
    x: Array, /, *, window: int = 2, stride: int | None = None, padding: str = "valid"
) -> Array:
    """Return the largest entry of every window: (n, w, c) to (n, out, c).

    Examples
    --------
    >>> import numpy as np
    >>> max_pool1d(np.array([[[1.0], [3.0], [2.0], [0.0]]]))[0, :, 0]
    array([3., 2.])
    """
    x, options = _sequences(x, window, stride, padding)
    return max_pool2d(x, **options)[:, 0, :, :]


def max_pool1d_backward(
    dz: Array, x: Array, /, *, window: int = 2, stride: int | None = None, padding: str = "valid"
) -> Array:
    """Return dx: the gradient of every window goes to its first largest entry.

    Examples
    --------
    >>> import numpy as np
    >>> steps = np.array([[[1.0], [3.0], [2.0], [2.0]]])
    >>> max_pool1d_backward(np.ones((1, 2, 1)), steps)[0, :, 0]
    array([0., 1., 1., 0.])
    """
    dz, x, options = _sequence_gradients(dz, x, window, stride, padding)
    return max_pool2d_backward(dz, x, **options)[:, 0, :, :]


def average_pool1d(
    x: Array, /, *, window: int = 2, stride: int | None = None, padding: str = "valid"
) -> Array:
    """Return the mean of every window: (n, w, c) to (n, out, c).

    Examples
    --------
    >>> import numpy as np
    >>> average_pool1d(np.array([[[1.0], [3.0], [2.0], [0.0]]]))[0, :, 0]
    array([2., 1.])
    """
    x, options = _sequences(x, window, stride, padding)
    return average_pool2d(x, **options)[:, 0, :, :]


def average_pool1d_backward(
    dz: Array, x: Array, /, *, window: int = 2, stride: int | None = None, padding: str = "valid"
) -> Array:
    """Return dx: the gradient of every window, in equal shares to its entries.

    Examples
    --------
    >>> import numpy as np
    >>> average_pool1d_backward(np.ones((1, 2, 1)), np.zeros((1, 4, 1)))[0, :, 0]
    array([0.5, 0.5, 0.5, 0.5])
    """
    dz, x, options = _sequence_gradients(dz, x, window, stride, padding)
    return average_pool2d_backward(dz, x, **options)[:, 0, :, :]


def _images(x: Array, window, stride, padding: str) -> tuple[Array, Windows]:
    _, x = float_arrays(x=x)
    shape("x", x, ("samples", "height", "width", "channels"))
    size = pair("window", window)
    step = size if stride is None else pair("stride", stride)
    return x, slide(tuple(x.shape[1:3]), size, step, padding, each=(x.shape[0], x.shape[3]))


def _image_gradients(dz: Array, x: Array, *options) -> tuple[Array, Array, Windows]:
    _, dz, x = float_arrays(dz=dz, x=x)
    x, windows = _images(x, *options)
    expected = (x.shape[0], *windows.out, x.shape[3])
    shape("dz", dz, expected, "(samples, out_h, out_w, channels)")
    return dz, x, windows


def _sequences(x: Array, window: int, stride: int | None, padding: str) -> tuple[Array, dict]:
    _, x = float_arrays(x=x)
    shape("x", x, ("samples", "length", "channels"))
    window = count("window", window)
    stride = window if stride is None else count("stride", stride)
    options = {"window": (1, window), "stride": (1, stride), "padding": padding}
    return x[:, None, :, :], options


def _sequence_gradients(dz: Array, x: Array, *options) -> tuple[Array, Array, dict]:
    _, dz, x = float_arrays(dz=dz, x=x)
    x, options = _sequences(x, *options)
    columns = _images(x, *options.values())[1].columns
    shape("dz", dz, (x.shape[0], columns.out, x.shape[3]), "(samples, out, channels)")
    return dz[:, None, :, :], x, options


def _divided(sums: Array, windows: Windows) -> Array:
    if windows.padding == "valid":
        return sums / float(windows.size[0] * windows.size[1])
    rows, columns = (_entries_inside(axis, sums) for axis in (windows.rows, windows.columns))
    return sums / (rows[:, None, None] * columns[:, None])


def _entries_inside(axis: Axis, like: Array) -> Array:
    """Return, for every window of an axis, how many of its entries lie inside the image."""
    xp = namespace(like)
    first = arange(axis.out, like=like) * float(axis.stride) - float(axis.before)
    end = xp.minimum(first + float(axis.window), float(axis.length))
    return end - xp.maximum(first, 0.0)
