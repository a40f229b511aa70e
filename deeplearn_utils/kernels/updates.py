"""Update rules: one step of an optimizer on the flat parameter vector θ.

Each is a pure function of θ, the gradient g and the optimizer's memory, in the order of its
paper. `optimizers` wraps them with their options and their state. Symbols: α is the learning rate.
"""

from typing import Any

from ..arrays import Array, namespace


def gradient_descent(theta: Array, g: Array, *, learning_rate: Any) -> Array:
    """Return θ - α g.

    Source: Cauchy (1847); with a random sample's gradient, Robbins and Monro, "A stochastic
    approximation method" (1951).

    Examples
    --------
    >>> gradient_descent(1.0, 2.0, learning_rate=0.25)
    0.5
    """
    return theta - learning_rate * g


def momentum(
    theta: Array, g: Array, v: Array, *, learning_rate: Any, momentum: float
) -> tuple[Array, Array]:
    """Return (θ - α v, v) with v ← β v + g.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
    """
    v = momentum * v + g
    return theta - learning_rate * v, v


def nesterov(
    theta: Array, g: Array, v: Array, *, learning_rate: Any, momentum: float
) -> tuple[Array, Array]:
    """Return (θ - α (g + β v), v) with v ← β v + g.

    Source: Nesterov (1983), in the form of Sutskever et al., "On the importance of initialization
    and momentum in deep learning" (2013).
    """
    v = momentum * v + g
    return theta - learning_rate * (g + momentum * v), v


def rmsprop(
    theta: Array, g: Array, s: Array, *, learning_rate: Any, decay: float, epsilon: float
) -> tuple[Array, Array]:
    """Return (θ - α g / (√s + ε), s) with s ← ρ s + (1 - ρ) g².

    Source: Tieleman and Hinton, "Lecture 6.5: RMSprop", Coursera (2012).
    """
    xp = namespace(theta)
    s = decay * s + (1.0 - decay) * xp.square(g)
    return theta - learning_rate * g / (xp.sqrt(s) + epsilon), s


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
    xp = namespace(theta)
    m = beta1 * m + (1.0 - beta1) * g
    v = beta2 * v + (1.0 - beta2) * xp.square(g)
    m_hat = m / (1.0 - beta1**t) if bias_correction else m
    v_hat = v / (1.0 - beta2**t) if bias_correction else v
    return theta - learning_rate * m_hat / (xp.sqrt(v_hat) + epsilon), m, v


def decoupled_weight_decay(
    theta: Array, mask: Array | float, *, learning_rate: Any, weight_decay: float
) -> Array:
    """Return θ - α λ θ where the mask is 1: the decay that AdamW applies before Adam's step.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
    """
    return theta - (learning_rate * weight_decay) * (mask * theta)
