"""Every optimizer's path over a surface, against learning rate and momentum."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from deeplearn_utils import labels
from deeplearn_utils.analysis.level_lines import level_lines
from deeplearn_utils.analysis.paths import path, until_gone
from deeplearn_utils.analysis.stability import edge
from deeplearn_utils.analysis.surfaces import SURFACES
from deeplearn_utils.optimizers import OPTIMIZERS

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from .trajectory_panes import (
    ARRIVED,
    EDGE,
    LOSS,
    NAMES,
    PATHS,
    STEPS,
    WITH_BETA,
    WITH_EDGE,
)

RATES = (
    *(0.001, 0.002, 0.005, 0.01, 0.015, 0.019, 0.021, 0.03, 0.05, 0.06, 0.075, 0.079, 0.081),
    *(0.1, 0.15, 0.155, 0.2, 0.5, 0.98, 1.02, 2.0),
)
"""Among them a stop just below and one just above each edge of gradient descent."""

LOWEST, HIGHEST = 1e-9, 1e5
"""Losses are kept between these, which lie outside the picture."""

BETA = {name: ("momentum",) if name in WITH_BETA else () for name in NAMES}


class TrajectoriesExplorer(Explorer):
    """Learning rate and momentum on three surfaces: paths, losses and the stability edge."""

    name = "trajectories"
    title = "The paths of five optimizers"
    summary = (
        "Left: from (-5, 1) in a long ravine gradient descent drops to the valley floor and creeps "
        "along it; momentum swings around the minimum and reaches it. Middle: the loss after 100 "
        "steps against the learning rate; gradient descent fails beyond its dashed edge at 0.08, "
        "momentum beyond 0.152. Right: the loss after each step."
    )
    controls = (
        Choice("surface", "surface", labels.SURFACES, "ravine"),
        Slider("learning_rate", "learning rate α", RATES, 0.03),
        Slider("momentum", "momentum β", (0.0, 0.5, 0.8, 0.9, 0.95, 0.99), 0.9),
    )
    panes = (PATHS, EDGE, LOSS)
    depends = {
        **dict.fromkeys(("step", "shown", "rate"), ()),
        **dict.fromkeys(("now", "here"), ("learning_rate",)),
        **dict.fromkeys(("x_domain", "y_domain", "start_x", "start_y"), ("surface",)),
        **dict.fromkeys(("minimum_x", "minimum_y", "level_x", "level_y"), ("surface",)),
        **{
            f"{n}_{array}": ("surface", "learning_rate", *BETA[n])
            for n in NAMES
            for array in ("x", "y", "loss")
        },
        **{f"{n}_sweep": ("surface", *BETA[n]) for n in NAMES},
        **{f"{n}_edge": ("surface", *BETA[n]) for n in WITH_EDGE},
    }
    question = Question(
        text=(
            "Across the ravine the curvature is 25, and 2/25 = 0.08. With a learning rate of 0.079 "
            "gradient descent still creeps towards the minimum. With 0.081 it:"
        ),
        options=(
            "arrives a little sooner",
            "stops halfway down the valley",
            "swings wider with every step",
        ),
        answer=2,
        explanation=(
            "It swings wider. One step multiplies the error across the ravine by 1 − 25α: by "
            "−0.975 at 0.079, by −1.025 at 0.081. Both times it jumps from wall to wall; once the "
            "jumps shrink, once they grow. Move α over the dashed blue edge and see."
        ),
    )
    target = Target(
        text=(
            "In the ravine, bring plain gradient descent (blue) below a loss of 0.001 within "
            f"{STEPS} steps."
        ),
        explanation=(
            "That takes a learning rate near the edge, but not at it: too small, and the way along "
            "the valley is too long; too large, and the jumps across it hardly shrink."
        ),
    )

    def look(self, surface: str, learning_rate: float, momentum: float) -> Paths:
        """Return every optimizer's path and losses, and the edges."""
        steppers = {name: optimizer(name, learning_rate, momentum) for name in NAMES}
        paths = {name: path(surface, stepper, STEPS) for name, stepper in steppers.items()}
        curvature = largest_curvature(surface)
        height = {name: losses(surface, points) for name, points in paths.items()}
        edges = {name: edge(name, momentum, curvature) for name in WITH_EDGE}
        return Paths(surface, learning_rate, momentum, paths, height, edges)

    def compute(self, look: Paths) -> Arrays:
        """Return the scene, every optimizer's path and losses, and the edges."""
        arrays, rate = scene(look.surface), look.learning_rate
        arrays |= {"now": rate, "here": np.equal(RATES, rate).astype(float)}
        for name in NAMES:
            shown, β = until_gone(look.paths[name], *outer_box(look.surface)), look.momentum
            arrays |= {f"{name}_x": shown[:, 0], f"{name}_y": shown[:, 1]}
            arrays[f"{name}_loss"] = look.losses[name]
            arrays[f"{name}_sweep"] = sweep(look.surface, name, β if name in WITH_BETA else 0.0)
        return arrays | {f"{name}_edge": rate for name, rate in look.edges.items()}

    def describe(self, look: Paths) -> str:
        """Tell who arrived, who ended higher than it began, and where the edges are."""
        runs = look.losses.items()
        arrived = listed(NAMES[name] for name, loss in runs if loss[-1] < ARRIVED)
        diverged = listed(NAMES[name] for name, loss in runs if loss[-1] > loss[0])
        edges = listed(f"{float(rate):.3g} {NAMES[name]}" for name, rate in look.edges.items())
        return (
            f"After {STEPS} steps below {ARRIVED}: {arrived}. Higher than at the start: "
            f"{diverged}. Edges at the minimum: {edges}."
        )

    def reached(self, look: Paths) -> bool:
        """Gradient descent is down in the ravine."""
        return look.surface == "ravine" and look.losses["gradient_descent"][-1] < ARRIVED

    def warm(self) -> None:
        """Follow every path once."""
        for values in self.settings(("surface", "momentum")):
            self.frame(**values)


