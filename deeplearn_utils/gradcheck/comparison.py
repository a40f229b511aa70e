"""One slope of a function, measured and claimed."""

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from .closeup import SAFETY, CloseUp, along, close_up, coarsest, granularity
from .differences import length, relative_error, value_at

__all__ = ["Comparison", "Slope"]

NEARER = 8  # so many times h is divided by ten at most
FARTHEST, FARTHEST_IF_FLAT = 0.1, 1.0  # times the size of theta, or 1
CLEAR = 0.1  # an error that is no matter of digits


class Slope(NamedTuple):
    """The slope along one line, as the gradient and as the function have it."""

    analytic: float
    numerical: float
    error: float  # relative
    noise: float  # how far rounding can move the numerical slope
    gap: float  # between the function's slopes on either side
    verdict: str = ""  # "right", "wrong", "kink" or "unknown"

    @property
    def size(self) -> float:
        return max(abs(self.analytic), abs(self.numerical))


class Comparison(NamedTuple):
    """A gradient g at θ beside the function it should belong to; call it with a line."""

    function: Callable[[np.ndarray], float]
    g: np.ndarray
    theta: np.ndarray
    value: float  # of the function at theta
    tolerance: float
    largest: float  # entry of the gradient
    floor: float  # slopes below it count as small, not as wrong
    farther: bool  # whether h may grow

    def __call__(self, v: np.ndarray, h: float) -> Slope:
        """Compare along v, with a close look where two values of the function can't tell."""
        first = self._slope(v, h)
        if not np.isfinite(first.analytic):
            return first._replace(verdict="wrong")
        bent = first.gap > 0.1 * first.size
        flat = first.numerical == first.gap == 0
        hidden = (flat and first.analytic != 0) or (
            not self.farther and self._misleads(first, v, h)
        )
        plain = first.noise <= self.tolerance * max(first.size, self.largest) and not hidden
        if plain and not bent and first.error <= self.tolerance:
            return first._replace(verdict="right")
        if plain and not bent and self._clearly_wrong(first, v, h):
            return first._replace(verdict="wrong")
        return self._closer(v, h)

    def _misleads(self, first: Slope, v: np.ndarray, h: float) -> bool:
        """Tell whether another step than the given one tells of another slope."""
        default = self._default_step(v)
        if h > default:
            moved = abs(self._slope(v, h / 2).numerical - first.numerical)
            return moved > 0.1 * self.tolerance * first.size
        if first.numerical or first.gap or h == default:
            return False
        beyond = self._slope(v, default)
        return not beyond.numerical == beyond.gap == 0

    def _default_step(self, v: np.ndarray) -> float:
        return self._reach(v) * float(np.cbrt(np.finfo(self.theta.dtype).eps))

    def _reach(self, v: np.ndarray) -> float:
        """Return the size of what a line moves, or 1 if that is less."""
        return max(1.0, length(self.theta[v != 0]))

    def _slope(self, v: np.ndarray, h: float) -> Slope:
        step = (h * v).astype(self.theta.dtype)
        above, below = self.theta + step, self.theta - step
        width = length(above.astype(np.float64) - below)
        if width == 0:
            raise ValueError(f"`step` must be larger to change theta, got {h:g}")
        after, before = value_at(self.function, above), value_at(self.function, below)
        analytic = along(self.g, above, below) / width
        noise = 20 * granularity(after, before, self.value) / width
        gap = 2 * abs(after - 2 * self.value + before) / width
        return self._judged(analytic, (after - before) / width, noise, gap)

    def _judged(self, analytic: float, numerical: float, noise: float, gap: float) -> Slope:
        floor = max(self.floor, noise / self.tolerance)
        error = float(relative_error(analytic, numerical, floor))
        return Slope(analytic, numerical, error if np.isfinite(error) else np.inf, noise, gap)

    def _clearly_wrong(self, first: Slope, v: np.ndarray, h: float) -> bool:
        """Tell whether a much smaller step changes nothing in a large error."""
        clear = max(CLEAR, 2 * self.tolerance)
        if first.error < clear or h < self._default_step(v):
            return False
        fine = self._slope(v, h * float(np.finfo(self.theta.dtype).eps) ** (1 / 6))
        steady = abs(fine.numerical - first.numerical) <= 0.01 * abs(first.numerical) + fine.noise
        return steady and fine.noise <= 0.01 * first.size and fine.error >= clear

    def _closer(self, v: np.ndarray, h: float) -> Slope:
        looks: list[CloseUp] = []
        for look in self._looks(v, h):
            looks.append(look)
            verdict = self._verdict(look)
            if verdict:
                sure = verdict == "kink" or self._same_nearer(look, v)
                return self._slope_of(look, verdict if sure else "unknown")
        if self._converges(looks):
            near = min(looks, key=lambda look: look.h)
            return Slope(near.analytic, near.numerical, 0.0, near.noise, near.gap, "right")
        best = min(looks, key=lambda look: (not look.resolved, look.flat, look.uncertainty))
        if best.flat:
            return self._flat(best)
        nearer = [look for look in looks if look.h < best.h]
        always = all(look.noise * look.h > 0.1 * best.noise * best.h for look in nearer)
        wrong = best.resolved and self._off(best) and nearer and always
        return self._slope_of(best, "wrong" if wrong else "unknown")

    def _same_nearer(self, look: CloseUp, v: np.ndarray) -> bool:
        """Tell whether nearer looks show no other slope under what seemed to be noise.

        Noise stays the same however near one looks. A fast oscillation doesn't.
        """
        digits = SAFETY * granularity(self.value) / (4 * look.h)
        if look.noise < 10 * digits:
            return True
        for k in range(1, NEARER + 1):
            near = close_up(self.function, self.g, self.theta, v, look.h / 10**k)
            if near is None or digits * 10**k > look.size:
                break
            quieter = near.noise * near.h < 0.1 * look.noise * look.h
            apart = abs(near.numerical - look.numerical) > near.uncertainty + look.uncertainty
            if quieter and apart and not near.flat:
                return False
        return True

    def _slope_of(self, look: CloseUp, verdict: str) -> Slope:
        slope = self._judged(look.analytic, look.numerical, look.uncertainty, look.gap)
        if verdict == "wrong":  # beyond the noise, which then makes the error no smaller
            error = float(relative_error(look.analytic, look.numerical, self.floor))
            slope = slope._replace(error=error)
        return slope._replace(verdict=verdict)

    def _flat(self, look: CloseUp) -> Slope:
        """Judge the slope of a function that doesn't change at all, as far as its digits tell."""
        if look.analytic == 0:
            right = look.noise <= self.tolerance
            return self._slope_of(look, "right" if right else "unknown")
        hidden = SAFETY * coarsest(self.value) / (4 * look.h)
        look = look._replace(noise=max(look.noise, hidden))
        if look.distance > 3 * look.noise:
            return self._slope_of(look, "wrong")
        small = look.distance <= look.noise <= self.tolerance * self.largest
        return self._slope_of(look, "right" if small else "unknown")

    def _looks(self, v: np.ndarray, h: float) -> Iterator[CloseUp]:
        """Look from nearer as long as that tells more, else from farther away."""
        previous = here = close_up(self.function, self.g, self.theta, v, h)
        if here is None:
            raise ValueError(f"`step` must be larger to change theta, got {h:g}")
        yield here
        for k in range(1, NEARER + 1):
            look = close_up(self.function, self.g, self.theta, v, h / 10**k)
            if look is None:
                break
            yield look
            if not (look.resolved and look.uncertainty > previous.uncertainty):
                previous = look
            elif look.flat or not self._off(here):
                break
        if previous is not here or not (self.farther or here.flat):
            return
        reach = self._reach(v)
        while (h := 10 * h) <= (FARTHEST_IF_FLAT if previous.flat else FARTHEST) * reach:
            try:
                look = close_up(self.function, self.g, self.theta, v, h)
            except ValueError:  # no finite value there
                return
            yield look
            if look.uncertainty > previous.uncertainty and not previous.flat:
                return
            previous = look

    def _verdict(self, look: CloseUp) -> str:
        allowed = self.tolerance * max(look.size, self.floor)
        if look.kink and look.gap > allowed:
            return "kink"
        if look.flat or not look.resolved:
            return ""
        scale = max(look.size, self.largest, 0 if look.analytic else look.gap)
        if look.distance <= max(allowed, look.uncertainty):
            return "right" if look.uncertainty <= self.tolerance * scale else ""
        certain = look.curve_seen and not look.may_be_kink
        return "wrong" if certain and self._off(look) else ""

    def _off(self, look: CloseUp) -> bool:
        allowed = self.tolerance * max(look.size, self.floor)
        return look.distance > allowed + 3 * look.uncertainty

    @staticmethod
    def _converges(looks: list[CloseUp]) -> bool:
        """Tell whether the measured slope approaches the analytic one as h², like truncation."""
        nearer = [look for look in looks if look.h <= looks[0].h]
        pairs = list(itertools.pairwise(nearer))
        return bool(pairs) and all(
            max(near.distance, near.noise, far.noise) < far.distance / 20 for far, near in pairs
        )
