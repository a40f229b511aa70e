"""Three ReLU units in the plane: their creases, the flat pieces between them, and what they cut."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np

from deeplearn_utils import colors

from ..explorer import Explorer
from ..parts.controls import Slider
from ..parts.frame import Arrays, Target
from ..parts.marks import Arrow, Axis, Dots, Line, Pane, Polygon, Rule
from .geometry import clip_half_plane, line_in_square

REACH = 3.0
"""The plane shows both inputs from -REACH to REACH."""

BIAS = 0.25
"""The output is BIAS - h1 - h2 - h3; where it is above 0 the network says class 1."""

WALK = -0.5
"""The height x2 of the straight line along which the right pane shows the output."""

CORNERS = 11
"""A square cut by seven straight lines has eleven corners at most."""

INSIDE = np.array([
    [0.3, 0.8], [0.9, 0.3], [1.6, -0.4], [2.2, -1.1], [2.4, -1.3], [1.3, -1.35], [0.2, -1.4],
    [-0.9, -1.35], [-1.7, -1.3], [-1.5, -1.0], [-0.9, -0.4], [-0.3, 0.2], [0.4, -0.4],
])  # fmt: skip
OUTSIDE = np.array([
    [0.4, 1.8], [1.2, 0.9], [1.8, 0.3], [2.4, -0.3], [0.8, -2.0], [-0.8, -2.0], [2.0, -2.1],
    [-1.7, -0.3], [-1.1, 0.3], [-0.5, 0.9], [-2.4, 1.2], [2.2, 2.0], [-2.5, -2.4],
])  # fmt: skip

TURNS = tuple(range(0, 360, 45))
BIASES = (-1.5, -1.0, -0.5)
UNITS = (
    {"color": colors.BLUE, "dashed": False},
    {"color": colors.VERMILION, "dashed": False},
    {"color": colors.GREEN, "dashed": False},
)
CUT = {"color": colors.CLASSES[1], "opacity": 0.3}

PLANE = Pane(
    title="The plane of inputs",
    x=Axis(label="input x₁", domain=(-REACH, REACH)),
    y=Axis(label="input x₂", domain=(-REACH, REACH)),
    aspect=1.0,
    marks=(
        Polygon(x="cut_x1", y="cut_x2", label="output above 0", **CUT),
        *(
            Line(x=f"crease{k}_x1", y=f"crease{k}_x2", label=f"crease of unit {k}", **UNITS[k - 1])
            for k in (1, 2, 3)
        ),
        *(
            Arrow(
                x=f"foot{k}_x1",
                y=f"foot{k}_x2",
                x_end=f"tip{k}_x1",
                y_end=f"tip{k}_x2",
                color=UNITS[k - 1]["color"],
            )
            for k in (1, 2, 3)
        ),
        Rule(at=WALK, axis="y", color=colors.GREY, dashed=True),
        Dots(x="outside_x1", y="outside_x2", label="class 0", color=colors.CLASSES[0]),
        Dots(
            x="inside_x1",
            y="inside_x2",
            label="class 1",
            color=colors.CLASSES[1],
            symbol="square",
        ),
        Dots(x="x1", y="x2", where="wrong", symbol="cross", size=4, label="on the wrong side"),
    ),
)
OUTPUT = Pane(
    title="The output along the dashed line",
    x=Axis(label="input x₁", domain=(-REACH, REACH)),
    y=Axis(label="output", domain=(-8.0, 1.0)),
    aspect=1.0,
    marks=(
        Rule(at=0.0, axis="y", color=colors.GREY),
        Line(x="walk_x1", y="walk_output", label="output"),
        Dots(x="walk_x1", y="walk_output", where="creased", label="where it meets a crease"),
    ),
)


class CreasesExplorer(Explorer):
    """Direction and bias of three ReLU units, the pieces of the plane, and the shape they cut."""

    name = "creases"
    title = "The creases of three ReLU units"
    summary = (
        "Left: a plane with class-1 squares in a triangle among class-0 circles, three straight "
        "creases with arrows, and the shape where the output is above 0, open at the bottom. "
        "Right: the output along a dashed line, a broken line with two bends."
    )
    controls = (
        Slider("turn1", "unit 1: direction", TURNS, 0, unit="°"),
        Slider("b1", "unit 1: bias", BIASES, -1.0, "{:.1f}"),
        Slider("turn2", "unit 2: direction", TURNS, 90, unit="°"),
        Slider("b2", "unit 2: bias", BIASES, -1.0, "{:.1f}"),
        Slider("turn3", "unit 3: direction", TURNS, 180, unit="°"),
        Slider("b3", "unit 3: bias", BIASES, -1.0, "{:.1f}"),
    )
    panes = (PLANE, OUTPUT)
    depends = {
        **dict.fromkeys(("inside_x1", "inside_x2", "outside_x1", "outside_x2", "x1", "x2"), ()),
        **{
            f"{thing}{k}_{axis}": (f"turn{k}", f"b{k}")
            for thing in ("crease", "foot", "tip")
            for k in (1, 2, 3)
            for axis in ("x1", "x2")
        },
    }
    target = Target(
        text="Cut out the triangle: put the creases so that every point is on its side of the cut.",
        explanation=(
            "Each crease lies on one side of the triangle, its arrow pointing away. Inside, all "
            "three units are silent; beyond a crease its unit pulls the output below 0."
        ),
    )

    def look(self, turn1: int, b1: float, turn2: int, b2: float, turn3: int, b3: float) -> Creases:
        """Return what three units do in the plane."""
        turns, b = np.radians([turn1, turn2, turn3]), np.array([b1, b2, b3])
        W = np.stack([np.cos(turns), np.sin(turns)]).round(12) + 0.0  # (2, 3)
        says = np.concatenate([output(OUTSIDE, W, b) > 0, output(INSIDE, W, b) > 0])
        truth = np.arange(len(says)) >= len(OUTSIDE)
        return Creases(W, b, says != truth)

    def compute(self, look: Creases) -> Arrays:
        """Return the points, the creases, the shape that is cut out and the output on a walk."""
        W, b = look.W, look.b
        x, creased = walk(W, b)
        arrays = {
            **in_plane("inside_", INSIDE),
            **in_plane("outside_", OUTSIDE),
            **in_plane("", np.concatenate([OUTSIDE, INSIDE])),
            **in_plane("cut_", cut(W, b)),
            "wrong": look.wrong.astype(float),
            "walk_x1": x,
            "walk_output": output(np.column_stack([x, np.full_like(x, WALK)]), W, b),
            "creased": creased,
        }
        for k in range(3):
            foot = -b[k] * W[:, k]
            arrays |= in_plane(f"crease{k + 1}_", line_in_square(W[:, k], b[k], REACH))
            arrays |= in_plane(f"foot{k + 1}_", foot) | in_plane(f"tip{k + 1}_", foot + W[:, k] / 2)
        return arrays

    def describe(self, look: Creases) -> str:
        """Count the pieces of the plane and the points on the right side."""
        right, points = int((~look.wrong).sum()), len(look.wrong)
        return (
            f"The creases divide the plane into {pieces(look.W, look.b)} flat pieces. "
            f"{right} of {points} points are on their side of the cut."
        )

    def reached(self, look: Creases) -> bool:
        """Every point is on its side."""
        return not look.wrong.any()


class Creases(NamedTuple):
    """Three units, and which points they put on the wrong side."""

    W: np.ndarray  # (2, 3), one unit a column, of length 1
    b: np.ndarray  # (3,)
    wrong: np.ndarray  # (points,) bool


def output(X: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return BIAS - h1 - h2 - h3 at each point: (n, 2) -> (n,)."""
    return BIAS - np.maximum(X @ W + b, 0).sum(axis=1)


