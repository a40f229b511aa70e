"""Arrays of the narrowest dtype that holds what is in them."""

import numbers as abstract

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..checks import MOST_NUMBERS
from .classes import as_text, size_of_text, whole_numbers
from .containers import contents, is_array
from .kinds import kind_of, missing
from .numeric import as_floats

__all__ = ["array", "unless_array"]


def array(name: str, x: ArrayLike) -> np.ndarray:
    """Return any container as a NumPy array, of the narrowest dtype that holds what is in it.

    Examples
    --------
    >>> import numpy as np
    >>> array("y", np.array(["a", "b"], dtype=object))
    array(['a', 'b'], dtype='<U1')
    >>> array("y", np.ma.masked_equal([1, 2], 2))
    array([ 1., nan])
    """
    found = contents(name, x)
    if found.dtype.kind not in "OT":
        return found
    absent = missing(found)
    kinds = set(map(kind_of, set(map(type, found[~absent].tolist()))))
    if kinds == {"numbers"}:
        return _narrowed(name, found)
    text = kinds in ({"text"}, {"bytes"}) and not absent.any()
    return as_text(found) if text and size_of_text(found) <= MOST_NUMBERS else found


def unless_array(name: str, x: ArrayLike) -> Array:
    """Return an array of any library as it is, and everything else as `array` takes it in.

    Examples
    --------
    >>> unless_array("X", [[1, 2.5]])
    array([[1. , 2.5]])
    """
    return x if is_array(x) else array(name, x)


def _narrowed(name: str, x: np.ndarray) -> np.ndarray:
    entries = x.ravel().tolist()
    if all(isinstance(v, (bool, np.bool_)) for v in entries):
        return np.array(entries, dtype=bool).reshape(x.shape)
    if all(isinstance(v, abstract.Integral) for v in entries):
        return whole_numbers([int(v) for v in entries]).reshape(x.shape)
    return as_floats(name, x, None)
