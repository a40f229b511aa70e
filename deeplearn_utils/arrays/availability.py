"""Which library can compute on which device of this machine, and what is missing where it can't."""

import importlib.util
import os
import warnings
from types import ModuleType

from .importing import import_quietly

LIBRARIES = {
    "numpy": "NumPy",
    "cupy": "CuPy",
    "torch": "PyTorch",
    "jax": "JAX",
    "tensorflow": "TensorFlow",
}


def why_not(library: str, device: str, /) -> str | None:
    """Say why a library can't compute on a device of this machine; None where it can.

    Parameters
    ----------
    library : {"numpy", "cupy", "torch", "jax", "tensorflow"}
    device : {"cpu", "gpu"}

    Returns
    -------
    str or None
        One line: the library is not installed, can't be imported, was built without CUDA, or
        finds no card or no driver.

    Examples
    --------
    >>> why_not("numpy", "cpu")
    >>> why_not("numpy", "gpu")
    'NumPy computes on the CPU; on the GPU, CuPy takes its place'
    """
    title = LIBRARIES.get(library, library)
    if importlib.util.find_spec(library) is None:
        return f"{title} is not installed"
    try:
        module = import_quietly(library)
        if device == "cpu":
            return _CPU.get(library)
        return _GPU[library](module) if library in _GPU else f"{title} computes on the CPU only"
    except Exception as error:  # a broken installation may raise anything, and is told of
        return f"{title} is installed, but doesn't start: {first_line(error)}"


def first_line(error: Exception) -> str:
    """Return what an error says, without the lines of advice below it."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def device_memory(library: str, device: str, /) -> int | None:
    """Return the memory of a device in bytes: the machine's for the CPU, the card's for the GPU.

    None where it can't be told: TensorFlow doesn't say how much memory a card has.

    Examples
    --------
    >>> device_memory("numpy", "cpu") is None or device_memory("numpy", "cpu") > 2**30
    True
    """
    if device == "cpu":
        return _machine_memory()
    module = import_quietly(library)
    if library == "torch":
        return module.cuda.get_device_properties(0).total_memory
    if library == "cupy":
        return module.cuda.runtime.memGetInfo()[1]
    if library == "jax":
        return (module.devices()[0].memory_stats() or {}).get("bytes_limit")
    return None


def _machine_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):  # Windows, and systems that don't count pages
        return None


def _numpy_gpu(numpy: ModuleType) -> str:
    return "NumPy computes on the CPU; on the GPU, CuPy takes its place"


def _cupy_gpu(cupy: ModuleType) -> str | None:
    try:
        return None if cupy.cuda.runtime.getDeviceCount() > 0 else "CuPy finds no NVIDIA GPU"
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"CuPy finds no NVIDIA GPU or no driver: {first_line(error)}"


def _torch_gpu(torch: ModuleType) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old driver, for one: the answer below says so
        if torch.cuda.is_available():
            return None
    if torch.version.cuda is None and torch.version.hip is None:
        return "this build of PyTorch has no CUDA; pytorch.org offers those that have"
    return "PyTorch finds no NVIDIA GPU or no driver that fits; nvidia-smi shows both"


def _jax_gpu(jax: ModuleType) -> str | None:
    if any(d.platform != "cpu" for d in jax.devices()):
        return None
    if not any(importlib.util.find_spec(f"jax_cuda{n}_plugin") for n in (12, 13)):
        return "this JAX has no CUDA; pip install 'jax[cuda12]' adds it"
    return "JAX finds no NVIDIA GPU or no driver that fits; nvidia-smi shows both"


def _tensorflow_gpu(tf: ModuleType) -> str | None:
    if tf.config.list_physical_devices("GPU"):
        return None
    if not tf.sysconfig.get_build_info().get("is_cuda_build"):
        return "this build of TensorFlow has no CUDA"
    return (
        "TensorFlow finds no NVIDIA GPU, no driver or no CUDA libraries; "
        "pip install 'tensorflow[and-cuda]' brings the libraries"
    )


_CPU = {"cupy": "CuPy computes on the GPU; on the CPU, NumPy takes its place"}
_GPU = {
    "numpy": _numpy_gpu,
    "cupy": _cupy_gpu,
    "torch": _torch_gpu,
    "jax": _jax_gpu,
    "tensorflow": _tensorflow_gpu,
}
