"""Assignments in nbgrader itself, in its own environment: taken, and given the same points."""

import csv
import json
import os
import subprocess
import sys

import nbformat
import pytest

from deeplearn_utils.grading.assignments import ROOT, read, released, stripped
from tests.grading.conftest import ASSIGNMENTS
from tests.grading.notebooks import notebook_of, points, solutions

NBGRADER = ROOT / "build" / "nbgrader" / "bin" / "nbgrader"
PATIENCE = 1800  # seconds, for a busy machine: nothing is measured
EXPORT = """
import csv, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    rows = csv.writer(sys.stdout)
    for submission in book.assignment_submissions(sys.argv[1]):
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                told = (grade.auto_score, grade.max_score)
                rows.writerow((submission.student_id, grade.name, *told))
"""

pytestmark = [
    pytest.mark.parametrize("name", ASSIGNMENTS),
    pytest.mark.skipif(not NBGRADER.exists(), reason="nbgrader is brought by make .venv/.nbgrader"),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """What nbgrader's processes see: a kernel with this environment's packages, and no home."""
    home = tmp_path_factory.mktemp("home")
    kernel = home / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    told = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(told))
    path = f"{NBGRADER.parent}{os.pathsep}{os.environ['PATH']}"  # where it looks for alembic
    told = {"HOME": str(home), "JUPYTER_PATH": str(home / "jupyter"), "PATH": path}
    return {**os.environ, **told}


def nbgrader(course, environment, *words):
    done = subprocess.run(
        [NBGRADER, *words],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def answers_by_student(assignment):
    """Return what is handed in: everything, nothing, every second task, words alone."""
    solved = solutions(assignment)
    code = [answer.id for answer in assignment.answers if answer.is_code]
    stubs = {a.id: stripped(a.source, is_code=a.is_code) for a in assignment.answers}
    return {
        "all": solved,
        "none": stubs,
        "odd": {**solved, **{task: stubs[task] for task in code[::2]}},
        "words": {**stubs, **{a.id: "My words." for a in assignment.answers if a.is_read}},
    }


def filled(path, answers):
    """Fill answers into a released notebook as a student does, in its file."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    return nbformat.writes(notebook).encode()


def test_nbgrader_releases_and_grades_as_this_package_does(name, grader, environment, tmp_path):
    assignment = read(name)
    source = tmp_path / "source" / name / f"{name}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(nbformat.writes(assignment.notebook), encoding="utf-8")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    nbgrader(tmp_path, environment, "generate_assignment", name, "--create")

    theirs = tmp_path / "release" / name / f"{name}.ipynb"
    assert_released_alike(nbformat.read(theirs, as_version=4), released(assignment))

    handed_in = answers_by_student(assignment)
    for student, answers in handed_in.items():
        own = student == "odd"  # from the notebook that `deeplearn release` wrote
        content = notebook_of(assignment, answers) if own else filled(theirs, answers)
        put(tmp_path, student, name, content)
    nbgrader(tmp_path, environment, "autograde", name, "--create")

    their_points = exported(tmp_path, environment, name)
    of = {check.id: check.points for check in assignment.checks}
    for student, answers in handed_in.items():
        record = grader(name, answers, visible=True)
        assert {t: p for t, p in their_points[student].items() if t in of} == points(record)
    read_by_people = {a.id: 0 for a in assignment.answers if a.is_read}
    assert their_points["all"] == of | read_by_people
    assert their_points["none"] == dict.fromkeys(of, 0) | read_by_people


def put(course, student, name, content):
    path = course / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    (path.parent / "timestamp.txt").write_text("2026-11-30 12:00:00 UTC")


def exported(course, environment, name):
    """Return the points that nbgrader's own checks gave, by student and task."""
    python = NBGRADER.with_name("python")
    command = [python, "-c", EXPORT, name]
    done = subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, dict[str, float]] = {}
    for student, task, earned, _ in csv.reader(done.stdout.splitlines()):
        found.setdefault(student, {})[task] = float(earned or 0)
    return found


def assert_released_alike(theirs, ours):
    """Both keep the source's cells; what is to be written is marked by each in its own words."""
    kept = [cell for cell in ours.cells if "check-yourself" not in cell.metadata.get("tags", ())]
    for their, our in zip(theirs.cells, kept, strict=True):
        marks = our.metadata.get("nbgrader", {})
        assert "SOLUTION" not in their.source
        assert "HIDDEN" not in their.source
        if not marks.get("solution"):
            assert their.source.strip() == our.source.strip()
        assert their.metadata.get("nbgrader", {}).get("grade_id") == marks.get("grade_id")


def test_validate_takes_the_solution_and_says_what_fails_in_an_empty_one(
    name, environment, tmp_path
):
    assignment = read(name)
    whole, empty = (tmp_path / f"{which}.ipynb" for which in ("whole", "empty"))
    whole.write_bytes(notebook_of(assignment, solutions(assignment)))
    empty.write_bytes(notebook_of(assignment, {}))
    assert "Success! Your notebook passes all the tests." in nbgrader(
        tmp_path, environment, "validate", str(whole)
    )
    told = nbgrader(tmp_path, environment, "validate", str(empty))
    assert f"VALIDATION FAILED ON {len(assignment.checks)} CELL(S)!" in told
