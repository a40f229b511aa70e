"""What searches and comparisons measured: sweeps over the learning rate, and runs seed by seed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from deeplearn_utils.figures.optimization_names import color_of, label_of
from deeplearn_utils.figures.style import DASHES, MARKERS, one, styled


@styled
def rate_sweeps(
    sweeps: Mapping[str, tuple[np.ndarray, np.ndarray]],
    *,
    ylabel: str,
    highest: float,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw named sweeps, each rates (r,) and values (r, seeds): dots, and a line of means.

    A ring marks each sweep's best mean. What lies above `highest`, or diverged, is an arrow at the
    top.
    """
    ax = one(ax, height=3.6)
    for k, (name, (rates, values)) in enumerate(sweeps.items()):
        color, values = color_of(name, k), np.nan_to_num(values, nan=np.inf, posinf=np.inf)
        mean = np.minimum(values.mean(axis=1), highest)
        inside = values <= highest
        ax.plot(
            np.repeat(rates, inside.sum(axis=1)), values[inside], MARKERS[k], color=color, ms=3,
            alpha=0.5, lw=0,
        )  # fmt: skip
        above = rates[~inside.all(axis=1)]
        ax.plot(above, np.full(len(above), highest), "^", color=color, ms=7)
        ax.plot(rates, mean, color=color, linestyle=DASHES[k], lw=1.5, label=label_of(name))
        best = mean.argmin()
        ax.plot(rates[best], mean[best], "o", ms=11, mfc="none", mec=color, mew=1.6)
    ax.set(xlabel=r"learning rate $\alpha$", ylabel=ylabel, xscale="log")
    if legend:
        ax.get_figure().legend(loc="outside lower center", ncols=min(len(sweeps), 6))
    return ax


@styled
def seed_points(
    groups: Mapping[str, np.ndarray], *, xlabel: str, log: bool = False, ax: Axes | None = None
) -> Axes:
    """Draw each named group's values, one dot a seed, over a bar at their mean."""
    ax = one(ax, height=0.42 * len(groups) + 1.0)
    for row, (name, values) in enumerate(groups.items()):
        color = color_of(name, row)
        offset = np.linspace(-0.22, 0.22, len(values))
        ax.scatter(
            values, row + offset, color=color, marker=MARKERS[row % len(MARKERS)], s=22, alpha=0.75
        )
        ax.vlines(np.mean(values), row - 0.36, row + 0.36, color=color, lw=3)
    ax.set(yticks=range(len(groups)), yticklabels=[label_of(name) for name in groups])
    ax.set(xlabel=xlabel, xscale="log" if log else "linear", ylim=(len(groups) - 0.45, -0.55))
    if log:
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.locator_params(axis="x", nbins=5)
    return ax
