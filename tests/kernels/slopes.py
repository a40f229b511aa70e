"""Slopes of a function by central differences."""

from collections.abc import Callable

import numpy as np


def slopes(
    function: Callable[[np.ndarray], float], x: np.ndarray, step: float = 1e-6
) -> np.ndarray:
    """Differentiate a number by central differences in every entry of x."""
    gradient = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        ends = []
        for side in (step, -step):
            moved = x.copy()
            moved[at] += side
            ends.append(function(moved))
        gradient[at] = (ends[0] - ends[1]) / (2 * step)
    return gradient
