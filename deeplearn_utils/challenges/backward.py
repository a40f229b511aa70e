"""A wrong backward pass that the gradient check misses: a ladder of eight checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..analysis.saturation import slope
from ..datasets import digits
from ..gradcheck import check_gradient
from ..kernels import ACTIVATIONS, LOSSES
from ..networks import MLP
from ..optimizers import Adam
from ..training import train
from .files import read_json, seed_of
from .formulas import Formula
from .recipe import fields, one_of
from .verdict import Challenge, Refused, Score

DRAWS, BATCHES, WRONG = 3, 24, 0.01
RIGHT = {"dz": "da * slope(z)", "dW": "x.T @ dz", "db": "sum(dz)", "dx": "dz @ W.T"}
NAMES = {
    "dz": ("da", "z", "a", "x", "W", "b", "n"),
    **dict.fromkeys(("dW", "db", "dx"), ("dz", "z", "a", "x", "W", "b", "n")),
}
SINGLE = tuple(name for name in ACTIVATIONS if name != "softmax")  # one unit at a time
WHY = "; the forward pass is the package's own"


class Place(NamedTuple):
    """Where a gradient is taken."""

    network: MLP
    theta: np.ndarray  # (n_parameters,)
    X: np.ndarray  # (n, inputs)
    y: np.ndarray  # (n,)


class Pass(NamedTuple):
    """A checked entry: an activation, and the four lines of a layer's backward pass."""

    activation: str
    lines: dict[str, Formula]

    def gradient(self, place: Place, theta: np.ndarray) -> np.ndarray:
        """Return the gradient of the loss as the four lines have it, shape (n_parameters,).

        Raises
        ------
        Refused
            When a line gives another shape than its own, or no finite numbers.
        """
        W, b = place.network.layout.unpack(theta)
        layers = place.network.trace(theta, place.X)
        inputs = [place.X, *(layer.a for layer in layers[:-1])]
        da = LOSSES["softmax_cross_entropy"].gradient(layers[-1].a, place.y)
        dW, db = [], []
        for l in reversed(range(len(W))):
            known = {"x": inputs[l], "W": W[l], "b": b[l], "z": layers[l].z, "a": layers[l].a}
            known |= {"da": da, "n": np.float64(len(da))}
            hidden = l < len(W) - 1
            known["dz"] = self._line("dz", known, da.shape) if hidden else da
            dW.insert(0, self._line("dW", known, W[l].shape))
            db.insert(0, self._line("db", known, b[l].shape))
            da = self._line("dx", known, inputs[l].shape) if l else None
        return place.network.layout.pack(dW, db)

    def _line(self, name: str, known: dict[str, Any], shape: tuple[int, ...]) -> np.ndarray:
        got = np.asarray(self.lines[name](known, lambda z: slope(self.activation, z)))
        if got.shape != shape:
            raise Refused(f"{name!r} must give shape {shape}, got {got.shape}")
        if got.dtype != float or not np.isfinite(got).all():
            raise Refused(f"{name!r} must give finite numbers")
        return got

    def survives(self, place: Place) -> bool:
        """Tell whether the gradient check, as it comes, finds nothing wrong."""
        report = check_gradient(
            lambda theta: float(place.network.loss(theta, place.X, place.y)),
            lambda theta: self.gradient(place, theta),
            place.theta,
            layout=place.network.layout,
            directions=10 if place.theta.size > 500 else None,
        )
        return report.verdict != "failed"

    def error(self, place: Place) -> float:
        """Return the distance from the right gradient, relative to its length."""
        _, right = place.network.loss_and_gradient(place.theta, place.X, place.y)
        return float(
            np.linalg.norm(self.gradient(place, place.theta) - right) / np.linalg.norm(right)
        )


def backward_pass(entry: dict[str, Any]) -> Pass:
    """Check an entry.

    Raises
    ------
    Refused
    """
    fields("the entry", entry, (), ("activation", *RIGHT), WHY)
    activation = one_of("'activation'", entry.get("activation", "tanh"), SINGLE)
    lines = {name: Formula(name, entry.get(name, RIGHT[name]), NAMES[name]) for name in RIGHT}
    return Pass(activation, lines)


