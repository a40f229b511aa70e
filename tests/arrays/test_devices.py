"""What is said where there is no GPU, no driver, no memory, or more than one device."""

import importlib.util
import logging
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from deeplearn_utils import arrays, checks
from deeplearn_utils.arrays import availability, devices
from deeplearn_utils.arrays.libraries import refuse_mixed_devices
from deeplearn_utils.kernels.dense import dense
from tests.libraries import TENSORFLOW
from tests.wrong_inputs import two_devices, whole

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


class TestWhyNot:
    def test_what_is_not_installed(self, monkeypatch):
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        assert arrays.why_not("torch", "gpu") == "PyTorch is not installed"
        assert arrays.why_not("cupy", "cpu") == "CuPy is not installed"
        assert arrays.available() == []

    def test_what_is_broken(self, monkeypatch):
        def broken(name):
            raise OSError("libcudart.so.12: cannot open the file\nmore")

        monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
        monkeypatch.setattr(availability, "import_quietly", broken)
        assert arrays.why_not("torch", "cpu") == (
            "PyTorch is installed, but doesn't start: libcudart.so.12: cannot open the file"
        )

    def test_a_build_without_cuda(self, torch, monkeypatch):
        monkeypatch.setattr(torch.version, "cuda", None)
        monkeypatch.setattr(torch.version, "hip", None)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        assert arrays.why_not("torch", "gpu").startswith("this build of PyTorch has no CUDA")

    def test_a_missing_driver(self, torch, monkeypatch):
        monkeypatch.setattr(torch.version, "cuda", "12.8")
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        assert "no driver that fits; nvidia-smi" in arrays.why_not("torch", "gpu")

    def test_an_old_driver_does_not_warn(self, torch, monkeypatch):
        def is_available():
            import warnings

            warnings.warn("The NVIDIA driver on your system is too old", stacklevel=2)
            return False

        monkeypatch.setattr(torch.cuda, "is_available", is_available)
        assert arrays.why_not("torch", "gpu")

    def test_jax_without_its_cuda_part(self, jax, monkeypatch):
        monkeypatch.setattr(jax, "devices", lambda: [types.SimpleNamespace(platform="cpu")])
        plugin = importlib.util.find_spec("numpy")
        for installed, words in ((None, "pip install 'jax[cuda12]'"), (plugin, "nvidia-smi")):
            found = {"jax": plugin, "jax_cuda12_plugin": installed}
            monkeypatch.setattr(importlib.util, "find_spec", found.get)
            assert words in arrays.why_not("jax", "gpu")

    def test_jax_without_any_device(self, jax, monkeypatch):
        def no_backend():
            raise RuntimeError("Unable to initialize backend 'cuda'")

        monkeypatch.setattr(jax, "devices", no_backend)
        assert "doesn't start: Unable to initialize backend" in arrays.why_not("jax", "gpu")

    @TENSORFLOW
    def test_tensorflow_tells_its_build(self, tf, monkeypatch):
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
        for built, words in ((True, "no driver or no CUDA libraries"), (False, "has no CUDA")):
            info = {"is_cuda_build": built}
            monkeypatch.setattr(tf.sysconfig, "get_build_info", lambda info=info: info)
            assert words in arrays.why_not("tensorflow", "gpu")

    def test_cupy_without_a_driver(self):
        class CUDARuntimeError(RuntimeError):
            pass

        def fails():
            raise CUDARuntimeError("cudaErrorInsufficientDriver: driver version is insufficient")

        runtime = types.SimpleNamespace(getDeviceCount=fails, CUDARuntimeError=CUDARuntimeError)
        cupy = types.SimpleNamespace(cuda=types.SimpleNamespace(runtime=runtime))
        assert "or no driver: cudaErrorInsufficientDriver" in availability._cupy_gpu(cupy)
        runtime.getDeviceCount = lambda: 0
        assert availability._cupy_gpu(cupy) == "CuPy finds no NVIDIA GPU"
        runtime.getDeviceCount = lambda: 1
        assert availability._cupy_gpu(cupy) is None

    def test_arrays_on_two_cards(self):
        class Device:
            __hash__ = None  # as CuPy's own

            def __init__(self, number):
                self.id = number

        class ndarray:
            __module__ = "cupy"

            def __init__(self, number):
                self.device = Device(number)

        refuse_mixed_devices({"x": ndarray(0), "W": ndarray(0)})
        with pytest.raises(ValueError, match=two_devices("x", "W", "cuda:0", "cuda:1")):
            refuse_mixed_devices({"x": ndarray(0), "W": ndarray(1)})


def test_the_log_says_why_an_array_stays(torch, monkeypatch, caplog):
    monkeypatch.setattr(devices, "why_not", lambda library, device: "no driver")
    x = torch.ones(2)
    with caplog.at_level(logging.WARNING):
        assert arrays.to_device(x, "gpu") is x or arrays.device(x) == "gpu"
    if arrays.device(x) == "cpu":
        assert "the array stays on the CPU; no driver" in caplog.text


