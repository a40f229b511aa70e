"""A student's mark for an assignment: which attempt counts, what it gives, what lateness takes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..judging import UNANSWERED
from .lateness import Deadline
from .outlines import Outline, outline
from .roster import Roster

__all__ = ["CHOICES", "Mark", "Report", "Task", "as_json", "load", "marks_of", "person"]

CHOICES = ("last", "best")
RESULTS = "results.json"
FILES = ("gradebook.json", RESULTS)


@dataclass(frozen=True)
class Task:
    """The points of one task, and why."""

    id: str
    title: str
    points: float | None
    """None as long as nobody has read the answer."""
    of: float
    reason: str = ""
    comment: str = ""
    text: str | None = None
    """An answer in words, which a person reads."""
    by_hand: bool = False


@dataclass(frozen=True)
class Mark:
    """What a student has for an assignment."""

    student: str
    assignment: str
    submission: str
    status: str
    reason: str
    tasks: tuple[Task, ...]
    row: int | None = None
    """The student's row in the roster."""
    attempt: int = 1
    attempts: int = 1
    days_late: int = 0
    percent_off: float = 0.0
    notes: tuple[str, ...] = ()
    origin: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    assignment_digest: str = ""
    seed: int | None = None

    @property
    def of(self) -> float:
        return sum(task.of for task in self.tasks)

    @property
    def earned(self) -> float:
        """Points before anything is taken off; what nobody has read gives none yet."""
        return sum(task.points or 0.0 for task in self.tasks)

    @property
    def taken(self) -> float:
        return min(self.earned, self.percent_off / 100 * self.of)

    @property
    def points(self) -> float:
        return self.earned - self.taken

    @property
    def waiting(self) -> tuple[Task, ...]:
        """Answers that nobody has read."""
        return tuple(task for task in self.tasks if task.points is None)


@dataclass(frozen=True)
class Report:
    """What one folder of results says: the records of one run, or the marks of a gradebook."""

    path: Path
    head: dict[str, Any]
    records: tuple[dict[str, Any], ...] = ()
    marks: tuple[Mark, ...] = ()


def load(path: str | os.PathLike[str]) -> Report:
    """Read the results of ``deeplearn grade`` or of ``deeplearn gradebook``.

    Parameters
    ----------
    path : path
        The folder that one of them wrote, or the JSON file in it.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        If there are no results.
    """
    path = Path(path)
    found = [path / name for name in FILES if (path / name).is_file()] if path.is_dir() else [path]
    if not found or not found[0].is_file():
        raise ValueError(f"`results` must be a folder with {' or '.join(FILES)}, got {str(path)!r}")
    try:
        content = json.loads(found[0].read_text(encoding="utf-8"))
        if "marks" in content:
            marks = tuple(_from_json(mark) for mark in content.pop("marks"))
            report = Report(path, content, marks=marks)
            sum(mark.points for mark in marks_of([report]))
            return report
        records = tuple(content.pop("submissions"))
        report = Report(path, {"assignment": content["assignment"], **content}, records)
        tasks = outline(content["assignment"], records)
        sum(_mark(record, report, tasks, None, Deadline()).points for record in records)
        return report
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise ValueError(f"{found[0]} holds no results of this program") from None


def _from_json(mark: dict[str, Any]) -> Mark:
    tasks = tuple(Task(**task) for task in mark["tasks"])
    return Mark(**{**mark, "tasks": tasks, "notes": tuple(mark["notes"])})


def marks_of(
    reports: Sequence[Report],
    roster: Roster | None = None,
    deadline: Deadline | None = None,
    choose: str = "last",
) -> list[Mark]:
    """Return one mark for each student and assignment, by assignment and name.

    A submission that stands in two reports, with the same content, was graded anew: the later
    report counts. Everything else of one student for one assignment is another attempt. Rows that
    a gradebook names are those of its own roster, and say nothing beside another report.

    Parameters
    ----------
    reports : sequence of Report
        In the order in which they were made.
    roster : Roster, optional
        Who is in the class. Without it, students are whom the submissions' names tell.
    deadline : Deadline, optional
    choose : str
        "last" attempt, or "best" one, after what lateness takes.

    Returns
    -------
    list of Mark
    """
    if choose not in CHOICES:
        raise ValueError(f"`choose` must be one of {', '.join(CHOICES)}, got {choose!r}")
    graded: dict[tuple[str, str, str], Mark] = {}
    for report in reports:
        name = report.head.get("assignment", "")
        tasks = outline(name, report.records)
        for record in report.records:
            mark = _mark(record, report, tasks, roster, deadline or Deadline())
            graded.pop((name, mark.submission, mark.digest), None)
            graded[name, mark.submission, mark.digest] = mark
        for mark in report.marks:
            row = mark.row if len(reports) == 1 else None
            row = roster.find(mark.origin) if roster else row
            name = roster.name(row) if roster and row is not None else mark.student
            key = mark.assignment, mark.submission, mark.digest
            graded.pop(key, None)
            graded[key] = replace(mark, row=row, student=name)
    people: dict[tuple[str, object], list[Mark]] = {}
    for mark in _told_apart(graded.values()):
        people.setdefault((mark.assignment, person(mark)), []).append(mark)
    chosen = [_chosen(attempts, choose) for attempts in people.values()]
    return sorted(chosen, key=lambda m: (m.assignment, m.student.casefold(), m.submission))


