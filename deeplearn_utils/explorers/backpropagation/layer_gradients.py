"""The gradient of each layer of a deep network on digits: measured, and expected by theory."""

from __future__ import annotations

from functools import cache

import numpy as np

from deeplearn_utils.analysis.signal_propagation import propagate
from deeplearn_utils.datasets import digits
from deeplearn_utils.kernels import ACTIVATIONS, LOSSES
from deeplearn_utils.kernels.dense import dense_backward
from deeplearn_utils.networks import MLP, Trace
from deeplearn_utils.parameters import Layout

from ..parts.frame import Arrays

WIDTH, CLASSES, DIGITS, DEEPEST = 64, 10, 32, 50


@cache
def batch() -> tuple[np.ndarray, np.ndarray]:
    """Return the digits on which gradients are measured, and their labels."""
    data = digits()
    return data.X_train[:DIGITS], data.y_train[:DIGITS]


@cache
def directions() -> tuple[list[np.ndarray], np.ndarray]:
    """Return standard normal weights of all hidden layers and of the output layer."""
    rng = np.random.default_rng(2)
    hidden = rng.normal(size=(DEEPEST, WIDTH, WIDTH))
    return list(hidden), rng.normal(size=(WIDTH, CLASSES))


def start(depth: int, scale: float) -> np.ndarray:
    """Return θ: the same random weights for every scale and depth, times scale / √n."""
    hidden, output = directions()
    W = [scale / np.sqrt(WIDTH) * w for w in (*hidden[:depth], output)]
    sizes = [WIDTH] * (depth + 1) + [CLASSES]
    return Layout.dense(sizes).pack(W, [np.zeros(w.shape[1]) for w in W])


def measure(depth: int, activation: str, scale: float) -> Arrays:
    """Return each hidden layer's gradients and activations, root mean squares over the digits.

    A gradient's norm is taken for one digit at a time: that of W is |a| |δ|, since it is the outer
    product of what enters the layer and the error. `spread` is how far activations lie from their
    mean over the digits, `delta_spread` the same of δ. `error` is |∂L/∂logits| of each digit.
    """
    X, y = batch()
    sizes = [WIDTH] * (depth + 1) + [CLASSES]
    network = MLP(sizes, activation=activation, loss="softmax_cross_entropy")
    theta = start(depth, scale)
    layers = network.trace(theta, X)
    δ = errors(network, theta, layers, y)
    norms = [np.linalg.norm(d, axis=1) for d in δ]  # (layers + 1) of (digits,)
    entering = [np.linalg.norm(a, axis=1) for a in (X, *(layer.a for layer in layers[:-2]))]
    gradients = [a * d for a, d in zip(entering, norms, strict=False)]
    return {
        "weights": np.array([mean_size(norm) for norm in gradients]),
        "delta": np.array([mean_size(norm) for norm in norms[:-1]]),
        "delta_spread": np.array([mean_size(np.linalg.norm(off_mean(d), axis=1)) for d in δ[:-1]]),
        "size": np.array([mean_size(layer.a) for layer in layers[:-1]]),
        "spread": np.array([mean_size(off_mean(layer.a)) for layer in layers[:-1]]),
        "error": norms[-1],
    }


def errors(network: MLP, theta: np.ndarray, layers: list[Trace], y: np.ndarray) -> list[np.ndarray]:
    """Return δ = ∂L/∂z of each layer, L being the loss of one digit: (digits, units) each."""
    W, _ = network.layout.unpack(theta)
    δ = [len(y) * LOSSES[network.loss_name].gradient(layers[-1].a, y)]
    for l in reversed(range(len(W) - 1)):
        da, _, _ = dense_backward(δ[0], layers[l].a, W[l + 1])
        δ.insert(0, ACTIVATIONS[network.activation[l]].backward(da, layers[l].z))
    return δ


@cache
def theory(activation: str, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return E[a²] of each layer and what |δ|² is multiplied by, (layers, digits) each."""
    x_square = np.mean(batch()[0] ** 2, axis=1)
    expected = propagate(activation, x_square, scale=scale, layers=DEEPEST)
    return np.stack([x_square, *expected.a_square]), expected.backward


def expect(depth: int, activation: str, scale: float, error: np.ndarray) -> Arrays:
    """Return what theory expects of `measure`, given the error at the output of each digit.

    A small difference between digits is multiplied like δ, but by the slopes on the way forward.
    """
    a_square, backward = theory(activation, scale)
    factors = np.cumprod(backward[:depth][::-1], axis=0)[::-1]
    delta = error * np.sqrt(factors)  # (depth, digits)
    weights = np.sqrt(WIDTH * a_square[:depth]) * delta
    size = mean_size(np.sqrt(a_square[1 : depth + 1]), axis=1)
    apart = mean_size(off_mean(batch()[0])) * np.sqrt(np.cumprod(backward[:depth].mean(axis=1)))
    return {
        "weights": mean_size(weights, axis=1),
        "delta": mean_size(delta, axis=1),
        "size": size,
        "spread": np.minimum(apart, size),
    }


def off_mean(values: np.ndarray) -> np.ndarray:
    """Return values (digits, units) less each unit's mean over the digits."""
    return values - values.mean(axis=0)


def mean_size(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Return the root mean square."""
    return np.sqrt(np.mean(np.square(values), axis=axis))
