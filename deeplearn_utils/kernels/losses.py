"""Loss functions, each value beside its gradient with respect to the prediction.

All are called `(prediction, target)`. The shapes must agree: a target is never broadcast. The two
cross-entropies take logits, the raw outputs of the last layer, because only so are they exact
for confident predictions.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ..arrays import Array, arange, asarray, has_values, namespace, to_numpy
from ..checks import (
    count,
    float_arrays,
    in_range,
    not_empty,
    number,
    one_library,
    room,
    same_shape,
    shape,
)
from .activations import check_classes, sigmoid, softmax


def check_numbers(name: str, target: Array, n_outputs: int = 1) -> None:
    """Refuse what holds no real numbers."""
    xp = namespace(target)
    if not any(xp.isdtype(target.dtype, kind) for kind in ("real floating", "integral", "bool")):
        raise TypeError(f"`{name}` must hold numbers, got {target.dtype}; try {name}.astype(float)")


@dataclass(frozen=True)
class Loss:
    """A loss: its value, and its gradient with respect to the prediction.

    `check(name, target, n_outputs)` refuses targets by their numbers, as value and gradient do.
    """

    value: Callable[..., Array]
    gradient: Callable[..., Array]
    check: Callable[[str, Array, int], None] = check_numbers


_CHECKED = ContextVar("the targets' numbers are checked", default=False)


@contextmanager
def checked_targets() -> Iterator[None]:
    """Let the losses trust the targets' numbers, for a caller that has checked them once.

    Looking at them means a copy to the host: at every step that would take longer than the loss.
    """
    token = _CHECKED.set(True)
    try:
        yield
    finally:
        _CHECKED.reset(token)


def _paired(prediction: Array, target: Array) -> tuple[Any, Array, Array]:
    xp, prediction = float_arrays(prediction=prediction)
    not_empty("prediction", prediction)
    target = _converted(target, prediction)
    same_shape("target", target, "prediction", prediction)
    return xp, prediction, target


def _converted(target: Array, prediction: Array) -> Array:
    target = number(target)
    xp = one_library(prediction=prediction, target=target)
    if isinstance(target, (int, float)):
        target = asarray(target, like=prediction)
    if target.dtype == prediction.dtype:
        return target
    check_numbers("target", target)
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
    check_probabilities("target", t)
    missed = xp.where(t > 0.0, xp.maximum(-z, 0.0), 0.0)  # 0 times infinity would be NaN
    raised = xp.where(t < 1.0, xp.maximum(z, 0.0), 0.0)
    return xp.mean(t * missed + (1.0 - t) * raised + xp.log1p(xp.exp(-xp.abs(z))))


def binary_cross_entropy_gradient(prediction: Array, target: Array, /) -> Array:
    """Return (sigmoid(prediction) - target) / size."""
    _, z, t = _paired(prediction, target)
    check_probabilities("target", t)
    return (sigmoid(z) - t) / _size(z)


def softmax_cross_entropy(prediction: Array, target: Array, /) -> Array:
    """Return the mean cross-entropy of softmax(prediction) against the target.

    The mean over rows of log Σ exp(z) - z[label], with the largest logit taken out of the sum.

    Parameters
    ----------
    prediction : array, shape (n, k)
        Logits z of k classes.
    target : array, shape (n,) or (n, k)
        Integer labels from 0 to k - 1, of any width or truth values, or the probability of each
        class.

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
    labels : array of integers or truth values, shape (n,)
    n_classes : int
        The number of columns, k.
    like : array
        Gives the dtype of the result.

    Returns
    -------
    array, shape (n, k)

    Raises
    ------
    TypeError
        When the labels are no whole numbers.
    ValueError
        When a label is outside 0 to k - 1, or so many columns don't fit into memory.

    Examples
    --------
    >>> import numpy as np
    >>> one_hot(np.array([2, 0]), 3, like=np.zeros(1))
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    n_classes = count("n_classes", n_classes)
    one_library(labels=labels)
    one_library(like=like)
    shape("labels", labels, ("n",), "(samples,)")
    room(int(labels.shape[0]) * n_classes, f"`n_classes` = {n_classes}")
    check_labels_or_probabilities("labels", labels, n_classes)
    return _one_hot(labels, n_classes, like=like)


def _one_hot(labels: Array, n_classes: int, *, like: Array) -> Array:
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
    if not hasattr(target, "shape"):
        shape("target", target, (z.shape[0],), "(samples,)")
    if len(target.shape) != 1:
        if target.shape[1:] == (1,) and z.shape[1] != 1:
            shape("target", target, (z.shape[0],), "(samples,)")
        same_shape("target", target, "prediction", z)
        target = _converted(target, z)
        check_labels_or_probabilities("target", target, z.shape[1])
        return xp, z, target
    shape("target", target, (z.shape[0],), "(samples,)")
    check_labels_or_probabilities("target", target, z.shape[1])
    return xp, z, _one_hot(target, z.shape[1], like=z)


def check_labels_or_probabilities(name: str, target: Array, k: int) -> None:
    """Refuse labels outside 0 to k - 1, and rows of values outside 0 to 1."""
    if len(target.shape) != 1:
        return check_probabilities(name, target)
    if not is_whole(target):
        raise TypeError(
            f"`{name}` must hold integer labels, got {target.dtype}; try {name}.astype(int)"
        )
    _refuse_outside(name, target, 0, k - 1, "labels")


def check_probabilities(name: str, target: Array, n_outputs: int = 1) -> None:
    """Refuse values outside 0 to 1."""
    check_numbers(name, target)
    _refuse_outside(name, target, 0, 1, "values")


def is_whole(x: Array) -> bool:
    """Tell whether an array holds labels: integers of any width, or truth values."""
    xp = namespace(x)
    return any(xp.isdtype(x.dtype, kind) for kind in ("integral", "bool"))


def _refuse_outside(name: str, target: Array, low: int, high: int, what: str) -> None:
    if _CHECKED.get() or not has_values(target):
        return
    values = to_numpy(target)
    wrong = values[(values < low) | (values > high)]  # not NaN, which the loss shows
    if wrong.size:
        raise ValueError(f"`{name}` must hold {what} from {low} to {high}, got {wrong[0]}")


LOSSES: dict[str, Loss] = {
    "mse": Loss(mse, mse_gradient),
    "mae": Loss(mae, mae_gradient),
    "huber": Loss(huber, huber_gradient),
    "binary_cross_entropy": Loss(
        binary_cross_entropy, binary_cross_entropy_gradient, check_probabilities
    ),
    "softmax_cross_entropy": Loss(
        softmax_cross_entropy, softmax_cross_entropy_gradient, check_labels_or_probabilities
    ),
}
