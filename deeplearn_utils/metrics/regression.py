"""How far predicted numbers are from the true ones."""

import numpy as np

from ..arrays import Array
from ..checks import same_shape
from .filled import filled_array

__all__ = ["mean_absolute_error", "mean_squared_error", "r2_score"]


def mean_absolute_error(prediction: Array, target: Array) -> float:
    r"""Measure the mean distance :math:`\frac1n \sum_i |\hat y_i - y_i|`, in the target's units.

    Parameters
    ----------
    prediction, target : array of numbers, any shape
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
    return float(np.mean(np.abs(prediction - target)))


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
    return float(np.mean((prediction - target) ** 2))


def r2_score(prediction: Array, target: Array) -> float:
    r"""Measure the explained share of the variance, 1 for a perfect prediction.

    .. math::
        R^2 = 1 - \frac{\sum_i (\hat y_i - y_i)^2}{\sum_i (y_i - \bar y)^2}

    Predicting the mean gives 0, worse predictions are negative. Several columns are averaged.

    Parameters
    ----------
    prediction, target : array of numbers, shape (n,) or (n, k)

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
    residual = np.sum((prediction - target) ** 2, axis=0)
    total = np.sum((target - target.mean(axis=0)) ** 2, axis=0)
    if np.any(target.max(axis=0) == target.min(axis=0)):
        raise ValueError("`target` must vary for R² to mean something, got a constant column")
    return float(np.mean(1 - residual / total))


def _values(prediction: Array, target: Array) -> tuple[np.ndarray, np.ndarray]:
    arrays = []
    for name, x in (("prediction", prediction), ("target", target)):
        x = filled_array(name, x)
        if x.dtype.kind not in "fiub":
            raise TypeError(f"`{name}` must hold numbers, got {x.dtype}")
        if not np.isfinite(x).all():
            raise ValueError(f"`{name}` must be finite, got NaN or infinity")
        arrays.append(x.astype(np.float64))
    same_shape("prediction", arrays[0], "target", arrays[1])
    return arrays[0], arrays[1]
