"""Training, validation and test part: disjoint, complete, and the same on every machine."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..checks import count, room, seeded, yes_or_no
from ..intake import array, numbers
from ..intake import labels as as_labels
from .tables import same_rows

__all__ = ["Split", "split", "split_indices"]


class Split(NamedTuple):
    """The three parts of a table, in the order in which they are used."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_validation: np.ndarray
    y_validation: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def split(
    X: ArrayLike,
    y: ArrayLike,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    *,
    rng: np.random.Generator | int,
    stratify: bool = False,
) -> Split:
    """Deal the rows of a table into a training, a validation and a test part.

    Parameters
    ----------
    X : array_like, shape (n, ...)
    y : array_like, shape (n,) or (n, k)
    fractions : three numbers that sum to 1, default (0.6, 0.2, 0.2)
        Shares of training, validation and test; the last two may be 0.
    rng : numpy.random.Generator or int
        The source of the shuffle, or a seed for it.
    stratify : bool, default False
        Keep the share of each class of `y` alike in the three parts (within two rows).
        At least one row of each class then goes to the training part.

    Returns
    -------
    Split
        Copies of the rows; each row is in exactly one part.

    Raises
    ------
    ValueError
        If the fractions do not make three parts, or there are too few rows for them.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.arange(10).reshape(10, 1), np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    >>> parts = split(X, y, rng=0, stratify=True)
    >>> parts.X_train.shape, parts.X_validation.shape, parts.X_test.shape
    ((6, 1), (2, 1), (2, 1))
    >>> sorted(parts.y_test)
    [np.int64(0), np.int64(1)]
    """
    X, y = array("X", X), array("y", y)
    same_rows(X, y)
    yes_or_no("stratify", stratify)
    parts = split_indices(len(X), fractions, rng=rng, labels=y if stratify else None)
    return Split(*(array[rows] for rows in parts for array in (X, y)))


def split_indices(
    n: int,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    *,
    rng: np.random.Generator | int,
    labels: ArrayLike | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which of n rows go to training, validation and test, in shuffled order.

    Parameters
    ----------
    n : int
    fractions, rng
        As in `split`.
    labels : array_like, shape (n,), optional
        Classes whose shares shall be alike in the three parts: whole numbers, truth values or text.

    Returns
    -------
    tuple of three ndarray of int
        Disjoint, and together all of 0 ... n - 1.

    Examples
    --------
    >>> train, validation, test = split_indices(10, (0.5, 0.3, 0.2), rng=0)
    >>> train.size, validation.size, test.size
    (5, 3, 2)
    """
    n = count("n", n, low=0)
    room(n, f"`n` = {n}")
    sizes = _sizes(n, fractions)
    order = seeded("rng", rng).permutation(n)
    part = np.zeros(n, dtype=np.int64)
    if labels is None:
        part[order] = np.repeat([0, 1, 2], sizes)
    else:
        ranks = _ranks(labels, n)
        grouped = order[np.argsort(ranks[order], kind="stable")]
        first = np.unique(ranks[grouped], return_index=True)[1]
        if first.size > sizes[0]:
            raise ValueError(
                f"the training part of {sizes[0]} rows cannot hold one row of each of "
                f"{first.size} classes; give it more rows, or do not stratify"
            )
        rest = np.delete(grouped, first)  # one row of each class stays in training
        part[rest] = _deal((sizes[0] - first.size, *sizes[1:]))
    return tuple(order[part[order] == j] for j in range(3))


def _sizes(n: int, fractions: Sequence[float]) -> tuple[int, int, int]:
    try:
        shares = numbers("fractions", fractions, empty=True)
    except (TypeError, ValueError):
        shares = np.zeros(0)
    proper = shares.shape == (3,) and (shares >= 0).all() and abs(shares.sum() - 1) < 1e-9
    if not proper or shares[0] == 0:
        raise ValueError(
            "`fractions` must be three shares (training, validation, test), none "
            f"negative and the first above 0, that sum to 1, got {fractions}"
        )
    validation, test = (max(1, round(n * share)) if share else 0 for share in shares[1:].tolist())
    if n - validation - test < 1:
        raise ValueError(f"{n} rows are too few for the fractions {tuple(shares.tolist())}")
    return n - validation - test, validation, test


def _ranks(labels: ArrayLike, n: int) -> np.ndarray:
    labels = as_labels(
        "labels", labels, fractions="; numbers to predict are split with stratify=False"
    )
    if labels.shape != (n,):
        raise ValueError(f"`labels` must have shape (n,) = ({n},) to stratify, got {labels.shape}")
    return np.unique(labels, return_inverse=True)[1]


def _deal(sizes: tuple[int, int, int]) -> np.ndarray:
    """Order the parts so that every stretch of the sequence holds each in its share."""
    due = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes])
    return np.repeat([0, 1, 2], sizes)[np.argsort(due, kind="stable")]
