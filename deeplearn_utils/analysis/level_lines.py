"""Lines of equal loss on the surfaces of the book, from formulas: smooth at any size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..checks import choice
from .surfaces import BEND, LAMBDA

POINTS = 97
"""Points on each line."""


def _ravine(c: float) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, POINTS)
    radii = np.sqrt(2 * c / LAMBDA)
    return np.stack([radii[0] * np.cos(t), radii[1] * np.sin(t)])[None]


def _rosenbrock(c: float) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, POINTS)
    x = 1 + np.sqrt(c) * np.cos(t)
    return np.stack([x, x**2 + np.sqrt(c / BEND) * np.sin(t)])[None]


def _saddle(c: float) -> np.ndarray:
    r = np.sqrt(c)  # f = c where x = √2 r cos t and y² - 1 = 2 r sin t
    lowest = np.arcsin(max(-1.0, -1 / (2 * r)))  # above the saddle the line ends at y = 0
    t = np.linspace(lowest, np.pi - lowest, POINTS)
    x, y = np.sqrt(2) * r * np.cos(t), np.sqrt(np.maximum(0.0, 1 + 2 * r * np.sin(t)))
    return np.stack([np.stack([x, y]), np.stack([x, -y])])


_LINES: dict[str, Callable[[float], np.ndarray]] = {
    "ravine": _ravine,
    "rosenbrock": _rosenbrock,
    "saddle": _saddle,
}

LEVELS: dict[str, tuple[float, ...]] = {
    "ravine": (1.0, 5.0, 12.5, 25.0, 45.0),
    "rosenbrock": (0.1, 0.5, 2.0, 6.0, 15.0, 35.0, 80.0, 160.0),
    "saddle": (0.02, 0.1, 0.25, 0.6, 1.2, 2.0),
}
"""The losses at which a surface has its lines."""

ROWS = 12
"""The most lines that a surface has."""


def level_lines(surface: str) -> np.ndarray:
    """Return the lines on which the surface has its `LEVELS`.

    Returns
    -------
    array of shape (2, ROWS, POINTS)
        x and y of each line; rows that a surface does not need are NaN.
    """
    choice("surface", surface, _LINES)
    lines = np.concatenate([_LINES[surface](level) for level in LEVELS[surface]])
    padded = np.full((ROWS, 2, POINTS), np.nan)
    padded[: len(lines)] = lines
    return padded.swapaxes(0, 1)
