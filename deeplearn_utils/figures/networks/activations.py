"""Activations beside their derivatives, and the sums of their bends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from deeplearn_utils import colors
from deeplearn_utils.analysis.saturation import zones
from deeplearn_utils.figures.style import several, styled
from deeplearn_utils.kernels import ACTIVATIONS
from deeplearn_utils.labels import label_of


@styled
def activation_curves(
    names: Sequence[str], *, reach: float = 6.0, ax: np.ndarray | None = None
) -> np.ndarray:
    """Draw each named activation (left) beside its derivative (right), over z from -reach to reach.

    Pale yellow marks where the derivative is under 5 % of its largest value, pale grey where it is
    0 on a whole side.
    """
    axes = several(ax, len(names), 2, size=(7.2, 1.55 * len(names) + 0.5))
    z = np.linspace(-reach, reach, 601)
    for name, (left, right) in zip(names, axes, strict=True):
        a, slope = ACTIVATIONS[name].forward(z), ACTIVATIONS[name].backward(np.ones_like(z), z)
        left.plot(z, a, color=colors.FORWARD)
        right.plot(z, slope, color=colors.BACKWARD)
        for panel in (left, right):
            _zones(panel, name)
            panel.set_xlim(-reach, reach)
        left.set_ylabel(label_of(name))
        right.set_ylim(min(-0.2, slope.min() - 0.1), max(1.15, slope.max() + 0.1))
    axes[0, 0].set_title("$a = f(z)$")
    axes[0, 1].set_title("$f'(z)$")
    for panel in axes[-1]:
        panel.set_xlabel("$z$")
    return axes


def _zones(ax: Axes, activation: str) -> None:
    for name, color in (("dead", colors.DEAD), ("slow", colors.SATURATED)):
        for start, end in zones(activation)[name]:
            if np.isfinite(start):
                ax.axvspan(start, end, color=color, zorder=0, lw=0)


@styled
def bends(
    x: np.ndarray,
    parts: np.ndarray,
    total: np.ndarray,
    target: np.ndarray,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw what each hidden unit adds (left, `parts` (n, units)) and their sum (right)."""
    (axes,) = several(ax, 1, 2, size=(7.2, 3.0))
    axes[0].plot(x, parts, color=colors.FORWARD, lw=1.1, alpha=0.8)
    axes[0].set(title="each hidden unit, one bend", xlabel="$x$", ylabel="part of the output")
    axes[1].plot(x, target, color=colors.TARGET, linestyle="--", label="target")
    axes[1].plot(x, total, color=colors.PREDICTION, label="sum")
    axes[1].set(title="their sum", xlabel="$x$", ylabel="output")
    axes[1].legend()
    return axes
