"""Folds: every row is held out once."""

import numpy as np
from numpy.typing import ArrayLike

from ..checks import count, generator, room
from ..intake import labels as as_labels

__all__ = ["group_k_fold", "k_fold", "stratified_k_fold"]

Fold = tuple[np.ndarray, np.ndarray]


def k_fold(n: int, k: int, rng: np.random.Generator | None = None) -> list[Fold]:
    """Divide n rows into k parts, and hold out each part once.

    Parameters
    ----------
    n : int
        How many rows there are.
    k : int
        How many parts, 2 ... n. Their sizes differ by at most one.
    rng : numpy.random.Generator, optional
        Shuffles the rows first. Without it the parts are stretches of neighbors, which is wrong
        for a table sorted by its target.

    Returns
    -------
    list of (training, validation)
        Two sorted arrays of row numbers a fold.

    Raises
    ------
    TypeError, ValueError
        If `n` or `k` is no whole number, or there are fewer than two or more than n parts.

    Notes
    -----
    Source: M. Stone, Cross-validatory choice and assessment of statistical predictions, Journal of
    the Royal Statistical Society B 36, 1974. Without `rng` the folds are scikit-learn's ``KFold``.

    Examples
    --------
    >>> for training, validation in k_fold(5, 2):
    ...     print(training, validation)
    [3 4] [0 1 2]
    [0 1 2] [3 4]
    """
    n = count("n", n)
    k = _checked_k(k, n, n, "rows")
    fold_of_row = np.repeat(np.arange(k), [n // k + (fold < n % k) for fold in range(k)])
    return _folds(_shuffled(fold_of_row, rng), k)


def stratified_k_fold(
    labels: ArrayLike, k: int, rng: np.random.Generator | None = None
) -> list[Fold]:
    """Divide rows into k parts with the same share of each class, and hold out each part once.

    Parameters
    ----------
    labels : array_like, shape (n,)
        The class of each row, each class with at least two rows: whole numbers, truth values or
        text.
    k : int
        How many parts, from 2 to the size of the largest class.
    rng : numpy.random.Generator, optional
        Shuffles the rows of each class first.

    Returns
    -------
    list of (training, validation)
        Two sorted arrays of row numbers a fold. In every part the count of a class is its
        share, rounded up or down.

    Raises
    ------
    TypeError
        If labels are of two kinds, or of none of these.
    ValueError
        If `labels` has the wrong shape or a label is missing, `k` does not fit, or a class has a
        single row: the fold that holds it out could not learn it.

    Notes
    -----
    Without `rng` the folds are scikit-learn's ``StratifiedKFold``.

    Examples
    --------
    >>> for training, validation in stratified_k_fold([0, 0, 0, 0, 1, 1], 2):
    ...     print(training, validation)
    [2 3 5] [0 1 4]
    [0 1 4] [2 3 5]
    """
    labels = as_labels("labels", labels, fractions="; numbers to predict are split with k_fold")
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(f"`labels` must have shape (n,), one label a row, got {labels.shape}")
    classes, first, ranks, sizes = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    k = _checked_k(k, labels.size, int(sizes.max()), "rows of the largest class")
    if sizes.min() < 2:
        raise ValueError(
            "`labels` must have two rows of each class, got one of class "
            f"{classes[sizes.argmin()]}; leave this row out, or use k_fold"
        )
    # Deal the rows, sorted by class (in order of appearance), to the folds in turn. The counts
    # that result are met within each class from its first row to its last.
    ranks, sizes = np.argsort(np.argsort(first))[ranks], sizes[np.argsort(first)]
    rows = np.split(np.argsort(ranks, kind="stable"), np.cumsum(sizes)[:-1])
    fold_of_row, dealt = np.empty(labels.size, dtype=np.int64), 0
    for rows_of_class in rows:
        folds = np.sort(np.arange(dealt, dealt + rows_of_class.size) % k)
        fold_of_row[rows_of_class] = _shuffled(folds, rng)
        dealt += rows_of_class.size
    return _folds(fold_of_row, k)


def group_k_fold(groups: ArrayLike, k: int) -> list[Fold]:
    """Divide rows into k parts without tearing a group apart, and hold out each part once.

    The largest group goes first, and each one to the part that has the fewest rows so far.

    Parameters
    ----------
    groups : array_like, shape (n,)
        What each row belongs to, such as its patient: whole numbers, truth values or text.
    k : int
        How many parts, from 2 to the number of groups.

    Returns
    -------
    list of (training, validation)
        Two sorted arrays of row numbers a fold; no group is in both.

    Raises
    ------
    TypeError
        If names of groups are of two kinds, or of none of these.
    ValueError
        If `groups` has the wrong shape or a name is missing, or `k` does not fit.

    Notes
    -----
    The folds are those of scikit-learn's ``GroupKFold``.

    Examples
    --------
    >>> for training, validation in group_k_fold(["Ann", "Ann", "Bo", "Cy", "Ann", "Bo"], 2):
    ...     print(training, validation)
    [2 3 5] [0 1 4]
    [0 1 4] [2 3 5]
    """
    groups = as_labels("groups", groups, fractions="; name each group by a whole number")
    if groups.ndim != 1 or groups.size == 0:
        raise ValueError(f"`groups` must have shape (n,), one group a row, got {groups.shape}")
    names, group_of_row, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    k = _checked_k(k, groups.size, names.size, "groups")
    fold_of_group, rows = np.empty(names.size, dtype=np.int64), np.zeros(k, dtype=np.int64)
    for group in np.argsort(sizes, kind="stable")[::-1]:
        fold_of_group[group] = rows.argmin()
        rows[fold_of_group[group]] += sizes[group]
    return _folds(fold_of_group[group_of_row], k)


def _checked_k(k: int, n: int, largest: int, what: str) -> int:
    k = count("k", k, low=2)
    if k > largest:
        raise ValueError(f"`k` must be at most the number of {what}, {largest}, got {k}")
    room(n * k, f"`k` = {k} folds of {n} rows", "; take fewer folds")
    return k


def _shuffled(x: np.ndarray, rng: np.random.Generator | None) -> np.ndarray:
    if rng is None:
        return x
    generator("rng", rng)
    return rng.permutation(x)


def _folds(fold_of_row: np.ndarray, k: int) -> list[Fold]:
    held_out = [fold_of_row == fold for fold in range(k)]
    return [(np.flatnonzero(~rows), np.flatnonzero(rows)) for rows in held_out]