def _told_apart(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Yield marks; of several persons of one system who were found in one row, none has it.

    Plain folders and nbgrader's are of one: which of them a student's is, what lies in it tells.
    """
    marks = list(marks)
    found: dict[tuple[str, int | None, str], set[object]] = {}
    for mark in marks:
        system = mark.origin.get("system", "")
        system = "folder" if system == "nbgrader" else system
        origin = {**mark.origin, "system": system}
        key = mark.assignment, mark.row, system
        found.setdefault(key, set()).add(person(replace(mark, row=None, origin=origin)))
    doubtful = {key[:2] for key, people in found.items() if len(people) > 1}
    for mark in marks:
        if mark.row is not None and (mark.assignment, mark.row) in doubtful:
            mark = replace(mark, row=None, student=mark.origin.get("student", mark.student))
        yield mark


def person(mark: Mark) -> object:
    """Return what two marks have in common if one student has both; a name alone is not enough."""
    if mark.row is not None:
        return mark.row
    origin = mark.origin
    return origin.get("system", ""), origin.get("number") or origin.get("student") or mark.student


def _mark(
    record: dict[str, Any],
    report: Report,
    tasks: Sequence[Outline],
    roster: Roster | None,
    deadline: Deadline,
) -> Mark:
    origin = record.get("origin") or {"student": record["name"]}
    row = roster.find(origin) if roster else None
    days = deadline.days(origin)
    return Mark(
        student=roster.name(row) if roster and row is not None else origin["student"],
        assignment=report.head["assignment"],
        submission=record["name"],
        status=record["status"],
        reason=record["reason"],
        tasks=tuple(_task(task, record) for task in tasks),
        row=row,
        attempt=origin.get("attempt", 1),
        days_late=days,
        percent_off=deadline.percent(days),
        notes=tuple(record["notes"]),
        origin=origin,
        digest=record.get("digest", ""),
        assignment_digest=report.head.get("assignment_digest", ""),
        seed=report.head.get("seed"),
    )


def _task(told: Outline, record: dict[str, Any]) -> Task:
    for task in record["tasks"]:
        if task["task"] == told.id:
            return Task(told.id, told.title, task["points"], told.of, task["reason"])
    for task in record["to_read"]:
        if task["task"] == told.id and task.get("answered", True):
            return Task(told.id, told.title, None, told.of, text=task["text"])
        if task["task"] == told.id:
            return Task(told.id, told.title, 0.0, told.of, UNANSWERED)
    reason = f"not graded: {record['reason'] or record['status']}"
    return Task(told.id, told.title, 0.0, told.of, reason)


def _chosen(attempts: list[Mark], choose: str) -> Mark:
    """Return the attempt that counts; one without a time came after those before it in reports.

    Numbers of attempts say nothing about what did not come through the same system.
    """
    timed, latest, others = [], "", 0
    for before, mark in zip([attempts[0], *attempts], attempts, strict=False):
        time = mark.origin.get("submitted", "")
        latest = max(latest, time)
        others += mark.origin.get("system") != before.origin.get("system")
        timed.append((time or latest, others, mark.attempt, mark))
    in_order = [mark for *_, mark in sorted(timed, key=lambda one: one[:-1])]
    numbered = [
        mark if mark.origin.get("attempt", 1) > 1 else replace(mark, attempt=place)
        for place, mark in enumerate(in_order, 1)
    ]
    best = max(numbered, key=lambda m: (m.points, m.attempt)) if choose == "best" else numbered[-1]
    return replace(best, attempts=max(best.attempts, best.attempt, len(numbered)))


def as_json(marks: Sequence[Mark], head: dict[str, Any]) -> str:
    """Return a gradebook as JSON, which ``load`` reads."""
    told = [asdict(mark) for mark in marks]
    return json.dumps({**head, "marks": told}, indent=1, ensure_ascii=False) + "\n"
