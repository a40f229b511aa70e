"""How far the gradients of mini-batches lie from the full gradient, measured on the digits."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from deeplearn_utils.optimizers import SGD
from deeplearn_utils.training import train

from .digits_network import NETWORK, data

DRAWS = 600
"""Batches of each size over which the noise is averaged."""

EPOCHS = (0, 1, 10)
"""When in training the noise is measured."""


class Noise(NamedTuple):
    """Gradients of batches at one moment, in units of the length of the full gradient."""

    spread: float  # root mean square distance of the single gradients
    along: np.ndarray  # (n,) each example's gradient along the full one
    across: np.ndarray  # (n,) and along the direction in which examples differ most
    measured: np.ndarray  # (sizes,) root mean square distance of the batches' gradients


@cache
def trained() -> dict[int, np.ndarray]:
    """Return θ after each number of epochs."""
    rng = np.random.default_rng(0)
    theta, options = NETWORK.init(rng), {"optimizer": SGD(0.1), "batch_size": 32, "rng": rng}
    X, y = data().X_train, data().y_train
    return {r.epoch: r.theta for r in train(NETWORK, theta, X, y, epochs=max(EPOCHS), **options)}


def single_gradients(theta: np.ndarray) -> np.ndarray:
    """Return the gradient of each training example, (n, n_parameters)."""
    rows = zip(data().X_train[:, None], data().y_train[:, None], strict=True)
    return np.array([NETWORK.loss_and_gradient(theta, X, y)[1] for X, y in rows])


@cache
def places() -> np.ndarray:
    """Return the place of each example in DRAWS shuffled decks; a batch is the top of a deck.

    So a smaller batch is a part of the larger one, and a dot of the picture moves as it grows.
    """
    decks = np.random.default_rng(0).random((DRAWS, len(data().X_train)))
    return decks.argsort(axis=1).argsort(axis=1)


def batch_means(values: np.ndarray, batch_size: int) -> np.ndarray:
    """Return the mean of per-example values over each deck's batch, (DRAWS, ...)."""
    return (places() < batch_size).astype(values.dtype) @ values / batch_size


def widest(centered: np.ndarray, rounds: int = 30) -> np.ndarray:
    """Return the direction along which rows spread most, by power iteration."""
    u = centered[0]
    for _ in range(rounds):
        u = centered.T @ (centered @ u)
        u = u / np.linalg.norm(u)
    return u


@cache
def noise_at(epoch: int, sizes: tuple[int, ...]) -> Noise:
    """Measure the noise of batches of each size after some epochs.

    Parameters
    ----------
    epoch : int
        One of `EPOCHS`.
    sizes : tuple of int
        Batch sizes, from 1 to n.

    Returns
    -------
    Noise
    """
    G = single_gradients(trained()[epoch])  # (n, n_parameters)
    g = G.mean(axis=0)
    length = np.linalg.norm(g)
    along = G @ g / length**2
    centered = (G - g).astype("float32") / length  # half the time, and precise enough
    sideways = centered - np.outer(along - 1, g / length).astype("float32")
    distances = (np.linalg.norm(batch_means(centered, size), axis=1) for size in sizes)
    return Noise(
        spread=rms(np.linalg.norm(centered, axis=1)),
        along=along,
        across=(sideways @ widest(sideways)).astype(float),
        measured=np.array([rms(distance) for distance in distances]),
    )


def rms(x: np.ndarray) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(np.square(x, dtype=float))))


def dealt_out(batch_size: np.ndarray | float, n: int) -> np.ndarray:
    """Return the noise of a batch from a deck of n, as a part of the spread of single examples.

    sqrt((n - B) / ((n - 1) B)): the batch of all n examples knows everything.

    >>> dealt_out(np.array([1.0, 4.0, 101.0]), 101).round(3)
    array([1.   , 0.492, 0.   ])
    """
    return np.sqrt((n - batch_size) / ((n - 1) * batch_size))
