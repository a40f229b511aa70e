"""The learning rate beyond which an optimizer with a fixed step diverges on a quadratic.

On f = ½ λ θ² each of these methods repeats one linear step; it converges while no eigenvalue of
that step is 1 or more in size. Source for momentum: Polyak, "Some methods of speeding up the
convergence of iteration methods" (1964).
"""

from __future__ import annotations

from collections.abc import Callable

from ..checks import choice, in_range

EDGES: dict[str, Callable[[float], float]] = {
    "gradient_descent": lambda beta: 2.0,
    "momentum": lambda beta: 2 * (1 + beta),
    "nesterov": lambda beta: 2 * (1 + beta) / (1 + 2 * beta),
}
"""The value of α λ at each method's edge, from the momentum β."""


def edge(method: str, momentum: float, largest_curvature: float) -> float:
    """Return the learning rate beyond which the method diverges.

    Parameters
    ----------
    method : str
        A key of `EDGES`.
    momentum : float
        β; gradient descent has none.
    largest_curvature : float
        λ_max, the largest eigenvalue of the Hessian.

    Examples
    --------
    >>> edge("gradient_descent", 0.0, 25.0), edge("momentum", 0.9, 25.0)
    (0.08, 0.152)
    """
    choice("method", method, EDGES)
    beta = float(in_range("momentum", momentum, 0.0, 1.0, open_high=True))
    steepest = float(in_range("largest_curvature", largest_curvature, 0.0, open_low=True))
    return EDGES[method](beta) / steepest
