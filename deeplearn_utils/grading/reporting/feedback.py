"""One page for each student: points, what failed, the likely misconception, where it is treated."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from ..shown import plain
from .keeping import keep
from .marks import Mark, load, marks_of, person
from .outlines import outline
from .pages import page

__all__ = ["feedback", "feedback_page"]

MOST_NAME = 180  # bytes: a file's name has at most 255, and copies have longer ones
NOT_IN_NAMES = re.compile(r"[^\w .'-]+")
POINTS_BEHIND = re.compile(r"\s*\(\d+(\.\d+)? points?\)$")
TAG = re.compile(r"<[^>]+>")
UNGRADED = ("unreadable", "refused")


def feedback(
    results: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    book: str | None = None,
) -> list[Path]:
    """Write one HTML page for each student.

    Parameters
    ----------
    results : path, or sequence of paths
        Folders that ``deeplearn grade`` or ``deeplearn gradebook`` wrote. A gradebook's pages have
        what a person gave, and what lateness takes.
    out : path
        The folder to write to. A page that is there already, and says something else, is kept.
    book : str, optional
        The address of the built book. Without it, sections are named and not linked.

    Returns
    -------
    list of path
        The pages.

    Raises
    ------
    ValueError
        If there are no results, or ``book`` is no address of a page.
    """
    if book is not None and re.match(r"(?i)\s*(javascript|data|vbscript|file):", book):
        raise ValueError(f"`book` must be an http(s) address or a relative one, got {book!r}")
    paths = [results] if isinstance(results, (str, os.PathLike)) else results
    marks = marks_of([load(path) for path in paths])
    people: dict[object, list[Mark]] = {}
    for mark in marks:
        people.setdefault(person(mark), []).append(mark)
    written: dict[str, Path] = {}  # by names that differ where case makes no difference too
    for own in people.values():
        name = file_name(own)
        if name.casefold() in written:
            digest = hashlib.sha256(own[0].submission.encode()).hexdigest()[:16]
            name = f"{name.removesuffix('.html')}-{digest}.html"
        written[name.casefold()] = path = Path(out) / name
        keep(path, feedback_page(own, book=book))
    return list(written.values())


def file_name(marks: Sequence[Mark]) -> str:
    """Return the name of a student's page: one that Canvas and Moodle take back as it is.

    Both find the student in the name of the file that was downloaded (Canvas: name, user, file;
    Moodle: name, participant, plugin), so the page's begins like it. A name that is too long for a
    file is cut off at its beginning: what tells the student from others stands behind it.
    """
    reply = marks[0].origin.get("reply", "")
    told = plain(f"{reply or marks[0].student + ' '}feedback", 2000)
    name = NOT_IN_NAMES.sub(" ", unicodedata.normalize("NFC", told))  # as a Mac compares them
    name = " ".join(name.split()).encode()[-MOST_NAME:].decode(errors="ignore")
    return f"{name.lstrip('.- ')}.html"


def feedback_page(marks: Sequence[Mark], *, book: str | None = None) -> str:
    """Return a student's page.

    Parameters
    ----------
    marks : sequence of Mark
        One student's.
    book : str, optional

    Returns
    -------
    str
        HTML.
    """
    outlines = {m.assignment: {t.id: t for t in outline(m.assignment)} for m in marks}
    return page(
        "feedback.html",
        student=plain(marks[0].student),
        marks=marks,
        outlines=outlines,
        book=book,
        titled=titled,
        in_titles=in_titles,
        ungraded=ungraded,
        plain_title=plain_title,
    )


def titled(title: str) -> str:
    """Return a task's title without its points, which stand below it."""
    return POINTS_BEHIND.sub("", title)


def in_titles(mark: Mark) -> str:
    """Return why a submission was not graded in whole, with tasks called as students know them."""
    titles = {task.id: titled(task.title) for task in mark.tasks}
    return re.sub(r"[\w-]+", lambda found: titles.get(found[0], found[0]), mark.reason)


def ungraded(mark: Mark) -> bool:
    """Tell whether nothing in a submission was graded, and nobody said anything about it."""
    given = any(task.by_hand or task.comment for task in mark.tasks)
    return mark.status in UNGRADED and not given


def plain_title(html: str) -> str:
    """Return a section's title without marks."""
    return TAG.sub("", html)
