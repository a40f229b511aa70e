"""Each kernel with arrays and options that fit it."""

from typing import Any

import numpy as np

from deeplearn_utils.kernels import (
    ACTIVATIONS,
    LOSSES,
    conv,
    dense,
    dropout,
    normalization,
    pooling,
    updates,
)
from deeplearn_utils.networks import MLP
from deeplearn_utils.regularizers import L2

Case = tuple[Any, tuple[np.ndarray, ...], dict[str, Any]]


def numbers(*shape: int) -> np.ndarray:
    """Return the same random numbers for a shape each time."""
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


TABLE, IMAGES, SEQUENCES, MAPS = (5, 3), (2, 4, 4, 2), (2, 5, 2), (2, 2, 2, 3)
LABELS = np.array([0, 1, 2, 1, 0], np.int32)
ONES = np.ones(3, np.float32)
NETWORK = MLP([3, 4, 3], loss="softmax_cross_entropy")
THETA = NETWORK.init(np.random.default_rng(0)).astype(np.float32)


def layers() -> dict[str, Case]:
    """Return dense, convolution and pooling layers."""
    x, W, b = numbers(*TABLE), numbers(3, 2), numbers(2)
    cases = {
        "dense": (dense.dense, (x, W, b), {}),
        "dense_backward": (dense.dense_backward, (numbers(5, 2), x, W), {}),
        "dropout": (dropout.dropout, (x, numbers(*TABLE)), {}),
        "dropout_backward": (dropout.dropout_backward, (x, numbers(*TABLE)), {}),
    }
    for axes, x, size in ((2, IMAGES, (3, 3, 2, 3)), (1, SEQUENCES, (3, 2, 3))):
        x, W = numbers(*x), numbers(*size)
        out, pooled = ((2, 2, 2, 3), (2, 2, 2, 2)) if axes == 2 else ((2, 3, 3), (2, 3, 2))
        forward, backward = getattr(conv, f"conv{axes}d"), getattr(conv, f"conv{axes}d_backward")
        cases[forward.__name__] = forward, (x, W, numbers(3)), {"padding": "same"}
        cases[backward.__name__] = backward, (numbers(*out), x, W), {}
        for kind in ("max", "average"):
            forward = getattr(pooling, f"{kind}_pool{axes}d")
            backward = getattr(pooling, f"{kind}_pool{axes}d_backward")
            cases[forward.__name__] = forward, (x,), {"padding": "same"}
            cases[backward.__name__] = backward, (numbers(*pooled), x), {"padding": "same"}
    return cases


def normalizations() -> dict[str, Case]:
    """Return batch and layer normalization."""
    x, γ, β, dz = numbers(*TABLE), ONES, numbers(3), numbers(*TABLE)
    inputs = {
        "batch_normalization": (x, γ, β),
        "batch_normalization_inference": (x, γ, β, numbers(3), ONES),
        "batch_normalization_backward": (dz, x, γ),
        "layer_normalization": (x, γ, β),
        "layer_normalization_backward": (dz, x, γ),
    }
    return {name: (getattr(normalization, name), given, {}) for name, given in inputs.items()}


def update_rules() -> dict[str, Case]:
    """Return the steps of the optimizers, and what else is done to θ or its gradient."""
    θ, rate, small = numbers(3), {"learning_rate": 0.1}, {"epsilon": 1e-3}
    rules = {
        "gradient_descent": ((θ, θ), rate),
        "momentum": ((θ, θ, θ), {**rate, "momentum": 0.5}),
        "nesterov": ((θ, θ, θ), {**rate, "momentum": 0.5}),
        "rmsprop": ((θ, θ, ONES), {**rate, **small, "decay": 0.5}),
        "adam": ((θ, θ, θ, ONES), {**rate, **small, "t": 2, "beta1": 0.5, "beta2": 0.5}),
        "decoupled_weight_decay": ((θ, ONES), {**rate, "weight_decay": 0.5}),
        "clip_by_norm": ((θ,), {"max_norm": 0.1}),
    }
    cases = {name: (getattr(updates, name), *given) for name, given in rules.items()}
    return cases | {"penalty": (L2(0.1).gradient, (θ, ONES), {})}


def activations_and_losses() -> dict[str, Case]:
    """Return every activation and loss, forward and backward, and a network's gradient."""
    z = numbers(*TABLE)
    targets = {"softmax_cross_entropy": LABELS, "binary_cross_entropy": np.ones_like(z)}
    cases = {"network": (NETWORK.loss_and_gradient, (THETA, z, LABELS), {})}
    for name, activation in ACTIVATIONS.items():
        cases[name] = activation.forward, (z,), {}
        cases[f"{name}_backward"] = activation.backward, (z, z), {}
    for name, loss in LOSSES.items():
        given = z, targets.get(name, np.zeros_like(z))
        cases[name], cases[f"{name}_gradient"] = (loss.value, given, {}), (loss.gradient, given, {})
    return cases


CASES = layers() | normalizations() | update_rules() | activations_and_losses()
