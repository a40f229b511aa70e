"""Whether a student's values are the reference's, and if not, what is wrong with them in words.

A reason names a property (a shape, a kind of number, a sign) and the kind of input, never an input
and never the right value: a student would otherwise read hidden checks out of their feedback.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .comparing import DIFFERENT, difference, gathered
from .values import Array, Failure, Value

__all__ = ["Expected", "Verdict", "judge"]

RTOL, ATOL = 1e-6, 1e-9
SUMMED = "a sum stands where a mean belongs (the missing 1/n)"
AVERAGED = "a mean stands where a sum belongs, or 1/n stands twice"
UNANSWERED = "not answered yet"
LEAST_BITS = 32
EVERY_KIND = "every kind of input"


@dataclass(frozen=True)
class Expected:
    """What the reference solution gave, and what named mistakes would give, for each input."""

    kinds: tuple[str, ...]
    values: tuple[Value, ...]
    mistakes: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    sizes: tuple[tuple[int, ...], ...] = ()
    """The lengths of each input's axes: factors that a mean may have missed."""
    parts: tuple[str, ...] = ()
    """What the values are called that are returned together; one with {} names any number."""
    rtol: float = RTOL
    atol: float = ATOL

    def at(self, places: Sequence[int]) -> Expected:
        """Return what is expected for some of the inputs."""
        return replace(
            self,
            kinds=tuple(self.kinds[p] for p in places),
            values=tuple(self.values[p] for p in places),
            mistakes={w: tuple(theirs[p] for p in places) for w, theirs in self.mistakes.items()},
            sizes=tuple(self.sizes[p] for p in places if self.sizes),
        )

    def part(self, number: int) -> Expected:
        """Return what is expected of one of several values that are returned together."""
        of = len(self.values[0])

        def part_of(values: Sequence[Value]) -> tuple[Value, ...]:
            return tuple(
                v[number] if isinstance(v, list) and len(v) == of else Failure("") for v in values
            )

        mistakes = {words: part_of(theirs) for words, theirs in self.mistakes.items()}
        return replace(self, values=part_of(self.values), mistakes=mistakes, parts=())

    def wrong(self, values: Sequence[Value]) -> list[int]:
        """Return the places of the inputs for which a value is not the right one."""
        pairs = zip(values, self.values, strict=True)
        return [
            p for p, (v, right) in enumerate(pairs) if difference(v, right, self.rtol, self.atol)
        ]


@dataclass(frozen=True)
class Verdict:
    """Whether the values are right; if not, why not, in a sentence or two."""

    right: bool
    reason: str = ""


def judge(values: Sequence[Value] | None, expected: Expected) -> Verdict:
    """Compare what a student's code gave with what the reference gave.

    Parameters
    ----------
    values : sequence of Value or None
        None if the check printed nothing that can be read.
    expected : Expected

    Returns
    -------
    Verdict

    Examples
    --------
    >>> one = Array(np.array([0.5, 2.0]), "f", "float64")
    >>> judge([Array(-one.numbers, "f", "float64")], Expected(("small numbers",), (one,)))
    Verdict(right=False, reason='For small numbers: the sign is wrong.')
    """
    if values is None or len(values) != len(expected.values):
        return Verdict(False, "The check did not come to its end, or its output was tampered with.")
    if not expected.wrong(values):
        return Verdict(True)
    if all(value == Failure("NotImplementedError") for value in values):
        return Verdict(False, UNANSWERED)
    reason = " ".join(_sentences(values, expected))
    if len(set(expected.kinds)) > 1:
        reason = reason.replace(f"For {_told(expected.kinds)}", f"For {EVERY_KIND}")
    return Verdict(False, reason)


def _sentences(values: Sequence[Value], expected: Expected) -> Iterator[str]:
    """Yield what is wrong; where no numbers come out is told apart from where others do."""
    if words := _known_mistake(values, expected):
        yield _sentence(values, expected, words)
        return
    broken = [p for p, value in enumerate(values) if _is_broken(value, expected.values[p])]
    for places in ([p for p in range(len(values)) if p not in broken], broken):
        own, theirs = [values[p] for p in places], expected.at(places)
        if theirs.wrong(own):
            yield _of_some(own, theirs)


