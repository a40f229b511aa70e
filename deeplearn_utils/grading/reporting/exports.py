"""Grades as Canvas and Moodle import them.

Canvas: the first five columns of its gradebook's export, a row with the points that can be reached,
and a column for each assignment; an empty cell changes nothing. Moodle: the grading worksheet of an
assignment with its columns as they were exported, or a table for the gradebook's import.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from ..cells import points, written
from .marks import Mark, person
from .outlines import faults
from .roster import CANVAS, POSSIBLE, Roster

__all__ = ["canvas", "column", "comment", "moodle"]

WORKSHEET = (
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"),
    *("Grade can be changed", "Last modified (submission)", "Last modified (grade)"),
    "Feedback comments",
)
GRADE, MOST, COMMENTS = "Grade", "Maximum Grade", "Feedback comments"


def _assignments(marks: Sequence[Mark]) -> dict[str, float]:
    """Return the assignments and what can be reached in each."""
    return {mark.assignment: mark.of for mark in marks}


def _points(marks: Sequence[Mark], assignment: str) -> str:
    return next((points(mark.points) for mark in marks if mark.assignment == assignment), "")


def _rows(marks: Sequence[Mark], roster: Roster) -> list[list[Mark]]:
    """Return the marks of each row of a roster."""
    return [[m for m in marks if m.row == row] for row in range(len(roster.rows))]


def _people(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Return the marks of each student that submissions name."""
    people: dict[object, list[Mark]] = {}
    for mark in marks:
        people.setdefault(person(mark), []).append(mark)
    return list(people.values())


def canvas(marks: Sequence[Mark], roster: Roster | None = None) -> str:
    """Return a CSV that Canvas's gradebook imports.

    Parameters
    ----------
    marks : sequence of Mark
    roster : Roster, optional
        Canvas's export: its students, in its order; a column of it that is called like an
        assignment, with or without Canvas's number behind, keeps that name.

    Returns
    -------
    str
    """
    wanted = _assignments(marks)
    told = roster.header if roster else ()
    columns = {name: column(name, told) for name in wanted}
    rows: list[list[str]] = [[*CANVAS, *columns.values()]]
    rows.append([f"    {POSSIBLE}", *[""] * 4, *[points(most) for most in wanted.values()]])
    if roster is None:
        for own in _people(marks):
            origin = own[0].origin
            login = origin["student"] if origin.get("system") == "nbgrader" else ""
            number = origin.get("number", "") if origin.get("system") == "canvas" else ""
            identity = [own[0].student, number, "", login, ""]
            rows.append([*identity, *[_points(own, name) for name in wanted]])
    else:
        for row, own in zip(roster.rows, _rows(marks, roster), strict=True):
            identity = [row.get(column, "") for column in CANVAS]
            rows.append([*identity, *[_points(own, name) for name in wanted]])
    return written(rows)


def column(assignment: str, header: Sequence[str]) -> str:
    """Return the name that a column of Canvas's has for an assignment."""
    fitting = [name for name in header if name.rpartition(" (")[0] == assignment]
    return fitting[0] if fitting else assignment


def moodle(marks: Sequence[Mark], roster: Roster | None = None) -> str:
    """Return a CSV that Moodle imports: a grading worksheet, or a table for the gradebook.

    Parameters
    ----------
    marks : sequence of Mark
    roster : Roster, optional
        Moodle's grading worksheet, whose columns are kept and whose grades are filled in, scaled
        to its maximum; or a list of participants, to which a column for each assignment is added.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a worksheet, which belongs to one assignment, is to hold several.
    """
    wanted = _assignments(marks)
    if roster is not None and roster.system == "list":
        added = [name for one in wanted for name in (one, f"{one} (feedback)")]
        rows = [[*roster.header, *added]]
        for row, own in zip(roster.rows, _rows(marks, roster), strict=True):
            cells = [row[column] for column in roster.header]
            for name in wanted:
                told = [comment(mark) for mark in own if mark.assignment == name]
                cells += [_points(own, name), *(told or [""])]
            rows.append(cells)
        return written(rows)
    if len(wanted) > 1:
        raise ValueError(
            f"a grading worksheet belongs to one assignment, got {', '.join(wanted)}; "
            "export Moodle's list of participants for several"
        )
    header = list(roster.header) if roster else list(WORKSHEET)
    rows = [header]
    if roster is None:
        rows += [[_blank(own[0]).get(name, "") for name in header] for own in _people(marks)]
    else:
        for row, own in zip(roster.rows, _rows(marks, roster), strict=True):
            filled = {**row, **(_filled(own[0], row) if own else {})}
            rows.append([filled[name] for name in header])
    return written(rows)


def _filled(mark: Mark, row: dict[str, str]) -> dict[str, str]:
    told = row.get(MOST, "").replace(",", ".")
    try:
        most = float(told)
    except ValueError:
        most = mark.of
    scaled = mark.points * most / mark.of if mark.of else 0.0
    given = {GRADE: points(scaled)}
    return {**given, COMMENTS: comment(mark)} if COMMENTS in row else given


def _blank(mark: Mark) -> dict[str, str]:
    number = mark.origin.get("number", "") if mark.origin.get("system") == "moodle" else ""
    row = dict.fromkeys(WORKSHEET, "") | dict.fromkeys(WORKSHEET[7:9], "-")
    row |= {"Identifier": f"Participant {number}" if number else "", "Full name": mark.student}
    row |= {MOST: points(mark.of), "Grade can be changed": "Yes"}
    return {**row, **_filled(mark, row)}


def comment(mark: Mark) -> str:
    """Return feedback in a few lines, as HTML, which Moodle takes it for."""
    lines = [f"{points(mark.points)} of {points(mark.of)} points"]
    if mark.taken:
        lines.append(f"{points(mark.taken)} points off for {mark.days_late} begun days late")
    if mark.status != "graded":
        lines.append(f"{mark.status}: {mark.reason}")
    for task in mark.tasks:
        wrong = [] if task.by_hand else faults(task.reason)
        told = [f"{words} ({kinds})" if kinds else words for kinds, words in wrong]
        told += [task.comment] if task.comment else []
        if told:
            lines.append(f"{task.title}: {'; '.join(told)}")
    return "<br>".join(html.escape(line) for line in lines)
