"""Assignments in nbgrader itself, in its own environment: taken, and given the same points."""

import json
import os
import subprocess
import sys

import nbformat
import pytest

from deeplearn_utils.grading.assignments import ROOT, read, released
from tests.grading.answers.bank import BANK
from tests.grading.conftest import ASSIGNMENTS
from tests.grading.notebooks import filled, notebook_of, points

PYTHON = ROOT / "build" / "nbgrader" / "bin" / "python"
PROGRAM = ROOT / "tests" / "grading" / "in_nbgrader.py"
PATIENCE = 1800  # seconds, for a busy machine: nothing is measured


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of all six: released by nbgrader, solved by one student, graded by nbgrader."""
    if not PYTHON.exists() and not os.environ.get("CI"):
        pytest.skip("nbgrader is not there: make .venv/.nbgrader")
    folder = tmp_path_factory.mktemp("course")
    for name in ASSIGNMENTS:
        write(folder / "source" / name / f"{name}.ipynb", nbformat.writes(read(name).notebook))
    found = {"wrong": run(folder, "release"), "folder": folder}
    for name in ASSIGNMENTS:
        theirs = nbformat.read(folder / "release" / name / f"{name}.ipynb", as_version=4)
        # half of them fill in nbgrader's release, half what `deeplearn release` writes
        content = filled(theirs, mixed(name))
        if ASSIGNMENTS.index(name) % 2:
            content = notebook_of(read(name), mixed(name))
        place = folder / "submitted" / "ann" / name
        write(place / f"{name}.ipynb", content.decode())
        write(place / "timestamp.txt", "2026-11-30 12:00:00 UTC")
    return {**found, "points": run(folder, "grade")}


def run(folder, what):
    """Run the program in nbgrader's environment, with a kernel of this one, and no home."""
    home = folder.parent / "home"
    kernel = home / "jupyter" / "kernels" / "python3" / "kernel.json"
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    write(kernel, json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    path = f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"  # where it looks for alembic
    told = {"HOME": str(home), "JUPYTER_PATH": str(home / "jupyter"), "PATH": path}
    done = subprocess.run(
        [PYTHON, PROGRAM, what],
        cwd=folder,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def mixed(name):
    """Return answers of which every second one is wrong; validation has all that are right."""
    bank = BANK[name]
    right = {task: sources[0] for task, sources in bank.RIGHT.items()}
    wrong = {task: rows[0][0] for task, rows in list(bank.WRONG.items())[1::2]}
    words = {answer.id: "My words." for answer in read(name).answers if answer.is_read}
    return right | wrong | words


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_nbgrader_accepts_the_source_and_its_solution_passes(course, name):
    assert course["wrong"][name] == {}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_nbgrader_releases_what_this_package_releases(course, name):
    """Both keep the source's cells; what is to be written is marked by each in its own words."""
    theirs = nbformat.read(course["folder"] / "release" / name / f"{name}.ipynb", as_version=4)
    ours = released(read(name)).cells
    kept = [cell for cell in ours if "check-yourself" not in cell.metadata.get("tags", ())]
    for their, our in zip(theirs.cells, kept, strict=True):
        marks = our.metadata.get("nbgrader", {})
        assert "SOLUTION" not in their.source
        assert "HIDDEN" not in their.source
        if not marks.get("solution"):
            assert their.source.strip() == our.source.strip()
        assert their.metadata.get("nbgrader", {}).get("grade_id") == marks.get("grade_id")


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_nbgrader_gives_the_points_that_visible_checks_give_here(course, name, grader):
    record = grader(name, mixed(name), visible=True)
    words = {answer.id: 0 for answer in read(name).answers if answer.is_read}
    theirs = course["points"][name]["ann"]
    assert theirs == points(record) | words
    assert 0 < sum(theirs.values()) < read(name).points
