"""Nothing is green by itself: an untouched notebook has no points, nor has the book's own code."""

import ast
import builtins
import json
import re

import nbformat
import pytest

import roles
from deeplearn_utils.grading.assignments import SOLUTIONS, WRITE, read, released
from deeplearn_utils.grading.plugin import OWN_PACKAGE
from tests.grading.conftest import ASSIGNMENTS
from tests.grading.notebooks import points, reason, solutions

pytestmark = pytest.mark.parametrize("name", ASSIGNMENTS)


@pytest.mark.parametrize("visible", [True, False], ids=["visible", "hidden"])
def test_an_untouched_notebook_fails_every_check(name, grader, visible):
    record = grader(name, {}, visible=visible)
    assert record["status"] == "graded"
    assert points(record) == dict.fromkeys(points(record), 0.0)
    assert {task["reason"] for task in record["tasks"]} == {"not answered yet"}


@pytest.mark.parametrize("visible", [True, False], ids=["visible", "hidden"])
def test_the_solution_has_full_marks(name, grader, visible):
    assignment = read(name)
    record = grader(name, solutions(assignment), visible=visible)
    assert points(record) == {check.id: check.points for check in assignment.checks}
    assert record["points"] == record["of"] > 0


def test_a_released_notebook_holds_no_solution(name):
    assignment = read(name)
    text = nbformat.writes(released(assignment))
    for answer in assignment.answers:
        if answer.is_code:
            lines = re.search(r"### BEGIN SOLUTION\n(.*?)### END", answer.source, re.DOTALL)[1]
            written = [line.strip() for line in lines.splitlines() if len(line.strip()) > 12]
            assert not [line for line in written if json.dumps(line)[1:-1] in text]
        else:
            assert answer.source not in text
            assert WRITE in text
    for check in assignment.checks:
        for node in ast.parse(check.hidden).body:
            assert json.dumps(ast.get_source_segment(check.hidden, node))[1:-1] not in text
    assert "###" not in text


def test_the_notebook_that_students_get_is_the_released_one(name):
    path = SOLUTIONS.parent / f"{name}.ipynb"
    assert path.exists(), f"run `deeplearn release {name}`"
    stored = path.read_text(encoding="utf-8")
    fresh = nbformat.writes(released(read(name))).rstrip("\n") + "\n"
    assert stored == fresh, f"run `deeplearn release {name}`"
    assert roles.role_of(path).name == "student notebook"


def test_the_books_own_code_earns_nothing_and_the_student_is_told(name, grader):
    assignment = read(name)
    check, answer = assignment.checks[0], assignment.answers[0]
    function = re.search(r"def (\w+)\(", answer.source)[1]
    own = f"from deeplearn_utils.kernels.activations import softmax as {function}"
    record = grader(name, solutions(assignment) | {answer.id: own})
    assert points(record) == {c.id: c.points * (c is not check) for c in assignment.checks}
    assert reason(record, check.id).startswith(OWN_PACKAGE)


def test_a_mention_of_the_package_costs_nothing(name, grader):
    assignment = read(name)
    answers = {
        key: f"'''As in deeplearn_utils.'''\n{source}  # like deeplearn_utils"
        for key, source in solutions(assignment).items()
    }
    record = grader(name, answers)
    assert record["points"] == record["of"]


def test_what_a_student_calls_like_a_function_of_pythons_costs_nothing(name, grader):
    """As ``def map(x, f)``, which the checks of all later tasks stumbled over."""
    answers = solutions(read(name))
    first, text = next(iter(answers)), "\n".join(answers.values())
    theirs = [n for n, x in vars(builtins).items() if callable(x) and n.isidentifier()]
    taken = [n for n in theirs if not n.startswith("_") and not re.search(rf"\b{n}\b", text)]
    assert len(taken) > 50
    record = grader(name, answers | {first: f"{' = '.join(taken)} = lambda: 0\n{answers[first]}"})
    assert record["points"] == record["of"]
