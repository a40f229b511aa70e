"""Fewest gradient evaluations to a given loss: the checker runs the optimizer, and counts."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..datasets import digits
from ..networks import MLP
from ..optimizers import OPTIMIZERS
from ..protocols import Optimizer
from ..schedules import CosineDecay, StepDecay, Warmup
from .files import read_json, seed_of
from .recipe import fields, number, one_of, series, whole
from .verdict import Challenge, Refused, Score

STARTS, LOSS, BUDGET, MOST_STEPS = 5, 0.1, 100_000, 5_000
NETWORK = MLP([64, 32, 10], activation="relu", loss="softmax_cross_entropy")
SCHEDULES = {"step": StepDecay, "cosine": CosineDecay, "warmup": Warmup}
WHY = "; the checker runs the loop and counts every gradient: neither code nor points are asked for"
OWN = ("optimizer", "learning_rate", "batch_size", "steps")
HIGHEST = {"momentum": 0.9999, "decay": 0.9999, "beta1": 0.9999, "beta2": 0.999999}


class Phase(NamedTuple):
    """An optimizer, the size of its batches, and how many steps it takes."""

    optimizer: Optimizer
    batch_size: int
    steps: int


def phases(entry: dict[str, Any]) -> list[Phase]:
    """Check an entry field by field.

    Raises
    ------
    Refused
    """
    fields("the entry", entry, ["phases"], (), WHY)
    plan = [phase(one) for one in series("'phases'", entry["phases"], 1, 20)]
    whole("the sum of 'steps'", sum(one.steps for one in plan), 1, MOST_STEPS)
    return plan


def phase(entry: Any) -> Phase:
    """Check one phase.

    Raises
    ------
    Refused
    """
    fields("a phase", entry, OWN, SETTINGS, WHY)
    name = one_of("'optimizer'", entry["optimizer"], OPTIMIZERS)
    kind = OPTIMIZERS[name]
    settings = [field.name for field in dataclasses.fields(kind) if field.name in SETTINGS]
    fields(f"a phase of {name}", entry, OWN, settings, WHY)
    given = {name: SETTINGS[name](entry[name]) for name in settings if name in entry}
    return Phase(
        kind(rate(entry["learning_rate"]), **given),
        whole("'batch_size'", entry["batch_size"], 1, len(data()[0])),
        whole("'steps'", entry["steps"], 1, MOST_STEPS),
    )


def _setting(name: str, low: float, high: float) -> Any:
    return lambda value: number(f"'{name}'", value, low, high)


SETTINGS = {
    **{name: _setting(name, 0.0, high) for name, high in HIGHEST.items()},
    "epsilon": _setting("epsilon", 1e-12, 1.0),
    "weight_decay": _setting("weight_decay", 0.0, 1.0),
}


def rate(value: Any) -> Any:
    """Return a learning rate: a number, or a schedule told by an object.

    Raises
    ------
    Refused
    """
    if not isinstance(value, dict):
        return number("'learning_rate'", value, 0.0, 100.0)
    name = one_of("'schedule'", value.get("schedule"), SCHEDULES)
    if name == "warmup":
        fields("the schedule", value, ["schedule", "steps", "then"])
        return Warmup(whole("'steps'", value["steps"], 1, MOST_STEPS), rate(value["then"]))
    if name == "cosine":
        fields("the schedule", value, ["schedule", "initial", "steps"], ["final"])
        first = number("'initial'", value["initial"], 0.0, 100.0)
        last = number("'final'", value.get("final", 0.0), 0.0, 100.0)
        return CosineDecay(first, whole("'steps'", value["steps"], 1, MOST_STEPS), last)
    fields("the schedule", value, ["schedule", "initial", "every", "factor"])
    first = number("'initial'", value["initial"], 0.0, 100.0)
    every = whole("'every'", value["every"], 1, MOST_STEPS)
    return StepDecay(first, every, number("'factor'", value["factor"], 1e-6, 1.0))


@cache
def data() -> tuple[np.ndarray, np.ndarray]:
    """Return the 1,079 training digits, standardized, and their labels."""
    every = digits()
    return every.X_train, every.y_train


def evaluations(plan: list[Phase], rng: np.random.Generator) -> int | None:
    """Return how many examples' gradients a run needed; None where the budget ended first."""
    X, y = data()
    theta, used = NETWORK.init(rng), 0
    for optimizer, batch_size, steps in plan:
        state, deck = optimizer.init(theta), np.zeros(0, int)
        for _ in range(steps):
            if used + batch_size > BUDGET:
                return None
            if len(deck) < batch_size:
                deck = rng.permutation(len(X))
            rows, deck = deck[:batch_size], deck[batch_size:]
            _, gradient = NETWORK.loss_and_gradient(theta, X[rows], y[rows])
            theta, state = optimizer.step(theta, gradient, state)
            used += batch_size
            loss = NETWORK.loss(theta, X, y)
            if loss <= LOSS:
                return used
            if not np.isfinite(loss):
                return None
    return None


def judge(entry: dict[str, Any]) -> Score:
    """Return the mean number of examples whose gradient was computed.

    Raises
    ------
    Refused
        When a field is wrong, or the loss is not reached from every start.
    """
    plan = phases(entry)
    starts = np.random.SeedSequence(seed_of(entry)).spawn(STARTS)
    with np.errstate(all="ignore"):
        counts = [evaluations(plan, np.random.default_rng(start)) for start in starts]
    reached = [count for count in counts if count is not None]
    if len(reached) < STARTS:
        raise Refused(
            f"the gate is a loss of {LOSS} from {STARTS} fresh starts, got there from "
            f"{len(reached)} within the steps told and {BUDGET:,} gradients; try more steps or "
            "another learning rate"
        )
    error = np.std(reached, ddof=1) / np.sqrt(STARTS)
    text = f"mean of {STARTS} fresh starts, standard error {error:.0f}"
    return Score(float(np.mean(reached)), text)


CHALLENGE = Challenge(
    name="fewest",
    title=f"Fewest gradients to a loss of {LOSS}",
    rules=(
        "A JSON file with 'phases', a list; each has 'optimizer' (a name in OPTIMIZERS, with its "
        "settings), 'learning_rate' (a number, or a 'schedule': 'step', 'cosine', 'warmup'), "
        "'batch_size' and 'steps'. The checker trains 64-32-10 on the training digits from five "
        "fresh starts until the loss of all of them is reached. A batch of 32 counts 32 gradients."
    ),
    unit="gradients",
    fewest=True,
    ours=2061.4,
    digits=0,
    read=read_json,
    judge=judge,
)
