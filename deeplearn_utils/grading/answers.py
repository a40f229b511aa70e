"""The answers in a notebook that was handed in, read without trust.

Only the source of its answer cells is taken, by `grade_id`. All else that it says (order, points,
tags, kernels, other cells) is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Taken", "answers_in"]

MOST_SOURCE = 200_000
MOST_NOTES = 10
MOST_COPIES = 20


@dataclass
class Taken:
    """What was taken from a submission: cells by id, and what people should know.

    A cell that was split or copied in Jupyter is several of one id. They run in their order, as
    they do there.
    """

    cells: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """The ids that no cell has which could be taken."""

    @property
    def answers(self) -> dict[str, str]:
        """Each answer in one piece."""
        return {name: "\n\n".join(sources) for name, sources in self.cells.items()}


def answers_in(content: bytes, wanted: Sequence[str]) -> Taken:
    """Take the source of answer cells from a notebook.

    Parameters
    ----------
    content : bytes
        The notebook's file.
    wanted : sequence of str
        The ids of the assignment's answer cells.

    Returns
    -------
    Taken

    Raises
    ------
    ValueError
        If this is no notebook.
    """
    cells = _cells(content)
    taken = Taken()
    for cell in cells:
        name = _id(cell)
        if name not in wanted:
            continue
        source, fault = _source(cell)
        if fault:
            taken.notes.append(f"the cell {name} {fault}")
            continue
        copies = taken.cells.setdefault(name, [])
        if source not in copies[-1:]:
            copies[:] = [*copies, source][-MOST_COPIES:]
    for name in wanted:
        if len(taken.cells.get(name, ())) > 1:
            told = f"in their order, the last {MOST_COPIES} at most"
            taken.notes.append(f"several cells say that they are {name}: they run {told}")
    taken.missing = [name for name in wanted if name not in taken.cells]
    taken.notes += [f"the cell {name} is missing" for name in taken.missing]
    taken.notes = taken.notes[:MOST_NOTES]
    return taken


def _cells(content: bytes) -> list[dict[str, Any]]:
    try:
        # what outputs hold does no harm: NaN, or a whole number of thousands of digits
        notebook = json.loads(content.decode("utf-8-sig"), parse_int=float)
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except ValueError:
        raise ValueError("it is no JSON, so it is no notebook") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        old = isinstance(notebook, dict) and "worksheets" in notebook
        raise ValueError(
            "it has the format of an old Jupyter: open it, save it and hand it in again"
            if old
            else "it is no notebook"
        )
    return [cell for cell in notebook["cells"] if isinstance(cell, dict)]


def _id(cell: dict[str, Any]) -> str:
    marks = cell.get("metadata")
    marks = marks.get("nbgrader") if isinstance(marks, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else ""


def _source(cell: dict[str, Any]) -> tuple[str, str]:
    """Return a cell's source, and what is wrong with it."""
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return "", "holds no text"
    if len(source) > MOST_SOURCE:
        return "", f"is longer than {MOST_SOURCE} characters"
    try:
        source.encode()
    except UnicodeEncodeError:
        return "", "holds characters that are none"
    return source, ""
