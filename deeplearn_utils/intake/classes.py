"""Class labels of one kind: whole numbers, text or bytes."""

import numpy as np
from numpy.typing import ArrayLike

from ..checks import room
from .containers import contents
from .kinds import KIND_OF_DTYPE, kind_of, missing, shown

__all__ = ["as_text", "labels", "one_kind", "size_of_text", "whole_numbers"]


def labels(name: str, x: ArrayLike, *, fractions: str = "") -> np.ndarray:
    """Return `x` as an array of class labels of one kind, or say why it cannot be one.

    Parameters
    ----------
    name : str
        The argument's name, for messages.
    x : array_like
        Whole numbers of any type, truth values, text or bytes, in any container.
    fractions : str, optional
        What to do with numbers that are no labels, for the message.

    Returns
    -------
    ndarray of bool, int64, str or bytes
        Whole numbers beyond int64 come as uint64 or as Python's.

    Raises
    ------
    TypeError
        If the labels are of two kinds, or of none of these.
    ValueError
        If a label is missing, infinite or a fraction.

    Examples
    --------
    >>> import numpy as np
    >>> labels("y", np.array([1.0, 2.0]))
    array([1, 2])
    >>> labels("y", [0, "1"])
    Traceback (most recent call last):
        ...
    TypeError: `y` must hold labels of one kind, got numbers (0 in row 0) and text ('1' in row 1)
    """
    found = contents(name, x)
    absent = missing(found)
    if absent.any():
        first = tuple(np.argwhere(absent)[0])
        raise ValueError(
            f"`{name}` must hold a label in every row, got {absent.sum()} missing, the first in "
            f"row {first[0] if first else 0}: {found[first]}"
        )
    kind = _kind_of_labels(name, found)
    if kind == "numbers":
        return _whole(name, found, fractions)
    if found.dtype.kind in "US":
        return found
    longest = max(map(len, found.flat), default=0)
    cause = f"a label of {longest} characters in `{name}`, in an array of {found.size} labels,"
    room(size_of_text(found), cause, "; is it a slip?")
    return as_text(found)


def as_text(x: np.ndarray) -> np.ndarray:
    """Return text or bytes as an array in which each is as wide as the longest."""
    of_bytes = issubclass(next(map(type, x.flat), str), bytes)
    nothing = b"" if of_bytes else ""
    letters = [nothing.join((v,)) for v in x.flat]  # str() of an Enum's member is its name
    return np.array(letters, bytes if of_bytes else str).reshape(x.shape)


def size_of_text(x: np.ndarray) -> int:
    """Return how many numbers take the memory of `as_text`: a letter has the size of half a one."""
    return x.size * max(map(len, x.flat), default=0) // 2


def one_kind(**named: np.ndarray) -> None:
    """Refuse labels of two kinds, which are never equal.

    Examples
    --------
    >>> import numpy as np
    >>> one_kind(prediction=np.array([0, 1]), target=np.array(["0", "1"]))
    Traceback (most recent call last):
        ...
    TypeError: `prediction` and `target` must hold labels of one kind, got numbers (0) and text \
('0'); convert one of them with .astype
    """
    (first, one), (second, other) = named.items()
    kinds = [KIND_OF_DTYPE.get(x.dtype.kind, "numbers") for x in (one, other)]
    if kinds[0] != kinds[1]:
        got = " and ".join(
            f"{kind} ({x.flat[0].item()!r})" if x.size else kind
            for kind, x in zip(kinds, (one, other), strict=True)
        )
        raise TypeError(
            f"`{first}` and `{second}` must hold labels of one kind, got {got}; "
            "convert one of them with .astype"
        )


def _kind_of_labels(name: str, x: np.ndarray) -> str:
    kind = KIND_OF_DTYPE.get(x.dtype.kind)
    first = {kind: (0,) * x.ndim}
    if kind is None:
        kinds = {cls: kind_of(cls) for cls in set(map(type, x.ravel().tolist()))}
        first = {}
        for place in np.ndindex(x.shape):
            first.setdefault(kinds[type(x[place])], place)
            if len(first) == len(set(kinds.values())):
                break
    if not first:
        return "numbers"
    places = {k: _with_row(x, place) for k, place in first.items()}
    for kind in first:
        if kind not in ("numbers", "text", "bytes"):
            raise TypeError(
                f"`{name}` must hold whole numbers or text to be labels, got {kind}{places[kind]}"
            )
    if len(first) > 1:
        got = " and ".join(f"{kind}{where}" for kind, where in places.items())
        raise TypeError(f"`{name}` must hold labels of one kind, got {got}")
    return next(iter(first))


def _with_row(x: np.ndarray, place: tuple[int, ...]) -> str:
    if not x.size:
        return ""
    return f" ({shown(x[place])} in row {place[0]})" if place else f" ({shown(x[place])})"


def _whole(name: str, x: np.ndarray, fractions: str) -> np.ndarray:
    if x.dtype.kind in "biu":
        return x
    if x.dtype.kind == "f":
        _refuse_no_labels(name, x, np.isinf(x), "infinity", "")
        _refuse_no_labels(name, x, x != np.round(x), "the fraction", fractions)
        if x.size == 0 or np.abs(x).max() < 2.0**63:
            return x.astype(np.int64)
        x = x.astype(object)
    entries = x.ravel().tolist()
    infinite = [v in (np.inf, -np.inf) for v in entries]
    _refuse_no_labels(name, x, np.array(infinite, bool).reshape(x.shape), "infinity", "")
    parts = [v != int(v) for v in entries]
    _refuse_no_labels(name, x, np.array(parts, bool).reshape(x.shape), "the fraction", fractions)
    if entries and all(isinstance(v, (bool, np.bool_)) for v in entries):
        return np.array(entries, dtype=bool).reshape(x.shape)
    return whole_numbers([int(v) for v in entries]).reshape(x.shape)


def whole_numbers(entries: list[int]) -> np.ndarray:
    """Return whole numbers as int64; beyond it as uint64, or as they are."""
    low, high = min(entries, default=0), max(entries, default=0)
    if low >= -(2**63) and high < 2**63:
        return np.array(entries, dtype=np.int64)
    return np.array(entries, dtype=np.uint64 if low >= 0 and high < 2**64 else object)


def _refuse_no_labels(name: str, x: np.ndarray, wrong: np.ndarray, what: str, hint: str) -> None:
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0])
        value = "" if what == "infinity" else f" {float(x[place]):.6g}"
        row = f" in row {place[0]}" if place else ""
        raise ValueError(f"`{name}` must hold labels, got {what}{value}{row}{hint}")
