"""From a raw table to a dataset: clean, split, fill, scale, in this order."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import DTypeLike

from ..checks import choice, seeded, yes_or_no
from ..intake import numbers
from .cleaning import Filler, clean
from .dataset import Dataset
from .scaling import Scaler
from .splitting import Split, split
from .tables import Table, as_names, given_names
from .targets import as_labels, as_values

__all__ = ["prepare"]


def prepare(
    table: Table,
    *,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    seed: int | np.random.Generator = 0,
    scale: bool = True,
    missing: str = "refuse",
    dtype: DTypeLike = "float64",
) -> Dataset:
    """Clean a table, split it, then fill and scale it by statistics of its training part.

    Parameters
    ----------
    table : Table
        The data, with ``kind="classes"`` or ``kind="values"``. Labels are renumbered 0 ... k - 1
        and stratified.
    fractions : three numbers that sum to 1, default (0.6, 0.2, 0.2)
        Shares of the training, validation and test part.
    seed : int or numpy.random.Generator, default 0
        Decides which row goes where.
    scale : bool, default True
        False leaves the features in their own units.
    missing : {"refuse", "drop", "mean"}, default "refuse"
        Unknown features: raise, drop the row, or fill with the mean of the training part.
    dtype : "float64" or "float32", default "float64"
        The dtype of the features and of the numbers to predict.

    Returns
    -------
    Dataset

    Raises
    ------
    TypeError, ValueError
        If the table cannot be used as it is; the message says where and what to do.

    Examples
    --------
    >>> import numpy as np
    >>> table = Table(np.arange(20.0).reshape(10, 2), ["cat", "dog"] * 5, "classes", name="pets")
    >>> data = prepare(table)
    >>> data
    <Dataset pets: 2 features -> 2 classes; 6 training, 2 validation, 2 test rows>
    >>> data.target_names, data.y_test
    (('cat', 'dog'), array([1, 0]))
    """
    if not isinstance(table, Table):
        raise TypeError(f"`table` must be a Table(X, y, kind), got {type(table).__name__}")
    choice("kind", table.kind, ("classes", "values"))
    choice("missing", missing, ("refuse", "drop", "mean"))
    yes_or_no("scale", scale)
    dtype, rng = _floating(dtype), seeded("seed", seed)
    X, names = numbers("X", table.X, ndim=2), given_names(table.feature_names, table.X)
    names = as_names("feature_names", names, X.shape[1], "feature {}".format)
    keep = "keep" if missing == "mean" else missing
    X, y, _, columns, notes = clean(X, table.y, missing=keep, feature_names=names)
    names = tuple(names[j] for j in columns)
    classes = table.kind == "classes"
    if classes:
        y, target_names = as_labels(y, table.target_names)
    else:
        y, target_names = as_values(y, given_names(table.target_names, table.y))

    parts = split(X, y, fractions, rng=rng, stratify=classes)
    filler = Filler.fit(parts.X_train) if np.isnan(X).any() else None
    if filler is not None:
        notes += (f"filled {np.isnan(X).sum()} entries with the means of the training part",)
        parts = _map(parts, "X", filler.transform)
    notes += _constant(parts, names) + (_unseen(parts, target_names) if classes else ())
    scaler = Scaler.fit(parts.X_train) if scale else Scaler.identity(len(names))
    target_scaler = None if classes else Scaler.fit(parts.y_train)
    parts = _map(parts, "X", lambda X: _narrowed("X", scaler.transform(X), dtype))
    if not classes:
        parts = _map(parts, "y", lambda y: _narrowed("y", y, dtype))
    return Dataset(
        *parts, scaler, target_scaler, filler, names, target_names,
        table.name, table.description, notes,
    )  # fmt: skip


def _floating(dtype: DTypeLike) -> np.dtype:
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = repr(dtype)
    if found not in (np.float32, np.float64):
        raise TypeError(f'`dtype` must be "float64" or "float32", got {found}')
    return found


def _narrowed(name: str, x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    with np.errstate(over="ignore"):
        found = x.astype(dtype)
    if not np.isfinite(found).all():
        got = f"{np.abs(x).max():.3g}"
        raise ValueError(
            f'`{name}` must hold numbers that {dtype} can hold, got {got}; try dtype="float64"'
        )
    return found


def _map(parts: Split, which: str, function: Callable[[np.ndarray], np.ndarray]) -> Split:
    return parts._replace(
        **{name: function(part) for name, part in parts._asdict().items() if name[0] == which}
    )


def _constant(parts: Split, names: tuple[str, ...]) -> tuple[str, ...]:
    constant = [names[j] for j in np.flatnonzero((parts.X_train == parts.X_train[0]).all(axis=0))]
    return (f"constant in the training part: {', '.join(constant)}",) if constant else ()


def _unseen(parts: Split, target_names: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    for part, y in (("validation", parts.y_validation), ("test", parts.y_test)):
        lacking = [target_names[j] for j in np.setdiff1d(parts.y_train, y)]
        if y.size and lacking:
            notes.append(f"no row in the {part} part for the classes {', '.join(lacking)}")
    return tuple(notes)
