"""Small networks of MNIST-1D in 8-bit whole numbers, and the ranges that calibration finds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from deeplearn_utils.datasets import Dataset, mnist1d
from deeplearn_utils.kernels.quantize import (
    dense_sums,
    quantize,
    requantize,
    rounding_multiplier,
    scale_and_zero_point,
)
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train

NETWORK = MLP([40, 64, 32, 10], activation="relu", loss="softmax_cross_entropy")
TENSORS = ("inputs", "hidden 1", "hidden 2", "outputs")
SEEDS = 5
EPOCHS = 20
MOST = 400
"""The most signals that calibration takes."""

KEPT = 0.95
"""How much of the old range the moving average keeps."""

PERCENT = 0.1
"""How many percent of the values the percentiles leave out at each end."""


class Range(NamedTuple):
    """The lowest and the highest value that a whole number stands for; arrays: after each item."""

    low: np.ndarray
    high: np.ndarray


@cache
def data() -> Dataset:
    """Return MNIST-1D, standardized, made once."""
    return mnist1d()


@cache
def trained(seed: int) -> np.ndarray:
    """Return θ after some epochs."""
    rng = np.random.default_rng(seed)
    options = {"optimizer": Adam(0.003), "epochs": EPOCHS, "batch_size": 32, "rng": rng}
    *_, last = train(NETWORK, NETWORK.init(rng), data().X_train, data().y_train, **options)
    return last.theta


def activations(seed: int, X: np.ndarray) -> list[np.ndarray]:
    """Return inputs, both hidden layers after their ReLU, and outputs."""
    return [X, *(layer.a for layer in NETWORK.trace(trained(seed), X))]


@cache
def calibrating(seed: int) -> list[np.ndarray]:
    """Return the activations on training signals drawn for calibration, in the order they come."""
    rows = np.random.default_rng(seed).permutation(len(data().X_train))[:MOST]
    return activations(seed, data().X_train[rows])


def items(values: np.ndarray, size: int) -> Range:
    """Return the extremes of each item of `size` rows; fewer rows are one item."""
    parts = values.reshape(-1, min(size, len(values)) * values.shape[1])
    return Range(parts.min(axis=1), parts.max(axis=1))


def averaged(ends: np.ndarray) -> np.ndarray:
    """Return the moving average after each item: it begins with the first.

    >>> averaged(np.array([1.0, 3.0, 1.0]))
    array([1.   , 1.1  , 1.095])
    """
    kept = [ends[0]]
    for end in ends[1:]:
        kept.append(KEPT * kept[-1] + (1 - KEPT) * end)
    return np.array(kept)


def found(rule: str, values: np.ndarray, size: int) -> Range:
    """Return the range after each item by one of the rules."""
    low, high = items(values, size)
    if rule == "average":
        return Range(averaged(low), averaged(high))
    if rule == "extremes":
        return Range(np.minimum.accumulate(low), np.maximum.accumulate(high))
    step = min(size, len(values))
    cuts = (PERCENT, 100 - PERCENT)
    ends = [np.percentile(values[:n], cuts) for n in range(step, len(values) + 1, step)]
    return Range(*np.transpose(ends))


def last(rule: str, values: np.ndarray, size: int) -> Range:
    """Return the range after the last item."""
    if rule == "percentile":
        size = len(values)
    low, high = found(rule, values, size)
    return Range(low[-1], high[-1])


def clipped(values: np.ndarray, within: Range) -> float:
    """Return the percentage of values outside a range, which always holds 0."""
    outside = (values < min(within.low, 0.0)) | (values > max(within.high, 0.0))
    return 100 * float(outside.mean())


def answers(theta: np.ndarray, X: np.ndarray, ranges: Sequence[Range]) -> np.ndarray:
    """Return the outputs as int8, computed with whole numbers throughout, shape (n, 10).

    Weights have a scale for each unit; `ranges` are those of `TENSORS`.
    """
    W, b = NETWORK.layout.unpack(theta)
    scale, zero = scale_and_zero_point(*ranges[0])
    q = quantize(X.astype(np.float32), scale, zero)
    for layer, bias, within in zip(W, b, ranges[1:], strict=True):
        ends = layer.min(axis=0), layer.max(axis=0)
        of_W, zeros = scale_and_zero_point(*ends, symmetric=True)
        whole = quantize(layer.astype(np.float32), of_W, zeros, axis=1)
        shift = np.round(bias / (float(scale) * of_W.astype(float))).astype(np.int32)
        sums = dense_sums(q, whole, shift, zero_point=int(zero))
        of_sums, (scale, zero) = (scale, of_W), scale_and_zero_point(*within)
        factor = rounding_multiplier(*of_sums, scale, rounding="float")
        low = -128 if layer is W[-1] else int(zero)
        q = requantize(sums, factor, int(zero), low=low)
    return q
