"""What comes in from outside: lists, data frames, masked arrays, tensors and arrays of objects.

Data sets, metrics, folds and training take their data in through `numbers` and `labels`, so that
what is fine for one is fine for all. Nothing is guessed: text is never read as a number. No data
frame library is imported; a frame is what has columns that it can hand out one by one.
"""

import datetime
import decimal
import numbers as abstract
from collections.abc import Sequence, Sized
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, library, to_numpy
from .checks import amounts, place_of

__all__ = [
    "array",
    "column_names",
    "is_array",
    "labels",
    "missing",
    "numbers",
    "one_kind",
    "refuse_unknown",
    "unless_array",
]

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
_KIND_OF_DTYPE = {
    **dict.fromkeys("biuf", "numbers"),
    **dict.fromkeys("UT", "text"),
    "S": "bytes",
    "c": "complex numbers",
    "M": "dates",
    "m": "durations",
    "V": "records",
}
_KIND_OF_CLASS = (  # the first that fits: a NumPy duration also counts as a whole number
    ("text", str),
    ("bytes", bytes),
    ("durations", (np.timedelta64, datetime.timedelta)),
    ("dates", (np.datetime64, datetime.date, datetime.time)),
    ("numbers", (abstract.Real, decimal.Decimal, np.bool_)),
    ("complex numbers", abstract.Complex),
    ("lists", (list, tuple, dict, set, np.ndarray)),
)
_MISSING = ("NoneType", "NAType", "NaTType", "MaskedConstant")


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
    found = _contents(name, x)
    values = _as_floats(name, found, column_names(x))
    if ndim is not None and values.ndim != ndim:
        hint = _DIMENSION_HINTS.get(values.ndim, "") if ndim == 2 else ""
        raise ValueError(f"`{name}` must have {ndim} dimensions, got shape {values.shape}{hint}")
    if values.size == 0 and not empty:
        raise ValueError(f"`{name}` must have at least one element, got shape {values.shape}")
    return values


def labels(name: str, x: ArrayLike, *, fractions: str = "") -> np.ndarray:
    """Return `x` as an array of class labels of one kind, or say why it cannot be one.

    Parameters
    ----------
    name : str
        The argument's name, for messages.
    x : array_like
        Whole numbers of any type, truth values, text or bytes, in any container.
    fractions : str, optional
        What to do with numbers that are no labels, for the message.

    Returns
    -------
    ndarray of bool, int64, str or bytes
        Whole numbers beyond int64 come as uint64 or as Python's.

    Raises
    ------
    TypeError
        If the labels are of two kinds, or of none of these.
    ValueError
        If a label is missing, infinite or a fraction.

    Examples
    --------
    >>> import numpy as np
    >>> labels("y", np.array([1.0, 2.0]))
    array([1, 2])
    >>> labels("y", [0, "1"])
    Traceback (most recent call last):
        ...
    TypeError: `y` must hold labels of one kind, got numbers (0 in row 0) and text ('1' in row 1)
    """
    found = _contents(name, x)
    absent = missing(found)
    if absent.any():
        first = tuple(np.argwhere(absent)[0])
        raise ValueError(
            f"`{name}` must hold a label in every row, got {absent.sum()} missing, the first in "
            f"row {first[0] if first else 0}: {found[first]}"
        )
    kind = _kind_of_labels(name, found)
    if kind == "numbers":
        return _whole(name, found, fractions)
    return found if found.dtype.kind in "US" else np.array(found.tolist()).reshape(found.shape)


def one_kind(**named: np.ndarray) -> None:
    """Refuse labels of two kinds, which are never equal.

    Examples
    --------
    >>> import numpy as np
    >>> one_kind(prediction=np.array([0, 1]), target=np.array(["0", "1"]))
    Traceback (most recent call last):
        ...
    TypeError: `prediction` and `target` must hold labels of one kind, got numbers (0) and text \
('0'); convert one of them with .astype
    """
    (first, one), (second, other) = named.items()
    kinds = [_KIND_OF_DTYPE.get(x.dtype.kind, "numbers") for x in (one, other)]
    if kinds[0] != kinds[1]:
        got = " and ".join(
            f"{kind} ({x.flat[0].item()!r})" if x.size else kind
            for kind, x in zip(kinds, (one, other), strict=True)
        )
        raise TypeError(
            f"`{first}` and `{second}` must hold labels of one kind, got {got}; "
            "convert one of them with .astype"
        )


def array(name: str, x: ArrayLike) -> np.ndarray:
    """Return any container as a NumPy array, of the narrowest dtype that holds what is in it.

    Examples
    --------
    >>> import numpy as np
    >>> array("y", np.array(["a", "b"], dtype=object))
    array(['a', 'b'], dtype='<U1')
    >>> array("y", np.ma.masked_equal([1, 2], 2))
    array([ 1., nan])
    """
    found = _contents(name, x)
    if found.dtype.kind != "O":
        return found
    absent = missing(found)
    kinds = set(map(_kind_of, set(map(type, found[~absent].tolist()))))
    if kinds == {"numbers"}:
        return _narrowed(name, found)
    if kinds in ({"text"}, {"bytes"}) and not absent.any():
        return np.array(found.tolist()).reshape(found.shape)
    return found


