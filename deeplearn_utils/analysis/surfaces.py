"""Loss surfaces over two parameters, on which an optimizer's path can be drawn.

Source: the banana-shaped valley is that of Rosenbrock, "An automatic method for finding the
greatest or least value of a function" (1960), with 10 in place of his 100.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..checks import float_arrays, shape

LAMBDA = np.array([1.0, 25.0])
"""The curvatures of the ravine along x and y: gradient descent diverges beyond 2/25 = 0.08."""

BEND = 10.0
"""The steepness of Rosenbrock's valley walls."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A loss f(x, y) with its derivatives, and the frame in which it is shown.

    Parameters
    ----------
    value : callable
        f: points of shape (..., 2) to losses of shape (...). The lowest loss is 0.
    gradient : callable
        ∇f: points of shape (..., 2) to gradients of shape (..., 2).
    hessian : callable
        ∇²f: one point of shape (2,) to the matrix of second derivatives, (2, 2).
    start : array of shape (2,)
        Where a path begins.
    minimum : array of shape (2,) or None
        The only minimum; None where there are several.
    domain : pair of pairs of float
        ((x low, x high), (y low, y high)).
    """

    value: Callable[[np.ndarray], np.ndarray]
    gradient: Callable[[np.ndarray], np.ndarray]
    hessian: Callable[[np.ndarray], np.ndarray]
    start: np.ndarray
    minimum: np.ndarray | None
    domain: tuple[tuple[float, float], tuple[float, float]]


def ravine(points: np.ndarray) -> np.ndarray:
    """Return f = ½ (λ₁ x² + λ₂ y²) with λ = (1, 25): a long valley with steep walls.

    >>> float(ravine(np.array([2.0, 1.0])))
    14.5
    """
    _coordinates(points)
    return 0.5 * (points**2 @ LAMBDA)


def rosenbrock(points: np.ndarray) -> np.ndarray:
    """Return f = (1 - x)² + 10 (y - x²)²: a valley that bends, with its minimum at (1, 1).

    >>> float(rosenbrock(np.array([1.0, 2.0])))
    10.0
    """
    x, y = _coordinates(points)
    return (1 - x) ** 2 + BEND * (y - x**2) ** 2


def saddle(points: np.ndarray) -> np.ndarray:
    """Return f = ½ x² + ¼ (y² - 1)²: a saddle at (0, 0) between the minima (0, -1) and (0, 1).

    >>> float(saddle(np.array([0.0, 0.0])))
    0.25
    """
    x, y = _coordinates(points)
    return 0.5 * x**2 + 0.25 * (y**2 - 1) ** 2


def _coordinates(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, points = float_arrays(points=points)
    shape("points", points, (*points.shape[:-1], 2), "(..., 2)")
    return points[..., 0], points[..., 1]


def _rosenbrock_gradient(points: np.ndarray) -> np.ndarray:
    x, y = _coordinates(points)
    r = y - x**2
    return np.stack([-2 * (1 - x) - 4 * BEND * x * r, 2 * BEND * r], axis=-1)


def _rosenbrock_hessian(point: np.ndarray) -> np.ndarray:
    x, y = point
    across = -4 * BEND * x
    return np.array([[2 - 4 * BEND * (y - 3 * x**2), across], [across, 2 * BEND]])


def _saddle_gradient(points: np.ndarray) -> np.ndarray:
    x, y = _coordinates(points)
    return np.stack([x, y**3 - y], axis=-1)


SURFACES: dict[str, Surface] = {
    "ravine": Surface(
        value=ravine,
        gradient=lambda points: points * LAMBDA,
        hessian=lambda point: np.diag(LAMBDA),
        start=np.array([-5.0, 1.0]),
        minimum=np.zeros(2),
        domain=((-6.0, 6.0), (-2.0, 2.0)),
    ),
    "rosenbrock": Surface(
        value=rosenbrock,
        gradient=_rosenbrock_gradient,
        hessian=_rosenbrock_hessian,
        start=np.array([-1.2, 1.0]),
        minimum=np.ones(2),
        domain=((-2.0, 2.0), (-1.0, 3.0)),
    ),
    "saddle": Surface(
        value=saddle,
        gradient=_saddle_gradient,
        hessian=lambda point: np.diag([1.0, 3 * point[1] ** 2 - 1]),
        start=np.array([1.6, 0.01]),
        minimum=None,
        domain=((-2.0, 2.0), (-1.6, 1.6)),
    ),
}
"""Every surface of the book by its name."""
