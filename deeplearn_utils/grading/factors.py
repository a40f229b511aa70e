"""How wrong numbers relate to the right ones: a sign, a factor, or two misconceptions at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from .comparing import DIFFERENT, gathered
from .values import Array, Value

__all__ = ["explained", "flat", "says_enough", "two_at_once"]

SUMMED = "a sum stands where a mean belongs (the missing 1/n)"
AVERAGED = "a mean stands where a sum belongs, or 1/n stands twice"
LEAST_BITS = 32


def explained(
    value: Value, reference: Value, sizes: Sequence[int], rtol: float, atol: float
) -> str:
    """Say how values of the right shape and kind differ, if that has a name."""
    value = gathered(value, reference)
    if not isinstance(value, Array) or not isinstance(reference, Array):
        return DIFFERENT
    got, right = value.numbers, reference.numbers
    if np.isfinite(right).all() and not np.isfinite(got).all():
        return "nan or inf comes out"
    factor = _factor(got, right)
    if factor is not None and np.any(right != np.round(right)):  # else chance has a factor
        return _named(factor, sizes, single=right.size == 1)
    square = got.ndim == 2 and got.shape[0] == got.shape[1]
    if square and np.allclose(got.T, right, rtol, atol):
        return "rows and columns are exchanged"
    return DIFFERENT


def _factor(got: np.ndarray, right: np.ndarray) -> float | None:
    """Return the one number by which all of ``got`` is too large, if there is one."""
    there = np.abs(right) > 1e-12
    if not there.any() or not np.allclose(got[~there], 0, atol=1e-9):
        return None
    ratios = got[there] / right[there]
    factor = float(np.median(ratios))
    constant = np.allclose(ratios, factor, rtol=1e-5) and math.isfinite(factor)
    return factor if constant and abs(factor) > 1e-12 else None


def _named(factor: float, sizes: Sequence[int], *, single: bool) -> str:
    """Name a factor; of a single number, any wrong value has one, so it must be a known one."""
    sign = "the sign is wrong" if factor < 0 else ""
    size = abs(factor)
    if math.isclose(size, 1, rel_tol=1e-5):
        return sign or DIFFERENT
    names = [(n, SUMMED) for n in sizes if n > 2] + [(1 / n, AVERAGED) for n in sizes if n > 2]
    names += [(2, "a factor 2 is too much"), (1 / 2, "a factor 2 is missing")]
    for known, words in names:
        if math.isclose(size, known, rel_tol=1e-5):
            return f"{sign}, and {words}" if sign else words
    if single:
        return DIFFERENT
    return f"{sign}, and a constant factor too" if sign else "it is wrong by a constant factor"


def two_at_once(
    got: Sequence[Value],
    right: Sequence[Value],
    mistakes: Mapping[str, Sequence[Value]],
    rtol: float,
    atol: float,
) -> tuple[str, ...]:
    """Return the two misconceptions that together give these values; nothing if no two do.

    Two slips in different terms of a sum add up in what they change, two in different factors of
    a product multiply.

    Parameters
    ----------
    got, right : sequence of Value
        For each input.
    mistakes : mapping
        For each misconception in words, what it alone would give for each input.
    rtol, atol : float

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> def one(x, y):
    ...     return [Array(np.array([x, y]), "f", "float64")]
    >>> known = {"a is doubled": one(0.85, 5.2), "b is left out": one(0.3, 1.6)}
    >>> two_at_once(one(0.6, 3.2), one(0.55, 3.6), known, 1e-6, 1e-9)
    ('a is doubled', 'b is left out')
    """
    own, true = np.array(flat(got)), np.array(flat(right))
    if own.shape != true.shape or not np.isfinite(own).all():
        return ()
    if not says_enough(own[~np.isclose(own, true, rtol, atol)].tolist()):
        return ()
    alone = {words: np.array(flat(theirs)) for words, theirs in mistakes.items()}
    usable = {w: x for w, x in alone.items() if x.shape == true.shape and np.isfinite(x).all()}
    there = np.where(true == 0, 1.0, true)
    for one, other in combinations(usable, 2):
        for both in (usable[one] + usable[other] - true, usable[one] * (usable[other] / there)):
            if np.allclose(own, both, rtol, atol):
                return one, other
    return ()


def says_enough(numbers: Sequence[float]) -> bool:
    """Tell whether numbers carry too much to agree by chance: decimals, or many whole numbers."""
    bits = sum(math.log2(1 + abs(x)) for x in numbers if math.isfinite(x))
    return any(x != round(x) for x in numbers if math.isfinite(x)) or bits >= LEAST_BITS


def flat(values: Sequence[Value]) -> list[float]:
    """Return all numbers in values, in their order."""
    found: list[float] = []
    for value in values:
        if isinstance(value, list):
            found += flat(value)
        elif isinstance(value, Array):
            found += value.numbers.ravel().tolist()
    return found
