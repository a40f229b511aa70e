"""How often predicted labels are right, and which classes are mistaken for which."""

import numpy as np

from ..arrays import Array
from ..checks import count, not_empty, room, same_shape
from ..intake import labels, one_kind

__all__ = ["accuracy", "confusion_matrix"]


def accuracy(prediction: Array, target: Array) -> float:
    r"""Measure the share of labels that are right: :math:`\frac1n \sum_i [\hat y_i = y_i]`.

    Parameters
    ----------
    prediction, target : array_like, shape (n,)
        Labels, not scores or probabilities: both whole numbers and truth values, both text, or
        both bytes, of any dtype and in any container. Two columns of shape (n, 1) are fine as well.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    TypeError
        If labels are of two kinds, such as numbers and text.
    ValueError
        If the shapes differ (nothing is broadcast), there are no labels, one is missing, or these
        are scores.

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
    prediction, target : array_like, shape (n,)
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
        If a label is no whole number.
    ValueError
        If a label is outside 0 ... k - 1 or missing, the shapes differ, or one label is so large
        that the matrix would not fit into memory.

    Examples
    --------
    >>> import numpy as np
    >>> confusion_matrix(np.array([0, 1, 1, 1]), np.array([0, 0, 1, 1]))
    array([[1, 1],
           [0, 2]])
    """
    prediction, target = _labels("prediction", prediction), _labels("target", target)
    _comparable(prediction, target)
    for name, x in (("prediction", prediction), ("target", target)):
        if x.dtype.kind in "US":
            kind = "text" if x.dtype.kind == "U" else "bytes"
            got = f"{kind} such as {x.flat[0].item()!r}"
            raise TypeError(f"`{name}` must hold whole numbers, got {got}")
    largest = max(int(prediction.max()), int(target.max()))
    k = max(largest, 0) + 1 if n_classes is None else count("n_classes", n_classes)
    for name, x in (("prediction", prediction), ("target", target)):
        wrong = x[(x < 0) | (x >= k)]
        if wrong.size:
            raise ValueError(f"`{name}` must hold labels from 0 to {k - 1}, got {wrong[0]}")
    _refuse_stray(prediction, k, n_classes)
    pairs = target.astype(np.int64) * k + prediction.astype(np.int64)
    return np.bincount(pairs.ravel(), minlength=k * k).reshape(k, k)


def _refuse_stray(prediction: np.ndarray, k: int, n_classes: int | None) -> None:
    name = "prediction" if prediction.max() == k - 1 else "target"
    cause = f"the label {k - 1} in `{name}`" if n_classes is None else f"`n_classes` = {k}"
    room(k * k, f"{cause}, a matrix of {k} rows and columns,", "; is it a slip?")


def _labels(name: str, x: Array) -> np.ndarray:
    x = labels(name, x, fractions=f"; turn probabilities into labels with {name} > 0.5")
    not_empty(name, x)
    if x.ndim != 1 and x.shape[1:] != (1,):
        hint = f"; for scores or one-hot rows use {name}.argmax(axis=1)" if x.ndim == 2 else ""
        raise ValueError(f"`{name}` must hold one label a row, got shape {x.shape}{hint}")
    return x


def _comparable(prediction: np.ndarray, target: np.ndarray) -> None:
    same_shape("prediction", prediction, "target", target)
    one_kind(prediction=prediction, target=target)
