"""Numbers, or where something else stands and what it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checks import amounts, place_of, same_shape
from .containers import column_names, contents
from .kinds import KIND_OF_DTYPE, is_missing, kind_of, shown

__all__ = ["as_floats", "number_from", "numbers", "numbers_like", "refuse_unknown"]

_DIMENSION_HINTS = {
    1: "; one feature is a column, `X.reshape(-1, 1)`; one row is `X.reshape(1, -1)`",
    3: "; flatten images with `X.reshape(len(X), -1)`",
}
_HINTS = {
    "text": "; write categories as numbers (one 0/1 column each)",
    "bytes": "; write categories as numbers (one 0/1 column each)",
    "complex numbers": "; take their real and their imaginary part as two columns",
    "dates": "; write them as numbers, such as the days since the first one",
    "durations": '; write them as numbers, such as x / np.timedelta64(1, "D")',
    "records": "; take their fields apart, one column each",
    "lists": "; each place of a table holds one number",
}


def numbers(name: str, x: ArrayLike, *, ndim: int | None = None, empty: bool = False) -> np.ndarray:
    """Return `x` as a new float64 array, or say why it cannot be one.

    Parameters
    ----------
    name : str
        The argument's name, for messages.
    x : array_like
        Numbers or truth values: lists, an array of any library, a masked array, a data frame, or
        an array of Python's own numbers. What is missing (None, NA, a masked entry) becomes NaN.
    ndim : int, optional
        How many dimensions the array must have.
    empty : bool, default False
        Whether an array without entries is fine.

    Returns
    -------
    ndarray of float64
        A copy: the caller's array is never changed.

    Raises
    ------
    TypeError
        If `x` holds anything but real numbers; the message says where and what.
    ValueError
        If the dimensions are wrong, or there are no entries.

    Examples
    --------
    >>> numbers("X", [[1, True], [None, 4]], ndim=2)
    array([[ 1.,  1.],
           [nan,  4.]])
    >>> numbers("X", [[30, "red"]], ndim=2)
    Traceback (most recent call last):
        ...
    TypeError: `X` must hold numbers, got text in column 1 ('red' in row 0); write categories as \
numbers (one 0/1 column each)
    """
    found = contents(name, x)
    values = as_floats(name, found, column_names(x))
    if ndim is not None and values.ndim != ndim:
        hint = _DIMENSION_HINTS.get(values.ndim, "") if ndim == 2 else ""
        raise ValueError(f"`{name}` must have {ndim} dimensions, got shape {values.shape}{hint}")
    if values.size == 0 and not empty:
        raise ValueError(f"`{name}` must have at least one element, got shape {values.shape}")
    return values


def number_from(function: str, value: Any) -> float:
    """Return the one number that a caller's function returned, or say what it returned instead.

    Examples
    --------
    >>> number_from("score", None)
    Traceback (most recent call last):
        ...
    TypeError: `score` must return one number, got None; does it lack a return?
    """
    if isinstance(value, (float, np.floating)):
        return float(value)
    try:
        found = numbers(function, value, empty=True)
    except (TypeError, ValueError):
        got = "None; does it lack a return?" if value is None else shown(value)
        raise TypeError(f"`{function}` must return one number, got {got}") from None
    if found.ndim:
        raise ValueError(
            f"`{function}` must return one number, got an array of shape {found.shape}; "
            "sum or average it first"
        )
    return float(found)


def numbers_like(name: str, x: ArrayLike, **like: np.ndarray) -> np.ndarray:
    """Return numbers of the shape and the dtype of another array, or say why they are not that.

    Examples
    --------
    >>> numbers_like("gradient", [1, 2.5], theta=np.zeros(2, np.float32))
    array([1. , 2.5], dtype=float32)
    """
    ((other, array),) = like.items()
    found = numbers(name, x, empty=True)
    same_shape(name, found, other, array)
    return found.astype(array.dtype)


def refuse_unknown(
    name: str,
    x: np.ndarray,
    *,
    rows: Sequence[int] | None = None,
    columns: Sequence[str | int] | None = None,
    hint: str = "",
) -> None:
    """Refuse NaN and infinity, with how many and where.

    Parameters
    ----------
    name, x
        The argument's name and value.
    rows, columns : sequence, optional
        The numbers of the rows and the names or numbers of the columns, where `x` is a part.
    hint : str, optional
        What to do, for the message.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> import numpy as np
    >>> refuse_unknown("X", np.array([[1.0, np.nan]]), columns=("height", "age"))
    Traceback (most recent call last):
        ...
    ValueError: `X` must be finite, got 1 missing value (NaN), the first in row 0, column 'age'
    """
    unknown = ~np.isfinite(x)
    if unknown.any():
        place = np.argwhere(unknown)[0]
        if rows is not None:
            place[0] = rows[place[0]]
        where = place_of(place, columns)
        got = amounts(x, "missing value (NaN)", "missing values (NaN)")
        raise ValueError(f"`{name}` must be finite, got {got}, the first in {where}{hint}")


def as_floats(name: str, x: np.ndarray, columns: Sequence[str] | None) -> np.ndarray:
    """Return numbers of any type as float64, what is missing as NaN; refuse other kinds."""
    kind = KIND_OF_DTYPE.get(x.dtype.kind)
    if kind == "numbers":
        with np.errstate(over="ignore"):  # beyond float64 an extended number is infinite
            return x.astype(np.float64)
    if kind is not None:
        if x.size:
            _refuse_kind(name, x, (0,) * x.ndim, kind, columns)
        raise TypeError(f"`{name}` must hold numbers, got {kind}")
    kinds = {cls: kind_of(cls) for cls in set(map(type, x.ravel().tolist()))}
    if set(kinds.values()) - {"numbers", "missing"}:
        for place in np.ndindex(x.shape):
            if (kind := kinds[type(x[place])]) not in ("numbers", "missing"):
                _refuse_kind(name, x, place, kind, columns)
    floats = [_float(v) for v in x.ravel().tolist()]
    return np.array(floats, dtype=np.float64).reshape(x.shape)


def _float(value: Any) -> float:
    if is_missing(value):
        return np.nan
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _refuse_kind(
    name: str, x: np.ndarray, place: tuple[int, ...], kind: str, columns: Sequence[str] | None
) -> None:
    hint, value = _HINTS.get(kind, ""), shown(x[place])
    beside = x[:, place[1]] if x.ndim == 2 else x
    if kind in ("text", "bytes") and all(map(_reads_as_number, beside.ravel().tolist())):
        hint = "; these are numbers written as text, convert them with .astype(float)"
    where = place_of(place, columns)
    if x.ndim == 2:
        row, column = where.split(", ", 1)
        got = f"{kind} in {column} ({value} in {row})"
    else:
        got = f"{kind} ({value} in {where})" if x.ndim else f"{kind} ({value})"
    raise TypeError(f"`{name}` must hold numbers, got {got}{hint}")


def _reads_as_number(text: Any) -> bool:
    try:
        return is_missing(text) or bool(np.isfinite(float(text)))
    except (TypeError, ValueError):
        return False
