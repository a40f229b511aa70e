"""Pictures of the plane: what a function of two inputs answers at every point."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from deeplearn_utils import colors
from deeplearn_utils.figures.style import MARKERS, one, styled

BETWEEN = LinearSegmentedColormap.from_list(
    "between", [colors.CLASSES[0], "#FFFFFF", colors.CLASSES[1]]
)

Box = tuple[float, float, float, float]


@styled
def decision_plane(
    function: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    *,
    box: Box | None = None,
    labels: tuple[str, str] = ("$x_1$", "$x_2$"),
    names: Sequence[str] | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Shade the plane by `function`, (m, 2) -> (m,), with points (X, y) and the line at 0.5.

    `names` are those of the classes, for the legend.
    """
    ax = one(ax, height=3.6, width=4.6)
    left, right, bottom, top = box or _around(X)
    across, up = np.meshgrid(np.linspace(left, right, 201), np.linspace(bottom, top, 201))
    value = function(np.column_stack([across.ravel(), up.ravel()])).reshape(across.shape)
    ax.imshow(
        value, extent=(left, right, bottom, top), origin="lower", cmap=BETWEEN, vmin=0, vmax=1,
        alpha=0.55, aspect="auto", interpolation="bilinear",
    )  # fmt: skip
    if value.min() < 0.5 < value.max():
        ax.contour(across, up, value, levels=[0.5], colors="black", linewidths=1.8, zorder=4)
    class_points(X, y, names=names, legend=legend, ax=ax)
    ax.grid(False)
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel=labels[0], ylabel=labels[1])
    return ax


@styled
def class_points(
    X: np.ndarray,
    y: np.ndarray,
    *,
    names: Sequence[str] | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Scatter two-dimensional points, one color and one marker for each class."""
    ax = one(ax, height=3.6, width=4.6)
    size = 80 if len(X) <= 20 else 28 if len(X) <= 400 else 14
    for k in np.unique(y):
        mine = X[np.asarray(y) == k]
        ax.scatter(
            mine[:, 0], mine[:, 1], s=size, color=colors.CLASSES[int(k)], marker=MARKERS[int(k)],
            edgecolor="black" if len(X) <= 400 else "white", linewidth=0.5, zorder=3,
            label=f"class {int(k)}" if names is None else names[int(k)],
        )  # fmt: skip
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    if legend:
        ax.legend(loc="best")
    return ax


def _around(X: np.ndarray) -> Box:
    low, high = np.min(X, axis=0).astype(float), np.max(X, axis=0).astype(float)
    margin = 0.15 * (high - low)
    (left, bottom), (right, top) = low - margin, high + margin
    return float(left), float(right), float(bottom), float(top)
