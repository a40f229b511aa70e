"""What an entry is: a number, text, a date, nothing at all, or something else."""

import datetime
import decimal
import numbers as abstract
from typing import Any

import numpy as np

__all__ = ["KIND_OF_DTYPE", "is_missing", "kind_of", "missing", "shown"]

KIND_OF_DTYPE = {
    **dict.fromkeys("biuf", "numbers"),
    **dict.fromkeys("UT", "text"),
    "S": "bytes",
    "c": "complex numbers",
    "M": "dates",
    "m": "durations",
    "V": "records",
}
_KIND_OF_CLASS = (  # the first that fits: a NumPy duration also counts as a whole number
    ("text", str),
    ("bytes", bytes),
    ("durations", (np.timedelta64, datetime.timedelta)),
    ("dates", (np.datetime64, datetime.date, datetime.time)),
    ("numbers", (abstract.Real, decimal.Decimal, np.bool_)),
    ("complex numbers", abstract.Complex),
    ("lists", (list, tuple, dict, set, np.ndarray)),
    ("records", np.void),
    ("numbers", np.generic),  # of ml_dtypes, such as bfloat16
)
_LONGEST = 80  # characters of a value in a message
_MISSING = ("NoneType", "NAType", "NaTType", "MaskedConstant")


def kind_of(cls: type) -> str:
    """Return the kind of a class's values: "numbers", "text", ..., or the class's own name."""
    if cls.__name__ in _MISSING:
        return "missing"
    return next((kind for kind, of in _KIND_OF_CLASS if issubclass(cls, of)), cls.__name__)


def is_missing(value: Any) -> bool:
    """Tell whether a value says that there is none."""
    if type(value).__name__ in _MISSING:
        return True
    if isinstance(value, decimal.Decimal):
        return value.is_nan()
    return isinstance(value, (float, np.generic)) and bool(value != value)


def missing(x: np.ndarray) -> np.ndarray:
    """Tell which entries say that there is nothing: NaN, NaT, None, NA, a masked one.

    Examples
    --------
    >>> import numpy as np
    >>> missing(np.array([1, None, "a"], dtype=object))
    array([False,  True, False])
    """
    if x.dtype.kind in "fcMm":
        return np.isnan(x) if x.dtype.kind in "fc" else np.isnat(x)
    if x.dtype.kind not in "OT":
        return np.zeros(x.shape, dtype=bool)
    return np.array([is_missing(v) for v in x.ravel().tolist()], dtype=bool).reshape(x.shape)


def shown(x: Any) -> str:
    """Write a value for a message, a long one without its end."""
    dated = kind_of(type(x)) in ("dates", "durations")
    text = str(x) if dated else repr(x.item() if isinstance(x, np.generic) else x)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
