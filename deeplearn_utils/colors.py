"""One color per meaning, through the whole book: figures and slider panels read it from here.

The hues are those of Okabe and Ito ("Color Universal Design", 2008), which readers with any common
color-vision deficiency can tell apart. Where two lines share a picture they also differ in style or
marker, so that the picture survives a black-and-white printer.
"""

from __future__ import annotations

BLACK = "#000000"
ORANGE = "#E69F00"
SKY_BLUE = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#767676"

CLASSES = (BLUE, ORANGE)
"""Class 0 and class 1; `figures.style.MARKERS` gives each a marker as well."""

TRAINING, VALIDATION, TEST = GREEN, PURPLE, GREY
FORWARD, BACKWARD = BLUE, VERMILION
PREDICTION, TARGET = BLUE, BLACK
HONEST, LEAKING = GREEN, VERMILION
POSITIVE, NEGATIVE = BLUE, VERMILION

OPTIMIZERS = {
    "gradient_descent": BLUE,
    "sgd": BLUE,
    "momentum": VERMILION,
    "nesterov": ORANGE,
    "rmsprop": PURPLE,
    "adam": GREEN,
    "adamw": SKY_BLUE,
}
"""By their names in `deeplearn_utils.optimizers.OPTIMIZERS`."""

SATURATED, DEAD = "#F7EFA3", "#D9D9D9"
"""Backgrounds of the two dead zones: pale yellow and pale grey."""

SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY_BLUE, BLACK)
"""For things that have no meaning of their own, in the order in which they are used up."""


def color_of(name: str, place: int) -> str:
    """Return an optimizer's color, and for any other name the next of the series.

    >>> color_of("adam", 0) == GREEN, color_of("depth 3", 1) == VERMILION
    (True, True)
    """
    return OPTIMIZERS.get(name, SERIES[place % len(SERIES)])
