"""What a student runs: the visible checks of a notebook, offline, from a shell or from a cell."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .assignments import CHECKED, read
from .limits import Limits
from .pool import Worker
from .sandbox import why_not
from .submissions import MOST_BYTES, Submission

__all__ = ["Checked", "check", "this_notebook"]

LATER = "Other inputs decide when it is graded, and a person reads the answers in words."


class Checked(list[dict[str, Any]]):
    """What each task would earn; shown as one line a task, with a hint where points are missing.

    Examples
    --------
    >>> Checked([{"title": "One neuron", "points": 0.0, "of": 2.0, "reason": "not answered yet"}])
    0 of 2  One neuron: not answered yet
    0 of 2 points so far.
    Other inputs decide when it is graded, and a person reads the answers in words.
    """

    saved = ""
    """When the notebook was saved that was checked."""

    @property
    def points(self) -> float:
        return sum(task["points"] for task in self)

    @property
    def most(self) -> float:
        return sum(task["of"] for task in self)

    def __repr__(self) -> str:
        lines = [
            f"{task['points']:g} of {task['of']:g}  {task['title']}"
            + (f": {task['reason']}" if task["reason"] else "")
            for task in self
        ]
        saved = f" (the notebook as it was saved at {self.saved})" if self.saved else ""
        return "\n".join([*lines, f"{self.points:g} of {self.most:g} points so far{saved}.", LATER])


def check(
    notebook: str | os.PathLike[str] | None = None, *, limits: Limits | None = None
) -> Checked:
    """Run the visible checks of a notebook, from its saved file, in a fresh kernel.

    In a sandbox where there is one; the notebook is the student's own. Points are those that the
    visible checks would give: later, other inputs of the same kinds decide. Cells that were added
    do not run, as they do not when it is graded.

    Parameters
    ----------
    notebook : path, optional
        An assignment's notebook, saved. Default, in a notebook's cell: this notebook.
    limits : Limits, optional

    Returns
    -------
    Checked
        For each task its ``title``, ``points``, ``of``, and as ``reason`` what is wrong.

    Raises
    ------
    ValueError
        If this is no notebook of an assignment, it can't be checked, or none is named and which
        one it is can't be told.
    """
    path = Path(notebook) if notebook is not None else this_notebook()
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
        "warm": (),
    }
    worker = Worker()
    try:
        record = worker.grade(job, Submission(path.stem, path.read_bytes()))
    finally:
        worker.stop()
    if not record["tasks"]:
        reason = record["reason"] or "it has no checks"
        raise ValueError(f"{path.name} could not be checked: {reason}")
    checked = Checked(record["tasks"])
    if notebook is None:
        checked.saved = time.strftime("%H:%M:%S", time.localtime(path.stat().st_mtime))
    return checked


def this_notebook() -> Path:
    """Return the file of the notebook in one of whose cells this is called.

    Jupyter tells its kernels; where it doesn't, it is the one notebook in this folder that has the
    cell which calls ``check()``.

    Raises
    ------
    ValueError
        If it cannot be told.
    """
    named = Path(os.environ.get("JPY_SESSION_NAME", ""))
    if named.suffix == ".ipynb" and named.is_file():
        return named
    found = [path for path in sorted(Path().glob("*.ipynb")) if _calls(path)]
    if len(found) != 1:
        raise ValueError(
            "which notebook this is cannot be told here: name it, as in check('01_networks.ipynb')"
        )
    return found[0]


def _calls(path: Path) -> bool:
    """Tell whether a notebook has the cell that calls ``check()``."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8-sig"))["cells"]
        return any(CHECKED in cell["metadata"].get("tags", ()) for cell in cells)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
