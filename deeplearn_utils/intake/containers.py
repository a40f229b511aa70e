"""Arrays taken out of what they come in: lists, data frames, masked arrays, tensors."""

from collections.abc import Sized
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import library, to_numpy
from .kinds import kind_of

__all__ = ["column_names", "contents", "is_array"]


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


def contents(name: str, x: ArrayLike) -> np.ndarray:
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
    if found.ndim == 0 and found.dtype.kind == "O" and kind_of(type(found.item())) != "numbers":
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
    arrays = [contents(name, column) for column in columns]
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
