"""Series over one axis: lines, measurements on the line of a theory, and runs seed by seed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from deeplearn_utils import colors
from deeplearn_utils.colors import color_of
from deeplearn_utils.figures.style import DASHES, MARKERS, one, styled
from deeplearn_utils.labels import label_of

Pair = tuple[np.ndarray, np.ndarray]


@styled
def lines(
    x: np.ndarray,
    series: Mapping[str, np.ndarray],
    *,
    xlabel: str,
    ylabel: str,
    log: bool = False,
    palette: Mapping[str, str] | None = None,
    beside: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw each named series over `x`; `palette` gives a name its color of meaning.

    `beside` puts the legend to the right of the axes, where it hides no curve.
    """
    ax = one(ax)
    for k, (name, y) in enumerate(series.items()):
        color = (palette or {}).get(name, colors.SERIES[k % len(colors.SERIES)])
        ax.plot(x, y, color=color, linestyle=DASHES[k % len(DASHES)], label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    if len(series) > 1:
        ax.legend(**({"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)} if beside else {}))
    return ax


@styled
def points_and_lines(
    points: Mapping[str, Pair],
    lines: Mapping[str, Pair],
    *,
    xlabel: str,
    ylabel: str,
    scales: tuple[str, str] = ("linear", "linear"),
    ax: Axes | None = None,
) -> Axes:
    """Draw named measurements (x, y) as points and named theories (x, y) as lines.

    The first line has the color of the first points, and so on.
    """
    ax = one(ax, height=3.2)
    for k, (name, (x, y)) in enumerate(lines.items()):
        color = color_of(next(iter(list(points)[k : k + 1]), name), k)
        ax.plot(
            x, y, color=color, linestyle=DASHES[(k + 1) % len(DASHES)], lw=1.5, label=label_of(name)
        )
    for k, (name, (x, y)) in enumerate(points.items()):
        ax.plot(
            x, y, MARKERS[k], color=color_of(name, k), ms=6, alpha=0.85, label=label_of(name),
            markeredgecolor="white", markeredgewidth=0.6, zorder=3,
        )  # fmt: skip
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale=scales[0], yscale=scales[1])
    ax.legend()
    return ax


@styled
def seed_points(
    groups: Mapping[str, np.ndarray],
    *,
    xlabel: str,
    log: bool = False,
    decimals: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each named group's values, one dot a seed, over a bar at their mean.

    `decimals` writes mean ± standard error beside each row: numbers that differ a little from
    machine to machine belong into the picture.
    """
    ax = one(ax, height=0.42 * len(groups) + 1.0)
    sign = "+" if any(np.min(values) < 0 for values in groups.values()) else ""
    for row, (name, values) in enumerate(groups.items()):
        color = color_of(name, row)
        offset = np.linspace(-0.22, 0.22, len(values))
        ax.scatter(
            values, row + offset, color=color, marker=MARKERS[row % len(MARKERS)], s=22, alpha=0.75
        )
        ax.vlines(np.mean(values), row - 0.36, row + 0.36, color=color, lw=3)
        if decimals is not None:
            error = np.std(values, ddof=1) / np.sqrt(len(values))
            text = f"{np.mean(values):{sign}.{decimals}f} ± {error:.{decimals}f}"
            place = ax.get_yaxis_transform()
            ax.text(1.02, row, text, transform=place, va="center", fontsize="small")
    ax.set(yticks=range(len(groups)), yticklabels=[label_of(name) for name in groups])
    ax.set(xlabel=xlabel, xscale="log" if log else "linear", ylim=(len(groups) - 0.45, -0.55))
    if log:
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.locator_params(axis="x", nbins=5)
    return ax
