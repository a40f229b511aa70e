"""What Canvas and Moodle are given, read back as they read it."""

import csv
import io
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils.grading.cells import written
from deeplearn_utils.grading.reporting.exports import canvas, moodle
from deeplearn_utils.grading.reporting.marks import load, marks_of
from deeplearn_utils.grading.reporting.roster import read_roster
from tests.grading.reporting.results import ALL, TASKS, WORDS, record, results
from tests.grading.reporting.test_marks import CANVAS

OF = f"{ALL + sum(WORDS.values()):g}"
TASK = next(iter(TASKS))
ODD = ('=HYPERLINK("http://x")', 'O\'Neil, "Ann"\nLee', "\u202eevil\u200f", "-2+3", "名, 学生")


def rows(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def table(tmp_path, content):
    path = tmp_path / "roster.csv"
    path.write_text(written(content), encoding="utf-8")
    return read_roster(path)


def marks(tmp_path, *records, roster=None):
    return marks_of([load(results(tmp_path / "r", *records))], roster)


def test_canvas_gets_its_own_rows_back_with_one_more_column(tmp_path):
    known = table(tmp_path, CANVAS)
    made = marks(
        tmp_path,
        record("doejane", number="13", system="canvas"),
        record("oneilann", [TASK], number="12", system="canvas"),
        record("nobody", number="99", system="canvas"),
        roster=known,
    )
    assert rows(canvas(made, known)) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01_networks"],
        ["    Points Possible", "", "", "", "", OF],
        ["Doe, Jane", "11", "s11", "jdoe", "A", ""],
        ['O\'Neil, "Ann"\n\u202e', "12", "s12", "aoneil", "B", f"{ALL - TASKS[TASK]:g}"],
        ["Doe, Jane", "13", "s13", "jdoe2", "B", f"{ALL:g}"],
    ]


def test_a_column_that_canvas_has_keeps_its_number(tmp_path):
    header, *lines = CANVAS
    known = table(tmp_path, [(*header[:5], "01_networks (4711)"), *lines])
    made = marks(tmp_path, record("doejane", number="11", system="canvas"), roster=known)
    assert rows(canvas(made, known))[0][5] == "01_networks (4711)"


def test_without_a_roster_canvas_gets_the_numbers_that_names_told(tmp_path):
    made = marks(
        tmp_path,
        record("doejane", number="11", system="canvas"),
        record("jroe", system="nbgrader"),
        record("Max", system="folder"),
    )
    assert rows(canvas(made))[2:] == [
        ["doejane", "11", "", "", "", f"{ALL:g}"],
        ["jroe", "", "", "jroe", "", f"{ALL:g}"],
        ["Max", "", "", "", "", f"{ALL:g}"],
    ]


def test_people_of_two_systems_who_have_one_number_are_two(tmp_path):
    made = marks(
        tmp_path,
        record("doejane", number="11", system="canvas"),
        record("Max Roe", [TASK], number="11", system="moodle"),
    )
    assert [row[0] for row in rows(canvas(made))[2:]] == ["doejane", "Max Roe"]


SHEET = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade")
SHEET += ("Grade can be changed", "Last modified (submission)", "Last modified (grade)")
SHEET += ("Feedback comments",)


def sheet(most, *names):
    line = ["Participant {}", "{}", "{}@x.example", "Submitted", "", most, "Yes", "-", "-", ""]
    return [SHEET, *([c.format(n) for c in line] for n in names)]


def test_a_worksheet_of_moodle_comes_back_with_grades_on_its_scale(tmp_path):
    known = table(tmp_path, sheet("100,00", 7, 8))
    evil = record("x", [TASK], number="7", system="moodle", text="<b>")
    evil["tasks"][0]["reason"] = "For <x>: it is <script>alert(1)</script>."
    made = marks(tmp_path, evil, roster=known)
    back = rows(moodle(made, known))
    assert back[0] == list(SHEET)
    assert back[2] == sheet("100,00", 8)[1]
    points = ALL - TASKS[TASK]
    grade = dict(zip(SHEET, back[1], strict=True))
    assert float(grade["Grade"]) == pytest.approx(100 * points / float(OF), abs=0.005)
    assert grade["Feedback comments"].startswith(f"{points:g} of {OF} points<br>Task 1.")
    assert "&lt;script&gt;" in grade["Feedback comments"]
    assert "<script" not in grade["Feedback comments"]
    assert grade | {"Grade": "", "Feedback comments": ""} == dict(
        zip(SHEET, sheet("100,00", 7)[1], strict=True)
    )


def test_without_a_roster_a_worksheet_is_made(tmp_path):
    made = marks(tmp_path, record("Ann Lee", number="7", system="moodle"))
    (row,) = pd.read_csv(io.StringIO(moodle(made))).to_dict("records")
    assert row["Identifier"] == "Participant 7"
    assert row["Full name"] == "Ann Lee"
    assert (row["Grade"], row["Maximum Grade"]) == (ALL, float(OF))


def test_a_list_of_participants_gets_a_column_an_assignment(tmp_path):
    header = ("First name", "Last name", "Email address")
    known = table(tmp_path, [header, ("Ann", "Lee", "ann@x.example"), ("Bo", "Ray", "b@x.example")])
    first = load(results(tmp_path / "one", record("ann@x.example", system="nbgrader")))
    second = record("ann@x.example", system="nbgrader")
    second = load(results(tmp_path / "two", second, assignment="another"))
    back = rows(moodle(marks_of([first, second], known), known))
    assert back[0][3:] == ["01_networks", "01_networks (feedback)", "another", "another (feedback)"]
    assert [row[3] for row in back[1:]] == [f"{ALL:g}", ""]
    assert [row[5] for row in back[1:]] == [f"{ALL:g}", ""]


SEVERAL = (
    "a grading worksheet belongs to one assignment, got one, two; export Moodle's list of "
    "participants for several"
)


def test_a_worksheet_for_two_assignments_is_refused(tmp_path):
    both = [load(results(tmp_path / name, record("x"), assignment=name)) for name in ("one", "two")]
    with pytest.raises(ValueError, match=f"^{re.escape(SEVERAL)}$"):
        moodle(marks_of(both))


FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


@given(st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_name_makes_a_formula_and_none_breaks_a_row(tmp_path_factory, name):
    made = marks(tmp_path_factory.mktemp("any"), record(name))
    for text in (canvas(made), moodle(made)):
        back = rows(text)
        assert len({len(row) for row in back}) == 1
        for cell in (cell for row in back for cell in row):
            number = re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?", cell)
            assert number or cell == "-" or not FORMULA.match(cell)
        assert name in "".join(back[-1])
