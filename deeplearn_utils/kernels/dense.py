"""The dense layer: one matrix product and one bias, forward and backward."""

from ..arrays import Array
from ..checks import float_arrays, shape


def dense(x: Array, W: Array, b: Array, /) -> Array:
    """Return z = x W + b.

    Parameters
    ----------
    x : array, shape (n, in)
        One row a sample.
    W : array, shape (in, out)
        Weights: W[i, j] leads from input i to unit j.
    b : array, shape (out,)
        Biases.

    Returns
    -------
    array, shape (n, out)
        Pre-activations.

    Raises
    ------
    TypeError
        When dtypes or libraries differ.
    ValueError
        When a shape doesn't fit.

    Examples
    --------
    >>> import numpy as np
    >>> dense(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([0.5]))
    array([[11.5]])
    """
    xp, x, W, b = float_arrays(x=x, W=W, b=b)
    shape("x", x, ("samples", "in"))
    if len(W.shape) != 2 or W.shape[0] != x.shape[1]:
        n_out = b.shape[0] if len(b.shape) == 1 else "out"
        shape("W", W, (x.shape[1], n_out), "(in, out)")
    shape("b", b, (W.shape[1],), "(out,)")
    return xp.matmul(x, W) + b


def dense_backward(dz: Array, x: Array, W: Array, /) -> tuple[Array, Array, Array]:
    """Return the gradients of a dense layer.

    dx = dz Wᵀ, dW = xᵀ dz, db = Σ dz over the batch.

    Parameters
    ----------
    dz : array, shape (n, out)
        Gradient of the loss with respect to z = x W + b.
    x : array, shape (n, in)
        The layer's input.
    W : array, shape (in, out)
        The layer's weights.

    Returns
    -------
    dx, dW, db : array
        Of shapes (n, in), (in, out) and (out,).

    Raises
    ------
    TypeError
        When dtypes or libraries differ.
    ValueError
        When a shape doesn't fit.

    Notes
    -----
    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating
    errors" (1986).

    Examples
    --------
    >>> import numpy as np
    >>> x, W = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])
    >>> dx, dW, db = dense_backward(np.array([[1.0]]), x, W)
    >>> dx, db
    (array([[3., 4.]]), array([1.]))
    """
    xp, dz, x, W = float_arrays(dz=dz, x=x, W=W)
    shape("x", x, ("samples", "in"))
    shape("W", W, (x.shape[1], "out"), "(in, out)")
    shape("dz", dz, (x.shape[0], W.shape[1]), "(samples, out)")
    dx = xp.matmul(dz, xp.matrix_transpose(W))  # (n, in)
    dW = xp.matmul(xp.matrix_transpose(x), dz)  # (in, out)
    return dx, dW, xp.sum(dz, axis=0)
