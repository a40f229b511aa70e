"""What `train` is given: each argument checked once, and the data in the form that steps want."""

from typing import Any

import numpy as np

from .. import intake
from ..arrays import Array, namespace, to_numpy
from ..arrays.conversion import brought
from ..checks import finite, float_arrays, instance, not_empty
from ..checks import shape as check_shape
from ..kernels.losses import check_numbers, is_whole
from ..networks import MLP
from ..protocols import Network, Optimizer, Regularizer


def check_parts(network: Any, optimizer: Any, regularizer: Any) -> None:
    """Refuse a part that lacks a method of its protocol.

    Examples
    --------
    >>> from deeplearn_utils.optimizers import Adam
    >>> check_parts(MLP([1, 1]), Adam, None)
    Traceback (most recent call last):
    ...
    TypeError: `optimizer` must be an object with init and step, such as Adam(1e-3), got the class \
Adam; make one: Adam(...)
    """
    wanted = "an object with loss and loss_and_gradient, such as MLP([64, 10])"
    instance("network", network, Network, wanted)
    wanted = "an object with init and step, such as Adam(1e-3)"
    instance("optimizer", optimizer, Optimizer, wanted)
    if regularizer is None:
        return
    wanted = "an object with penalty and gradient, such as L2(1e-4)"
    instance("regularizer", regularizer, Regularizer, wanted)
    if not hasattr(getattr(network, "layout", None), "weights_mask"):
        got = type(network).__name__
        raise TypeError(f"`network` must have layout.weights_mask for `regularizer`, got {got}")


def start(network: Any, theta: Array) -> None:
    """Refuse a θ that the network can't start from."""
    float_arrays(theta=theta)
    if isinstance(network, MLP):
        network.layout.unpack(theta)


def data(
    network: Any, theta: Array, X: Any, y: Any, X_name: str = "X", y_name: str = "y"
) -> tuple[Array, Array]:
    """Return inputs and targets for a network, or say what is wrong with them.

    Arrays stay what they are; lists, tables and arrays of objects become arrays like θ. Labels
    become integers as wide as an index, other targets take θ's dtype.
    """
    X, y = _inputs(X_name, X, theta), _targets(y_name, y, theta)
    if isinstance(network, MLP):
        float_arrays(**{"theta": theta, X_name: X})
        check_shape(X_name, X, ("n", network.sizes[0]), "(samples, inputs)")
    check_numbers(y_name, y)
    not_empty(X_name, X)
    for name, x in ((X_name, X), (y_name, y)):
        if not is_whole(x):
            finite(name, x, hint="; clean the data first")
    rows = [int(x.shape[0]) if len(x.shape) else 0 for x in (X, y)]
    if rows[0] != rows[1]:
        raise ValueError(
            f"`{X_name}` and `{y_name}` must have one row a sample, got {rows[0]} and "
            f"{rows[1]} rows"
        )
    labels = is_whole(y)
    if isinstance(network, MLP):
        network.check_targets(X, y, X_name=X_name, y_name=y_name)
        labels = labels and len(y.shape) == 1
    if labels:
        return X, _indices(y)
    return X, namespace(y).astype(y, theta.dtype)


def validation_data(network: Any, theta: Array, validation: Any) -> tuple[Array, Array]:
    """Return the data that a run is judged on, checked like the data that it learns from."""
    sequence = isinstance(validation, (tuple, list))
    if not sequence or len(validation) != 2:
        got = f"{len(validation)} entries" if sequence else type(validation).__name__
        raise ValueError(f"`validation` must be a pair (X, y), got {got}")
    return data(network, theta, *validation, "validation X", "validation y")


def _inputs(name: str, X: Any, theta: Array) -> Array:
    if intake.is_array(X):
        return X
    return brought(name, intake.numbers(name, X), theta, theta.dtype)


def _targets(name: str, y: Any, theta: Array) -> Array:
    if intake.is_array(y):
        return y
    found = intake.array(name, y)
    if not intake.is_array(found):
        found = intake.numbers(name, y, empty=True)  # or it says what stands there instead
    return brought(name, found, theta)


def _indices(labels: Array) -> Array:
    """Return labels as a type in which nothing overflows that is done with them.

    Whole numbers that are too large for it are no labels of the book's networks; they stay.
    """
    xp = namespace(labels)
    index = np.intp if xp is np else np.int32
    values, limits = to_numpy(labels), np.iinfo(index)
    if ((values < limits.min) | (values > limits.max)).any():
        return labels
    return xp.astype(labels, index if xp is np else xp.int32)
