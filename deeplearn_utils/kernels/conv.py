"""The convolution layer, forward and backward: one small kernel slides over the whole image.

Images have their channels last, as in Keras and LiteRT. As in every deep-learning library, the
kernel is not flipped: what is called convolution is a cross-correlation. Source: LeCun, Bottou,
Bengio and Haffner, "Gradient-based learning applied to document recognition" (1998).

On an NVIDIA GPU, PyTorch, JAX and TensorFlow may round the factors of float32 convolutions to ten
binary digits (TensorFloat-32) unless they are told otherwise.
"""

from ..arrays import Array
from ..checks import count, float_arrays, not_empty, shape
from .sliding import Windows, pair, route, slide


def conv2d(
    x: Array,
    W: Array,
    b: Array,
    /,
    *,
    stride: int | tuple[int, int] = 1,
    padding: str = "valid",
) -> Array:
    """Return z[n, i, j] = b + Σ x[n, s i + k, s j + l] W[k, l] over the kernel and the channels.

    Parameters
    ----------
    x : array, shape (n, h, w, c_in)
        Images.
    W : array, shape (kh, kw, c_in, c_out)
        One kernel a channel of the output.
    b : array, shape (c_out,)
        Biases.
    stride : int or (int, int), default 1
        How far the kernel moves down, and to the right.
    padding : {"valid", "same"}, default "valid"
        "valid": the kernel stays inside the image. "same": zeros around the image, so that the
        output has ceil(h / stride) rows and ceil(w / stride) columns, as in TensorFlow.

    Returns
    -------
    array, shape (n, out_h, out_w, c_out)
        Pre-activations; with "valid", out_h = (h - kh) // stride + 1.

    Raises
    ------
    TypeError
        When dtypes or libraries differ, or a stride is no whole number.
    ValueError
        When a shape doesn't fit, or the kernel is larger than the image.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[0.0, 0.0, 5.0, 5.0], [0.0, 0.0, 5.0, 5.0]])[None, :, :, None]
    >>> edge = np.array([[-1.0, 1.0]])[:, :, None, None]
    >>> conv2d(image, edge, np.zeros(1))[0, :, :, 0]
    array([[0., 5., 0.],
           [0., 5., 0.]])
    """
    _, x, W, b = float_arrays(x=x, W=W, b=b)
    windows = _windows(x, W, pair("stride", stride), padding)
    shape("b", b, (W.shape[3],), "(c_out,)")
    return route(x).convolve(x, W, b, windows)


def conv2d_backward(
    dz: Array,
    x: Array,
    W: Array,
    /,
    *,
    stride: int | tuple[int, int] = 1,
    padding: str = "valid",
) -> tuple[Array, Array, Array]:
    """Return the gradients of a convolution layer.

    dW[k, l] = Σ x[n, s i + k, s j + l]ᵀ dz[n, i, j] over samples and positions; dx collects
    dz[n, i, j] W[k, l]ᵀ wherever the kernel stood; db = Σ dz.

    Parameters
    ----------
    dz : array, shape (n, out_h, out_w, c_out)
        Gradient of the loss with respect to z = conv2d(x, W, b).
    x : array, shape (n, h, w, c_in)
        The layer's input.
    W : array, shape (kh, kw, c_in, c_out)
        The layer's kernels.
    stride, padding
        As in the forward kernel.

    Returns
    -------
    dx, dW, db : array
        Of the shapes of x and W, and (c_out,).

    Raises
    ------
    TypeError
        When dtypes or libraries differ, or a stride is no whole number.
    ValueError
        When a shape doesn't fit, or the kernel is larger than the image.

    Examples
    --------
    >>> import numpy as np
    >>> x, W = np.ones((1, 3, 3, 1)), np.full((2, 2, 1, 1), 0.5)
    >>> dx, dW, db = conv2d_backward(np.ones((1, 2, 2, 1)), x, W)
    >>> dx[0, :, :, 0]
    array([[0.5, 1. , 0.5],
           [1. , 2. , 1. ],
           [0.5, 1. , 0.5]])
    """
    xp, dz, x, W = float_arrays(dz=dz, x=x, W=W)
    windows = _windows(x, W, pair("stride", stride), padding)
    shape("dz", dz, (x.shape[0], *windows.out, W.shape[3]), "(samples, out_h, out_w, c_out)")
    dx, dW = route(x).convolve_backward(dz, x, W, windows)
    return dx, dW, xp.sum(dz, axis=(0, 1, 2))


