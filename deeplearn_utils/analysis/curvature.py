"""Curvature of a loss without its Hessian H: products H v from differences of gradients."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..checks import (
    count,
    float_arrays,
    generator,
    in_range,
    instance,
    not_empty,
    same_shape,
    shape,
)
from ..intake import numbers_like

__all__ = ["Curvature", "hessian_product", "largest_curvature"]

Gradient = Callable[[np.ndarray], np.ndarray]


class Curvature(NamedTuple):
    """The largest eigenvalue of a Hessian, and where it points."""

    value: float  # λ, the second derivative along `direction`
    direction: np.ndarray  # (n_parameters,) of length 1


def hessian_product(gradient: Gradient, theta: np.ndarray, v: np.ndarray) -> np.ndarray:
    r"""Return the Hessian times a vector, from two gradients.

    .. math::
        H v \approx \frac{g(\theta + h v) - g(\theta - h v)}{2 h}

    Parameters
    ----------
    gradient : callable
        Takes an array like `theta`, returns the gradient there.
    theta : ndarray, shape (n_parameters,)
    v : ndarray, shape (n_parameters,)

    Returns
    -------
    ndarray, shape (n_parameters,)

    Raises
    ------
    TypeError, ValueError
        When dtypes or shapes don't fit.

    Notes
    -----
    θ moves by the cube root of the machine precision, times its own length where that is above 1.
    Source: B. Pearlmutter, Fast exact multiplication by the Hessian, 1994, section 2.

    Examples
    --------
    >>> import numpy as np
    >>> A = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> Hv = hessian_product(lambda theta: A @ theta, np.array([5.0, -1.0]), np.array([1.0, 0.0]))
    >>> Hv.round(6)
    array([2., 1.])
    """
    instance("gradient", gradient, Callable, "a function of theta")
    _, theta, v = float_arrays(theta=theta, v=v)
    shape("theta", theta, ("n_parameters",))
    same_shape("v", v, "theta", theta)
    length = _length(v)
    if length == 0:
        return np.zeros_like(theta)
    h = np.cbrt(np.finfo(theta.dtype).eps) * max(1.0, _length(theta)) / length
    above, below = (
        numbers_like("gradient", gradient(theta + step), theta=theta) for step in (h * v, -h * v)
    )
    return (above - below) / (2 * h)


def _length(x: np.ndarray) -> float:
    """Return the Euclidean norm, also where squares overflow or vanish."""
    exponent = int(np.frexp(np.abs(x).max(initial=0.0))[1])
    return float(np.ldexp(np.linalg.norm(np.ldexp(x, -exponent)), exponent))


def largest_curvature(
    gradient: Gradient,
    theta: np.ndarray,
    *,
    rng: np.random.Generator | None = None,
    start: np.ndarray | None = None,
    iterations: int = 500,
    tolerance: float = 1e-6,
) -> Curvature:
    r"""Return the largest eigenvalue of the Hessian by power iteration.

    .. math::
        v \leftarrow \frac{H v}{\lVert H v \rVert}, \qquad \lambda = v^\top H v

    Parameters
    ----------
    gradient : callable
        Takes an array like `theta`, returns the gradient there; always the same for the same array.
    theta : ndarray, shape (n_parameters,)
    rng : numpy.random.Generator, optional
        Draws the first v. Default: seed 0.
    start : ndarray, shape (n_parameters,), optional
        The first v instead, such as the direction found a few training steps ago.
    iterations : int, default 500
        At most so many products, in each of the two passes (see Notes).
    tolerance : float, default 1e-6
        Stop when ‖H v - λ v‖ is at most this times \|λ\|.

    Returns
    -------
    Curvature
        `value` is λ, `direction` is v.

    Raises
    ------
    TypeError, ValueError
        When an argument is wrong.

    Notes
    -----
    Power iteration finds the eigenvalue that is largest in size. Where that one is negative, a
    second pass on H - λ I, all of whose eigenvalues are at least 0, finds the largest one.
    Source: R. von Mises, H. Pollaczek-Geiringer, Praktische Verfahren der Gleichungsauflösung,
    1929.

    Examples
    --------
    >>> import numpy as np
    >>> found = largest_curvature(lambda theta: np.array([1.0, -30.0, 25.0]) * theta, np.ones(3))
    >>> round(found.value, 3), abs(found.direction.round(3))
    (25.0, array([0., 0., 1.]))
    """
    _, theta = float_arrays(theta=theta)
    shape("theta", theta, ("n_parameters",))
    not_empty("theta", theta)
    iterations = count("iterations", iterations)
    tolerance = float(in_range("tolerance", tolerance, 0.0))
    v = _first(theta, rng, start)
    found = _power(lambda u: hessian_product(gradient, theta, u), v, iterations, tolerance)
    if found.value >= 0:
        return found
    low = found.value
    shifted = _power(
        lambda u: hessian_product(gradient, theta, u) - low * u, v, iterations, tolerance
    )
    return Curvature(shifted.value + low, shifted.direction)


def _first(
    theta: np.ndarray, rng: np.random.Generator | None, start: np.ndarray | None
) -> np.ndarray:
    if start is None:
        rng = np.random.default_rng(0) if rng is None else rng
        generator("rng", rng)
        start = rng.standard_normal(theta.shape).astype(theta.dtype)
    _, theta, start = float_arrays(theta=theta, start=start)
    same_shape("start", start, "theta", theta)
    length = _length(start)
    if not 0 < length < np.inf:
        raise ValueError(f"`start` must be finite and not all 0, got a vector of length {length}")
    return start / length


def _power(
    product: Callable[[np.ndarray], np.ndarray],
    v: np.ndarray,
    iterations: int,
    tolerance: float,
) -> Curvature:
    for _ in range(iterations):
        Hv = product(v)
        value, size = float(v @ Hv), _length(Hv)
        if _length(Hv - value * v) <= tolerance * abs(value) or size == 0:
            break
        v = Hv / size
    return Curvature(value, v)
