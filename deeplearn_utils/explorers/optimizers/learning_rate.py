"""Learning rate and optimizer against real training of a small network on the digits."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from deeplearn_utils.metrics import accuracy
from deeplearn_utils.optimizers import OPTIMIZERS
from deeplearn_utils.training import NonFiniteLossError, train

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from .digits_network import NETWORK, data
from .learning_rate_panes import CELL, CURVES, DECISIONS, EPOCHS, FIRST, HARD, NAMES, SWEEP, TOP

RATES = (
    *(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1.0, 2.0, 5.0, 10.0),
)
BATCH = 32
GOOD = 96.0
SEED = 1


class LearningRateExplorer(Explorer):
    """Learning rate and optimizer of a network that learns the digits: losses and decisions."""

    name = "learning_rate"
    title = "The learning rate of a network that learns to read digits"
    summary = (
        "Left: with SGD and a learning rate of 0.01 training and validation loss fall slowly over "
        "ten epochs. Middle: validation accuracy against learning rate, a hill for each "
        "optimizer; SGD's top is near 0.5, Adam's near 0.02. Last: ten validation digits and the "
        "network's probabilities for them; several answers are wrong."
    )
    controls = (
        Slider("learning_rate", "learning rate α", RATES, 0.01),
        Choice("optimizer", "optimizer", NAMES, "sgd"),
    )
    panes = (CURVES, SWEEP, DECISIONS)
    depends = {
        **dict.fromkeys(("epoch", "rate", "row"), ()),
        **dict.fromkeys((f"{name}_accuracy" for name in NAMES), ()),
        "now": ("learning_rate",),
    }
    question = Question(
        text=(
            "On this network plain SGD reads the most digits with a learning rate of 0.5 to 1. "
            "The best rate for Adam is:"
        ),
        options=(
            "about the same",
            "ten to a hundred times smaller",
            "ten to a hundred times larger",
        ),
        answer=1,
        explanation=(
            "Smaller, about 0.02. SGD moves each parameter by α times its gradient, and these "
            "gradients are far below 1. Adam divides by the gradient's own size and moves each "
            "parameter by about α. A learning rate says nothing without its optimizer."
        ),
    )
    target = Target(
        text=f"With SGD, read {GOOD:.0f}% of the validation digits or more after {EPOCHS} epochs.",
        explanation=(
            "The good rates lie just below those at which training breaks: a few stops further and "
            "the loss grows instead of falling."
        ),
    )

    def look(self, learning_rate: float, optimizer: str) -> Run:
        """Return the training run and its answers to ten digits."""
        fit = fitted(optimizer, learning_rate)
        answers = fit.probabilities.argmax(axis=1)
        return Run(optimizer, learning_rate, fit, answers, answers == shown_digits().labels)

    def compute(self, look: Run) -> Arrays:
        """Return the run's losses, every run's accuracy, and the answers to ten digits."""
        fit = look.fit
        return {
            "epoch": np.arange(EPOCHS + 1.0),
            **{"loss": fit.loss, "validation_loss": fit.validation_loss},
            **{"stop": fit.stop, "rate": np.array(RATES), "now": look.learning_rate},
            **{f"{name}_accuracy": sweep(name) for name in NAMES},
            "accuracy": fit.accuracy,
            "decisions": decisions(shown_digits().pictures, fit.probabilities),
            **{"row": 9.5 - np.arange(10), "answer": FIRST + CELL * look.answers},
            **{"right": look.right.astype(float), "wrong": (~look.right).astype(float)},
        }

    def describe(self, look: Run) -> str:
        """Tell the accuracy, the losses, and how many of the ten digits are read right."""
        fit = look.fit
        start = f"{NAMES[look.optimizer]} with learning rate {look.learning_rate:g}:"
        end = f"{fit.accuracy:.0f}% of the validation digits are read right"
        ten = f"and {look.right.sum()} of the ten shown"
        if np.isfinite(fit.stop):
            epoch = int(fit.stop) + 1
            return f"{start} steps overshoot; training ends in epoch {epoch} with an infinite loss."
        if fit.loss[-1] > fit.loss[0]:
            return f"{start} the loss ends higher than it began; {end}, {ten}."
        losses = (f"{loss[-1]:.2g}" for loss in (fit.loss, fit.validation_loss))
        return f"{start} losses {' (training) and '.join(losses)} (validation); {end}, {ten}."

    def reached(self, look: Run) -> bool:
        """SGD reads enough digits."""
        return look.optimizer == "sgd" and look.fit.accuracy >= GOOD


class Fit(NamedTuple):
    """What one training run shows."""

    loss: np.ndarray  # (EPOCHS + 1,), NaN once it is not finite
    validation_loss: np.ndarray  # (EPOCHS + 1,)
    stop: float  # the last epoch with a finite loss; NaN for a run that came to its end
    accuracy: float  # percent of the validation digits
    probabilities: np.ndarray  # (10 digits, 10 classes)


class Run(NamedTuple):
    """One training run, and what it makes of the digits that are shown."""

    optimizer: str
    learning_rate: float
    fit: Fit
    answers: np.ndarray  # (10,)
    right: np.ndarray  # (10,) bool


class Shown(NamedTuple):
    """The validation digits on which the panel shows the decisions, one of each class."""

    X: np.ndarray  # (10, 64), scaled
    labels: np.ndarray  # (10,)
    pictures: np.ndarray  # (10, 8, 8), ink from 0 to 1


@cache
def shown_digits() -> Shown:
    """Return the digits that are shown."""
    X, labels = data().X_validation[list(HARD)], data().y_validation[list(HARD)]
    return Shown(X, labels, np.rint(data().scaler.inverse(X)).reshape(-1, 8, 8) / 16)


@cache
def fitted(optimizer: str, learning_rate: float) -> Fit:
    """Train the network from a seed, as far as the loss stays finite."""
    digits, rng = data(), np.random.default_rng(SEED)
    validation = (digits.X_validation, digits.y_validation)
    theta = NETWORK.init(rng)
    options = {"optimizer": OPTIMIZERS[optimizer](learning_rate), "epochs": EPOCHS}
    options |= {"batch_size": BATCH, "rng": rng, "validation": validation}
    losses, stop = np.full((2, EPOCHS + 1), np.nan), np.nan
    try:
        for record in train(NETWORK, theta, digits.X_train, digits.y_train, **options):
            losses[:, record.epoch] = record.loss, record.validation_loss
            theta, last = record.theta, record.epoch
    except NonFiniteLossError:
        stop = float(last)
    with np.errstate(over="ignore", invalid="ignore"):  # θ may be close to overflow
        right = accuracy(NETWORK.predict(theta, validation[0]), validation[1])
        said = np.nan_to_num(NETWORK.predict_probabilities(theta, shown_digits().X))
    return Fit(*np.minimum(losses, TOP), stop, 100 * right, said)


@cache
def sweep(optimizer: str) -> np.ndarray:
    """Return the validation accuracy in percent at each stop of the learning rate."""
    return np.array([fitted(optimizer, rate).accuracy for rate in RATES])


def decisions(pictures: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return one row of cells for each digit: its picture, a gap, and ten probabilities.

    Returns
    -------
    array of shape (90, 65)
        Row 0 at the bottom, where the last digit is. Ink is negative, probability positive.
    """
    framed = np.pad(-pictures, ((0, 0), (0, 1), (1, 6)))  # (10, 9, 15)
    cells = np.repeat(probabilities[:, None], 9, axis=1).repeat(CELL, axis=2)  # (10, 9, 50)
    return np.concatenate([framed, cells], axis=2).reshape(9 * len(pictures), -1)[::-1]
