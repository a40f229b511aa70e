"""Standardization whose statistics come from the training part and from nowhere else."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ..checks import count, room
from ..intake import column_names, numbers, refuse_unknown

__all__ = ["Scaler"]


@dataclass(frozen=True, eq=False)
class Scaler:
    r"""Shift and scale every column: :math:`z_j = (x_j - \mu_j) / \sigma_j`.

    Attributes
    ----------
    mean : ndarray, shape (d,)
        What is subtracted from each column.
    scale : ndarray, shape (d,)
        What each column is then divided by; 1 for a constant column.

    Notes
    -----
    The scaler never changes: `fit` returns a new one, `transform` and `inverse` return new arrays.
    Fit it on the training part only. A mean over the whole table has already seen the test rows.

    Examples
    --------
    >>> import numpy as np
    >>> X_train = np.array([[1.0, 7.0], [3.0, 7.0]])
    >>> scaler = Scaler.fit(X_train)
    >>> scaler.mean, scaler.scale
    (array([2., 7.]), array([1., 1.]))
    >>> scaler.transform(X_train)
    array([[-1.,  0.],
           [ 1.,  0.]])
    >>> scaler.inverse(scaler.transform(X_train))
    array([[1., 7.],
           [3., 7.]])
    """

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def fit(cls, X: ArrayLike) -> Self:
        """Measure the mean and the standard deviation (over n, not n - 1) of each column.

        Parameters
        ----------
        X : array_like, shape (n, d)
            The training rows, finite numbers: an array, lists, or a data frame.

        Returns
        -------
        Scaler
            With scale 1 for a column that is constant, up to rounding.

        Raises
        ------
        ValueError
            If `X` is not a table with at least one row, or holds NaN or infinity.
        TypeError
            If `X` holds anything but numbers.
        """
        columns, X = column_names(X), numbers("X", X, ndim=2)
        refuse_unknown(
            "X", X, columns=columns,
            hint="; `clean` drops rows with missing values, `Filler` fills them",
        )  # fmt: skip
        largest = np.abs(X).max(axis=0)
        unit = np.where(largest > 0, largest, 1.0)
        relative = X / unit  # within [-1, 1]: the squares of 1e200 would overflow
        spread = relative.std(axis=0)
        rounding, smallest = 10 * np.finfo(X.dtype).eps, np.finfo(X.dtype).tiny
        constant = (spread <= rounding) | (spread * unit < smallest)
        return cls(relative.mean(axis=0) * unit, np.where(constant, 1.0, spread * unit))

    @classmethod
    def identity(cls, d: int) -> Self:
        """Return the scaler that leaves `d` columns as they are."""
        d = count("d", d, 0)
        room(d, f"`d` = {d}")
        return cls(np.zeros(d), np.ones(d))

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Return (X - mean) / scale, a new array.

        A float32 table stays float32, integers become float64, NaN stays NaN.
        """
        X, dtype = self._columns(X)
        with np.errstate(over="ignore"):
            Z = (X - self.mean) / self.scale
            overflowed = np.isinf(Z) & np.isfinite(X)
            Z = np.where(overflowed, X / self.scale - self.mean / self.scale, Z)
            return np.ascontiguousarray(Z.astype(dtype))

    def inverse(self, X: ArrayLike) -> np.ndarray:
        """Return X * scale + mean: from standardized numbers back to the table's own units."""
        X, dtype = self._columns(X)
        with np.errstate(over="ignore"):
            raw = X * self.scale + self.mean
            overflowed = np.isinf(raw) & np.isfinite(X)
            raw = np.where(overflowed, 2 * (X / 2 * self.scale + self.mean / 2), raw)
            return np.ascontiguousarray(raw.astype(dtype))

    def _columns(self, X: ArrayLike) -> tuple[np.ndarray, np.dtype]:
        dtype = getattr(X, "dtype", None)
        X = numbers("X", X, ndim=2, empty=True)
        if X.shape[1] != self.mean.size:
            raise ValueError(
                f"`X` must have the {self.mean.size} columns this scaler was fitted on, "
                f"got shape {X.shape}"
            )
        narrow = dtype in (np.float16, np.float32)
        return X, np.dtype(dtype) if narrow else X.dtype
