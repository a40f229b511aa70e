"""Data before any network sees it: images, signals, ranges of features, and the size of a leak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from deeplearn_utils import colors
from deeplearn_utils.figures.style import bare, one, several, styled

SIGNED = LinearSegmentedColormap.from_list("signed", [colors.NEGATIVE, "#FFFFFF", colors.POSITIVE])


@styled
def image_grid(
    images: np.ndarray,
    titles: Sequence[str],
    *,
    wrong: Sequence[bool] | None = None,
    signed: bool = False,
    columns: int = 8,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw images (n, height, width) in a grid, each under its title, colored where it is `wrong`.

    `signed` images are drawn blue above 0, vermilion below 0, white at 0.
    """
    rows = -(-len(images) // columns)
    axes = several(ax, rows, columns, size=(7.2, 1.15 * rows))
    for panel in axes.flat:
        bare(panel)
    limit = float(np.abs(np.asarray(images, float)).max())  # an int8 has no 128
    options = {"cmap": SIGNED, "vmin": -limit, "vmax": limit} if signed else {"cmap": "gray_r"}
    for k, (image, title) in enumerate(zip(images, titles, strict=True)):
        panel = axes.flat[k]
        panel.imshow(image, interpolation="nearest", **options)
        color = colors.VERMILION if wrong is not None and wrong[k] else "#222222"
        panel.set_title(title, fontsize=10, color=color, loc="center", pad=3)
    return axes


@styled
def signals(
    X: np.ndarray, y: np.ndarray, *, columns: int = 5, ax: np.ndarray | None = None
) -> np.ndarray:
    """Draw signals (n, length), one small panel each, titled with its class."""
    rows = -(-len(X) // columns)
    axes = several(ax, rows, columns, size=(7.2, 1.6 * rows))
    for panel, x, label in zip(axes.flat, X, y, strict=True):
        panel.plot(x, color=colors.BLUE, lw=1.5)
        panel.set_title(f"class {label}", fontsize=10, pad=3)
        panel.label_outer()
    for panel in axes[-1]:
        panel.set_xlabel("position")
    for panel in axes[:, 0]:
        panel.set_ylabel("value")
    return axes


@styled
def feature_ranges(
    X: np.ndarray, names: Sequence[str], *, xlabel: str, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw for each column of X its least, middle half and greatest value."""
    ax = one(ax, height=0.28 * len(names) + 1.0)
    low, q1, middle, q3, high = np.percentile(X, [0, 25, 50, 75, 100], axis=0)
    place = np.arange(len(names))
    ax.hlines(place, low, high, color=colors.GREY, lw=1.2)
    ax.hlines(place, q1, q3, color=colors.BLUE, lw=6, alpha=0.75)
    ax.plot(middle, place, "o", color="white", markeredgecolor="black", markersize=5)
    ax.set(yticks=place, yticklabels=list(names), xlabel=xlabel, title=title)
    ax.invert_yaxis()
    return ax


@styled
def leak(
    honest: Mapping[str, np.ndarray],
    leaking: Mapping[str, np.ndarray],
    *,
    truth: float,
    xlabel: str,
    label: str = "the truth",
    ax: Axes | None = None,
) -> Axes:
    """Draw what honest and leaking ways measured over repeats, their means, and the truth."""
    kinds = ((honest, colors.HONEST, "o"), (leaking, colors.LEAKING, "^"))
    rows = [(n, v, color, mark) for ways, color, mark in kinds for n, v in ways.items()]
    ax = one(ax, height=0.65 * len(rows) + 1.2)
    for line, (_, value, color, marker) in enumerate(rows):
        offset = np.random.default_rng(0).uniform(-0.2, 0.2, len(value))
        ax.scatter(value, line + offset, color=color, marker=marker, s=30, alpha=0.75)
        ax.vlines(np.mean(value), line - 0.35, line + 0.35, color=color, lw=3)
    ax.axvline(truth, color="black", linestyle="--", lw=1.4)
    ax.text(truth, -0.62, label, ha="center", va="bottom", fontsize=9.5)
    ax.set(yticks=range(len(rows)), yticklabels=[name for name, *_ in rows], xlabel=xlabel)
    ax.set_ylim(len(rows) - 0.5, -0.6)
    return ax
