"""Every notebook's two files agree and hold nothing that changes by itself; ``make sync`` too."""

import os
import re
import subprocess
import sys

import nbformat
import pytest

import freshness
import roles
import running
import sources
import sync
from tests.wrong_inputs import whole

PAIRS = roles.find_pairs()
TAGS = {
    *("hide-cell", "hide-input", "hide-output", "remove-cell", "remove-input", "remove-output"),
    *("nbval-ignore-output", "nbval-skip", "raises-exception"),
}
VOLATILE = re.compile(r"\bat 0x[0-9a-f]{6,}|/(?:home|Users|root|tmp)/|ipykernel_\d+")


@pytest.fixture(params=PAIRS, ids=lambda pair: str(pair.text.relative_to(roles.ROOT)))
def pair(request):
    return request.param


@pytest.fixture
def notebook(pair):
    return nbformat.read(pair.notebook, as_version=4)


def printed(notebook):
    """Yield each output that nbval compares, as text."""
    for cell in notebook.cells:
        if "nbval-ignore-output" in cell.metadata.get("tags", ()):
            continue
        for output in cell.get("outputs", ()):
            yield output.get("text", "")
            yield from (
                text for kind, text in output.get("data", {}).items() if kind.startswith("text/")
            )


def test_there_are_notebooks():
    assert len(PAIRS) >= 3


def test_both_files_exist(pair):
    assert pair.text.exists(), f"run `make sync`: {pair.text} is missing"
    assert pair.notebook.exists(), f"run `make sync`: {pair.notebook} is missing"


def test_both_files_have_the_same_cells(pair, notebook):
    assert sync.cells(sources.read_text(pair.text)) == sync.cells(notebook), "run `make sync`"


def test_the_text_is_as_jupyterlab_would_write_it(pair):
    notebook = sources.read_text(pair.text)
    notebook.metadata = nbformat.from_dict(sync.HEADER)
    assert sync.to_text(notebook) == pair.text.read_text(encoding="utf-8"), "run `make sync`"


def test_the_notebook_is_valid_and_clean(pair, notebook):
    nbformat.validate(notebook)
    cleaned = nbformat.from_dict(notebook)
    sync.clean(cleaned)
    assert sync.to_json(cleaned) == pair.notebook.read_text(encoding="utf-8"), "run `make sync`"


def test_cell_ids_are_unique(notebook):
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))


def test_outputs_belong_to_the_cells(notebook):
    assert not sync.has_stale_outputs(notebook), "run `make sync`"


def test_the_outputs_are_not_older_than_what_made_them(pair, notebook):
    changed = freshness.changes(notebook, pair.text.parent)
    assert changed == [], f"run `make sync`: {pair.text.name} is older ({sync.shortened(changed)})"


def test_tags_are_known(notebook):
    tags = {tag for cell in notebook.cells for tag in cell.metadata.get("tags", ())}
    assert tags <= TAGS


def test_no_cell_ends_in_a_semicolon(notebook):
    """nbval runs without history, where a semicolon silences nothing: use ``_ = ...``."""
    ends = [c.source for c in notebook.cells if c.cell_type == "code"]
    assert not [source for source in ends if source.rstrip().endswith(";")]


def test_outputs_hold_nothing_of_this_machine(notebook):
    assert not [text for text in printed(notebook) if VOLATILE.search(text)]


