"""Whether a student's values are the reference's, and if not, what is wrong with them in words.

A reason names a property (a shape, a kind of number, a sign) and the kind of input, never an input
and never the right value: a student would otherwise read hidden checks out of their feedback.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .comparing import DIFFERENT, NOTHING, difference, gathered
from .factors import explained, flat, says_enough, two_at_once
from .values import Array, Failure, Value

__all__ = ["Expected", "Verdict", "judge"]

RTOL, ATOL = 1e-6, 1e-9
UNANSWERED = "not answered yet"
EVERY_KIND = "every kind of input"
MOST_SLIPS = 2
MOST_BESIDE = 1000  # values of a student's, beside four for each number of the reference's


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
    if _count(values) > MOST_BESIDE + 4 * _count(expected.values, numbers=True):
        return Verdict(False, "Far more values are returned than the task asks for.")
    if not expected.wrong(values):
        return Verdict(True)
    if all(value == Failure("NotImplementedError") for value in values):
        return Verdict(False, UNANSWERED)
    reason = " ".join(_sentences(values, expected))
    if len(set(expected.kinds)) > 1:
        reason = reason.replace(f"For {_told(expected.kinds)}", f"For {EVERY_KIND}")
    return Verdict(False, reason)


def _count(values: Sequence[Value], *, numbers: bool = False) -> int:
    """Count values and those in lists, an array as one or as its numbers."""
    total = len(values)
    for value in values:
        if isinstance(value, list):
            total += _count(value, numbers=numbers)
        elif numbers and isinstance(value, Array):
            total += value.numbers.size
    return total


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
    """Say what is wrong for some inputs: misconceptions, in all or in some of several values."""
    if words := _known_mistake(values, expected):
        return _sentence(values, expected, words)
    tolerance = expected.rtol, expected.atol
    both = two_at_once(values, expected.values, expected.mistakes, *tolerance)
    if told := [_sentence(values, expected, words) for words in both]:
        return " ".join(told)
    if told := _in_parts(values, expected):
        return " ".join(told)
    faults = []
    for place in expected.wrong(values):
        sizes = expected.sizes[place] if expected.sizes else ()
        faults.append(_fault(values[place], expected.values[place], expected, sizes))
    where, fault, related = faults[0]
    if related:  # a factor, or a sign, that most of the inputs don't have is chance
        told, times = Counter(fault for _, fault, _ in faults).most_common(1)[0]
        fault = told if 2 * times > len(faults) else DIFFERENT
    return _sentence(values, expected, fault, where)


def _in_parts(values: Sequence[Value], expected: Expected) -> list[str]:
    """Say which misconceptions show in which of several values that are returned together."""
    told: dict[str, str] = {}
    of = _several((*values, *expected.values))
    for part in range(of):
        own, theirs = [value[part] for value in values], expected.part(part)
        words = _known_mistake(own, theirs, first=tuple(told))
        if words and words not in told and says_enough(flat(own)):
            told[words] = _sentence(own, theirs, words, _place(part, of, expected.parts))
    return list(told.values())[:MOST_SLIPS]


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
        deeper = f", number {part + 1} of {of} of it" if of > 1 else ""
        where, fault = where + deeper if where else _place(part, of, names), faults[part]
        value, reference = value[part], reference[part]
    if fault == NOTHING and where:
        fault = "it is None, and numbers are expected"
    if fault != DIFFERENT:
        return where, fault, False
    return where, explained(value, reference, sizes, *tolerance), True


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


def _known_mistake(values: Sequence[Value], expected: Expected, first: Sequence[str] = ()) -> str:
    """Return the misconception that would give exactly these values, right ones included."""
    tolerance = expected.rtol, expected.atol
    for words in (*first, *expected.mistakes):
        theirs = expected.mistakes[words]
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
