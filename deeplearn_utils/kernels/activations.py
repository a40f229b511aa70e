"""Activation functions, each forward kernel beside its backward kernel.

A backward kernel takes `da`, the gradient of the loss with respect to the activation's output,
and the same `z` as the forward kernel; it returns `dz = da * f'(z)`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array
from ..checks import float_arrays, in_range, number, same_shape
from . import on_numpy
from .bell_curve import density, distribution


@dataclass(frozen=True)
class Activation:
    """An activation function: its two kernels and the initializer that suits its weights."""

    forward: Callable[..., Array]
    backward: Callable[..., Array]
    initializer: str = "xavier_uniform"


def _paired(da: Array, z: Array):
    xp, da, z = float_arrays(da=da, z=z)
    same_shape("da", da, "z", z)
    return xp, da, z


def _option(name: str, value: float, like: Array) -> Any:
    return number(in_range(name, value), like)


def identity(z: Array, /) -> Array:
    """Return z unchanged: the activation of a linear output layer.

    Examples
    --------
    >>> import numpy as np
    >>> identity(np.array([-1.0, 2.0]))
    array([-1.,  2.])
    """
    _, z = float_arrays(z=z)
    return z


def identity_backward(da: Array, z: Array, /) -> Array:
    """Return da, since the derivative of the identity is 1."""
    _, da, _ = _paired(da, z)
    return da


def sigmoid(z: Array, /) -> Array:
    """Return the logistic sigmoid, 1 / (1 + exp(-z)), elementwise.

    Computed as exp(min(z, 0)) / (1 + exp(-|z|)), which never overflows and keeps the relative
    accuracy of the left tail.

    Parameters
    ----------
    z : array, any shape
        Pre-activations, floating point.

    Returns
    -------
    array, same shape as z
        Values from 0 to 1.

    Raises
    ------
    TypeError
        When z holds no floating-point numbers.

    Examples
    --------
    >>> import numpy as np
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    xp, z = float_arrays(z=z)
    if xp is np and z.ndim:
        return on_numpy.sigmoid(z)
    return xp.exp(xp.minimum(z, 0.0)) / (1.0 + xp.exp(-xp.abs(z)))


def sigmoid_backward(da: Array, z: Array, /) -> Array:
    """Return da * a * (1 - a) with a = sigmoid(z); 1 - a is taken as sigmoid(-z)."""
    _, da, z = _paired(da, z)
    return da * sigmoid(z) * sigmoid(-z)


def tanh(z: Array, /) -> Array:
    """Return the hyperbolic tangent, elementwise, from -1 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> tanh(np.array([0.0, 20.0]))
    array([0., 1.])
    """
    xp, z = float_arrays(z=z)
    return xp.tanh(z)


def tanh_backward(da: Array, z: Array, /) -> Array:
    """Return da * (1 - tanh(z)²)."""
    xp, da, z = _paired(da, z)
    return da * (1.0 - xp.square(xp.tanh(z)))


