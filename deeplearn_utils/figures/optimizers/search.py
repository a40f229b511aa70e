"""What searches measured: sweeps over the learning rate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from deeplearn_utils.colors import color_of
from deeplearn_utils.figures.style import DASHES, MARKERS, one, styled
from deeplearn_utils.labels import label_of


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