def cut(W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the part of the square where the output is at least 0, a polygon, then NaN.

    A sum of ReLUs is the largest sum of some of their pre-activations, so the part is convex: one
    half-plane for each choice of units.

    Returns
    -------
    array of shape (CORNERS, 2)
    """
    polygon = REACH * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    for size in (1, 2, 3):
        for units in map(list, combinations(range(3), size)):
            polygon = clip_half_plane(polygon, -W[:, units].sum(axis=1), BIAS - b[units].sum())
    corners = np.full((CORNERS, 2), np.nan)
    corners[: len(polygon)] = polygon
    return corners


def walk(W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where the walk begins, meets each crease and ends, and which of these are creases.

    A crease that the walk doesn't meet stands at its end.
    """
    across, up = W
    met = np.abs(across) > 1e-9
    places = np.full(3, REACH)
    places[met] = -(up[met] * WALK + b[met]) / across[met]
    met &= np.abs(places) < REACH
    order = np.argsort(np.where(met, places, REACH))
    x = np.concatenate([[-REACH], np.where(met, places, REACH)[order], [REACH]])
    return x, np.concatenate([[0.0], met[order].astype(float), [0.0]])


def pieces(W: np.ndarray, b: np.ndarray) -> int:
    """Return into how many pieces the creases divide the whole plane.

    One, and one more for each different line, and one more for each pair of lines that meet; where
    all three meet in one point there is one less.

    Examples
    --------
    >>> pieces(np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]]), np.array([-1.0, -1.0, -1.0]))
    6
    """
    return _pieces(tuple(map(tuple, np.vstack([W, b]).T.round(9).tolist())))


@cache
def _pieces(lines: tuple[tuple[float, float, float], ...]) -> int:
    lines = tuple(dict.fromkeys(lines))  # b is below 0: equal lines have equal numbers
    meetings = [
        np.linalg.solve([p[:2], q[:2]], [-p[2], -q[2]])
        for p, q in combinations(lines, 2)
        if abs(p[0] * q[1] - p[1] * q[0]) > 1e-6
    ]
    in_one_point = len(meetings) == 3 and np.ptp(meetings, axis=0).max() < 1e-6
    return 1 + len(lines) + len(meetings) - in_one_point


def in_plane(prefix: str, points: np.ndarray) -> Arrays:
    """Return the two coordinates of points as two arrays, named for the marks."""
    return {f"{prefix}x1": points[..., 0], f"{prefix}x2": points[..., 1]}
