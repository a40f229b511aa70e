"""A class's gradebook: tables for an LMS, an overview, what waits for a reader, what changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..answers import answers_in
from ..assignments import find, read, stripped
from ..cells import written
from ..shown import plain, visible
from ..submissions import collect
from .exports import canvas, column, moodle
from .keeping import keep
from .lateness import deadline
from .manual import merged, to_read
from .marks import RESULTS, Mark, as_json, load, marks_of
from .overview import overview
from .pages import page
from .regrading import Change, as_table, changes
from .roster import Roster, read_roster
from .similarity import LEAST_SHARE, Pair, is_compared, marked, similar

__all__ = ["Gradebook", "gradebook"]

FilePath = str | os.PathLike[str]
MOST_NAMED = 5
MOST_SHOWN = 10_000  # characters of an answer that is compared

OTHER_FOLDER = (
    "`out` must be another folder than that of `deeplearn grade`: a gradebook is read instead of "
    "results, and what is graded later is not in it"
)


@dataclass
class Gradebook:
    """What was made: the marks, the files, and what is left to do."""

    marks: list[Mark]
    files: list[Path] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)
    """Files that were there and said something else, under their new names."""
    unmatched: list[Mark] = field(default_factory=list)
    """Marks of submissions whose student is not in the roster."""
    changes: list[Change] = field(default_factory=list)
    pairs: int = 0
    """Pairs of similar answers."""
    notes: list[str] = field(default_factory=list)
    """What was taken for granted, and may be otherwise."""

    @property
    def waiting(self) -> int:
        """Answers in words that nobody has read."""
        return sum(len(mark.waiting) for mark in self.marks)


def gradebook(
    results: Sequence[FilePath],
    out: FilePath,
    *,
    roster: FilePath | None = None,
    manual: FilePath | None = None,
    choose: str = "last",
    due: str | None = None,
    per_day: float = 0.0,
    grace_minutes: float = 0.0,
    cap: float = 100.0,
    before: FilePath | None = None,
    submissions: FilePath | None = None,
) -> Gradebook:
    """Write a class's gradebook.

    Parameters
    ----------
    results : sequence of path
        Folders that ``deeplearn grade`` or this function wrote, in their order in time.
    out : path
        The folder to write to. A file that is there and says something else is kept beside.
    roster : path, optional
        The class as Canvas or Moodle exported it; what is written is for that system.
    manual : path, optional
        Points and comments that a person gave.
    choose : str
        Which attempt counts: "last" or "best".
    due : str, optional
        A time in ISO 8601 with its zone.
    per_day, grace_minutes, cap : float
        What lateness takes, as in `deadline`.
    before : path, optional
        Results, or a gradebook, that this one is compared with.
    submissions : path, optional
        What was handed in, to look for similar answers in it.

    Returns
    -------
    Gradebook

    Raises
    ------
    ValueError
        If a file or a number cannot be used; then nothing is written.
    """
    if (Path(out) / RESULTS).exists():
        raise ValueError(f"{OTHER_FOLDER}, got {str(out)!r}")
    known = read_roster(roster) if roster is not None else None
    late = deadline(due, per_day, grace_minutes, cap)
    marks = marks_of([load(path) for path in results], known, late, choose)
    if not marks:
        raise ValueError("the results hold no submissions")
    marks = merged(marks, manual) if manual is not None else marks
    head = {
        "roster": known.system if known else None,
        "attempt": choose,
        "due": due,
        "late_percent_per_day": per_day,
        "grace_minutes": grace_minutes,
        "late_percent_at_most": cap,
    }
    made = Gradebook(marks, unmatched=[m for m in marks if known and m.row is None])
    made.notes = [*_granted(marks, due is not None), *(_scaled(marks, known) if known else ())]
    texts = {"gradebook.json": as_json(marks, head), "overview.html": overview(marks, known)}
    texts |= dict(_tables(marks, known))
    if any(task.text is not None for mark in marks for task in mark.tasks):
        texts["to_read.csv"] = to_read(marks)
    if known:
        rows = [("submission", "student"), *[(m.submission, m.student) for m in made.unmatched]]
        texts["unmatched.csv"] = written(rows)
    if before is not None:
        made.changes = changes(marks_of([load(before)], known, late, choose), marks)
        texts["changes.csv"] = as_table(made.changes)
    if submissions is not None:
        told = similar_answers(marks, submissions)
        made.pairs = len(told["pairs"])
        texts["similar.html"] = page("similar.html", **told)
    for name, text in texts.items():
        path = Path(out) / name
        copy = keep(path, text)
        made.files.append(path)
        made.copies += [copy] if copy else []
    return made


def _granted(marks: Sequence[Mark], is_due: bool) -> Iterator[str]:
    """Yield what folders and names do not tell, and how it was taken."""
    untold = [
        mark.student
        for mark in marks
        if not mark.origin.get("submitted") and mark.origin.get("system") != "canvas"
    ]
    if is_due and untold:
        few = f" ({plain(', '.join(untold))})" if len(untold) <= MOST_NAMED else ""
        many = f"{len(untold)} of {len(marks)} submissions{few}"
        yield f"nothing tells when {many} were handed in, so they count as in time"
    timed = [mark for mark in marks if mark.origin.get("submitted")]
    later = [mark for mark in timed if mark.origin.get("changed")]
    if len(later) > 1 and 2 * len(later) > len(timed):
        yield (
            f"{len(later)} of {len(timed)} submissions were changed after the times that they say, "
            "as when rights are set for all at once; lateness is what they say"
        )
    else:
        for mark in later:
            yield (
                f"what {plain(mark.student, 60)} handed in says {mark.origin['submitted']}, and "
                f"was changed at {mark.origin['changed']}; lateness is what it says"
            )
    for mark in marks:
        is_below = mark.origin.get("system") == "folder" and "/" in mark.submission
        if is_below and mark.attempts > 1:
            yield (
                f"{mark.attempts} submissions in the folder {plain(mark.student, 60)} count as "
                "attempts of one student; if it is a group's, grade it by itself"
            )


def _scaled(marks: Sequence[Mark], roster: Roster) -> Iterator[str]:
    """Yield where Canvas has another scale, which an import does not change."""
    for name, of in {mark.assignment: mark.of for mark in marks}.items():
        most = roster.most.get(column(name, roster.header), of)
        if most != of:
            yield f"Canvas has {most:g} points for {name}, and here are {of:g}: change them there"


def _tables(marks: Sequence[Mark], roster: Roster | None) -> Iterator[tuple[str, str]]:
    """Yield the tables that an LMS imports."""
    if roster is None or roster.system == "canvas":
        yield "canvas.csv", canvas(marks, roster)
    if roster is not None and roster.system != "canvas":
        yield "moodle.csv", moodle(marks, roster)
    if roster is None:
        names = list(dict.fromkeys(mark.assignment for mark in marks))
        for name in names:
            own = [mark for mark in marks if mark.assignment == name]
            yield ("moodle.csv" if len(names) == 1 else f"moodle-{name}.csv"), moodle(own)


def similar_answers(marks: Sequence[Mark], submissions: FilePath) -> dict[str, Any]:
    """Return the pairs of similar answers among the attempts that count, with both texts.

    Parameters
    ----------
    marks : sequence of Mark
    submissions : path
        A folder or a zip, as it was graded.

    Returns
    -------
    dict
        ``pairs``, how many submissions were ``compared``, the ``least`` share, and ``left_out``:
        whose answers could not be compared.
    """
    told: list[dict[str, Any]] = []
    left_out: list[tuple[str, str]] = []
    compared = 0
    for assignment in dict.fromkeys(mark.assignment for mark in marks):
        chosen = read(find(assignment))
        code = [answer for answer in chosen.answers if answer.is_code]
        own = [m for m in marks if m.assignment == assignment and m.status != "unreadable"]
        counted = {mark.submission: mark.student for mark in own}
        answers: dict[str, dict[str, str]] = {}
        for submission in collect(submissions, assignment):
            if submission.name in counted and not submission.refused:
                try:
                    taken = answers_in(submission.content, [answer.id for answer in code])
                except ValueError:
                    continue
                answers[submission.name] = taken.answers
        common = [text for a in code for text in (a.source, stripped(a.source, is_code=True))]
        compared += len(answers)
        for name, texts in answers.items():
            left_out += [(counted[name], task) for task, s in texts.items() if not is_compared(s)]
        for pair in similar(answers, common):
            told.append(_told(pair, answers, assignment, counted))
    return {"pairs": told, "compared": compared, "least": LEAST_SHARE, "left_out": left_out}


def _shown(lines: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Yield lines as a page shows them: nothing turns them around, and they come to an end."""
    left = MOST_SHOWN
    for line, shared in lines:
        if len(line) > left:
            yield "… (the rest is in the notebook)", False
            return
        yield visible(line.rstrip("\r")), shared
        left -= len(line) + 1


def _told(
    pair: Pair, answers: dict[str, dict[str, str]], assignment: str, students: dict[str, str]
) -> dict[str, Any]:
    """Return what a page tells about a pair: the answers in which something is shared."""
    both = []
    for name in answers[pair.one].keys() & answers[pair.other].keys():
        one, other = (marked(answers[who][name], pair.shared) for who in (pair.one, pair.other))
        if any(shared for _, shared in one):
            both.append({"id": name, "one": [*_shown(one)], "other": [*_shown(other)]})
    return {
        "assignment": assignment,
        "one": students[pair.one],
        "other": students[pair.other],
        "share": pair.share,
        "answers": sorted(both, key=lambda answer: answer["id"]),
    }
