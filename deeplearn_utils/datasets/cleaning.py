"""Missing and impossible values: dropped, filled or refused, and always reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from ..checks import choice
from ..intake import array, column_names, numbers, refuse_unknown
from ..intake import missing as is_missing
from .tables import as_names, given_names, same_rows

__all__ = ["Cleaned", "Filler", "clean"]

_WAYS_OUT = (
    '; missing="drop" drops such rows, `prepare(..., missing="mean")` fills them from the training '
    "part"
)


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
        Numbers, with NaN, None or NA where a value is missing: an array, lists, or a data frame.
    y : array_like, shape (n,) or (n, k)
        Numbers or text labels.
    missing : {"refuse", "drop", "keep"}, default "refuse"
        What to do with the unknown values that remain in `X`: raise, drop their rows, or
        keep them as NaN for a `Filler`.
    feature_names : sequence of str, optional
        For the notes and messages; by default the names of a data frame's columns.

    Returns
    -------
    Cleaned

    Raises
    ------
    TypeError
        If `X` holds anything but numbers.
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
    feature_names = given_names(feature_names, X)
    X, y = numbers("X", X, ndim=2), array("y", y)
    same_rows(X, y)
    names = as_names("feature_names", feature_names, X.shape[1], "column {}".format)

    known = np.isfinite(X)
    column_known, target_known = known.any(axis=0), _known(y)
    keep = target_known.copy()
    if missing == "drop":
        keep &= known[:, column_known].all(axis=1)
    rows, columns = np.flatnonzero(keep), np.flatnonzero(column_known)
    notes = _notes(names, column_known, target_known, keep)
    if rows.size == 0 or columns.size == 0:
        raise ValueError("`X` and `y` have nothing left after cleaning: " + "; ".join(notes))
    X = X[np.ix_(rows, columns)]
    if missing == "refuse":
        shown = columns.tolist() if feature_names is None else [names[j] for j in columns]
        refuse_unknown("X", X, rows=rows, columns=shown, hint=_WAYS_OUT)
    X = np.where(np.isfinite(X), X, np.nan)
    return Cleaned(X, array("y", y[rows]), rows, columns, notes)


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
        columns, X = column_names(X), numbers("X", X, ndim=2)
        known = np.isfinite(X)
        if not known.any(axis=0).all():
            empty = np.flatnonzero(~known.any(axis=0)).tolist()
            named = empty if columns is None else [columns[j] for j in empty]
            raise ValueError(
                f"`X` must have a known value in every column to fit a Filler, got none in "
                f"columns {named}; drop these columns, or use a larger training part"
            )
        X = np.where(known, X, 0.0)
        largest = np.abs(X).max(axis=0)
        unit = np.where(largest > 1e290, largest, 1.0)  # the sum of such numbers would overflow
        return cls((X / unit).sum(axis=0) / known.sum(axis=0) * unit)

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return a copy of `X` with its NaN and infinite entries replaced."""
        X = numbers("X", X, ndim=2, empty=True)
        if X.shape[1] != self.values.size:
            raise ValueError(f"`X` must have {self.values.size} columns, got shape {X.shape}")
        return np.where(np.isfinite(X), X, self.values)


def _known(y: np.ndarray) -> np.ndarray:
    known = np.isfinite(y) if y.dtype.kind in "fc" else ~is_missing(y)
    return known.reshape(len(y), -1).all(axis=1)


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