def test_pictures_are_small(notebook):
    sizes = [
        len(output.data["image/png"]) * 3 // 4
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
    assert max(sizes, default=0) < 250_000


HEADER = """---
jupytext:
  formats: ipynb,md:myst
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---

# A chapter

Prose.
"""


@pytest.fixture
def chapter(tmp_path):
    """Return a function that writes a chapter with these code cells, as an author would."""
    (tmp_path / "chapters").mkdir()
    text = tmp_path / "chapters" / "01_small.md"

    def write(*code: str):
        cells = [f"\n```{{code-cell}} ipython3\n{source}\n```\n" for source in code]
        text.write_text(HEADER + "".join(cells), encoding="utf-8")
        (found,) = roles.find_pairs(tmp_path)
        return found

    return write


def evaluate(notebook, folder, started, log):
    """Stand for a kernel where cells are single expressions."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, 1):
        data = {"text/plain": repr(eval(cell.source))}
        cell.execution_count = count
        cell.outputs = [nbformat.v4.new_output("execute_result", data=data, execution_count=count)]


@pytest.fixture
def no_kernel(monkeypatch):
    monkeypatch.setattr(running, "run_cells", evaluate)


def contents(pair):
    return pair.text.read_bytes(), pair.notebook.read_bytes()


def outputs(pair):
    cells = nbformat.read(pair.notebook, as_version=4).cells
    return [cell.outputs for cell in cells if cell.cell_type == "code"]


def test_sync_runs_a_new_chapter_and_then_leaves_it_alone(chapter):
    pair = chapter("x = 1+1", "x", "print('one')\nprint('two')")
    assert sync.sync(pair) == "run"
    assert "x = 1 + 1" in pair.text.read_text()
    assert outputs(pair)[1][0].data == {"text/plain": "2"}
    assert [o.text for o in outputs(pair)[2]] == ["one\ntwo\n"]
    before = contents(pair)
    assert sync.sync(pair) == "unchanged"
    assert sync.sync(pair, run=True) == "run"
    assert contents(pair) == before


def test_sync_keeps_outputs_when_only_prose_changed(chapter, no_kernel):
    pair = chapter("6 * 7")
    sync.sync(pair)
    before = outputs(pair)
    pair.text.write_text(pair.text.read_text().replace("Prose.", "Better prose."))
    assert sync.sync(pair) == "paired"
    assert outputs(pair) == before
    assert "Better prose." in pair.notebook.read_text()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1 / 0", r"{} failed:\n[^\0]*\nZeroDivisionError: division by zero"),
        (
            "import sys\n\n_ = sys.stderr.write('a warning\\n')",
            r"{} writes to stderr:\na warning\n",
        ),
        ("object()", r"{} shows a memory address:\n<object at 0x[0-9a-f]+>"),
        ("import os\n\nos._exit(1)", r"the kernel died in {}[^\0]*"),  # then its log
    ],
)
def test_sync_leaves_both_files_whole_when_a_cell_is_wrong(chapter, code, reason, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(running, "run_cells", evaluate)
        sync.sync(chapter("6 * 7"))
    pair = chapter("6 * 7", code)
    before = contents(pair)
    line = pair.text.read_text().split("\n").index(code.split("\n")[0]) + 1
    place = re.escape(f'code cell 2 (under "A chapter", line {line} of 01_small.md)')
    with pytest.raises(sources.SyncError, match=f"^{reason.format(place)}$"):
        sync.sync(pair)
    assert contents(pair) == before
    assert sorted(path.name for path in pair.text.parent.iterdir()) == [
        "01_small.ipynb",
        "01_small.md",
    ]


def test_sync_starts_a_kernel_again_that_lost_its_port(chapter, monkeypatch):
    starts = []

    def lose_the_first(notebook, folder, started, log):
        starts.append(folder)
        if len(starts) == 1:
            raise RuntimeError("Kernel died before replying to kernel_info")
        evaluate(notebook, folder, started, log)

    monkeypatch.setattr(running, "run_cells", lose_the_first)
    pair = chapter("6 * 7")
    assert sync.sync(pair) == "run"
    assert len(starts) == 2


def test_sync_asks_when_the_notebook_alone_was_edited(chapter, no_kernel):
    pair = chapter("6 * 7")
    sync.sync(pair)
    notebook = nbformat.read(pair.notebook, as_version=4)
    notebook.cells[-1].source = "6 * 8"
    sync.write(pair.notebook, sync.to_json(notebook))
    os.utime(pair.text, (0, 0))
    message = (
        "01_small.ipynb was edited after 01_small.md and their cells differ; "
        "say which one counts with --take md or --take ipynb"
    )
    with pytest.raises(sources.SyncError, match=whole(message)):
        sync.sync(pair)
    assert sync.sync(pair, take="ipynb") == "run"
    assert "6 * 8" in pair.text.read_text()
    assert outputs(pair)[0][0].data == {"text/plain": "48"}


def test_sync_runs_what_jupyterlab_saved_in_both_files_without_running_it(chapter, no_kernel):
    pair = chapter("6 * 7")
    sync.sync(pair)
    for file in (pair.text, pair.notebook):
        file.write_text(file.read_text().replace("6 * 7", "6 * 8"))
    assert sync.sync(pair) == "run"
    assert outputs(pair)[0][0].data == {"text/plain": "48"}


def test_sync_drops_what_is_random_in_a_slider_panel(chapter):
    pair = chapter("import ipywidgets\n\nipywidgets.IntSlider()")
    sync.sync(pair)
    (output,) = outputs(pair)[0]
    assert set(output.data) == {"text/plain"}
    assert "widgets" not in nbformat.read(pair.notebook, as_version=4).metadata


def test_sync_leaves_pages_without_code_alone(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "faq.md").write_text("# Questions\n")
    assert roles.find_pairs(tmp_path) == []


@pytest.mark.parametrize(
    ("named", "renewed", "told"),
    [
        ([], ["book_index.py"], ""),
        (
            ["chapters/01_networks.md"],
            [],
            "chapters/book_index.json: left as it was; `make sync` renews it\n",
        ),
        (["tests/notebooks/activations.md"], [], ""),  # no page of the book
    ],
)
def test_the_index_is_renewed_after_the_whole_book_or_told_to_be_left(
    monkeypatch, capsys, named, renewed, told
):
    calls = []

    def run(command, cwd):
        calls.append(command[-1])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(sync, "sync_all", lambda pairs, **_: 0)
    monkeypatch.setattr(sync.subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", ["sync.py", *(str(roles.ROOT / name) for name in named)])
    with pytest.raises(SystemExit) as stopped:
        sync.main()
    assert stopped.value.code == 0
    assert calls == [str(roles.ROOT / "tools" / name) for name in renewed]
    assert capsys.readouterr().out == told
