"""What a panel's picture is made of, declared once for the browser and for matplotlib.

A channel (`x`, `y`, ...) is the name of an array that `compute` returns, or a number. NaN leaves a
gap. A color is a value of `deeplearn_utils.colors`, or ``"ink"`` or ``"paper"``: the colors of
the reader's text and page. A mark with a `label` appears in the legend.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

Channel = str | float


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What every mark has. `where` names an array of 0 and 1: only the ones are drawn."""

    channels: ClassVar[tuple[str, ...]] = ("x", "y")
    color: str = "ink"
    opacity: float = 1.0
    label: str = ""

    def arrays(self) -> set[str]:
        """Return the names of the arrays that the mark draws."""
        values = (getattr(self, channel) for channel in self.channels)
        return {value for value in values if isinstance(value, str)}

    def declaration(self) -> dict[str, Any]:
        """Return the mark as JSON for the browser."""
        return {"kind": type(self).__name__.lower(), **asdict(self)}


@dataclass(frozen=True, kw_only=True)
class Line(Mark):
    """A line through the points (x, y); rows of a matrix `y` are lines of their own."""

    x: Channel
    y: Channel
    width: float = 2.0
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Dots(Mark):
    """A symbol at each point (x, y): circle, square, triangle or cross; filled or hollow."""

    channels: ClassVar[tuple[str, ...]] = ("x", "y", "where")
    x: Channel
    y: Channel
    symbol: str = "circle"
    size: float = 5.0
    hollow: bool = False
    where: str | None = None


@dataclass(frozen=True, kw_only=True)
class Area(Mark):
    """The area between `low` and `high` over x."""

    channels: ClassVar[tuple[str, ...]] = ("x", "low", "high")
    x: Channel
    low: Channel
    high: Channel


@dataclass(frozen=True, kw_only=True)
class Band(Mark):
    """The stripes low <= x <= high (or y, with ``axis="y"``) over the whole pane."""

    channels: ClassVar[tuple[str, ...]] = ("low", "high")
    low: Channel
    high: Channel
    axis: str = "x"


@dataclass(frozen=True, kw_only=True)
class Polygon(Mark):
    """The polygon with corners (x, y); rows of matrices are polygons of their own."""

    x: Channel
    y: Channel


@dataclass(frozen=True, kw_only=True)
class Rule(Mark):
    """Straight lines across the pane at the values `at` of x (or of y, with ``axis="y"``)."""

    channels: ClassVar[tuple[str, ...]] = ("at",)
    at: Channel
    axis: str = "x"
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Bars(Mark):
    """Bars from `base` to `height` between the edges left and right."""

    channels: ClassVar[tuple[str, ...]] = ("left", "right", "height")
    left: Channel
    right: Channel
    height: Channel
    base: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Arrow(Mark):
    """Arrows from (x, y) to (x_end, y_end)."""

    channels: ClassVar[tuple[str, ...]] = ("x", "y", "x_end", "y_end")
    x: Channel
    y: Channel
    x_end: Channel
    y_end: Channel
    width: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Raster(Mark):
    """A matrix as colors over the pane: row 0 at the bottom, values at the centers of cells."""

    channels: ClassVar[tuple[str, ...]] = ("values",)
    values: str
    domain: tuple[float, float]
    colors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Contours(Mark):
    """The lines on which a matrix, laid out as for `Raster`, has the given levels."""

    channels: ClassVar[tuple[str, ...]] = ("values",)
    values: str
    levels: tuple[float, ...]
    width: float = 2.0
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Text(Mark):
    """A word beside the point (x, y)."""

    x: Channel
    y: Channel
    text: str
    anchor: str = "middle"
    size: float = 12.0


@dataclass(frozen=True, kw_only=True)
class Number(Mark):
    """The number `value` with `digits` decimals at the point (x, y); NaN writes nothing."""

    channels: ClassVar[tuple[str, ...]] = ("x", "y", "value")
    x: Channel
    y: Channel
    value: Channel
    digits: int = 2
    anchor: str = "middle"
    size: float = 12.0


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis: `domain` is (low, high) or the name of an array of the two; ticks are optional."""

    label: str
    domain: tuple[float, float] | str
    scale: str = "linear"
    ticks: tuple[tuple[float, str], ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Pane:
    """One picture of a panel: axes and marks, drawn in their order.

    `aspect` is the frame's height over its width. `title` says what the pane shows. A drawing whose
    coordinates mean nothing, such as a graph, leaves its `axes` away. A `wide` pane has a row of
    its own; the others stand side by side.
    """

    title: str
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    aspect: float = 0.8
    axes: bool = True
    wide: bool = False

    def arrays(self) -> set[str]:
        """Return the names of the arrays that the pane needs."""
        domains = {axis.domain for axis in (self.x, self.y) if isinstance(axis.domain, str)}
        return domains.union(*(mark.arrays() for mark in self.marks))

    def declaration(self) -> dict[str, Any]:
        """Return the pane as JSON for the browser."""
        marks = [mark.declaration() for mark in self.marks]
        axes = {"x": asdict(self.x), "y": asdict(self.y), "axes": self.axes}
        size = {"aspect": self.aspect, "wide": self.wide}
        return {"title": self.title, "marks": marks, **size, **axes}
