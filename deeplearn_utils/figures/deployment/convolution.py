"""One place of a convolution: the window, the kernel, and the number that comes out."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from deeplearn_utils import colors
from deeplearn_utils.figures.charts.data import SIGNED
from deeplearn_utils.figures.shapes import INK, number
from deeplearn_utils.figures.style import bare, one, styled

GAP = 0.28
KERNEL_HEIGHT = 0.66


@styled
def convolution(
    image: np.ndarray,
    kernel: np.ndarray,
    output: np.ndarray,
    *,
    at: tuple[int, int],
    ax: Axes | None = None,
) -> Axes:
    """Draw image (h, w), kernel (kh, kw) and output of a convolution, and frame one place of it.

    The window of the output's cell `at` = (row, column) is framed in the image, the cell in the
    output; its value stands below. The kernel is drawn larger, with its numbers; kernel and output
    are blue above 0, vermilion below 0 and white at 0.

    Parameters
    ----------
    image : array, shape (h, w)
        Drawn from white (its least value) to black.
    kernel : array, shape (kh, kw)
        At most about 5 by 5, for its numbers to fit.
    output : array, shape (h - kh + 1, w - kw + 1) or (h, w)
        With stride 1: without padding ("valid"), or with zeros around the image ("same").
    at : (int, int)
        Row and column of the output.
    ax : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        When the output's shape is that of no convolution with stride 1, or `at` lies outside it.

    Examples
    --------
    >>> ax = convolution(np.eye(4), np.ones((2, 2)), np.full((3, 3), 2.0), at=(0, 1))
    >>> [text.get_text() for text in ax.texts][-1]
    'framed: 2'
    """
    row, column = at
    top, left = _corner(image.shape, kernel.shape, output.shape)
    if not (0 <= row < output.shape[0] and 0 <= column < output.shape[1]):
        raise ValueError(f"`at` must lie inside the output, of shape {output.shape}, got {at}")
    ax = bare(one(ax, height=2.9))
    cell = 1 / image.shape[0]
    place = _panel(ax, image, 0.0, cell, "gray_r", f"image {image.shape}")
    _frame(ax, 0.0, cell, image.shape, (row + top, column + left), kernel.shape)
    ax.text(place + GAP / 2, 0.5, "×", ha="center", va="center", fontsize=20, color=INK)
    place += GAP
    cells = KERNEL_HEIGHT / max(kernel.shape)
    end = _panel(ax, kernel, place, cells, SIGNED, f"kernel {kernel.shape}")
    _numbers(ax, kernel, place, cells)
    ax.text(end + GAP / 2, 0.5, "=", ha="center", va="center", fontsize=20, color=INK)
    place = end + GAP
    end = _panel(ax, output, place, cell, SIGNED, f"output {output.shape}")
    _frame(ax, place, cell, output.shape, at, (1, 1))
    value = f"framed: {number(output[row, column])}"
    low = 0.5 - output.shape[0] * cell / 2
    ax.text((place + end) / 2, low - 0.04, value, ha="center", va="top", color=INK)
    ax.set(xlim=(-0.12, end + 0.12), ylim=(-0.16, 1.16), aspect="equal")
    return ax


def _corner(image: tuple, kernel: tuple, output: tuple) -> tuple[int, int]:
    """Return how far the first window begins below and right of the image's corner."""
    valid = tuple(n - k + 1 for n, k in zip(image, kernel, strict=True))
    if output == valid:
        return 0, 0
    if output == image:
        return -((kernel[0] - 1) // 2), -((kernel[1] - 1) // 2)
    raise ValueError(
        f"`output` must have shape {valid} (no padding) or {image} (zeros around the image) for an "
        f"image {image} and a kernel {kernel}, got {output}: draw a convolution with stride 1"
    )


def _panel(ax: Axes, M: np.ndarray, left: float, cell: float, cmap: object, title: str) -> float:
    """Draw a matrix, centered in height, and return where it ends."""
    rows, columns = M.shape
    low, high = 0.5 - rows * cell / 2, 0.5 + rows * cell / 2
    right = left + columns * cell
    limit = float(np.abs(M).max()) or 1.0
    span = {"vmin": -limit, "vmax": limit} if cmap is SIGNED else {}
    extent = (left, right, low, high)
    ax.imshow(M, cmap=cmap, extent=extent, interpolation="nearest", aspect="equal", **span)
    ax.add_patch(Rectangle((left, low), right - left, high - low, fill=False, ec="#999999", lw=0.8))
    ax.text((left + right) / 2, high + 0.05, title, ha="center", va="bottom", color=INK)
    return right


def _frame(ax: Axes, left: float, cell: float, of: tuple, at: tuple, shape: tuple) -> None:
    """Frame a block of `shape` cells whose first cell is `at`, in a matrix of shape `of`."""
    high = 0.5 + of[0] * cell / 2
    corner = (left + at[1] * cell, high - (at[0] + shape[0]) * cell)
    size = (shape[1] * cell, shape[0] * cell)
    look = {"fill": False, "ec": colors.ORANGE, "lw": 3.0, "zorder": 4, "clip_on": False}
    ax.add_patch(Rectangle(corner, *size, **look))


def _numbers(ax: Axes, kernel: np.ndarray, left: float, cell: float) -> None:
    high, limit = 0.5 + kernel.shape[0] * cell / 2, np.abs(kernel).max()
    for (i, j), weight in np.ndenumerate(kernel):
        dark = weight > 0.6 * limit
        middle = (left + (j + 0.5) * cell, high - (i + 0.5) * cell)
        color = "white" if dark else INK
        ax.text(*middle, number(round(weight, 2)), ha="center", va="center", color=color, size=9.5)
