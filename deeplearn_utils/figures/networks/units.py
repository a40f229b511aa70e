"""The health of hidden units: where their inputs fall."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from deeplearn_utils import colors
from deeplearn_utils.figures.style import one, styled
from deeplearn_utils.kernels import ACTIVATIONS


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
