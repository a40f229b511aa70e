"""The gradebook as a whole, by the function and by the command."""

import csv
import io
import json
import os
import re
import subprocess
import sys

import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from deeplearn_utils.__main__ import app
from deeplearn_utils.commands.telling import say
from deeplearn_utils.grading.assignments import ROOT, read
from deeplearn_utils.grading.cells import written
from deeplearn_utils.grading.reporting.gradebook import gradebook
from deeplearn_utils.grading.reporting.marks import load, marks_of
from deeplearn_utils.grading.reporting.overview import overview
from deeplearn_utils.grading.reporting.roster import read_roster
from deeplearn_utils.grading.results import Book
from tests.grading.answers.disguise import COPY, ORIGINAL
from tests.grading.notebooks import notebook_of, solutions
from tests.grading.reporting.results import ALL, NAME, TASKS, WORDS, WRONG, record, results
from tests.grading.reporting.test_marks import CANVAS

FIRST, *_, LAST = TASKS
run = CliRunner().invoke


@pytest.fixture
def folder(tmp_path):
    return results(
        tmp_path / "results",
        record("doejane", number="11", system="canvas"),
        record("oneilann", [FIRST], number="12", system="canvas", late=True, text="my answer"),
        record("nobody", [FIRST, LAST], number="99", system="canvas"),
        record("broken", number="13", system="canvas", status="unreadable", reason="no notebook"),
    )


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "canvas export.csv"
    path.write_text(written(CANVAS), encoding="utf-8")
    return path


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_gradebook_and_what_is_left_to_do(tmp_path, folder, roster):
    out = tmp_path / "out"
    made = gradebook([folder], out, roster=roster, due="2026-11-30T00:00Z", per_day=10)
    expected = ["canvas.csv", "gradebook.json", "overview.html", "to_read.csv", "unmatched.csv"]
    assert files(out) == expected == sorted(path.name for path in made.files)
    assert [mark.student for mark in made.unmatched] == ["nobody"]
    assert made.waiting == 3 * len(WORDS)
    assert (out / "unmatched.csv").read_text().splitlines()[1:] == ["nobody,nobody"]
    grades = pd.read_csv(out / "canvas.csv").set_index("ID")["01_networks"]
    of = ALL + sum(WORDS.values())
    assert grades.loc[[11, 12, 13]].tolist() == [ALL, ALL - TASKS[FIRST] - 0.1 * of, 0]


def test_it_is_read_again_as_it_was(tmp_path, folder):
    made = gradebook([folder], tmp_path / "out")
    assert marks_of([load(tmp_path / "out")]) == made.marks
    head = json.loads((tmp_path / "out" / "gradebook.json").read_text(encoding="utf-8"))
    assert head["attempt"] == "last"


