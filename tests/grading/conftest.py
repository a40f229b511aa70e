"""One process that grades, and what is right for each assignment, for all tests here."""

from dataclasses import asdict, replace

import pytest

from deeplearn_utils.grading.assignments import SOLUTIONS, read
from deeplearn_utils.grading.limits import Limits
from deeplearn_utils.grading.pool import Worker
from deeplearn_utils.grading.reference import compute
from deeplearn_utils.grading.sandbox import why_not
from deeplearn_utils.grading.submissions import Submission
from tests.grading.notebooks import notebook_of

ASSIGNMENTS = sorted(path.stem for path in SOLUTIONS.glob("*.ipynb"))
PATIENT = Limits(cell_wall_s=600, notebook_wall_s=3000, start_s=600)
"""For a busy machine: what ends a loop here is processor time."""


@pytest.fixture(scope="session")
def sandbox():
    """Skip where students' code can't be shut in, and say why; grading refuses there too."""
    if reason := why_not():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def reference(sandbox):
    """Return a function that gives an assignment and what is right for a seed."""
    known = {}

    def of(name, seed=20261128):
        if (name, seed) not in known:
            assignment = read(name)
            known[name, seed] = assignment, compute(assignment, seed)
        return known[name, seed]

    return of


@pytest.fixture(scope="session")
def grader(reference):
    """Return a function that grades answers and gives the record."""
    worker = Worker()

    def grade(name, answers, *, visible=False, sandboxed=True, content=None, **limits):
        assignment, cases = reference(name)
        job = {
            "assignment": (SOLUTIONS / f"{name}.ipynb").read_text(encoding="utf-8"),
            "assignment_name": name,
            "cases": None if visible else cases,
            "limits": asdict(replace(PATIENT, **limits)),
            "sandboxed": sandboxed,
            "secret": [],
            "warm": assignment.warm,
        }
        if content is None:
            content = notebook_of(assignment, answers)
        return worker.grade(job, Submission("somebody", content))

    yield grade
    worker.stop()
