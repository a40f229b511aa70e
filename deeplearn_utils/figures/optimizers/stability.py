"""Where descent turns unstable: maps, and sharpness in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap

from deeplearn_utils import colors
from deeplearn_utils.figures.charts.planes import BETWEEN
from deeplearn_utils.figures.style import DASHES, MARKERS, one, several, styled

Pair = tuple[np.ndarray, np.ndarray]
LEVELS = (0, 0.5, 0.7, 0.8, 0.9, 0.95, 1, 1.1, 1.3, 1.6, 5)
"""Factors per step at which the color changes: the first half shrink, the others grow."""


@styled
def stability_map(
    momentum: np.ndarray,
    rates: np.ndarray,
    factor: np.ndarray,
    *,
    edge: np.ndarray,
    best: Pair | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Shade the factor per step, (momentum, rates), in steps; draw the edge of theory over it.

    Colors jump from blue to orange at 1, so that the edge shows wherever it is.

    `edge` is the largest stable α λ for each momentum, `best` the α λ that is fastest.
    """
    ax = one(ax, height=3.6, width=6.4)
    bands = ListedColormap([*BETWEEN(np.linspace(0, 0.42, 6)), *BETWEEN(np.linspace(0.64, 1, 4))])
    norm = BoundaryNorm(LEVELS, len(LEVELS) - 1)
    steps = np.round(factor, 9)  # √β lies on a level for some β
    shades = ax.pcolormesh(rates, momentum, steps, cmap=bands, norm=norm, rasterized=True)
    ax.plot(edge, momentum, "--", color="black", lw=1.8, label="edge, theory")
    if best is not None:
        ax.plot(*best, ":", color="black", lw=1.8, label="fastest, theory")
    ax.grid(False)
    ax.set(xlabel=r"$\alpha \lambda$", ylabel=r"momentum $\beta$", xlim=(rates[0], rates[-1]))
    bar = ax.get_figure().colorbar(shades, ax=ax, ticks=LEVELS, format="%g")
    bar.set_label("factor per step")
    ax.legend(loc="lower right")
    return ax


@styled
def sharpness_curves(
    runs: Mapping[str, Sequence[np.ndarray]],
    *,
    highest: float | None = None,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw the loss of each run (left), and its sharpness beside its own limit 2/α (right).

    A run is four rows: the steps, and at each of them the loss, the sharpness and the limit.
    """
    (axes,) = several(ax, 1, 2, size=(7.2, 3.4))
    left, right = axes
    for k, (name, (steps, loss, sharpness, limit)) in enumerate(runs.items()):
        color = colors.SERIES[k]
        left.plot(steps, loss, color=color, linestyle=DASHES[k], lw=1.4, label=name)
        right.plot(steps, sharpness, color=color, marker=MARKERS[k], ms=3.5, lw=1.2)
        right.plot(steps, limit, color=color, linestyle="--", lw=1.3)
    left.set(xlabel="step", ylabel="loss", yscale="log")
    right.set(xlabel="step", ylabel=r"sharpness $\lambda_{\max}$, limit $2/\alpha$ (dashed)")
    right.set_ylim(0, highest)
    left.legend()
    return axes
