"""The look that all figures share: one style sheet, one marker per class, one way to get axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from importlib.resources import as_file, files
from typing import ParamSpec, TypeVar

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""The marker of class 0, class 1, ...: what tells classes apart without color."""

DASHES = ("-", "--", ":", "-.", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
"""Line styles in step with `colors.SERIES`."""

P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run `draw` under the book's style sheet and leave the reader's own settings as they were."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        with as_file(files(__package__) / "book.mplstyle") as sheet, plt.style.context(sheet):
            drawing = draw(*args, **kwargs)
            interactive = plt.isinteractive()
        matplotlib.interactive(interactive)  # a notebook turns this on at its first figure
        return drawing

    return drawn


@styled
def row(n: int, *, height: float = 3.0, width: float = 7.2, **options: object) -> np.ndarray:
    """Give a row of `n` new axes, to hand to other figures one by one.

    >>> left, right = row(2)
    >>> bool(left.get_figure() is right.get_figure())
    True
    """
    _, axes = plt.subplots(1, n, figsize=(width, height), squeeze=False, **options)
    return axes[0]


def one(ax: Axes | None, *, height: float = 3.0, width: float = 7.2) -> Axes:
    """Give `ax`, or new axes where the caller has none."""
    return ax if ax is not None else plt.subplots(figsize=(width, height))[1]


def several(
    ax: Sequence[Axes] | np.ndarray | None, rows: int, columns: int, *, size: tuple[float, float]
) -> np.ndarray:
    """Give `ax` as a (rows, columns) array of axes, or new ones where the caller has none."""
    if ax is None:
        ax = plt.subplots(rows, columns, figsize=size, squeeze=False)[1]
    return np.asarray(ax, dtype=object).reshape(rows, columns)


def bare(ax: Axes) -> Axes:
    """Take ticks, grid and frame away: for pictures that are not plots."""
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax
