"""The picture of `PenaltyExplorer`: the plane, the losses, the weights."""

from __future__ import annotations

import numpy as np

from deeplearn_utils import colors

from ..parts.marks import Axis, Bars, Contours, Dots, Line, Pane, Raster, Rule

REACH = 2.4
"""The plane shows both inputs from -REACH to REACH."""

CELLS = 40
NOUGHT = 4e-5
"""Where λ = 0 stands on the logarithmic axis."""

EDGES = np.linspace(-6.25, 6.25, 26)
"""The bars of the histogram; the outermost hold what lies beyond, too."""

NAMES = {"l2": "L2: λ Σ w²", "l1": "L1: λ Σ |w|", "both": "both, half of each"}
TICKS = ((NOUGHT, "0"), (1e-4, "0.0001"), (1e-3, "0.001"), (1e-2, "0.01"), (1e-1, "0.1"))
ZERO = {"color": colors.CLASSES[0]}
ONE = {"color": colors.CLASSES[1], "symbol": "square"}
LOSS = {"color": colors.TRAINING}
VALIDATION = {"color": colors.VALIDATION}

PLANE = Pane(
    title="Probability of class 1",
    x=Axis(label="input x₁", domain=(-REACH, REACH)),
    y=Axis(label="input x₂", domain=(-REACH, REACH)),
    aspect=1.0,
    marks=(
        Raster(
            values="probability",
            domain=(0.0, 1.0),
            colors=(colors.CLASSES[0], "paper", colors.CLASSES[1]),
            opacity=0.5,
        ),
        Contours(values="probability", levels=(0.5,), width=3.0, label="boundary, probability ½"),
        Dots(x="zeros_x1", y="zeros_x2", size=4, label="class 0, training", **ZERO),
        Dots(x="ones_x1", y="ones_x2", size=4, label="class 1, training", **ONE),
    ),
)
LOSSES = Pane(
    title="Losses, every strength",
    x=Axis(label="strength λ (log scale)", domain=(3e-5, 0.13), scale="log", ticks=TICKS),
    y=Axis(label="cross-entropy loss", domain=(0.0, 1.2)),
    aspect=1.0,
    marks=(
        Rule(at="now", width=1.5),
        Line(x="at", y="loss", **LOSS),
        Line(x="at", y="validation_loss", dashed=True, **VALIDATION),
        Dots(x="at", y="loss", size=4, label="training", **LOSS),
        Dots(
            x="at", y="validation_loss", size=4, symbol="square", label="validation", **VALIDATION
        ),
    ),
)
WEIGHTS = Pane(
    title="The 48 weights",
    x=Axis(label="weight (the outermost bars: and beyond)", domain=(-6.5, 6.5)),
    y=Axis(label="number of weights", domain=(0.0, 50.0)),
    aspect=1.0,
    marks=(
        Bars(left="left", right="right", height="count", color=colors.BLUE, label="not 0"),
        Bars(left=-0.12, right=0.12, height="zeros", color=colors.VERMILION, label="exactly 0"),
    ),
)
