"""What every metric takes: an array with something in it."""

import numpy as np

from ..arrays import Array, to_numpy
from ..checks import not_empty

__all__ = ["filled_array"]


def filled_array(name: str, x: Array) -> np.ndarray:
    """Return an array of any library, or a list, as a NumPy array with at least one element."""
    x = np.asarray(x) if isinstance(x, (list, tuple)) else to_numpy(x)
    not_empty(name, x)
    return x