class Paths(NamedTuple):
    """Every optimizer's path over a surface."""

    surface: str
    learning_rate: float
    momentum: float
    paths: dict[str, np.ndarray]  # (STEPS + 1, 2) each
    losses: dict[str, np.ndarray]  # (STEPS + 1,) each
    edges: dict[str, float]


def optimizer(name: str, learning_rate: float, momentum: float) -> Any:
    """Return an optimizer of the book; the momentum is that of Momentum and Nesterov only."""
    options = {"momentum": momentum} if name in WITH_BETA else {}
    return OPTIMIZERS[name](learning_rate, **options)


def losses(surface: str, points: np.ndarray) -> np.ndarray:
    """Return the loss at each point of a path; HIGHEST where the path is gone."""
    return np.clip(np.nan_to_num(SURFACES[surface].value(points), nan=HIGHEST), LOWEST, HIGHEST)


@cache
def sweep(surface: str, name: str, momentum: float) -> np.ndarray:
    """Return an optimizer's loss after all steps, at each stop of the learning rate."""
    ends = [path(surface, optimizer(name, rate, momentum), STEPS)[-1] for rate in RATES]
    return losses(surface, np.array(ends))


def minima(surface: str) -> np.ndarray:
    """Return the surface's minima, one a row, always two rows."""
    minimum = SURFACES[surface].minimum
    return np.array([[0.0, -1.0], [0.0, 1.0]]) if minimum is None else np.stack([minimum, minimum])


def largest_curvature(surface: str) -> float:
    """Return λ_max of the Hessian at the minimum."""
    return float(np.linalg.eigvalsh(SURFACES[surface].hessian(minima(surface)[1]))[-1])


def outer_box(surface: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of a box three times the picture: a path that leaves it is gone."""
    low, high = np.transpose(SURFACES[surface].domain)
    return 2 * low - high, 2 * high - low


def scene(surface: str) -> Arrays:
    """Return the arrays that depend on the surface only."""
    (x_domain, y_domain), lines = SURFACES[surface].domain, level_lines(surface)
    start, ends, step = SURFACES[surface].start, minima(surface), np.arange(STEPS + 1.0)
    return {
        **{"x_domain": np.array(x_domain), "y_domain": np.array(y_domain)},
        **{"start_x": start[0], "start_y": start[1]},
        **{"minimum_x": ends[:, 0], "minimum_y": ends[:, 1]},
        **{"level_x": lines[0], "level_y": lines[1], "rate": np.array(RATES)},
        **{"step": step, "shown": ((step % 20 == 0) & (step > 0)).astype(float)},
    }


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence."""
    return ", ".join(names) or "none"
