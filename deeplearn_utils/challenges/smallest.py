"""Fewest bytes at 97 % on the digits: a recipe, trained anew on splits that nobody has seen."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..datasets import digits
from ..kernels import ACTIVATIONS
from ..metrics import accuracy
from ..networks import MLP
from ..optimizers import Adam
from ..regularizers import ElasticNet
from ..schedules import CosineDecay
from ..training import train
from .files import read_json, seed_of
from .recipe import fields, number, one_of, series, whole
from .verdict import Challenge, Refused, Score

SPLITS, GATE = 5, 97.0
NEEDED = ("hidden", "bits", "epochs", "batch_size", "learning_rate")
OPTIONAL = ("activation", "l1", "l2", "dropout", "pruned", "epochs_after_pruning")
PENALTY = ("l1", "l2")
CODER = [{"id": lzma.FILTER_LZMA1, "lc": 0, "lp": 0, "pb": 0}]  # learns how often a number comes
WHY = "; weights are not asked for: the checker trains, so no model can hold the test answers"


class Recipe(NamedTuple):
    """A checked entry."""

    network: MLP
    bits: list[int]  # a weight, one entry a layer
    epochs: int
    batch_size: int
    learning_rate: float
    penalty: ElasticNet
    pruned: list[float]  # share of each layer's weights that becomes 0
    epochs_after_pruning: int


@dataclass(frozen=True)
class Masked:
    """An optimizer that keeps pruned weights at 0."""

    optimizer: Adam
    mask: np.ndarray  # (n_parameters,)

    def init(self, theta: np.ndarray) -> Any:
        """Return the state before the first step."""
        return self.optimizer.init(theta)

    def step(self, theta: np.ndarray, gradient: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
        """Return θ and the state after one step."""
        theta, state = self.optimizer.step(theta, gradient, state)
        return theta * self.mask, state


def recipe(entry: dict[str, Any]) -> Recipe:
    """Check an entry field by field.

    Raises
    ------
    Refused
    """
    fields("the entry", entry, NEEDED, OPTIONAL, WHY)
    hidden = series("'hidden'", entry["hidden"], 0, 3)
    hidden = [whole("a hidden layer", units, 1, 64) for units in hidden]
    layers = len(hidden) + 1
    bits = series("'bits'", entry["bits"], layers, layers)
    pruned = series("'pruned'", entry.get("pruned", [0.0] * layers), layers, layers)
    activation = one_of("'activation'", entry.get("activation", "relu"), ACTIVATIONS)
    dropout = number("'dropout'", entry.get("dropout", 0.0), 0.0, 0.9)
    options = {"activation": activation, "loss": "softmax_cross_entropy", "dropout": dropout}
    return Recipe(
        network=MLP([64, *hidden, 10], **options),
        bits=[whole("an entry of 'bits'", n, 2, 8) for n in bits],
        epochs=whole("'epochs'", entry["epochs"], 1, 100),
        batch_size=whole("'batch_size'", entry["batch_size"], 16, 1438),
        learning_rate=number("'learning_rate'", entry["learning_rate"], 1e-5, 1.0),
        penalty=ElasticNet(*(number(f"'{name}'", entry.get(name, 0.0), 0, 1) for name in PENALTY)),
        pruned=[number("an entry of 'pruned'", share, 0.0, 0.99) for share in pruned],
        epochs_after_pruning=whole(
            "'epochs_after_pruning'", entry.get("epochs_after_pruning", 0), 0, 100
        ),
    )


@cache
def every_digit() -> tuple[np.ndarray, np.ndarray]:
    """Return all 1,797 digits, pixels from -0.3 to 0.7 (their mean is near 0), and their labels."""
    data = digits(scale=False)
    X = np.concatenate([data.X_train, data.X_validation, data.X_test])
    return X / 16 - 0.3, np.concatenate([data.y_train, data.y_validation, data.y_test])


def trained(recipe: Recipe, X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return θ after training, pruning and training again."""
    theta = _end(recipe, recipe.epochs, recipe.network.init(rng), X, y, rng)
    if not any(recipe.pruned):
        return theta
    W, b = recipe.network.layout.unpack(theta)
    shares = zip(W, recipe.pruned, strict=True)
    kept = [abs(w) >= np.quantile(abs(w), share) if share else w == w for w, share in shares]
    mask = recipe.network.layout.pack([k.astype(float) for k in kept], [np.ones(len(v)) for v in b])
    return _end(recipe, recipe.epochs_after_pruning, theta * mask, X, y, rng, mask)


