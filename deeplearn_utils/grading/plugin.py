"""nbval's plugin, subclassed: the same notebooks and the same verdict, but not the same trust.

A notebook that is graded has the instructor's cells in the instructor's order, with the student's
answers in them, and as the stored output of each check what the reference printed. nbval runs it
and compares; here is how a cell is run, and what it means that two outputs are the same. Comments
and tags in cells change nothing. A check gives points only if pytest says "passed".
"""

from __future__ import annotations

import ast
import inspect
import json
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from . import harness
from .comparing import ERRORS
from .judging import UNANSWERED, Verdict, judge
from .kernel import GradedKernel, NotStarted
from .limits import Limits
from .messages import Outcome
from .reference import expected_of, inputs_of
from .values import read_frame

__all__ = ["GradedCell", "GradedFile", "Grading", "check_source"]

STOPPED = {
    "died": "the program ended by itself (it was killed, or it called exit)",
    "time": "it took too long; a loop may have no end",
    "memory": "it took too much memory",
    "processes": "it started too many processes",
    "output": "it printed too much",
}
OWN_PACKAGE = (
    "the book's own package does not count here, the task is to write it yourself: "
    "remove deeplearn_utils from your answer"
)

MISSING = "gave back None: is `return` missing?"
NONE_RETURNED = f"""
def told(name, function):
    def called(*inputs, **options):
        value = function(*inputs, **options)
        if value is None:
            raise ValueError(name + " {MISSING}")
        return value
    return called

def run(names, source, scope):
    scope.update({{name: told(name, scope[name]) for name in names if name in scope}})
    exec(source, scope)
"""
WITHOUT_PACKAGE = "import sys; sys.modules['deeplearn_utils'] = None"


@dataclass
class Grading:
    """What a run of pytest is told, and what it finds out."""

    notebook: nbformat.NotebookNode
    limits: Limits
    sandboxed: bool
    visible: bool = False
    """Whether visible checks are run, as students run them, instead of hidden ones."""
    secret: tuple[Path, ...] = ()
    warm: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    """Checks that could not be run to their end."""
    unstarted: bool = False
    """Whether at some time no kernel could be had."""

    def pytest_collection(self, session: pytest.Session) -> bool:
        """Have our class collect the notebook, which is nowhere on the disk."""
        path = session.config.rootpath / "graded.ipynb"
        file = GradedFile.from_parent(session, path=path, grading=self)
        session.items = list(session.genitems(file))
        session.testscollected = len(session.items)
        return True

    def pytest_exception_interact(self, call: pytest.CallInfo) -> None:
        """Note that it was not the student's fault."""
        if call.excinfo is not None and isinstance(call.excinfo.value, NotStarted):
            self.unstarted = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what passed, and nothing else."""
        name = dict(report.user_properties).get("check")
        if name and report.when == "call" and report.outcome == "passed":
            self.passed.add(name)


class GradedFile(IPyNbFile):
    """A notebook with the student's answers, and its kernel."""

    def __init__(self, *, grading: Grading, **options: Any) -> None:
        super().__init__(**options)
        self.grading = grading
        self.end = float("inf")
        self.done: list[str] = []
        """What is run again after a restart."""
        self.broken: dict[str, str] = {}
        """Why answer cells failed."""

    def setup(self) -> None:
        """Start the kernel."""
        grading, began = self.grading, time.monotonic()
        self.kernel = GradedKernel(
            grading.limits,
            sandboxed=grading.sandboxed,
            secret=grading.secret,
            warm=grading.warm,
        )
        self.end = began + grading.limits.notebook_wall_s
        if not grading.sandboxed:
            self.run(WITHOUT_PACKAGE)
            self.done.append(WITHOUT_PACKAGE)

    def collect(self) -> Iterator[GradedCell]:
        """Yield the cells; what they say about nbval in comments and tags is not read."""
        self.nb = self.grading.notebook
        for number, cell in enumerate(self.nb.cells):
            yield GradedCell.from_parent(
                self, name=f"Cell {number}", cell_num=number, cell=cell, options={"check": True}
            )

    def teardown(self) -> None:
        if self.kernel is not None:
            self.kernel.stop()

    def run(self, source: str, *, silent: bool = True) -> Outcome:
        """Run a cell; if that ends the kernel, start it again and run what was there before.

        It may not be this cell that ended it: an earlier one may have left a thread or a process
        that did, or the machine ran out of memory. Unless time was what ran out, the cell has a
        second try, on a kernel that is fresh. What it prints matters to a check alone.
        """
        outcome = self.kernel.run(source, self.end, silent=silent)
        if outcome.stopped and not self.is_over():
            self.start_again()
            if outcome.ended != "time" and not self.is_over():
                outcome = self.kernel.run(source, self.end, silent=silent)
                if outcome.stopped and not self.is_over():
                    self.start_again()
        return outcome

    def start_again(self) -> None:
        """Start a fresh kernel, and run in it what was there before, as long as there is time."""
        self.kernel.start()
        place = 0
        while place < len(self.done) and not self.is_over():
            if self.kernel.run(self.done[place], self.end, silent=True).stopped:
                del self.done[place]  # alone it was harmless; it is left out from now on
                self.kernel.start()
                place = 0
            else:
                place += 1

    def is_over(self) -> bool:
        """Tell whether the submission's time is over."""
        return self.kernel.is_over(self.end)


