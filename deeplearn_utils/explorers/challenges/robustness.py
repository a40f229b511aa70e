"""How far pixels may move against what a network still reads: noise, one step, many steps."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from deeplearn_utils.analysis.attacks import fgsm, pgd
from deeplearn_utils.datasets import Dataset, digits
from deeplearn_utils.metrics import accuracy
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from .robustness_panes import ACCURACY, IMAGE, PROBABILITY

EPSILONS = (0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2)
MOVES = {"noise": "random signs", "fgsm": "one step (FGSM)", "pgd": "20 steps (PGD)"}
NETWORK = MLP([64, 64, 10], activation="relu", loss="softmax_cross_entropy")
SEEDS = 5
SURE, NEAR = 0.9, 0.08
BLOCK = np.ones((8, 8))  # a pixel; single ones a browser would blur into each other


class RobustnessExplorer(Explorer):
    """A digit whose pixels move by ε: what it looks like, and what the network reads."""

    name = "robustness"
    title = "Small moves of the pixels, and what the network reads"
    summary = (
        "Left: a handwritten 3 of 8 by 8 pixels, not moved. Middle: the network gives class 3 "
        "nearly all probability. Right: accuracy against epsilon; with random signs it stays "
        "above 90 percent, with one step and with twenty steps against the network it falls to 0."
    )
    controls = (
        Slider("epsilon", "ε, the most that a pixel moves", EPSILONS, 0.0, "{:.2f}"),
        Choice("move", "direction", MOVES, "pgd"),
        Slider("digit", "digit", tuple(range(10)), 3, "{:.0f}"),
    )
    panes = (IMAGE, PROBABILITY, ACCURACY)
    depends = {
        **dict.fromkeys(("left", "right", "stops", "noise", "fgsm", "pgd"), ()),
        "now": ("epsilon",),
        "label": ("digit",),
    }
    question = Question(
        text=(
            "Every pixel moves by 0.1, a tenth of the way from white to black. If the signs are "
            "random, the network still reads 96 of 100 digits. If each sign is that of the "
            "loss's slope?"
        ),
        options=("about 90", "about 70", "under 50"),
        answer=2,
        explanation=(
            "Under 50. The moves are as long as before. Random ones mostly cancel in the sums that "
            "a layer computes; here all 64 pull the same way."
        ),
    )
    target = Target(
        text=f"Find a digit that is misread, {SURE:.0%} sure or more, at ε = {NEAR} or less.",
        explanation=(
            "A high probability says little: the moves that make the network wrong also make it "
            "sure. With random signs no digit of the ten gets there."
        ),
    )

    def look(self, epsilon: float, move: str, digit: int) -> Look:
        """Return the moved digit and the probabilities of its classes."""
        row = chosen()[digit]
        X, y = data().X_validation[[row]] / 16, data().y_validation[[row]]
        moved = moves(move, 0, X, y, epsilon)
        probability = NETWORK.predict_probabilities(trained(0), moved)[0]
        return Look(epsilon, move, digit, moved[0], probability)

    def compute(self, look: Look) -> Arrays:
        """Return the picture, the probabilities, and the accuracy at every ε."""
        classes = np.arange(10.0)
        return {
            "pixels": np.kron(look.moved.reshape(8, 8)[::-1], BLOCK),
            **{"left": classes - 0.4, "right": classes + 0.4, "probability": look.probability},
            **{"label": float(look.digit), "stops": np.array(EPSILONS), "now": look.epsilon},
            **{move: np.array([right(move, epsilon) for epsilon in EPSILONS]) for move in MOVES},
        }

    def describe(self, look: Look) -> str:
        """Tell what the network reads, and its accuracy on the validation digits."""
        read = int(look.probability.argmax())
        verb = "is read as" if read == look.digit else "is misread as"
        return (
            f"ε = {look.epsilon:.2f}, {MOVES[look.move]}: the {look.digit} {verb} {read} with a "
            f"probability of {100 * look.probability[read]:.0f} %. Of the validation digits "
            f"{right(look.move, look.epsilon):.0f} % are read."
        )

    def reached(self, look: Look) -> bool:
        """Tell whether the digit is misread, and surely, though it hardly moved."""
        read = int(look.probability.argmax())
        sure = look.probability[read] >= SURE
        return bool(read != look.digit and sure and look.epsilon <= NEAR)

    def warm(self) -> None:
        """Measure the accuracies once."""
        self.frame()


class Look(NamedTuple):
    """One setting."""

    epsilon: float
    move: str
    digit: int
    moved: np.ndarray  # (64,), from 0 to 1
    probability: np.ndarray  # (10,)


@cache
def data() -> Dataset:
    """Return the digits, pixels from 0 to 16, loaded once."""
    return digits(scale=False)


@cache
def trained(seed: int) -> np.ndarray:
    """Return θ after 30 epochs."""
    rng = np.random.default_rng(seed)
    options = {"optimizer": Adam(0.01), "epochs": 30, "batch_size": 32, "rng": rng}
    X, y = data().X_train / 16, data().y_train
    *_, last = train(NETWORK, NETWORK.init(rng), X, y, **options)
    return last.theta


@cache
def chosen() -> tuple[int, ...]:
    """Return for each class the first validation row that the first network reads."""
    labels = data().y_validation
    read = NETWORK.predict(trained(0), data().X_validation / 16) == labels
    return tuple(int(np.flatnonzero(read & (labels == digit))[0]) for digit in range(10))


def moves(move: str, seed: int, X: np.ndarray, y: np.ndarray, epsilon: float) -> np.ndarray:
    """Return moved inputs; the random signs are the same at every ε."""
    if move == "noise":
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], X.shape)
        return np.clip(X + epsilon * signs, 0, 1)
    attack = {"fgsm": fgsm, "pgd": pgd}[move]
    return attack(NETWORK, trained(seed), X, y, epsilon)


@cache
def accuracies(move: str, epsilon: float) -> np.ndarray:
    """Return the percentage of validation digits that each network reads, shape (SEEDS,)."""
    X, y = data().X_validation / 16, data().y_validation
    every = ((seed, moves(move, seed, X, y, epsilon)) for seed in range(SEEDS))
    return np.array([100 * accuracy(NETWORK.predict(trained(s), Z), y) for s, Z in every])


def right(move: str, epsilon: float) -> float:
    """Return the mean percentage of validation digits that are read."""
    return float(accuracies(move, epsilon).mean())
