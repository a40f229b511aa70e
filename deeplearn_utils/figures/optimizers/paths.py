"""Where optimizers go: steps on a parabola, and paths over the contours of a surface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes

from deeplearn_utils import colors
from deeplearn_utils.colors import color_of
from deeplearn_utils.figures.style import DASHES, MARKERS, one, several, styled
from deeplearn_utils.labels import label_of


class Landscape(Protocol):
    """What `contour_paths` asks of a surface."""

    domain: tuple[tuple[float, float], tuple[float, float]]
    minimum: np.ndarray | None

    def value(self, points: np.ndarray) -> np.ndarray: ...


@styled
def parabola_steps(
    curvature: float,
    paths: Mapping[str, np.ndarray],
    *,
    reach: float,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw each named path θ₀, θ₁, ... on the loss ½ λ θ², one panel each, from -reach to reach."""
    (axes,) = several(ax, 1, len(paths), size=(7.2, 2.6))
    theta = np.linspace(-reach, reach, 201)
    for panel, (name, path) in zip(axes, paths.items(), strict=True):
        panel.plot(theta, 0.5 * curvature * theta**2, color=colors.GREY, lw=1.4)
        inside = np.asarray(path)[np.abs(path) <= reach]
        loss = 0.5 * curvature * inside**2
        panel.plot(inside, loss, "o-", color=colors.BACKWARD, lw=1.1, ms=4)
        panel.plot(inside[0], loss[0], "o", color="black", ms=7, zorder=4)
        panel.set_title(name, fontsize=10)
        panel.set(xlabel=r"$\theta$", xlim=(-reach, reach))
        panel.label_outer()
    axes[0].set_ylabel("loss")
    return axes


@styled
def contour_paths(
    surface: Landscape, paths: Mapping[str, np.ndarray], *, directions: np.ndarray | None = None,
    legend: bool = True, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw named paths, (steps, 2) each, over the contours of a surface.

    A path that leaves the frame is cut off there. The columns of `directions`, (2, k), are drawn as
    dashed lines through the minimum.
    """
    ax = one(ax, height=3.2)
    (left, right), (bottom, top) = surface.domain
    across, up = np.meshgrid(np.linspace(left, right, 241), np.linspace(bottom, top, 181))
    value = surface.value(np.stack([across, up], axis=-1))
    levels = np.quantile(value, np.linspace(0.01, 0.97, 12))
    ax.contour(across, up, value, levels=levels, colors="#C4C4C4", linewidths=0.9)
    for direction in np.transpose(directions) if directions is not None else ():
        ax.axline(surface.minimum, surface.minimum + direction, color="black", lw=1, linestyle="--")
    for k, (name, path) in enumerate(paths.items()):
        ax.plot(
            *np.transpose(path), color=color_of(name, k), lw=1.3, linestyle=DASHES[k],
            marker=MARKERS[k], ms=3.5, label=label_of(name), clip_on=True,
        )  # fmt: skip
    start = next(iter(paths.values()))[0]
    ax.plot(*start, "o", color="black", ms=7, zorder=4)
    if surface.minimum is not None:
        ax.plot(*surface.minimum, "*", color="black", ms=12, zorder=4)
    ax.grid(False)
    ax.set(xlabel=r"$\theta_1$", ylabel=r"$\theta_2$", xlim=(left, right), ylim=(bottom, top))
    ax.label_outer()
    if legend:
        ax.legend(loc="upper right")
    return ax
