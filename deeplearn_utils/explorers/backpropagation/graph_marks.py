"""A calculation drawn as a graph of marks: nodes in a row, what enters them from below.

Nodes are places (x, y) by name, in units that are as long upwards as across. Edges are pairs of
nodes by the name of the value that they carry; they lead from left to right or straight up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deeplearn_utils import colors

from ..parts.marks import Arrow, Dots, Mark, Number, Text

Nodes = Mapping[str, tuple[float, float]]
Edges = Mapping[str, tuple[str, str]]

CIRCLE, RADIUS = 11.0, 0.42
"""A node's radius in pixels, and the room that edges leave around it."""

ABOVE, ABREAST = 0.55, 0.27
"""How far numbers stand from an edge that lies, and from the middle beside one that stands."""


def graph_marks(
    nodes: Nodes, edges: Edges, *, given: Sequence[str], digits: int
) -> tuple[Mark, ...]:
    """Return the marks of a graph.

    The value on the edge ``u`` is read from the array ``u_value``, its slope from ``u_slope``.
    Nodes named in `given` are squares and name the value on their edge themselves.
    """
    marks = [_arrow(nodes[start], nodes[end]) for start, end in edges.values()]
    marks += [_node(place, name in given) for name, place in nodes.items()]
    marks += [Text(x=x, y=y, text=name, size=13.0) for name, (x, y) in nodes.items()]
    for name, (start, end) in edges.items():
        first = name == next(iter(edges))
        marks += _numbers(name, nodes[start], nodes[end], digits, legend=first)
        if name not in given:
            x, y = _middle(nodes[start], nodes[end])
            marks.append(Text(x=x, y=y + 2.0 * ABOVE, text=name, size=13.0))
    return tuple(marks)


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> Arrow:
    (x, y), (x_end, y_end) = start, end
    if y == y_end:
        x, x_end = x + RADIUS, x_end - RADIUS
    else:
        y, y_end = y + RADIUS, y_end - RADIUS
    return Arrow(x=x, y=y, x_end=x_end, y_end=y_end, width=1.5, color=colors.GREY)


def _node(place: tuple[float, float], given: bool) -> Dots:
    symbol, color = ("square", "paper") if given else ("circle", colors.DEAD)
    return Dots(x=place[0], y=place[1], symbol=symbol, size=CIRCLE, color=color)


def _middle(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    return (start[0] + end[0]) / 2, (start[1] + end[1]) / 2


def _numbers(
    name: str, start: tuple[float, float], end: tuple[float, float], digits: int, legend: bool
) -> tuple[Number, Number]:
    """Return the value and the slope under it: around an edge that lies, beside one that stands."""
    x, y = _middle(start, end)
    lies = start[1] == end[1]
    place = {"x": x if lies else x + 0.2, "anchor": "middle" if lies else "start"}
    off = ABOVE if lies else ABREAST
    labels = ("forward: the value", "backward: ∂ℒ/∂(value)") if legend else ("", "")
    return (
        Number(value=f"{name}_value", y=y + off, color=colors.FORWARD, label=labels[0],
               digits=digits, **place),
        Number(value=f"{name}_slope", y=y - off, color=colors.BACKWARD, label=labels[1],
               digits=digits, **place),
    )  # fmt: skip
