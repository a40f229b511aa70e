"""An assignment, read from its one source: the solution notebook.

Its cells carry nbgrader's metadata. A check cell has a visible part, which students keep, and a
hidden part between nbgrader's markers, which is never sent to them and of which a student's kernel
sees one function only:

- ``cases(rng)`` yields ``(kind, *inputs)``: the kind of input in words, and fresh inputs; it is
  called twice, so that an answer meets each kind again with other numbers;
- ``answer(*inputs)`` calls what the student wrote, and returns what is compared;
- ``mistakes``, optional, maps the words for a misconception to what it would compute;
- ``parts``, optional, says what the values are called that ``answer`` returns together;
- ``tolerance``, optional, is a dict with ``rtol`` and ``atol``.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

__all__ = ["Answer", "Assignment", "Check", "find", "parse", "read", "released"]

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / "chapters" / "assignments" / "solutions"
SOLUTION = re.compile(r"[ \t]*### BEGIN SOLUTION\n.*?### END SOLUTION[^\n]*\n?", re.DOTALL)
HIDDEN = re.compile(
    r"(?:(?<!\s)\s*)?### BEGIN HIDDEN TESTS\n"  # spaces from their first one: else their square
    r"((?:(?!### BEGIN HIDDEN).)*?)### END HIDDEN TESTS[^\n]*\n?",
    re.DOTALL,
)
STUB = "raise NotImplementedError  # your code goes here"
WRITE = "Your answer goes here."
UNWRITTEN = ("", WRITE, "YOUR ANSWER HERE")
"""What stands in the cell of an answer in words that nobody wrote: ours, and nbgrader's."""
DAMAGED = (
    *(AssertionError, AttributeError, LookupError, NameError, OverflowError),
    *(RecursionError, TypeError),
)
"""What reading a notebook ends with whose cells are not as they must be."""
CHECKED = "check-yourself"
"""The tag of what is added to the students' notebook: never graded, and not run by a check."""
GIVEN = "given"
"""In a released notebook, the source of a cell that only runs: its text may be changed later."""
HOW_FAR = """## How far are you?

Save the notebook, then run the cell below. It runs all visible checks in a fresh kernel, as they
are in the saved file, and shows your points so far and what is still wrong. It needs no network,
and neither the cell nor what it shows is graded."""
CALL = """from deeplearn_utils.grading import check

check()"""


@dataclass(frozen=True)
class Answer:
    """A cell that students fill in: code, or words that a person reads."""

    id: str
    source: str
    is_code: bool
    points: float = 0.0
    """Points of an answer in words; code earns its points in checks."""
    title: str = ""

    @property
    def is_read(self) -> bool:
        """Whether a person gives its points."""
        return self.points > 0


@dataclass(frozen=True)
class Check:
    """A cell that gives points."""

    id: str
    points: float
    visible: str
    hidden: str
    title: str = ""

    @property
    def answer(self) -> str:
        """The one function of the hidden part that a student's kernel sees."""
        for node in ast.parse(self.hidden).body:
            if isinstance(node, ast.FunctionDef) and node.name == "answer":
                return ast.get_source_segment(self.hidden, node)
        raise ValueError(f"the check `{self.id}` has no function `answer` in its hidden part")


@dataclass(frozen=True)
class Assignment:
    """An assignment's cells that matter for grading, in their order."""

    name: str
    cells: tuple[Answer | Check | str, ...]
    """A `str` is a cell of the instructor's that only runs."""
    notebook: NotebookNode

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(cell for cell in self.cells if isinstance(cell, Answer))

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(cell for cell in self.cells if isinstance(cell, Check))

    @property
    def points(self) -> float:
        """What can be reached: by checks, and with a reader."""
        return sum(cell.points for cell in (*self.answers, *self.checks))

    @property
    def warm(self) -> tuple[str, ...]:
        """Modules that take long to import, and are imported once for all submissions.

        The notebook's metadata name them: ``"grading": {"warm": ["tensorflow"]}``.
        """
        return tuple(map(str, self.notebook.metadata.get("grading", {}).get("warm", ())))

    @property
    def digest(self) -> str:
        """A number that changes when anything that is run changes."""
        told = json.dumps([c if isinstance(c, str) else vars(c) for c in self.cells])
        return hashlib.sha256(told.encode()).hexdigest()


def find(name: str | Path) -> Path:
    """Return the solution notebook of an assignment, by its name or its path.

    Raises
    ------
    ValueError
        If there is none.
    """
    path = Path(name)
    if path.suffix.lower() == ".ipynb" and path.is_file():
        return path
    path = SOLUTIONS / f"{path.name.removesuffix('.ipynb')}.ipynb"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in SOLUTIONS.glob("*.ipynb"))) or "none"
        raise ValueError(
            f"`assignment` must be a solution notebook or one of these names: {known}; "
            f"got {str(name)!r}"
        )
    return path


