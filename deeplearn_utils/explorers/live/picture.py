"""The first picture of a panel, drawn by matplotlib from the marks that the browser draws."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator
from matplotlib.transforms import ScaledTranslation
from PIL import Image

from ..parts import marks
from ..parts.frame import Arrays
from ..parts.numbers import RAISED, fixed
from ..parts.themes import THEMES

SYMBOLS = {"circle": "o", "square": "s", "triangle": "^", "cross": "x"}
LIGHT = THEMES["light"]
BELOW = 34
"""Points from the frame to the legend: room for numbers and axis label."""

NOTE = "The first picture of a panel with sliders. Run the cell to move them."
Read = Callable[[marks.Channel], Any]


def first_picture(panes: tuple[marks.Pane, ...], arrays: Arrays) -> bytes:
    """Return a panel with the given arrays as a PNG."""
    rows = _rows(panes)
    width = 4.4 * max(2 if row[0].wide else len(row) for row in rows)  # inches
    heights = [0.8 + 0.85 * width * max(pane.aspect / len(row) for pane in row) for row in rows]
    figure = Figure(figsize=(width, sum(heights) + 0.4), layout="constrained")
    strips = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
    for strip, row in zip(strips, rows, strict=True):
        for ax, pane in zip(strip.subplots(1, len(row), squeeze=False)[0], row, strict=True):
            draw_pane(ax, pane, arrays)
    figure.text(0.5, -0.04, NOTE, ha="center", va="top", fontsize=9, color="#555555")
    drawn, stored = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=86, bbox_inches="tight", metadata={"Software": None})
    Image.open(drawn).convert("RGB").quantize(256).save(stored, "PNG")  # a third of the bytes
    return stored.getvalue()


def _rows(panes: tuple[marks.Pane, ...]) -> list[list[marks.Pane]]:
    """Return the panes row by row: each wide one alone, the others side by side."""
    rows: list[list[marks.Pane]] = []
    for pane in panes:
        if pane.wide or not rows or rows[-1][0].wide:
            rows.append([])
        rows[-1].append(pane)
    return rows


def draw_pane(ax: Axes, pane: marks.Pane, arrays: Arrays) -> Axes:
    """Draw one pane of a panel on `ax`."""

    def read(channel: marks.Channel) -> Any:
        return arrays[channel] if isinstance(channel, str) else channel

    ax.set(title=pane.title, xlabel=pane.x.label, ylabel=pane.y.label)
    ax.title.set_fontsize(10)
    ax.set(xscale=pane.x.scale, yscale=pane.y.scale)
    ax.set(xlim=read(pane.x.domain), ylim=read(pane.y.domain))
    ax.set_box_aspect(pane.aspect)
    for view, axis in ((ax.xaxis, pane.x), (ax.yaxis, pane.y)):
        places, texts = _ticks(axis, *read(axis.domain), most=6 if view is ax.xaxis else 8)
        view.set_ticks(places, texts)
        view.set_minor_locator(NullLocator())
    if not pane.axes:
        ax.set_axis_off()
    for mark in pane.marks:
        DRAW[type(mark)](ax, mark, read)
    _legend(ax, [mark for mark in pane.marks if mark.label])
    return ax


def _legend(ax: Axes, labelled: list[marks.Mark]) -> None:
    """Put the legend below the axis label, in columns that are not wider than the pane."""
    if labelled:
        labels = [mark.label for mark in labelled]
        below = ScaledTranslation(0, -BELOW * ax.axison / 72, ax.get_figure().dpi_scale_trans)
        place = {"bbox_to_anchor": (0.5, 0), "bbox_transform": ax.transAxes + below}
        longest = max(map(len, labels))
        columns = 3 if longest < 18 else 2 if longest < 26 else 1
        samples = [_sample(mark) for mark in labelled]
        ax.legend(samples, labels, fontsize=9, loc="upper center", ncols=columns, **place)


def _sample(mark: Any) -> Artist:
    """Return what stands in the legend beside a mark's label: the mark in small."""
    color, ink = LIGHT[mark.color], LIGHT["ink"]
    if isinstance(mark, marks.Dots):
        outlined = mark.hollow or mark.symbol == "cross"
        face = "none" if outlined else color
        edge = {"markeredgecolor": color if outlined else ink}
        return Line2D([], [], ls="", marker=SYMBOLS[mark.symbol], markerfacecolor=face, **edge)
    if isinstance(mark, marks.Arrow):
        return Line2D([], [], marker=">", linewidth=mark.width, **_style(mark))
    if hasattr(mark, "width"):
        return Line2D([], [], **_stroke(mark))
    return Patch(facecolor=color, edgecolor=ink, linewidth=0.8)


