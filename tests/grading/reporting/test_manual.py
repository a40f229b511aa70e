"""Points and comments given by hand: merged, or refused with every reason at once."""

import csv
import io
import re

import pytest

from deeplearn_utils.grading.cells import written
from deeplearn_utils.grading.reporting.manual import merged, to_read
from deeplearn_utils.grading.reporting.marks import load, marks_of
from tests.grading.reporting.results import ALL, TASKS, WORDS, record, results

FIRST_WORDS, SECOND_WORDS = WORDS
TASK = next(iter(TASKS))
HEADER = ("student", "task", "points", "comment")


@pytest.fixture
def marks(tmp_path):
    odd = record('=2+3, "Lee"\n\u202eX', name="odd", text="My\nanswer, =1")
    return marks_of([load(results(tmp_path / "r", record("ann", [TASK], text="dead"), odd))])


def merge(tmp_path, marks, *rows, header=HEADER):
    path = tmp_path / "manual.csv"
    path.write_text(written([header, *rows]), encoding="utf-8")
    return {mark.submission: mark for mark in merged(marks, path)}


def test_the_table_to_read_comes_back_filled_in(tmp_path, marks):
    rows = list(csv.reader(io.StringIO(to_read(marks), newline="")))
    assert len(rows) == 1 + 2 * len(WORDS)
    points, comment = rows[0].index("points"), rows[0].index("comment")
    for row in rows[1:]:
        row[points], row[comment] = "1,5", f"for {row[1]}"
    path = tmp_path / "filled.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    for mark in merged(marks, path):
        assert mark.waiting == ()
        assert mark.earned == sum(t.points for t in mark.tasks if t.id in TASKS) + 3
        assert {t.comment for t in mark.tasks if t.id in WORDS} == {f"for {mark.submission}"}


def test_all_answers_to_one_task_stand_below_each_other(marks):
    rows = list(csv.reader(io.StringIO(to_read(marks), newline="")))
    task = rows[0].index("task")
    assert [row[task] for row in rows[1:]] == [name for name in WORDS for _ in marks]


def test_points_of_a_check_can_be_given_by_hand_too(tmp_path, marks):
    short = TASK.removesuffix("-check")
    after = merge(tmp_path, marks, ("Ann", short, "1", "half right"))["ann"]
    (task,) = [task for task in after.tasks if task.id == TASK]
    assert (task.points, task.comment, task.by_hand) == (1, "half right", True)
    assert after.earned == ALL - TASKS[TASK] + 1


def test_a_comment_alone_leaves_the_points(tmp_path, marks):
    after = merge(tmp_path, marks, ("ann", TASK, "", "well tried"))["ann"]
    (task,) = [task for task in after.tasks if task.id == TASK]
    assert (task.points, task.comment, task.by_hand) == (0, "well tried", False)


def test_a_row_that_says_nothing_yet_is_passed_over(tmp_path, marks):
    assert merge(tmp_path, marks, ("whoever", "whatever", "", " "))["ann"] == marks[-1]


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_merged(tmp_path, marks):
    rows = [
        ("ann", FIRST_WORDS, "1", "right"),
        ("bob", FIRST_WORDS, "1", ""),
        ("ann", "task 99", "1", ""),
        ("ann", SECOND_WORDS, "2.5", ""),
        ("ann", SECOND_WORDS, "-1", ""),
        ("ann", SECOND_WORDS, "good", ""),
        ("ann", SECOND_WORDS, "nan", ""),
        ("ann", FIRST_WORDS, "1", "again"),
    ]
    known = ", ".join([*TASKS, *WORDS])
    expected = [
        "manual.csv was not merged:",
        "row 3: there is no student 'bob'",
        f"row 4: there is no task 'task 99'; the tasks are {known}",
        f"row 5: {SECOND_WORDS} gives at most 2 points, got 2.5",
        "row 6: points must be at least 0, got -1",
        "row 7: points must be a number, got 'good'",
        "row 8: points must be at least 0, got nan",
        f"row 9: a second row for this student and {FIRST_WORDS}",
    ]
    whole = "\n".join(expected)
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        merge(tmp_path, marks, *rows)


