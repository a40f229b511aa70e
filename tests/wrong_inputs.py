"""What callers hand in by mistake, and the whole sentence that answers them."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from deeplearn_utils.arrays import library

NOT_FLOATS: dict[str, Any] = {
    "whole numbers": np.array([[1, 2]]),
    "truth values": np.array([[True, False]]),
    "half precision": np.ones((1, 2), np.float16),
    "extended precision": np.ones((1, 2), np.longdouble),
    "complex numbers": np.ones((1, 2), complex),
    "objects": np.array([[1.0, 2.0]], object),
    "words": np.array([["a", "b"]]),
    "a list": [[1.0, 2.0]],
    "nothing": None,
    "a matrix": np.ones((1, 2)).view(np.matrix),
    "a masked array": np.ma.masked_array([[1.0, 2.0]]),
}


def whole(message: str) -> str:
    """Return the pattern of this message, from its first word to its last."""
    return f"^{re.escape(message)}$"


def no_array(x: Any, name: str = "") -> str:
    """Return the pattern of what is said of an argument that is no array."""
    kind = type(x)
    return whole(
        (f"`{name}`: " if name else "")
        + "expected an array of NumPy, CuPy, PyTorch, JAX or TensorFlow, got "
        f"{kind.__module__}.{kind.__qualname__}; for lists, tables, masked arrays and matrices "
        "convert first: np.asarray(x)"
    )


def no_floats(x: Any, name: str) -> str:
    """Return the pattern of what is said of an argument that holds no float32 or float64."""
    if not hasattr(x, "dtype") or isinstance(x, (np.matrix, np.ma.MaskedArray)):
        return no_array(x, name)
    return whole(
        f"`{name}` must hold floating-point numbers (float32 or float64), got {x.dtype}; "
        f"try {name}.astype(float)"
    )


def two_dtypes(**arrays: Any) -> str:
    """Return the pattern of what is said of two arguments whose dtypes differ."""
    (first, x), (second, y) = arrays.items()
    return whole(
        f"`{first}` and `{second}` must have one dtype, got {x.dtype} and {y.dtype}; "
        "convert one of them with xp.astype"
    )


def two_libraries(**arrays: Any) -> str:
    """Return the pattern of what is said of two arguments of different libraries."""
    (first, x), (second, y) = arrays.items()
    return whole(
        f"`{first}` and `{second}` must belong to one library, got {library(x)} and {library(y)}; "
        "move one of them with arrays.asarray(x, like=other)"
    )


def two_devices(first: str, second: str, one: Any, other: Any) -> str:
    """Return the pattern of what is said of two arguments on different devices.

    The names are patterns themselves: a table of kernels has many.
    """
    places = re.escape(f"{one} and {other}")
    advice = re.escape("move one of them with arrays.asarray(x, like=other) or arrays.to_device")
    return f"^`{first}` and `{second}` must live on one device, got {places}; {advice}$"


def no_path(x: Any, name: str) -> str:
    """Return the pattern of what is said of an argument that is no path."""
    kind = type(x).__name__
    return whole(f"`{name}` must be a path: text or a pathlib.Path, got {kind}")


def assert_refused(wrong: Any, call: Callable[..., Any], *values: Any, argument: str) -> None:
    """Check that a call says of one of its values that it holds no floating-point numbers."""
    with pytest.raises(TypeError, match=no_floats(wrong, argument)):
        call(*values)
