"""Gradients with respect to the input, and the small steps that they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ..checks import count, float_arrays, generator, in_range, instance, same_shape
from ..kernels import ACTIVATIONS, LOSSES
from ..kernels.dense import dense_backward
from ..parameters import Layout

__all__ = ["fgsm", "input_gradient", "loss_gradient", "pgd"]


@runtime_checkable
class DenseNetwork(Protocol):
    """What is asked of a network: `deeplearn_utils.networks.MLP` has it."""

    layout: Layout
    activation: Sequence[str]
    loss_name: str

    def trace(self, theta: np.ndarray, X: np.ndarray) -> list:
        """Return z and a of each layer."""

    def check_targets(self, X: np.ndarray, y: np.ndarray) -> None:
        """Refuse targets that don't fit the samples, the outputs or the loss."""


def input_gradient(
    network: DenseNetwork, theta: np.ndarray, X: np.ndarray, d_output: np.ndarray
) -> np.ndarray:
    """Return the gradient of Σ_k d_k f_k(x) with respect to each input x.

    Backpropagation as in chapter 2, carried on through the first layer.

    Parameters
    ----------
    network : MLP
    theta : ndarray, shape (n_parameters,)
    X : ndarray, shape (n, inputs)
    d_output : ndarray, shape (n, outputs)
        What each output is worth: a row of the identity for one logit.

    Returns
    -------
    ndarray, shape (n, inputs)

    Raises
    ------
    TypeError, ValueError
        When library, dtype or shape don't fit.

    Notes
    -----
    Source: Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks" (2014).

    Examples
    --------
    >>> from deeplearn_utils.networks import MLP
    >>> network = MLP([2, 1])
    >>> input_gradient(network, np.array([3.0, -4.0, 0.5]), np.ones((1, 2)), np.ones((1, 1)))
    array([[ 3., -4.]])
    """
    _check_network(network)
    return _input_gradient(network, theta, X, d_output)


def _check_network(network: Any) -> None:
    instance("network", network, DenseNetwork, "a network of dense layers, such as MLP([64, 10])")


def _input_gradient(
    network: DenseNetwork, theta: np.ndarray, X: np.ndarray, d_output: np.ndarray
) -> np.ndarray:
    _, theta, X, d_output = float_arrays(theta=theta, X=X, d_output=d_output)
    W, _ = network.layout.unpack(theta)
    layers = network.trace(theta, X)
    same_shape("d_output", d_output, "outputs", layers[-1].a)
    names = (*network.activation, "identity")
    da, inputs = d_output, [X, *(layer.a for layer in layers[:-1])]
    for l in reversed(range(len(W))):
        dz = ACTIVATIONS[names[l]].backward(da, layers[l].z)  # (n, n_l)
        da, _, _ = dense_backward(dz, inputs[l], W[l])
    return da


def loss_gradient(
    network: DenseNetwork, theta: np.ndarray, X: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Return the gradient of each example's own loss with respect to its input, shape (n, inputs).

    Parameters, raises and source as in `input_gradient`; `y` as in `MLP.loss_and_gradient`.
    """
    _check_network(network)
    outputs = network.trace(theta, X)[-1].a
    network.check_targets(X, y)
    d_output = X.shape[0] * LOSSES[network.loss_name].gradient(outputs, y)  # not the mean's
    return _input_gradient(network, theta, X, d_output)


def fgsm(
    network: DenseNetwork,
    theta: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    epsilon: float,
    *,
    low: float = 0.0,
    high: float = 1.0,
) -> np.ndarray:
    """Move each input by ε against the network: x + ε sign(∂loss/∂x), within [low, high].

    Parameters
    ----------
    network, theta, X, y
        As in `loss_gradient`.
    epsilon : float
        The most that a pixel may change, at least 0.
    low, high : float
        The range of a pixel.

    Returns
    -------
    ndarray, shape (n, inputs)

    Raises
    ------
    TypeError, ValueError

    Notes
    -----
    Source: Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples" (2015).

    Examples
    --------
    >>> from deeplearn_utils.networks import MLP
    >>> network = MLP([2, 1])
    >>> fgsm(network, np.array([3.0, -4.0, 0.0]), np.full((1, 2), 0.5), np.zeros((1, 1)), 0.1)
    array([[0.4, 0.6]])
    """
    _check_network(network)
    epsilon, low, high = _box(epsilon, low, high)
    step = epsilon * np.sign(loss_gradient(network, theta, X, y))
    return np.clip(X + step, low, high)


def pgd(
    network: DenseNetwork,
    theta: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    epsilon: float,
    *,
    steps: int = 20,
    rng: np.random.Generator | None = None,
    low: float = 0.0,
    high: float = 1.0,
) -> np.ndarray:
    """Take many small steps against the network, and go back into the ε-box after each.

    The step length is 2.5 ε / steps, so that a pixel can cross the box.

    Parameters
    ----------
    network, theta, X, y, epsilon, low, high
        As in `fgsm`.
    steps : int
    rng : numpy.random.Generator, optional
        Draws the start from the box; without it the start is X.

    Returns
    -------
    ndarray, shape (n, inputs)

    Raises
    ------
    TypeError, ValueError

    Notes
    -----
    Source: Madry et al., "Towards deep learning models resistant to adversarial attacks" (2018).

    Examples
    --------
    >>> from deeplearn_utils.networks import MLP
    >>> network = MLP([2, 1])
    >>> pgd(network, np.array([3.0, -4.0, 0.0]), np.full((1, 2), 0.5), np.zeros((1, 1)), 0.1)
    array([[0.4, 0.6]])
    """
    _check_network(network)
    epsilon, low, high = _box(epsilon, low, high)
    steps, (_, X) = count("steps", steps), float_arrays(X=X)
    moved = X
    if rng is not None:
        generator("rng", rng)
        start = rng.uniform(-epsilon, epsilon, X.shape).astype(X.dtype)
        moved = np.clip(X + start, low, high)
    for _ in range(steps):
        moved = moved + 2.5 * epsilon / steps * np.sign(loss_gradient(network, theta, moved, y))
        moved = np.clip(np.clip(moved, X - epsilon, X + epsilon), low, high)
    return moved


def _box(epsilon: float, low: float, high: float) -> tuple[float, float, float]:
    """Return the numbers of an attack as Python's, which decide no dtype."""
    low = float(in_range("low", low))
    return float(in_range("epsilon", epsilon, 0.0)), low, float(in_range("high", high, low))
