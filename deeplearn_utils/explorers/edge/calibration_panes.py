"""The picture of `CalibrationExplorer`: a range as it is found, what it clips, what that costs."""

from __future__ import annotations

from deeplearn_utils import colors

from ..parts.marks import Area, Axis, Bars, Dots, Line, Pane, Rule
from .whole_network import MOST, TENSORS

SIZES = (1, 2, 5, 10, 25, 50, 100, 200, 400)
"""Signals in a calibration item."""

RANGE = Pane(
    title="The inputs' range as it is found",
    x=Axis(label="calibration signals seen", domain=(0.0, MOST + 5.0)),
    y=Axis(label="input (standardized)", domain="span"),
    aspect=1.0,
    marks=(
        Rule(at="true", axis="y", width=1.5, dashed=True, label="all training signals"),
        Dots(x="seen", y="item_low", size=2, color=colors.GREY, opacity=0.6),
        Dots(
            x="seen",
            y="item_high",
            size=2,
            color=colors.GREY,
            opacity=0.6,
            label="extremes of an item",
        ),
        Line(x="seen", y="low", color=colors.BLUE),
        Line(x="seen", y="high", color=colors.BLUE, label="range found"),
        Dots(x="end", y="low_now", size=6, color=colors.BLUE),
        Dots(x="end", y="high_now", size=6, color=colors.BLUE),
    ),
)
CLIPPED = Pane(
    title="Clipped validation data, mean of five networks",
    x=Axis(
        label="what is rounded to 8 bits",
        domain=(-0.6, len(TENSORS) - 0.4),
        ticks=tuple(enumerate(TENSORS)),
    ),
    y=Axis(label="clipped (%)", domain=(0.0, 14.0)),
    aspect=1.0,
    marks=(Bars(left="left", right="right", height="clipped", color=colors.VERMILION),),
)
ACCURACY = Pane(
    title="Validation signals read, mean of five networks",
    x=Axis(
        label="signals in a calibration item (log scale)",
        domain=(0.8, 500.0),
        scale="log",
        ticks=tuple((float(size), str(size)) for size in SIZES),
    ),
    y=Axis(label="read (%)", domain=(38.0, 60.0)),
    aspect=1.0,
    marks=(
        Rule(at="real", axis="y", dashed=True, label="real numbers"),
        Rule(at="size", width=1.5),
        Area(x="sizes", low="lower", high="upper", color=colors.VALIDATION, opacity=0.25),
        Line(x="sizes", y="read", color=colors.VALIDATION),
        Dots(
            x="sizes",
            y="read",
            color=colors.VALIDATION,
            size=5,
            label="8-bit numbers ± standard error",
        ),
        Dots(x="size", y="read_now", size=9, hollow=True, label="now"),
    ),
)
