"""The picture of `ConstraintExplorer`: the plane of the two weights, and their paths."""

from __future__ import annotations

from deeplearn_utils import colors

from ..parts.marks import Axis, Contours, Dots, Line, Pane, Polygon, Rule

REACH = 2.0
"""The plane shows both weights from -REACH to REACH."""

NAMES = {"l2": "L2: w₁² + w₂² ≤ t²", "l1": "L1: |w₁| + |w₂| ≤ t"}
FREE = {"symbol": "triangle", "color": colors.BLACK}
BEST = {"symbol": "square", "color": colors.VERMILION}

PLANE = Pane(
    title="The error over the two weights, and the budget",
    x=Axis(label="weight w₁", domain=(-REACH, REACH)),
    y=Axis(label="weight w₂", domain=(-REACH, REACH)),
    aspect=1.0,
    marks=(
        Polygon(x="region_x", y="region_y", color=colors.SKY_BLUE, opacity=0.4, label="allowed"),
        Rule(at=0.0),
        Rule(at=0.0, axis="y"),
        Contours(values="loss", levels=(0.1, 0.4, 0.9, 1.6, 3.0, 5.0), width=1.0),
        Line(
            x="touch_x", y="touch_y", width=2.5, color=colors.VERMILION, label="level that touches"
        ),
        Dots(x="free_x", y="free_y", size=8, label="free minimum", **FREE),
        Dots(x="best_x", y="best_y", size=7, label="best point allowed", **BEST),
    ),
)
PATH = Pane(
    title="Both weights, every budget",
    x=Axis(label="budget t", domain=(0.0, 2.0)),
    y=Axis(label="weight", domain=(-0.1, 1.6)),
    aspect=1.0,
    marks=(
        Rule(at=0.0, axis="y"),
        Rule(at="now", width=1.5),
        Line(x="at", y="path_1", color=colors.BLUE, label="w₁"),
        Line(x="at", y="path_2", color=colors.ORANGE, dashed=True, label="w₂"),
    ),
)
