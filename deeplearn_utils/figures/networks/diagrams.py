"""Drawings of ideas: the two ends of a network's life, one neuron, a layered network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from deeplearn_utils import colors
from deeplearn_utils.figures.shapes import INK, arrow, box, canvas, number
from deeplearn_utils.figures.style import bare, one, styled


@styled
def two_ends(ax: Axes | None = None) -> Axes:
    """Draw training, a loop that changes the parameters, above inference, which doesn't."""
    ax = canvas(ax, (-0.2, 10.8), (-0.9, 3.6), height=3.4)
    forward, backward = colors.FORWARD, colors.BACKWARD
    ax.text(-0.1, 3.35, "Training: many passes, the parameters change", weight="bold", color=INK)
    places = (0.9, 3.4, 5.9, 8.4)
    for x, text in zip(
        places, ("examples\n$X$", "network\n$\\theta$", "outputs", "loss"), strict=True
    ):
        box(ax, (x, 2.5), text, forward)
    for x in places[:-1]:
        arrow(ax, (x + 0.8, 2.5), (x + 1.7, 2.5), forward)
    arrow(ax, (9.95, 2.5), (9.2, 2.5), forward)
    ax.text(10.0, 2.5, "targets\n$y$", va="center", color=INK, fontsize=9)
    arrow(ax, (8.4, 2.12), (3.4, 2.12), backward, bend=-0.16)
    ax.text(5.9, 1.28, "gradient: which way to change $\\theta$", ha="center", color=backward)
    ax.plot([-0.1, 10.7], [0.95, 0.95], color="#CCCCCC", lw=1)
    ax.text(-0.1, 0.55, "Inference: one pass, the parameters stay", weight="bold", color=INK)
    for x, text in zip(
        places[:3], ("new input\n$x$", "network\n$\\theta$ fixed", "answer"), strict=True
    ):
        box(ax, (x, -0.35), text, forward)
    for x in places[:2]:
        arrow(ax, (x + 0.8, -0.35), (x + 1.7, -0.35), forward)
    return ax


@styled
def neuron(
    x: Sequence[float],
    w: Sequence[float],
    b: float,
    activation: str,
    a: float,
    ax: Axes | None = None,
) -> Axes:
    """Draw one neuron with its inputs, weights, bias and activation `a` written on it."""
    ax = canvas(ax, (-0.8, 8.2), (-0.4, 3.4), height=3.2)
    heights = np.linspace(2.9, 0.6, len(x))
    z = float(np.dot(x, w) + b)
    for i, (value, weight, y) in enumerate(zip(x, w, heights, strict=True), start=1):
        ax.add_patch(Circle((0, y), 0.36, facecolor="white", edgecolor=INK, lw=1.6))
        ax.text(0, y, number(value), ha="center", va="center")
        ax.text(-0.5, y, f"$x_{i}$", ha="right", va="center", color=INK)
        arrow(ax, (0.4, y), (3.05, 1.75), colors.FORWARD)
        _edge_label(ax, (0.4, y), (3.05, 1.75), f"$w_{i}$ = {number(weight)}")
    ax.add_patch(Circle((3.6, 1.75), 0.6, facecolor="#EAF3FA", edgecolor=colors.FORWARD, lw=2))
    ax.text(3.6, 1.75, f"$z$ =\n{number(z)}", ha="center", va="center")
    arrow(ax, (3.6, 0.45), (3.6, 1.12), colors.FORWARD)
    ax.text(3.6, 0.25, f"bias $b$ = {number(b)}", ha="center", va="center")
    arrow(ax, (4.22, 1.75), (5.1, 1.75), colors.FORWARD)
    box(ax, (5.9, 1.75), activation, colors.FORWARD, width=1.5)
    arrow(ax, (6.68, 1.75), (7.3, 1.75), colors.FORWARD)
    ax.text(7.4, 1.75, f"$a$ = {number(a)}", va="center", weight="bold")
    return ax


def _edge_label(ax: Axes, start: tuple[float, float], end: tuple[float, float], text: str) -> None:
    x, y = (np.array(start) + 0.42 * (np.array(end) - np.array(start))).tolist()
    ax.text(
        x, y, text, ha="center", va="center", fontsize=9.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip


@styled
def network(sizes: Sequence[int], *, most: int = 7, ax: Axes | None = None) -> Axes:
    """Draw the layers of a network as columns of nodes, with the shape of each weight matrix.

    A layer wider than `most` is shortened; the number below it is its true size.
    """
    ax = bare(one(ax, height=3.6))
    columns = [_heights(n, most) for n in sizes]
    for left, (here, there) in enumerate(pairwise(columns)):
        for y in here:
            for target in there:
                ax.plot([left, left + 1], [y, target], color=colors.FORWARD, lw=0.5, alpha=0.45)
        label = f"$W^{{({left + 1})}}$\n({sizes[left]}, {sizes[left + 1]})"
        ax.text(left + 0.5, 1.16, label, ha="center", va="center")
    for layer, (n, ys) in enumerate(zip(sizes, columns, strict=True)):
        ax.scatter(
            [layer] * len(ys), ys, s=110, color="white", edgecolor=colors.FORWARD, lw=1.6, zorder=3
        )
        if n > most:
            ax.text(layer, 0.0, "⋮", ha="center", va="center", fontsize=15, zorder=4)
        ax.text(layer, -1.2, f"$a^{{({layer})}}$: {n}", ha="center", va="center")
    ax.set(xlim=(-0.4, len(sizes) - 0.6), ylim=(-1.35, 1.4))
    return ax


def _heights(n: int, most: int) -> np.ndarray:
    if n == 1:
        return np.zeros(1)
    heights = np.linspace(1, -1, min(n, most)) * (0.9 if n >= most else 0.9 * n / most)
    return heights if n <= most else np.delete(heights, len(heights) // 2)
