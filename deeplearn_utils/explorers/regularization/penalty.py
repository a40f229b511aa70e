"""The strength of an L1 or L2 penalty against boundary, weights and losses of a small network."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from deeplearn_utils.analysis.shrinkage import proximal_descent
from deeplearn_utils.datasets import moons_table
from deeplearn_utils.networks import MLP
from deeplearn_utils.regularizers import L1, L2, ElasticNet

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from .penalty_panes import CELLS, EDGES, LOSSES, NAMES, NOUGHT, PLANE, REACH, WEIGHTS

STRENGTHS = (0.0, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1)
MAKE = {"l2": L2, "l1": L1, "both": lambda strength: ElasticNet(strength / 2, strength / 2)}
NETWORK = MLP([2, 16, 1], activation="tanh", loss="binary_cross_entropy")
STEPS, RATE, MOMENTUM = 600, 0.3, 0.9
CENTER = np.array([0.5, 0.25])
LOW, MANY = 0.45, 40


class PenaltyExplorer(Explorer):
    """Strength and kind of the penalty on a network that has learned 40 points."""

    name = "penalty"
    title = "A penalty on the weights"
    summary = (
        "Left: 40 training points of two overlapping moons; without a penalty the boundary winds "
        "around single points. Middle: training and validation loss against the strength of an L2 "
        "penalty; the validation loss falls and then rises. Right: the 48 weights as a histogram, "
        "reaching beyond 6."
    )
    controls = (
        Slider("strength", "strength λ", STRENGTHS, 0.0),
        Choice("kind", "penalty", NAMES, "l2"),
    )
    panes = (PLANE, LOSSES, WEIGHTS)
    depends = {
        **dict.fromkeys(("zeros_x1", "zeros_x2", "ones_x1", "ones_x2", "left", "right", "at"), ()),
        **dict.fromkeys(("loss", "validation_loss"), ("kind",)),
        "now": ("strength",),
    }
    question = Question(
        text=(
            "Without a penalty the network fits its 40 points almost perfectly. As λ grows from 0, "
            "the loss on 400 new points will:"
        ),
        options=("only rise", "first fall, then rise", "only fall"),
        answer=1,
        explanation=(
            "First fall, then rise. A weak penalty takes away the sharp turns around single "
            "points, which were not in the new data. A strong one takes away the moons as well: in "
            "the end all weights are 0, and the answer is ½ everywhere."
        ),
    )
    target = Target(
        text=(
            f"With L1, bring the validation loss below {LOW} with at least {MANY} of the 48 "
            "weights at exactly 0."
        ),
        explanation=(
            "L1 pulls every weight with the same force, however small it is, and so small ones "
            "arrive at 0 and stay there. L2's pull fades with the weight: none of its weights is 0."
        ),
    )

    def look(self, strength: float, kind: str) -> Look:
        """Return the trained network of this setting and the losses of all strengths."""
        every = [fitted(kind if s else "l2", s) for s in STRENGTHS]
        return Look(strength, kind, every[STRENGTHS.index(strength)], every)

    def compute(self, look: Look) -> Arrays:
        """Return the data, the probability over the plane, the losses and the weights' counts."""
        X, y = points(40)
        zeros, ones = X[y == 0], X[y == 1]
        alive = look.fit.weights[look.fit.weights != 0]
        counts, _ = np.histogram(np.clip(alive, EDGES[0], EDGES[-1]), EDGES)
        return {
            **{"zeros_x1": zeros[:, 0], "zeros_x2": zeros[:, 1]},
            **{"ones_x1": ones[:, 0], "ones_x2": ones[:, 1]},
            "probability": look.fit.probability,
            **{"at": np.array([s or NOUGHT for s in STRENGTHS]), "now": look.strength or NOUGHT},
            "loss": np.array([fit.loss for fit in look.every]),
            "validation_loss": np.array([fit.validation_loss for fit in look.every]),
            **{"left": EDGES[:-1], "right": EDGES[1:], "count": counts.astype(float)},
            "zeros": np.array(float(look.fit.zeros)),
        }

    def describe(self, look: Look) -> str:
        """Tell the losses, both norms and the number of zeros."""
        fit, w = look.fit, look.fit.weights
        return (
            f"λ = {look.strength:g}: loss {fit.loss:.2f} (training) and {fit.validation_loss:.2f} "
            f"(validation); Σ|w| = {abs(w).sum():.3g}, Σw² = {np.square(w).sum():.3g}; "
            f"{fit.zeros} of {w.size} weights are exactly 0."
        )

    def reached(self, look: Look) -> bool:
        """Tell whether L1 leaves few weights, and these do better than all of them."""
        fit = look.fit
        return look.kind == "l1" and fit.validation_loss < LOW and fit.zeros >= MANY


class Fit(NamedTuple):
    """What one trained network shows."""

    weights: np.ndarray  # (48,)
    loss: float
    validation_loss: float
    probability: np.ndarray  # (CELLS, CELLS), row 0 at the bottom

    @property
    def zeros(self) -> int:
        """How many weights are exactly 0."""
        return int((self.weights == 0).sum())


class Look(NamedTuple):
    """One setting."""

    strength: float
    kind: str
    fit: Fit
    every: list[Fit]  # one a strength


@cache
def points(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the n points of two overlapping moons, centered, and their labels."""
    table = moons_table(n, noise=0.35, seed=3 if n == 40 else 4)
    return table.X - CENTER, table.y


@cache
def fitted(kind: str, strength: float) -> Fit:
    """Train the network with a penalty, from the same start."""
    theta = NETWORK.init(np.random.default_rng(0))
    mask = NETWORK.layout.weights_mask(theta)
    (X, y), (X_new, y_new) = ((X, y[:, None].astype(float)) for X, y in (points(40), points(400)))
    theta = proximal_descent(
        lambda theta: NETWORK.loss_and_gradient(theta, X, y)[1],
        theta,
        MAKE[kind](strength),
        mask,
        learning_rate=RATE,
        steps=STEPS,
        momentum=MOMENTUM,
    )
    centers = (np.arange(CELLS) + 0.5) / CELLS * 2 * REACH - REACH
    plane = np.stack(np.meshgrid(centers, centers), axis=-1).reshape(-1, 2)
    probability = NETWORK.predict_probabilities(theta, plane).reshape(CELLS, CELLS)
    losses = (float(NETWORK.loss(theta, *data)) for data in ((X, y), (X_new, y_new)))
    return Fit(theta[mask == 1], *losses, probability)
