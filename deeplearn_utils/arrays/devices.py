"""Which device an array lives on, which devices there are, and moving arrays between them.

NumPy, PyTorch, JAX and TensorFlow compute on the CPU as the extras of this package install them.
For an NVIDIA GPU on Linux, `pip install -e ".[gpu]"` brings TensorFlow with its CUDA libraries, and
CuPy; PyTorch and JAX have their own installers (pytorch.org, `pip install "jax[cuda12]"`). The
driver belongs to the machine. `deeplearn devices` shows what is found, and tests it.
"""

import logging
from typing import NamedTuple

from .availability import LIBRARIES, first_line, why_not
from .conversion import asarray
from .importing import import_quietly
from .libraries import Array, library

_LOG = logging.getLogger(__name__)

_OUT_OF_MEMORY = ("OutOfMemoryError", "ResourceExhaustedError", "MemoryError")


class Device(NamedTuple):
    """One array library on one device of this machine."""

    library: str
    device: str  # "cpu" or "gpu"
    version: str


def device(x: Array, /) -> str:
    """Tell where an array lives: "cpu", or "gpu" (any accelerator).

    Examples
    --------
    >>> import numpy as np
    >>> device(np.zeros(3))
    'cpu'
    """
    name = library(x)
    if name == "torch":
        return "cpu" if x.device.type == "cpu" else "gpu"
    if name == "jax":
        return "cpu" if all(d.platform == "cpu" for d in x.devices()) else "gpu"
    if name == "tensorflow":
        return "gpu" if "GPU" in x.device else "cpu"
    return "gpu" if name == "cupy" else "cpu"


def to_device(x: Array, device_name: str, /) -> Array:
    """Move an array to the CPU or to the GPU, within its own library.

    A NumPy array goes to the GPU as a CuPy array, and comes back as NumPy. Without a GPU the
    array stays where it is, and the log says why.

    Parameters
    ----------
    x : array
        An array of any shape.
    device_name : {"cpu", "gpu"}
        Where the result shall live.

    Returns
    -------
    array
        The same shape, dtype and values.

    Raises
    ------
    ValueError
        When `device_name` is neither "cpu" nor "gpu".
    MemoryError
        When the array doesn't fit there.

    Examples
    --------
    >>> import numpy as np
    >>> to_device(np.ones(2), "cpu")
    array([1., 1.])
    """
    if device_name not in ("cpu", "gpu"):
        raise ValueError(f'`device_name` must be "cpu" or "gpu", got {device_name!r}')
    name = library(x)
    if device_name == device(x):
        return x
    reason = why_not("cupy" if name == "numpy" else name, "gpu") if device_name == "gpu" else None
    if reason:
        _LOG.warning("no GPU for %s on this machine: the array stays on the CPU; %s", name, reason)
        return x
    return _moved(x, device_name)


def _moved(x: Array, device_name: str) -> Array:
    try:
        return _MOVES[library(x)](x, device_name)
    except Exception as error:
        if not _is_out_of_memory(error):
            raise
        raise MemoryError(
            f"the {device_name.upper()} has no room for an array of shape {tuple(x.shape)} and "
            f"dtype {x.dtype}; delete arrays that are no longer needed, take a smaller batch, or "
            f"compute in float32 ({first_line(error)})"
        ) from error


def _is_out_of_memory(error: Exception) -> bool:
    names = {cls.__name__ for cls in type(error).__mro__}
    return bool(names & set(_OUT_OF_MEMORY)) or "RESOURCE_EXHAUSTED" in str(error)


def available() -> list[Device]:
    """List the array libraries that are installed, with the devices each one can use.

    The frameworks are imported to ask them, which takes seconds. `why_not` tells about those that
    are not in the list.

    Returns
    -------
    list of Device
        In a fixed order: NumPy, CuPy, PyTorch, JAX, TensorFlow; the CPU before the GPU.
    """
    return [
        Device(name, device_name, import_quietly(name).__version__)
        for name in LIBRARIES
        for device_name in ("cpu", "gpu")
        if why_not(name, device_name) is None
    ]


def _move_torch(x: Array, device_name: str) -> Array:
    return x.to("cuda" if device_name == "gpu" else "cpu")


def _move_jax(x: Array, device_name: str) -> Array:
    jax = import_quietly("jax")
    return jax.device_put(x, jax.devices(device_name)[0])


def _move_tensorflow(x: Array, device_name: str) -> Array:
    tf = import_quietly("tensorflow")
    with tf.device(device_name.upper()):
        return tf.identity(x)


def _move_numpy_to_cupy(x: Array, device_name: str) -> Array:
    return asarray(x, like=import_quietly("cupy").empty(0))


def _move_cupy_to_numpy(x: Array, device_name: str) -> Array:
    return x.get()


_MOVES = {
    "torch": _move_torch,
    "jax": _move_jax,
    "tensorflow": _move_tensorflow,
    "numpy": _move_numpy_to_cupy,
    "cupy": _move_cupy_to_numpy,
}
