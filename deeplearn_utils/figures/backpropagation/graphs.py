"""Calculations drawn as graphs: values in blue above the edges, slopes in orange below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from deeplearn_utils import colors
from deeplearn_utils.figures.shapes import INK, Place, arrow, canvas, number
from deeplearn_utils.figures.style import styled

RADIUS = 0.36
SYMBOLS = {"L": r"\mathcal{L}"}  # L alone is the number of layers


class Edge(NamedTuple):
    """An edge from node to node, which carries the value called `name`."""

    start: str
    end: str
    name: str
    at: float = 0.5  # where along the edge its numbers stand


NEURON: dict[str, Place] = {
    "x": (0, 3.3), "w": (0, 1.1), "×": (2.5, 2.2), "b": (2.5, 0.1), "+": (4.4, 2.2),
    "f": (6.3, 2.2), "y": (6.3, 0.1), "−": (8.2, 2.2), "( )²": (10.7, 2.2), "L": (12.7, 2.2),
}  # fmt: skip
NEURON_EDGES = (
    Edge("x", "×", "x", 0.45), Edge("w", "×", "w", 0.45), Edge("×", "+", "u"), Edge("b", "+", "b"),
    Edge("+", "f", "z"), Edge("f", "−", "a"), Edge("y", "−", "y"), Edge("−", "( )²", "e"),
    Edge("( )²", "L", "L"),
)  # fmt: skip

SHARED: dict[str, Place] = {
    "x": (0, 2.6), "w": (0, 0.5), "×": (2.6, 2.6), "× ": (6.0, 2.6), "L": (8.4, 2.6),
}  # fmt: skip
SHARED_EDGES = (
    Edge("x", "×", "x"), Edge("w", "×", "w", 0.55), Edge("×", "× ", "u"),
    Edge("w", "× ", "w", 0.6), Edge("× ", "L", "L"),
)  # fmt: skip


@styled
def neuron_graph(
    values: Mapping[str, float],
    gradients: Mapping[str, float] | None = None,
    *,
    activation: str = "σ",
    ahead: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the graph of L = (f(w x + b) - y)², with a number on every edge.

    `values` holds x, w, u = w x, b, z, a, y, e = a - y and L; `gradients`, where given, the
    derivative of L with respect to each of them. With `ahead` they are derivatives of each
    value with respect to one input, as forward mode carries them: the arrows lead forward.
    """
    ax = canvas(ax, (-0.5, 13.2), (-0.5, 3.8), height=2.5)
    _edges(ax, NEURON, NEURON_EDGES, values, gradients, ahead=ahead)
    _nodes(ax, {name.replace("f", activation): place for name, place in NEURON.items()})
    return ax


@styled
def shared_graph(
    values: Mapping[str, float],
    paths: tuple[float, float] | None = None,
    gradients: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the graph of L = w (w x), in which w is used twice.

    `values` and `gradients` hold x, w, u = w x and L; `paths` is what comes back to w along each
    of its two edges, the edge to the first product first.
    """
    ax = canvas(ax, (-0.5, 8.9), (-0.2, 3.1), height=2.4)
    back = None if gradients is None else dict(gradients)
    _edges(ax, SHARED, SHARED_EDGES, values, back, iter(paths or ()))
    _nodes(ax, SHARED)
    if gradients is not None:
        total = f"sum: {number(gradients['w'])}"
        ax.text(0.5, 0.2, total, color=colors.BACKWARD, weight="bold", va="top")
    return ax


def _nodes(ax: Axes, places: Mapping[str, Place]) -> None:
    for name, place in places.items():
        known = name.strip().isalpha() and name.strip().isascii()
        face = "white" if known else "#EAF3FA"
        edge = INK if known else colors.FORWARD
        ax.add_patch(Circle(place, RADIUS, facecolor=face, edgecolor=edge, lw=1.6, zorder=3))
        text = _symbol(name.strip()) if known else name.strip()
        ax.text(*place, text, ha="center", va="center", zorder=4, fontsize=10.5)


def _edges(
    ax: Axes,
    places: Mapping[str, Place],
    edges: tuple[Edge, ...],
    values: Mapping[str, float],
    gradients: Mapping[str, float] | None,
    shared: object = iter(()),
    *,
    ahead: bool = False,
) -> None:
    derived = colors.PURPLE if ahead else colors.BACKWARD
    for edge in edges:
        start, end = places[edge.start], places[edge.end]
        there = gradients is None or ahead
        color = colors.FORWARD if there else colors.BACKWARD
        ends = (start, end) if there else (end, start)
        arrow(ax, *ends, color, dashed=not there, width=1.6, gap=15)
        place = [p + edge.at * (q - p) for p, q in zip(start, end, strict=True)]
        tilt = (end[1] > start[1]) - (end[1] < start[1])
        value = f"{_symbol(edge.name)} = {number(values[edge.name])}"
        _write(ax, place, value, colors.FORWARD, tilt)
        if gradients is not None:
            own = gradients[edge.name]
            slope = next(shared, own) if edge.name == "w" else own
            _write(ax, place, number(slope), derived, tilt, below=True)


def _write(
    ax: Axes, place: Sequence[float], text: str, color: str, tilt: int, *, below: bool = False
) -> None:
    """Write above or below an edge; beside it, on the free side, where it rises or falls."""
    side = -tilt if below else tilt  # rising: above is to the left
    ax.text(
        place[0] - 0.12 * side, place[1] + (-0.1 if below else 0.1), text,
        fontsize=9.5, color=color, zorder=5,
        ha=("center", "right", "left")[side], va="top" if below else "bottom",
        weight="bold" if below else "normal",
    )  # fmt: skip


def _symbol(name: str) -> str:
    return f"${SYMBOLS.get(name, name)}$"
