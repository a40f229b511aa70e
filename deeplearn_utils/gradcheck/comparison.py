"""One slope of a function, measured and claimed."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .differences import relative_error, value_at

__all__ = ["Comparison", "Slope"]


class Slope(NamedTuple):
    """The slope along one line, as the gradient and as the function have it."""

    analytic: float
    numerical: float
    error: float  # relative
    gap: float  # between the function's slopes on either side
    noise: float  # how far rounding alone can move the numerical slope
    kink: bool = False

    @property
    def distance(self) -> float:
        return abs(self.analytic - self.numerical)


class Comparison(NamedTuple):
    """A gradient g at θ beside the function it should belong to; call it with a line."""

    function: Callable[[np.ndarray], float]
    g: np.ndarray
    theta: np.ndarray
    value: float  # of the function at theta
    tolerance: float
    floor: float  # slopes below it count as small, not as wrong

    def __call__(self, v: np.ndarray, h: float) -> Slope:
        """Compare along v; where the slopes disagree, look closer before calling it an error."""
        coarse = self._slope(v, h)
        agrees = coarse.error <= self.tolerance
        bent = coarse.gap > 0.1 * max(abs(coarse.analytic), abs(coarse.numerical))
        if (agrees and not bent) or not np.isfinite(coarse.analytic):
            return coarse
        fine = self._slope(v, h / 10)
        if not agrees and fine.error <= self.tolerance and fine.distance < coarse.distance / 5:
            return fine  # a kink or much curvature within h, but none close to theta
        # At a kink the slopes to the left and to the right stay apart however small the step;
        # elsewhere the gap between them shrinks with the step.
        return coarse._replace(kink=coarse.gap > 10 * coarse.noise and fine.gap > coarse.gap / 3)

    def _slope(self, v: np.ndarray, h: float) -> Slope:
        step = (h * v).astype(self.theta.dtype)
        above, below = self.theta + step, self.theta - step
        moved = above.astype(np.float64) - below  # 2 h v as it came out after rounding
        width = float(np.linalg.norm(moved))
        if width == 0:
            raise ValueError(f"`step` must be larger to change theta, got {h:g}")
        after, before = value_at(self.function, above), value_at(self.function, below)
        used = moved != 0  # a NaN elsewhere in g is not this line's
        analytic = float(np.sum(self.g[used] * moved[used])) / width
        numerical = (after - before) / width
        eps = float(np.finfo(self.theta.dtype).eps)
        noise = 20 * eps * max(abs(after), abs(before), abs(self.value)) / width
        floor = max(self.floor, noise / self.tolerance)
        error = float(relative_error(analytic, numerical, floor))
        gap = 2 * abs(after - 2 * self.value + before) / width
        return Slope(analytic, numerical, error if np.isfinite(error) else np.inf, gap, noise)
