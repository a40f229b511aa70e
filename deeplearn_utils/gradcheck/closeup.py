"""A close look along one line: seventeen values tell slope, kink and rounding noise."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .differences import length, value_at

__all__ = ["SAFETY", "CloseUp", "along", "close_up", "coarsest", "granularity"]

# Where to look within h, on either side: unevenly, or rounding that repeats would pass unnoticed.
PLACES = np.array([0, 0.125, 0.21, 0.337, 0.5, 0.5835, 0.711, 0.8762, 1.0])
NEAR, HALF, FULL = 1, 4, 8
DEGREES = (3, 4, 5)  # of the polynomials that leave nothing but noise
SAFETY = 10.0  # between the standard deviation of the noise and what it may do


class CloseUp(NamedTuple):
    """What a function's values within h of θ say about its slope."""

    analytic: float
    numerical: float
    noise: float  # how far rounding can move the numerical slope
    truncation: float  # how far the slopes over h and over h / 2 are apart
    gap: float  # between the slopes on either side, over h
    gap_nearby: float  # the same, over h / 8
    flat: bool  # all values are the same
    h: float

    @property
    def size(self) -> float:
        return max(abs(self.analytic), abs(self.numerical))

    @property
    def distance(self) -> float:
        return abs(self.analytic - self.numerical)

    @property
    def uncertainty(self) -> float:
        return 2 * self.truncation + self.noise

    @property
    def resolved(self) -> bool:
        """Whether the slope stays the same over h and h / 2, as far as rounding lets it."""
        return self.truncation <= 3 * self.noise + 0.05 * abs(self.numerical)

    @property
    def kink(self) -> bool:
        """Whether the slopes on either side stay apart however near: a bend's gap shrinks with h.

        The gap that rounding makes grows instead, and stays below its noise. A kink explains an
        analytic slope that is no further away than a few gaps.
        """
        stays = self.gap <= 3 * self.gap_nearby and self.gap_nearby <= 3 * self.gap
        visible = self.gap_nearby > self._noise_of_gap
        return stays and visible and self.distance <= 3 * self.gap

    @property
    def may_be_kink(self) -> bool:
        """Whether rounding hides if there is a kink that explains the analytic slope."""
        shrinks = self.gap_nearby + self._noise_of_gap < self.gap / 2
        return self.distance <= 3 * self.gap and not shrinks

    @property
    def _noise_of_gap(self) -> float:
        return float(2 * self.noise / PLACES[NEAR])

    @property
    def curve_seen(self) -> bool:
        """Whether these are the values of a smooth curve, well above the noise."""
        bends = self.noise < 0.05 * self.gap and self.gap_nearby < self.gap / 4
        return bends or self.uncertainty < 0.2 * abs(self.numerical)


def close_up(
    function: Callable[[np.ndarray], float],
    g: np.ndarray,
    theta: np.ndarray,
    v: np.ndarray,
    h: float,
) -> CloseUp | None:
    """Look along v within h of theta; None where h is too small to move it."""
    above, below = (
        [theta + (sign * h * p * v).astype(theta.dtype) for p in PLACES] for sign in (1, -1)
    )
    width = [length(a.astype(np.float64) - b) for a, b in zip(above, below, strict=True)]
    if not width[NEAR]:
        return None
    with np.errstate(all="ignore"):  # not every function has values everywhere within h
        right = np.array([value_at(function, point) for point in above])
        left = np.array([right[0], *(value_at(function, point) for point in below[1:])])
    slope = {i: float(right[i] - left[i]) / width[i] for i in (HALF, FULL)}
    gap = {i: 2 * abs(float(right[i] - 2 * right[0] + left[i])) / width[i] for i in (NEAR, FULL)}
    return CloseUp(
        analytic=along(g, above[FULL], below[FULL]) / width[FULL],
        numerical=slope[FULL],
        noise=SAFETY * _noise(left, right) / width[FULL],
        truncation=abs(slope[FULL] - slope[HALF]),
        gap=gap[FULL],
        gap_nearby=gap[NEAR],
        flat=bool(np.all(left == right[0]) and np.all(right == right[0])),
        h=h,
    )


def along(g: np.ndarray, above: np.ndarray, below: np.ndarray) -> float:
    """Return how far the gradient says that the function rises from one point to the other."""
    moved = above.astype(np.float64) - below  # as it came out after rounding
    used = moved != 0  # a NaN elsewhere in g is not this line's
    return float(np.sum(g[used] * moved[used]))


def granularity(*values: float) -> float:
    """Return the distance between neighboring numbers of the dtype that the values come from.

    Values that all fit into float32 are taken to come from there.
    """
    largest = max(map(abs, values))
    if largest < 3e38 and all(float(np.float32(v)) == v for v in values):
        return float(np.spacing(np.float32(largest)))
    return float(np.spacing(largest))


def coarsest(value: float) -> float:
    """Return the distance between neighbors in the coarsest dtype that can hold a number.

    >>> coarsest(30_000.0), coarsest(384.0), coarsest(0.7)
    (16.0, 2.0, 1.1102230246251565e-16)
    """
    exponent = math.frexp(value)[1]
    for digits in (8, 11, 24):  # of bfloat16, float16 and float32, in base 2
        unit = math.ldexp(1.0, exponent - digits)
        if unit and value % unit == 0:
            return unit
    return float(np.spacing(abs(value)))


def _noise(left: np.ndarray, right: np.ndarray) -> float:
    """Estimate the standard deviation of the rounding errors in the values on either side.

    A polynomial takes out what is smooth, and leaves the noise. The sides are looked at apart, so
    that a kink at theta spoils neither.

    Source, with differences in the place of polynomials: J. Moré, S. Wild, Estimating
    computational noise, SIAM Journal on Scientific Computing 33, 2011.
    """
    sides = max(min(_rest(side, degree) for degree in DEGREES) for side in (left, right))
    return max(sides, granularity(left[FULL], right[0], right[FULL]) / 2)


def _rest(values: np.ndarray, degree: int) -> float:
    off_polynomials = _OFF_POLYNOMIALS[degree] @ (values - values[0])
    return math.sqrt(np.mean(off_polynomials**2))


_OFF_POLYNOMIALS = {
    degree: np.linalg.svd(np.vander(PLACES, degree + 1).T)[2][degree + 1 :] for degree in DEGREES
}