def relu(z: Array, /) -> Array:
    """Return the rectified linear unit, max(z, 0), elementwise.

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010).

    Examples
    --------
    >>> import numpy as np
    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    xp, z = float_arrays(z=z)
    return xp.maximum(z, 0.0)


def relu_backward(da: Array, z: Array, /) -> Array:
    """Return da where z > 0, else 0: the derivative at the kink is taken as 0."""
    xp, da, z = _paired(da, z)
    return xp.where(z > 0.0, da, 0.0)


def leaky_relu(z: Array, /, *, negative_slope: float = 0.01) -> Array:
    """Return z where z > 0, else negative_slope * z, elementwise.

    Source: Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic
    models" (2013).

    Examples
    --------
    >>> import numpy as np
    >>> leaky_relu(np.array([-100.0, 3.0]))
    array([-1.,  3.])
    """
    xp, z = float_arrays(z=z)
    return xp.where(z > 0.0, z, _option("negative_slope", negative_slope, z) * z)


def leaky_relu_backward(da: Array, z: Array, /, *, negative_slope: float = 0.01) -> Array:
    """Return da where z > 0, else negative_slope * da."""
    xp, da, z = _paired(da, z)
    return xp.where(z > 0.0, da, _option("negative_slope", negative_slope, z) * da)


def elu(z: Array, /, *, alpha: float = 1.0) -> Array:
    """Return z where z > 0, else alpha * (exp(z) - 1), elementwise.

    Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by
    exponential linear units" (2016).

    Examples
    --------
    >>> import numpy as np
    >>> elu(np.array([-1000.0, 3.0]))
    array([-1.,  3.])
    """
    xp, z = float_arrays(z=z)
    return xp.where(z > 0.0, z, _option("alpha", alpha, z) * xp.expm1(xp.minimum(z, 0.0)))


def elu_backward(da: Array, z: Array, /, *, alpha: float = 1.0) -> Array:
    """Return da where z > 0, else da * alpha * exp(z)."""
    xp, da, z = _paired(da, z)
    return xp.where(z > 0.0, da, da * (_option("alpha", alpha, z) * xp.exp(xp.minimum(z, 0.0))))


def gelu(z: Array, /) -> Array:
    """Return the Gaussian error linear unit, z * Φ(z), elementwise.

    Φ is the distribution function of the standard normal; this is the exact form, not the tanh
    approximation.

    Source: Hendrycks and Gimpel, "Gaussian error linear units" (2016).

    Examples
    --------
    >>> import numpy as np
    >>> gelu(np.array([-1.0, 0.0, 1.0])).round(6)
    array([-0.158655,  0.      ,  0.841345])
    """
    xp, z = float_arrays(z=z)
    return xp.maximum(z, -40.0) * distribution(xp, z)  # Φ(-40) is 0, also where z is -infinity


def gelu_backward(da: Array, z: Array, /) -> Array:
    """Return da * (Φ(z) + z φ(z))."""
    xp, da, z = _paired(da, z)
    bounded = xp.maximum(xp.minimum(z, 40.0), -40.0)
    return da * (distribution(xp, z) + bounded * density(xp, z))


def softplus(z: Array, /) -> Array:
    """Return log(1 + exp(z)), a smooth ReLU, elementwise, without overflow.

    Examples
    --------
    >>> import numpy as np
    >>> softplus(np.array([-1000.0, 0.0, 30.0])).round(4)
    array([ 0.    ,  0.6931, 30.    ])
    """
    xp, z = float_arrays(z=z)
    return xp.maximum(z, 0.0) + xp.log1p(xp.exp(-xp.abs(z)))


def softplus_backward(da: Array, z: Array, /) -> Array:
    """Return da * sigmoid(z)."""
    _, da, z = _paired(da, z)
    return da * sigmoid(z)


def softmax(z: Array, /) -> Array:
    """Return exp(z) / Σ exp(z) over the last axis.

    The largest entry of each row is subtracted first: the result is the same, and nothing
    overflows.

    Parameters
    ----------
    z : array, shape (..., k)
        Logits of k classes.

    Returns
    -------
    array, shape (..., k)
        Probabilities: each row is non-negative and sums to 1.

    Raises
    ------
    TypeError
        When z holds no floating-point numbers.
    ValueError
        When z has no axis, or no class.

    Examples
    --------
    >>> import numpy as np
    >>> softmax(np.array([[1000.0, 1000.0], [0.0, -1000.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    xp, z = float_arrays(z=z)
    check_classes("z", z)
    if xp is np and z.size and z.shape[-1] <= on_numpy.FEW:
        return on_numpy.softmax(z)
    e = xp.exp(z - xp.max(z, axis=-1, keepdims=True))
    return e / xp.sum(e, axis=-1, keepdims=True)


def softmax_backward(da: Array, z: Array, /) -> Array:
    """Return a * (da - Σ da a) with a = softmax(z): the product of da with the Jacobian."""
    xp, da, z = _paired(da, z)
    a = softmax(z)
    return a * (da - xp.sum(da * a, axis=-1, keepdims=True))


def check_classes(name: str, z: Array) -> None:
    """Refuse logits without a last axis of at least one class."""
    if len(z.shape) == 0 or z.shape[-1] == 0:
        raise ValueError(
            f"`{name}` must have a last axis with one entry a class, got shape {tuple(z.shape)}"
        )


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation(identity, identity_backward),
    "sigmoid": Activation(sigmoid, sigmoid_backward),
    "tanh": Activation(tanh, tanh_backward),
    "relu": Activation(relu, relu_backward, "he_normal"),
    "leaky_relu": Activation(leaky_relu, leaky_relu_backward, "he_normal"),
    "elu": Activation(elu, elu_backward, "he_normal"),
    "gelu": Activation(gelu, gelu_backward, "he_normal"),
    "softplus": Activation(softplus, softplus_backward, "he_normal"),
    "softmax": Activation(softmax, softmax_backward),
}