def read(name: str | Path, *, hidden: bool = True) -> Assignment:
    """Read an assignment from its solution notebook.

    Parameters
    ----------
    name : str or path
        Its name, such as "01_networks", or the path of its solution notebook.
    hidden : bool
        Whether it has hidden parts; a student's notebook has none.

    Returns
    -------
    Assignment

    Raises
    ------
    ValueError
        If there is no such assignment, or its cells are not marked as nbgrader's schema 3 says.

    Examples
    --------
    >>> assignment = read("01_networks")
    >>> assignment.checks[0].id, assignment.checks[0].points
    ('neuron-check', 2.0)
    """
    path = find(name)
    return parse(path.read_bytes(), path.stem, hidden=hidden)


def parse(content: bytes, name: str, *, hidden: bool = True) -> Assignment:
    """Read an assignment from the content of its notebook, as ``read`` does from a file."""
    try:
        return _parsed(content, name, hidden)
    except DAMAGED as error:
        fault = type(error).__name__
        raise ValueError(
            f"{name} is a damaged notebook: its cells are not as they must be ({fault})"
        ) from None


def _parsed(content: bytes, name: str, hidden: bool) -> Assignment:
    notebook = _opened(content, name)
    if not hidden:
        _take_as_given(notebook)
    cells: list[Answer | Check | str] = []
    seen: set[str] = set()
    title = ""
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown":
            found = re.findall(r"^#+ +(.+)$", cell.source, re.MULTILINE)
            title = found[-1] if found and not marks.get("solution") else title
        if marks.get("grade_id") in seen:
            if not hidden:
                continue  # a student split it or copied it
            raise ValueError(f"{name}: two cells have the grade_id {marks['grade_id']!r}")
        made = _marked(cell, marks, title, name, hidden)
        if made is not None:
            cells.append(made)
            seen |= {marks["grade_id"]} if marks else set()
    if not seen:
        raise ValueError(f"{name}: no cell has nbgrader's metadata")
    return Assignment(name, tuple(cells), notebook)


def _opened(content: bytes, name: str) -> NotebookNode:
    try:
        return nbformat.reads(content.decode("utf-8-sig"), as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError):
        raise ValueError(f"{name} is no notebook") from None


def _take_as_given(notebook: NotebookNode) -> None:
    """Have a check run what grading runs: a cell that only runs as it was given out, and no other.

    A notebook that was released otherwise does not tell which ones were given out.
    """
    if any(GIVEN in cell.metadata for cell in notebook.cells):
        for cell in notebook.cells:
            if _only_runs(cell):
                cell.source = cell.metadata.get(GIVEN, "")


def _only_runs(cell: NotebookNode) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and not (marks.get("grade") or marks.get("solution"))


def _marked(
    cell: NotebookNode, marks: dict, title: str, name: str, hidden: bool
) -> Answer | Check | str | None:
    """Return what a cell is; None for prose."""
    is_code = cell.cell_type == "code"
    if CHECKED in cell.metadata.get("tags", ()):
        return None
    if not marks or not (marks.get("grade") or marks.get("solution")):
        return cell.source if is_code else None
    points = float(marks.get("points", 0)) if marks.get("grade") else 0.0
    if marks.get("solution"):
        return Answer(marks["grade_id"], cell.source, is_code, points, title)
    found = HIDDEN.search(cell.source)
    if found is None and hidden:
        raise ValueError(f"{name}: the check {marks['grade_id']!r} has no hidden part")
    visible = HIDDEN.sub("\n", cell.source).strip()
    return Check(marks["grade_id"], points, visible, found[1].rstrip() if found else "", title)


def released(assignment: Assignment) -> NotebookNode:
    """Return the students' notebook: no solution, no hidden part, no outputs, a call of check()."""
    notebook = nbformat.reads(nbformat.writes(assignment.notebook), as_version=4)
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("solution"):
            cell.source = stripped(cell.source, is_code=cell.cell_type == "code")
            cell.pop("attachments", None)  # pictures of a solution in words
        cell.source = HIDDEN.sub("\n", cell.source).rstrip("\n")
        cell.metadata.pop("section", None)  # told with the feedback
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if _only_runs(cell):
            cell.metadata[GIVEN] = cell.source
    tagged = {"tags": [CHECKED]}
    notebook.cells += [
        nbformat.v4.new_markdown_cell(HOW_FAR, id=f"{CHECKED}-text", metadata=tagged),
        nbformat.v4.new_code_cell(CALL, id=CHECKED, metadata=tagged),
    ]
    notebook.metadata = nbformat.from_dict(
        {key: notebook.metadata[key] for key in ("kernelspec",) if key in notebook.metadata}
    )
    return notebook


def stripped(source: str, *, is_code: bool) -> str:
    """Return an answer cell without its solution."""
    if not is_code:
        return WRITE

    def stub(found: re.Match[str]) -> str:
        indent = re.match(r"[ \t]*", found[0])[0]
        return f"{indent}{STUB}\n"

    return SOLUTION.sub(stub, f"{source}\n").rstrip("\n")
