"""An optimizer's path over a surface of two parameters, and its part inside a picture."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ..checks import choice, count, room
from .surfaces import SURFACES

FAR = 1e6
"""A path ends where a parameter is larger than this: it never comes back."""


@cache
def path(surface: str, optimizer: Any, steps: int) -> np.ndarray:
    """Return the points that an optimizer of the book visits from the surface's start.

    Parameters
    ----------
    surface : str
        A name in `SURFACES`.
    optimizer : object with init and step
        Such as `Adam(0.1)`.
    steps : int

    Returns
    -------
    array of shape (steps + 1, 2)
        The start first; NaN once a parameter is larger than `FAR`.

    Examples
    --------
    >>> from deeplearn_utils.optimizers import GradientDescent
    >>> path("ravine", GradientDescent(0.04), 2)
    array([[-5.   ,  1.   ],
           [-4.8  ,  0.   ],
           [-4.608,  0.   ]])
    """
    choice("surface", surface, SURFACES)
    steps = count("steps", steps, 0)
    room(2 * steps, f"`steps` = {steps}")
    gradient, theta = SURFACES[surface].gradient, SURFACES[surface].start
    state, points = optimizer.init(theta), np.full((steps + 1, 2), np.nan)
    points[0] = theta
    for t in range(1, steps + 1):
        theta, state = optimizer.step(theta, gradient(theta), state)
        if not np.abs(theta).max() <= FAR:
            break
        points[t] = theta
    points.setflags(write=False)
    return points


def until_gone(points: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the path up to where it first leaves a box; NaN after that.

    The last step is cut on the wall, so that its direction stays right.

    >>> until_gone(np.array([[0.0, 0.0], [4.0, 2.0], [0.0, 0.0]]), np.full(2, -1), np.full(2, 2))
    array([[ 0.,  0.],
           [ 2.,  1.],
           [nan, nan]])
    """
    outside = np.flatnonzero(~((points >= low) & (points <= high)).all(axis=1))
    if not len(outside):
        return points
    first, kept = outside[0], points.copy()
    start, step = points[first - 1], points[first] - points[first - 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.nanmin(np.where(step > 0, high - start, low - start) / step)
    kept[first] = start + part * step
    kept[first + 1 :] = np.nan
    return kept
