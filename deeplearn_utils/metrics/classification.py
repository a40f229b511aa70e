"""How often predicted labels are right, and which classes are mistaken for which."""

import numpy as np

from ..arrays import Array
from ..checks import count, same_shape
from .filled import filled_array

__all__ = ["accuracy", "confusion_matrix"]


def accuracy(prediction: Array, target: Array) -> float:
    r"""Measure the share of labels that are right: :math:`\frac1n \sum_i [\hat y_i = y_i]`.

    Parameters
    ----------
    prediction, target : array of int, bool or str, shape (n,)
        Labels, not scores or probabilities. Two columns of shape (n, 1) are fine as well.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If the shapes differ (nothing is broadcast), there are no labels, or these are scores.

    Examples
    --------
    >>> import numpy as np
    >>> accuracy(np.array([0, 2, 1, 1]), np.array([0, 2, 1, 2]))
    0.75
    """
    prediction, target = _labels("prediction", prediction), _labels("target", target)
    _comparable(prediction, target)
    return float(np.mean(prediction == target))


def confusion_matrix(prediction: Array, target: Array, n_classes: int | None = None) -> np.ndarray:
    r"""Count how often each class was taken for each: :math:`C_{ij} = \#\{y = i, \hat y = j\}`.

    Parameters
    ----------
    prediction, target : array of int, shape (n,)
        Labels 0 ... k - 1.
    n_classes : int, optional
        k; by default one more than the largest label.

    Returns
    -------
    ndarray of int, shape (k, k)
        One row a true class, one column a predicted class: hits are on the diagonal.

    Raises
    ------
    TypeError
        If a label is not an integer.
    ValueError
        If a label is outside 0 ... k - 1, or the shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> confusion_matrix(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]))
    array([[1, 1],
           [0, 2]])
    """
    prediction, target = _labels("prediction", prediction), _labels("target", target)
    _comparable(prediction, target)
    for name, labels in (("prediction", prediction), ("target", target)):
        if labels.dtype.kind not in "iub":
            raise TypeError(f"`{name}` must hold integer labels, got {labels.dtype}")
    largest = int(max(prediction.max(), target.max()))
    k = largest + 1 if n_classes is None else n_classes
    count("n_classes", k)
    if largest >= k or min(prediction.min(), target.min()) < 0:
        labels = (int(min(prediction.min(), target.min())), largest)
        raise ValueError(
            f"labels must lie in 0 ... {k - 1}, got labels from {labels[0]} to {largest}"
        )
    pairs = target.astype(np.int64) * k + prediction.astype(np.int64)
    return np.bincount(pairs.ravel(), minlength=k * k).reshape(k, k)


def _labels(name: str, x: Array) -> np.ndarray:
    x = filled_array(name, x)
    if x.ndim != 1 and x.shape[1:] != (1,):
        hint = f"; for scores or one-hot rows use {name}.argmax(axis=1)" if x.ndim == 2 else ""
        raise ValueError(f"`{name}` must hold one label a row, got shape {x.shape}{hint}")
    if x.dtype.kind == "f" and not np.array_equal(x, np.round(x)):
        raise ValueError(
            f"`{name}` must hold labels, got numbers such as {x[x != np.round(x)][0]:.6g}; turn "
            f"probabilities into labels with {name} > 0.5"
        )
    return x


def _comparable(prediction: np.ndarray, target: np.ndarray) -> None:
    same_shape("prediction", prediction, "target", target)
    if (prediction.dtype.kind == "U") != (target.dtype.kind == "U"):
        raise TypeError(
            "`prediction` and `target` must both be numbers or both be text, "
            f"got {prediction.dtype} and {target.dtype}"
        )
