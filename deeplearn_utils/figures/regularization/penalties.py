"""What a penalty does to weights: their paths, and the constraint that stands for it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from deeplearn_utils import colors
from deeplearn_utils.figures.style import DASHES, one, styled


@styled
def weight_paths(
    strengths: np.ndarray,
    weights: np.ndarray,
    names: list[str],
    *,
    legend: bool = True,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the weights (strengths, d) over the strength; a dot marks the first exact 0 of each."""
    ax = one(ax, height=3.4)
    for k, (name, path) in enumerate(zip(names, weights.T, strict=True)):
        color = colors.SERIES[k % len(colors.SERIES)]
        dashes = DASHES[k // len(colors.SERIES)]
        ax.plot(strengths, path, color=color, linestyle=dashes, lw=1.5, label=name)
        gone = np.flatnonzero(path == 0)
        if gone.size:
            ax.plot(strengths[gone[0]], 0, "o", color=color, ms=4)
    ax.axhline(0, color=colors.BLACK, lw=0.8)
    ax.set(xlabel=r"strength $\lambda$", ylabel="weight", xscale="log", title=title)
    if legend:
        named = ax.get_legend_handles_labels()
        ax.get_figure().legend(*named, loc="outside right center", fontsize=9)
    return ax


@styled
def constraint(
    loss: np.ndarray,
    reach: float,
    region: np.ndarray,
    points: Mapping[str, tuple[float, float]],
    *,
    level: float,
    title: str = "",
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw level lines of a loss over two weights, the region allowed, and named points.

    The level line of `level` is the thick one. `loss` is a matrix over [-reach, reach] squared, row
    0 at the bottom; `region` the corners (m, 2) of the region's edge.
    """
    ax = one(ax, height=3.4, width=3.6)
    axis = np.linspace(-reach, reach, len(loss))
    ax.fill(*region.T, color=colors.SKY_BLUE, alpha=0.4, lw=0)
    ax.contour(
        axis, axis, loss, levels=level * np.array([0.1, 0.4, 1.0, 2.0, 4.0]), colors="#555555",
        linewidths=[0.8, 0.8, 1.8, 0.8, 0.8],
    )  # fmt: skip
    for k, (name, (x, y)) in enumerate(points.items()):
        color = (colors.BLACK, colors.VERMILION, colors.GREEN)[k]
        ax.plot(x, y, "*s^"[k], color=color, ms=9, label=name, zorder=4)
    ax.axhline(0, color=colors.GREY, lw=0.8)
    ax.axvline(0, color=colors.GREY, lw=0.8)
    ax.set(xlabel="$w_1$", ylabel="$w_2$", title=title, aspect="equal")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    ax.grid(False)
    if legend:
        named = ax.get_legend_handles_labels()
        ax.get_figure().legend(*named, loc="outside lower center", ncols=3)
    return ax
