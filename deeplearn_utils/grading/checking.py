"""What a student runs: the visible checks of a notebook, offline."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .assignments import read
from .limits import Limits
from .pool import Worker
from .sandbox import why_not
from .submissions import MOST_BYTES, Submission

__all__ = ["check"]


def check(
    notebook: str | os.PathLike[str], *, limits: Limits | None = None
) -> list[dict[str, Any]]:
    """Run the visible checks of a notebook, from its saved file, in a fresh kernel.

    In a sandbox where there is one; the notebook is the student's own. Points are those that the
    visible checks would give: graded is later, with other inputs of the same kinds.

    Parameters
    ----------
    notebook : path
        An assignment's notebook, saved.
    limits : Limits, optional

    Returns
    -------
    list of dict
        For each task its ``title``, ``points``, ``of``, and as ``reason`` what is wrong.

    Raises
    ------
    ValueError
        If this is no notebook of an assignment.
    """
    path = Path(notebook)
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise ValueError(f"`notebook` must be the file of a notebook, got {str(path)!r}")
    read(path, hidden=False)  # says what is wrong with it
    job = {
        "assignment": path.read_text(encoding="utf-8-sig"),
        "assignment_name": path.stem,
        "cases": None,
        "limits": asdict(limits or Limits()),
        "sandboxed": not why_not(),
        "secret": [],
    }
    worker = Worker()
    try:
        record = worker.grade(job, Submission(path.stem, path.read_bytes()))
    finally:
        worker.stop()
    if not record["tasks"]:
        raise RuntimeError(f"{path.name} could not be checked: {record['reason']}")
    return record["tasks"]
