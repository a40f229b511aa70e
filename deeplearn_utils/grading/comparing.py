"""Whether one value is another: by shape, kind of number, and numbers within a tolerance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .values import Array, Failure, Other, Value

__all__ = ["difference", "gathered", "same"]

ERRORS = {  # names that say something; all others may say anything
    *("ArithmeticError", "AssertionError", "AttributeError", "AxisError", "FloatingPointError"),
    *("ImportError", "IndexError", "KeyError", "LinAlgError", "MemoryError", "ModuleNotFoundError"),
    *("NameError", "NotImplementedError", "OverflowError", "RecursionError", "RuntimeError"),
    *("StopIteration", "SyntaxError", "SystemExit", "TypeError", "UnboundLocalError"),
    *("ValueError", "ZeroDivisionError", "UFuncTypeError", "OSError", "PermissionError"),
}
KINDS = {"b": "True or False", "i": "whole numbers (int)", "f": "decimal numbers (float)"}
LEAST = 1e-9  # an absolute tolerance below it says that small numbers matter
SMALLEST = float(np.finfo("float32").smallest_normal)
COARSE = {"float16": 1e-4, "float32": 1e-4}
MOST_LENGTH = 1000  # of an axis that is told
DIFFERENT = "the values differ"
NOTHING = "None is returned, as if `return` were missing"


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
    value = gathered(value, reference)
    if not isinstance(value, Array):
        nothing = isinstance(value, Other) and value.text is None
        return NOTHING if nothing else "what is returned is no array of numbers"
    if value.numbers.shape != reference.numbers.shape:
        return (
            f"the result must have {_shape(reference.numbers.shape)}, "
            f"and has {_shape(value.numbers.shape)}"
        )
    whole = (value.kind, reference.kind) == ("i", "f")  # a loop whose results are all 0, or 1
    if whole and same(replace(value, kind="f"), reference, rtol, atol):
        return ""
    if value.kind != reference.kind:
        return f"the result must hold {KINDS[reference.kind]}, and holds {KINDS[value.kind]}"
    return "" if same(value, reference, rtol, atol) else DIFFERENT


def gathered(value: Value, reference: Value) -> Value:
    """Return a list of numbers as the array that it stands for, where an array is expected.

    Whole numbers in a list count as decimals where those are expected: a list has no dtype. So does
    a whole number by itself: who returns 0 means 0.0.

    Examples
    --------
    >>> one, right = (Array(np.array(x), kind, "") for x, kind in ((2, "i"), ([2.0, 2.0], "f")))
    >>> gathered([one, one], right)
    Array(numbers=array([2., 2.]), kind='f', dtype='')
    """
    if isinstance(value, Array) and isinstance(reference, Array) and not value.numbers.shape:
        whole = (value.kind, reference.kind) == ("i", "f")
        return replace(value, kind="f") if whole else value
    if not isinstance(value, list) or not isinstance(reference, Array):
        return value
    parts = [gathered(part, reference) for part in value]
    if not parts or not all(isinstance(part, Array) for part in parts):
        return value
    if len({part.numbers.shape for part in parts}) > 1:
        return value
    kinds = {part.kind for part in parts}
    kind = "f" if "f" in kinds else "i" if "i" in kinds else "b"
    kind = "f" if (kind, reference.kind) == ("i", "f") else kind
    dtype = next((part.dtype for part in parts if part.dtype in COARSE), parts[0].dtype)
    return Array(np.stack([part.numbers for part in parts]).astype(float), kind, dtype)


def same(value: Array, reference: Array, rtol: float, atol: float) -> bool:
    """Tell whether numbers agree; float32 may differ more, float16 has no advantage.

    It may differ by a millionth of the largest number too, unless ``atol`` says that small numbers
    matter: what was cut off would else be right as soon as it is called float32.
    """
    if value.kind != "f":
        return bool(np.array_equal(value.numbers, reference.numbers))
    coarse = max(COARSE.get(value.dtype, 0.0), COARSE.get(reference.dtype, 0.0))
    if coarse > rtol:
        scale = float(np.max(np.abs(reference.numbers), initial=0.0, where=_finite(reference)))
        rtol, atol = coarse, max(atol, 1e-6 * min(scale, 1.0) if atol >= LEAST else SMALLEST)
    return bool(np.allclose(value.numbers, reference.numbers, rtol, atol, equal_nan=True))


def _finite(array: Array) -> np.ndarray:
    return np.isfinite(array.numbers)


def _shape(shape: tuple[int, ...]) -> str:
    """Name a shape, unless it is so odd that it could carry a hidden input out."""
    if len(shape) > 4 or not all(0 < n <= MOST_LENGTH for n in shape):
        return "another shape"
    return f"shape {shape}" if shape else "no axes (one number)"
