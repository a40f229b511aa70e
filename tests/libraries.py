"""The array libraries that every kernel is tested on: the fixture `lib`, one test for each."""

import contextlib
import importlib
import importlib.util
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from deeplearn_utils import arrays

# GPUs else round float32 products to 10 bits; read when a library is imported
os.environ.setdefault("JAX_DEFAULT_MATMUL_PRECISION", "highest")
os.environ.setdefault("NVIDIA_TF32_OVERRIDE", "0")


@dataclass(frozen=True)
class Library:
    """One way to make arrays, by the name that `arrays.library` gives them."""

    name: str
    kind: str = ""  # "read-only" memory, or a "second device" of array_api_strict

    def array(self, values: Any, dtype: Any = None) -> Any:
        """Make an array with these values that shares no memory with them."""
        values = np.array(values, dtype=dtype)
        if self.name == "numpy":
            values.setflags(write=self.kind != "read-only")
            return values
        if self.name == "array_api_strict":
            import array_api_strict

            device = "device1" if self.kind else "CPU_DEVICE"
            return array_api_strict.asarray(values, device=array_api_strict.Device(device))
        if self.name == "torch":
            import torch

            return torch.asarray(values, device="cuda" if torch.cuda.is_available() else "cpu")
        if self.name == "tensorflow":
            return arrays.import_quietly("tensorflow").constant(values)
        return importlib.import_module({"jax": "jax.numpy"}.get(self.name, self.name)).array(values)

    def foreign_array(self, values: Any) -> Any:
        """Make an array of another library, for tests that nothing is mixed."""
        other = "array_api_strict" if self.name == "numpy" else "numpy"
        return LIBRARIES[other].array(values)

    def holds(self, x: Any, like: Any) -> bool:
        """Tell whether x has the library, the dtype and the device of `like`."""
        same_device = arrays.device(x) == arrays.device(like)
        if self.name == "array_api_strict":
            same_device = x.device == like.device
        return arrays.library(x) == self.name and x.dtype == like.dtype and same_device


LIBRARIES = {
    "numpy": Library("numpy"),
    "numpy-read-only": Library("numpy", "read-only"),
    "array_api_strict": Library("array_api_strict"),
    "array_api_strict-device1": Library("array_api_strict", "second device"),
    "torch": Library("torch"),
    "jax": Library("jax"),
    "tensorflow": Library("tensorflow"),
    "cupy": Library("cupy"),
}

# With `--dist loadgroup` or `loadfile`, few workers pay for TensorFlow's import.
TENSORFLOW = pytest.mark.xdist_group("tensorflow")


def installed(name: str) -> bool:
    """Tell whether a library is installed, without importing it."""
    return importlib.util.find_spec(name) is not None


def reason_to_skip(name: str) -> str | None:
    """Say why this machine can't test a library."""
    if not installed(name):
        return f"{name} is not installed"
    if name == "cupy":
        import cupy

        try:
            cupy.cuda.runtime.getDeviceCount()
        except cupy.cuda.runtime.CUDARuntimeError as error:
            return f"cupy finds no CUDA GPU: {error}"
    return None


JAX_OPTIONS = {
    "jax_enable_x64": True,  # by default float64 becomes float32
    "jax_disable_most_optimizations": True,  # compiling takes longer than running
}


@contextlib.contextmanager
def jax_for_tests():
    """Set JAX's options for one test; other tests find it as it was."""
    import jax

    before = {name: jax.config.values[name] for name in JAX_OPTIONS}
    for name, value in JAX_OPTIONS.items():
        jax.config.update(name, value)
    try:
        yield jax
    finally:
        for name, value in before.items():
            jax.config.update(name, value)


@pytest.fixture(scope="session")
def torch():
    """Give PyTorch."""
    return pytest.importorskip("torch")


@pytest.fixture
def jax():
    """Give JAX in double precision."""
    pytest.importorskip("jax")
    with jax_for_tests() as module:
        yield module


@pytest.fixture(scope="session")
def tf():
    """Give TensorFlow."""
    if not installed("tensorflow"):
        pytest.skip("tensorflow is not installed")
    return arrays.import_quietly("tensorflow")


def graphs_only(lib: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave PyTorch's traced graphs as they are: what Python decides is decided by then.

    From a graph to C++ it takes half a minute; `training/test_compiled_engine.py` goes there.
    """
    if lib.name == "torch":
        import torch

        monkeypatch.setattr(torch, "compile", lambda graph: graph)


def parameters(*left_out: str) -> list[Any]:
    """List the libraries to test; a missing one is skipped once, by arrays/test_libraries.py."""
    return [
        pytest.param(name, marks=TENSORFLOW) if name == "tensorflow" else name
        for name, library in LIBRARIES.items()
        if installed(library.name) and name not in left_out
    ]


@contextlib.contextmanager
def given(name: str):
    """Give a library, set up for tests."""
    library = LIBRARIES[name]
    reason = reason_to_skip(library.name)
    if reason:
        pytest.skip(reason)
    with jax_for_tests() if library.name == "jax" else contextlib.nullcontext():
        yield library


@pytest.fixture(params=parameters())
def lib(request: pytest.FixtureRequest):
    """Give each library in turn."""
    with given(request.param) as library:
        yield library


@pytest.fixture(params=parameters("numpy", "numpy-read-only"))
def other_lib(request: pytest.FixtureRequest):
    """Give each library but NumPy, for what is compared with NumPy."""
    with given(request.param) as library:
        yield library


@pytest.fixture(params=parameters(*(set(LIBRARIES) - {"jax", "tensorflow", "torch"})))
def compiler(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Give each library that compiles, for what is compiled and compared; PyTorch makes graphs."""
    with given(request.param) as library:
        graphs_only(library, monkeypatch)
        yield library
