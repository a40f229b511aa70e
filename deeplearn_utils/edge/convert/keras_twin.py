"""An `MLP` of this book as a Keras model."""

from typing import Any

import numpy as np

from ...networks import MLP
from ..formats import need

__all__ = ["keras_twin"]


def keras_twin(network: MLP, theta: np.ndarray) -> Any:
    """Return a Keras model that computes what an `MLP` does with the parameters θ, in float32.

    Parameters
    ----------
    network : MLP
    theta : ndarray, shape (n_parameters,)

    Returns
    -------
    keras.Sequential
        Its outputs are those of `network.forward`: logits for classes.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    ValueError
        When θ has another length, or an activation has no counterpart in Keras.
    """
    keras = need("keras", "lab")
    W, b = network.layout.unpack(np.asarray(theta))
    layers = [keras.Input((network.sizes[0],), dtype="float32")]
    dense = [keras.layers.Dense(n, dtype="float32") for n in network.sizes[1:]]
    for layer, name in zip(dense, (*network.activation, "identity"), strict=True):
        layers += [layer, *_activation(keras, name)]
    twin = keras.Sequential(layers)
    for layer, W_l, b_l in zip(dense, W, b, strict=True):
        layer.set_weights([W_l, b_l])
    return twin


def _activation(keras: Any, name: str) -> list[Any]:
    if name == "identity":
        return []
    if name == "leaky_relu":
        return [keras.layers.LeakyReLU(negative_slope=0.01)]
    if name not in KNOWN:
        raise ValueError(
            f"`activation` {name!r} has no counterpart in Keras; there is one for "
            f"{', '.join(sorted(KNOWN))}"
        )
    return [keras.layers.Activation(name)]


KNOWN = frozenset(
    {"elu", "gelu", "identity", "leaky_relu", "relu", "sigmoid", "softmax", "softplus", "tanh"}
)
"""Activations that Keras and PyTorch compute as `ACTIVATIONS` do; most have the same name."""
