"""Checks of arguments: each message names the argument, the rule, what came, and a hint."""

import decimal
import fractions
import math
import os
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import Array, asarray, has_values, library, namespace, to_numpy
from .arrays.libraries import refuse_mixed_devices

MOST_NUMBERS = 2**27


def float_arrays(**named: Array) -> tuple[Any, ...]:
    """Return the namespace of some floating-point arrays, then the arrays.

    Python numbers become arrays without axes, of the library and dtype of the others.

    Parameters
    ----------
    **named : array
        The arrays under the names that a message shall show. All of one library and one dtype.

    Returns
    -------
    tuple
        `(xp, first, second, ...)`.

    Raises
    ------
    TypeError
        When an array holds no floating-point numbers, or libraries or dtypes differ. Half precision
        is refused: it overflows inside the formulas.
    ValueError
        When the arrays live on different devices.

    Examples
    --------
    >>> import numpy as np
    >>> xp, z = float_arrays(z=np.array([1.0, 2.0]))
    >>> xp is np
    True
    >>> float_arrays(z=np.array([1, 2]))
    Traceback (most recent call last):
    ...
    TypeError: `z` must hold floating-point numbers (float32 or float64), got int64; try \
z.astype(float)
    """
    if _all_numpy(*named.values()):
        return np, *named.values()
    xp = one_library(**named)
    arrays = {n: _float_array(xp, n, x) for n, x in named.items() if not _is_number(x)}
    _one_dtype(arrays)
    like = next(iter(arrays.values()), np.zeros(0))
    return (xp, *(_filled(arrays.get(n), x, like) for n, x in named.items()))


def _all_numpy(first: Array, *rest: Array) -> bool:
    """Tell, fast, whether nothing is left to check."""
    if type(first) is not np.ndarray or first.dtype.char not in "fd" or not first.dtype.isnative:
        return False
    return all(type(x) is np.ndarray and x.dtype is first.dtype for x in rest)


def one_library(**named: Array) -> Any:
    """Return the namespace of some arrays; refuse what is no array, and mixed libraries or devices.

    Examples
    --------
    >>> one_library(target=[0, 1])
    Traceback (most recent call last):
    ...
    TypeError: `target`: expected an array of NumPy, CuPy, PyTorch, JAX or TensorFlow, got \
builtins.list; for lists, tables, masked arrays and matrices convert first: np.asarray(x)
    """
    found: dict[str, str] = {}
    for name, x in named.items():
        try:
            of_x = library(x)
        except TypeError as error:
            raise TypeError(f"`{name}`: {error}") from None
        if not _is_number(x):
            found.setdefault(of_x, name)
    if len(found) > 1:
        (first, one), (second, other) = list(found.items())[:2]
        raise TypeError(
            f"`{one}` and `{other}` must belong to one library, got {first} and {second}; "
            "move one of them with arrays.asarray(x, like=other)"
        )
    arrays = {n: x for n, x in named.items() if not _is_number(x)}
    if len(arrays) > 1 and "numpy" not in found:
        refuse_mixed_devices(arrays)
    return namespace(next(iter(arrays.values()), 0))


def number(value: Any, like: Array | None = None) -> Any:
    """Return a number so that it never decides the dtype of a result.

    NumPy's numbers, with or without an array around them, become Python's; so do fractions and
    decimals. For use with an array `like`, whole numbers become real, an array without axes of the
    same library, as a compiler traces it, takes the dtype of `like`, and one of another library
    becomes a Python number.

    Examples
    --------
    >>> import numpy as np
    >>> number(np.float64(0.5)) * np.ones(1, np.float32)
    array([0.5], dtype=float32)
    """
    if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0:
        value = value.item()
    if isinstance(value, (np.longdouble, fractions.Fraction, decimal.Decimal)):
        value = float(value)
    if like is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return _as_float(value)
    if not is_scalar_array(value):
        return value
    if library(value) != library(like) and has_values(value):
        return float(to_numpy(value))
    return namespace(value, like).astype(value, like.dtype)


