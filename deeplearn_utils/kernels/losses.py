"""Loss functions, each value beside its gradient with respect to the prediction.

All are called `(prediction, target)`. The shapes must agree: a target is never broadcast. The two
cross-entropies take logits, the raw outputs of the last layer, because only so are they exact
for confident predictions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, arange, asarray, has_values, namespace, to_numpy
from ..checks import float_arrays, in_range, not_empty, number, one_library, same_shape, shape
from .activations import check_classes, sigmoid, softmax


@dataclass(frozen=True)
class Loss:
    """A loss: its value, and its gradient with respect to the prediction."""

    value: Callable[..., Array]
    gradient: Callable[..., Array]


def _paired(prediction: Array, target: Array) -> tuple[Any, Array, Array]:
    xp, prediction = float_arrays(prediction=prediction)
    not_empty("prediction", prediction)
    target = _converted(target, prediction)
    same_shape("target", target, "prediction", prediction)
    return xp, prediction, target


def _converted(target: Array, prediction: Array) -> Array:
    xp = one_library(prediction=prediction, target=target)
    if isinstance(target, (int, float, np.generic)):
        target = asarray(target, like=prediction)
    if target.dtype == prediction.dtype:
        return target
    if not any(xp.isdtype(target.dtype, k) for k in ("real floating", "integral", "bool")):
        raise TypeError(f"`target` must hold numbers, got {target.dtype}; try target.astype(float)")
    return xp.astype(target, prediction.dtype)


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
    δ = _delta(delta, prediction)
    e = xp.abs(prediction - target)
    q = xp.minimum(e, δ)
    return xp.mean(q * (e - 0.5 * q))


def huber_gradient(prediction: Array, target: Array, /, *, delta: float = 1.0) -> Array:
    """Return (prediction - target) / size, with the difference cut off at ±delta."""
    xp, prediction, target = _paired(prediction, target)
    δ = _delta(delta, prediction)
    return xp.maximum(xp.minimum(prediction - target, δ), -δ) / _size(prediction)


def _delta(delta: float, prediction: Array) -> Any:
    return number(in_range("delta", delta, 0.0, open_low=True), prediction)


def binary_cross_entropy(prediction: Array, target: Array, /) -> Array:
    """Return the mean binary cross-entropy of logits.

    The mean of -t log p - (1 - t) log(1 - p) with p = sigmoid(prediction), computed as
    t max(-z, 0) + (1 - t) max(z, 0) + log(1 + exp(-|z|)), which is exact for large logits.

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
    missed = xp.where(t > 0.0, xp.maximum(-z, 0.0), 0.0)  # 0 times infinity would be NaN
    raised = xp.where(t < 1.0, xp.maximum(z, 0.0), 0.0)
    return xp.mean(t * missed + (1.0 - t) * raised + xp.log1p(xp.exp(-xp.abs(z))))


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
    surprise = xp.where(t != 0.0, log_sum - z, 0.0)  # a logit of -infinity may have t = 0
    return xp.sum(t * surprise) / z.shape[0]


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
    labels = xp.astype(labels, xp.int32)  # a uint8 could not count beyond 255 classes
    matches = labels[:, None] == arange(n_classes, like=labels)[None, :]
    return xp.astype(matches, like.dtype)


def _classes(prediction: Array, target: Array) -> tuple[Any, Array, Array]:
    xp, z = float_arrays(prediction=prediction)
    shape("prediction", z, ("n", "k"), "(samples, classes)")
    not_empty("prediction", z)
    check_classes("prediction", z)
    one_library(prediction=prediction, target=target)
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
    if has_values(target):
        _refuse_outside(to_numpy(target), 0, k - 1, "labels")


def _check_probabilities(t: Array) -> Array:
    if has_values(t):
        _refuse_outside(to_numpy(t), 0, 1, "values")
    return t


def _refuse_outside(values: np.ndarray, low: int, high: int, what: str) -> None:
    if values.min() < low or values.max() > high:
        wrong = values[(values < low) | (values > high)].flat[0]
        raise ValueError(f"`target` must hold {what} from {low} to {high}, got {wrong}")


LOSSES: dict[str, Loss] = {
    "mse": Loss(mse, mse_gradient),
    "mae": Loss(mae, mae_gradient),
    "huber": Loss(huber, huber_gradient),
    "binary_cross_entropy": Loss(binary_cross_entropy, binary_cross_entropy_gradient),
    "softmax_cross_entropy": Loss(softmax_cross_entropy, softmax_cross_entropy_gradient),
}
