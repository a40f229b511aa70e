"""Testing an artifact in another process: it may be wrong, hang or crash."""

import re
import time

import numpy as np
import pytest

from deeplearn_utils.edge import ModelError, artifact, runtime, verifying
from deeplearn_utils.edge.verifying import verify
from tests.edge.artifact.lines import NETWORK, packed, parts_of, sealed, zipped
from tests.wrong_inputs import no_path


@pytest.fixture
def path(tmp_path):
    artifact.save(packed(), tmp_path / "moons.zip")
    return tmp_path / "moons.zip"


def refused(error, message, *arguments, **options):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        verify(*arguments, **options)


def test_what_agrees(path):
    verdict = verify(path, digest=artifact.digest(packed()))
    assert verdict.digest == artifact.digest(packed())
    assert verdict.contract == "(n, 3) float64 within [0, 16] -> (n, 2) float64"
    assert verdict.n_golden == 5
    assert verdict.parity.startswith("the largest difference is 0 (0 of the largest output)")


def test_what_does_not_agree_is_told_as_load_and_start_tell_it(path):
    parts = parts_of(path)
    theta = np.zeros(NETWORK.layout.size)
    files = {f"model/{n}": content for n, content in runtime.mlp_files(NETWORK, theta).items()}
    path.write_bytes(zipped(sealed(parts | files).items()))
    with pytest.raises(ModelError) as caught:
        artifact.start(artifact.load(path))
    refused(ModelError, str(caught.value), path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ModelError) as caught:
        artifact.load(path)
    refused(ModelError, str(caught.value), path)


def test_a_missing_file_is_none_of_the_process(tmp_path):
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "moons.zip")
    with pytest.raises(TypeError, match=no_path(None, "path")):
        verify(None)


# What only another process survives: a program that misbehaves is started instead.


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Let `verify` start another program."""

    def replaced(program):
        (tmp_path / "misbehaving.py").write_text(program)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(verifying, "__name__", "misbehaving")

    return replaced


def test_a_model_that_hangs(path, started):
    started("import time; time.sleep(600)")
    before = time.monotonic()
    message = f"`{path}` gave no answer within 0.5 seconds: its model may hang the runtime"
    refused(ModelError, message, path, seconds=0.5)
    assert time.monotonic() - before < 300


def test_a_model_that_crashes(path, started):
    started("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    refused(ModelError, f"`{path}` made the process that tested it stop with signal 11", path)


@pytest.mark.parametrize("said", ["", "print('no JSON')", "print('7')", "print('{}')"])
def test_a_process_that_gives_another_answer(path, started, said):
    started(f"{said}\nraise SystemExit(3)")
    refused(ModelError, f"`{path}` made the process that tested it stop with status 3", path)


def test_a_runtime_that_is_missing(path, monkeypatch, capsys, started):
    started(
        "import json; print(json.dumps({'kind': 'ImportError', 'message': 'this needs x'}))\n"
        "raise SystemExit(1)"
    )
    refused(ImportError, "this needs x", path)


def test_seconds_must_be_some(path):
    refused(ValueError, "`seconds` must be a number in (0, inf), got 0", path, seconds=0)