def conv1d(x: Array, W: Array, b: Array, /, *, stride: int = 1, padding: str = "valid") -> Array:
    """Return z[n, i] = b + Σ x[n, s i + k] W[k] over the kernel and the channels.

    Parameters
    ----------
    x : array, shape (n, w, c_in)
        Sequences.
    W : array, shape (kw, c_in, c_out)
        One kernel a channel of the output.
    b : array, shape (c_out,)
        Biases.
    stride : int, default 1
        How far the kernel moves.
    padding : {"valid", "same"}, default "valid"
        As in `conv2d`.

    Returns
    -------
    array, shape (n, out, c_out)

    Raises
    ------
    TypeError
        When dtypes or libraries differ, or the stride is no whole number.
    ValueError
        When a shape doesn't fit, or the kernel is longer than the sequence.

    Examples
    --------
    >>> import numpy as np
    >>> steps = np.array([1.0, 2.0, 4.0, 8.0])[None, :, None]
    >>> difference = np.array([-1.0, 1.0])[:, None, None]
    >>> conv1d(steps, difference, np.zeros(1))[0, :, 0]
    array([1., 2., 4.])
    """
    _, x, W, b = float_arrays(x=x, W=W, b=b)
    stride = _check_sequences(x, W, stride)
    image, kernel = x[:, None, :, :], W[None, :, :, :]
    return conv2d(image, kernel, b, stride=(1, stride), padding=padding)[:, 0, :, :]


def conv1d_backward(
    dz: Array, x: Array, W: Array, /, *, stride: int = 1, padding: str = "valid"
) -> tuple[Array, Array, Array]:
    """Return the gradients of a one-dimensional convolution layer: dx, dW and db.

    Parameters
    ----------
    dz : array, shape (n, out, c_out)
        Gradient of the loss with respect to z = conv1d(x, W, b).
    x : array, shape (n, w, c_in)
        The layer's input.
    W : array, shape (kw, c_in, c_out)
        The layer's kernels.
    stride, padding
        As in the forward kernel.

    Returns
    -------
    dx, dW, db : array
        Of the shapes of x and W, and (c_out,).

    Examples
    --------
    >>> import numpy as np
    >>> x, W = np.array([[[1.0], [2.0], [4.0]]]), np.array([[[-1.0]], [[1.0]]])
    >>> dx, dW, db = conv1d_backward(np.ones((1, 2, 1)), x, W)
    >>> dx[0, :, 0], dW[:, 0, 0], db
    (array([-1.,  0.,  1.]), array([3., 6.]), array([2.]))
    """
    _, dz, x, W = float_arrays(dz=dz, x=x, W=W)
    stride = _check_sequences(x, W, stride)
    windows = slide((1, x.shape[1]), (1, W.shape[0]), (1, stride), padding, name="W")
    shape("dz", dz, (x.shape[0], windows.columns.out, W.shape[2]), "(samples, out, c_out)")
    images = (dz[:, None, :, :], x[:, None, :, :], W[None, :, :, :])
    dx, dW, db = conv2d_backward(*images, stride=(1, stride), padding=padding)
    return dx[:, 0, :, :], dW[0, :, :, :], db


def _windows(x: Array, W: Array, stride: tuple[int, int], padding: str) -> Windows:
    shape("x", x, ("samples", "height", "width", "c_in"))
    _check_channels(x, W)
    shape("W", W, ("kh", "kw", x.shape[3], "c_out"), "(kh, kw, c_in, c_out)")
    not_empty("W", W)
    each = x.shape[0], x.shape[3]
    return slide(tuple(x.shape[1:3]), tuple(W.shape[:2]), stride, padding, each=each, name="W")


def _check_channels(x: Array, W: Array) -> None:
    """Catch images as PyTorch has them."""
    if len(W.shape) == 4 and x.shape[1] == W.shape[2] != x.shape[3]:
        raise ValueError(
            f"`x` must have its {W.shape[2]} channels last, got shape {tuple(x.shape)}; "
            "try np.moveaxis(x, 1, -1)"
        )


def _check_sequences(x: Array, W: Array, stride: int) -> int:
    shape("x", x, ("samples", "length", "c_in"))
    shape("W", W, ("kw", x.shape[2], "c_out"), "(kw, c_in, c_out)")
    not_empty("W", W)
    return count("stride", stride)
