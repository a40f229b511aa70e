"""Targets in the form that networks take: labels 0 ... k - 1, or columns of numbers."""

from collections.abc import Sequence

import numpy as np

from .tables import as_array, as_names, as_numbers

__all__ = ["as_labels", "as_values"]


def as_labels(
    y: np.ndarray, names: Sequence[str] | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Replace the classes of `y` by the numbers 0, 1, ..., in sorted order.

    Parameters
    ----------
    y : array_like, shape (n,)
        Integers, booleans or text; floats only if they are whole.
    names : sequence of str, optional
        One name a class, in sorted order of the labels.

    Returns
    -------
    labels : ndarray of int64, shape (n,)
    names : tuple of str

    Raises
    ------
    ValueError
        If `y` is not one label a row, or there are fewer than two classes.

    Examples
    --------
    >>> as_labels(["dog", "cat", "dog"])
    (array([1, 0, 1]), ('cat', 'dog'))
    """
    y = as_array("y", y)
    if y.ndim != 1:
        raise ValueError(
            f"`y` must have shape (n,) to hold labels, got {y.shape}; use `y.ravel()` on a column, "
            "`y.argmax(axis=1)` on one-hot rows"
        )
    classes, labels = np.unique(_whole(y), return_inverse=True)
    if classes.size < 2:
        raise ValueError(f"`y` must hold at least two classes, got {classes.tolist()}")
    return labels.astype(np.int64), as_names(
        "target_names", names, classes.size, classes.__getitem__
    )


def as_values(
    y: np.ndarray, names: Sequence[str] | None = None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the numbers to predict as columns, shape (n, k), with a name for each.

    Examples
    --------
    >>> y, names = as_values([1, 2, 3])
    >>> y.shape, names
    ((3, 1), ('target 0',))
    """
    y = as_numbers("y", y)
    if y.ndim > 2:
        raise ValueError(f"`y` must have shape (n,) or (n, k), got {y.shape}")
    y = y.reshape(len(y), -1)
    return y, as_names("target_names", names, y.shape[1], "target {}".format)


def _whole(y: np.ndarray) -> np.ndarray:
    if y.dtype.kind not in "fiubU":
        raise TypeError(f"`y` must hold integers or text to be labels, got dtype {y.dtype}")
    if y.dtype.kind != "f":
        return y
    if (y != np.round(y)).any():
        raise ValueError(
            f"`y` must hold labels, got the fraction {y[y != np.round(y)][0]}; "
            'numbers to predict are kind="values"'
        )
    return y.astype(np.int64)
