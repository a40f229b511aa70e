"""Missing and impossible values: dropped, filled or refused, and always reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from ..checks import choice
from .tables import as_array, as_numbers, same_rows

__all__ = ["Cleaned", "Filler", "clean"]


class Cleaned(NamedTuple):
    """A table without useless columns and rows.

    Attributes
    ----------
    X : ndarray, shape (n, d)
    y : ndarray, shape (n,) or (n, k)
    rows, columns : ndarray of int
        Which rows and columns of the given table these are.
    notes : tuple of str
        One sentence for each thing that was dropped.
    """

    X: np.ndarray
    y: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    notes: tuple[str, ...]


def clean(
    X: ArrayLike,
    y: ArrayLike,
    *,
    missing: str = "refuse",
    feature_names: Sequence[str] | None = None,
) -> Cleaned:
    r"""Drop columns without a single known value and rows without a known target.

    Nothing is computed from one row for the sake of another, so cleaning before splitting leaks
    nothing. NaN and infinity both count as unknown.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Numbers, with NaN where a value is missing.
    y : array_like, shape (n,) or (n, k)
        Numbers or text labels.
    missing : {"refuse", "drop", "keep"}, default "refuse"
        What to do with the unknown values that remain in `X`: raise, drop their rows, or
        keep them as NaN for a `Filler`.
    feature_names : sequence of str, optional
        For the notes and messages.

    Returns
    -------
    Cleaned

    Raises
    ------
    TypeError
        If `X` is not numeric.
    ValueError
        If `X` is not a table, `y` does not fit it, nothing remains, or values are missing
        and `missing="refuse"`.

    Examples
    --------
    >>> nan = float("nan")
    >>> table = clean([[1, nan, 3], [4, nan, 6], [7, nan, 9]], [0.5, nan, 1.5])
    >>> table.X
    array([[1., 3.],
           [7., 9.]])
    >>> print(*table.notes, sep="\n")
    dropped 1 of 3 columns: no known value in column 1
    dropped 1 of 3 rows: target unknown
    """
    choice("missing", missing, ("refuse", "drop", "keep"))
    X, y = as_numbers("X", X, ndim=2), as_array("y", y)
    same_rows(X, y)
    X = np.where(np.isfinite(X), X, np.nan)
    names = [f"column {j}" for j in range(X.shape[1])] if feature_names is None else feature_names

    column_known = ~np.isnan(X).all(axis=0)
    target_known = _known(y)
    keep = target_known.copy()
    if missing == "drop":
        keep &= ~np.isnan(X[:, column_known]).any(axis=1)
    rows, columns = np.flatnonzero(keep), np.flatnonzero(column_known)
    notes = _notes(names, column_known, target_known, keep)
    if rows.size == 0 or columns.size == 0:
        raise ValueError("`X` and `y` have nothing left after cleaning: " + "; ".join(notes))
    X = X[np.ix_(rows, columns)]
    if missing == "refuse":
        _refuse_unknown(X, rows, [names[j] for j in columns])
    return Cleaned(X, _narrow(y[rows]), rows, columns, notes)


@dataclass(frozen=True, eq=False)
class Filler:
    """Put the training part's column means where a value is missing.

    Attributes
    ----------
    values : ndarray, shape (d,)
        What each column is filled with.

    Examples
    --------
    >>> import numpy as np
    >>> filler = Filler.fit([[1.0, 5.0], [np.nan, 7.0]])
    >>> filler.transform([[np.nan, np.nan], [2.0, 8.0]])
    array([[1., 6.],
           [2., 8.]])
    """

    values: np.ndarray

    @classmethod
    def fit(cls, X: ArrayLike) -> Self:
        """Measure the mean of the known values of each column of the training part."""
        X = as_numbers("X", X, ndim=2)
        known = np.isfinite(X)
        if not known.any(axis=0).all():
            empty = np.flatnonzero(~known.any(axis=0)).tolist()
            raise ValueError(
                f"`X` must have a known value in every column to fit a Filler, got none in "
                f"columns {empty}; drop these columns, or use a larger training part"
            )
        return cls(np.where(known, X, 0.0).sum(axis=0) / known.sum(axis=0))

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return a copy of `X` with its NaN and infinite entries replaced."""
        X = as_numbers("X", X, ndim=2, empty=True)
        if X.shape[1] != self.values.size:
            raise ValueError(f"`X` must have {self.values.size} columns, got shape {X.shape}")
        return np.where(np.isfinite(X), X, self.values)


def _known(y: np.ndarray) -> np.ndarray:
    if y.dtype.kind in "fc":
        known = np.isfinite(y)
    elif y.dtype.kind == "O":
        known = np.array([v is not None and v == v for v in y.ravel()]).reshape(y.shape)
    else:
        known = np.ones(y.shape, dtype=bool)
    return known.reshape(len(y), -1).all(axis=1)


def _narrow(y: np.ndarray) -> np.ndarray:
    """Give labels that arrived as Python objects (from pandas, say) a dtype of their own."""
    return np.array(y.tolist()) if y.dtype.kind == "O" else y


def _notes(
    names: Sequence[str], columns: np.ndarray, targets: np.ndarray, keep: np.ndarray
) -> tuple[str, ...]:
    lost = [names[j] for j in np.flatnonzero(~columns)]
    unknown, incomplete = np.sum(~targets), np.sum(targets & ~keep)
    notes = [
        (len(lost), f"of {columns.size} columns: no known value in {', '.join(lost)}"),
        (unknown, f"of {keep.size} rows: target unknown"),
        (incomplete, f"of {keep.size} rows: a feature unknown"),
    ]
    return tuple(f"dropped {count} {what}" for count, what in notes if count)


def _refuse_unknown(X: np.ndarray, rows: np.ndarray, names: Sequence[str]) -> None:
    where = np.argwhere(np.isnan(X))
    if len(where):
        row, column = where[0]
        raise ValueError(
            f"`X` must be finite, got {len(where)} entries that are NaN or infinite, the first "
            f'in row {rows[row]}, {names[column]}; missing="drop" drops such rows, '
            '`prepare(..., missing="mean")` fills them from the training part'
        )
