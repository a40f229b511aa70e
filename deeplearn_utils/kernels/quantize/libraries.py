"""Which arrays and numbers the whole-number kernels take."""

import sys
from typing import Any

import numpy as np

from ...arrays import Array, has_values, library, to_numpy
from ...checks import count, in_range, one_library
from ...intake import numbers

SMALLEST = float(np.finfo(np.float32).tiny)


def whole_namespace(**named: Array) -> Any:
    """Return the namespace of some arrays; refuse TensorFlow's, which has none for whole numbers.

    Raises
    ------
    TypeError
        When the arrays are of TensorFlow, of several libraries, or none.
    """
    xp = one_library(**named)
    for name, x in named.items():
        if not hasattr(x, "dtype"):
            kind = type(x).__name__
            raise TypeError(f"`{name}` must be an array, got {kind}; try np.asarray({name})")
    first, x = next(iter(named.items()))
    if library(x) == "tensorflow":
        raise TypeError(
            f"`{first}` must be an array of NumPy, CuPy, PyTorch or JAX, got one of TensorFlow; "
            "try arrays.to_numpy(x)"
        )
    return xp


def int8_namespace(**named: Array) -> Any:
    """Return the namespace of arrays that hold int8, or int32 in b."""
    xp = whole_namespace(**named)
    for name, x in named.items():
        wanted = xp.int32 if name == "b" else xp.int8
        if x.dtype != wanted:
            kind = "int32" if name == "b" else "int8"
            raise TypeError(f"`{name}` must have dtype {kind}, got {x.dtype}")
    return xp


def integral_namespace(**named: Array) -> Any:
    """Return the namespace of arrays that hold whole numbers."""
    xp = whole_namespace(**named)
    for name, x in named.items():
        if not xp.isdtype(x.dtype, "integral"):
            raise TypeError(f"`{name}` must hold whole numbers, got {x.dtype}")
        if x.dtype == getattr(xp, "uint64", None):
            _refuse_outside(name, x, 0, 2**63 - 1, "int64")
    return xp


def need_64_bits(name: str, x: Array) -> None:
    """Refuse an array of JAX where JAX has no int64: its products would be cut off."""
    if library(x) == "jax" and not sys.modules["jax"].config.jax_enable_x64:
        raise TypeError(
            f"`{name}` is multiplied in 64 bits, which JAX has only after "
            'jax.config.update("jax_enable_x64", True)'
        )


def refuse_outside(name: str, x: Array, low: int, high: int, told: str) -> None:
    """Refuse what are no whole numbers from low to high."""
    integral_namespace(**{name: x})
    _refuse_outside(name, x, low, high, told)


def _refuse_outside(name: str, x: Array, low: int, high: int, told: str) -> None:
    if has_values(x):
        values = to_numpy(x)
        wrong = values[(values < low) | (values > high)]
        if wrong.size:
            raise ValueError(f"`{name}` must lie within {told}, got {wrong[0]}")


def int8_number(name: str, value: Any) -> int:
    """Return a whole number from -128 to 127 as Python's, which no narrow type makes overflow.

    Examples
    --------
    >>> -128 - int8_number("zero_point", np.int8(5))
    -133
    """
    return in_range(name, count(name, value, -128), -128, 127)


def zero_points(name: str, value: Any) -> np.ndarray:
    """Return zero points, one or one for each channel, as int32."""
    found = np.asarray(value)
    if found.dtype.kind not in "iu":
        raise TypeError(f"`{name}` must hold whole numbers, got {value!r}")
    if ((found < -128) | (found > 127)).any():
        raise ValueError(f"`{name}` must lie from -128 to 127, got {value}")
    return found.astype(np.int32)


def reals(name: str, value: Any) -> np.ndarray:
    """Return one number or several as float64; no text is read as a number."""
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biuf":
        return np.asarray(value).astype(np.float64)
    try:
        return numbers(name, value, empty=True)
    except (TypeError, ValueError):
        raise TypeError(f"`{name}` must hold numbers, got {value!r}") from None


def scales(name: str, value: Any) -> np.ndarray:
    """Return scales, one or one for each channel, in float32.

    Examples
    --------
    >>> scales("scale", 0.0)
    Traceback (most recent call last):
    ...
    ValueError: `scale` must hold numbers of float32 above 0 (at least 1.18e-38), got 0.0
    """
    with np.errstate(over="ignore"):
        found = reals(name, value).astype(np.float32)
    if not (np.isfinite(found) & (found >= SMALLEST)).all():  # 1 / scale must be finite too
        raise ValueError(
            f"`{name}` must hold numbers of float32 above 0 (at least {SMALLEST:.3g}), got {value}"
        )
    return found
