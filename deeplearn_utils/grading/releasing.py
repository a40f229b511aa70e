"""From a solution to the notebook that students get."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat

from .assignments import SOLUTIONS, Assignment, find, read, released
from .batch import require_sandbox
from .reference import Refused, refuse_guessable
from .results import write

__all__ = ["release"]

MARKER = re.compile(r"### (BEGIN|END)|\b(?i:(BEGIN|END) +(SOLUTION|HIDDEN TESTS|MARK SCHEME))\b")
"""nbgrader takes its own words for a marker, whatever stands before them."""


def release(
    assignment: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    unsafe_no_sandbox: bool = False,
) -> Path:
    """Write the students' notebook of an assignment.

    The solution is run first, with two seeds. An assignment is refused if its solution fails, or if
    the right values of a check could be guessed.

    Parameters
    ----------
    assignment : str or path
        The assignment's name, or the path of its solution notebook.
    out : path, optional
        The folder to write to. Default: ``chapters/assignments``.
    unsafe_no_sandbox : bool
        Run the solution without a sandbox.

    Returns
    -------
    path
        The notebook that was written.

    Raises
    ------
    Refused
        If the assignment must not be handed out.
    ValueError
        If there is no such assignment, or it would be written over.
    """
    require_sandbox(unsafe_no_sandbox)
    chosen = read(assignment)
    folder = Path(out) if out is not None else SOLUTIONS.parent
    path = folder / f"{chosen.name}.ipynb"
    if path.exists() and path.samefile(find(assignment)):
        raise ValueError(f"`out` is the folder of the assignment's source: {folder}")
    _refuse_left_over(chosen)
    refuse_guessable(chosen, sandboxed=not unsafe_no_sandbox)
    folder.mkdir(parents=True, exist_ok=True)
    write(path, nbformat.writes(released(chosen)).rstrip("\n") + "\n")
    return path


def _refuse_left_over(assignment: Assignment) -> None:
    """Refuse an answer cell whose solution has no markers, and markers that were not removed."""
    after = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in released(assignment).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for answer in assignment.answers:
        if after[answer.id].strip() == answer.source.strip():
            raise Refused(f"the answer `{answer.id}` has no solution between nbgrader's markers")
    for cell in released(assignment).cells:
        if MARKER.search(cell.source):
            raise Refused(f"a marker is left in the students' notebook: {cell.source[:80]!r}")