def _as_float(value: float) -> float:
    """Return a number as a float; a whole one beyond all floats is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def is_scalar_array(x: Any) -> bool:
    """Tell whether x is an array without axes, of any library but NumPy."""
    if isinstance(x, (int, float)) or getattr(x, "shape", None) != ():
        return False
    try:
        return library(x) != "numpy"
    except TypeError:
        return False


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float))  # NumPy's float64 numbers are Python floats too


def _float_array(xp: Any, name: str, x: Array) -> Array:
    if xp is np:
        x = np.asanyarray(x)
        x = x if x.dtype.isnative else x.astype(x.dtype.newbyteorder("="))
    if not (xp.isdtype(x.dtype, "real floating") and x.dtype in (xp.float32, xp.float64)):
        raise TypeError(
            f"`{name}` must hold floating-point numbers (float32 or float64), got {x.dtype}; "
            f"try {name}.astype(float)"
        )
    return x


def _filled(array: Array | None, x: Array, like: Array) -> Array:
    return asarray(x, like=like, dtype=like.dtype) if array is None else array


def _one_dtype(arrays: dict[str, Array]) -> None:
    first = next(iter(arrays), "")
    for name, x in arrays.items():
        if x.dtype != arrays[first].dtype:
            raise TypeError(
                f"`{first}` and `{name}` must have one dtype, got {arrays[first].dtype} and "
                f"{x.dtype}; convert one of them with xp.astype"
            )


def shape(name: str, x: Array, expected: tuple[int | str, ...], meaning: str = "") -> None:
    """Check the shape of an array; a string stands for an axis of any length.

    Parameters
    ----------
    name, x
        The argument's name and value.
    expected : tuple of int or str
        One entry an axis: a length, or a name for a free length.
    meaning : str, optional
        The same shape in words, such as "(in, out)".

    Raises
    ------
    ValueError
        With the name, the rule, the shape that came, and a hint when a transpose or a column fits.

    Examples
    --------
    >>> import numpy as np
    >>> shape("W", np.zeros((32, 64)), (64, 32), "(in, out)")
    Traceback (most recent call last):
    ...
    ValueError: `W` must have shape (in, out) = (64, 32), got (32, 64); did you mean W.T?
    """
    got = tuple(getattr(x, "shape", ()))  # a number has no axes
    if _fits(got, expected):
        return
    wanted = f"{meaning} = {_text(expected)}" if meaning else _text(expected)
    raise ValueError(
        f"`{name}` must have shape {wanted}, got {_text(got)}{_hint(name, got, expected)}"
    )


def _fits(got: tuple[int, ...], expected: tuple[int | str, ...]) -> bool:
    return len(got) == len(expected) and all(
        isinstance(e, str) or e == g for g, e in zip(got, expected, strict=True)
    )


def _text(axes: tuple[int | str, ...]) -> str:
    return f"({', '.join(map(str, axes))}{',' if len(axes) == 1 else ''})"


def _hint(name: str, got: tuple[int, ...], expected: tuple[int | str, ...]) -> str:
    if len(got) == 2 and _fits(got[::-1], expected):
        return f"; did you mean {name}.T?"
    if len(got) == 1 and len(expected) == 2:
        if _fits((*got, 1), expected):
            return f"; did you mean {name}[:, None]?"
        if _fits((1, *got), expected):
            return f"; did you mean {name}[None, :]?"
    if len(got) == 2 and 1 in got and _fits((got[0] * got[1],), expected):
        return f"; did you mean {name}.reshape(-1)?"
    return ""


def same_shape(name: str, x: Array, other_name: str, other: Array) -> None:
    """Check that two arrays have the same shape; nothing is ever broadcast.

    Examples
    --------
    >>> import numpy as np
    >>> same_shape("target", np.zeros(3), "prediction", np.zeros((3, 1)))
    Traceback (most recent call last):
    ...
    ValueError: `target` must have the shape of `prediction` = (3, 1), got (3,); did you mean \