def _end(
    recipe: Recipe,
    epochs: int,
    theta: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    rng: np.random.Generator,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    steps = max(1, epochs * -(-len(X) // recipe.batch_size))
    optimizer = Adam(CosineDecay(recipe.learning_rate, steps))
    optimizer = optimizer if mask is None else Masked(optimizer, mask)
    options = {"optimizer": optimizer, "regularizer": recipe.penalty, "rng": rng}
    *_, last = train(
        recipe.network, theta, X, y, epochs=epochs, batch_size=recipe.batch_size, **options
    )
    return last.theta


def rounded(values: np.ndarray, bits: int) -> tuple[np.ndarray, np.float32]:
    """Return whole numbers of so many bits, and the number that gives them back their size.

    Examples
    --------
    >>> whole_numbers, scale = rounded(np.array([-1.0, 0.3, 0.6]), 3)
    >>> whole_numbers, float(whole_numbers[0] * scale)
    (array([-3,  1,  2], dtype=int8), -1.0)
    """
    scale = np.float32(max(np.abs(values).max(), 1e-12) / (2 ** (bits - 1) - 1))
    return np.clip(np.rint(values / scale), -127, 127).astype(np.int8), scale


def packed(recipe: Recipe, theta: np.ndarray) -> tuple[bytes, np.ndarray]:
    """Return the bytes of the rounded network, and the θ that they stand for."""
    W, b = recipe.network.layout.unpack(theta)
    rows = [rounded(w, bits) for w, bits in zip(W, recipe.bits, strict=True)]
    biases = [rounded(v, 8) for v in b]
    scales = np.array([scale for _, scale in (*rows, *biases)], np.float32).tobytes()
    numbers = b"".join(n.tobytes() for n, _ in (*rows, *biases))
    back = [[n * float(scale) for n, scale in part] for part in (rows, biases)]
    return scales + lzma.compress(
        numbers, lzma.FORMAT_RAW, filters=CODER
    ), recipe.network.layout.pack(*back)


def runs(recipe: Recipe, seed: int) -> Iterator[tuple[int, float]]:
    """Yield bytes and accuracy in percent on each of some fresh splits, 1438 to 359 digits."""
    X, y = every_digit()
    for rng in map(np.random.default_rng, np.random.SeedSequence(seed).spawn(SPLITS)):
        order = rng.permutation(len(X))
        rows, judges = order[:1438], order[1438:]
        content, theta = packed(recipe, trained(recipe, X[rows], y[rows], rng))
        right = accuracy(recipe.network.predict(theta, X[judges]), y[judges])
        yield len(content), 100 * right


def judge(entry: dict[str, Any]) -> Score:
    """Return the mean number of bytes.

    Raises
    ------
    Refused
        When a field is wrong, the training fails, or the mean accuracy is below the gate.
    """
    checked = recipe(entry)
    try:
        sizes, right = np.array(list(runs(checked, seed_of(entry)))).T
    except (ArithmeticError, ValueError) as error:
        raise Refused(f"the training failed: {error}; try a lower learning rate") from None
    told = f"{right.mean():.1f} ± {right.std(ddof=1) / np.sqrt(SPLITS):.1f} %"
    if right.mean() < GATE:
        raise Refused(
            f"the gate is {GATE:.0f} % right, got {told} on {SPLITS} fresh splits of the digits; "
            "try more hidden units, more bits, or less pruning"
        )
    return Score(float(sizes.mean()), f"{told} right on {SPLITS} fresh splits of the digits")


CHALLENGE = Challenge(
    name="smallest",
    title="Fewest bytes at 97 % on the digits",
    rules=(
        "A JSON file with the recipe of a network: 'hidden', 'bits' (a weight, one entry a "
        "layer), 'epochs', 'batch_size', 'learning_rate'; optional 'activation', 'l1', 'l2', "
        "'dropout', 'pruned' (a share for each layer), 'epochs_after_pruning'. The checker trains "
        "it on five fresh splits, rounds, packs with LZMA, and counts the bytes."
    ),
    unit="bytes",
    fewest=True,
    ours=989.8,
    digits=0,
    read=read_json,
    judge=judge,
)
