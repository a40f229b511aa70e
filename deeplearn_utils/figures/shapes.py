"""Boxes, arrows and numbers of the drawings: on a canvas without axes, in units of its own."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from deeplearn_utils.figures.style import bare, one

Place = tuple[float, float]

INK = "#222222"
"""The color of text and outlines that carry no meaning of their own."""


def canvas(ax: Axes | None, x: Place, y: Place, height: float, *, aspect: str = "equal") -> Axes:
    """Return axes without ticks and frame that reach over `x` and `y`."""
    ax = bare(one(ax, height=height))
    ax.set(xlim=x, ylim=y, aspect=aspect)
    return ax


def box(
    ax: Axes,
    center: Place,
    text: str,
    edge: str,
    *,
    width: float = 1.5,
    height: float = 0.68,
    line: float = 2.0,
    size: float | None = None,
) -> None:
    """Draw a white box with round corners around a text."""
    (x, y), style = center, "round,pad=0.02,rounding_size=0.12"
    corner = (x - width / 2, y - height / 2)
    face = {"facecolor": "white", "edgecolor": edge, "lw": line}
    ax.add_patch(FancyBboxPatch(corner, width, height, boxstyle=style, **face))
    ax.text(x, y, text, ha="center", va="center", color=INK, fontsize=size)


def arrow(
    ax: Axes,
    start: Place,
    end: Place,
    color: str,
    *,
    bend: float = 0.0,
    dashed: bool = False,
    width: float = 1.7,
    gap: float = 2.0,
) -> None:
    """Draw an arrow that ends `gap` points before the places it joins."""
    line = {"color": color, "lw": width, "linestyle": "--" if dashed else "-"}
    bent = {"connectionstyle": f"arc3,rad={bend}", "shrinkA": gap, "shrinkB": gap}
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=13, **line, **bent))


def number(value: float) -> str:
    """Return three digits with a true minus sign, never with a negative zero.

    >>> number(-0.25), number(-0.0)
    ('−0.25', '0')
    """
    return f"{value + 0.0:.3g}".replace("-", "\N{MINUS SIGN}")