target[:, None]?
    """
    got, expected = tuple(x.shape), tuple(other.shape)
    if got != expected:
        raise ValueError(
            f"`{name}` must have the shape of `{other_name}` = {_text(expected)}, "
            f"got {_text(got)}{_hint(name, got, expected)}"
        )


def not_empty(name: str, x: Array) -> None:
    """Check that an array has at least one element."""
    if 0 in x.shape:
        raise ValueError(
            f"`{name}` must have at least one element, got shape {_text(tuple(x.shape))}"
        )


def finite(name: str, x: Array, *, hint: str = "") -> None:
    """Check that an array holds neither NaN nor infinity.

    An array that JAX, TensorFlow or PyTorch traces has no values yet, and passes.

    Examples
    --------
    >>> import numpy as np
    >>> finite("X", np.array([[1.0, 2.0], [np.nan, np.inf]]))
    Traceback (most recent call last):
    ...
    ValueError: `X` must be finite, got 1 NaN and 1 infinity, the first in row 1, column 0
    """
    if not has_values(x):
        return
    values = to_numpy(x)
    known = np.isfinite(values)
    if not known.all():
        where = place_of(np.argwhere(~known)[0])
        first = f", the first in {where}" if where else ""
        raise ValueError(f"`{name}` must be finite, got {amounts(values)}{first}{hint}")


def amounts(x: np.ndarray, one: str = "NaN", several: str = "NaN") -> str:
    """Say how many entries are NaN and how many infinite.

    Examples
    --------
    >>> import numpy as np
    >>> amounts(np.array([np.nan, np.inf, -np.inf]))
    '1 NaN and 2 infinities'
    """
    counts = (
        (np.isnan(x).sum(), one, several),
        (np.isinf(x).sum(), "infinity", "infinities"),
    )
    return " and ".join(f"{n} {one if n == 1 else several}" for n, one, several in counts if n)


def place_of(place: Iterable[int], columns: Sequence[str | int] | None = None) -> str:
    """Name a place in an array.

    Examples
    --------
    >>> place_of((3, 1)), place_of((3, 1), ("height", "age")), place_of((3,))
    ('row 3, column 1', "row 3, column 'age'", 'entry 3')
    """
    place = [int(i) for i in place]
    if len(place) == 2:
        row, column = place
        return f"row {row}, column {column if columns is None else repr(columns[column])}"
    return f"entry {place[0] if len(place) == 1 else place}" if place else ""


def room(n_numbers: int, cause: str, hint: str = "") -> None:
    """Check that an array of so many numbers is no slip: one stray value can ask for terabytes.

    Examples
    --------
    >>> room(10**12, "`n` = 1000000000000")
    Traceback (most recent call last):
    ...
    ValueError: `n` = 1000000000000 asks for 1e+12 numbers (8000 GB), more than the 134217728 (1 \
GB) that are made at once
    """
    if n_numbers > MOST_NUMBERS:
        n = float(min(n_numbers, 10**300))
        raise ValueError(
            f"{cause} asks for {n:.3g} numbers ({round(8e-9 * n):.6g} GB), more than the "
            f"{MOST_NUMBERS} (1 GB) that are made at once{hint}"
        )


def choice(name: str, value: Any, options: Iterable[str]) -> None:
    """Check that a value is one of some names.

    Examples
    --------
    >>> choice("activation", "rleu", ["relu", "tanh"])
    Traceback (most recent call last):
    ...
    ValueError: `activation` must be one of 'relu', 'tanh', got 'rleu'
    """
    options = list(options)
    if not isinstance(value, Hashable) or value not in options:
        listed = ", ".join(repr(option) for option in options)
        raise ValueError(f"`{name}` must be one of {listed}, got {value!r}")


def in_range(
    name: str,
    value: float,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_low: bool = False,
    open_high: bool = False,
) -> Any:
    """Check that a number is finite and lies in an interval; return it as `number` does.

    While a compiler traces, a number is an array without axes whose value can't be looked at.

    Examples
    --------
    >>> in_range("momentum", 1.5, 0, 1, open_high=True)
    Traceback (most recent call last):
    ...
    ValueError: `momentum` must be a number in [0, 1), got 1.5
    """
    found = value = number(value)
    if is_scalar_array(value):
        if not has_values(value):
            return value
        found = to_numpy(value).item()
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise TypeError(f"`{name}` must be a number, got {type(found).__name__}")
    too_low = found < low or (open_low and found == low)
    too_high = found > high or (open_high and found == high)
    found = found if abs(found) < 2**1023 else _as_float(found)
    if too_low or too_high or not math.isfinite(found):
        left = "(" if open_low or low == -math.inf else "["
        right = ")" if open_high or high == math.inf else "]"
        raise ValueError(f"`{name}` must be a number in {left}{low}, {high}{right}, got {found}")
    return value


def count(name: str, value: int, low: int = 1) -> int:
    """Check that a value is a whole number, at least `low`; return it as a Python one.

    A Python number counts as far as it has to, where NumPy's narrow ones would overflow.

    Examples
    --------
    >>> count("epochs", 2.5)
    Traceback (most recent call last):
    ...
    TypeError: `epochs` must be a whole number, got 2.5
    """
    found = number(value)
    if is_scalar_array(found):
        raise TypeError(
            f"`{name}` must be a Python number, got an array without axes; try int({name}), or, "
            "where a function is compiled, fix it before, with functools.partial"
        )
    if isinstance(found, bool) or not isinstance(found, int):
        raise TypeError(f"`{name}` must be a whole number, got {value!r}")
    if found < low:
        raise ValueError(f"`{name}` must be at least {low}, got {found}")
    return found


def number_field(frozen: Any, name: str, *interval: float, **ends: bool) -> None:
    """Check a field of a frozen dataclass by `in_range`, and keep what that returns."""
    object.__setattr__(frozen, name, in_range(name, getattr(frozen, name), *interval, **ends))


def count_field(frozen: Any, name: str) -> None:
    """Check a field of a frozen dataclass by `count`, and keep what that returns."""
    object.__setattr__(frozen, name, count(name, getattr(frozen, name)))


def instance(name: str, value: Any, kinds: Any, meant: str) -> None:
    """Check that a value is an instance of a class, of one of several, or of a protocol.

    Examples
    --------
    >>> instance("names", 3, Sequence, "a sequence of names")
    Traceback (most recent call last):
    ...
    TypeError: `names` must be a sequence of names, got int
    """
    if isinstance(value, type):
        made = value.__name__
        got = f"the class {made}; make one: {made}(...)"
    elif isinstance(value, kinds):
        return
    else:
        got = repr(value) if isinstance(value, str) else type(value).__name__
    raise TypeError(f"`{name}` must be {meant}, got {got}")


def as_path(name: str, value: Any) -> Path:
    """Return a path, given one or its text."""
    instance(name, value, (str, os.PathLike), "a path: text or a pathlib.Path")
    return Path(value)


def yes_or_no(name: str, value: Any) -> None:
    """Check that a value is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"`{name}` must be True or False, got {value!r}")


def generator(name: str, value: Any) -> None:
    """Check that a value is a `numpy.random.Generator`."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(
            f"`{name}` must be a numpy.random.Generator, got {type(value).__name__}; "
            f"try {name} = np.random.default_rng(0)"
        )


def seeded(name: str, value: Any) -> np.random.Generator:
    """Return a generator, given one or a seed for it.

    Examples
    --------
    >>> seeded("seed", -1)
    Traceback (most recent call last):
    ...
    ValueError: `seed` must be at least 0, got -1
    """
    if isinstance(value, np.random.Generator):
        return value
    return np.random.default_rng(count(name, value, 0))