def test_a_student_with_two_marks_needs_the_assignment(tmp_path):
    both = [
        load(results(tmp_path / name, record("ann"), assignment=name)) for name in ("one", "two")
    ]
    marks = marks_of(both)
    whole = "row 2: 'ann' is not one mark only; fill in the column assignment"
    with pytest.raises(ValueError, match=f"^manual.csv was not merged:\n{whole}$"):
        merge(tmp_path, marks, ("ann", TASK, "1", ""))
    whole = "row 2: there is no assignment 'three'"
    with pytest.raises(ValueError, match=f"^manual.csv was not merged:\n{whole}$"):
        merge(tmp_path, marks, ("ann", TASK, "1", "three"), header=(*HEADER[:3], "assignment"))
    path = tmp_path / "manual.csv"
    path.write_text(written([(*HEADER[:3], "assignment"), ("ann", TASK, "1", "two")]))
    assert [mark.earned for mark in merged(marks, path)] == [ALL, ALL - TASKS[TASK] + 1]


def test_points_for_a_student_do_not_go_to_who_called_a_file_like_them(tmp_path):
    ann, other = record("Doe, Ann", name="ann"), record("mallory", name="Doe, Ann")
    marks = marks_of([load(results(tmp_path / "r", ann, other))])
    whole = "row 2: 'Doe, Ann' is not one mark only; fill in the column submission"
    with pytest.raises(ValueError, match=f"^manual.csv was not merged:\n{whole}$"):
        merge(tmp_path, marks, ("Doe, Ann", TASK, "1", ""))
    header = (*HEADER[:3], "submission")
    after = merge(tmp_path, marks, ("Doe, Ann", TASK, "1", "ann"), header=header)
    assert (after["ann"].earned, after["Doe, Ann"].earned) == (ALL - TASKS[TASK] + 1, ALL)


def test_points_are_not_given_to_an_answer_that_nobody_read(tmp_path, marks):
    header = (*HEADER, "answer")
    same = merge(tmp_path, marks, ("ann", FIRST_WORDS, "1", "", "dead"), header=header)
    assert same["ann"].earned == ALL - TASKS[TASK] + 1
    whole = (
        f"row 2: the answer to {FIRST_WORDS} that counts is another now: read it anew, or empty "
        "this row's answer if its points hold for that one too"
    )
    for mine in ("DE AD", "alive"):
        with pytest.raises(ValueError, match=f"^manual.csv was not merged:\n{whole}$"):
            merge(tmp_path, marks, ("ann", FIRST_WORDS, "1", "", mine), header=header)


def test_what_a_spreadsheet_makes_of_an_answer_is_the_same_answer(tmp_path):
    words = "Der Gradient läuft\nüber;\t=1,5 „so“"
    made = marks_of([load(results(tmp_path / "r", record("ann", text=words)))])
    for stored in (words, words.replace("\n", "\r\n"), words.encode().decode("cp1252", "replace")):
        row = ("ann", FIRST_WORDS, "1", "", f" {stored} ")
        after = merge(tmp_path, made, row, header=(*HEADER, "answer"))
        assert after["ann"].earned == ALL + 1


def test_a_table_without_its_columns_is_refused(tmp_path, marks):
    whole = "manual.csv needs the columns student, task, points: no points"
    with pytest.raises(ValueError, match=f"^{whole}$"):
        merge(tmp_path, marks, ("ann", "x"), header=("student", "task"))


@pytest.mark.parametrize("letter", ["x", "\U00020000"])
def test_an_answer_without_an_end_does_not_keep_points_from_the_class(tmp_path, letter):
    words = letter * 200_000
    made = marks_of([load(results(tmp_path / "r", record("ann", text=words), record("bob")))])
    table = to_read(made)
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert max(len(cell.encode("utf-16-le")) for cell in cells) / 2 < 32_767
    path = tmp_path / "filled.csv"
    rows = list(csv.DictReader(io.StringIO(table)))
    filled = [(row["student"], row["task"], "1", "", row["answer"]) for row in rows]
    path.write_text(written([(*HEADER, "answer"), *filled]), encoding="utf-8")
    assert [mark.waiting for mark in merged(made, path)] == [(), ()]


def test_a_line_of_an_answer_is_no_row_where_a_spreadsheet_ends_cells_otherwise(tmp_path):
    text = f"I think\nmal,mal,01_networks,{FIRST_WORDS},1,1,great,\nso."
    marks = marks_of([load(results(tmp_path / "r", record("ann"), record("mal", text=text)))])
    lines = to_read(marks).split("\n")  # opened with semicolons, no cell begins with a quote
    path = tmp_path / "saved.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([line.rstrip("\r")] for line in lines)
    message = (
        "row 3 of saved.csv stands in one cell: it was saved by a program that took another "
        "delimiter than ','; open the file with that one, and save it anew"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        merged(marks, path)
