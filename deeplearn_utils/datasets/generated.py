"""Two-dimensional points made from a seed: classes that no straight line separates."""

import numpy as np

from ..checks import count, in_range, room, seeded
from .tables import Table

__all__ = ["moons_table", "spirals_table"]


def moons_table(n: int = 500, noise: float = 0.1, *, seed: int | np.random.Generator = 0) -> Table:
    r"""Make two half circles that reach into each other.

    .. math::
        (\cos t, \sin t) \quad\text{and}\quad (1 - \cos t, \tfrac12 - \sin t),
        \qquad t = 0 \ldots \pi

    Parameters
    ----------
    n : int, default 500
        How many points; the first moon has the smaller half.
    noise : float, default 0.1
        Standard deviation of the normal noise on both coordinates.
    seed : int or numpy.random.Generator, default 0

    Returns
    -------
    Table
        Two features, labels 0 and 1, in order of the classes.

    Examples
    --------
    >>> table = moons_table(4, noise=0)
    >>> table.X.round(2) + 0.0
    array([[ 1. ,  0. ],
           [-1. ,  0. ],
           [ 0. ,  0.5],
           [ 2. ,  0.5]])
    >>> table.y
    array([0, 0, 1, 1])
    """
    n, noise = count("n", n, low=2), float(in_range("noise", noise, low=0))
    room(2 * n, f"`n` = {n}")
    upper, lower = np.linspace(0, np.pi, n // 2), np.linspace(0, np.pi, n - n // 2)
    points = [
        np.stack([np.cos(upper), np.sin(upper)], axis=1),
        np.stack([1 - np.cos(lower), 0.5 - np.sin(lower)], axis=1),
    ]
    return _table(points, noise, seed, "moons", "Two interleaved half circles with normal noise.")


def spirals_table(
    n: int = 600,
    noise: float = 0.05,
    *,
    classes: int = 2,
    turns: float = 1.5,
    seed: int | np.random.Generator = 0,
) -> Table:
    r"""Make spiral arms that wind around each other, one a class.

    .. math::
        r\,(\cos\varphi, \sin\varphi), \qquad
        \varphi = 2\pi\,(\text{turns} \cdot r + c / \text{classes}), \qquad r = 0.1 \ldots 1

    Parameters
    ----------
    n : int, default 600
        How many points, dealt evenly to the arms.
    noise : float, default 0.05
        Standard deviation of the normal noise on both coordinates.
    classes : int, default 2
        How many arms.
    turns : float, default 1.5
        How often an arm would wind around the center between r = 0 and r = 1.
    seed : int or numpy.random.Generator, default 0

    Returns
    -------
    Table
        Two features, labels 0 ... classes - 1, in order of the classes.

    Notes
    -----
    Source: K. Lang, M. Witbrock, Learning to tell two spirals apart, 1988.

    Examples
    --------
    >>> spirals_table(6, noise=0, classes=3).y
    array([0, 0, 1, 1, 2, 2])
    """
    classes = count("classes", classes, low=2)
    n, noise = count("n", n, low=classes), float(in_range("noise", noise, low=0))
    room(2 * n, f"`n` = {n}")
    turns = float(in_range("turns", turns, low=0))
    arms = []
    for c in range(classes):
        r = np.linspace(0.1, 1, (n + c) // classes)
        angle = 2 * np.pi * (turns * r + c / classes)
        arms.append(r[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    return _table(arms, noise, seed, "spirals", f"{classes} spiral arms with normal noise.")


def _table(
    points: list[np.ndarray],
    noise: float,
    seed: int | np.random.Generator,
    name: str,
    description: str,
) -> Table:
    X = np.concatenate(points)
    X = X + noise * seeded("seed", seed).standard_normal(X.shape)
    y = np.repeat(np.arange(len(points)), [len(part) for part in points])
    return Table(X, y, "classes", name, description, ("x1", "x2"))
