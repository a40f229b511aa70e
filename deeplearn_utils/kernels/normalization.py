"""Batch and layer normalization, forward and backward.

Both subtract a mean and divide by a standard deviation, then scale and shift by learned γ and β.
Batch normalization takes mean and variance of each feature over the batch (and, for images, over
all positions); layer normalization takes them of each sample over its features. The variance is
the biased one, the mean of the squared deviations, as in both papers.
"""

import math
from typing import Any

from ..arrays import Array
from ..checks import float_arrays, in_range, not_empty, number, same_shape, shape


def batch_normalization(
    x: Array, gamma: Array, beta: Array, /, *, epsilon: float = 1e-5
) -> tuple[Array, Array, Array]:
    """Return z = γ (x - μ) / √(σ² + ε) + β, with the batch's μ and σ² of each feature.

    Parameters
    ----------
    x : array, shape (n, ..., c)
        A batch of n samples; features (channels) stand last.
    gamma, beta : array, shape (c,)
        Learned scale and shift.
    epsilon : float, default 1e-5
        Keeps the division finite where a feature is constant; its output is then β.

    Returns
    -------
    z : array, same shape as x
    mean, variance : array, shape (c,)
        The batch's statistics, for the running averages that inference uses.

    Raises
    ------
    TypeError
        When dtypes or libraries differ.
    ValueError
        When a shape doesn't fit, the batch is empty, or epsilon isn't above 0.

    Notes
    -----
    Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift" (2015), algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 5.0], [3.0, 5.0]])
    >>> z, mean, variance = batch_normalization(x, np.ones(2), np.array([0.0, 7.0]))
    >>> z.round(3)
    array([[-1.,  7.],
           [ 1.,  7.]])
    >>> mean, variance
    (array([2., 5.]), array([1., 0.]))
    """
    xp, ε, x, γ, β = _checked(epsilon, x=x, gamma=gamma, beta=beta)
    deviation, μ, σ2 = _statistics(xp, x, _all_but_last(x))
    z = deviation * (γ / xp.sqrt(σ2 + ε)) + β
    return z, xp.reshape(μ, γ.shape), xp.reshape(σ2, γ.shape)


def batch_normalization_inference(
    x: Array,
    gamma: Array,
    beta: Array,
    mean: Array,
    variance: Array,
    /,
    *,
    epsilon: float = 1e-5,
) -> Array:
    """Return γ (x - mean) / √(variance + ε) + β with statistics that are given.

    In use, a sample's output must not depend on the samples beside it: mean and variance are
    running averages from training.

    Parameters
    ----------
    x : array, shape (n, ..., c)
        Features (channels) stand last.
    gamma, beta, mean, variance : array, shape (c,)
        Learned scale and shift, and the statistics of each feature.
    epsilon : float, default 1e-5
        The one of training.

    Returns
    -------
    array, same shape as x

    Raises
    ------
    TypeError
        When dtypes or libraries differ.
    ValueError
        When a shape doesn't fit, or epsilon isn't above 0.

    Notes
    -----
    Source: Ioffe and Szegedy (2015), algorithm 2.

    Examples
    --------
    >>> import numpy as np
    >>> γ, β, mean, variance = (np.array([value]) for value in (1.0, 0.0, 2.0, 4.0))
    >>> batch_normalization_inference(np.array([[6.0]]), γ, β, mean, variance).round(3)
    array([[2.]])
    """
    named = {"gamma": gamma, "beta": beta, "mean": mean, "variance": variance}
    xp, ε, x, γ, β, μ, σ2 = _checked(epsilon, x=x, **named)
    return (x - μ) * (γ / xp.sqrt(σ2 + ε)) + β


def batch_normalization_backward(
    dz: Array, x: Array, gamma: Array, /, *, epsilon: float = 1e-5
) -> tuple[Array, Array, Array]:
    """Return the gradients of batch normalization in training.

    With x̂ = (x - μ) / √(σ² + ε) and m values of each feature: dγ = Σ dz x̂, dβ = Σ dz, and
    dx = γ / √(σ² + ε) (dz - dβ / m - x̂ dγ / m). The last two terms are there because μ and σ²
    move with x.

    Parameters
    ----------
    dz : array, shape (n, ..., c)
        Gradient of the loss with respect to z.
    x : array, same shape
        The forward kernel's input.
    gamma : array, shape (c,)
        The layer's scale.
    epsilon : float, default 1e-5
        As in the forward kernel.

    Returns
    -------
    dx, dgamma, dbeta : array
        Of shapes (n, ..., c), (c,) and (c,).

    Raises
    ------
    TypeError
        When dtypes or libraries differ.
    ValueError
        When a shape doesn't fit, the batch is empty, or epsilon isn't above 0.

    Notes
    -----
    Source: Ioffe and Szegedy (2015), section 3.

    Examples
    --------
    >>> import numpy as np
    >>> dz, x = np.array([[1.0], [0.0]]), np.array([[1.0], [3.0]])
    >>> dx, dgamma, dbeta = batch_normalization_backward(dz, x, np.ones(1))
    >>> dgamma.round(3), dbeta
    (array([-1.]), array([1.]))
    """
    xp, ε, dz, x, γ = _checked(epsilon, dz=dz, x=x, gamma=gamma)
    axes = _all_but_last(x)
    deviation, _, σ2 = _statistics(xp, x, axes)
    σ = xp.sqrt(σ2 + ε)
    x_hat = deviation / σ
    dγ, dβ = xp.sum(dz * x_hat, axis=axes), xp.sum(dz, axis=axes)
    m = math.prod(x.shape[:-1])
    dx = (dz - dβ / m - x_hat * (dγ / m)) * xp.reshape(γ / σ, γ.shape)
    return dx, dγ, dβ