def unless_array(name: str, x: ArrayLike) -> Array:
    """Return an array of any library as it is, and everything else as `array` takes it in.

    Examples
    --------
    >>> unless_array("X", [[1, 2.5]])
    array([[1. , 2.5]])
    """
    return x if is_array(x) else array(name, x)


def is_array(x: Any) -> bool:
    """Tell whether x is an array as a library computes with it, and no container of objects.

    Examples
    --------
    >>> import numpy as np
    >>> is_array(np.ones(2)), is_array([1.0, 1.0]), is_array(np.array([1.0, None]))
    (True, False, False)
    """
    try:
        library(x)
    except TypeError:
        return False
    return hasattr(x, "shape") and not (isinstance(x, np.ndarray) and x.dtype.kind == "O")


def column_names(x: Any) -> tuple[str, ...] | None:
    """Return the names of a data frame's columns; None for what has none.

    Examples
    --------
    >>> column_names([[1, 2]])
    """
    return tuple(str(name) for name in x.columns) if _is_frame(x) else None


def missing(x: np.ndarray) -> np.ndarray:
    """Tell which entries say that there is nothing: NaN, NaT, None, NA, a masked one.

    Examples
    --------
    >>> import numpy as np
    >>> missing(np.array([1, None, "a"], dtype=object))
    array([False,  True, False])
    """
    if x.dtype.kind in "fcMm":
        return np.isnan(x) if x.dtype.kind in "fc" else np.isnat(x)
    if x.dtype.kind != "O":
        return np.zeros(x.shape, dtype=bool)
    return np.array([_is_missing(v) for v in x.ravel().tolist()], dtype=bool).reshape(x.shape)


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


def _contents(name: str, x: ArrayLike) -> np.ndarray:
    """Take an array out of its container; nothing is converted, what is masked is missing."""
    if _is_frame(x):
        return _from_columns(name, x)
    if hasattr(x, "toarray"):
        raise TypeError(f"`{name}` is a sparse matrix; make it dense with `{name}.toarray()`")
    if isinstance(x, (list, tuple)) and any(isinstance(v, np.ma.MaskedArray) for v in x):
        x = [_unmasked(v) if isinstance(v, np.ma.MaskedArray) else v for v in x]
    if isinstance(x, np.ma.MaskedArray):
        return _unmasked(x)
    try:
        found = to_numpy(x)
    except TypeError:
        found = _from_rows(name, x)
    if found.ndim == 0 and found.dtype.kind == "O" and _kind_of(type(found.item())) != "numbers":
        raise TypeError(
            f"`{name}` must be a list, an array or a data frame, got {type(x).__name__}"
        )
    return found


def _unmasked(x: np.ma.MaskedArray) -> Any:
    if x is np.ma.masked:
        return None
    if not np.ma.is_masked(x):
        return x.data
    if x.dtype.kind in "biuf":
        return x.astype(np.float64).filled(np.nan)
    objects = x.data.astype(object)
    objects[np.ma.getmaskarray(x)] = None
    return objects


def _is_frame(x: Any) -> bool:
    return hasattr(x, "columns") and (hasattr(x, "items") or hasattr(x, "iter_columns"))


def _from_columns(name: str, frame: Any) -> np.ndarray:
    if hasattr(frame, "iter_columns"):
        columns = list(frame.iter_columns())
    else:
        columns = [column for _, column in frame.items()]
    arrays = [_contents(name, column) for column in columns]
    plain = all(column.dtype.kind in "biuf" for column in arrays)
    table = np.empty((len(frame), len(arrays)), dtype=float if plain else object)
    for j, column in enumerate(arrays):
        table[:, j] = column
    return table


def _from_rows(name: str, x: ArrayLike) -> np.ndarray:
    try:
        found = np.asarray(x)
    except ValueError as error:
        raise ValueError(_unequal_rows(name, x) or f"`{name}` is no table: {error}") from None
    if found.dtype.kind in "USV" and isinstance(x, (list, tuple)):
        return np.asarray(x, dtype=object)  # NumPy has written the numbers among them as text
    return found


def _unequal_rows(name: str, rows: Any) -> str:
    lengths = [f"{len(row)} entries" if isinstance(row, Sized) else "a number" for row in rows]
    for i, length in enumerate(lengths):
        if length != lengths[0]:
            return (
                f"`{name}` must be a table whose rows are equally long, got {lengths[0]} in row 0 "
                f"and {length} in row {i}"
            )
    return ""


