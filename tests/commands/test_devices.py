"""`deeplearn devices`."""

import numpy as np
import pytest

pytest.importorskip("typer")

from typer.testing import CliRunner

from deeplearn_utils import arrays
from deeplearn_utils.__main__ import app
from deeplearn_utils.commands import devices as command


def run(*words):
    return CliRunner().invoke(app, words)


def without(*absent):
    """Answer `why_not` as a machine would that has neither a GPU nor these libraries."""

    def why_not(library, device):
        if library in absent:
            return f"{library} is not installed"
        return "no GPU here, only a CPU [bold]" if device == "gpu" else None

    return why_not


@pytest.fixture
def only_numpy(monkeypatch):
    names = ("cupy", "torch", "jax", "tensorflow")
    monkeypatch.setattr(command, "why_not", without(*names))


def test_a_row_for_each_device_and_a_line_for_each_reason(only_numpy):
    done = run("devices")
    assert done.exit_code == 0
    for words in ("NumPy", np.__version__, "cpu", "ok", "torch is not installed"):
        assert words in done.output
    assert done.output.count("torch is not installed") == 1
    assert "no GPU here, only a CPU [bold]" in done.output  # shown as it is, not as a style
    assert "PyTorch" not in done.output


def test_a_machine_that_does_not_tell_its_memory(only_numpy, monkeypatch):
    monkeypatch.setattr(command, "device_memory", lambda library, device: None)
    assert "unknown" in run("devices").output

    def fails(library, device):
        raise RuntimeError("the card is lost")

    monkeypatch.setattr(command, "device_memory", fails)
    assert "unknown" in run("devices").output


def test_a_device_that_fails_is_told_in_its_row(only_numpy, monkeypatch):
    def fails(x, device):
        raise RuntimeError("CUDA error: no kernel image is available\nadvice")

    monkeypatch.setattr(command, "_placed", fails)
    done = run("devices")
    assert done.exit_code == 1
    verdict = command.self_test(arrays.Device("numpy", "cpu", ""))
    assert verdict == "failed: CUDA error: no kernel image is available"
    assert "Traceback" not in done.output


def test_a_device_that_computes_nonsense_is_found(only_numpy, monkeypatch):
    for wrong, word in ((lambda x: 1.1 * x, "differs from"), (lambda x: np.nan * x, "nan")):
        monkeypatch.setattr(command, "to_numpy", wrong)
        verdict = command.self_test(arrays.Device("numpy", "cpu", ""))
        assert verdict.startswith("the matrix product is wrong")
        assert word in verdict
        assert run("devices").exit_code == 1


@pytest.mark.xdist_group("tensorflow")
def test_every_library_of_this_machine_passes():
    done = run("devices")
    assert done.exit_code == 0
    for device in arrays.available():
        assert command.LIBRARIES[device.library] in done.output
        assert device.version[:9] in done.output
    assert done.output.count(" ok ") == len(arrays.available())
