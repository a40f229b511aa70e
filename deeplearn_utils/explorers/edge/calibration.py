"""Calibration of an 8-bit network: which range each rule finds, and what the network then reads.

litert-quantizer 0.11 (the former ai-edge-quantizer) by itself keeps the moving average that is
shown here, with 0.95 for the old range, one step for each item of calibration data. This book's
`post_training` asks it for the extremes instead, unless told otherwise. The arithmetic here is our
own, from `kernels.quantize`.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from ..parts.numbers import fixed
from .calibration_panes import ACCURACY, CLIPPED, RANGE, SIZES
from .whole_network import (
    MOST,
    NETWORK,
    SEEDS,
    Range,
    activations,
    answers,
    calibrating,
    clipped,
    data,
    found,
    items,
    last,
    trained,
)

RULES = {
    "extremes": "lowest and highest",
    "average": "moving average, 0.95",
    "percentile": "0.1 to 99.9 %",
}
NUMBERS = (50, 100, 200, 400)
CLOSE = 1.0
"""Points that may be lost."""


class CalibrationExplorer(Explorer):
    """The rule and the items of calibration, against range, clipping and accuracy."""

    name = "calibration"
    title = "Calibration: the range that an 8-bit network is given"
    summary = (
        "Left: the lowest and the highest input against the signals seen; with the extremes as the "
        "rule, the range soon nears that of all training signals. Middle: bars of what is clipped, "
        "almost nothing. Right: share of the validation signals that are read, level at 56 percent "
        "however the signals are grouped."
    )
    controls = (
        Choice("rule", "rule", RULES, "extremes"),
        Slider("size", "signals in an item", SIZES, 1, "{:g}"),
        Slider("number", "signals in all", NUMBERS, MOST, "{:g}"),
    )
    panes = (RANGE, CLIPPED, ACCURACY)
    depends = {
        **dict.fromkeys(("true", "span", "seen", "left", "right", "sizes", "real"), ()),
        **dict.fromkeys(("item_low", "item_high"), ("size", "number")),
        **dict.fromkeys(("read", "lower", "upper"), ("rule", "number")),
        "end": ("number",),
        "size": ("size",),
    }
    question = Question(
        text=(
            "A quantizer keeps 0.95 of the range that it has and takes 0.05 of the next item's. "
            "Given 400 signals as one item, it makes 8-bit networks that read 56 of 100 signals, "
            "as with real numbers. Given the same 400 signals one at a time, they will read:"
        ),
        options=("about 56", "about 44", "about 10, as by chance"),
        answer=1,
        explanation=(
            "About 44 (± 1). Most single signals stay far inside the range of all, and the average "
            "of their extremes does, too: 7 % of the inputs are clipped. It is the inputs: with "
            "the average for them alone 45 are read, with the average for all others 54."
        ),
    )
    target = Target(
        text=(
            "Keep the moving average and calibrate with 50 signals in all, so that the 8-bit "
            f"networks lose at most {CLOSE:g} point."
        ),
        explanation=(
            "Items of ten do: the extremes of ten signals lie near those of all. More signals one "
            "at a time don't help, since the average forgets: of 400 items, the last 60 have 95 % "
            "of the weight. Extremes need no such care, but one faulty signal would widen them."
        ),
    )

    def look(self, rule: str, size: int, number: int) -> Look:
        """Return ranges, clipping and accuracy at the setting, and accuracy at every size."""
        every = np.array([read(rule, stop, number) for stop in SIZES])
        return Look(rule, size, number, ranges(rule, size, number)[0][0], every)

    def compute(self, look: Look) -> Arrays:
        """Return the range after each signal, the clipped shares, and the accuracies."""
        values = calibrating(0)[0][: look.number]
        inputs = data().X_train
        reach = 1.06 * np.abs(inputs).max()
        mean, error = look.every.mean(axis=1), standard_error(look.every)
        at = SIZES.index(look.size)
        after, each = found(look.rule, values, look.size), items(values, look.size)
        return {
            **{"true": np.array([inputs.min(), inputs.max()]), "span": np.array([-reach, reach])},
            "seen": np.arange(1.0, MOST + 1),
            **{
                "item_low": spread(each.low, look.number),
                "item_high": spread(each.high, look.number),
            },
            **{"low": held(after.low, look.number), "high": held(after.high, look.number)},
            **{"end": float(look.number), "low_now": look.range.low, "high_now": look.range.high},
            **{"left": np.arange(4.0) - 0.35, "right": np.arange(4.0) + 0.35},
            "clipped": np.mean(outside(look.rule, look.size, look.number), axis=0),
            **{"sizes": np.array(SIZES, float), "size": float(look.size)},
            **{"read": mean, "lower": mean - error, "upper": mean + error},
            **{"read_now": mean[at], "real": real().mean()},
        }

    def describe(self, look: Look) -> str:
        """Tell the range of the inputs, how many are clipped, and what is read."""
        gone = outside(look.rule, look.size, look.number)[:, 0].mean()
        now = look.every[SIZES.index(look.size)].mean()
        together = "in one item" if look.size >= look.number else f"{look.size} at a time"
        low, high = (fixed(end, 1) for end in look.range)
        return (
            f"{RULES[look.rule][0].upper()}{RULES[look.rule][1:]}, {look.number} signals, "
            f"{together}: inputs from {low} to {high}, {gone:.1f} % are clipped. 8-bit networks "
            f"read {now:.1f} % of the validation signals, real numbers {real().mean():.1f} %."
        )

    def reached(self, look: Look) -> bool:
        """Tell whether the average of few signals loses little."""
        lost = real().mean() - look.every[SIZES.index(look.size)].mean()
        return bool(look.rule == "average" and look.number == NUMBERS[0] and lost <= CLOSE)

    def warm(self) -> None:
        """Train the networks once."""
        self.frame()


class Look(NamedTuple):
    """One setting."""

    rule: str
    size: int
    number: int
    range: Range  # of the inputs, first network
    every: np.ndarray  # read with items of each size, in percent, (sizes, networks)


@cache
def ranges(rule: str, size: int, number: int) -> list[list[Range]]:
    """Return the range of each tensor of each network."""
    return [
        [last(rule, values[:number], size) for values in calibrating(seed)] for seed in range(SEEDS)
    ]


@cache
def outside(rule: str, size: int, number: int) -> np.ndarray:
    """Return the percentage clipped on validation data, shape (networks, tensors)."""
    return np.array(
        [
            [clipped(*pair) for pair in zip(validating(seed), of_network, strict=True)]
            for seed, of_network in enumerate(ranges(rule, size, number))
        ]
    )


@cache
def validating(seed: int) -> list[np.ndarray]:
    """Return the activations on the validation signals."""
    return activations(seed, data().X_validation)


def read(rule: str, size: int, number: int) -> np.ndarray:
    """Return the percentage of the validation signals that each network reads."""
    if rule != "average":  # how signals are grouped makes no difference
        size = number
    return _read(rule, min(size, number), number)


@cache
def _read(rule: str, size: int, number: int) -> np.ndarray:
    return np.array(
        [
            right(answers(trained(seed), data().X_validation, of_network))
            for seed, of_network in enumerate(ranges(rule, size, number))
        ]
    )


@cache
def real() -> np.ndarray:
    """Return the same with real numbers."""
    X = data().X_validation
    return np.array([right(NETWORK.forward(trained(seed), X)) for seed in range(SEEDS)])


def right(outputs: np.ndarray) -> float:
    """Return the percentage of outputs whose largest is that of the right class."""
    return 100 * float((outputs.argmax(axis=1) == data().y_validation).mean())


def standard_error(table: np.ndarray) -> np.ndarray:
    """Return the standard error of the mean over the networks, the last axis."""
    return table.std(axis=-1, ddof=1) / np.sqrt(table.shape[-1])


def spread(ends: np.ndarray, number: int) -> np.ndarray:
    """Return one number an item where its last signal is, and gaps elsewhere, (MOST,)."""
    placed = np.full(MOST, np.nan)
    size = number // len(ends)
    placed[size - 1 : number : size] = ends
    return placed


def held(ends: np.ndarray, number: int) -> np.ndarray:
    """Return what holds after each signal: the range after the last whole item, (MOST,)."""
    held = np.full(MOST, np.nan)
    size = number // len(ends)
    held[size - 1 : number] = np.repeat(ends, size)[: number - size + 1]
    return held
