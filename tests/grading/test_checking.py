"""A student's own check, from the cell that every released notebook has."""

import json
import os
import re
import shutil

import nbclient
import nbformat
import numpy as np
import pytest

from deeplearn_utils.grading.assignments import CHECKED, SOLUTIONS, find, parse, read, released
from deeplearn_utils.grading.checking import check, this_notebook
from deeplearn_utils.grading.harness import decoded, encoded
from deeplearn_utils.grading.judging import judge
from deeplearn_utils.grading.reference import Refused, expected_of
from deeplearn_utils.grading.releasing import release
from deeplearn_utils.grading.values import from_node
from tests.grading.notebooks import notebook_of, solutions, solved

NAME = "01_networks"
HELPER = "def helper(X, w):\n    return X @ w"


def test_the_cell_in_a_released_notebook_checks_that_notebook(tmp_path):
    assignment = read(NAME)
    answers = {"neuron": solutions(assignment)["neuron"]}
    path = tmp_path / f"{NAME}.ipynb"
    path.write_bytes(notebook_of(assignment, answers))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id == CHECKED]
    assert len(notebook.cells) == 1
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, kernel_name="python3", resources=where).execute()
    (shown,) = [o for o in notebook.cells[0].outputs if o.output_type == "execute_result"]
    lines = shown.data["text/plain"].splitlines()
    assert lines[0] == "2 of 2  Task 1. One neuron, a whole batch (2 points)"
    assert lines[1].endswith("not answered yet")
    assert lines[-2].startswith("2 of 28 points so far (the notebook as it was saved at ")


def test_a_picture_in_a_solution_is_not_released():
    assignment = read(NAME)
    words = next(answer.id for answer in assignment.answers if not answer.is_code)
    for cell in assignment.notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == words:
            cell["attachments"] = {"solution.png": {"image/png": "c29sdXRpb24="}}
    assert "attachments" not in nbformat.writes(released(assignment))


def test_a_notebook_may_have_its_ending_in_capitals(tmp_path):
    path = tmp_path / "01_NETWORKS.IPYNB"
    path.write_bytes(b"{}")
    assert find(path) == path


def test_a_release_is_not_written_over_its_source(tmp_path):
    """In the folder of the source, its solutions and hidden checks were lost."""
    source = tmp_path / f"{NAME}.ipynb"
    source.write_bytes((SOLUTIONS / source.name).read_bytes())
    message = re.escape(f"`out` is the folder of the assignment's source: {tmp_path}")
    with pytest.raises(ValueError, match=f"^{message}$"):
        release(source, tmp_path, unsafe_no_sandbox=True)
    assert source.read_bytes() == (SOLUTIONS / source.name).read_bytes()


@pytest.mark.parametrize("place", [3, 4, 2])
@pytest.mark.parametrize(
    "marked", ["#BEGIN SOLUTION\nsecret", "# begin hidden tests\n3", "=== BEGIN MARK SCHEME ===\nx"]
)
def test_a_marker_of_nbgraders_that_is_no_marker_here_is_refused(tmp_path, place, marked):
    """Beside a marker as it must be, what stood behind another one was released."""
    notebook = nbformat.read(SOLUTIONS / f"{NAME}.ipynb", as_version=4)
    notebook.cells[place].source += f"\n{marked}\n"
    nbformat.write(notebook, tmp_path / f"{NAME}.ipynb")
    told = "a marker is left in the students' notebook: .*"
    with pytest.raises(Refused, match=f"^{told}$"):
        release(tmp_path / f"{NAME}.ipynb", tmp_path / "out", unsafe_no_sandbox=True)
    assert not (tmp_path / "out").exists()


def test_a_check_does_not_run_the_cell_that_calls_it():
    assignment = read(NAME)
    sources = parse(notebook_of(assignment, {}), NAME, hidden=False).cells
    assert not [s for s in sources if isinstance(s, str) and "check()" in s]
    assert CHECKED not in str(assignment.notebook)


