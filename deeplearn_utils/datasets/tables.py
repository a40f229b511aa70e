"""What a table is: numbers in rows and columns, checked before anything is computed from them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import to_numpy

__all__ = ["Table", "as_array", "as_names", "as_numbers", "same_rows"]

_HINTS = {
    1: "; one feature is a column, `X.reshape(-1, 1)`; one row is `X.reshape(1, -1)`",
    3: "; flatten images with `X.reshape(len(X), -1)`",
}


class Table(NamedTuple):
    """A raw table: nothing split, nothing scaled, in the units it was measured in.

    Attributes
    ----------
    X : ndarray, shape (n, d)
        One row a sample, one column a feature.
    y : ndarray, shape (n,) for labels, (n, k) for numbers to predict
        The targets.
    kind : str
        ``"classes"`` where `y` holds labels, ``"values"`` where it holds numbers to predict.
    name, description : str
        What the table is and where it comes from.
    feature_names, target_names : tuple of str
        Names of the columns of `X`, and of the classes (or of the columns of `y`).
    """

    X: np.ndarray
    y: np.ndarray
    kind: str
    name: str = "table"
    description: str = ""
    feature_names: tuple[str, ...] | None = None
    target_names: tuple[str, ...] | None = None


def as_numbers(
    name: str, x: ArrayLike, *, ndim: int | None = None, empty: bool = False
) -> np.ndarray:
    """Return `x` as a new float64 array, or say why it cannot be one.

    Parameters
    ----------
    name : str
        The argument's name, for messages.
    x : array_like
        Numbers or booleans; masked entries become NaN.
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
        If `x` holds anything but real numbers.
    ValueError
        If the dimensions are wrong, or there are no entries.

    Examples
    --------
    >>> as_numbers("X", [[1, 2], [3, 4]], ndim=2)
    array([[1., 2.],
           [3., 4.]])
    >>> as_numbers("X", [["red", "3"]], ndim=2)
    Traceback (most recent call last):
        ...
    TypeError: `X` must be numeric, got dtype <U3; write categories as numbers (one 0/1 column each)
    """
    array = as_array(name, x)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"`{name}` must be numeric, got dtype {array.dtype}; "
            "write categories as numbers (one 0/1 column each)"
        )
    if ndim is not None and array.ndim != ndim:
        hint = _HINTS.get(array.ndim, "") if ndim == 2 else ""
        raise ValueError(f"`{name}` must have {ndim} dimensions, got shape {array.shape}{hint}")
    if array.size == 0 and not empty:
        raise ValueError(f"`{name}` is empty: got shape {array.shape}")
    return array.astype(np.float64)


def as_names(
    argument: str, names: Sequence[str] | None, count: int, made_up: Callable[[int], object]
) -> tuple[str, ...]:
    """Return `count` names as text, made up where none were given."""
    if names is None:
        return tuple(str(made_up(j)) for j in range(count))
    if len(names) != count:
        raise ValueError(f"`{argument}` must have {count} names, got {len(names)}: {list(names)}")
    return tuple(str(name) for name in names)


def same_rows(X: np.ndarray, y: np.ndarray) -> None:
    """Refuse targets that do not belong to the rows of `X`."""
    if X.ndim == 0 or y.ndim == 0:
        raise ValueError(f"`X` and `y` must have rows, got shapes {X.shape} and {y.shape}")
    if len(X) != len(y):
        raise ValueError(f"`X` and `y` must have one row a sample, got {len(X)} and {len(y)} rows")


def as_array(name: str, x: ArrayLike) -> np.ndarray:
    """Return lists, data frames, masked arrays and tensors as a NumPy array."""
    if hasattr(x, "toarray"):
        raise TypeError(f"`{name}` is a sparse matrix; make it dense with `{name}.toarray()`")
    if isinstance(x, np.ma.MaskedArray) and x.dtype.kind in "fiub":
        return x.astype(np.float64).filled(np.nan)
    try:
        return to_numpy(x)
    except TypeError:
        return _from_rows(name, x)


def _from_rows(name: str, x: ArrayLike) -> np.ndarray:
    try:
        return np.asarray(x)
    except ValueError as error:
        raise ValueError(f"`{name}` must be a table whose rows are equally long: {error}") from None
