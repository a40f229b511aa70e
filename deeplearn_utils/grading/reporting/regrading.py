"""What a second grading changed, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..cells import points, written
from .marks import Mark, Task

__all__ = ["Change", "as_table", "changes"]


@dataclass(frozen=True)
class Change:
    """A task whose points, or whose reason, are other than they were."""

    student: str
    assignment: str
    task: str
    before: float | None
    after: float | None
    why: str
    reason: str = ""


def changes(before: Sequence[Mark], after: Sequence[Mark]) -> list[Change]:
    """Return which points changed between two gradebooks.

    Parameters
    ----------
    before, after : sequence of Mark

    Returns
    -------
    list of Change
        By student and task; what lateness takes is told as a task of its own.
    """
    old = {(mark.assignment, _who(mark)): mark for mark in before}
    new = {(mark.assignment, _who(mark)): mark for mark in after}
    found: list[Change] = []
    for key, mark in new.items():
        found += _between(old.pop(key, None), mark)
    for mark in old.values():
        gone = "the submission is there no more"
        found.append(Change(mark.student, mark.assignment, "", mark.points, None, gone))
    return found


def _who(mark: Mark) -> tuple[str, str]:
    origin = mark.origin
    return origin.get("number", ""), origin.get("student", mark.student)


def _between(old: Mark | None, new: Mark) -> list[Change]:
    if old is None:
        why = "handed in since"
        return [Change(new.student, new.assignment, "", None, new.points, why)]
    earlier = {task.id: task for task in old.tasks}
    found = []
    for task in new.tasks:
        was = earlier.pop(task.id, None)
        if was is None or was.points != task.points:
            points_then = was.points if was else None
            why = _why(old, new, was, task)
            told = (points_then, task.points, why, task.reason or task.comment)
            found.append(Change(new.student, new.assignment, task.id, *told))
    for task in earlier.values():
        gone = "the assignment has this task no more"
        found.append(Change(new.student, new.assignment, task.id, task.points, None, gone))
    if round(old.taken - new.taken, 9):
        why = "what lateness takes is another" if old.days_late == new.days_late else "other days"
        told = (-old.taken, -new.taken, why)
        found.append(Change(new.student, new.assignment, "(late)", *told))
    return found


def _why(old: Mark, new: Mark, was: Task | None, now: Task) -> str:
    """Say what was different between two gradings of a task, the strongest cause first."""
    if now.by_hand or (was is not None and was.by_hand):
        return "given by hand" if now.by_hand else "the points given by hand are there no more"
    if old.digest != new.digest:
        return "another submission counts"
    if old.assignment_digest != new.assignment_digest:
        return "the assignment's checks are others"
    if old.seed != new.seed:
        return "the same submission and checks, other fresh inputs"
    return "the same submission, checks and inputs: another run"


def as_table(found: Sequence[Change]) -> str:
    """Return changes as CSV."""
    rows: list[Sequence[object]] = [
        ("student", "assignment", "task", "before", "after", "why", "reason now")
    ]
    for one in found:
        told = (points(one.before), points(one.after), one.why, one.reason)
        rows.append((one.student, one.assignment, one.task, *told))
    return written(rows)
