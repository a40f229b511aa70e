"""`deeplearn release`, `check` and `grade`: what they print, and how they end."""

import json
import sys

import nbformat
import pytest
from typer.testing import CliRunner

from deeplearn_utils.__main__ import app
from deeplearn_utils.grading import batch
from deeplearn_utils.grading.assignments import SOLUTIONS, read
from deeplearn_utils.grading.sandbox import why_not
from tests.grading.notebooks import notebook_of, solutions

NAME = "01_networks"


@pytest.fixture
def run():
    if sys.platform == "linux":
        assert why_not() == ""

    def words(*arguments):
        return CliRunner().invoke(app, list(map(str, arguments)))

    return words


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")
def test_release_writes_what_students_get(run, tmp_path):
    done = run("release", NAME, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert (tmp_path / f"{NAME}.ipynb").read_bytes() == (
        SOLUTIONS.parent / f"{NAME}.ipynb"
    ).read_bytes()


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("return neuron(X, w, b)", "return bool(np.all(neuron(X, w, b) == X @ w + b))", "guessed"),
        ("return neuron(X, w, b)", "return 1", "guessed"),
        ("rng.normal(size=(6, 4))", "rng.normal(size=(6, 5))", "fails the check"),
        (
            '"the bias is left out": lambda X, w, b: X @ w,',
            '"x": lambda X, w, b: X @ w + b,',
            "tell",
        ),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")
def test_release_refuses_a_check_that_gives_itself_away(run, tmp_path, before, after, reason):
    notebook = nbformat.read(SOLUTIONS / f"{NAME}.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if before in cell.source]
    assert cells
    cells[0].source = cells[0].source.replace(before, after)
    nbformat.write(notebook, tmp_path / "changed.ipynb")
    done = run("release", tmp_path / "changed.ipynb", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert reason in done.output
    assert not (tmp_path / "out").exists()


def test_an_unknown_assignment_is_named(run, tmp_path):
    done = run("release", "09_nothing", "--out", tmp_path)
    assert done.exit_code == 1
    assert "01_networks, 02_backpropagation" in done.output
    assert "'09_nothing'" in done.output


def test_check_says_how_far_a_student_is(run, tmp_path):
    assignment = read(NAME)
    path = tmp_path / "mine.ipynb"
    answers = {
        "neuron": solutions(assignment)["neuron"],
        "softmax": "def softmax(z):\n    return z",
    }
    path.write_bytes(notebook_of(assignment, answers))
    done = run("check", path)
    assert done.exit_code == 3, done.output
    assert "2 of 2  Task 1. One neuron, a whole batch (2 points)\n" in done.output
    assert "the example must give [[0.25, 0.75]], got [[0." in done.output
    assert "not answered yet" in done.output
    assert "2 of 28 points so far.\nOther inputs decide when it is graded" in done.output
    path.write_bytes(notebook_of(assignment, solutions(assignment)))
    assert run("check", path).exit_code == 0


def test_check_says_what_is_no_notebook(run, tmp_path):
    (tmp_path / "x.ipynb").write_text("{")
    done = run("check", tmp_path / "x.ipynb")
    assert (done.exit_code, done.output.strip()) == (1, "x is no notebook")


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")
def test_grade_ends_with_a_status_for_scripts(run, tmp_path):
    assignment, folder = read(NAME), tmp_path / "in"
    folder.mkdir()
    (folder / "ann.ipynb").write_bytes(notebook_of(assignment, solutions(assignment)))
    done = run("grade", folder, "--assignment", NAME, "--out", tmp_path / "a", "--workers", 1)
    assert done.exit_code == 0, done.output
    assert "1 submission: 1 graded; " in done.output
    (folder / "bad.ipynb").write_text("{")
    done = run("grade", folder, "--assignment", NAME, "--out", tmp_path / "a", "--seed", "x")
    assert done.exit_code == 2
    done = run("grade", folder, "--assignment", NAME, "--out", tmp_path / "a", "--workers", 1)
    assert done.exit_code == 3
    report = json.loads((tmp_path / "a" / "results.json").read_text())
    assert [r["status"] for r in report["submissions"]] == ["graded", "unreadable"]


def test_grade_hands_on_all_that_it_is_told(run, monkeypatch, tmp_path):
    told = []
    monkeypatch.setattr(batch, "grade", lambda *places, **options: told.append(options) or [])
    options = {"seed": 3, "workers": 2, "scheduler": "tcp://x:1", "roster": tmp_path / "r.csv"}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    done = run("grade", tmp_path, "--assignment", NAME, "--out", tmp_path, *words)
    assert done.exit_code == 0, done.output
    assert callable(told[0].pop("progress"))
    assert told == [{**options, "unsafe_no_sandbox": False}]


def test_grade_without_a_sandbox_says_what_to_install(run, monkeypatch, tmp_path):
    monkeypatch.setattr(batch, "why_not", lambda: "the program bwrap was not found")
    done = run("grade", tmp_path, "--assignment", NAME, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "the program bwrap was not found" in done.output
    assert "apt-get install bubblewrap" in done.output
    assert not (tmp_path / "out").exists()
