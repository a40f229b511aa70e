"""How far predicted numbers are from the true ones."""

import numpy as np

from ..arrays import Array
from ..checks import same_shape
from ..intake import column_names, numbers, refuse_unknown

__all__ = ["mean_absolute_error", "mean_squared_error", "r2_score"]


def mean_absolute_error(prediction: Array, target: Array) -> float:
    r"""Measure the mean distance :math:`\frac1n \sum_i |\hat y_i - y_i|`, in the target's units.

    Parameters
    ----------
    prediction, target : array_like of numbers, any shape
        Of the same shape: nothing is broadcast.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes differ, there are no numbers, or one is NaN or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> mean_absolute_error(np.array([1.0, 5.0]), np.array([2.0, 2.0]))
    2.0
    """
    prediction, target = _values(prediction, target)
    mantissas, exponent = _differences(prediction, target)
    return _times_power(np.mean(np.abs(mantissas)), exponent)


def mean_squared_error(prediction: Array, target: Array) -> float:
    r"""Measure the mean square :math:`\frac1n \sum_i (\hat y_i - y_i)^2`, over all elements.

    Parameters, returns and raises as in `mean_absolute_error`.

    Examples
    --------
    >>> import numpy as np
    >>> mean_squared_error(np.array([1.0, 5.0]), np.array([2.0, 2.0]))
    5.0
    """
    prediction, target = _values(prediction, target)
    mantissas, exponent = _differences(prediction, target)
    return _times_power(np.mean(mantissas**2), 2 * exponent)


def r2_score(prediction: Array, target: Array) -> float:
    r"""Measure the explained share of the variance, 1 for a perfect prediction.

    .. math::
        R^2 = 1 - \frac{\sum_i (\hat y_i - y_i)^2}{\sum_i (y_i - \bar y)^2}

    Predicting the mean gives 0, worse predictions are negative. Several columns are averaged.

    Parameters
    ----------
    prediction, target : array_like of numbers, shape (n,) or (n, k)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `mean_absolute_error`, and if the target does not vary: no share of nothing.

    Examples
    --------
    >>> import numpy as np
    >>> r2_score(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    prediction, target = _values(prediction, target)
    if target.ndim not in (1, 2):
        raise ValueError(f"`target` must have shape (n,) or (n, k), got {target.shape}")
    if np.any(target.max(axis=0) == target.min(axis=0)):
        raise ValueError("`target` must vary for R² to mean something, got a constant column")
    errors, of_errors = _differences(prediction, target, axis=0)
    scaled, of_target = _scaled(target, axis=0)
    centered, of_centered = _scaled(scaled - scaled.mean(axis=0), axis=0)
    unexplained = _times_power(
        np.sum(errors**2, axis=0) / np.sum(centered**2, axis=0),
        2 * (of_errors - of_target - of_centered),
    )
    return float(np.mean(1 - unexplained))


def _values(prediction: Array, target: Array) -> tuple[np.ndarray, np.ndarray]:
    arrays = []
    for name, x in (("prediction", prediction), ("target", target)):
        values = numbers(name, x)
        refuse_unknown(name, values, columns=column_names(x))
        arrays.append(values)
    same_shape("prediction", arrays[0], "target", arrays[1])
    return arrays[0], arrays[1]


def _differences(
    prediction: np.ndarray, target: np.ndarray, axis: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return prediction - target as in `_scaled`, also where the difference overflows."""
    with np.errstate(over="ignore"):
        difference = prediction - target
    if np.isfinite(difference).all():
        return _scaled(difference, axis)
    mantissas, exponent = _scaled(prediction / 2 - target / 2, axis)
    return mantissas, exponent + 1


def _scaled(x: np.ndarray, axis: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Write numbers as m 2ᵏ with |m| <= 1: squares neither overflow nor vanish, nothing is lost."""
    exponent = np.frexp(np.max(np.abs(x), axis=axis))[1]
    return np.ldexp(x, -exponent), exponent


def _times_power(x: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", under="ignore"):  # beyond float64 a number is infinite
        result = np.ldexp(x, exponent)
    return result if result.ndim else float(result)