class TestMemory:
    def test_of_the_machine(self):
        memory = arrays.device_memory("numpy", "cpu")
        assert memory is None or memory > 2**29

    def test_where_the_system_does_not_count(self, monkeypatch):
        monkeypatch.delattr("os.sysconf", raising=False)
        assert arrays.device_memory("numpy", "cpu") is None

    def test_of_a_card(self, torch, monkeypatch):
        card = types.SimpleNamespace(total_memory=80 * 10**9)
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: card)
        assert arrays.device_memory("torch", "gpu") == 80 * 10**9
        assert arrays.device_memory("tensorflow", "gpu") is None

    def test_of_jax(self, jax, monkeypatch):
        for stats, expected in (({"bytes_limit": 5}, 5), (None, None)):
            one = types.SimpleNamespace(memory_stats=lambda stats=stats: stats)
            monkeypatch.setattr(jax, "devices", lambda one=one: [one])
            assert arrays.device_memory("jax", "gpu") == expected


class TestFullMemory:
    def moved_with(self, monkeypatch, x, error):
        """Move an array to a GPU on which the library raises this error."""

        def full(x, device_name):
            raise error

        monkeypatch.setattr(devices, "why_not", lambda library, device: None)
        monkeypatch.setitem(devices._MOVES, arrays.library(x), full)
        return arrays.to_device(x, "gpu")

    def assert_told(self, monkeypatch, x, error, line):
        message = (
            f"the GPU has no room for an array of shape {tuple(x.shape)} and dtype {x.dtype}; "
            "delete arrays that are no longer needed, take a smaller batch, or compute in float32 "
            f"({line})"
        )
        with pytest.raises(MemoryError, match=whole(message)) as told:
            self.moved_with(monkeypatch, x, error)
        assert told.value.__cause__ is error

    def test_pytorch(self, torch, monkeypatch):
        line = "CUDA out of memory. Tried to allocate 20.00 GiB."
        error = torch.OutOfMemoryError(f"{line}\nmore")
        self.assert_told(monkeypatch, torch.ones(2, 3), error, line)

    def test_jax(self, jax, monkeypatch):
        line = "RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes."
        error = jax.errors.JaxRuntimeError(line)
        x = jax.device_put(jax.numpy.ones(2), jax.devices("cpu")[0])  # else it starts on a GPU
        self.assert_told(monkeypatch, x, error, line)

    @TENSORFLOW
    def test_tensorflow(self, tf, monkeypatch):
        line = "failed to allocate memory"
        error = tf.errors.ResourceExhaustedError(None, None, line)
        with tf.device("CPU"):
            x = tf.ones(2)
        self.assert_told(monkeypatch, x, error, line)

    def test_another_error_is_not_hidden(self, torch, monkeypatch):
        with pytest.raises(RuntimeError, match="^device-side assert$"):
            self.moved_with(monkeypatch, torch.ones(2), RuntimeError("device-side assert"))


class TestMixedDevices:
    def test_array_api_strict(self):
        strict = pytest.importorskip("array_api_strict")
        second = strict.Device("device1")
        x, W, b = strict.ones((2, 3)), strict.ones((3, 1), device=second), strict.ones(1)
        with pytest.raises(ValueError, match=two_devices("x", "W", x.device, second)):
            dense(x, W, b)
        with pytest.raises(
            ValueError, match=two_devices(r"arrays\[0\]", r"arrays\[2\]", x.device, second)
        ):
            arrays.namespace(x, 2.0, W)
        moved = arrays.asarray(W, like=x)
        assert dense(x, moved, b).device == x.device

    def test_pytorch(self, torch):
        x, W = torch.ones(2, 3), torch.ones(3, 1, device="meta")
        with pytest.raises(ValueError, match=two_devices("x", "W", "cpu", "meta")):
            dense(x, W, torch.ones(1))
        # PyTorch takes an array without axes as a number, wherever it is
        assert checks.float_arrays(z=torch.ones(2, device="meta"), scale=torch.tensor(1.0))

    def test_jax(self):
        """JAX makes two devices of a CPU if asked before it starts: `tests/two_devices` there."""
        pytest.importorskip("jax")
        environment = {
            "JAX_PLATFORMS": "cpu",
            "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
            "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # compiling takes longer than running
        }
        without = ["-p", "no:cacheprovider", "-p", "no:nbval"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *without, "tests/two_devices"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_numbers_live_nowhere(lib):
    x = lib.array([1.0, 2.0])
    assert arrays.namespace(x, 1.0, x) is arrays.namespace(x)
    assert checks.float_arrays(z=x, scale=2.0)[1] is x
