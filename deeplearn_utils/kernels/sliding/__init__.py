"""Windows that slide over images: the geometry, and one route to the arithmetic a library.

NumPy and every library of the array API go by `on_arrays`: the windows become the rows of one
matrix. PyTorch, JAX and TensorFlow use their own convolution and pooling. All routes have the same
functions and compute the same numbers.
"""

from types import ModuleType

from ...arrays import Array, library
from . import on_arrays, on_jax, on_tensorflow, on_torch
from .windows import Windows, pair, slide

__all__ = ["Windows", "pair", "route", "slide"]

_OWN_ROUTES = {"torch": on_torch, "jax": on_jax, "tensorflow": on_tensorflow}


def route(x: Array, /) -> ModuleType:
    """Return the module that convolves and pools arrays of this library.

    Examples
    --------
    >>> import numpy as np
    >>> route(np.zeros(1)).__name__
    'deeplearn_utils.kernels.sliding.on_arrays'
    """
    return _OWN_ROUTES.get(library(x), on_arrays)
