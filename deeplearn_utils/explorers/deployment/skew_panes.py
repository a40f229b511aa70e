"""The picture of `SkewExplorer`: a digit four times, what is read, how sure the network is."""

from __future__ import annotations

import numpy as np

from deeplearn_utils import colors

from ..parts.marks import Axis, Bars, Dots, Line, Pane, Raster, Rule, Text

SIDE = 19
"""The drawing of the digits is SIDE by SIDE pixels of a digit."""

FINE = 4  # cells a pixel: single ones a browser would blur into each other
LEFT, RIGHT, UPPER, LOWER = 1, 10, 10, 1
"""Where the digits of the left and right column, of the upper and lower row begin."""

REACH = 3.0
"""Standardized inputs are drawn from -REACH (white) to REACH (black)."""

ADDED = (-2.0, -1.5, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
EDGES = np.linspace(0.1, 1.0, 10)
"""The bins of the largest probability, which is never below 0.1 with ten classes."""

DIGIT = Pane(
    title="One digit, as training and as serving give it",
    x=Axis(label="", domain=(0.0, float(SIDE))),
    y=Axis(label="", domain=(0.0, float(SIDE))),
    aspect=1.0,
    axes=False,
    marks=(
        Raster(values="digits", domain=(0.0, 1.0), colors=("paper", "ink")),
        *(
            Text(x=x + 4.0, y=y + 8.5, text=f"{side}, {row}")
            for x, side in ((LEFT, "training"), (RIGHT, "serving"))
            for y, row in ((UPPER, "request"), (LOWER, "network's input"))
        ),
    ),
)
ACCURACY = Pane(
    title="Validation digits, mean of five networks",
    x=Axis(label="added to each pixel (of 16)", domain=(ADDED[0] - 0.05, ADDED[-1] + 0.05)),
    y=Axis(label="share of the digits (%)", domain=(-2.0, 103.0)),
    aspect=1.0,
    marks=(
        Rule(at="now", width=1.5),
        Line(x="added", y="refused", color=colors.VERMILION, dashed=True),
        Dots(
            x="added",
            y="refused",
            color=colors.VERMILION,
            symbol="square",
            size=4,
            label="refused by the contract, 0 to 16",
        ),
        Line(x="added", y="right", color=colors.VALIDATION),
        Dots(x="added", y="right", color=colors.VALIDATION, size=5, label="read, if not refused"),
        Dots(x="now", y="right_now", size=9, hollow=True, label="now"),
    ),
)
SURE = Pane(
    title="How sure the five networks are",
    x=Axis(label="largest probability", domain=(0.08, 1.02)),
    y=Axis(label="share of the answers (%)", domain=(0.0, 102.0)),
    aspect=1.0,
    marks=(
        Bars(left="left", right="middle", height="right_sure", color=colors.BLUE, label="right"),
        Bars(
            left="middle",
            right="end",
            height="wrong_sure",
            color=colors.VERMILION,
            label="wrong",
        ),
    ),
)
