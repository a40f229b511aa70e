"""What a table is: one row a sample, one column a feature, targets and names beside them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..checks import instance
from ..intake import column_names

__all__ = ["Table", "as_names", "given_names", "same_rows"]


class Table(NamedTuple):
    """A raw table: nothing split, nothing scaled, in the units it was measured in.

    Attributes
    ----------
    X : array_like, shape (n, d)
        One row a sample, one column a feature; an array, lists, or a data frame.
    y : array_like, shape (n,) for labels, (n, k) for numbers to predict
        The targets.
    kind : str
        ``"classes"`` where `y` holds labels, ``"values"`` where it holds numbers to predict.
    name, description : str
        What the table is and where it comes from.
    feature_names, target_names : tuple of str
        Names of the columns of `X`, and of the classes (or of the columns of `y`). A data frame
        brings the names of its columns along.
    """

    X: ArrayLike
    y: ArrayLike
    kind: str
    name: str = "table"
    description: str = ""
    feature_names: tuple[str, ...] | None = None
    target_names: tuple[str, ...] | None = None


def given_names(names: Sequence[str] | None, x: ArrayLike) -> Sequence[str] | None:
    """Return the names that were given, or else those of a data frame's columns."""
    return column_names(x) if names is None else names


def as_names(
    argument: str, names: Sequence[str] | None, count: int, made_up: Callable[[int], object]
) -> tuple[str, ...]:
    """Return `count` names as text, made up where none were given."""
    if names is None:
        return tuple(str(made_up(j)) for j in range(count))
    instance(argument, names, Collection, "a sequence of names")
    if isinstance(names, (str, bytes, set, frozenset, Mapping)):
        got = repr(names) if isinstance(names, (str, bytes)) else f"a {type(names).__name__}"
        raise TypeError(f"`{argument}` must be a sequence of names, got {got}")
    if len(names) != count:
        raise ValueError(f"`{argument}` must have {count} names, got {len(names)}: {list(names)}")
    return tuple(str(name) for name in names)


def same_rows(X: np.ndarray, y: np.ndarray) -> None:
    """Refuse targets that do not belong to the rows of `X`."""
    if X.ndim == 0 or y.ndim == 0:
        raise ValueError(f"`X` and `y` must have rows, got shapes {X.shape} and {y.shape}")
    if len(X) != len(y):
        raise ValueError(f"`X` and `y` must have one row a sample, got {len(X)} and {len(y)} rows")