@pytest.mark.parametrize(
    "change",
    [
        lambda cells: cells.insert(2, nbformat.v4.new_code_cell(HELPER)),
        lambda cells: cells[1].update(source=f"{cells[1].source}\n{HELPER}"),
        lambda cells: cells[3].update(source=f"{HELPER}\n{cells[3].source}", metadata={}),
    ],
)
def test_a_check_runs_what_grading_runs(tmp_path, change):
    """A helper in an added cell, or beside the imports, had points in a check alone."""
    answers = {"neuron": "def neuron(X, w, b):\n    return helper(X, w) + b"}
    notebook = nbformat.reads(notebook_of(read(NAME), answers), as_version=4)
    change(notebook.cells)
    path = tmp_path / f"{NAME}.ipynb"
    nbformat.write(notebook, path)
    reason = check(path)[0]["reason"]
    assert re.fullmatch(r"it stops with NameError: name '(helper|neuron)' is not defined", reason)


def test_a_check_runs_in_a_sandbox_where_there_is_one(sandbox, tmp_path):
    answers = solutions(read(NAME))
    inside = "import socket\nassert socket.gethostname() == 'sandbox'\n"
    answers["neuron"] = inside + answers["neuron"]
    path = tmp_path / f"{NAME}.ipynb"
    path.write_bytes(notebook_of(read(NAME), answers))
    assert check(path).points == 28


def graded(notebook):
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade"))


def nested(depth):
    return [nested(depth - 1)] if depth else []


@pytest.mark.parametrize(
    "change",
    [
        lambda notebook: notebook.pop("cells"),
        lambda notebook: notebook.update(nbformat=1),
        lambda notebook: notebook.update(nbformat=3),
        lambda notebook: notebook["cells"][1].update(metadata=[]),
        lambda notebook: notebook["cells"][3].pop("cell_type"),
        lambda notebook: notebook["cells"][4]["metadata"].update(nbgrader=["x"]),
        lambda notebook: notebook["cells"][4]["metadata"].update(nbgrader={"solution": True}),
        lambda notebook: notebook["cells"][4]["metadata"].update(tags=3),
        lambda notebook: notebook["cells"][4].update(source=[None]),
        lambda notebook: graded(notebook)["metadata"]["nbgrader"].update(points=10**400),
        lambda notebook: graded(notebook).update(source=nested(900)),
    ],
)
def test_a_damaged_notebook_is_told_in_a_sentence(change):
    notebook = json.loads(notebook_of(read(NAME), {}))
    change(notebook)
    damaged = r"a damaged notebook: its cells are not as they must be \(\w+Error\)"
    with pytest.raises(ValueError, match=f"^{NAME} is (no notebook|{damaged})$"):
        parse(json.dumps(notebook).encode(), NAME, hidden=False)


