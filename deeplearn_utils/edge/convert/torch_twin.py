"""A Keras model or an `MLP` of this book as a PyTorch module.

Keras keeps the channels of an image last, PyTorch first. The twin takes and gives what Keras does;
inside, an image is turned once before its first convolution, and back before it is flattened.
"""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

from ...networks import MLP
from ..formats import need

__all__ = ["torch_twin"]


def torch_twin(model: Any, theta: np.ndarray | None = None) -> Any:
    """Return a PyTorch module that computes what a model does, in evaluation mode, in float32.

    Parameters
    ----------
    model : keras.Model or MLP
        Of Keras, a chain of the layers that `LAYERS` names.
    theta : ndarray, shape (n_parameters,), optional
        The parameters of an `MLP`.

    Returns
    -------
    torch.nn.Sequential
        It takes and gives the same shapes.

    Raises
    ------
    ImportError
        When PyTorch is not installed.
    ValueError
        When the model has branches, or a layer or activation that has no counterpart here.
    """
    torch = need("torch", "torch")
    parts = _of_mlp(torch, model, theta) if isinstance(model, MLP) else _of_keras(torch, model)
    return torch.nn.Sequential(*parts).eval()


def _of_mlp(torch: ModuleType, network: MLP, theta: np.ndarray) -> Iterator[Any]:
    W, b = network.layout.unpack(np.asarray(theta))
    for W_l, b_l, name in zip(W, b, (*network.activation, "identity"), strict=True):
        yield _linear(torch, W_l, b_l)
        yield _activation(torch, name)


def _of_keras(torch: ModuleType, model: Any) -> Iterator[Any]:
    first = False  # whether channels stand first at this place
    for layer in _chain(model):
        kind = type(layer).__name__
        if kind not in LAYERS:
            raise ValueError(
                f"layer `{layer.name}` is a {kind}, which has no twin here; there is one for "
                f"{', '.join(sorted(LAYERS))}"
            )
        wanted, twin = LAYERS[kind]
        if wanted is not None and wanted != first and len(layer.input.shape) == 4:
            yield _turned(torch, wanted)
            first = wanted
        yield from twin(torch, layer, first)
        first = first and len(layer.output.shape) == 4
    if first:
        yield _turned(torch, False)


def _chain(model: Any) -> list[Any]:
    """Return the layers of a Keras model in order, without those that only train."""
    layers = [layer for layer in model.layers if type(layer).__name__ not in IDLE]
    given = model.inputs[0]
    for layer in model.layers:
        if type(layer).__name__ == "InputLayer":
            continue
        if len(layer._inbound_nodes) != 1 or layer.input is not given:
            raise ValueError(
                f"layer `{layer.name}` does not take what the layer before it gives: the twin of a "
                "model with branches, or with a layer used twice, has to be written by hand"
            )
        given = layer.output
    return layers


