"""What comes out: losses with their gradients, predictions against targets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from deeplearn_utils import colors
from deeplearn_utils.figures.style import DASHES, one, several, styled


@styled
def loss_pair(
    z: np.ndarray,
    values: Mapping[str, np.ndarray],
    gradients: Mapping[str, np.ndarray],
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw the named losses (left) and their gradients (right) over the logit, at target 1."""
    (axes,) = several(ax, 1, 2, size=(7.2, 3.1))
    for panel, series in zip(axes, (values, gradients), strict=True):
        for k, (name, y) in enumerate(series.items()):
            panel.plot(z, y, color=colors.SERIES[k], linestyle=DASHES[k], label=name)
        panel.set_xlabel("logit $z$ (target 1)")
        panel.axvspan(z[0], -4, color=colors.SATURATED, zorder=0, lw=0)
    axes[0].set(title="loss", ylabel="loss")
    axes[0].legend()
    axes[1].set(title="gradient", ylabel="$\\partial L / \\partial z$")
    return axes


@styled
def prediction_against_target(
    prediction: np.ndarray, target: np.ndarray, *, unit: str, ax: Axes | None = None
) -> Axes:
    """Scatter predictions over targets, with the line on which a perfect prediction would lie."""
    ax = one(ax, height=3.8, width=4.6)
    prediction, target = np.ravel(prediction), np.ravel(target)
    ends = [min(prediction.min(), target.min()), max(prediction.max(), target.max())]
    ax.plot(ends, ends, color=colors.TARGET, linestyle="--", lw=1.4, label="perfect")
    ax.scatter(target, prediction, s=26, color=colors.PREDICTION, alpha=0.8, label="test patient")
    ax.set(xlabel=f"target ({unit})", ylabel=f"prediction ({unit})")
    ax.legend(loc="upper left")
    return ax
