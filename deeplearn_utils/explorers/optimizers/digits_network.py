"""The digits, and the network that the panels on optimizers train on them."""

from __future__ import annotations

from functools import cache

from deeplearn_utils.datasets import Dataset, digits
from deeplearn_utils.networks import MLP

NETWORK = MLP([64, 32, 10], activation="relu", loss="softmax_cross_entropy")


@cache
def data() -> Dataset:
    """Return the digits, loaded once."""
    return digits()
