"""A class of submissions, and the programs that grade it: in one piece, or on a cluster."""

import json
import os
import re
import subprocess
import sys

from deeplearn_utils.grading.assignments import ROOT, read
from tests.grading import hostile
from tests.grading.answers import networks
from tests.grading.notebooks import notebook_of, solutions

NAME = "01_networks"
ODD = (
    *("the process ends", "SystemExit", "a fork bomb", "float16", "JSON is patched"),
    *("an object that equals everything", "many guesses with the right nonce", "a crash in C"),
    *("everything is killed", "a value of a million numbers", "stdout is closed", "all memory"),
    *("a process that stays", "a cell magic", "output without end"),
)
BROKEN = ("half", "empty", "odd ids", "deep JSON", "UTF-16")
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
    """Write submissions: a tenth of them hostile or broken, the others right or wrong."""
    assignment = read(NAME)
    code = dict(hostile.hostile_notebooks(assignment))
    files = dict(hostile.hostile_files(assignment))
    for k in range(number):
        if is_odd(k) and k % 20 == 4:
            content = code[ODD[k // 20 % len(ODD)]]
        elif is_odd(k):
            content = files[BROKEN[k // 20 % len(BROKEN)]]
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


def is_odd(k):
    """Tell whether submission ``k`` is hostile or broken."""
    return k % 20 in (4, 9)


def expected(k):
    """Return the points that submission ``k`` of ``fill`` deserves, if it is neither."""
    points = {check.id: check.points for check in read(NAME).checks}
    return sum(points[f"{task}-check"] for task in list(networks.RIGHT)[: k % 9])


def number(name):
    """Return ``k`` of a submission by the name of its record."""
    return int(re.match(r"student (\d+)", name)[1])


def records(out):
    return [path for path in (out / "records").iterdir() if path.suffix == ".json"]
