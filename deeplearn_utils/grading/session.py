"""One submission, from its answers to its points: a run of pytest on a notebook made for it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import nbval.plugin
import pytest

from .assignments import Answer, Assignment, Check
from .limits import Limits
from .plugin import Grading

__all__ = ["built", "grade_notebook"]

OWN = re.compile(r"\bdeeplearn_utils\b")
ASKED = re.compile(r"^(?:def|class) (\w+)", re.MULTILINE)
ALONE = ("-c", os.devnull, "--noconftest", "-p", "no:cacheprovider")
FOR_TESTS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
"""What whoever grades has set for tests: after `-x`, nothing ran behind a wrong answer."""
QUIET = ("--quiet", "--no-header", "--no-summary", "--capture=no", "--color=no", "--tb=no")


def built(
    assignment: Assignment,
    answers: Mapping[str, Sequence[str]],
    cases: Mapping[str, list[dict[str, Any]]] | None = None,
) -> nbformat.NotebookNode:
    """Return the notebook that is graded.

    Parameters
    ----------
    assignment : Assignment
        From which all but the answers comes.
    answers : mapping
        The sources of each answer's cells; one that is missing is empty.
    cases : mapping, optional
        What is right, by check; without it, the visible parts are run.

    Returns
    -------
    NotebookNode
    """
    cells, needs, own = [], [], False
    given = (cell for cell in assignment.cells if not isinstance(cell, Check))
    asked = [name for c in given for name in ASKED.findall(c if isinstance(c, str) else c.source)]
    for cell in assignment.cells:
        if isinstance(cell, str):
            mark = {"role": "setup", "id": "setup"}
            sources, outputs = [cell], []
        elif isinstance(cell, Answer):
            if not cell.is_code:
                continue
            mark = {"role": "answer", "id": cell.id}
            sources, outputs = answers.get(cell.id, [""]), []
            needs, own = [*needs, cell.id], own or any(OWN.search(_code(s)) for s in sources)
        else:
            mark = {"role": "check", "id": cell.id, "needs": needs, "own_package": own}
            sources, outputs, needs, own = [cell.visible], [], [], False
            if cases is not None:
                mark["answer"], mark["asked"], sources = cell.answer, asked, [""]
                outputs = [nbformat.v4.new_output("stream", text=json.dumps(cases[cell.id]))]
        for source in sources:
            made = nbformat.v4.new_code_cell(source, outputs=outputs, execution_count=1)
            made.metadata["grading"] = mark
            cells.append(made)
    return nbformat.v4.new_notebook(cells=cells)


def _code(source: str) -> str:
    """Return source without comments, so that a mention in one costs nothing."""
    return re.sub(r"(?m)#.*$", "", source)


def grade_notebook(
    assignment: Assignment,
    answers: Mapping[str, Sequence[str]],
    cases: Mapping[str, list[dict[str, Any]]] | None = None,
    *,
    limits: Limits | None = None,
    sandboxed: bool = True,
    secret: Sequence[Path] = (),
) -> Grading:
    """Run a student's answers with the instructor's notebook.

    Must be called in a process of its own: pytest runs in it, and pytest leaves traces.

    Parameters
    ----------
    assignment : Assignment
    answers : mapping
        The sources of each answer's cells.
    cases : mapping, optional
        What is right, as `reference.compute` returns it; without it, visible checks are run.
    limits : Limits, optional
    sandboxed : bool
        Whether in a sandbox.
    secret : sequence of path
        Folders that must not be seen by student code.

    Returns
    -------
    Grading
        Which checks passed, and why the others did not.
    """
    grading = Grading(
        built(assignment, answers, cases),
        limits or Limits(),
        sandboxed=sandboxed,
        visible=cases is None,
        secret=tuple(secret),
        warm=assignment.warm,
    )
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in FOR_TESTS:
        os.environ.pop(name, None)
    options = [*QUIET, *ALONE, f"--rootdir={Path(__file__).parent}"]
    status = pytest.main(options, plugins=[nbval.plugin, grading])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"the run of pytest ended with {status!r}")
    for check in assignment.checks:
        if check.id not in grading.passed and check.id not in grading.reasons:
            grading.reasons[check.id] = "the kernel could not be started"
            grading.stopped.add(check.id)
    return grading
