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
    kink: bool = False


class Comparison(NamedTuple):
    """A gradient g at θ beside the function it should belong to; call it with a line."""

    function: Callable[[np.ndarray], float]
    g: np.ndarray
    theta: np.ndarray
    value: float  # of the function at theta
    tolerance: float

    def __call__(self, v: np.ndarray, h: float) -> Slope:
        """Compare along v; where the slopes disagree, look closer before calling it an error."""
        coarse, gap = self._slope(v, h)
        agrees = coarse.error <= self.tolerance
        bent = gap > 0.1 * max(abs(coarse.analytic), abs(coarse.numerical))
        if (agrees and not bent) or not np.isfinite(coarse.analytic):
            return coarse
        fine, fine_gap = self._slope(v, h / 10)
        if not agrees and fine.error <= self.tolerance and _distance(fine) < _distance(coarse) / 5:
            return fine  # a kink or much curvature within h, but none close to theta
        # At a kink the slopes to the left and to the right stay apart however small the step;
        # elsewhere the gap between them shrinks with the step.
        kink = gap > 10 * self._noise(h) and fine_gap > gap / 3
        return coarse._replace(kink=kink)

    def _slope(self, v: np.ndarray, h: float) -> tuple[Slope, float]:
        """Return the slope along v, and the gap between the slopes on either side of theta."""
        step = (h * v).astype(self.theta.dtype)
        above, below = self.theta + step, self.theta - step
        moved = above.astype(np.float64) - below  # 2 h v as it came out after rounding
        width = float(np.linalg.norm(moved))
        if width == 0:
            raise ValueError(f"`step` must be larger to change theta, got {h:g}")
        after, before = value_at(self.function, above), value_at(self.function, below)
        analytic, numerical = float(np.sum(self.g * moved)) / width, (after - before) / width
        error = float(relative_error(analytic, numerical, self._noise(h) / self.tolerance))
        gap = abs(after - 2 * self.value + before) / (width / 2)
        return Slope(analytic, numerical, error if np.isfinite(error) else np.inf), gap

    def _noise(self, h: float) -> float:
        """Return how far rounding alone can move a slope of step h."""
        return 10 * float(np.finfo(self.theta.dtype).eps) * abs(self.value) / h


def _distance(slope: Slope) -> float:
    return abs(slope.analytic - slope.numerical)
