"""Cross-validation: train and score once for each fold."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..arrays import Array, namespace, rows
from ..checks import instance, yes_or_no
from ..intake import numbers, unless_array
from .folds import k_fold, stratified_k_fold

__all__ = ["CrossValidation", "cross_validate"]


@dataclass(frozen=True)
class CrossValidation:
    """The score of each fold, and what they say together.

    Attributes
    ----------
    scores : tuple of float
        One a fold.
    """

    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean score."""
        return float(np.mean(self.scores))

    @property
    def spread(self) -> float:
        """The standard deviation of the scores, over k - 1."""
        return float(np.std(self.scores, ddof=1))


def cross_validate(
    fit_and_score: Callable[[Array, Array, Array, Array], float],
    X: Array,
    y: Array,
    k: int,
    *,
    rng: np.random.Generator | None = None,
    stratify: bool = False,
) -> CrossValidation:
    """Train and score k times, each time on other rows.

    Parameters
    ----------
    fit_and_score : callable
        Called as ``fit_and_score(X_train, y_train, X_validation, y_validation)``; returns one
        number. Whatever is fitted - scaling, filling, choosing features, the network - belongs
        inside: it only ever sees the rows of its fold, so nothing can leak.
    X, y : array_like, shapes (n, ...) and (n,) or (n, k)
        Arrays of any library stay what they are; lists and data frames become NumPy arrays.
    k : int
        How many folds.
    rng : numpy.random.Generator, optional
        Shuffles the rows.
    stratify : bool, default False
        Whether each fold has the same share of the classes of `y`.

    Returns
    -------
    CrossValidation

    Raises
    ------
    TypeError, ValueError
        If the shapes or `k` do not fit, or a score is not one finite number.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.arange(6.0)[:, None], np.array([1.0, 1.0, 1.0, 3.0, 3.0, 3.0])
    >>> def error_of_the_mean(X_train, y_train, X_validation, y_validation):
    ...     return np.mean(np.abs(y_validation - y_train.mean()))
    >>> cross_validate(error_of_the_mean, X, y, 2)
    CrossValidation(scores=(2.0, 2.0))
    """
    instance("fit_and_score", fit_and_score, Callable, "a function of X, y, and X, y to judge on")
    X, y = unless_array("X", X), unless_array("y", y)
    namespace(X, y)
    yes_or_no("stratify", stratify)
    if not X.shape or X.shape[:1] != y.shape[:1]:
        raise ValueError(
            f"`X` and `y` must have one row a sample, got shapes {tuple(X.shape)} and "
            f"{tuple(y.shape)}"
        )
    folds = stratified_k_fold(y, k, rng) if stratify else k_fold(int(X.shape[0]), k, rng)
    scores = []
    for number, (training, validation) in enumerate(folds):
        parts = [rows(x, part) for part in (training, validation) for x in (X, y)]
        scores.append(_score(fit_and_score(*parts), number))
    return CrossValidation(tuple(scores))


def _score(score: float, fold: int) -> float:
    try:
        value = numbers("score", score, empty=True)
    except TypeError:
        value = np.array(np.nan)
    if value.ndim or not np.isfinite(value):
        raise ValueError(
            f"`fit_and_score` must return one finite number, got {score!r} in fold {fold}"
        )
    return float(value)
