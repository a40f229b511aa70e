"""A class of submissions: a run that is killed goes on where it was; marks don't change by it."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deeplearn_utils.grading import batch
from deeplearn_utils.grading.assignments import ROOT, read
from deeplearn_utils.grading.sandbox import Unavailable
from tests.grading import hostile
from tests.grading.answers import networks
from tests.grading.notebooks import notebook_of, solutions

NAME, NUMBER = "01_networks", 12
ODD = ("the process ends", "SystemExit", "a fork bomb", "float16")
GRADE = """
import sys, time
from deeplearn_utils.grading import grade
def show(record, found):
    print("done", record["name"], flush=True)
if __name__ == "__main__":
    grade(sys.argv[1], "01_networks", sys.argv[2], seed=7, workers=2, progress=show)
"""
CLUSTER = """
import os, signal, sys
from distributed import LocalCluster
from deeplearn_utils.grading import grade
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        killed = []
        def show(record, found):
            print("done", record["name"], flush=True)
            if not killed:
                worker = next(iter(cluster.workers.values()))
                killed.append(worker.pid)
                os.kill(worker.pid, signal.SIGKILL)
        grade(sys.argv[1], "01_networks", sys.argv[2], seed=7, progress=show,
              scheduler=cluster.scheduler_address)
        print("killed", len(killed))
"""


def fill(folder, number):
    """Write submissions: every tenth or so hostile or broken, the others right or wrong."""
    assignment = read(NAME)
    code = dict(hostile.hostile_notebooks(assignment))
    files = dict(hostile.hostile_files(assignment))
    for k in range(number):
        if k % 20 == 4:
            content = code[ODD[k // 20 % len(ODD)]]
        elif k % 20 == 9:
            content = files[("half", "empty", "odd ids")[k // 20 % 3]]
        else:
            wrong = {t: rows[k % len(rows)][0] for t, rows in networks.WRONG.items()}
            kept = list(networks.RIGHT)[: k % 9]
            right = {t: networks.RIGHT[t][k % len(networks.RIGHT[t])] for t in kept}
            content = notebook_of(assignment, solutions(assignment) | wrong | right)
        (folder / f"student {k:03}").mkdir()
        (folder / f"student {k:03}" / f"{NAME}.ipynb").write_bytes(content)


def started(program, folder, out):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder), str(out)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished(program, folder, out):
    """Run a program to its end; return the lines that it printed."""
    process = started(program, folder, out)
    lines = process.communicate()[0].splitlines()
    assert process.returncode == 0
    return lines


def marks(out):
    report = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return {r["name"]: (r["status"], r["points"], r["tasks"]) for r in report["submissions"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, sandbox):
    place = tmp_path_factory.mktemp("class")
    (place / "in").mkdir()
    fill(place / "in", NUMBER)
    return place


@pytest.fixture(scope="module")
def in_one_piece(folder):
    lines = finished(GRADE, folder / "in", folder / "whole")
    assert len(lines) == NUMBER
    return marks(folder / "whole")


def test_marks_are_what_was_put_in(in_one_piece):
    names = list(networks.RIGHT)
    points = {check.id: check.points for check in read(NAME).checks}
    for name, (status, earned, tasks) in in_one_piece.items():
        k = int(name.split()[-1].split("/")[0])
        if k % 20 not in (4, 9):
            assert status == "graded"
            assert earned == sum(points[f"{task}-check"] for task in names[: k % 9])
            assert len(tasks) == 8


def test_a_killed_run_goes_on_and_grades_nothing_twice(folder, in_one_piece):
    out = folder / "killed"
    process = started(GRADE, folder / "in", out)
    before = [process.stdout.readline() for _ in range(3)]
    os.killpg(process.pid, signal.SIGKILL)
    before += process.communicate()[0].splitlines()
    kept = {json.loads(p.read_text())["name"]: p.stat().st_mtime_ns for p in records(out)}
    assert len(kept) >= 3
    after = finished(GRADE, folder / "in", out)
    assert len(after) == NUMBER - len(kept)
    assert not {line.removeprefix("done ") for line in after} & set(kept)
    again = {json.loads(p.read_text())["name"]: p.stat().st_mtime_ns for p in records(out)}
    assert {name: again[name] for name in kept} == kept
    assert marks(out) == in_one_piece


def records(out):
    return [path for path in (out / "records").iterdir() if path.suffix == ".json"]


def test_a_cluster_that_loses_a_worker_gives_the_same_marks(folder, in_one_piece):
    lines = finished(CLUSTER, folder / "in", folder / "cluster")
    assert lines.count("killed 1") == 1
    done = [line for line in lines if line.startswith("done")]
    assert len(done) == len(set(done)) == NUMBER
    assert marks(folder / "cluster") == in_one_piece


def test_a_changed_submission_is_graded_again(folder, in_one_piece):
    changed = folder / "in" / "student 000" / f"{NAME}.ipynb"
    content = changed.read_bytes()
    changed.write_bytes(notebook_of(read(NAME), solutions(read(NAME))))
    assert finished(GRADE, folder / "in", folder / "whole") == ["done student 000"]
    assert marks(folder / "whole")["student 000"][1] == 28
    changed.write_bytes(content)


def test_another_runs_folder_is_refused(folder, in_one_piece):
    out = folder / "whole"
    whole = f"`out` holds the results of another run (another seed): {out}; choose another folder"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        batch.grade(folder / "in", NAME, out, seed=8)


def test_without_a_sandbox_grading_refuses(monkeypatch, tmp_path):
    monkeypatch.setattr(batch, "why_not", lambda: "there is no bubblewrap for plan9")
    with pytest.raises(Unavailable) as refused:
        batch.grade(tmp_path, NAME, tmp_path / "out")
    assert "there is no bubblewrap for plan9" in str(refused.value)
    assert "apt-get install bubblewrap" in str(refused.value)
    assert "--unsafe-no-sandbox" in str(refused.value)


def test_without_a_sandbox_every_report_says_so(tmp_path):
    assignment = read(NAME)
    answers = solutions(assignment)
    own = {"softmax": "from deeplearn_utils.kernels.activations import softmax"}
    (tmp_path / "in").mkdir()
    for name, changed in {"right": {}, "own": own}.items():
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(notebook_of(assignment, answers | changed))
    out = tmp_path / "out"
    found = batch.grade(tmp_path / "in", NAME, out, unsafe_no_sandbox=True, workers=1)
    assert {record["name"]: record["points"] for record in found} == {"right": 28, "own": 24}
    assert "without a sandbox" in json.loads((out / "results.json").read_text())["sandbox"]
    lines = Path(out / "results.csv").read_text(encoding="utf-8").splitlines()
    assert all("without a sandbox" in line for line in lines[1:])


def test_seeds_are_secret_and_fresh(tmp_path, sandbox):
    (tmp_path / "in").mkdir()
    seeds = set()
    for run in ("a", "b"):
        batch.grade(tmp_path / "in", NAME, tmp_path / run, workers=1)
        seeds.add(json.loads((tmp_path / run / "run.json").read_text())["seed"])
    assert len(seeds) == 2
