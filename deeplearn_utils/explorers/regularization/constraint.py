"""The best point inside a disc or a diamond, against its size and the place of the free minimum."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..explorer import Explorer
from ..parts.controls import Choice, Slider, even_stops
from ..parts.frame import Arrays, Question, Target
from ..parts.numbers import fixed
from .constraint_panes import NAMES, PATH, PLANE, REACH

BUDGETS = even_stops(0.1, 2.0, 0.1)
ANGLES = even_stops(0.0, 90.0, 5.0)
A = np.array([[1.0, 0.3], [0.3, 1.0]])
"""The squared error is (w - c)ᵀ A (w - c)."""

DISTANCE = 1.5
CELLS = 41
WIDE = 35.0


class ConstraintExplorer(Explorer):
    """A budget for the weights as a disc (L2) or a diamond (L1), and the best point inside."""

    name = "constraint"
    title = "A budget for two weights"
    summary = (
        "Left: level lines of a squared error around its free minimum, 30 degrees above the "
        "horizontal axis; a disc of radius 0.5 around the origin, and the best point on its edge, "
        "where both weights are positive. Right: both weights against the budget; they grow "
        "together until the disc reaches the free minimum."
    )
    controls = (
        Slider("budget", "budget t", BUDGETS, 0.5, "{:.1f}"),
        Slider("angle", "direction of the free minimum", ANGLES, 30.0, "{:.0f}", "°"),
        Choice("kind", "budget for", NAMES, "l2"),
    )
    panes = (PLANE, PATH)
    depends = {
        **dict.fromkeys(("region_x", "region_y"), ("budget", "kind")),
        **dict.fromkeys(("loss", "free_x", "free_y"), ("angle",)),
        **dict.fromkeys(("path_1", "path_2"), ("angle", "kind")),
        **{"at": (), "now": ("budget",)},
    }
    question = Question(
        text=(
            "Budget 0.5, and the free minimum turns from 0° to 90°. In which share of these "
            "directions does the diamond's best point have a weight of exactly 0?"
        ),
        options=("hardly any: one has to hit the corner", "about a third", "more than half"),
        answer=2,
        explanation=(
            "More than half. A level line that comes from one side rests on the corner over a wide "
            "range of directions, as a ball rests in the corner of a room. The disc has no corner: "
            "there a weight is 0 in single directions only."
        ),
    )
    target = Target(
        text=f"With the diamond, turn to {WIDE:.0f}° or more (at most 45°), and keep w₂ at 0.",
        explanation=(
            "It takes a small budget: 0.3 or less. The smaller the budget, that is, the stronger "
            "the penalty, the more weights are exactly 0."
        ),
    )

    def look(self, budget: float, angle: float, kind: str) -> Look:
        """Return the free minimum and the best points of all budgets."""
        turn = np.deg2rad(angle)
        center = DISTANCE * np.array([np.cos(turn), np.sin(turn)])
        path = np.array([best_point(center, size, kind) for size in BUDGETS])
        return Look(budget, angle, kind, center, path, path[BUDGETS.index(budget)])

    def compute(self, look: Look) -> Arrays:
        """Return the level lines, the region, the touching line, and both paths."""
        axis = (np.arange(CELLS) + 0.5) / CELLS * 2 * REACH - REACH
        region = look.budget * edge(look.kind)
        touching = level_line(look.center, squared_error(look.best, look.center))
        return {
            "loss": squared_error(np.stack(np.meshgrid(axis, axis), axis=-1), look.center),
            **{"region_x": region[:, 0], "region_y": region[:, 1]},
            **{"touch_x": touching[:, 0], "touch_y": touching[:, 1]},
            **{"free_x": look.center[0], "free_y": look.center[1]},
            **{"best_x": look.best[0], "best_y": look.best[1]},
            **{"at": np.array(BUDGETS), "now": look.budget},
            **{"path_1": look.path[:, 0], "path_2": look.path[:, 1]},
        }

    def describe(self, look: Look) -> str:
        """Tell the best point, its zeros, and the error that the budget costs."""
        zeros = [name for name, w in zip(("w₁", "w₂"), look.best, strict=True) if w == 0]
        exact = f"{zeros[0]} is exactly 0" if zeros else "no weight is 0"
        cost = squared_error(look.best, look.center)
        return (
            f"Best point ({fixed(look.best[0])}, {fixed(look.best[1])}): {exact}. "
            f"The budget costs a squared error of {fixed(cost)}."
        )

    def reached(self, look: Look) -> bool:
        """Tell whether the diamond's corner holds a minimum that lies far off its axis."""
        return look.kind == "l1" and WIDE <= look.angle <= 45 and look.best[1] == 0


class Look(NamedTuple):
    """One setting."""

    budget: float
    angle: float
    kind: str
    center: np.ndarray  # (2,), the free minimum
    path: np.ndarray  # (budgets, 2)
    best: np.ndarray  # (2,)


def squared_error(w: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Return (w - c)ᵀ A (w - c) of points (..., 2)."""
    return np.einsum("...i,ij,...j", w - center, A, w - center)


def edge(kind: str) -> np.ndarray:
    """Return the edge of the disc or the diamond of budget 1, as corners (m, 2)."""
    if kind == "l1":
        return np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]).repeat(18, axis=0)
    turn = np.linspace(0, 2 * np.pi, 72)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def level_line(center: np.ndarray, level: float) -> np.ndarray:
    """Return the ellipse on which the error has that level, as points (61, 2)."""
    turn = np.linspace(0, 2 * np.pi, 61)
    values, vectors = np.linalg.eigh(A)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return center + np.sqrt(level) * (circle / np.sqrt(values)) @ vectors.T


def best_point(center: np.ndarray, budget: float, kind: str) -> np.ndarray:
    """Return the point of least error whose norm is at most the budget.

    The center lies in the first quadrant, and so does the point.
    """
    order = 1 if kind == "l1" else 2
    if np.linalg.norm(center, order) <= budget:
        return center
    return _on_diamond(center, budget) if kind == "l1" else _on_disc(center, budget)


def _on_diamond(center: np.ndarray, budget: float) -> np.ndarray:
    """Minimize along the edge from (t, 0) to (0, t), and stop at its ends."""
    start, along = np.array([budget, 0.0]), np.array([-1.0, 1.0])
    step = along @ A @ (center - start) / (along @ A @ along)
    step = float(np.clip(step, 0.0, budget))
    return np.array([budget - step, step])


def _on_disc(center: np.ndarray, budget: float) -> np.ndarray:
    """Solve (A + μ I) w = A c for the μ at which w is as long as the budget, by bisection."""
    low, high = 0.0, 100.0
    for _ in range(80):
        middle = (low + high) / 2
        w = np.linalg.solve(A + middle * np.eye(2), A @ center)
        low, high = (middle, high) if np.linalg.norm(w) > budget else (low, middle)
    return w
