"""An instructor's afternoon: released, handed in, graded, read, exported; for every assignment.

The page that tells it is walked too, with few students of the class of thirty.
"""

import csv
import re

import pytest
from PIL import Image

from deeplearn_utils.grading import batch
from deeplearn_utils.grading.assignments import read
from deeplearn_utils.grading.reporting.feedback import feedback
from deeplearn_utils.grading.reporting.gradebook import gradebook
from deeplearn_utils.grading.reporting.marks import load, marks_of
from deeplearn_utils.grading.reporting.roster import read_roster
from deeplearn_utils.grading.submissions import collect
from tests.grading.class_of_thirty import NAME, students, write_class
from tests.grading.conftest import ASSIGNMENTS
from tests.grading.notebooks import notebook_of, solutions
from tools import afternoon

ROSTER = """Student,ID,SIS User ID,SIS Login ID,Section
    Points Possible,,,,
"Doe, Jane",11,s11,jdoe,A
"Roe, Max",12,s12,mroe,A
"Poe, Kim",13,s13,kpoe,A
"""


@pytest.fixture(scope="module")
def thirty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    write_class(folder)
    return folder


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_an_assignment_goes_from_release_to_export(name, sandbox, tmp_path):
    assignment = read(name)
    handed_in = tmp_path / "submissions"
    handed_in.mkdir()
    for who, answers in (("doejane_11_1", solutions(assignment)), ("roemax_12_2", {})):
        (handed_in / f"{who}_{name}.ipynb").write_bytes(notebook_of(assignment, answers))
    (tmp_path / "canvas.csv").write_text(ROSTER)

    records = batch.grade(handed_in, name, tmp_path / "results", workers=1)
    assert [record["status"] for record in records] == ["graded", "graded"]
    book = {"roster": tmp_path / "canvas.csv", "submissions": handed_in}
    made = gradebook([tmp_path / "results"], tmp_path / "g", **book)
    words = [answer for answer in assignment.answers if answer.is_read]
    assert made.waiting == len(words)  # nobody reads what was not answered
    fill_in(tmp_path / "g" / "to_read.csv")
    made = gradebook([tmp_path / "results"], tmp_path / "g", manual=tmp_path / "filled.csv", **book)
    assert (made.waiting, made.unmatched, made.pairs) == (0, [], 0)

    with (tmp_path / "g" / "canvas.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    points = f"{assignment.points:g}"
    assert [row[0] for row in rows[2:]] == ["Doe, Jane", "Roe, Max", "Poe, Kim"]
    assert [row[-1] for row in rows] == [name, points, points, "0", ""]
    pages = feedback(tmp_path / "g", tmp_path / "pages")
    names = ["doejane_11_1_feedback.html", "roemax_12_2_feedback.html"]
    assert sorted(page.name for page in pages) == names
    full, empty = (page.read_text(encoding="utf-8") for page in sorted(pages))
    assert full.count('class="task right"') == len(assignment.checks) + len(words)
    assert empty.count("not answered yet") == len(assignment.checks) + len(words)


def fill_in(path):
    """Give full points to every answer."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    of, points = (rows[0].index(column) for column in ("of", "points"))
    for row in rows[1:]:
        row[points] = row[of]
    with path.with_name("filled.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    path.with_name("filled.csv").rename(path.parent.parent / "filled.csv")


def test_three_systems_hand_over_the_same_thirty_submissions(thirty):
    expected = {one.number: one.content for one in students() if one.content is not None}
    assert len(expected) == 30
    for what, roster in (("canvas.zip", "canvas.csv"), ("moodle.zip", "moodle.csv")):
        known = read_roster(thirty / roster)
        found = {known.find(vars(s.origin)): s.content for s in collect(thirty / what, NAME)}
        assert found == expected
    known = read_roster(thirty / "canvas.csv")
    latest = sorted(collect(thirty / "exchange", NAME), key=lambda s: s.origin.submitted)
    assert {known.find(vars(s.origin)): s.content for s in latest} == expected
    assert len(latest) == 30 + sum(one.attempt == 2 for one in students() if one.content)


def test_names_tell_who_is_late_and_which_attempt_it_is(thirty):
    known = read_roster(thirty / "canvas.csv")
    everybody = students()
    for submission in collect(thirty / "canvas.zip", NAME):
        one = everybody[known.find(vars(submission.origin))]
        assert (submission.origin.late, submission.origin.attempt) == (one.late, one.attempt)


ORIGINAL, KILLED, COPIED, BROKEN = 4, 14, 21, 26
"""One of each kind that the pictures count, by their numbers in the class."""


@pytest.fixture(scope="module")
def walked(sandbox, tmp_path_factory):
    """What each command of the page prints, in its order, and the folder of the walk."""
    folder = tmp_path_factory.mktemp("afternoon")
    write_class(folder, [students()[k] for k in (ORIGINAL, KILLED, COPIED, BROKEN)])
    shown = []
    for words in afternoon.commands():
        if "read.csv" in words and not (folder / "read.csv").exists():
            afternoon.read_answers(folder / "grades" / "to_read.csv", folder / "read.csv")
        shown.append(afternoon.run(folder, words))
    return shown, folder


def masked(text):
    """Return lines without numbers, which are others for a class of four; options are another's."""
    lines = (line.removesuffix(" --seed 14") for line in text.splitlines())
    return [re.sub(r"\d+", "N", line) for line in lines]


def test_the_pictures_show_what_the_commands_of_the_page_print(walked):
    (release, grade, first, last, feedback, *_), _ = walked
    now = {"release": release, "grade": grade, "gradebook": first, "export": f"{last}\n{feedback}"}
    for name, text in now.items():
        with Image.open(afternoon.PICTURES / f"{name}.png") as picture:
            assert masked(picture.text[afternoon.TOLD]) == masked(text), "python -m tools.afternoon"


def test_grading_again_loses_nothing_that_was_given_by_hand(walked):
    (*_, again), folder = walked
    assert "0 changes" in again
    assert "wait for a reader" not in again
    marks = {mark.student: mark for mark in marks_of([load(folder / "grades")])}
    assert sorted(task.by_hand for task in marks["Eze, Emre"].tasks) == 8 * [False] + 2 * [True]
