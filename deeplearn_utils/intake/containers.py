"""Arrays taken out of what they come in: lists, data frames, masked arrays, tensors."""

from collections.abc import Sequence, Sized
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import library, to_numpy
from .kinds import KIND_OF_DTYPE, kind_of

__all__ = ["column_names", "contents", "is_array"]


def is_array(x: Any) -> bool:
    """Tell whether x is an array of numbers as a library computes with it.

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
    if isinstance(x, np.ndarray):
        return KIND_OF_DTYPE.get(x.dtype.kind) == "numbers"
    return hasattr(x, "shape")


def column_names(x: Any) -> tuple[str, ...] | None:
    """Return the names of a data frame's columns; None for what has none.

    Examples
    --------
    >>> column_names([[1, 2]])
    """
    return tuple(str(name) for name in x.columns) if _is_frame(x) else None


def contents(name: str, x: ArrayLike) -> np.ndarray:
    """Take an array out of its container; nothing is converted, what is masked is missing."""
    if _is_frame(x):
        return _from_columns(name, x)
    if hasattr(x, "toarray"):
        raise TypeError(f"`{name}` is a sparse matrix; make it dense with `{name}.toarray()`")
    if isinstance(x, np.ma.MaskedArray):
        return _unmasked(x)
    if _is_list(type(x)):
        return _from_lists(name, x)
    found = np.asarray(_in_numpy(x))
    if found.ndim == 0 and found.dtype.kind == "O" and kind_of(type(found.item())) != "numbers":
        raise TypeError(
            f"`{name}` must be a list, an array or a data frame, got {type(x).__name__}"
        )
    return found


def _is_list(cls: type) -> bool:
    """Tell whether a class holds entries of any kind, such as a list or a deque."""
    return issubclass(cls, Sequence) and not issubclass(cls, (str, bytes, bytearray, memoryview))


def _in_numpy(x: Any) -> Any:
    """Return an array of any library as NumPy's, and what is none as it is."""
    try:
        return to_numpy(x)
    except TypeError:
        return x


def _unmasked(x: Any) -> Any:
    """Return what is masked as missing, and arrays of every library as NumPy's, in lists too."""
    if _is_list(type(x)):
        return [_unmasked(v) for v in x]
    if x is np.ma.masked:
        return None
    if not isinstance(x, np.ma.MaskedArray):
        return _in_numpy(x) if hasattr(x, "shape") else x
    if not np.ma.is_masked(x):
        return x.data
    if x.dtype.kind in "biuf":
        return x.astype(np.float64).filled(np.nan)
    objects = _as_objects(x.data)
    objects[np.ma.getmaskarray(x)] = None
    return objects


def _as_objects(x: np.ndarray) -> np.ndarray:
    """Return an array of the same entries as objects: NumPy makes numbers of nanoseconds."""
    objects = x.astype(object)
    if x.dtype.kind in "Mm":
        for place in np.ndindex(x.shape):
            if isinstance(objects[place], int):
                objects[place] = None if np.isnat(x[place]) else x[place]
    return objects


def _is_frame(x: Any) -> bool:
    return hasattr(x, "columns") and (hasattr(x, "items") or hasattr(x, "iter_columns"))


def _from_columns(name: str, frame: Any) -> np.ndarray:
    if hasattr(frame, "iter_columns"):
        columns = list(frame.iter_columns())
    else:
        columns = [column for _, column in frame.items()]
    arrays = [contents(name, column) for column in columns]
    plain = all(column.dtype.kind in "biuf" and _is_exact(column) for column in arrays)
    table = np.empty((len(frame), len(arrays)), dtype=float if plain else object)
    for j, column in enumerate(arrays):
        table[:, j] = column if plain else _as_objects(column)
    return table


def _is_exact(column: np.ndarray) -> bool:
    """Tell whether float64 holds these numbers as they are: whole ones up to 2^53."""
    wide = column.dtype.kind in "iu" and column.dtype.itemsize == 8 and column.size > 0
    return not wide or (column.min() >= -(2**53) and column.max() <= 2**53)


def _from_lists(name: str, x: Sequence) -> np.ndarray:
    classes = _classes(x)
    plain = (np.ndarray, *{cls for cls in classes if issubclass(cls, np.generic)})
    if any(hasattr(cls, "shape") and cls not in plain for cls in classes):
        x = _unmasked(x)
    # NumPy would write numbers among text as text too, and each as wide as the longest.
    text = any(issubclass(cls, (str, bytes)) for cls in classes)
    try:
        found = np.asarray(x, dtype=object if text else None)
    except ValueError as error:
        raise ValueError(_unequal_rows(name, x) or f"`{name}` is no table: {error}") from None
    if text and any(_is_list(type(v)) for v in found.flat):
        raise ValueError(_unequal_rows(name, x) or f"`{name}` is no table")
    return np.asarray(x, dtype=object) if found.dtype.kind in "USV" else found


def _classes(x: Sequence) -> set[type]:
    """Return the classes of what stands in nested lists."""
    classes = set(map(type, x))
    nested = tuple(filter(_is_list, classes))
    return classes.union(*(_classes(v) for v in x if isinstance(v, nested)))


def _unequal_rows(name: str, rows: Any) -> str:
    lengths = [f"{len(row)} entries" if isinstance(row, Sized) else "a number" for row in rows]
    for i, length in enumerate(lengths):
        if length != lengths[0]:
            return (
                f"`{name}` must be a table whose rows are equally long, got {lengths[0]} in row 0 "
                f"and {length} in row {i}"
            )
    return ""
