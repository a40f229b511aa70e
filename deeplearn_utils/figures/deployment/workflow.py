"""The way from data to an answer, and the artifact that both halves of it share."""

from __future__ import annotations

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from deeplearn_utils import colors
from deeplearn_utils.figures.shapes import INK, arrow, box, canvas
from deeplearn_utils.figures.style import styled

ONCE = ("data", "clean", "split", "scale", "train", "validate,\ntest", "save")
ALWAYS = ("request", "check", "scale", "model", "decode", "answer")
PARTS = (
    *("golden pair", "contract", "scaler:\n" r"$\mu$, $\sigma$"),
    *("model:\n" r"$\theta$", "class\nnames", "SHA-256"),
)
TOP, MIDDLE, BOTTOM = 3.55, 2.0, 0.4
PITCH, WIDTH, HEIGHT = 1.04, 0.78, 0.42
SCALE, TRAIN, SAVE = 3, 4, 6


@styled
def workflow(*, ax: Axes | None = None) -> Axes:
    """Draw what is done once (above), what is done for every request (below), and the artifact.

    The artifact lies between the rows: each of its parts stands above the step that uses it, and
    the scaler's numbers go through it as one thick line, from the training part to the requests.
    """
    ax = canvas(ax, (-0.5, 6.8), (-0.05, 4.15), height=4.2, aspect="auto")
    _row(ax, TOP, ONCE, 0)
    _row(ax, BOTTOM, ALWAYS, 1)
    _artifact(ax)
    above, below = TOP - HEIGHT / 2, MIDDLE + 0.25
    arrow(ax, (_x(SCALE), above), (_x(SCALE), below), colors.ORANGE, width=3.5)
    arrow(ax, (_x(TRAIN), above), (_x(TRAIN), below), colors.FORWARD)
    arrow(ax, (_x(SAVE), above), (_x(SAVE), MIDDLE + 0.56), INK)
    _beside(ax, SCALE, 3.0, "fitted on the\ntraining part")
    above, below = MIDDLE - 0.25, BOTTOM + HEIGHT / 2
    arrow(ax, (_x(SCALE), above), (_x(SCALE), below), colors.ORANGE, width=3.5)
    for column in (2, TRAIN, 5):
        arrow(ax, (_x(column), above), (_x(column), below), colors.FORWARD)
    _beside(ax, SCALE, 1.0, "the same\nnumbers")
    ax.text(-0.42, 4.02, "Once: training", weight="bold", color=INK, va="center")
    ax.text(-0.42, 0.4, "Each time:\nserving", weight="bold", color=INK, va="center")
    ax.text(-0.42, MIDDLE, "Artifact:\nwhat is\nshipped", weight="bold", color=INK, va="center")
    return ax


def _x(column: int) -> float:
    return column * PITCH


def _row(ax: Axes, y: float, steps: tuple[str, ...], first: int) -> None:
    for column, text in enumerate(steps, start=first):
        edge = colors.ORANGE if text == "scale" else colors.FORWARD
        box(ax, (_x(column), y), text, edge, width=WIDTH, height=HEIGHT, line=1.8, size=9.5)
    for here, there in pairwise(range(first, first + len(steps))):
        edges = (_x(here) + WIDTH / 2, y), (_x(there) - WIDTH / 2, y)
        arrow(ax, *edges, colors.FORWARD, width=1.4)


def _artifact(ax: Axes) -> None:
    corner, size = (_x(1) - 0.5, MIDDLE - 0.5), (5 * PITCH + 1.0, 1.0)
    look = {"boxstyle": "round,pad=0.02,rounding_size=0.12", "lw": 2.0}
    ax.add_patch(FancyBboxPatch(corner, *size, facecolor="#F1F1F1", edgecolor=INK, **look))
    for column, text in enumerate(PARTS, start=1):
        edge = colors.ORANGE if column == SCALE else "#999999"
        box(ax, (_x(column), MIDDLE), text, edge, width=0.82, height=0.5, line=1.5, size=9.5)


def _beside(ax: Axes, column: int, y: float, text: str) -> None:
    ax.text(_x(column) - 0.1, y, text, ha="right", va="center", color=INK, fontsize=9.5)
