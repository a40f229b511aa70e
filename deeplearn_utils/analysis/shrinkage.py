"""Penalized fits: ridge and lasso of a linear model, and proximal descent for any loss.

The loss of the linear model is the mean squared error, and the intercept is free, as in training.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ..checks import (
    count,
    finite,
    float_arrays,
    in_range,
    instance,
    not_empty,
    same_shape,
    shape,
)
from ..intake import numbers_like
from ..protocols import Regularizer

__all__ = ["LinearFit", "lasso", "proximal_descent", "ridge", "ridge_path"]


class LinearFit(NamedTuple):
    """A linear model: it predicts ``X @ weights + intercept``."""

    weights: np.ndarray  # (d,)
    intercept: float


def ridge(X: np.ndarray, y: np.ndarray, strength: float) -> LinearFit:
    r"""Minimize mean (Xw + b - y)² + λ Σ w² in closed form.

    .. math:: w = (\tilde X^\top \tilde X + n \lambda I)^{-1} \tilde X^\top \tilde y

    with the means of the columns and of the targets taken away. It is computed from the singular
    values, so that λ = 0 gives the shortest of all least-squares solutions.

    Parameters
    ----------
    X : ndarray, shape (n, d)
    y : ndarray, shape (n,)
    strength : float
        λ, at least 0.

    Returns
    -------
    LinearFit

    Raises
    ------
    TypeError, ValueError
        When shapes don't fit, a number isn't finite, or λ is below 0.

    Notes
    -----
    Source: Hoerl and Kennard, "Ridge regression" (1970).

    Examples
    --------
    >>> ridge(np.array([[-1.0], [1.0]]), np.array([1.0, 5.0]), 1.0)
    LinearFit(weights=array([1.]), intercept=3.0)
    """
    (fit,) = ridge_path(X, y, [strength])
    return fit


def ridge_path(X: np.ndarray, y: np.ndarray, strengths: Sequence[float]) -> list[LinearFit]:
    """Return the fit of `ridge` at each strength, all from one singular value decomposition.

    Examples
    --------
    >>> X, y = np.array([[-1.0], [1.0]]), np.array([1.0, 5.0])
    >>> [fit.weights for fit in ridge_path(X, y, [0.0, 1.0])]
    [array([2.]), array([1.])]
    """
    instance("strengths", strengths, Iterable, "a sequence of numbers, such as [0.0, 0.1]")
    X, y = _table(X, y)
    X_mean, y_mean = X.mean(axis=0), y.mean()
    U, s, Vt = np.linalg.svd(X - X_mean, full_matrices=False)
    kept = s > s[0] * max(X.shape) * np.finfo(s.dtype).eps
    along, s = U.T @ (y - y_mean), np.where(kept, s, 1.0)
    fits = []
    for strength in strengths:
        penalty = len(X) * float(in_range("strength", strength, 0.0))
        with np.errstate(over="ignore"):
            divisor = s + penalty / s  # s² would be out of range for tiny and huge X
        w = Vt.T @ (np.where(kept, 1.0 / divisor, 0.0) * along)
        fits.append(LinearFit(w, float(y_mean - X_mean @ w)))
    return fits


def lasso(
    X: np.ndarray, y: np.ndarray, strength: float, *, tolerance: float = 1e-9, sweeps: int = 10_000
) -> LinearFit:
    """Minimize mean (Xw + b - y)² + λ Σ |w|, one weight after the other.

    Along one weight the minimum is a soft threshold; sweeps over all weights go on until none of
    them moves the predictions by more than `tolerance` times the spread of y.

    Parameters
    ----------
    X : ndarray, shape (n, d)
    y : ndarray, shape (n,)
    strength : float
        λ, at least 0.
    tolerance : float, default 1e-9
    sweeps : int, default 10,000
        How many are too many.

    Returns
    -------
    LinearFit
        A weight that the penalty switches off is exactly 0.

    Raises
    ------
    TypeError, ValueError
        When shapes don't fit, a number isn't finite, or an option is outside its range.
    RuntimeError
        When the last sweep still moved the weights.

    Notes
    -----
    Sources: Tibshirani, "Regression shrinkage and selection via the lasso" (1996); Friedman, Hastie
    and Tibshirani, "Regularization paths for generalized linear models via coordinate descent"
    (2010).

    Examples
    --------
    >>> X = np.array([[-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    >>> lasso(X, 3 * X[:, 0] + 0.1 * X[:, 1] + 2, 1.0)
    LinearFit(weights=array([2.5, 0. ]), intercept=2.0)
    """
    X, y = _table(X, y)
    half = float(in_range("strength", strength, 0.0)) / 2
    tolerance = float(in_range("tolerance", tolerance, 0.0, open_low=True))
    X_mean, y_mean = X.mean(axis=0), y.mean()
    C, rest = np.ascontiguousarray((X - X_mean).T), y - y_mean  # (d, n), (n,)
    # In units of powers of two nothing is rounded, and no square is out of range.
    of_C, of_y = (np.frexp(np.abs(x).max(axis=-1))[1] for x in (C, rest))
    C, rest = np.ldexp(C, -of_C[:, None]), np.ldexp(rest, -of_y)
    with np.errstate(over="ignore"):
        half = np.ldexp(half, -of_C - of_y)  # (d,)
    n, squares = len(y), (C**2).mean(axis=1)
    limit = tolerance * float(rest.std())
    w = np.zeros(len(C))
    for _ in range(count("sweeps", sweeps)):
        largest = 0.0
        for j in np.flatnonzero(squares):
            before = w[j]
            pull = C[j].dot(rest) / n + squares[j] * before
            w[j] = np.sign(pull) * max(abs(pull) - half[j], 0.0) / squares[j]
            change = before - w[j]
            if change:
                rest += change * C[j]
                largest = max(largest, abs(change) * np.sqrt(squares[j]))
        if largest <= limit:
            w = np.ldexp(w, of_y - of_C) + 0.0
            return LinearFit(w, float(y_mean - X_mean @ w))
    raise RuntimeError(
        f"the weights still moved after {sweeps} sweeps; try a larger `strength` or `tolerance`"
    )


def proximal_descent(
    gradient: Callable[[np.ndarray], np.ndarray],
    theta: np.ndarray,
    regularizer: Regularizer,
    mask: np.ndarray,
    *,
    learning_rate: float,
    steps: int,
    momentum: float = 0.0,
) -> np.ndarray:
    """Take steps down the loss, and after each one the penalty's proximal step.

    With momentum the gradient is taken ahead of θ, as in Nesterov's method.

    Parameters
    ----------
    gradient : callable
        θ to the gradient of the loss without the penalty.
    theta : ndarray, shape (n_parameters,)
        Where to start. It is not changed.
    regularizer : L1, L2 or ElasticNet
        Or any object with their method `proximal`.
    mask : ndarray, same shape as theta
        1.0 for what is penalized, 0.0 for what is not.
    learning_rate : float
        Above 0.
    steps : int
        At least 1.
    momentum : float, default 0
        At least 0 and below 1.

    Returns
    -------
    ndarray, same shape as theta

    Raises
    ------
    TypeError, ValueError
        When an option is outside its range or the mask has another shape.

    Notes
    -----
    Sources: Daubechies, Defrise and De Mol, "An iterative thresholding algorithm" (2004); Beck and
    Teboulle, "A fast iterative shrinkage-thresholding algorithm" (2009).

    Examples
    --------
    >>> from deeplearn_utils.regularizers import L1
    >>> goal = np.array([3.0, 0.1])
    >>> options = {"learning_rate": 0.5, "steps": 100}
    >>> proximal_descent(lambda w: w - goal, np.zeros(2), L1(1.0), np.ones(2), **options)
    array([2., 0.])
    """
    instance("gradient", gradient, Callable, "a function of theta")
    if not callable(getattr(regularizer, "proximal", None)) or isinstance(regularizer, type):
        got = type(regularizer).__name__
        raise TypeError(f"`regularizer` must have a method proximal, such as L1(0.1), got {got}")
    _, theta, mask = float_arrays(theta=theta, mask=mask)
    same_shape("mask", mask, "theta", theta)
    rate = float(in_range("learning_rate", learning_rate, 0.0, open_low=True))
    momentum = float(in_range("momentum", momentum, 0.0, 1.0, open_high=True))
    before = theta
    for _ in range(count("steps", steps)):
        ahead = theta + momentum * (theta - before)
        before, slope = theta, numbers_like("gradient", gradient(ahead), theta=theta)
        theta = regularizer.proximal(ahead - rate * slope, mask, rate)
    return theta


def _table(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, X, y = float_arrays(X=X, y=y)
    shape("X", X, ("n", "d"), "(samples, features)")
    not_empty("X", X)
    shape("y", y, (X.shape[0],), "(samples,)")
    finite("X", X)
    finite("y", y)
    return X, y
