"""A panel with every kind of mark, axis and control, for tests of the mechanism itself."""

import numpy as np

from deeplearn_utils import colors
from deeplearn_utils.explorers import Explorer
from deeplearn_utils.explorers.parts.controls import Choice, Slider
from deeplearn_utils.explorers.parts.frame import Question, Target
from deeplearn_utils.explorers.parts.marks import (
    Area,
    Arrow,
    Axis,
    Band,
    Bars,
    Contours,
    Dots,
    Line,
    Number,
    Pane,
    Polygon,
    Raster,
    Rule,
    Text,
)

LEFT = Pane(
    title="Lines and shapes",
    x=Axis(label="x", domain=(0.0, 4.0)),
    y=Axis(label="y (m)", domain="y_domain"),
    marks=(
        Band(low="low", high="high", color=colors.DEAD, label="band"),
        Band(low=1.4, high=1.5, axis="y", color=colors.SATURATED),
        Polygon(x="corner_x", y="corner_y", color=colors.SKY_BLUE, opacity=0.5, label="polygon"),
        Area(x="x", low="lower", high="upper", color=colors.GREEN, opacity=0.3, label="area"),
        Line(x="x", y="lines", color=colors.BLUE, label="two lines"),
        Line(x="x", y="lower", color=colors.VERMILION, dashed=True, label="with a gap"),
        Rule(at=2.0, dashed=True),
        Rule(at="level", axis="y", color=colors.GREY),
        Dots(x="x", y="upper", where="some", color=colors.ORANGE, symbol="square", label="some"),
        Dots(x=3.5, y=0.5, color=colors.PURPLE, symbol="triangle", label="triangle"),
        Dots(x=3.5, y=1.0, color=colors.BLACK, symbol="circle", hollow=True, size=8),
        Arrow(x=0.5, y=1.8, x_end="tip", y_end=1.2, color=colors.VERMILION, label="arrow"),
        Text(x=2.0, y=1.9, text="a word", anchor="start"),
        Number(x="places", y=-0.5, value="numbers", digits=2, color=colors.BLUE, label="numbers"),
    ),
)
MIDDLE = Pane(
    title="A matrix",
    x=Axis(label="column", domain=(0.0, 1.0), ticks=((0.1, "first"), (0.9, "last"))),
    y=Axis(label="row", domain=(0.0, 1.0)),
    aspect=1.0,
    marks=(
        Raster(values="matrix", domain=(0.0, 2.0), colors=("paper", colors.BLUE)),
        Contours(values="matrix", levels=(0.5, 1.0), color=colors.VERMILION, dashed=True),
    ),
)
RIGHT = Pane(
    title="Bars without axes",
    axes=False,
    wide=True,
    aspect=0.2,
    x=Axis(label="layer", domain=(0.5, 3.5)),
    y=Axis(label="norm", domain=(0.001, 10.0), scale="log"),
    marks=(Bars(left="edge", right="next", height="norm", base=0.001, color=colors.GREEN),),
)


class GalleryExplorer(Explorer):
    """Every kind of mark."""

    name = "gallery"
    title = "Every kind of mark"
    summary = "All marks at once."
    controls = (
        Slider("size", "size", (0.0, 0.5, 1.0), 0.5, "{:.1f}", "m"),
        Choice("kind", "kind", {"plain": "plain", "gap": "with a gap"}, "gap"),
    )
    panes = (LEFT, MIDDLE, RIGHT)
    depends = {"x": (), "lines": ("size",), "matrix": ("size",)}
    question = Question("What is it?", ("one", "two"), 1, "It is two.")
    target = Target("Make it large.", "Large it is.")

    def look(self, size: float, kind: str) -> tuple[float, str]:
        """Return the values: there is nothing to find out."""
        return size, kind

    def compute(self, look: tuple[float, str]) -> dict[str, np.ndarray]:
        """Return arrays of every shape, some with gaps."""
        size, kind = look
        x = np.linspace(0.0, 4.0, 9)
        lower = np.where((kind == "gap") & (x == 2.0), np.nan, 0.2 + 0.1 * x)
        row, column = np.mgrid[0:6, 0:5]
        return {
            "x": x,
            "lower": lower,
            "upper": 1.0 + 0.2 * np.sin(x) * size,
            "lines": np.stack([0.5 * np.cos(x), size + 0.1 * x]),
            "y_domain": np.array([-1.0, 2.0]),
            "low": np.array([0.5, np.nan]),
            "high": np.array([0.8, np.nan]),
            "corner_x": np.array([[2.5, 3.0, 3.0, np.nan], [1.0, 1.5, 1.5, 1.0]]),
            "corner_y": np.array([[-0.5, -0.5, 0.0, np.nan], [-0.8, -0.8, -0.3, -0.3]]),
            "level": np.array([-0.9, 1.7]),
            "some": (x > 1.0).astype(float),
            "tip": np.array(1.0 + size),
            "matrix": (column + row) / 5.0 * size,
            "edge": np.array([0.6, 1.6, 2.6]),
            "next": np.array([1.4, 2.4, 3.4]),
            "norm": 10.0 ** (np.array([-3.0, -1.0, 0.0]) + size),
            "places": np.array([0.5, 1.5, 2.5]),
            "numbers": np.array([-0.001, np.nan, -1.25 + 0.5 * size]),
        }

    def describe(self, look: tuple[float, str]) -> str:
        """Tell the size."""
        return "The size is {:.1f} m, {}.".format(*look)

    def reached(self, look: tuple[float, str]) -> bool:
        """The size is the largest."""
        return look[0] == 1.0