@pytest.mark.parametrize("many", ["\n", "\t", "### BEGIN HIDDEN TESTS\n"])
def test_a_long_check_is_soon_read(many):
    """Its square was: 2 MB of empty lines took longer than anybody waits."""
    notebook = json.loads(notebook_of(read(NAME), {}))
    graded(notebook)["source"] = many * (2_000_000 // len(many)) + "x"
    first = parse(json.dumps(notebook).encode(), NAME, hidden=False).checks[0]
    assert first.visible.endswith("x")


def test_a_notebooks_titles_are_shown_without_control_characters(tmp_path):
    """Whoever checks another's notebook looks at a terminal, which obeys control characters."""
    path = tmp_path / "theirs.ipynb"
    content = notebook_of(read(NAME), {}).decode()
    path.write_text(content.replace("One neuron", "\\u001b]0;owned\\u0007One"), encoding="utf-8")
    told = repr(check(path))
    assert "owned One" in told
    assert all(line.isprintable() for line in told.split("\n"))


def test_the_cell_is_in_every_released_notebook():
    for solution in SOLUTIONS.glob("*.ipynb"):
        notebook = nbformat.read(SOLUTIONS.parent / solution.name, as_version=4)
        assert notebook == released(read(solution.stem)), f"deeplearn release {solution.stem}"
        assert [cell.id for cell in notebook.cells].count(CHECKED) == 1


def test_jupyter_tells_which_notebook_it_is(tmp_path, monkeypatch):
    path = tmp_path / "mine.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    monkeypatch.chdir(tmp_path)
    unknown = (
        "which notebook this is cannot be told here: name it, as in check('01_networks.ipynb')"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(unknown)}$"):
        check()
    shutil.copy(SOLUTIONS.parent / f"{NAME}.ipynb", path)
    shutil.copy(path, tmp_path / "other.ipynb")
    assert this_notebook() == path
    monkeypatch.delenv("JPY_SESSION_NAME")
    with pytest.raises(ValueError, match=f"^{re.escape(unknown)}$"):
        this_notebook()
    os.remove(path)
    (tmp_path / "no notebook.ipynb").write_text("[]")
    (tmp_path / "too deep.ipynb").write_text("[" * 100_000)
    assert str(this_notebook()) == "other.ipynb"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("def softmax(z):\n    p = np.exp(z)", "softmax gave back None: is `return` missing?"),
        ("def softmax(z):\n    return z[0]", "the shape of z must stay: (1, 2), got (2,)"),
        ("def softmax(z):\n    return", "softmax gave back None: is `return` missing?"),
    ],
)
def test_a_missing_return_is_told_and_not_a_shape(tmp_path, answer, told):
    path = tmp_path / f"{NAME}.ipynb"
    path.write_bytes(notebook_of(read(NAME), {"softmax": answer}))
    (reason,) = [task["reason"] for task in check(path) if task["task"] == "softmax-check"]
    assert reason == told


def in_an_array(x):
    return np.array([x]) if np.isscalar(x) and not isinstance(x, (bool, str)) else x


def as_decimals(x):
    if isinstance(x, np.ndarray):
        return x.astype(float) if x.dtype.kind == "i" else x
    return float(x) if isinstance(x, (int, np.integer)) and not isinstance(x, bool) else x


def with_an_axis_more(x):
    return x[None] if isinstance(x, np.ndarray) else x


def as_complex(x):
    return x.astype(complex) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x


def as_objects(x):
    return x.astype(object) if isinstance(x, np.ndarray) else x


def returning(function, change):
    """Return a function that hands out what another one does, with each part of it changed."""

    def changed(parts):
        several = isinstance(parts, (list, tuple))
        return type(parts)(map(changed, parts)) if several else change(parts)

    return lambda *inputs: changed(function(*inputs))


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("name", sorted(path.stem for path in SOLUTIONS.glob("*.ipynb")))
@pytest.mark.parametrize(
    "change", [in_an_array, as_decimals, with_an_axis_more, as_complex, as_objects]
)
def test_who_passes_a_visible_check_loses_nothing_by_shape_or_type(name, change, reference):
    """An array of one, floats for whole numbers: the hidden checks alone refused them."""
    assignment, cases = reference(name)
    names, lost = solved(name), {}
    for asked in re.findall(r"^def (\w+)", "\n".join(solutions(assignment).values()), re.MULTILINE):
        names[asked] = returning(names[asked], change)
    for one in assignment.checks:
        try:
            exec(one.visible, names.copy())
        except Exception:
            continue
        shown, expected = shown_by(one, names.copy(), cases[one.id]), expected_of(cases[one.id])
        if not judge(shown, expected).right:
            lost[one.id] = judge(shown, expected).reason
    assert lost == {}


def shown_by(one, names, cases):
    """Return what a check's cases give with the functions of these names."""
    exec(one.answer, names)
    values = []
    for case in cases:
        try:
            values.append(encoded(names["answer"](*map(decoded, case["inputs"]))))
        except Exception as error:
            values.append({"error": type(error).__name__})
    return [from_node(value) for value in json.loads(json.dumps(values))]