def drawn(
    activation: str,
    rng: np.random.Generator,
    *,
    sizes: tuple[int, ...] = (4, 5, 5, 3),
    n: int = 5,
    biases: bool = True,
    size: float = 1.0,
) -> Place:
    """Draw a small network, biases of 0 unless told otherwise, and inputs of a given size."""
    network = MLP(sizes, activation=activation, loss="softmax_cross_entropy")
    theta = network.init(rng)
    if biases:
        theta = theta + 0.5 * rng.normal(size=theta.shape) * (
            1 - network.layout.weights_mask(theta)
        )
    X = size * rng.normal(size=(n, sizes[0]))
    return Place(network, theta, X, rng.integers(0, sizes[-1], n))


@cache
def moments(activation: str) -> tuple[MLP, tuple[np.ndarray, ...]]:
    """Return a network for the digits, and its θ after 0, 1, ... 8 epochs of training."""
    network = MLP([64, 16, 10], activation=activation, loss="softmax_cross_entropy")
    rng, data = np.random.default_rng(0), digits()
    options = {"optimizer": Adam(0.02), "epochs": 8, "batch_size": 64, "rng": rng}
    records = train(network, network.init(rng), data.X_train, data.y_train, **options)
    return network, tuple(record.theta for record in records)


def in_training(activation: str, rng: np.random.Generator, *epochs: int) -> Place:
    """Draw a batch of 64 digits at one of some moments of a training."""
    network, thetas = moments(activation)
    data = digits()
    rows = rng.choice(len(data.X_train), 64, replace=False)
    return Place(network, thetas[rng.choice(epochs)], data.X_train[rows], data.y_train[rows])


LADDER: dict[str, Callable[[str, np.random.Generator], Place]] = {
    "five inputs, biases of 0": lambda f, rng: drawn(f, rng, biases=False),
    "biases that are not 0": drawn,
    "batches of 1 to 32": lambda f, rng: drawn(f, rng, n=int(rng.integers(1, 33))),
    "other widths": lambda f, rng: drawn(f, rng, sizes=(*map(int, rng.integers(2, 9, 4)), 3)),
    "inputs three times as large": lambda f, rng: drawn(f, rng, size=3.0),
    "inputs thirty times as large": lambda f, rng: drawn(f, rng, size=30.0),
    "digits before training": lambda f, rng: in_training(f, rng, 0),
    "digits during training": lambda f, rng: in_training(f, rng, *range(1, 9)),
}
"""The checks, in the order in which they are made; each is made at three fresh places."""


def climbed(entered: Pass, rng: np.random.Generator) -> Iterator[str]:
    """Yield the names of the checks that find nothing, up to the first that does."""
    for name, draw in LADDER.items():
        if not all(entered.survives(draw(entered.activation, rng)) for _ in range(DRAWS)):
            return
        yield name


def judge(entry: dict[str, Any]) -> Score:
    """Return how many checks of the ladder the pass survives.

    Raises
    ------
    Refused
        When a line is wrong, the pass isn't, or the first check finds it.
    """
    entered = backward_pass(entry)
    rng = np.random.default_rng(seed_of(entry))
    places = [in_training(entered.activation, rng, *range(9)) for _ in range(BATCHES)]
    error = float(np.mean([entered.error(place) for place in places]))
    if error < WRONG:
        raise Refused(
            f"this pass is not wrong: on {BATCHES} fresh batches of digits it is off by "
            f"{100 * error:.3f} % on average, and {100 * WRONG:.0f} % is asked for"
        )
    passed = list(climbed(entered, rng))
    if not passed:
        first = next(iter(LADDER))
        raise Refused(f"the first check ({first}) finds it; try an error that is 0 where b is 0")
    text = f"off by {100 * error:.3g} % in training; the last check that it survives: {passed[-1]}"
    return Score(float(len(passed)), text)


CHALLENGE = Challenge(
    name="backward",
    title="A wrong backward pass that the check misses",
    rules=(
        "A JSON file with formulas for some of the four lines of a dense layer's backward pass: "
        + ", ".join(f"'{name}' (right: {text})" for name, text in RIGHT.items())
        + "; optional 'activation'. It must be off by 1 % or more on fresh batches in training. "
        "Counted are the gradient checks, of eight, that it survives."
    ),
    unit="checks",
    fewest=False,
    ours=4.0,
    digits=0,
    read=read_json,
    judge=judge,
)
