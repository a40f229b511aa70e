"""One name per thing, as prose writes it: figures and slider panels read it from here."""

from __future__ import annotations

ACTIVATIONS = {
    "identity": "identity",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "softplus": "softplus",
    "softmax": "softmax",
}
"""By their names in `deeplearn_utils.kernels.ACTIVATIONS`."""

OPTIMIZERS = {
    "gradient_descent": "gradient descent",
    "sgd": "SGD",
    "momentum": "momentum",
    "nesterov": "Nesterov",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
}
"""By their names in `deeplearn_utils.optimizers.OPTIMIZERS`."""

SURFACES = {"ravine": "ravine", "rosenbrock": "Rosenbrock's valley", "saddle": "saddle"}
"""By their names in `deeplearn_utils.analysis.surfaces.SURFACES`."""

LABELS = {**ACTIVATIONS, **OPTIMIZERS, **SURFACES}
"""All of them."""


def label_of(name: str) -> str:
    """Return how prose writes a name of the code, and any other text as it is.

    >>> label_of("leaky_relu"), label_of("depth 3")
    ('leaky ReLU', 'depth 3')
    """
    return LABELS.get(name, name)


def labels_of(*names: str) -> dict[str, str]:
    """Return the labels of some names, in their order: the options of a panel's `Choice`.

    >>> labels_of("tanh", "relu")
    {'tanh': 'tanh', 'relu': 'ReLU'}
    """
    return {name: label_of(name) for name in names}
