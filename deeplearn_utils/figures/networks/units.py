"""The health of hidden units: how often each one fires, and where its inputs fall."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from deeplearn_utils import colors
from deeplearn_utils.figures.style import one, styled
from deeplearn_utils.kernels import ACTIVATIONS


@styled
def firing_rates(rates: Mapping[str, np.ndarray], ax: Axes | None = None) -> Axes:
    """Draw for each named network how often each unit's output is above 0.

    `rates` holds one array (units,) of fractions from 0 to 1 for each name.
    """
    ax = one(ax, height=0.75 * len(rates) + 1.2)
    for line, (_, rate) in enumerate(rates.items()):
        dead = rate == 0
        offset = np.random.default_rng(0).uniform(-0.24, 0.24, len(rate))
        for mask, marker, color in ((~dead, "o", colors.BLUE), (dead, "x", colors.BLACK)):
            ax.scatter(
                100 * rate[mask], line + offset[mask], s=26, color=color, marker=marker, alpha=0.8
            )
        ax.text(103, line, f"{dead.sum()} of {len(rate)}\nnever fire", va="center", fontsize=9.5)
    ax.set(yticks=range(len(rates)), yticklabels=list(rates), xlim=(-3, 100))
    ax.set(xlabel="training examples on which the unit fires (%)", ylim=(len(rates) - 0.5, -0.5))
    return ax


@styled
def inputs_over_slope(
    z: np.ndarray, activation: str, *, limit: float, ax: Axes | None = None
) -> Axes:
    """Draw a histogram of pre-activations `z` under the derivative of `activation`.

    Yellow marks where the derivative is under `limit`.
    """
    ax = one(ax)
    reach = float(np.abs(z).max())
    grid = np.linspace(-reach, reach, 801)
    slope = ACTIVATIONS[activation].backward(np.ones_like(grid), grid)
    ax.fill_between(
        grid, 0, 1, where=np.abs(slope) < limit, color=colors.SATURATED, lw=0,
        transform=ax.get_xaxis_transform(), label=f"saturated: $f'(z)$ < {limit:g}",
    )  # fmt: skip
    shares = np.full(z.size, 100 / z.size)
    ax.hist(np.ravel(z), bins=60, weights=shares, color=colors.SKY_BLUE, label="inputs $z$")
    ax.set(xlabel="pre-activation $z$", ylabel="share of inputs (%)")
    twin = ax.twinx()
    twin.plot(grid, slope, color=colors.BACKWARD, label="$f'(z)$")
    twin.set(ylim=(0, None), ylabel="$f'(z)$")
    twin.grid(False)
    twin.spines["right"].set_visible(True)
    handles = [*ax.get_legend_handles_labels()[0], *twin.get_legend_handles_labels()[0]]
    ax.legend(handles=handles, loc="upper left", fontsize=9)
    return ax