def _as_floats(name: str, x: np.ndarray, columns: Sequence[str] | None) -> np.ndarray:
    kind = _KIND_OF_DTYPE.get(x.dtype.kind)
    if kind == "numbers" or (kind == "records" and not x.dtype.fields and x.dtype.type != np.void):
        with np.errstate(over="ignore"):  # beyond float64 an extended number is infinite
            return x.astype(np.float64)
    if kind is not None:
        if x.size:
            _refuse_kind(name, x, (0,) * x.ndim, kind, columns)
        raise TypeError(f"`{name}` must hold numbers, got {kind}")
    kinds = {cls: _kind_of(cls) for cls in set(map(type, x.ravel().tolist()))}
    if set(kinds.values()) - {"numbers", "missing"}:
        for place in np.ndindex(x.shape):
            if (kind := kinds[type(x[place])]) not in ("numbers", "missing"):
                _refuse_kind(name, x, place, kind, columns)
    floats = [_float(v) for v in x.ravel().tolist()]
    return np.array(floats, dtype=np.float64).reshape(x.shape)


def _float(value: Any) -> float:
    if _is_missing(value):
        return np.nan
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _refuse_kind(
    name: str, x: np.ndarray, place: tuple[int, ...], kind: str, columns: Sequence[str] | None
) -> None:
    hint, value = _HINTS.get(kind, ""), _value(x[place])
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


def _value(x: Any) -> str:
    dated = _kind_of(type(x)) in ("dates", "durations")
    return str(x) if dated else repr(x.item() if isinstance(x, np.generic) else x)


def _reads_as_number(text: Any) -> bool:
    try:
        return _is_missing(text) or bool(np.isfinite(float(text)))
    except (TypeError, ValueError):
        return False


def _kind_of(cls: type) -> str:
    if cls.__name__ in _MISSING:
        return "missing"
    return next((kind for kind, of in _KIND_OF_CLASS if issubclass(cls, of)), cls.__name__)


def _is_missing(value: Any) -> bool:
    if type(value).__name__ in _MISSING:
        return True
    if isinstance(value, decimal.Decimal):
        return value.is_nan()
    return isinstance(value, (float, np.floating, np.datetime64, np.timedelta64)) and (
        value != value
    )


def _kind_of_labels(name: str, x: np.ndarray) -> str:
    kind = _KIND_OF_DTYPE.get(x.dtype.kind)
    first = {kind: (0,) * x.ndim}
    if kind is None:
        kinds = {cls: _kind_of(cls) for cls in set(map(type, x.ravel().tolist()))}
        first = {}
        for place in np.ndindex(x.shape):
            first.setdefault(kinds[type(x[place])], place)
            if len(first) == len(set(kinds.values())):
                break
    if not first:
        return "numbers"
    shown = {k: _shown(x, place) for k, place in first.items()}
    for kind in first:
        if kind not in ("numbers", "text", "bytes"):
            raise TypeError(
                f"`{name}` must hold whole numbers or text to be labels, got {kind}{shown[kind]}"
            )
    if len(first) > 1:
        got = " and ".join(f"{kind}{where}" for kind, where in shown.items())
        raise TypeError(f"`{name}` must hold labels of one kind, got {got}")
    return next(iter(first))


def _shown(x: np.ndarray, place: tuple[int, ...]) -> str:
    if not x.size:
        return ""
    return f" ({_value(x[place])} in row {place[0]})" if place else f" ({_value(x[place])})"


def _whole(name: str, x: np.ndarray, fractions: str) -> np.ndarray:
    if x.dtype.kind in "biu":
        return x
    if x.dtype.kind == "f":
        _refuse_no_labels(name, x, np.isinf(x), "infinity", "")
        _refuse_no_labels(name, x, x != np.round(x), "the fraction", fractions)
        if x.size == 0 or np.abs(x).max() < 2.0**63:
            return x.astype(np.int64)
        x = x.astype(object)
    entries = x.ravel().tolist()
    infinite = [v in (np.inf, -np.inf) for v in entries]
    _refuse_no_labels(name, x, np.array(infinite, bool).reshape(x.shape), "infinity", "")
    parts = [v != int(v) for v in entries]
    _refuse_no_labels(name, x, np.array(parts, bool).reshape(x.shape), "the fraction", fractions)
    if entries and all(isinstance(v, (bool, np.bool_)) for v in entries):
        return np.array(entries, dtype=bool).reshape(x.shape)
    return _whole_numbers([int(v) for v in entries]).reshape(x.shape)


def _whole_numbers(entries: list[int]) -> np.ndarray:
    low, high = min(entries, default=0), max(entries, default=0)
    if low >= -(2**63) and high < 2**63:
        return np.array(entries, dtype=np.int64)
    return np.array(entries, dtype=np.uint64 if low >= 0 and high < 2**64 else object)


def _narrowed(name: str, x: np.ndarray) -> np.ndarray:
    entries = x.ravel().tolist()
    if all(isinstance(v, (bool, np.bool_)) for v in entries):
        return np.array(entries, dtype=bool).reshape(x.shape)
    if all(isinstance(v, abstract.Integral) for v in entries):
        return _whole_numbers([int(v) for v in entries]).reshape(x.shape)
    return _as_floats(name, x, None)


def _refuse_no_labels(name: str, x: np.ndarray, wrong: np.ndarray, what: str, hint: str) -> None:
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0])
        value = "" if what == "infinity" else f" {float(x[place]):.6g}"
        row = f" in row {place[0]}" if place else ""
        raise ValueError(f"`{name}` must hold labels, got {what}{value}{row}{hint}")
