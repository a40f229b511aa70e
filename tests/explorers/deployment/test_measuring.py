"""The program that measures: on few calls, for any machine."""

import json
import platform
import time

import numpy as np
import pytest

from deeplearn_utils.explorers.deployment import measuring
from deeplearn_utils.explorers.deployment.measured import FORMATS, THREADS, read


def test_a_short_run_writes_what_the_panel_reads(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    file = tmp_path / "latencies.json"
    arguments = ["--rounds", "1", "--batches", "1", "3", "--formats", "litert", "onnx"]
    measuring.main([str(file), *arguments])
    text = file.read_text("utf-8")
    found, raw = read(text), json.loads(text)
    assert found.runtimes == {"litert": "LiteRT", "onnx": "ONNX Runtime"}
    assert found.batches.tolist() == [1, 3]
    for times in (*found.median.values(), *found.slow.values()):
        assert (times > 0).all()
    assert set(raw["versions"]) == {"keras", "ai-edge-litert", "onnxruntime"}
    assert raw["validation_accuracy"] > 0.9
    assert raw["calls"] == measuring.CALLS
    assert platform.node() not in text or len(platform.node()) < 3
    assert capsys.readouterr().err.splitlines()[-1] == "round 1 of 1"
    assert measuring.os.environ["OMP_NUM_THREADS"] == "1", "the caller's variables are put back"


def test_there_is_a_way_to_open_every_format():
    assert set(measuring.OPEN) == set(FORMATS)
    assert THREADS == (1, 2)


def test_the_first_calls_do_not_count(monkeypatch):
    seen, clock = [], iter(range(1000))
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    X = np.zeros((2, 8, 8, 1))
    assert measuring.timed(seen.append, X) == [1] * measuring.CALLS
    assert len(seen) == measuring.CALLS + 2


@pytest.mark.parametrize(
    ("cpuinfo", "told"),
    [
        ("model name\t: Some CPU\nflags\t\t: fpu avx512f\n", "Some CPU, 3 cores, AVX-512"),
        ("model name\t: Some CPU\nflags\t\t: fpu avx2\n", "Some CPU, 3 cores, no AVX-512"),
        (None, "arm64, 3 cores"),
    ],
)
def test_the_machine_is_told_without_its_name(monkeypatch, cpuinfo, told):
    def read_text(path, encoding):
        if cpuinfo is None:
            raise FileNotFoundError(path)
        return cpuinfo

    monkeypatch.setattr(measuring.Path, "read_text", read_text)
    monkeypatch.setattr(measuring.platform, "machine", lambda: "arm64")
    monkeypatch.setattr(measuring, "cores", lambda: 3)
    assert measuring.machine() == told
