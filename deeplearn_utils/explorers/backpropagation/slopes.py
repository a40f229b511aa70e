"""Slopes of known functions by a small step, in float64 and float32, and their errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from deeplearn_utils.kernels import ACTIVATIONS

SMALLEST = 1e-17
"""The least error that is told: 0 has no place on a logarithmic axis."""

MAGNIFIED = np.linspace(-2.0, 2.0, 201)
"""Where the function is looked at: steps away from the point."""


class Function(NamedTuple):
    """A function, where it is differentiated, and what is known of it there."""

    label: str
    f: Callable[[np.ndarray], np.ndarray]
    x: float
    value: float
    slope: float
    bends: tuple[float, float]  # second and third derivative


def _sigmoid_at(x: float) -> Function:
    s = 1 / (1 + np.exp(-x))
    slope = s * (1 - s)
    bends = slope * (1 - 2 * s), slope * (1 - 6 * s + 6 * s**2)
    return Function(f"sigmoid at {x:g}", ACTIVATIONS["sigmoid"].forward, x, s, slope, bends)


FUNCTIONS = {
    "exp": Function("eˣ at 1", np.exp, 1.0, np.e, np.e, (np.e, np.e)),
    "sigmoid": _sigmoid_at(1.0),
    "relu": Function(
        "ReLU at 0.02", ACTIVATIONS["relu"].forward, 0.02, 0.02, 1.0, (np.nan, np.nan)
    ),
}


def measure(h: float, difference: str, precision: str, function: str) -> tuple[np.ndarray, float]:
    """Return both ends of the secant, (2 coordinates, 2 ends), and its slope as it comes out.

    The slope divides by the distance of both ends after rounding; NaN where that is 0.
    """
    known, kind = FUNCTIONS[function], np.dtype(precision).type
    x, step = kind(known.x), kind(h)
    low = x - step if difference == "central" else x
    places = np.array([low, x + step], dtype=kind)
    f = known.f(places)
    width = places[1] - places[0]
    slope = float((f[1] - f[0]) / width) if width else np.nan
    return np.stack([places, f]).astype(float), slope


def error(slope: float, function: str) -> float:
    """Return the relative error of a slope, at least `SMALLEST`."""
    return float(np.maximum(abs(slope / FUNCTIONS[function].slope - 1), SMALLEST))


def theory(
    h: np.ndarray | float, difference: str, precision: str, function: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the relative error of truncation, and the largest one of rounding.

    Taylor's formula gives h f''/2 forward and h² f'''/6 central; two function values, each right
    to half of ε, give ε f / h forward and half of it central.
    """
    known = FUNCTIONS[function]
    second, third = (abs(bend / known.slope) for bend in known.bends)
    straight = 0.0 * second  # NaN where theory has nothing to say
    ε = np.finfo(precision).eps * abs(known.value / known.slope) + straight
    if difference == "central":
        return h**2 * third / 6, ε / (2 * h)
    return h * second / 2, ε / h


def neighborhood(h: float, precision: str, function: str) -> np.ndarray:
    """Return the change of f around x, in units of h f'(x), computed in the given precision."""
    known, kind = FUNCTIONS[function], np.dtype(precision).type
    places = (kind(known.x) + MAGNIFIED * h).astype(kind)
    points = np.stack([places, known.f(places)]).astype(float)
    return magnified(points, h, precision, function)[1]


def magnified(points: np.ndarray, h: float, precision: str, function: str) -> np.ndarray:
    """Return points (2 coordinates, n) as seen in the magnified picture."""
    known = FUNCTIONS[function]
    x = np.array([known.x], dtype=precision)
    origin = np.stack([x, known.f(x)]).astype(float)
    return (points - origin) / [[h], [h * known.slope]]
