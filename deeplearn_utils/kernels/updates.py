"""Update rules: one step of an optimizer on the flat parameter vector θ.

Each is a pure function of θ, the gradient g and the optimizer's memory, in the order of its
paper. `optimizers` wraps them with their options and their state. Symbols: α is the learning rate.
"""

import math
from typing import Any

import numpy as np

from ..arrays import Array, namespace
from ..checks import float_arrays, in_range, is_scalar_array, number, same_shape


def _checked(**named: Array) -> tuple[Any, ...]:
    xp, *arrays = float_arrays(**named)
    for name, x in zip(named, arrays, strict=True):
        same_shape(name, x, "theta", arrays[0])
    return (xp, *arrays)


def _option(name: str, value: Any, theta: Array) -> Any:
    """Return a number that decides no dtype; it may be infinite, as a diverging schedule's is."""
    if type(value) is float:
        return value
    value = number(value, theta)
    if not (isinstance(value, float) or is_scalar_array(value)):
        raise TypeError(f"`{name}` must be a number, got {type(value).__name__}")
    return value


def gradient_descent(theta: Array, g: Array, *, learning_rate: Any) -> Array:
    """Return θ - α g.

    Source: Cauchy (1847); with a random sample's gradient, Robbins and Monro, "A stochastic
    approximation method" (1951).

    Examples
    --------
    >>> float(gradient_descent(1.0, 2.0, learning_rate=0.25))
    0.5
    """
    _, theta, g = _checked(theta=theta, gradient=g)
    return theta - _option("learning_rate", learning_rate, theta) * g


def momentum(
    theta: Array, g: Array, v: Array, *, learning_rate: Any, momentum: float
) -> tuple[Array, Array]:
    """Return (θ - α v, v) with v ← β v + g.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
    """
    _, theta, g, v = _checked(theta=theta, gradient=g, v=v)
    v = _option("momentum", momentum, theta) * v + g
    return theta - _option("learning_rate", learning_rate, theta) * v, v


def nesterov(
    theta: Array, g: Array, v: Array, *, learning_rate: Any, momentum: float
) -> tuple[Array, Array]:
    """Return (θ - α (g + β v), v) with v ← β v + g.

    Source: Nesterov (1983), in the form of Sutskever et al., "On the importance of initialization
    and momentum in deep learning" (2013).
    """
    _, theta, g, v = _checked(theta=theta, gradient=g, v=v)
    β = _option("momentum", momentum, theta)
    v = β * v + g
    return theta - _option("learning_rate", learning_rate, theta) * (g + β * v), v


def rmsprop(
    theta: Array, g: Array, s: Array, *, learning_rate: Any, decay: float, epsilon: float
) -> tuple[Array, Array]:
    """Return (θ - α g / (√s + ε), s) with s ← ρ s + (1 - ρ) g².

    Source: Tieleman and Hinton, "Lecture 6.5: RMSprop", Coursera (2012).
    """
    xp, theta, g, s = _checked(theta=theta, gradient=g, s=s)
    ρ = _option("decay", decay, theta)
    s = ρ * s + (1.0 - ρ) * xp.square(g)
    return theta - _option("learning_rate", learning_rate, theta) * g / (
        xp.sqrt(s) + _option("epsilon", epsilon, theta)
    ), s


def adam(
    theta: Array,
    g: Array,
    m: Array,
    v: Array,
    t: Any,
    *,
    learning_rate: Any,
    beta1: float,
    beta2: float,
    epsilon: float,
    bias_correction: bool = True,
) -> tuple[Array, Array, Array]:
    """Return (θ - α m̂ / (√v̂ + ε), m, v) for step t = 1, 2, ...

    m ← β₁ m + (1 - β₁) g and v ← β₂ v + (1 - β₂) g² estimate the gradient's mean and mean square.
    Both start at zero; m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ) correct that bias.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.
    """
    xp, theta, g, m, v = _checked(theta=theta, gradient=g, m=m, v=v)
    options = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
    α, β1, β2, ε = (_option(name, x, theta) for name, x in options.items())
    m = β1 * m + (1.0 - β1) * g
    v = β2 * v + (1.0 - β2) * xp.square(g)
    m_hat = m / _bias(β1, t, theta) if bias_correction else m
    v_hat = v / _bias(β2, t, theta) if bias_correction else v
    return theta - α * m_hat / (xp.sqrt(v_hat) + ε), m, v


def _bias(beta: Any, t: Any, theta: Array) -> Any:
    """Return 1 - βᵗ; while a compiler traces by way of the logarithm, exact for β near 1 too."""
    t = _option("t", t, theta)
    if isinstance(t, float):
        return 1.0 - beta**t
    if isinstance(beta, (int, float)):
        return -namespace(t).expm1(t * (math.log(beta) if beta else -math.inf))
    return 1.0 - beta**t


def clip_by_norm(g: Array, max_norm: float) -> Array:
    """Return g · min(1, c / ‖g‖): the gradient, shortened to length c where it is longer.

    Parameters
    ----------
    g : array
        The gradient; of all parameters together, so that its direction is kept.
    max_norm : float
        The greatest length c, above 0.

    Returns
    -------
    array
        Of g's shape and dtype; NaN everywhere if g holds NaN or infinity.

    Raises
    ------
    TypeError, ValueError
        When `max_norm` is not a number above 0.

    Examples
    --------
    >>> import numpy as np
    >>> clip_by_norm(np.array([3.0, 4.0]), 1.0)
    array([0.6, 0.8])

    Notes
    -----
    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks"
    (2013), algorithm 1.
    """
    xp, g = float_arrays(gradient=g)
    c = number(in_range("max_norm", max_norm, 0.0, open_low=True), g)
    if 0 in g.shape:
        return g
    largest = xp.max(xp.abs(g))
    scale = xp.where(largest > 0.0, largest, 1.0)
    scale = xp.where(scale > 1.0, scale / 8.0, scale)  # else XLA takes 1 / largest for 0 near 1e38
    unit = g / scale  # its squares are in range
    length = xp.sqrt(xp.sum(xp.square(unit)))
    limit = c / xp.where(length == 0.0, 1.0, length)
    return xp.where(scale <= limit, g, limit * unit)


def decoupled_weight_decay(
    theta: Array, mask: Array | float, *, learning_rate: Any, weight_decay: float
) -> Array:
    """Return θ - α λ θ where the mask is 1: the decay that AdamW applies before Adam's step.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
    """
    if isinstance(mask, (int, float, np.generic)):
        mask, (_, theta) = number(mask), float_arrays(theta=theta)
    else:
        _, theta, mask = _checked(theta=theta, weights_mask=mask)
    αλ = _option("learning_rate", learning_rate, theta) * _option(
        "weight_decay", weight_decay, theta
    )
    return theta - αλ * (mask * theta)
