"""Find an array's library and its namespace of array API functions."""

import contextlib
import importlib
import os
import sys
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

Array = Any

_LIBRARY_OF_CLASS = {
    ("numpy", "ndarray"): "numpy",
    ("numpy", "generic"): "numpy",
    ("builtins", "float"): "numpy",
    ("builtins", "int"): "numpy",
    ("cupy", "ndarray"): "cupy",
    ("torch", "Tensor"): "torch",
    ("jax", "Array"): "jax",
    ("jax", "Tracer"): "jax",
    ("jaxlib", "ArrayImpl"): "jax",
    ("jaxlib", "Array"): "jax",
    ("tensorflow", "Tensor"): "tensorflow",
    ("tensorflow", "Variable"): "tensorflow",
    ("array_api_strict", "Array"): "array_api_strict",
}

_NAMESPACE_OF_LIBRARY = {
    "numpy": "numpy",
    "cupy": "array_api_compat.cupy",
    "torch": "array_api_compat.torch",
    "jax": "jax.numpy",
    "tensorflow": "deeplearn_utils.arrays.tensorflow_namespace",
    "array_api_strict": "array_api_strict",
}


@lru_cache
def _library_of_class(cls: type) -> str | None:
    if issubclass(cls, (np.ma.MaskedArray, np.matrix)):
        return None
    for base in cls.__mro__:
        found = _LIBRARY_OF_CLASS.get((base.__module__.partition(".")[0], base.__name__))
        if found:
            return found
    return None


@lru_cache
def _namespace_of_library(name: str) -> ModuleType:
    return importlib.import_module(_NAMESPACE_OF_LIBRARY[name])


def library(x: Array, /) -> str:
    """Name the library that an array belongs to.

    Parameters
    ----------
    x : array or number
        An array of any shape. Python and NumPy numbers count as NumPy.

    Returns
    -------
    str
        "numpy", "cupy", "torch", "jax", "tensorflow" or "array_api_strict".

    Raises
    ------
    TypeError
        When `x` is no array of a supported library.

    Examples
    --------
    >>> import numpy as np
    >>> library(np.zeros(3))
    'numpy'
    """
    found = _library_of_class(type(x))
    if found is None:
        raise TypeError(
            f"expected an array of NumPy, CuPy, PyTorch, JAX or TensorFlow, got "
            f"{type(x).__module__}.{type(x).__qualname__}; for lists, tables, masked arrays and "
            "matrices convert first: np.asarray(x, dtype=float)"
        )
    return found


def namespace(*arrays: Array) -> Any:
    """Return the array API namespace `xp` in which the kernels compute with these arrays.

    NumPy arrays give NumPy itself. PyTorch and CuPy come through array-api-compat, JAX is its own
    namespace, TensorFlow has a thin one of this package.

    Parameters
    ----------
    *arrays : array
        One or more arrays of the same library. Python numbers go with every library.

    Returns
    -------
    module
        The namespace: call `xp.exp(x)`, `xp.sum(x)`, `xp.matrix_transpose(W)`.

    Raises
    ------
    TypeError
        When the arrays come from different libraries, or one is no array.

    Examples
    --------
    >>> import numpy as np
    >>> namespace(np.ones(2), 3.0) is np
    True

    Notes
    -----
    Source: the Python array API standard, 2024.12 (data-apis.org).
    """
    if len(arrays) == 1 and type(arrays[0]) is np.ndarray:
        return np
    found = {library(x) for x in arrays if not isinstance(x, (int, float))} or {"numpy"}
    if len(found) > 1:
        raise TypeError(
            f"arrays of different libraries can't be mixed, got {', '.join(sorted(found))}; "
            "move one of them with arrays.asarray(x, like=other)"
        )
    return _namespace_of_library(found.pop())


def to_numpy(x: Array, /) -> np.ndarray:
    """Copy an array of any library and device to a NumPy array; a NumPy array is returned as is.

    Examples
    --------
    >>> import numpy as np
    >>> to_numpy(np.float32(1.5))
    array(1.5, dtype=float32)
    """
    name = library(x)
    if name == "torch":
        return x.detach().cpu().resolve_conj().numpy()
    if name == "cupy":
        return x.get()
    if name == "tensorflow":
        return x.numpy()
    if name == "array_api_strict":
        return np.from_dlpack(x) if x.dtype != _namespace_of_library(name).bool else _strict_bool(x)
    return np.asarray(x)


def _strict_bool(x: Array) -> np.ndarray:
    xp = _namespace_of_library("array_api_strict")
    return np.from_dlpack(xp.astype(x, xp.uint8)).astype(bool)


def asarray(x: Array, /, *, like: Array, dtype: Any = None) -> Array:
    """Bring an array to the library and the device of another.

    Parameters
    ----------
    x : array
        An array of any supported library, or nested lists of numbers.
    like : array
        The array whose library and device the result has.
    dtype : optional
        The dtype of the result, in the library of `like`. Default: the dtype of `x`.

    Returns
    -------
    array
        The same shape and values as `x`.

    Examples
    --------
    >>> import numpy as np
    >>> asarray([1.0, 2.0], like=np.zeros(3))
    array([1., 2.])
    """
    values = np.asarray(x) if isinstance(x, (list, tuple)) else to_numpy(x)
    if library(like) != "numpy":
        values = np.array(values)  # never an alias of read-only or shared NumPy memory
    return namespace(like).asarray(values, dtype=dtype, **_placement(like))


def arange(stop: int, /, *, like: Array) -> Array:
    """Return 0, 1, ..., stop - 1 in the library, dtype and device of another array.

    Examples
    --------
    >>> import numpy as np
    >>> arange(3, like=np.zeros(1))
    array([0., 1., 2.])
    """
    return namespace(like).arange(stop, dtype=like.dtype, **_placement(like))


def _placement(like: Array) -> dict[str, Any]:
    if library(like) in ("torch", "array_api_strict"):
        return {"device": like.device}
    return {}


def import_quietly(name: str) -> ModuleType:
    """Import a module whose start-up lines would otherwise land in a notebook's output.

    TensorFlow's C++ code writes to file descriptor 2 past Python's `sys.stderr`. The descriptor is
    closed off during the import only.

    Examples
    --------
    >>> import_quietly("math").sqrt(4.0)
    2.0
    """
    if name in sys.modules:
        return sys.modules[name]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    with _silent_stderr():
        return importlib.import_module(name)


@contextlib.contextmanager
def _silent_stderr():
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
