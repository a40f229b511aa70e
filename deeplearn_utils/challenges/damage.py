"""The most damage to accuracy within an ε: test digits, moved by at most ε a pixel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from ..datasets import digits
from ..metrics import accuracy
from ..networks import MLP
from ..optimizers import Adam
from ..training import train
from .files import read_array
from .verdict import Challenge, Refused, Score

EPSILON, ROUNDING = 0.1, 1e-6
NETWORK = MLP([64, 64, 10], activation="relu", loss="softmax_cross_entropy")


@cache
def test_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the 359 test digits, pixels from 0 to 1, and their labels."""
    data = digits(scale=False)
    return data.X_test / 16, data.y_test


@cache
def target() -> np.ndarray:
    """Return θ of the network under attack; rounded, so that it is the same on every machine."""
    data, rng = digits(scale=False), np.random.default_rng(0)
    options = {"optimizer": Adam(0.01), "epochs": 30, "batch_size": 32, "rng": rng}
    *_, last = train(NETWORK, NETWORK.init(rng), data.X_train / 16, data.y_train, **options)
    return last.theta.round(4)


def read(path: Path) -> np.ndarray:
    """Return the moved digits of an .npz file, shape (359, 64).

    Raises
    ------
    Unreadable, Refused
    """
    return read_array(path, "moved", test_digits()[0].shape)


def judge(moved: np.ndarray) -> Score:
    """Return how many points of accuracy are lost.

    Raises
    ------
    Refused
        When a pixel is no number, out of range, or moved by more than ε.
    """
    X, y = test_digits()
    if not np.isfinite(moved).all():
        raise Refused(f"`moved` must be finite, got {int((~np.isfinite(moved)).sum())} that is not")
    if moved.min() < -ROUNDING or moved.max() > 1 + ROUNDING:
        raise Refused(
            f"pixels must lie from 0 to 1, got {moved.min():.4g} to {moved.max():.4g}; "
            "try np.clip(moved, 0, 1)"
        )
    farthest = np.abs(moved - X).max()
    if farthest > EPSILON + ROUNDING:
        raise Refused(
            f"a pixel may move by {EPSILON}, got {farthest:.4g}; "
            f"try np.clip(moved, X - {EPSILON}, X + {EPSILON})"
        )
    before, after = (accuracy(NETWORK.predict(target(), Z), y) for Z in (X, moved))
    text = f"from {100 * before:.1f} % right to {100 * after:.1f} %, of {len(y)} test digits"
    return Score(100 * (before - after), text)


CHALLENGE = Challenge(
    name="damage",
    title=f"The most damage within ε = {EPSILON}",
    rules=(
        "An .npz file with one array 'moved' of shape (359, 64): the test digits of "
        f"`challenges.damage.test_digits()`, each pixel moved by at most {EPSILON} and still from "
        "0 to 1. The network is `NETWORK` with θ = `target()` there. Counted are the points of "
        "accuracy that it loses."
    ),
    unit="points",
    fewest=False,
    ours=55.4,
    digits=1,
    read=read,
    judge=judge,
)
