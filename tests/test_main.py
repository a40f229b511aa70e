"""The command line: `deeplearn devices`."""

import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("typer")

from typer.testing import CliRunner

from deeplearn_utils import __main__ as command_line
from deeplearn_utils import arrays

ROOT = Path(__file__).resolve().parents[1]


def run(*words):
    return CliRunner().invoke(command_line.app, words)


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
    monkeypatch.setattr(command_line, "why_not", without(*names))


def test_help_names_the_commands():
    done = run("--help")
    assert done.exit_code == 0
    assert "devices" in done.output


def test_a_wrong_command_is_told():
    done = run("device")
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_a_row_for_each_device_and_a_line_for_each_reason(only_numpy):
    done = run("devices")
    assert done.exit_code == 0
    for words in ("NumPy", np.__version__, "cpu", "ok", "torch is not installed"):
        assert words in done.output
    assert done.output.count("torch is not installed") == 1
    assert "no GPU here, only a CPU [bold]" in done.output  # shown as it is, not as a style
    assert "PyTorch" not in done.output


def test_a_machine_that_does_not_tell_its_memory(only_numpy, monkeypatch):
    monkeypatch.setattr(command_line, "device_memory", lambda library, device: None)
    assert "unknown" in run("devices").output

    def fails(library, device):
        raise RuntimeError("the card is lost")

    monkeypatch.setattr(command_line, "device_memory", fails)
    assert "unknown" in run("devices").output


def test_a_device_that_fails_is_told_in_its_row(only_numpy, monkeypatch):
    def fails(x, device):
        raise RuntimeError("CUDA error: no kernel image is available\nadvice")

    monkeypatch.setattr(command_line, "_placed", fails)
    done = run("devices")
    assert done.exit_code == 1
    verdict = command_line.self_test(arrays.Device("numpy", "cpu", ""))
    assert verdict == "failed: CUDA error: no kernel image is available"
    assert "Traceback" not in done.output


def test_a_device_that_computes_nonsense_is_found(only_numpy, monkeypatch):
    for wrong, word in ((lambda x: 1.1 * x, "differs from"), (lambda x: np.nan * x, "nan")):
        monkeypatch.setattr(command_line, "to_numpy", wrong)
        verdict = command_line.self_test(arrays.Device("numpy", "cpu", ""))
        assert verdict.startswith("the matrix product is wrong")
        assert word in verdict
        assert run("devices").exit_code == 1


@pytest.mark.xdist_group("tensorflow")
def test_every_library_of_this_machine_passes():
    done = run("devices")
    assert done.exit_code == 0
    for device in arrays.available():
        assert command_line.LIBRARIES[device.library] in done.output
        assert device.version[:9] in done.output
    assert done.output.count(" ok ") == len(arrays.available())


def test_it_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "deeplearn_utils", "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0
    assert "deeplearn" in done.stdout


def test_without_typer_it_says_what_to_install():
    program = (
        "import sys; sys.modules['typer'] = None; sys.argv = ['deeplearn', 'devices']; "
        "import runpy; runpy.run_module('deeplearn_utils', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "the command line needs typer: pip install -e '.[lab]' brings it"
    )


def test_the_script_leads_here():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert pkgutil.resolve_name(project["scripts"]["deeplearn"]) is command_line.app