class GradedCell(IPyNbCell):
    """A cell that is set up, answered or checked."""

    def runtest(self) -> None:
        """Run the cell; a check raises an error that says what is wrong."""
        mark = self.cell.metadata["grading"]
        if mark["role"] == "check":
            self.user_properties.append(("check", mark["id"]))
            self._check(mark)
        else:
            self._prepare(mark)

    def _prepare(self, mark: dict[str, Any]) -> None:
        file = self.parent
        if file.is_over():
            return
        outcome = file.run(self.cell.source)
        if not outcome.stopped:
            file.done.append(self.cell.source)
        if outcome.ended != "ok":
            known = outcome.error if outcome.error in ERRORS else "an error"
            why = STOPPED.get(outcome.ended, f"it stops with {known}")
            if file.grading.visible and outcome.message:
                why += f": {outcome.message}"
            file.broken[mark["id"]] = f"the cell {mark['id']} does not run: {why}"
        else:
            file.broken.pop(mark["id"], None)  # another of its cells, before this one

    def _check(self, mark: dict[str, Any]) -> None:
        file, grading = self.parent, self.parent.grading
        broken = [file.broken[name] for name in mark["needs"] if name in file.broken]
        if mark["own_package"]:
            if not grading.sandboxed:  # where there is a sandbox, it holds no such package
                self._fail(mark, OWN_PACKAGE)
            broken = [OWN_PACKAGE]
        if file.is_over():
            grading.stopped.add(mark["id"])
            self._fail(mark, "the time for the whole notebook was over before this check")
        if grading.visible:
            self._see(mark, broken)
            return
        cases = json.loads(self.cell.outputs[0].text)
        outcome, nonce = self._asked(mark, cases)
        silent = outcome.ended == "ok" and read_frame(outcome.text, nonce) is None
        if silent and not file.is_over():
            file.kernel.kill()  # a thread of an earlier answer may have driven the output out
            file.start_again()
            outcome, nonce = self._asked(mark, cases)
        self.verdict = Verdict(False)
        if outcome.stopped:
            grading.stopped.add(mark["id"])
            self._fail(mark, STOPPED[outcome.ended])
        printed = nbformat.v4.new_output("stream", text=outcome.text)
        printed.nonce = nonce
        if not self.compare_outputs([printed], self.cell.outputs):
            self._fail(mark, ". ".join([*broken, self.verdict.reason]))

    def _asked(self, mark: dict[str, Any], cases: list[dict[str, Any]]) -> tuple[Outcome, str]:
        """Call a student's function on the inputs; return how that ended, and the output's mark."""
        nonce = secrets.token_hex(16)
        source = check_source(mark["answer"], inputs_of(cases), nonce, mark["asked"])
        return self.parent.run(source, silent=False), nonce

    def _see(self, mark: dict[str, Any], broken: list[str]) -> None:
        """Run the visible part, whose asserts say what is wrong."""
        outcome = self.parent.run(self.cell.source)
        if outcome.stopped:
            self.parent.grading.stopped.add(mark["id"])
            self._fail(mark, STOPPED[outcome.ended])
        if outcome.ended == "error":
            todo = outcome.error == "NotImplementedError"
            said = outcome.message if outcome.error == "AssertionError" else ""
            if not todo and (told := self._none_returned(mark)):
                said = told
            said = said or f"it stops with {outcome.error}: {outcome.message}"
            self._fail(mark, UNANSWERED if todo else ". ".join([*broken, said]))

    def _none_returned(self, mark: dict[str, Any]) -> str:
        """Run a visible part again that failed; say so if a function in it gives back None."""
        functions = [
            node.name
            for cell in self.parent.nb.cells
            if cell.metadata["grading"]["id"] in mark["needs"]
            for node in parsed(cell.source)
            if isinstance(node, ast.FunctionDef)
        ]
        program = f"{NONE_RETURNED}\nrun({functions!r}, {self.cell.source!r}, scope)\n"
        outcome = self.parent.run(apart(program))
        return outcome.message if outcome.message.endswith(MISSING) else ""

    def compare_outputs(self, test: list, ref: list, skip_compare: object = None) -> bool:
        """Tell whether the values that a check printed are the reference's, within tolerance."""
        cases = json.loads(ref[0].text)
        try:
            self.verdict = judge(read_frame(test[0].text, test[0].nonce), expected_of(cases))
        except Exception:  # whatever a value is, it must not stop the others
            self.verdict = Verdict(False, "What was returned could not be compared.")
        return self.verdict.right

    def _fail(self, mark: dict[str, Any], reason: str) -> None:
        self.parent.grading.reasons[mark["id"]] = reason
        raise NbCellError(self.cell_num, reason, self.cell.source)


def parsed(source: str) -> list[ast.stmt]:
    """Return the statements of a cell; none of one that is no Python."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def check_source(answer: str, inputs: str, nonce: str, asked: Sequence[str]) -> str:
    """Return the cell that calls a student's function on fresh inputs and prints the results.

    It leaves no name behind, and what the student's code is called does not matter to it.
    """
    program = f"""{inspect.getsource(harness)}
names = usable(scope, {asked!r})
exec({answer!r}, names)
show({nonce!r}, names["answer"], {inputs!r})
"""
    return apart(program)


def apart(program: str) -> str:
    """Return the cell that runs a program beside a student's names, which it has as ``scope``.

    Neither it nor the program minds what a student has given a name like ``dict`` to.
    """
    return f"__import__('builtins').exec({program!r}, {{'scope': {{**(lambda: 0).__globals__}}}})"
