"""`deeplearn serve`: a process of its own, talked to and stopped."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("typer")
pytest.importorskip("fastapi")

from typer.testing import CliRunner

from deeplearn_utils.__main__ import app
from deeplearn_utils.edge import artifact
from deeplearn_utils.serving import Client
from tests.edge.artifact.lines import packed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path):
    artifact.save(packed(), tmp_path / "moons.zip")
    return tmp_path / "moons.zip"


def test_it_serves_until_it_is_stopped(path):
    command = [sys.executable, "-m", "deeplearn_utils", "serve", path, "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        first = process.stdout.readline()
        (url,) = re.findall(r"^<Artifact moons: .*> at (http://127\.0\.0\.1:\d+)$", first.strip())
        assert process.stdout.readline() == (
            "POST /predict, GET /health, GET /version, GET /metrics; Ctrl+C stops\n"
        )
        with Client(url) as client:
            X = packed().golden_inputs
            np.testing.assert_allclose(client.outputs(X), packed().golden_outputs, rtol=1e-9)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert process.stderr.read() == ""


def test_what_it_does_not_serve(path, tmp_path):
    digest = artifact.digest(packed())
    (tmp_path / "cut.zip").write_bytes(path.read_bytes()[:100])
    for words, message in (
        ((tmp_path / "none.zip",), f"there is no `{tmp_path / 'none.zip'}`"),
        (
            (tmp_path / "cut.zip",),
            f"`{tmp_path / 'cut.zip'}` is cut off: it ends after 100 bytes, before its table of "
            "contents does; copy or download it again",
        ),
        (
            (path, "--digest", "0"),
            f"`{path}` is whole, but another artifact: its digest is {digest}, expected 0",
        ),
        ((path, "--port", "99999"), "`port` must be a number in [0, 65535], got 99999"),
    ):
        done = CliRunner().invoke(app, ["serve", "--port", "0", *map(str, words)])
        assert done.exit_code == 1
        assert done.stderr == f"{message}\n"
