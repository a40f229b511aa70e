"""The picture of `RobustnessExplorer`: a digit, its probabilities, accuracy against ε."""

from __future__ import annotations

from deeplearn_utils import colors

from ..parts.marks import Axis, Bars, Dots, Line, Pane, Raster, Rule

IMAGE = Pane(
    title="What the network gets",
    x=Axis(label="", domain=(0.0, 8.0)),
    y=Axis(label="", domain=(0.0, 8.0)),
    aspect=1.0,
    axes=False,
    marks=(Raster(values="pixels", domain=(0.0, 1.0), colors=("paper", "ink")),),
)
PROBABILITY = Pane(
    title="What it reads",
    x=Axis(
        label="class",
        domain=(-0.6, 9.6),
        ticks=tuple((float(k), str(k)) for k in range(10)),
    ),
    y=Axis(label="probability", domain=(0.0, 1.02)),
    aspect=1.0,
    marks=(
        Rule(at="label", width=8, opacity=0.25, color=colors.GREY, label="true class"),
        Bars(
            left="left", right="right", height="probability", color=colors.PREDICTION, opacity=0.8
        ),
    ),
)
ACCURACY = Pane(
    title="Validation digits read, mean of five networks",
    x=Axis(label="ε", domain=(0.0, 0.205)),
    y=Axis(label="right (%)", domain=(0.0, 102.0)),
    aspect=1.0,
    marks=(
        Rule(at="now", width=1.5),
        *(
            mark
            for name, label, color, symbol in (
                ("noise", "random signs", colors.GREEN, "circle"),
                ("fgsm", "one step (FGSM)", colors.ORANGE, "square"),
                ("pgd", "20 steps (PGD)", colors.VERMILION, "triangle"),
            )
            for mark in (
                Line(x="stops", y=name, color=color),
                Dots(x="stops", y=name, color=color, symbol=symbol, size=5, label=label),
            )
        ),
    ),
)
