"""Grading a class: all submissions against one solution, with one fresh secret seed."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from .assignments import find, read
from .limits import Limits
from .pool import run
from .reference import compute
from .reporting.roster import Roster, read_roster
from .results import Book
from .sandbox.bubblewrap import INSTALL, Unavailable, why_not
from .submissions import Submission, collect

__all__ = ["grade"]

NOBODY = "its student is not in the roster"


def grade(
    submissions: str | os.PathLike[str],
    assignment: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    seed: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    roster: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
    unsafe_no_sandbox: bool = False,
    progress: Callable[[dict[str, Any], int], None] | None = None,
) -> list[dict[str, Any]]:
    """Grade all submissions, and go on where an earlier run in the same folder stopped.

    Parameters
    ----------
    submissions : path
        A folder, a zip from an LMS, or a single notebook.
    assignment : str or path
        The assignment's name, or the path of its solution notebook.
    out : path
        Where results go: ``results.json``, ``results.csv``, and ``records/``.
    seed : int, optional
        From which hidden inputs come. Default: a secret new one, which the report names.
    workers : int, optional
        Processes side by side. Default: one for each processor.
    scheduler : str, optional
        The address of a Dask cluster that grades instead; its machines are trusted, and have this
        package and bubblewrap.
    roster : path, optional
        The class as Canvas or Moodle exported it: nothing of others is graded.
    limits : Limits, optional
    unsafe_no_sandbox : bool
        Run student code as if it were your own. Every report says so.
    progress : callable, optional
        Called with each record and the number of those done.

    Returns
    -------
    list of dict
        One record a submission, by name.

    Raises
    ------
    Unavailable
        Where no sandbox can be had.
    ValueError
        If an argument is wrong, ``out`` holds the results of another run, or one is writing to it.
    """
    workers = workers or os.cpu_count() or 1
    if workers < 1:
        raise ValueError(f"`workers` must be at least 1, got {workers}")
    if seed is not None and seed < 0:
        raise ValueError(f"`seed` must be at least 0, got {seed}")
    require_sandbox(unsafe_no_sandbox)
    chosen, limits, out = read(assignment), limits or Limits(), Path(out)
    known = read_roster(roster) if roster is not None else None
    found = collect(submissions, chosen.name)
    earlier = Book.read_head(out) or {}
    seed = seed if seed is not None else earlier.get("seed", secrets.randbits(63))
    safe = not unsafe_no_sandbox
    head = {
        "assignment": chosen.name,
        "assignment_digest": chosen.digest,
        "seed": seed,
        "sandbox": "bubblewrap" if safe else "NONE: student code ran without a sandbox",
    }
    book = Book(out, head)
    try:
        job = {
            "assignment": find(assignment).read_text(encoding="utf-8"),
            "assignment_name": chosen.name,
            "cases": compute(chosen, seed, sandboxed=safe),
            "limits": asdict(limits),
            "sandboxed": safe,
            "secret": secret_folders(submissions, out, assignment),
            "warm": chosen.warm,
        }
        origins: dict[str, dict[str, Any]] = {}
        new = _new(found, known, book, origins)
        if scheduler is None:
            done = run(job, new, workers)
        else:
            from .cluster import run_there

            done = run_there(job, new, scheduler)
        with contextlib.closing(done):  # if a record can't be kept, nothing goes on behind it
            for submission, record in done:
                record |= {"digest": submission.digest, "origin": origins[submission.name]}
                book.add(record)
                if progress is not None:
                    progress(record, len(origins))
        return book.close(origins, [check.id for check in chosen.checks])
    finally:
        book.free()


def _new(
    found: Iterable[Submission],
    roster: Roster | None,
    book: Book,
    origins: dict[str, dict[str, Any]],
) -> Iterator[Submission]:
    """Yield the submissions that have no record yet, and note the names and origins of all."""
    for submission in found:
        origins[submission.name] = origin = asdict(submission.origin)
        if roster is not None and not submission.refused and roster.find(origin) is None:
            submission = replace(submission, content=b"", refused=NOBODY)
        if not book.has(submission.name, submission.digest):
            yield submission


def require_sandbox(unsafe: bool) -> None:
    """Refuse to go on where there is no sandbox, unless that was asked for."""
    reason = "" if unsafe else why_not()
    if reason:
        raise Unavailable(INSTALL.format(reason=reason).strip())


def secret_folders(*paths: str | os.PathLike[str]) -> list[str]:
    """Return the folders that student code must not see even where Python lies above them."""
    folders = {Path(path).resolve() for path in paths if Path(path).exists()}
    return sorted(str(f if f.is_dir() else f.parent) for f in folders)
