"""Loss functions, each value beside its gradient with respect to the prediction.

All are called `(prediction, target)`. The shapes must agree: a target is never broadcast. The two
cross-entropies take logits, the raw outputs of the last layer, because only so are they exact
for confident predictions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, arange, asarray, library, namespace
from ..checks import float_arrays, in_range, not_empty, same_shape, shape
from .activations import check_classes, sigmoid, softmax


@dataclass(frozen=True)
class Loss:
    """A loss: its value, and its gradient with respect to the prediction."""

    value: Callable[..., Array]
    gradient: Callable[..., Array]


def _paired(prediction: Array, target: Array) -> tuple[Any, Array, Array]:
    xp, prediction = float_arrays(prediction=prediction)
    not_empty("prediction", prediction)
    namespace(prediction, target)
    if isinstance(target, (int, float)):
        target = asarray(target, like=prediction)
    same_shape("target", target, "prediction", prediction)
    return xp, prediction, _converted(target, prediction)


def _converted(target: Array, prediction: Array) -> Array:
    if target.dtype == prediction.dtype:
        return target
    return namespace(prediction).astype(target, prediction.dtype)


def _size(x: Array) -> int:
    size = 1
    for n in x.shape:
        size *= int(n)
    return size


def mse(prediction: Array, target: Array, /) -> Array:
    """Return the mean squared error, the mean of (prediction - target)² over all elements.

    Parameters
    ----------
    prediction : array, any shape
        Floating point, at least one element.
    target : array, same shape
        Converted to the dtype of `prediction`.

    Returns
    -------
    array without axes
        In the square of the target's unit.

    Raises
    ------
    TypeError
        When `prediction` holds no floating-point numbers.
    ValueError
        When the shapes differ or the batch is empty.

    Examples
    --------
    >>> import numpy as np
    >>> float(mse(np.array([[1.0], [3.0]]), np.array([[0.0], [1.0]])))
    2.5
    """
    xp, prediction, target = _paired(prediction, target)
    return xp.mean(xp.square(prediction - target))


def mse_gradient(prediction: Array, target: Array, /) -> Array:
    """Return 2 (prediction - target) / size."""
    _, prediction, target = _paired(prediction, target)
    return (2.0 / _size(prediction)) * (prediction - target)


def mae(prediction: Array, target: Array, /) -> Array:
    """Return the mean absolute error over all elements, in the target's unit.

    Examples
    --------
    >>> import numpy as np
    >>> float(mae(np.array([1.0, 3.0]), np.array([0.0, 1.0])))
    1.5
    """
    xp, prediction, target = _paired(prediction, target)
    return xp.mean(xp.abs(prediction - target))


def mae_gradient(prediction: Array, target: Array, /) -> Array:
    """Return sign(prediction - target) / size: 0 where both are equal."""
    xp, prediction, target = _paired(prediction, target)
    return xp.sign(prediction - target) / _size(prediction)


def huber(prediction: Array, target: Array, /, *, delta: float = 1.0) -> Array:
    """Return the mean Huber loss: e² / 2 up to |e| = delta, then delta (|e| - delta / 2).

    Source: Huber, "Robust estimation of a location parameter" (1964).

    Examples
    --------
    >>> import numpy as np
    >>> float(huber(np.array([0.5, 3.0]), np.array([0.0, 0.0])))
    1.3125
    """
    xp, prediction, target = _paired(prediction, target)
    in_range("delta", delta, 0.0, open_low=True)
    e = xp.abs(prediction - target)
    q = xp.minimum(e, delta)
    return xp.mean(q * (e - 0.5 * q))


def huber_gradient(prediction: Array, target: Array, /, *, delta: float = 1.0) -> Array:
    """Return (prediction - target) / size, with the difference cut off at ±delta."""
    xp, prediction, target = _paired(prediction, target)
    in_range("delta", delta, 0.0, open_low=True)
    return xp.maximum(xp.minimum(prediction - target, delta), -delta) / _size(prediction)


def binary_cross_entropy(prediction: Array, target: Array, /) -> Array:
    """Return the mean binary cross-entropy of logits.

    The mean of -t log p - (1 - t) log(1 - p) with p = sigmoid(prediction), computed as
    max(z, 0) - z t + log(1 + exp(-|z|)), which is exact for large logits.

    Parameters
    ----------
    prediction : array, any shape
        Logits z, floating point.
    target : array, same shape
        The class 0 or 1, or the probability of class 1.

    Returns
    -------
    array without axes
        In nats.

    Raises
    ------
    ValueError
        When the shapes differ, the batch is empty, or a target lies outside [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> float(binary_cross_entropy(np.array([0.0, 500.0]), np.array([1, 0])).round(4))
    250.3466
    """
    xp, z, t = _paired(prediction, target)
    _check_probabilities(t)
    return xp.mean(xp.maximum(z, 0.0) - z * t + xp.log1p(xp.exp(-xp.abs(z))))


def binary_cross_entropy_gradient(prediction: Array, target: Array, /) -> Array:
    """Return (sigmoid(prediction) - target) / size."""
    _, z, t = _paired(prediction, target)
    _check_probabilities(t)
    return (sigmoid(z) - t) / _size(z)


def softmax_cross_entropy(prediction: Array, target: Array, /) -> Array:
    """Return the mean cross-entropy of softmax(prediction) against the target.

    The mean over rows of log Σ exp(z) - z[label], with the largest logit taken out of the sum.

    Parameters
    ----------
    prediction : array, shape (n, k)
        Logits z of k classes.
    target : array, shape (n,) or (n, k)
        Integer labels from 0 to k - 1, or the probability of each class.

    Returns
    -------
    array without axes
        In nats; log k for a network that knows nothing.

    Raises
    ------
    TypeError
        When one-dimensional targets are not integers.
    ValueError
        When shapes don't fit, the batch is empty, or a label is outside 0 to k - 1.

    Examples
    --------
    >>> import numpy as np
    >>> float(softmax_cross_entropy(np.zeros((2, 10)), np.array([3, 7])).round(4))
    2.3026
    """
    xp, z, t = _classes(prediction, target)
    z = z - xp.max(z, axis=1, keepdims=True)
    log_sum = xp.log(xp.sum(xp.exp(z), axis=1, keepdims=True))
    picked = xp.where(t > 0.0, t * (log_sum - z), 0.0)  # a logit of -infinity may have t = 0
    return xp.sum(picked) / z.shape[0]


def softmax_cross_entropy_gradient(prediction: Array, target: Array, /) -> Array:
    """Return (softmax(prediction) - target) / n, with labels as one-hot rows."""
    xp, z, t = _classes(prediction, target)
    return (softmax(z) * xp.sum(t, axis=1, keepdims=True) - t) / z.shape[0]


def one_hot(labels: Array, n_classes: int, /, *, like: Array) -> Array:
    """Return rows that are 1 in the column of the label and 0 elsewhere.

    Parameters
    ----------
    labels : array of integers, shape (n,)
    n_classes : int
        The number of columns, k.
    like : array
        Gives the dtype of the result.

    Returns
    -------
    array, shape (n, k)

    Examples
    --------
    >>> import numpy as np
    >>> one_hot(np.array([2, 0]), 3, like=np.zeros(1))
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    xp = namespace(labels)
    matches = labels[:, None] == arange(n_classes, like=labels)[None, :]
    return xp.astype(matches, like.dtype)


def _classes(prediction: Array, target: Array) -> tuple[Any, Array, Array]:
    xp, z = float_arrays(prediction=prediction)
    shape("prediction", z, ("n", "k"), "(samples, classes)")
    not_empty("prediction", z)
    check_classes("prediction", z)
    namespace(z, target)
    if len(target.shape) != 1:
        if target.shape[1:] == (1,) and z.shape[1] != 1:
            shape("target", target, (z.shape[0],), "(samples,)")
        same_shape("target", target, "prediction", z)
        return xp, z, _check_probabilities(_converted(target, z))
    shape("target", target, (z.shape[0],), "(samples,)")
    _check_labels(target, z.shape[1])
    return xp, z, one_hot(target, z.shape[1], like=z)


def _check_labels(target: Array, k: int) -> None:
    if not namespace(target).isdtype(target.dtype, "integral"):
        raise TypeError(
            f"`target` must hold integer labels, got {target.dtype}; try target.astype(int)"
        )
    if library(target) == "numpy" and (target.min() < 0 or target.max() >= k):
        wrong = target[(target < 0) | (target >= k)][0]
        raise ValueError(f"`target` must hold labels from 0 to {k - 1}, got {wrong}")


def _check_probabilities(t: Array) -> Array:
    if library(t) == "numpy" and (np.min(t) < 0.0 or np.max(t) > 1.0):
        wrong = t[(t < 0.0) | (t > 1.0)][0]
        raise ValueError(f"`target` must hold values from 0 to 1, got {wrong}")
    return t


LOSSES: dict[str, Loss] = {
    "mse": Loss(mse, mse_gradient),
    "mae": Loss(mae, mae_gradient),
    "huber": Loss(huber, huber_gradient),
    "binary_cross_entropy": Loss(binary_cross_entropy, binary_cross_entropy_gradient),
    "softmax_cross_entropy": Loss(softmax_cross_entropy, softmax_cross_entropy_gradient),
}
