"""Bring values to an array library and a device, and back to NumPy."""

import sys
from typing import Any

import numpy as np

from .libraries import Array, library, namespace


def to_numpy(x: Array, /) -> np.ndarray:
    """Copy an array of any library and device to a NumPy array; a NumPy array is returned as is.

    Numbers that NumPy doesn't have become wider ones: bfloat16 float32, int4 int64.

    Examples
    --------
    >>> import numpy as np
    >>> to_numpy(np.float32(1.5))
    array(1.5, dtype=float32)
    """
    found = _brought(x)
    if found.dtype.kind != "V" or issubclass(found.dtype.type, np.void):  # records are no numbers
        return found
    return found.astype(np.int64 if np.can_cast(found.dtype, np.int64) else np.float32)


def _brought(x: Array) -> np.ndarray:
    name = library(x)
    if name == "torch":
        return _torch_to_numpy(x)
    if name == "cupy":
        return x.get()
    if name == "tensorflow":
        return x.numpy()
    if name == "array_api_strict":
        return np.from_dlpack(x) if x.dtype != namespace(x).bool else _strict_bool(x)
    return np.asarray(x)


def _torch_to_numpy(x: Array) -> np.ndarray:
    x = x.detach().cpu().resolve_conj().resolve_neg()
    try:
        return x.numpy()
    except TypeError:
        if not x.is_floating_point():
            raise
        return x.float().numpy()


def _strict_bool(x: Array) -> np.ndarray:
    xp = namespace(x)
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
        The same shape and values as `x`; `x` itself where nothing has to change.

    Examples
    --------
    >>> import numpy as np
    >>> asarray([1.0, 2.0], like=np.zeros(3))
    array([1., 2.])
    """
    return brought("x", x, like, dtype)


def brought(name: str, x: Array, like: Array, dtype: Any = None) -> Array:
    """Do what `asarray` does with an argument that has a name, for messages.

    Raises
    ------
    TypeError, ValueError
        When it holds no numbers, or whole ones too large for the library of `like`.

    Examples
    --------
    >>> brought("y", [[1], [2, 3]], np.zeros(1))
    Traceback (most recent call last):
    ...
    ValueError: `y` must be an array, or nested lists of numbers, equally long
    """
    if _same_place(x, like):
        return x if dtype is None else namespace(x).astype(x, dtype)
    try:
        values = np.asarray(x) if isinstance(x, (list, tuple)) else _brought(x)
    except ValueError:
        raise ValueError(
            f"`{name}` must be an array, or nested lists of numbers, equally long"
        ) from None
    if library(like) == "numpy":
        return namespace(like).asarray(values, dtype=dtype)
    if values.dtype.kind in "OUSTMm":
        raise TypeError(f"`{name}` must hold numbers, got {values.dtype}")
    # never an alias of read-only memory, never swapped bytes
    values = np.array(values, dtype=values.dtype.newbyteorder("="))
    found = namespace(like).asarray(values, dtype=dtype, **_placement(like))
    if library(like) == "jax" and values.dtype.kind in "iu" and dtype is None:
        _refuse_cut_off(name, values, found)
    return found


def _refuse_cut_off(name: str, values: np.ndarray, found: Array) -> None:
    """Refuse whole numbers of which JAX, as it is by default, keeps the last 32 bits."""
    if found.dtype.itemsize < values.dtype.itemsize:
        limits = np.iinfo(found.dtype)
        wrong = values[(values < limits.min) | (values > limits.max)]
        if wrong.size:
            raise ValueError(
                f"`{name}` must hold whole numbers that {found.dtype} can hold, got {wrong[0]}; "
                'jax.config.update("jax_enable_x64", True) lets JAX hold wider ones'
            )


def _same_place(x: Array, like: Array) -> bool:
    if isinstance(x, (list, tuple, int, float, np.generic)):
        return False
    return library(x) == library(like) and _placement(x) == _placement(like)


def rows(x: Array, which: np.ndarray, /) -> Array:
    """Return the rows of an array that have these numbers, in this order.

    Negative numbers count from the end.

    Raises
    ------
    TypeError
        When they are no whole numbers.
    IndexError
        When there is no such row.

    Examples
    --------
    >>> import numpy as np
    >>> rows(np.array([[1, 2], [3, 4], [5, 6]]), np.array([2, 0]))
    array([[5, 6],
           [1, 2]])
    """
    which = np.asarray(which) if isinstance(which, (list, tuple)) else _brought(which)
    if which.dtype.kind not in "iu" and which.size:
        hint = "; try np.flatnonzero(which)" if which.dtype.kind == "b" else ""
        raise TypeError(f"`which` must hold the numbers of rows, got {which.dtype}{hint}")
    n = int(x.shape[0])
    wrong = which[(which < -n) | (which >= n)]
    if wrong.size:
        raise IndexError(f"`which` must hold numbers of rows below {n}, got {wrong[0]}")
    which = which.astype(np.intp)
    which = np.where(which < 0, which + n, which)  # TensorFlow counts from the start only
    if library(x) == "torch":  # its take knows no uint16 and wider
        return x[asarray(which, like=x)]
    return namespace(x).take(x, asarray(which, like=x), axis=0)


def as_real(x: Array, /) -> Array:
    """Convert whole numbers to the widest real numbers that the array's library computes with.

    Examples
    --------
    >>> import numpy as np
    >>> as_real(np.array([1, 2], np.uint8))
    array([1., 2.])
    """
    xp = namespace(x)
    return xp.astype(x, float if library(x) == "jax" else xp.float64)  # JAX knows how wide


def as_count(x: Array, /) -> Array:
    """Convert whole numbers to a type that counts on where a narrow one would start again.

    Examples
    --------
    >>> import numpy as np
    >>> as_count(np.array([254, 255], np.uint8)) + 1
    array([255, 256])
    """
    xp = namespace(x)
    if x.dtype in (xp.int32, xp.int64) or not xp.isdtype(x.dtype, "integral"):
        return x
    return xp.astype(x, int if library(x) == "jax" else xp.int64)


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
    name = library(like)
    if name in ("torch", "tensorflow", "array_api_strict"):
        return {"device": like.device}
    if name == "jax" and has_values(like):
        return {"device": like.sharding}
    return {}


def has_values(x: Array, /) -> bool:
    """Tell whether an array's numbers can be looked at now.

    They can't be while JAX, TensorFlow or PyTorch traces a function to compile or transform it.

    Examples
    --------
    >>> import numpy as np
    >>> has_values(np.zeros(3))
    True
    """
    name = library(x)
    if name == "jax":
        return not isinstance(x, sys.modules["jax"].core.Tracer)
    if name == "tensorflow":
        return sys.modules["tensorflow"].executing_eagerly()
    if name == "torch":
        return not sys.modules["torch"].compiler.is_compiling() and _has_storage(x)
    return True


def _has_storage(x: Array) -> bool:
    try:
        x.detach().data_ptr()
    except RuntimeError:  # inside torch.func, where a tensor from outside loses it by any operation
        return False
    return True
