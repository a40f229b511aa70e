"""Small matrices with their numbers: one product laid out cell by cell, and confusion tables."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from deeplearn_utils import colors
from deeplearn_utils.figures.style import bare, one, styled

PALE = LinearSegmentedColormap.from_list("pale", ["#FFFFFF", colors.BLUE])


def _table(
    ax: Axes, M: np.ndarray, left: float, top: float, title: str, marked: np.ndarray, color: str
) -> None:
    rows, columns = M.shape
    for i in range(rows):
        for j in range(columns):
            face = color if marked[i, j] else "white"
            box = Rectangle(
                (left + j, top - i - 1), 1, 1, facecolor=face, edgecolor="#999999", lw=0.8
            )
            ax.add_patch(box)
            ax.text(left + j + 0.5, top - i - 0.5, f"{M[i, j]:g}", ha="center", va="center")
    ax.text(left + columns / 2, top + 0.55, title, ha="center", va="center", weight="bold")
    ax.text(left + columns / 2, top - rows - 0.5, f"({rows}, {columns})", ha="center", va="center")


@styled
def matrix_product(
    X: np.ndarray,
    W: np.ndarray,
    *,
    row: int = 0,
    column: int = 0,
    names: tuple[str, str, str] = ("X", "W", "Z"),
    ax: Axes | None = None,
) -> Axes:
    """Lay out X W = Z with its numbers, and mark the row and column that meet in one cell.

    `names` are other letters for X, W and Z, as TeX.
    """
    X, W = np.asarray(X, float), np.asarray(W, float)  # products of a uint8 would overflow
    Z = X @ W
    ax = bare(one(ax, height=3.0))
    tall = max(X.shape[0], W.shape[0])
    left = 0.0
    index = {
        "X": np.zeros(X.shape, bool),
        "W": np.zeros(W.shape, bool),
        "Z": np.zeros(Z.shape, bool),
    }
    index["X"][row], index["W"][:, column], index["Z"][row, column] = True, True, True
    tables = zip({"X": X, "W": W, "Z": Z}.items(), names, ("·", "=", ""), strict=True)
    for (name, M), letter, sign in tables:
        top = tall / 2 + M.shape[0] / 2
        color = "#F9D9A0" if name == "Z" else "#CFE6F5"
        _table(ax, np.round(M, 4), left, top, f"${letter}$", index[name], color)
        left += M.shape[1] + 1
        ax.text(left - 0.5, tall / 2, sign, ha="center", va="center", fontsize=16)
    ax.set(xlim=(-0.2, left - 0.8), ylim=(-1.0, tall + 1.1), aspect="equal")
    return ax


@styled
def confusion(matrix: np.ndarray, names: list[str] | None = None, ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix: one row for each true class, one column for each predicted class."""
    matrix = np.asarray(matrix)
    ax = one(ax, height=4.2, width=4.8)
    names = [str(k) for k in range(len(matrix))] if names is None else names
    ax.imshow(matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1), cmap=PALE, vmin=0, vmax=1)
    ax.grid(False)
    ticks = range(len(matrix))
    ax.set(xticks=ticks, yticks=ticks, xticklabels=names, yticklabels=names)
    ax.set(xlabel="predicted class", ylabel="true class")
    for (i, j), count in np.ndenumerate(matrix):
        if count:
            color = "white" if i == j else colors.VERMILION
            ax.text(
                j,
                i,
                f"{count:.4g}" if matrix.dtype.kind == "f" else f"{count}",
                ha="center",
                va="center",
                color=color,
                weight="bold",
            )
    return ax