def layer_normalization(x: Array, gamma: Array, beta: Array, /, *, epsilon: float = 1e-5) -> Array:
    """Return z = γ (x - μ) / √(σ² + ε) + β, with μ and σ² of each sample over its features.

    Samples don't mix: training and inference are the same, for a batch of any size.

    Parameters
    ----------
    x : array, shape (n, ..., c)
        A batch of n samples; features stand last.
    gamma, beta : array, shape (c,)
        Learned scale and shift of each feature.
    epsilon : float, default 1e-5
        Keeps the division finite where all features of a sample are equal.

    Returns
    -------
    array, same shape as x

    Raises
    ------
    TypeError
        When dtypes or libraries differ.
    ValueError
        When a shape doesn't fit, there is nothing to average, or epsilon isn't above 0.

    Notes
    -----
    Source: Ba, Kiros and Hinton, "Layer normalization" (2016).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 3.0], [50.0, 70.0]])
    >>> layer_normalization(x, np.ones(2), np.zeros(2)).round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    xp, ε, x, γ, β = _checked(epsilon, x=x, gamma=gamma, beta=beta)
    deviation, _, σ2 = _statistics(xp, x, -1)
    return deviation * (γ / xp.sqrt(σ2 + ε)) + β


def layer_normalization_backward(
    dz: Array, x: Array, gamma: Array, /, *, epsilon: float = 1e-5
) -> tuple[Array, Array, Array]:
    """Return the gradients of layer normalization.

    With x̂ = (x - μ) / √(σ² + ε) and g = γ dz: dγ = Σ dz x̂ and dβ = Σ dz over the samples, and
    dx = (g - mean(g) - x̂ mean(g x̂)) / √(σ² + ε), with the means over the features of a sample.

    Parameters
    ----------
    dz : array, shape (n, ..., c)
        Gradient of the loss with respect to z.
    x : array, same shape
        The forward kernel's input.
    gamma : array, shape (c,)
        The layer's scale.
    epsilon : float, default 1e-5
        As in the forward kernel.

    Returns
    -------
    dx, dgamma, dbeta : array
        Of shapes (n, ..., c), (c,) and (c,).

    Examples
    --------
    >>> import numpy as np
    >>> dz, x = np.array([[1.0, 0.0]]), np.array([[1.0, 3.0]])
    >>> dx, dgamma, dbeta = layer_normalization_backward(dz, x, np.ones(2))
    >>> dgamma.round(3), dbeta
    (array([-1.,  0.]), array([1., 0.]))
    """
    xp, ε, dz, x, γ = _checked(epsilon, dz=dz, x=x, gamma=gamma)
    deviation, _, σ2 = _statistics(xp, x, -1)
    σ = xp.sqrt(σ2 + ε)
    x_hat, g = deviation / σ, γ * dz
    mean, slope = (xp.mean(v, axis=-1, keepdims=True) for v in (g, g * x_hat))
    axes = _all_but_last(x)
    dγ, dβ = xp.sum(dz * x_hat, axis=axes), xp.sum(dz, axis=axes)
    return (g - mean - x_hat * slope) / σ, dγ, dβ


def _checked(epsilon: float, **named: Array) -> tuple[Any, ...]:
    """Return the namespace, ε, and the arrays: dz like x, the others with one entry a feature."""
    xp, *values = float_arrays(**named)
    arrays = dict(zip(named, values, strict=True))
    x = arrays["x"]
    if len(x.shape) < 2:
        raise ValueError(
            f"`x` must have shape (samples, ..., features), got {tuple(x.shape)}; for one sample "
            "try x[None]"
        )
    for name, value in arrays.items():
        if name == "dz":
            same_shape(name, value, "x", x)
        elif name != "x":
            shape(name, value, (x.shape[-1],), "(features,)")
    ε = number(in_range("epsilon", epsilon, 0.0, open_low=True), x)
    if "mean" not in named:
        not_empty("x", x)
    return (xp, ε, *values)


def _statistics(xp: Any, x: Array, axes: int | tuple[int, ...]) -> tuple[Array, Array, Array]:
    """Return the deviations from the mean, the mean, and the biased variance."""
    μ = xp.mean(x, axis=axes, keepdims=True)
    deviation = x - μ
    return deviation, μ, xp.mean(xp.square(deviation), axis=axes, keepdims=True)


def _all_but_last(x: Array) -> tuple[int, ...]:
    return tuple(range(len(x.shape) - 1))
