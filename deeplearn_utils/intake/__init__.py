"""What comes in from outside: lists, data frames, masked arrays, tensors and arrays of objects.

Data sets, metrics, folds and training take their data in through `numbers` and `labels`, so that
what is fine for one is fine for all. Nothing is guessed: text is never read as a number. No data
frame library is imported; a frame is what has columns that it can hand out one by one.
"""

from .classes import labels, one_kind
from .containers import column_names, is_array
from .kinds import missing
from .narrow import array, unless_array
from .numeric import number_from, numbers, numbers_like, refuse_unknown

__all__ = [
    "array",
    "column_names",
    "is_array",
    "labels",
    "missing",
    "number_from",
    "numbers",
    "numbers_like",
    "one_kind",
    "refuse_unknown",
    "unless_array",
]
