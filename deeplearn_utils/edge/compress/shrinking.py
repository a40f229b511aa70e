"""Structured pruning: whole units and channels go, and the arrays become smaller.

A weight that is 0 takes as many bytes and as many multiplications as any other. What really
shrinks a network is to cut out units with all that leads to and from them. Source: Li, Kadav,
Durdanovic, Samet and Graf, "Pruning filters for efficient ConvNets" (2017).
"""

from typing import Any

import numpy as np

from ...checks import finite, in_range, instance
from ...networks import MLP
from ..formats import AN_MLP, need

__all__ = ["shrink", "shrink_mlp"]


def shrink_mlp(network: MLP, theta: np.ndarray, share: float) -> tuple[MLP, np.ndarray]:
    """Return a smaller `MLP`: of each hidden layer, the units with the smallest weights go.

    Parameters
    ----------
    network : MLP
    theta : ndarray, shape (n_parameters,)
    share : float
        The share of hidden units that go, in [0, 1); one always stays.

    Returns
    -------
    network : MLP
    theta : ndarray
        To be tuned: nothing was trained here.

    Examples
    --------
    >>> network = MLP([2, 4, 1], loss="mse")
    >>> theta = network.init(np.random.default_rng(0))
    >>> smaller, theta = shrink_mlp(network, theta, 0.5)
    >>> smaller.sizes, theta.size
    ((2, 2, 1), 9)
    """
    share = float(in_range("share", share, 0, 1, open_high=True))
    instance("network", network, MLP, AN_MLP)
    W, b = network.layout.unpack(theta)
    finite("theta", theta)
    kept = np.arange(network.sizes[0])
    sizes, weights, biases = [network.sizes[0]], [], []
    for l, (W_l, b_l) in enumerate(zip(W, b, strict=True)):
        last = l == len(W) - 1
        stay = np.arange(len(b_l)) if last else _strongest(W_l, share)
        weights.append(W_l[np.ix_(kept, stay)])
        biases.append(b_l[stay])
        sizes.append(len(stay))
        kept = stay
    smaller = MLP(
        sizes,
        activation=network.activation,
        loss=network.loss_name,
        initializer=network.initializer,
        dropout=network.dropout,
    )
    return smaller, smaller.layout.pack(weights, biases)


def shrink(model: Any, share: float) -> Any:
    """Return a smaller Keras model: of each layer but the last, a share of the channels goes.

    Parameters
    ----------
    model : keras.Sequential
        Of Conv2D, DepthwiseConv2D, Dense and BatchNormalization layers, and layers without weights.
    share : float
        The share of channels with the smallest weights that go, in [0, 1); one always stays.

    Returns
    -------
    keras.Sequential
        To be tuned: nothing was trained here.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    ValueError
        When the model has branches, or a layer of another kind with weights.
    """
    keras = need("keras", "lab")
    share = float(in_range("share", share, 0, 1, open_high=True))
    if not isinstance(model, keras.Sequential):
        raise ValueError(f"`model` must be a keras.Sequential, got {type(model).__name__}")
    wide = [l for l in model.layers if type(l).__name__ in ("Conv2D", "Dense")]
    kept = np.arange(model.input_shape[-1])  # channels of what flows here that stay
    parts, weights = [keras.Input(model.input_shape[1:], dtype=model.inputs[0].dtype)], []
    for layer in model.layers:
        kind, config = type(layer).__name__, layer.get_config()
        if kind in ("Conv2D", "Dense"):
            W, *b = layer.get_weights()
            stay = np.arange(W.shape[-1]) if layer is wide[-1] else _strongest(W, share)
            config["filters" if kind == "Conv2D" else "units"] = len(stay)
            weights += [W.take(kept, -2).take(stay, -1), *(part[stay] for part in b)]
            kept = stay
        elif kind == "DepthwiseConv2D" and layer.depth_multiplier == 1:
            W, *b = layer.get_weights()
            weights += [W.take(kept, 2), *(part[kept] for part in b)]
        elif kind == "BatchNormalization":
            weights += [part[kept] for part in layer.get_weights()]
        elif kind == "Flatten":
            n_places = int(np.prod(layer.input.shape[1:-1], dtype=int))
            n_channels = layer.input.shape[-1]
            kept = np.add.outer(n_channels * np.arange(n_places), kept).ravel()
        elif layer.get_weights() or kind in ("Reshape", "Permute"):
            raise ValueError(f"layer `{layer.name}` is a {kind}, whose channels can't be told")
        parts.append(type(layer).from_config(config))
    smaller = keras.Sequential(parts)
    smaller.set_weights(weights)
    return smaller


def _strongest(W: np.ndarray, share: float) -> np.ndarray:
    """Return, in their order, the output channels whose weights sum to most."""
    size = np.abs(W).reshape(-1, W.shape[-1]).sum(axis=0)
    n_kept = max(1, len(size) - round(share * len(size)))
    return np.sort(np.argsort(-size, kind="stable")[:n_kept])
