"""The picture of `FoldsExplorer`: the mean over folds, the folds, the weights."""

from __future__ import annotations

from deeplearn_utils import colors

from ..parts.marks import Area, Axis, Bars, Dots, Line, Pane, Rule

MOST = 20
"""The largest number of folds."""

STRENGTH = Axis(label="strength λ (log scale)", domain=(8e-4, 130.0), scale="log")
ERROR = "squared error (spread of targets)², log scale"
OF_THE_MEAN = Axis(
    label=ERROR,
    domain=(0.4, 8.0),
    scale="log",
    ticks=((0.5, "0.5"), (1.0, "1"), (2.0, "2"), (4.0, "4"), (8.0, "8")),
)
OF_THE_FOLDS = Axis(
    label=ERROR,
    domain=(0.01, 10.0),
    scale="log",
    ticks=((0.01, "0.01"), (0.1, "0.1"), (1.0, "1"), (10.0, "10")),
)
CHOSEN = {"symbol": "square", "color": colors.VERMILION}

MEAN = Pane(
    title="Mean over the folds ± standard error",
    x=STRENGTH,
    y=OF_THE_MEAN,
    aspect=1.0,
    marks=(
        Area(x="at", low="low", high="high", color=colors.VALIDATION, opacity=0.25),
        Line(x="at", y="mean", color=colors.VALIDATION, label="mean over the folds"),
        Rule(at="limit", axis="y", dashed=True),
        Rule(at="now", width=1.5),
        Line(x="at", y="test", color=colors.TEST, dashed=True, label="test"),
        Dots(x="lowest", y="lowest_error", size=6, color=colors.VALIDATION, label="lowest"),
        Dots(x="simplest", y="simplest_error", size=6, label="one standard error", **CHOSEN),
        Dots(x="now", y="error", size=9, hollow=True, label="your λ"),
    ),
)
FOLDS = Pane(
    title="Each fold by itself",
    x=STRENGTH,
    y=OF_THE_FOLDS,
    aspect=1.0,
    marks=(
        Line(x="at", y="fold_errors", width=1.2, color=colors.VALIDATION, opacity=0.6),
        Rule(at="now", width=1.5),
    ),
)
WEIGHTS = Pane(
    title="The 65 weights, all training patients",
    x=Axis(label="feature: 10 measurements, 55 products", domain=(0.0, 65.0)),
    y=Axis(label="weight (spreads of the targets)", domain=(-1.5, 1.5)),
    aspect=1.0,
    marks=(Bars(left="left", right="right", height="weights", color=colors.BLUE),),
)
