"""What was measured over repeated draws, with its standard error."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from deeplearn_utils import colors
from deeplearn_utils.figures.style import DASHES, MARKERS, one, styled

MEANINGS = {
    "training": colors.TRAINING,
    "validation": colors.VALIDATION,
    "test": colors.TEST,
}


@styled
def measured(
    x: np.ndarray,
    series: Mapping[str, np.ndarray],
    *,
    xlabel: str,
    ylabel: str,
    scales: tuple[str, str] = ("linear", "linear"),
    dots: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw each named (draws, points) array: its mean over the draws, and one standard error.

    Names that begin with "training", "validation" or "test" have those colors. On a logarithmic
    axis each of few points has its tick.
    """
    ax = one(ax, height=3.2)
    for k, (name, values) in enumerate(series.items()):
        mean, error = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))
        color = MEANINGS.get(name.split()[0], colors.SERIES[k % len(colors.SERIES)])
        ax.fill_between(x, mean - error, mean + error, color=color, alpha=0.2, lw=0)
        style = {"marker": MARKERS[k % len(MARKERS)], "ms": 4} if dots else {}
        ax.plot(x, mean, color=color, linestyle=DASHES[k % len(DASHES)], label=name, **style)
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale=scales[0], yscale=scales[1])
    if scales[0] == "log" and len(x) <= 8:
        ax.set_xticks(x, labels=[f"{value:g}" for value in x])
        ax.minorticks_off()
    ax.legend()
    return ax


@styled
def scores(
    table: Mapping[str, np.ndarray], *, xlabel: str, baseline: str, ax: Axes | None = None
) -> Axes:
    """Draw each named row of scores as its mean with one standard error, and the baseline's mean.

    Every score is a thin dot beside its mean.
    """
    ax = one(ax, height=0.36 * len(table) + 1.0)
    for row, (name, values) in enumerate(table.items()):
        error = values.std(ddof=1) / np.sqrt(len(values))
        color = colors.GREY if name == baseline else colors.BLUE
        spread = row + np.linspace(-0.25, 0.25, len(values))
        ax.plot(values, spread, ".", color=color, ms=3, alpha=0.4)
        ax.errorbar(
            values.mean(), row, xerr=error, fmt="o", color=color, ms=6, capsize=4, lw=2, zorder=4
        )
    ax.axvline(table[baseline].mean(), color=colors.GREY, linestyle="--", lw=1.2)
    ax.set(yticks=range(len(table)), yticklabels=list(table), xlabel=xlabel)
    ax.set_ylim(len(table) - 0.5, -0.5)
    return ax