def _ticks(axis: marks.Axis, low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Return places and texts as the browser writes them: picture.js has the same rules."""
    if axis.ticks:
        places, texts = zip(*axis.ticks, strict=True)
        return list(places), list(texts)
    if axis.scale == "log":
        powers = decades(low, high, most)
        return [10.0**power for power in powers], [_power_of_ten(power) for power in powers]
    step = round_step((high - low) / 6)
    places = [float(step * n) for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
    digits = max(0, -math.floor(math.log10(step)))
    return places, [fixed(place, digits) for place in places]


def decades(low: float, high: float, most: int) -> list[int]:
    """Return the powers of ten inside an axis: each, or every second, third, ...

    >>> decades(1e-3, 2e2, 8), decades(1e-17, 10.0, 8)
    ([-3, -2, -1, 0, 1, 2], [-15, -12, -9, -6, -3, 0])
    """
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    stride = math.ceil((last - first + 1) / most)
    return [power for power in range(first, last + 1) if power % stride == 0]


def round_step(step: float) -> float:
    """Return the nearest of 1, 2, 5 times a power of ten, as D3 chooses it.

    >>> [round_step(step) for step in (0.9, 1.3, 3.0, 0.06, 80.0)]
    [1.0, 1.0, 2.0, 0.05, 100.0]
    """
    power = 10.0 ** math.floor(math.log10(step))
    size = step / power
    factor = 10 if size >= 50**0.5 else 5 if size >= 10**0.5 else 2 if size >= 2**0.5 else 1
    return float(f"{factor * power:g}")


def _power_of_ten(power: int) -> str:
    return f"{10.0**power:g}" if abs(power) < 3 else f"10{str(power).translate(RAISED)}"


def _style(mark: marks.Mark) -> dict[str, Any]:
    return {"color": LIGHT[mark.color], "alpha": mark.opacity}


def _stroke(mark: Any) -> dict[str, Any]:
    return _style(mark) | {"linewidth": mark.width, "linestyle": "--" if mark.dashed else "-"}


def _line(ax: Axes, mark: marks.Line, read: Read) -> None:
    x, y = np.broadcast_arrays(read(mark.x), read(mark.y))
    ax.plot(np.atleast_2d(x).T, np.atleast_2d(y).T, **_stroke(mark))


def _dots(ax: Axes, mark: marks.Dots, read: Read) -> None:
    x, y = np.broadcast_arrays(read(mark.x), read(mark.y))
    shown = np.broadcast_to(True if mark.where is None else read(mark.where) > 0.5, x.shape)
    edge = LIGHT[mark.color] if mark.hollow or mark.symbol == "cross" else LIGHT["ink"]
    face = {"facecolors": "none"} if mark.hollow else {}
    style = _style(mark) | {"s": 3.5 * mark.size**2, "marker": SYMBOLS[mark.symbol]}
    style = style if mark.symbol == "cross" else style | {"edgecolors": edge, "linewidths": 0.8}
    if mark.hollow:
        del style["color"]
    ax.scatter(x[shown], y[shown], zorder=3, **style, **face)


def _area(ax: Axes, mark: marks.Area, read: Read) -> None:
    ax.fill_between(read(mark.x), read(mark.low), read(mark.high), linewidth=0, **_style(mark))


def _band(ax: Axes, mark: marks.Band, read: Read) -> None:
    span = ax.axvspan if mark.axis == "x" else ax.axhspan
    for low, high in zip(np.ravel(read(mark.low)), np.ravel(read(mark.high)), strict=True):
        if np.isfinite(low + high):
            span(low, high, linewidth=0, zorder=0, **_style(mark))


def _polygon(ax: Axes, mark: marks.Polygon, read: Read) -> None:
    for x, y in zip(np.atleast_2d(read(mark.x)), np.atleast_2d(read(mark.y)), strict=True):
        corners = np.isfinite(x + y)
        if corners.any():
            ax.fill(x[corners], y[corners], linewidth=0, zorder=0, **_style(mark))


def _rule(ax: Axes, mark: marks.Rule, read: Read) -> None:
    draw = ax.axvline if mark.axis == "x" else ax.axhline
    for value in np.ravel(read(mark.at)):
        draw(value, **_stroke(mark))


def _bars(ax: Axes, mark: marks.Bars, read: Read) -> None:
    left, height = np.broadcast_arrays(read(mark.left), read(mark.height))
    width = read(mark.right) - left
    ax.bar(left, height - mark.base, width, bottom=mark.base, align="edge", **_style(mark))


def _arrow(ax: Axes, mark: marks.Arrow, read: Read) -> None:
    x, y, x_end, y_end = (np.ravel(read(getattr(mark, name))) for name in mark.channels)
    length = {"angles": "xy", "scale_units": "xy", "scale": 1}
    width = {"units": "inches", "width": mark.width / 72}
    ax.quiver(x, y, x_end - x, y_end - y, zorder=3, **length, **width, **_style(mark))


def _raster(ax: Axes, mark: marks.Raster, read: Read) -> None:
    ramp = LinearSegmentedColormap.from_list("ramp", [LIGHT[color] for color in mark.colors])
    low, high = mark.domain
    style = {"cmap": ramp, "vmin": low, "vmax": high, "alpha": mark.opacity, "zorder": 0}
    extent = (*ax.get_xlim(), *ax.get_ylim())
    ax.imshow(read(mark.values), extent=extent, origin="lower", aspect="auto", **style)


def _contours(ax: Axes, mark: marks.Contours, read: Read) -> None:
    values = read(mark.values)
    if not np.nanmin(values) < np.nanmax(values):
        return
    x = _centers(*ax.get_xlim(), values.shape[1])
    y = _centers(*ax.get_ylim(), values.shape[0])
    style = {"linewidths": mark.width, "linestyles": "--" if mark.dashed else "-"}
    ax.contour(x, y, values, mark.levels, colors=LIGHT[mark.color], alpha=mark.opacity, **style)


def _text(ax: Axes, mark: marks.Text, read: Read) -> None:
    ax.text(read(mark.x), read(mark.y), mark.text, **_letters(mark))


def _number(ax: Axes, mark: marks.Number, read: Read) -> None:
    places = np.broadcast_arrays(*(np.ravel(read(getattr(mark, name))) for name in mark.channels))
    for x, y, value in zip(*places, strict=True):
        if np.isfinite(value):
            ax.text(x, y, fixed(value, mark.digits), **_letters(mark))


def _letters(mark: Any) -> dict[str, Any]:
    side = {"start": "left", "middle": "center", "end": "right"}[mark.anchor]
    place = {"ha": side, "va": "center", "fontsize": 0.7 * mark.size}
    return {"color": LIGHT[mark.color], "alpha": mark.opacity, **place}


def _centers(low: float, high: float, count: int) -> np.ndarray:
    return low + (np.arange(count) + 0.5) * (high - low) / count


DRAW: dict[type, Callable[[Axes, Any, Read], None]] = {
    marks.Line: _line,
    marks.Dots: _dots,
    marks.Area: _area,
    marks.Band: _band,
    marks.Polygon: _polygon,
    marks.Rule: _rule,
    marks.Bars: _bars,
    marks.Arrow: _arrow,
    marks.Raster: _raster,
    marks.Contours: _contours,
    marks.Text: _text,
    marks.Number: _number,
}
