"""Which libraries compute with whole numbers here."""

from typing import Any

from ...arrays import Array, library
from ...checks import one_library


def whole_namespace(**named: Array) -> Any:
    """Return the namespace of some arrays; refuse TensorFlow's, which has none for whole numbers.

    Raises
    ------
    TypeError
        When the arrays are of TensorFlow, of several libraries, or none.
    """
    xp = one_library(**named)
    first, x = next(iter(named.items()))
    if library(x) == "tensorflow":
        raise TypeError(
            f"`{first}` must be an array of NumPy, CuPy, PyTorch or JAX, got one of TensorFlow; "
            "try arrays.to_numpy(x)"
        )
    return xp


def int8_namespace(**named: Array) -> Any:
    """Return the namespace of arrays that hold int8, or int32 in b."""
    xp = whole_namespace(**named)
    for name, x in named.items():
        wanted = xp.int32 if name == "b" else xp.int8
        if x.dtype != wanted:
            kind = "int32" if name == "b" else "int8"
            raise TypeError(f"`{name}` must have dtype {kind}, got {x.dtype}")
    return xp
