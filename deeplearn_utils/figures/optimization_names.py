"""How optimizers are written and colored in figures, by their names in `OPTIMIZERS`."""

from __future__ import annotations

from deeplearn_utils import colors

LABELS = {
    "gradient_descent": "gradient descent",
    "sgd": "SGD",
    "momentum": "momentum",
    "nesterov": "Nesterov",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
}


def label_of(name: str) -> str:
    """Return an optimizer's name as prose writes it, and any other name as it is."""
    return LABELS.get(name, name)


def color_of(name: str, place: int) -> str:
    """Return an optimizer's color, and for any other name the next of the series."""
    return colors.OPTIMIZERS.get(name, colors.SERIES[place % len(colors.SERIES)])
