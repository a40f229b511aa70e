"""Arrays taken out of what they come in: lists, data frames, masked arrays, tensors."""

from collections.abc import Sized
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
    if isinstance(x, (list, tuple)):
        return _from_lists(name, x)
    try:
        found = to_numpy(x)
    except TypeError:
        found = np.asarray(x)
    if found.ndim == 0 and found.dtype.kind == "O" and kind_of(type(found.item())) != "numbers":
        raise TypeError(
            f"`{name}` must be a list, an array or a data frame, got {type(x).__name__}"
        )
    return found


def _unmasked(x: Any) -> Any:
    """Return what is masked as missing, in lists too."""
    if isinstance(x, (list, tuple)):
        return [_unmasked(v) for v in x]
    if x is np.ma.masked:
        return None
    if not isinstance(x, np.ma.MaskedArray):
        return x
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
    arrays = [contents(name, column) for column in columns]
    plain = all(column.dtype.kind in "biuf" for column in arrays)
    table = np.empty((len(frame), len(arrays)), dtype=float if plain else object)
    for j, column in enumerate(arrays):
        table[:, j] = column
    return table


def _from_lists(name: str, x: list | tuple) -> np.ndarray:
    classes = _classes(x)
    if any(issubclass(cls, np.ma.MaskedArray) for cls in classes):
        x = _unmasked(x)
    # NumPy would write numbers among text as text too, and each as wide as the longest.
    text = any(issubclass(cls, (str, bytes)) for cls in classes)
    try:
        found = np.asarray(x, dtype=object if text else None)
    except ValueError as error:
        raise ValueError(_unequal_rows(name, x) or f"`{name}` is no table: {error}") from None
    if text and any(isinstance(v, (list, tuple)) for v in found.flat):
        raise ValueError(_unequal_rows(name, x) or f"`{name}` is no table")
    return np.asarray(x, dtype=object) if found.dtype.kind in "USV" else found


def _classes(x: list | tuple) -> set[type]:
    """Return the classes of what stands in nested lists."""
    classes = set(map(type, x))
    nested = tuple(cls for cls in classes if issubclass(cls, (list, tuple)))
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
