"""An assignment's tasks as people are told of them, and the section of the book that treats each.

A graded cell of the assignment's source names the section: ``section`` in its metadata, the label
of a section. Without it, it is the chapter that is called like the assignment.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import quote

from ..assignments import ROOT, Answer, Check, read

__all__ = ["Outline", "Section", "faults", "outline"]

INDEX = ROOT / "chapters" / "book_index.json"


@dataclass(frozen=True)
class Section:
    """A section of the book."""

    label: str
    number: str
    title: str
    document: str

    def address(self, book: str) -> str:
        """Return where it is in a built book, whose address or folder is given."""
        place = f"#{quote(self.label)}" if self.label else ""
        return f"{book.rstrip('/')}/{quote(self.document)}.html{place}"


@dataclass(frozen=True)
class Outline:
    """A task: what it is called, what it gives, and what is known about it."""

    id: str
    title: str
    of: float
    is_read: bool
    """Whether a person gives its points."""
    section: Section | None = None
    mistakes: tuple[str, ...] = ()
    """The misconceptions that grading has words for."""


@cache
def sections() -> dict[str, Section]:
    """Return the book's sections by their labels, and its chapters by their documents."""
    if not INDEX.is_file():
        return {}
    index = json.loads(INDEX.read_text(encoding="utf-8"))
    whole = {
        name: Section("", told["headings"].get(f"# {told['title']}", ""), told["title"], name)
        for name, told in index["documents"].items()
    }
    return whole | {
        label: Section(label, target.get("number", ""), target["html"], target["document"])
        for label, target in index["targets"].items()
        if target["kind"] == "section"
    }


@cache
def _of_the_book(name: str) -> tuple[Outline, ...]:
    try:
        assignment = read(name)
    except ValueError:
        return ()
    treated = {
        cell.metadata["nbgrader"]["grade_id"]: cell.metadata["section"]
        for cell in assignment.notebook.cells
        if "nbgrader" in cell.metadata and "section" in cell.metadata
    }
    told = []
    for cell in assignment.cells:
        if isinstance(cell, Check) or (isinstance(cell, Answer) and cell.is_read):
            section = sections().get(treated.get(cell.id, f"chapters/{name}"))
            mistakes = _mistakes(cell.hidden) if isinstance(cell, Check) else ()
            is_read = isinstance(cell, Answer)
            told.append(Outline(cell.id, cell.title, cell.points, is_read, section, mistakes))
    return tuple(told)


def _mistakes(hidden: str) -> tuple[str, ...]:
    for node in ast.parse(hidden).body:
        names = [getattr(t, "id", "") for t in getattr(node, "targets", ())]
        if "mistakes" in names and isinstance(node.value, ast.Dict):
            return tuple(k.value for k in node.value.keys if isinstance(k, ast.Constant))
    return ()


def outline(name: str, records: Sequence[dict[str, Any]] = ()) -> tuple[Outline, ...]:
    """Return an assignment's tasks in their order.

    Parameters
    ----------
    name : str
        The assignment's name.
    records : sequence of dict
        What was graded: from it come points, and the tasks of what is not in the book.

    Returns
    -------
    tuple of Outline
    """
    known = _of_the_book(name)
    fullest = max(records, key=lambda r: len(r["tasks"]), default=None)
    if fullest is None or not fullest["tasks"]:
        return known
    graded = [*fullest["tasks"], *fullest["to_read"]]
    of = {task["task"]: task["of"] for task in graded}
    if of.keys() == {task.id for task in known}:
        return tuple(replace(task, of=of[task.id]) for task in known)
    return tuple(
        Outline(task["task"], task.get("title", task["task"]), task["of"], "text" in task)
        for task in graded
    )


def faults(reason: str) -> list[tuple[str, str]]:
    """Split a reason into the kinds of input, and what is wrong with what comes out for them.

    Examples
    --------
    >>> faults("For a batch of one, float32: the sign is wrong. For large numbers: nan comes out.")
    [('a batch of one, float32', 'the sign is wrong'), ('large numbers', 'nan comes out')]
    >>> faults("not answered yet")
    [('', 'not answered yet')]
    """
    told = []
    for sentence in re.split(r"\. (?=For )", reason) if reason else ():
        kinds, colon, wrong = sentence.removeprefix("For ").partition(": ")
        if not (colon and sentence.startswith("For ")):
            kinds, wrong = "", sentence
        told.append((kinds, wrong.removesuffix(".")))
    return told