def test_nothing_is_overwritten_without_a_copy(tmp_path, folder):
    out = tmp_path / "out"
    gradebook([folder], out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert gradebook([folder], out).copies == []
    with (out / "to_read.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index("points")] = "2"
    (out / "to_read.csv").write_text(written(rows), encoding="utf-8", newline="")
    made = gradebook([folder], out, manual=out / "to_read.csv")
    assert len(files(out)) == len(before) + len(made.copies)
    for name in ("gradebook", "canvas", "moodle", "overview"):
        old = next(out.glob(f"{name}.before-1.*"))
        assert old.read_bytes() == before[f"{name}{old.suffix}"]


def test_a_mistake_leaves_everything_as_it_was(tmp_path, folder):
    out = tmp_path / "out"
    (tmp_path / "m.csv").write_text("student,task,points\nwho,what,1\n")
    whole = "m.csv was not merged:\nrow 2: there is no student 'who'"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        gradebook([folder], out, manual=tmp_path / "m.csv")
    assert not out.exists()


def test_a_gradebook_and_results_are_not_put_into_one_folder(folder, tmp_path):
    """The gradebook was read, and not what was graded after it."""
    message = (
        "`out` must be another folder than that of `deeplearn grade`: a gradebook is read instead "
        f"of results, and what is graded later is not in it, got {str(folder)!r}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        gradebook([folder], folder)
    assert files(folder) == ["results.json"]
    gradebook([folder], tmp_path / "out")
    whole = f"`out` holds a gradebook: {tmp_path / 'out'}; choose another folder"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        Book(tmp_path / "out", {})
    assert "records" not in files(tmp_path / "out")


def test_an_earlier_gradebook_is_compared_with(tmp_path, folder):
    gradebook([folder], tmp_path / "old")
    better = results(tmp_path / "again", record("doejane", [LAST], number="11", system="canvas"))
    made = gradebook([better], tmp_path / "new", before=tmp_path / "old")
    assert len(made.changes) == 4
    lines = (tmp_path / "new" / "changes.csv").read_text().splitlines()
    points = f"{TASKS[LAST]:g}"
    cause = '"the same submission, checks and inputs: another run"'
    assert lines[1] == f"doejane,01_networks,{LAST},{points},0,{cause},{WRONG}"


def test_similar_answers_are_shown_side_by_side_and_escaped(tmp_path):
    assignment = read(NAME)
    handed_in = tmp_path / "in"
    texts = {"<ann>": ORIGINAL, "bob": COPY, "cem": None, "dan": ORIGINAL + "# <script>x</script>"}
    for name, text in texts.items():
        (handed_in / name).mkdir(parents=True)
        answers = solutions(assignment) | ({"softmax": text} if text else {})
        (handed_in / name / f"{NAME}.ipynb").write_bytes(notebook_of(assignment, answers))
    (handed_in / "eve").mkdir()
    (handed_in / "eve" / f"{NAME}.ipynb").write_bytes(b"broken")
    folder = results(tmp_path / "r", *[record(name) for name in (*texts, "eve")])
    made = gradebook([folder], tmp_path / "out", submissions=handed_in)
    assert made.pairs == 3
    page = (tmp_path / "out" / "similar.html").read_text(encoding="utf-8")
    assert "no verdict" in page
    assert "<bdi>&lt;ann&gt;</bdi> and <bdi>bob</bdi>" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert page.count("<pre") == 2 * made.pairs
    assert "<mark>" in page
    assert "cem" not in page


def test_what_is_compared_is_shown_in_few_lines_and_not_turned_around(tmp_path):
    """The page had no end, and what turns writing around hid what a line says."""
    hidden = f"{ORIGINAL}\r\n# \u202e\r\n" + "#\n" * 20_000
    sources = solutions(read(NAME)) | {"softmax": hidden}
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("ann", "bob", "cem"):
        (folder / f"{name}.ipynb").write_bytes(notebook_of(read(NAME), sources))
    strange = record("cem", status="unreadable", reason="its student is not in the roster")
    graded = results(tmp_path / "r", record("ann"), record("bob"), strange)
    assert gradebook([graded], tmp_path / "out", submissions=folder).pairs == 1
    page = (tmp_path / "out" / "similar.html").read_text(encoding="utf-8")
    assert ("\u202e" in page, "# \\u202e\n" in page) == (False, True)
    assert page.count("… (the rest is in the notebook)") == 2
    assert len(page) < 40_000


def test_an_overview_has_the_numbers_and_no_names(tmp_path, folder, roster):
    known = read_roster(roster)
    page = overview(marks_of([load(folder)], known), known)
    assert not any(name in page for name in ("doejane", "Doe", "Neil", "nobody", "my answer"))
    assert "4 students; 0" not in page
    assert ">1 of 4<" in page  # the first task: one right, two wrong, one unreadable
    assert "2 × the sign of z is wrong" in page
    assert "Not graded in full: 1 unreadable." in page
    assert page.count("data:image/svg+xml;base64,") == 4
    assert page == overview(marks_of([load(folder)], known), known)


@pytest.mark.parametrize("settings", [b"\xff\xfe", b"text.usetex: True\n"])
def test_settings_for_pictures_are_not_taken_from_what_was_handed_in(tmp_path, settings):
    """Called in a student's folder, their settings stopped it, or ran their words as LaTeX."""
    (tmp_path / "matplotlibrc").write_bytes(settings)
    draw = "from deeplearn_utils.grading.reporting.overview import _drawn; "
    draw += "_drawn(lambda figure, colors: figure.subplots().set_title('$x$'), False)"
    environment = {**os.environ, "PATH": "", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-P", "-c", draw], cwd=tmp_path, env=environment, check=True)


def test_the_commands_end_with_what_is_left_to_do(tmp_path, folder, roster):
    out, pages = tmp_path / "out", tmp_path / "pages"
    done = run(app, ["gradebook", str(folder), "--out", str(out), "--roster", str(roster)])
    assert done.exit_code == 3
    assert f"{3 * len(WORDS)} answers wait for a reader" in done.output
    assert "1 not in the roster" in done.output
    assert "not graded in whole: 1 unreadable; results.csv says why" in done.output
    assert "my answer" not in done.output
    done = run(app, ["feedback", str(out), "--out", str(pages)])
    assert (done.exit_code, len(files(pages))) == (0, 4)
    done = run(app, ["gradebook", str(tmp_path), "--out", str(out)])
    assert done.exit_code == 1
    assert "`results` must be a folder with" in done.output
    done = run(app, ["gradebook", str(folder), "--out", str(out), "--due", "soon"])
    assert done.exit_code == 1
    assert "`due` must be a time with its zone" in done.output


def test_a_name_that_a_terminal_has_no_letters_for_ends_no_command():
    told = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    say(Console(file=told), "李 [b]")
    told.seek(0)
    assert told.read() == "\\u674e [b]\n"


@pytest.mark.parametrize(("possible", "is_told"), [("100", True), ("32.0", False), ("", False)])
def test_another_scale_in_canvas_is_told(tmp_path, folder, possible, is_told):
    header, posting, points, *students = CANVAS
    lines = [(*header, f"{NAME} (47)"), (*posting, ""), (*points, possible)]
    path = tmp_path / "canvas.csv"
    path.write_text(written([*lines, *[(*one, "") for one in students]]), encoding="utf-8")
    made = gradebook([folder], tmp_path / "out", roster=path)
    told = f"Canvas has 100 points for {NAME}, and here are 32: change them there"
    assert made.notes == [told] * is_told


def test_what_nothing_tells_is_said(tmp_path):
    folder = results(
        tmp_path / "r",
        record(
            "ann",
            system="nbgrader",
            submitted="2026-11-30T22:00:00+00:00",
            changed="2026-12-05T10:00:00+00:00",
        ),
        record("bob", number="1", system="canvas"),
        record("tutorial 1", name="tutorial 1/cem"),
        record("tutorial 1", name="tutorial 1/dea"),
    )
    due = ["--due", "2026-11-30T23:59+00:00"]
    told = run(app, ["gradebook", str(folder), "--out", str(tmp_path / "o"), *due]).output
    told = " ".join(told.split())
    untold = "nothing tells when 1 of 3 submissions (tutorial 1) were handed in, so they count as"
    assert untold in told
    told_and_true = "says 2026-11-30T22:00:00+00:00, and was changed at 2026-12-05T10:00:00+00:00"
    assert f"what ann handed in {told_and_true}; lateness is what it says" in told
    assert "2 submissions in the folder tutorial 1 count as attempts of one student" in told
    told = run(app, ["gradebook", str(folder), "--out", str(tmp_path / "o")]).output
    assert "nothing tells" not in told


def test_that_all_were_changed_is_said_in_one_line(tmp_path):
    """Whoever set rights for the whole exchange had a line for each student."""
    times = {"submitted": "2026-11-30T22:00:00+00:00", "changed": "2026-12-05T10:00:00+00:00"}
    changed = [record(name, system="nbgrader", **times) for name in ("ann", "bob", "cem")]
    times["changed"] = ""
    folder = results(tmp_path / "r", *changed, record("dan", system="nbgrader", **times))
    (note,) = gradebook([folder], tmp_path / "o").notes
    assert note.startswith("3 of 4 submissions were changed after the times that they say, as when")


def test_a_gradebook_with_nothing_left_ends_with_0(tmp_path):
    words = "".join(f"ann,{task},1,\n" for task in WORDS)
    (tmp_path / "m.csv").write_text(f"student,task,points,comment\n{words}")
    folder = results(tmp_path / "r", record("ann"))
    arguments = ["gradebook", str(folder), "--out", str(tmp_path / "o"), "--manual"]
    assert run(app, [*arguments, str(tmp_path / "m.csv")]).exit_code == 0


@pytest.mark.parametrize("command", ["gradebook", "feedback"])
def test_help_shows_how_to_call_it(command):
    told = run(app, [command, "--help"]).output
    assert told.count(f"deeplearn {command} ") >= 2
