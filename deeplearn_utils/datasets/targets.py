"""Targets in the form that networks take: labels 0 ... k - 1, or columns of numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..intake import labels, numbers, refuse_unknown
from .tables import as_names

__all__ = ["as_labels", "as_values"]


def as_labels(
    y: ArrayLike, names: Sequence[str] | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Replace the classes of `y` by the numbers 0, 1, ..., in sorted order.

    Parameters
    ----------
    y : array_like, shape (n,)
        Whole numbers, truth values, text or bytes, as `intake.labels` takes them in.
    names : sequence of str, optional
        One name a class, in sorted order of the labels.

    Returns
    -------
    labels : ndarray of int64, shape (n,)
    names : tuple of str

    Raises
    ------
    TypeError
        If labels are of two kinds, such as numbers and text.
    ValueError
        If `y` is not one label a row, or there are fewer than two classes.

    Examples
    --------
    >>> as_labels(["dog", "cat", "dog"])
    (array([1, 0, 1]), ('cat', 'dog'))
    """
    y = labels("y", y, fractions='; numbers to predict are kind="values"')
    if y.ndim != 1:
        raise ValueError(
            f"`y` must have shape (n,) to hold labels, got {y.shape}; use `y.ravel()` on a column, "
            "`y.argmax(axis=1)` on one-hot rows"
        )
    classes, ranks = np.unique(y, return_inverse=True)
    if classes.size < 2:
        raise ValueError(f"`y` must hold at least two classes, got {classes.tolist()}")
    return ranks.astype(np.int64), as_names(
        "target_names", names, classes.size, classes.__getitem__
    )


def as_values(
    y: ArrayLike, names: Sequence[str] | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the numbers to predict as columns, shape (n, k), with a name for each.

    Examples
    --------
    >>> y, names = as_values([1, 2, 3])
    >>> y.shape, names
    ((3, 1), ('target 0',))
    """
    y = numbers("y", y)
    if y.ndim not in (1, 2):
        raise ValueError(f"`y` must have shape (n,) or (n, k), got {y.shape}")
    refuse_unknown("y", y)
    y = y.reshape(len(y), -1)
    return y, as_names("target_names", names, y.shape[1], "target {}".format)
