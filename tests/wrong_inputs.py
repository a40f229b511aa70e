"""What callers hand in by mistake, and a check that the answer names the argument."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

# name: (value, words of the rule that the message has to state)
NOT_FLOATS: dict[str, tuple[Any, str]] = {
    "whole numbers": (np.array([[1, 2]]), "floating-point numbers (float32 or float64), got int64"),
    "truth values": (np.array([[True, False]]), "floating-point numbers"),
    "half precision": (np.ones((1, 2), np.float16), "float32 or float64), got float16"),
    "extended precision": (np.ones((1, 2), np.longdouble), "float32 or float64)"),
    "complex numbers": (np.ones((1, 2), complex), "floating-point numbers"),
    "objects": (np.array([[1.0, 2.0]], object), "floating-point numbers"),
    "words": (np.array([["a", "b"]]), "floating-point numbers"),
    "a list": ([[1.0, 2.0]], "got builtins.list"),
    "nothing": (None, "got builtins.NoneType"),
    "a matrix": (np.ones((1, 2)).view(np.matrix), "matrices convert first"),
    "a masked array": (np.ma.masked_array([[1.0, 2.0]]), "masked arrays and matrices"),
}


def message_of(error: type[Exception], call: Callable, *values: Any, argument: str) -> str:
    """Return the message of the error that a call raises; it has to name the argument."""
    with pytest.raises(error, match=f"`{argument}`") as caught:
        call(*values)
    return str(caught.value)
