"""Points and comments that a person gives, merged from a table.

``deeplearn gradebook`` writes ``to_read.csv`` with the answers in words. Filled in, it comes back
as this table: columns ``student``, ``task``, ``points``, ``comment``, and ``assignment`` where
there are several. A row without points and comment says nothing yet.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..cells import points as shown
from ..cells import read_table, written
from ..shown import plain
from .marks import Mark, Task
from .roster import name_key

__all__ = ["merged", "to_read"]

COLUMNS = ("student", "submission", "assignment", "task", "of", "points", "comment", "answer")
NEEDED = ("student", "task", "points")
MOST_ERRORS = 20
MOST_TEXT = 15_000  # spreadsheets hold 32,767 characters in a cell, and count rare ones twice

OTHER = (
    "the answer to {task} that counts is another now: read it anew, or empty this row's answer "
    "if its points hold for that one too"
)

Entry = tuple[float | None, str]


def to_read(marks: Sequence[Mark]) -> str:
    """Return the answers in words as a table to fill in, with what was given so far.

    All answers to one task stand below each other: who reads them in a row judges them alike.
    """
    tasks = [(mark, task) for mark in marks for task in mark.tasks]
    places = {(mark.assignment, task.id): place for place, (mark, task) in enumerate(tasks)}
    rows: list[Sequence[object]] = [COLUMNS]
    for mark, task in sorted(tasks, key=lambda one: places[one[0].assignment, one[1].id]):
        if task.text is not None:
            told = (shown(task.of), shown(task.points), task.comment, _answer(task))
            rows.append((mark.student, mark.submission, mark.assignment, task.id, *told))
    return written(rows)


def _answer(task: Task) -> str:
    text = task.text or ""
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]} … (more in results.json)"


def _letters(text: str) -> str:
    """Return what stays of a text whatever a spreadsheet makes of its encoding and its lines."""
    kept = [c for c in text if c.isalnum()]
    return "".join([c for c in kept if c.isascii()] or kept)


def merged(marks: Sequence[Mark], path: str | os.PathLike[str]) -> list[Mark]:
    """Return marks with the points and comments of a table put in.

    Parameters
    ----------
    marks : sequence of Mark
    path : path
        A CSV. A student is named as in the gradebook, or by the name of their submission.

    Returns
    -------
    list of Mark

    Raises
    ------
    ValueError
        If a row names nobody or more than one, no task, points that cannot be, or holds another
        answer than the one that counts by now; all such rows are told, and none is merged.
    """
    path = Path(path)
    header, lines = read_table(path)
    columns = [name.casefold() for name in header]
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise ValueError(f"{path.name} needs the columns {', '.join(NEEDED)}: no {missing[0]}")
    entries: dict[tuple[int, str], Entry] = {}
    errors: list[str] = []
    for number, line in enumerate(lines, 2):
        row = dict(zip(columns, line, strict=True))
        if not row["points"].strip() and not row.get("comment", "").strip():
            continue
        try:
            place, task = _place(row, marks)
            if (place, task.id) in entries:
                raise ValueError(f"a second row for this student and {task.id}")
            if _letters(row.get("answer", "")) not in ("", _letters(_answer(task))):
                raise ValueError(OTHER.format(task=task.id))
            entries[place, task.id] = _entry(row, task)
        except ValueError as error:
            errors.append(f"row {number}: {error}")
    if errors:
        more = f"\nand {len(errors) - MOST_ERRORS} more" if len(errors) > MOST_ERRORS else ""
        told = "\n".join(errors[:MOST_ERRORS])
        raise ValueError(f"{path.name} was not merged:\n{told}{more}")
    return [_with(mark, place, entries) for place, mark in enumerate(marks)]


def _place(row: dict[str, str], marks: Sequence[Mark]) -> tuple[int, Task]:
    """Return the place of the mark and the task that a row is about."""
    student, task = row["student"].strip(), row["task"].strip()
    assignment, submission = row.get("assignment", "").strip(), row.get("submission", "").strip()
    there = [p for p, m in enumerate(marks) if not assignment or m.assignment == assignment]
    if not there:
        raise ValueError(f"there is no assignment {plain(assignment, 60)!r}")
    asked = submission or student
    named = () if submission else (student,)  # what a file is called was perhaps chosen by another
    found = [p for p in there if marks[p].submission == asked or marks[p].student in named]
    found = found or [p for p in there if name_key(marks[p].student) == name_key(student) != ""]
    if not found:
        raise ValueError(f"there is no student {plain(asked, 60)!r}")
    fitting = [(p, t) for p in found for t in marks[p].tasks if task in (t.id, _short(t.id))]
    if not fitting:
        known = ", ".join(dict.fromkeys(t.id for p in found for t in marks[p].tasks))
        raise ValueError(f"there is no task {plain(task, 60)!r}; the tasks are {known}")
    if len(fitting) > 1:
        several = len({marks[place].assignment for place, _ in fitting}) > 1
        column = "assignment" if several else "submission"
        raise ValueError(f"{plain(asked, 60)!r} is not one mark only; fill in the column {column}")
    return fitting[0]


def _short(task: str) -> str:
    return task.removesuffix("-check")


def _entry(row: dict[str, str], task: Task) -> Entry:
    text, comment = row["points"].strip(), row.get("comment", "").strip()
    if not text:
        return None, comment
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"points must be a number, got {plain(text, 30)!r}") from None
    if not math.isfinite(points) or points < 0:
        raise ValueError(f"points must be at least 0, got {plain(text, 30)}")
    if points > task.of:
        raise ValueError(f"{task.id} gives at most {task.of:g} points, got {plain(text, 30)}")
    return points, comment


def _with(mark: Mark, place: int, entries: dict[tuple[int, str], Entry]) -> Mark:
    tasks = []
    for task in mark.tasks:
        points, comment = entries.get((place, task.id), (None, ""))
        if points is not None:
            task = replace(task, points=points, by_hand=True)
        tasks.append(replace(task, comment=comment or task.comment))
    return replace(mark, tasks=tuple(tasks))
