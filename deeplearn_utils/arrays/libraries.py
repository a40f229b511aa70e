"""Find an array's library and its namespace of array API functions."""

import importlib
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
            "matrices convert first: np.asarray(x)"
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
    ValueError
        When they live on different devices. JAX arrays that nobody placed go with every device,
        and TensorFlow copies by itself.

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
    name = found.pop()
    if name != "numpy" and len(arrays) > 1:
        refuse_mixed_devices({f"arrays[{k}]": x for k, x in enumerate(arrays)})
    return _namespace_of_library(name)


def refuse_mixed_devices(named: dict[str, Array]) -> None:
    """Check that arrays, under the names that a message shall show, live on one device."""
    found: dict[Any, str] = {}
    for name, x in named.items():
        place = _place(x)
        if place is not None:
            found.setdefault(place, name)
    if len(found) > 1:
        (first, one), (second, other) = list(found.items())[:2]
        raise ValueError(
            f"`{one}` and `{other}` must live on one device, got {_name(first)} and "
            f"{_name(second)}; move one of them with arrays.asarray(x, like=other) or "
            "arrays.to_device"
        )


def _place(x: Array) -> Any:
    """Return the device that an array is bound to; None where its library copies it as needed."""
    name = _library_of_class(type(x))
    if name == "array_api_strict" or (name == "torch" and x.ndim):
        return x.device
    if name == "cupy":
        return f"cuda:{x.device.id}"  # a device of CuPy can't be a key
    if name == "jax" and not isinstance(x, sys.modules["jax"].core.Tracer) and x.committed:
        return frozenset(x.devices())
    return None


def _name(place: Any) -> str:
    return ", ".join(sorted(map(str, place))) if isinstance(place, frozenset) else str(place)