def _turned(torch: ModuleType, first: bool) -> Any:
    """Return a module that puts the channels of an image first, or last."""
    axes = (0, 3, 1, 2) if first else (0, 2, 3, 1)

    class Turn(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            return x.permute(axes)

    return Turn()


def _filled(torch: ModuleType, module: Any, **values: np.ndarray) -> Any:
    """Return a module with these numbers as its parameters and buffers."""
    known = {n: torch.tensor(np.asarray(x), dtype=torch.float32) for n, x in values.items()}
    module.load_state_dict(known, strict=False)
    return module


def _linear(torch: ModuleType, W: np.ndarray, b: np.ndarray | None) -> Any:
    module = torch.nn.Linear(*W.shape, bias=b is not None)
    return _filled(torch, module, weight=np.transpose(W), **_bias(b))


def _bias(b: np.ndarray | None) -> dict[str, np.ndarray]:
    return {} if b is None else {"bias": b}


def _activation(torch: ModuleType, name: str, first: bool = False) -> Any:
    nn = torch.nn
    known: dict[str, Callable[[], Any]] = {
        "elu": nn.ELU,
        "gelu": nn.GELU,
        "identity": nn.Identity,
        "linear": nn.Identity,
        "leaky_relu": lambda: nn.LeakyReLU(0.01),
        "relu": nn.ReLU,
        "sigmoid": nn.Sigmoid,
        "softmax": lambda: nn.Softmax(dim=1 if first else -1),
        "softplus": nn.Softplus,
        "tanh": nn.Tanh,
    }
    if name not in known:
        raise ValueError(
            f"`activation` {name!r} has no counterpart in PyTorch; there is one for "
            f"{', '.join(sorted(known))}"
        )
    return known[name]()


def _own_activation(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    """Yield the activation that a Keras layer has inside."""
    name = layer.activation.__name__
    if name == "leaky_relu":
        yield torch.nn.LeakyReLU(0.2)  # Keras' own slope, where it is asked for by name
    elif name != "linear":
        yield _activation(torch, name, first)


def _dense(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    W, *b = layer.get_weights()
    yield _linear(torch, W, b[0] if b else None)
    yield from _own_activation(torch, layer, False)


def _padding(layer: Any, size: tuple[int, int], dilation: tuple[int, int]) -> list[int]:
    """Return what Keras adds to an image: left, right, above, below."""
    if layer.padding == "valid":
        return [0, 0, 0, 0]
    added = []
    for n, k, s, d in zip(layer.input.shape[1:3], size, layer.strides, dilation, strict=True):
        missing = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
        added.append([missing // 2, missing - missing // 2])
    return [*added[1], *added[0]]


def _conv(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    K, *b = layer.get_weights()  # (height, width, channels in, channels out)
    size, dilation = K.shape[:2], layer.dilation_rate
    channels = layer.input.shape[-1]
    groups = getattr(layer, "groups", 1)
    if type(layer).__name__ == "DepthwiseConv2D":  # a filter a channel: (h, w, in, filters each)
        K = K.reshape(*size, 1, -1)
        groups = channels
    yield torch.nn.ZeroPad2d(_padding(layer, size, dilation))
    yield _filled(
        torch,
        torch.nn.Conv2d(
            channels, K.shape[-1], size, layer.strides,
            dilation=dilation, groups=groups, bias=bool(b),
        ),
        weight=np.transpose(K, (3, 2, 0, 1)),
        **_bias(b[0] if b else None),
    )  # fmt: skip
    yield from _own_activation(torch, layer, True)


def _max_pool(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    yield torch.nn.ConstantPad2d(_padding(layer, layer.pool_size, (1, 1)), -np.inf)
    yield torch.nn.MaxPool2d(layer.pool_size, layer.strides)


def _average_pool(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    if any(_padding(layer, layer.pool_size, (1, 1))):
        raise ValueError(
            f"layer `{layer.name}` averages over windows that reach beyond the image, which has no "
            'twin here; try padding="valid"'
        )
    yield torch.nn.AvgPool2d(layer.pool_size, layer.strides)


def _global_average(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    yield torch.nn.AdaptiveAvgPool2d(1)
    if layer.keepdims:
        return
    yield torch.nn.Flatten()


def _normalization(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    nn, shape = torch.nn, layer.input.shape
    kind = {2: nn.BatchNorm1d, 4: nn.BatchNorm2d}[len(shape)]
    yield _filled(
        torch,
        kind(shape[-1], eps=layer.epsilon),
        running_mean=layer.moving_mean,
        running_var=layer.moving_variance,
        **({"weight": layer.gamma} if layer.scale else {}),
        **({"bias": layer.beta} if layer.center else {}),
    )


def _activation_layer(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    yield from _own_activation(torch, layer, first)


def _relu(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    if layer.max_value is not None or layer.negative_slope or layer.threshold:
        raise ValueError(f"layer `{layer.name}` has options of ReLU that have no twin here")
    yield torch.nn.ReLU()


def _leaky_relu(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    yield torch.nn.LeakyReLU(float(layer.negative_slope))


def _softmax(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    yield _activation(torch, "softmax", first)


def _flatten(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    yield torch.nn.Flatten()


def _reshape(torch: ModuleType, layer: Any, first: bool) -> Iterator[Any]:
    yield torch.nn.Flatten()
    yield torch.nn.Unflatten(1, layer.output.shape[1:])


Twin = Callable[[ModuleType, Any, bool], Iterator[Any]]

LAYERS: dict[str, tuple[bool | None, Twin]] = {
    "Activation": (None, _activation_layer),
    "AveragePooling2D": (True, _average_pool),
    "BatchNormalization": (True, _normalization),
    "Conv2D": (True, _conv),
    "Dense": (False, _dense),
    "DepthwiseConv2D": (True, _conv),
    "Flatten": (False, _flatten),
    "GlobalAveragePooling2D": (True, _global_average),
    "LeakyReLU": (None, _leaky_relu),
    "MaxPooling2D": (True, _max_pool),
    "ReLU": (None, _relu),
    "Reshape": (False, _reshape),
    "Softmax": (None, _softmax),
}
"""Keras' layers that have a twin: whether an image has its channels first there, and the twin."""

IDLE = frozenset({"Dropout", "GaussianNoise", "InputLayer", "SpatialDropout2D"})
"""Layers that change nothing outside training."""
