"""Which device an array lives on, which devices there are, and moving arrays between them."""

import importlib.util
import logging
from typing import NamedTuple

from .conversion import asarray
from .importing import import_quietly
from .libraries import Array, library

_LOG = logging.getLogger(__name__)

_LIBRARIES = ("numpy", "cupy", "torch", "jax", "tensorflow")


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
    if device_name == "gpu" and not _has_gpu("cupy" if name == "numpy" else name):
        _LOG.warning("no GPU for %s on this machine: the array stays on the CPU", name)
        return x
    return _MOVES[name](x, device_name)


def available() -> list[Device]:
    """List the array libraries that are installed, with the devices each one can use.

    The frameworks are imported to ask them, which takes seconds.

    Returns
    -------
    list of Device
        In a fixed order: NumPy, CuPy, PyTorch, JAX, TensorFlow; the CPU before the GPU.
    """
    found = []
    for name in _LIBRARIES:
        if importlib.util.find_spec(name) is None:
            continue
        version = import_quietly(name).__version__
        if name != "cupy":
            found.append(Device(name, "cpu", version))
        if _has_gpu(name):
            found.append(Device(name, "gpu", version))
    return found


def _has_gpu(name: str) -> bool:
    if name == "numpy" or importlib.util.find_spec(name) is None:
        return False
    module = import_quietly(name)
    if name == "torch":
        return module.cuda.is_available()
    if name == "jax":
        return any(d.platform != "cpu" for d in module.devices())
    if name == "tensorflow":
        return bool(module.config.list_physical_devices("GPU"))
    if name == "cupy":
        return _cupy_finds_a_card(module)
    return False


def _cupy_finds_a_card(cupy) -> bool:
    try:
        return cupy.cuda.runtime.getDeviceCount() > 0
    except cupy.cuda.runtime.CUDARuntimeError:
        return False


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