def _is_broken(value: Value, reference: Value) -> bool:
    """Tell whether an error, nan or inf came where numbers belong."""
    if _several((value, reference)):
        return any(_is_broken(v, r) for v, r in zip(value, reference, strict=True))
    value = gathered(value, reference)
    if isinstance(value, Array) and isinstance(reference, Array):
        return bool(np.isfinite(reference.numbers).all() and not np.isfinite(value.numbers).all())
    return isinstance(value, Failure) and not isinstance(reference, Failure)


def _several(values: Sequence[Value]) -> int:
    """Return how many values are returned together; 0 if it is one, or not always as many."""
    counts = {len(value) if isinstance(value, list) else 0 for value in values}
    return counts.pop() if len(counts) == 1 else 0


def _of_some(values: Sequence[Value], expected: Expected) -> str:
    """Say what is wrong for some inputs: a misconception, in all or in one of several values."""
    if words := _known_mistake(values, expected):
        return _sentence(values, expected, words)
    of = _several((*values, *expected.values))
    for part in range(of):
        own, theirs = [value[part] for value in values], expected.part(part)
        words = _known_mistake(own, theirs)
        if words and _says_enough(own):
            return _sentence(own, theirs, words, _place(part, of, expected.parts))
    faults = []
    for place in expected.wrong(values):
        sizes = expected.sizes[place] if expected.sizes else ()
        faults.append(_fault(values[place], expected.values[place], expected, sizes))
    where, fault, related = faults[0]
    if related:  # a factor, or a sign, that most of the inputs don't have is chance
        told, times = Counter(fault for _, fault, _ in faults).most_common(1)[0]
        fault = told if 2 * times > len(faults) else DIFFERENT
    return _sentence(values, expected, fault, where)


def _fault(
    value: Value, reference: Value, expected: Expected, sizes: Sequence[int]
) -> tuple[str, str, bool]:
    """Return in which of several values something is wrong, what, and if that relates numbers."""
    where, names, tolerance = "", expected.parts, (expected.rtol, expected.atol)
    fault = difference(value, reference, *tolerance)
    while of := _several((value, reference)):
        faults = [difference(v, r, *tolerance) for v, r in zip(value, reference, strict=True)]
        telling = [part for part, fault in enumerate(faults) if fault not in ("", DIFFERENT)]
        part = (telling or [part for part, fault in enumerate(faults) if fault])[0]
        deeper = f", number {part + 1} of {of} of it"
        where, fault = where + deeper if where else _place(part, of, names), faults[part]
        value, reference = value[part], reference[part]
    if fault != DIFFERENT:
        return where, fault, False
    return where, _explained(value, reference, sizes, *tolerance), True


def _says_enough(values: Sequence[Value]) -> bool:
    """Tell whether values carry too much to agree by chance: decimals, or many whole numbers."""
    numbers = [x for value in values for x in _flat(value)]
    bits = sum(math.log2(1 + abs(x)) for x in numbers if math.isfinite(x))
    return any(x != round(x) for x in numbers if math.isfinite(x)) or bits >= LEAST_BITS


def _flat(value: Value) -> list[float]:
    """Return all numbers in a value."""
    if isinstance(value, list):
        return [x for one in value for x in _flat(one)]
    return value.numbers.ravel().tolist() if isinstance(value, Array) else []


def _sentence(values: Sequence[Value], expected: Expected, words: str, where: str = "") -> str:
    kinds = [expected.kinds[place] for place in expected.wrong(values)]
    return f"For {_told(kinds)}{where}: {words}."


def _place(part: int, of: int, names: Sequence[str] = ()) -> str:
    """Name one of several values that are returned together."""
    if len(names) == 1 and "{" in names[0]:
        name = f" ({names[0].format(part)})"
    else:
        name = f" ({names[part]})" if len(names) == of else ""
    return f", in value {part + 1} of {of}{name}" if of > 1 else ""


def _explained(
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


def _known_mistake(values: Sequence[Value], expected: Expected) -> str:
    """Return the misconception that would give exactly these values, right ones included."""
    tolerance = expected.rtol, expected.atol
    for words, theirs in expected.mistakes.items():
        places = [p for p, value in enumerate(theirs) if not isinstance(value, Failure)]
        telling = any(difference(theirs[p], expected.values[p], *tolerance) for p in places)
        if telling and not any(difference(values[p], theirs[p], *tolerance) for p in places):
            return words
    return ""


def _told(kinds: Sequence[str]) -> str:
    names = list(dict.fromkeys(kinds))
    others = len(names) - 3
    more = f" and {others} other kind{'s' * (others > 1)} of input" if others > 0 else ""
    return ", ".join(names[:3]) + more
