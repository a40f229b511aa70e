"""The share of wrong labels and the number of digits against what a network has really learned."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from deeplearn_utils.datasets import Dataset, digits
from deeplearn_utils.metrics import accuracy
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train

from ..explorer import Explorer
from ..parts.controls import Slider
from ..parts.frame import Arrays, Question, Target
from .label_noise_panes import CURVES, EPOCHS, SWEEP

NOISES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
AMOUNTS = (50, 100, 200, 400, 800)
DRAWS = 5
NETWORK = MLP([64, 64, 10], activation="relu", loss="softmax_cross_entropy")
LARGE = 15.0


class LabelNoiseExplorer(Explorer):
    """Wrong labels and scarce data: accuracies during training, and the harm at the end."""

    name = "label_noise"
    title = "Wrong labels, few digits, and the harm"
    summary = (
        "Left: with right labels and 200 digits training accuracy rises to 100 percent and "
        "validation accuracy to 90, and both stay. Right: accuracy at the end and at the best "
        "epoch against the share of wrong labels; the two lines start together and part."
    )
    controls = (
        Slider("noise", "wrong labels", NOISES, 0.0, "{:.0%}"),
        Slider("amount", "training digits", AMOUNTS, 200, "{:.0f}"),
    )
    panes = (CURVES, SWEEP)
    depends = {
        **dict.fromkeys(("epoch", "share"), ()),
        **dict.fromkeys(("ends", "tops"), ("amount",)),
        "now": ("noise",),
    }
    question = Question(
        text=(
            "All labels are right. With how many training digits does the validation accuracy "
            "fall by more than two points before the training ends?"
        ),
        options=("with 50, the fewest", "with none of 50 to 800", "with 800, the most"),
        answer=1,
        explanation=(
            "With none. A network that knows few digits by heart reads new ones worse than one "
            "that knows many, but not worse than it did earlier. The gap is wide and harmless. "
            "The harm comes with the wrong labels."
        ),
    )
    target = Target(
        text=f"Find a setting where the training costs {LARGE:.0f} points of its best moment.",
        explanation=(
            "It takes many wrong labels and enough digits to have learned something before they "
            "are learned by heart. With very few digits there is little to lose."
        ),
    )

    def look(self, noise: float, amount: int) -> Look:
        """Return the runs of this setting, and all shares of wrong labels at this amount."""
        every = [runs(share, amount)[:, 1].mean(axis=0) for share in NOISES]
        return Look(noise, amount, runs(noise, amount), np.array(every))

    def compute(self, look: Look) -> Arrays:
        """Return the curves of every draw and their means, and what is lost at each share."""
        return {
            "epoch": np.arange(EPOCHS + 1.0),
            **{"training": look.runs[:, 0], "validation": look.runs[:, 1]},
            **{"training_mean": look.runs[:, 0].mean(axis=0), "mean": look.runs[:, 1].mean(axis=0)},
            **{"share": 100 * np.array(NOISES), "now": 100 * look.noise},
            **{"ends": look.every[:, -1], "tops": look.every.max(axis=1)},
        }

    def describe(self, look: Look) -> str:
        """Tell both accuracies at the end, and the best epoch."""
        training, validation = look.runs.mean(axis=0)
        top = int(validation.argmax())
        return (
            f"{look.noise:.0%} wrong labels, {look.amount} digits, mean of {DRAWS} draws: "
            f"{training[-1]:.0f} % (training) and {validation[-1]:.0f} % (validation) at the end; "
            f"best was epoch {top} with {validation[top]:.0f} %."
        )

    def reached(self, look: Look) -> bool:
        """Tell whether the end lies far below the best epoch."""
        validation = look.runs[:, 1].mean(axis=0)
        return bool(validation.max() - validation[-1] >= LARGE)


class Look(NamedTuple):
    """One setting."""

    noise: float
    amount: int
    runs: np.ndarray  # (DRAWS, training and validation, EPOCHS + 1), percent
    every: np.ndarray  # (shares, EPOCHS + 1), mean validation accuracy


@cache
def data() -> Dataset:
    """Return the digits, loaded once."""
    return digits()


@cache
def runs(noise: float, amount: int) -> np.ndarray:
    """Return the accuracies of all draws, shape (DRAWS, 2, EPOCHS + 1)."""
    return np.array([run(draw, noise, amount) for draw in range(DRAWS)])


def run(draw: int, noise: float, amount: int) -> np.ndarray:
    """Train on some digits with wrong labels; return both accuracies in percent, (2, epochs)."""
    every, rng = data(), np.random.default_rng(draw)
    rows = rng.choice(len(every.X_train), amount, replace=False)
    wrong = rng.random(amount) < noise
    labels = (every.y_train[rows] + wrong * rng.integers(1, 10, amount)) % 10
    both = (every.X_train[rows], labels), (every.X_validation, every.y_validation)
    options = {"optimizer": Adam(0.01), "epochs": EPOCHS, "batch_size": 50, "rng": rng}
    records = train(NETWORK, NETWORK.init(rng), *both[0], **options)
    right = [[accuracy(NETWORK.predict(r.theta, X), y) for X, y in both] for r in records]
    return 100 * np.array(right).T
