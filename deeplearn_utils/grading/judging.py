"""Whether a student's values are the reference's, and if not, what is wrong with them in words.

A reason names a property (a shape, a kind of number, a sign) and the kind of input, never an input
and never the right value: a student would otherwise read hidden checks out of their feedback.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .values import Array, Failure, Other, Value

__all__ = ["Expected", "Verdict", "judge", "same"]

ERRORS = {  # names that say something; all others may say anything
    *("ArithmeticError", "AssertionError", "AttributeError", "AxisError", "FloatingPointError"),
    *("ImportError", "IndexError", "KeyError", "LinAlgError", "MemoryError", "ModuleNotFoundError"),
    *("NameError", "NotImplementedError", "OverflowError", "RecursionError", "RuntimeError"),
    *("StopIteration", "SyntaxError", "SystemExit", "TypeError", "UnboundLocalError"),
    *("ValueError", "ZeroDivisionError", "UFuncTypeError", "OSError", "PermissionError"),
}
KINDS = {"b": "True or False", "i": "whole numbers (int)", "f": "decimal numbers (float)"}
COARSE = {"float16": 1e-4, "float32": 1e-4}
RTOL, ATOL = 1e-6, 1e-9
MOST_LENGTH = 1000  # of an axis that is told


@dataclass(frozen=True)
class Expected:
    """What the reference solution gave, and what named mistakes would give, for each input."""

    kinds: tuple[str, ...]
    values: tuple[Value, ...]
    mistakes: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    sizes: tuple[tuple[int, ...], ...] = ()
    """The lengths of each input's axes: factors that a mean may have missed."""
    rtol: float = RTOL
    atol: float = ATOL


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
    >>> one = Array(np.array([1.0, 2.0]), "f", "float64")
    >>> judge([Array(-one.numbers, "f", "float64")], Expected(("small numbers",), (one,)))
    Verdict(right=False, reason='For small numbers: the sign is wrong.')
    """
    if values is None or len(values) != len(expected.values):
        return Verdict(False, "The check did not come to its end, or its output was tampered with.")
    tolerance = expected.rtol, expected.atol
    faults = [
        difference(value, reference, *tolerance)
        for value, reference in zip(values, expected.values, strict=True)
    ]
    wrong = [place for place, fault in enumerate(faults) if fault]
    if not wrong:
        return Verdict(True)
    if all(value == Failure("NotImplementedError") for value in values):
        return Verdict(False, UNANSWERED)
    known = _known_mistake(values, expected)
    where = _told([expected.kinds[place] for place in wrong])
    if known:
        return Verdict(False, f"For {where}: {known}.")
    place = wrong[0]
    fault = faults[place]
    if fault == DIFFERENT:
        sizes = expected.sizes[place] if expected.sizes else ()
        fault = explained(values[place], expected.values[place], sizes, *tolerance)
    return Verdict(False, f"For {where}: {fault}.")


DIFFERENT = "the values differ"
SUMMED = "a sum stands where a mean belongs (the missing 1/n)"
AVERAGED = "a mean stands where a sum belongs, or 1/n stands twice"
UNANSWERED = "not answered yet"


def difference(value: Value, reference: Value, rtol: float, atol: float) -> str:
    """Return what is wrong with a value, in words; "" if nothing is."""
    if isinstance(value, Failure):
        known = value.name if value.name in ERRORS else "an error"
        return f"it stops with {known}"
    if isinstance(reference, list):
        if not isinstance(value, list) or len(value) != len(reference):
            return f"{len(reference)} values must be returned together, and were not"
        faults = [difference(v, r, rtol, atol) for v, r in zip(value, reference, strict=True)]
        return next((fault for fault in faults if fault), "")
    if isinstance(reference, Other):
        return "" if value == reference else DIFFERENT
    if isinstance(value, list):
        return "one array must be returned, and a list came"
    if not isinstance(value, Array):
        nothing = isinstance(value, Other) and value.text is None
        return "nothing is returned" if nothing else "what is returned is no array of numbers"
    if value.numbers.shape != reference.numbers.shape:
        return (
            f"the result must have {_shape(reference.numbers.shape)}, "
            f"and has {_shape(value.numbers.shape)}"
        )
    if value.kind != reference.kind:
        return f"the result must hold {KINDS[reference.kind]}, and holds {KINDS[value.kind]}"
    return "" if same(value, reference, rtol, atol) else DIFFERENT


def same(value: Array, reference: Array, rtol: float, atol: float) -> bool:
    """Tell whether numbers agree; float32 may differ more, float16 has no advantage."""
    if value.kind != "f":
        return bool(np.array_equal(value.numbers, reference.numbers))
    coarse = max(COARSE.get(value.dtype, 0.0), COARSE.get(reference.dtype, 0.0))
    if coarse > rtol:
        scale = float(np.max(np.abs(reference.numbers), initial=0.0, where=_finite(reference)))
        rtol, atol = coarse, max(atol, 1e-6 * min(scale, 1.0))
    return bool(np.allclose(value.numbers, reference.numbers, rtol, atol, equal_nan=True))


def _finite(array: Array) -> np.ndarray:
    return np.isfinite(array.numbers)


def explained(
    value: Value, reference: Value, sizes: Sequence[int], rtol: float, atol: float
) -> str:
    """Say how values of the right shape and kind differ, if that has a name."""
    if isinstance(value, list) and isinstance(reference, list):
        for number, (one, other) in enumerate(zip(value, reference, strict=True), 1):
            if difference(one, other, rtol, atol):
                return f"value {number} of {len(reference)}: " + explained(
                    one, other, sizes, rtol, atol
                )
    if not isinstance(value, Array) or not isinstance(reference, Array):
        return DIFFERENT
    got, right = value.numbers, reference.numbers
    if np.isfinite(right).all() and not np.isfinite(got).all():
        return "nan or inf comes out"
    factor = _factor(got, right)
    if factor is not None:
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


def _shape(shape: tuple[int, ...]) -> str:
    """Name a shape, unless it is so odd that it could carry a hidden input out."""
    if len(shape) > 4 or not all(0 < n <= MOST_LENGTH for n in shape):
        return "another shape"
    return f"shape {shape}" if shape else "no axes (one number)"


def _told(kinds: Sequence[str]) -> str:
    names = list(dict.fromkeys(kinds))
    others = len(names) - 3
    more = f" and {others} other kind{'s' * (others > 1)} of input" if others > 0 else ""
    return ", ".join(names[:3]) + more
