"""The bank of hostile submissions, graded as a class: no point, no harm, and the batch goes on."""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from deeplearn_utils.grading.assignments import ROOT, read
from deeplearn_utils.grading.results import STATUSES
from tests.grading import hostile
from tests.grading.as_user import as_nobody, site_packages
from tests.grading.notebooks import points, reason

NAME = "01_networks"
PROGRAM = """
import sys
from pathlib import Path
from deeplearn_utils.grading import Limits, grade
limits = Limits(cell_cpu_s=3, cell_wall_s=12, notebook_wall_s=600, start_s=300)
grade(sys.argv[1], "01_networks", sys.argv[2], workers=2, limits=limits)
"""


def graded(folder, out, python, *before):
    """Grade the bank in a process of its own; return the records by name."""
    done = subprocess.run(
        [*before, python, "-c", PROGRAM, str(folder), str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *site_packages()])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Fatal Python error" not in done.stderr, "a process that graded was aborted"
    report = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return {record["name"]: record for record in report["submissions"]}


@pytest.fixture(scope="module")
def bank(sandbox):
    """Write the bank where another user can read it: pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory(prefix="bank-") as name:
        folder = Path(name)
        (folder / "in").mkdir()
        hostile.write_all(read(NAME), folder / "in")
        yield folder


@pytest.fixture(scope="module", params=["as we are", "as an ordinary user"])
def records(request, bank):
    before, python = [], sys.executable
    out = bank / f"out {request.param}"
    out.mkdir()
    if request.param == "as an ordinary user":
        python, before = as_nobody(bank, out)
    return graded(bank / "in", out, python, *before)


def named(records, name):
    return records[name.replace("/", " ")]


def test_the_bank_is_large():
    assert len(hostile.CODE) + len(hostile.CHANGES) >= 60


@pytest.mark.parametrize("name", hostile.CODE)
def test_hostile_code_earns_nothing(name, records):
    record = named(records, name)
    assert record["status"] in ("graded", "partly graded")
    assert points(record)["softmax-check"] == 0
    assert reason(record, "softmax-check")
    full = {task["task"]: task["of"] for task in record["tasks"]}
    kept = {task: points(record)[task] for task in full if task != "softmax-check"}
    expected = {task: of for task, of in full.items() if task != "softmax-check"}
    if name in hostile.SPOILS:
        before = dict(list(expected.items())[:3])
        assert {task: kept[task] for task in before} == before
    else:
        assert kept == expected, record


@pytest.mark.parametrize("name", hostile.CHANGES)
def test_what_a_notebook_says_beside_its_answers_earns_nothing(name, records):
    record = records[name]
    assert record["status"] in STATUSES
    assert record["points"] == 0
    assert record["of"] in (0, 28)


def test_files_that_are_no_notebooks_end_in_a_reason(records):
    told = {name: r["reason"] for name, r in records.items() if r["status"] == "unreadable"}
    assert told == {
        "11 MB": "it is larger than 10 MB; were outputs cleared?",
        "UTF-16": "it is no text in UTF-8",
        "a number": "it is no notebook",
        "an old format": "it has the format of an old Jupyter: "
        "open it, save it and hand it in again",
        "binary": told["binary"],
        "deep JSON": "it is nested too deep",
        "empty": "it is no JSON, so it is no notebook",
        "folder": "it is no ordinary file",
        "half": "it is no JSON, so it is no notebook",
        "half a zip": "the zip cannot be read: File is not a zip file",
        "link": "it is a link",
        "link to a folder": "it is a link",
        "link to a solution": "it is a link",
        "pipe": "it is no ordinary file",
        "two notebooks": "its folder has 2 notebooks; which one counts is not said",
        "zip bomb": "it is larger than 10 MB; were outputs cleared?",
        "zip that leaves": "its folder has 3 notebooks; which one counts is not said",
    }


def test_honest_work_beside_it_has_full_marks(records):
    for name in ("honest 1", "honest 2", "=HYPERLINK(1)", "[2Jname"):
        assert records[name]["points"] == records[name]["of"] == 28, name


def test_nothing_of_hidden_inputs_and_no_control_character_is_told(records):
    for record in records.values():
        told = [record["reason"], *record["notes"], *(t["reason"] for t in record["tasks"])]
        assert all(text.isprintable() for text in (*told, record["name"]))
        assert not [text for text in told if "<script" in text or "E[" in text]


def test_no_cell_of_the_table_is_a_formula(bank, records):
    for out in bank.glob("out*/results.csv"):
        with out.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert len(rows) == 1 + len(records)
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_nothing_is_left_behind(bank, records):
    everybody = psutil.process_iter(["name", "ppid", "status"])  # others may grade beside us
    orphans = [p for p in everybody if p.info["name"] == "bwrap" and p.info["ppid"] == 1]
    _, running = psutil.wait_procs(orphans, timeout=60)  # what has ended is only to be buried
    assert [p for p in running if p.status() != psutil.STATUS_ZOMBIE] == []
    assert not Path("/tmp/owned").exists()
    assert not Path("/tmp/out.ipynb").exists()
    assert not (bank.parent / "out.ipynb").exists()
