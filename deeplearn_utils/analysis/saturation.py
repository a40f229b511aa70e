"""Where an activation hardly learns: its saturated, flat and dead zones, found from its slope."""

from __future__ import annotations

from functools import cache

import numpy as np

from ..checks import choice, float_arrays
from ..kernels import ACTIVATIONS

FLAT = 0.05
"""A zone is slow where the size of the slope is under this part of its largest value."""

REACH, STEPS = 32.0, 3200
"""Zones are looked for from -REACH to REACH, at 2 STEPS + 1 points, 0 among them."""


def slope(activation: str, z: np.ndarray) -> np.ndarray:
    """Return f'(z), from the backward kernel of the book."""
    choice("activation", activation, ACTIVATIONS)
    _, z = float_arrays(z=z)
    return ACTIVATIONS[activation].backward(np.ones_like(z), z)


@cache
def largest_slope(activation: str) -> float:
    """Return the largest size of f'(z) from -REACH to REACH."""
    return float(np.abs(slope(activation, _grid())).max())


def is_slow(activation: str, z: np.ndarray) -> np.ndarray:
    """Return where the slope at z is under `FLAT` of its largest value; dead points are slow too.

    >>> is_slow("relu", np.array([-1.0, 1.0]))
    array([ True, False])
    """
    return np.abs(slope(activation, z)) < FLAT * largest_slope(activation)


def is_dead(activation: str, z: np.ndarray) -> np.ndarray:
    """Return where the unit is dead: the slope is 0 and stays 0 on one whole side, as in ReLU.

    Far out the slopes of tanh and GELU are rounded to 0 as well; at -1 and 1 they are not.

    >>> is_dead("relu", np.array([-1.0, 0.0, 1.0])), is_dead("tanh", np.array([-30.0]))
    (array([ True,  True, False]), array([False]))
    """
    left, right = slope(activation, np.array([-1.0, 1.0])) == 0
    return (slope(activation, z) == 0) & ((left & (z <= 0)) | (right & (z >= 0)))


@cache
def zones(activation: str) -> dict[str, np.ndarray]:
    """Return the intervals of z that are slow (but alive) and that are dead.

    Returns
    -------
    dict
        ``"slow"`` of shape (2, 2) and ``"dead"`` of shape (1, 2): an interval a row, NaN for none.
    """
    z = _grid()
    dead = is_dead(activation, z)
    return {
        "slow": _intervals(z, is_slow(activation, z) & ~dead, rows=2),
        "dead": _intervals(z, dead, rows=1),
    }


def _grid() -> np.ndarray:
    return np.linspace(-REACH, REACH, 2 * STEPS + 1)


def _intervals(z: np.ndarray, inside: np.ndarray, rows: int) -> np.ndarray:
    """Return the first and last z of each run of True, one run a row."""
    edges = np.diff(inside.astype(int), prepend=0, append=0)
    found = np.column_stack([z[edges[:-1] == 1], z[np.flatnonzero(edges == -1) - 1]])
    return np.vstack([found, np.full((rows - len(found), 2), np.nan)])
