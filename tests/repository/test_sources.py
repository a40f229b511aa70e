"""Nothing rewrites a notebook's source that it did not understand, and what is wrong is named."""

import codecs
import re

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

import freshness
import roles
import running
import sources
import sync

HEADER = """---
jupytext:
  formats: ipynb,md:myst
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---
"""
BODY = """
# Straße und θ

Prose.

```{code-cell} ipython3
:tags: [hide-input]

x = "naïve"
```

More prose, with a list:

- ```python
  y = 1
  ```

```{code-cell} ipython3
x
```
"""
TEXT = HEADER + BODY
CELLS = [
    ("markdown", "# Straße und θ\n\nProse.", ()),
    ("code", 'x = "naïve"', ("hide-input",)),
    ("markdown", "More prose, with a list:\n\n- ```python\n  y = 1\n  ```", ()),
    ("code", "x", ()),
]


@pytest.fixture
def pair(tmp_path):
    """A notebook in step, as `make sync` leaves it, without running a kernel."""
    folder = tmp_path / "chapters"
    folder.mkdir()
    pair = roles.Pair(folder / "small.md", folder / "small.ipynb", roles.ROLES[0])
    pair.text.write_text(TEXT, encoding="utf-8")
    notebook = sources.read_text(pair.text)
    for count, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
        cell.execution_count = count + 1
    sync.clean(notebook)
    notebook.metadata[freshness.PLACE] = freshness.record(notebook, folder)
    sync.write(pair.notebook, sync.to_json(notebook))
    return pair


@pytest.fixture(autouse=True)
def no_kernel(monkeypatch):
    """Fail where a kernel would start."""

    def run_cells(*_):
        raise AssertionError("a kernel would start")

    monkeypatch.setattr(running, "run_cells", run_cells)


def contents(pair):
    return [file.read_bytes() for file in (pair.text, pair.notebook) if file.exists()]


def stored(pair):
    return nbformat.read(pair.notebook, as_version=4)


# What is understood is kept, and written clean


def test_a_notebook_in_step_stays_as_it_is(pair):
    before = contents(pair)
    assert sync.sync(pair) == "unchanged"
    assert contents(pair) == before
    assert sync.cells(stored(pair)) == CELLS


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r\n", 20).encode(),
    ],
    ids=["byte-order mark", "CRLF", "mark and CRLF", "CRLF in some lines"],
)
def test_what_windows_saves_is_understood_and_written_clean(pair, encode):
    before = contents(pair)
    pair.text.write_bytes(encode(TEXT))
    assert roles.find_pairs(pair.text.parents[1]) == [pair]
    assert sync.sync(pair) == "paired"
    assert contents(pair) == before


def test_a_notebook_with_a_byte_order_mark_is_understood(pair):
    before = contents(pair)
    pair.notebook.write_bytes(codecs.BOM_UTF8 + pair.notebook.read_bytes())
    assert sync.sync(pair) == "paired"
    assert contents(pair) == before


# What is not understood is refused


def conflict(text):
    return text.replace("Prose.", "<<<<<<< HEAD\nProse.\n=======\nOther.\n>>>>>>> branch")


NOT_READ = (
    "this cell is not read as it is written; "
    "a cell stands at the left margin, outside lists, quotes and HTML comments"
)
CLOSE_BEFORE = "close that one before, with a line ```"


def replaced(old, new):
    """Return a fault: these words of the text are others."""
    return lambda text: text.replace(old, new).encode()


REFUSED = {
    "UTF-16": (lambda t: t.encode("utf-16"), "small.md: is written in UTF-16; save it as UTF-8"),
    "UTF-32": (lambda t: t.encode("utf-32"), "small.md: is written in UTF-32; save it as UTF-8"),
    "UTF-16 without mark": (
        lambda t: t.encode("utf-16-le"),
        "small.md, line 1: holds a NUL byte (UTF-16 without a mark?); save the file as UTF-8",
    ),
    "Latin-1": (
        lambda t: t.replace("θ", "t").encode("latin-1"),
        "small.md, line 14: the byte 0xdf is not UTF-8 (it may be Latin-1); save the file as UTF-8",
    ),
    "NUL": (
        replaced("Prose", "Pro\0se"),
        "small.md, line 16: holds a NUL byte (UTF-16 without a mark?); save the file as UTF-8",
    ),
    "old Mac": (
        replaced("\n", "\r"),
        "small.md, line 1: ends as on old Macs (CR alone); save the file with line ends LF",
    ),
    "line separator": (
        replaced("Prose.", "Pro\u2028se."),
        "small.md, line 16: holds the invisible U+2028 (LINE SEPARATOR); delete it",
    ),
    "mark inside": (
        replaced("Prose", "\ufeffProse"),
        "small.md, line 16: holds the invisible U+FEFF (ZERO WIDTH NO-BREAK SPACE); delete it",
    ),
    "two marks": (
        lambda t: codecs.BOM_UTF8 * 2 + t.encode(),
        "small.md, line 1: holds the invisible U+FEFF (ZERO WIDTH NO-BREAK SPACE); delete it",
    ),
    "escape": (
        replaced("Prose", "\x1b[31mProse"),
        "small.md, line 16: holds the invisible U+001B (a control character); delete it",
    ),
    "empty": (
        lambda t: b"",
        "small.md, line 1: a notebook begins with the header's `---`, not with ''",
    ),
    "no header": (
        lambda t: t.removeprefix(HEADER).encode(),
        "small.md, line 1: a notebook begins with the header's `---`, not with ''",
    ),
    "text above the header": (
        lambda t: ("Hello\n" + t).encode(),
        "small.md, line 1: a notebook begins with the header's `---`, not with 'Hello'",
    ),
    "header without end": (
        replaced("python3\n---\n", "python3\n"),
        "small.md, line 1: the header has no end; close it with a line `---`",
    ),
    "header closed by a rule further down": (
        lambda t: (t.replace("python3\n---\n", "python3\n") + "\n---\n").encode(),
        "small.md, line 1: the header has no end; close it with a line `---`",
    ),
    "header that is no YAML": (
        replaced("  name: python3", " name: [python3"),
        "small.md, line 11: the header is no valid YAML: "
        "expected <block end>, but found '<block mapping start>'",
    ),
    "header of something else": (
        lambda t: ("---\ntitle: Hello\n---\n" + BODY).encode(),
        "small.md, line 1: the header names neither `jupytext` nor `kernelspec`",
    ),
    "header with more": (
        replaced("kernelspec:", "title: Hello\nkernelspec:"),
        "small.md, line 1: the header holds `title`, which no notebook here keeps; delete it",
    ),
    "another format": (
        replaced("format_name: myst", "format_name: markdown"),
        "small.md, line 1: the header names the format `markdown`; only `myst` is read here",
    ),
    "header that is no date": (
        replaced("format_version: 0.13", "format_version: 2024-13-45"),
        "small.md: the header is no valid YAML: month must be in 1..12",
    ),
    "header nested too deep": (
        replaced("format_version: 0.13", f"format_version: {'[' * 3000}"),
        "small.md, line 1: the header is nested too deep",
    ),
    "header with a key twice": (
        replaced("kernelspec:", "kernelspec: {}\nkernelspec:"),
        "small.md, line 9: the header is no valid YAML: the key `kernelspec` comes twice",
    ),
    "header with a comment": (
        replaced("kernelspec:", "# mine\nkernelspec:"),
        "small.md: the header is no valid YAML: "
        "` #` begins a comment, which is not kept; delete it or use quotes",
    ),
    "header with settings of jupytext": (
        replaced("  formats:", "  cell_metadata_filter: all\n  formats:"),
        "small.md, line 1: "
        "the header holds `cell_metadata_filter`, which no notebook here keeps; delete it",
    ),
    "other files": (
        replaced("formats: ipynb,md:myst", "formats: ipynb,py:percent"),
        "small.md, line 1: `formats` is not ipynb,md:myst, the two files that a notebook has here",
    ),
    "another language": (
        replaced("language: python", "language: R"),
        "small.md, line 1: the kernel is for R; notebooks here are Python",
    ),
    "a cell of another language": (
        replaced("```{code-cell} ipython3\nx", "```{code-cell} julia\nx"),
        "small.md, line 30: `julia` follows the cell's name, not `ipython3`",
    ),
    "options in the fence's line": (
        replaced("{code-cell} ipython3\nx", "{code-cell} ipython3 :tags: [a]\nx"),
        "small.md, line 30: `ipython3 :tags: [a]` follows the cell's name, not `ipython3`",
    ),
    "an option twice": (
        replaced("[hide-input]\n", "[hide-input]\n:tags: [other]\n"),
        "small.md, line 19: the cell's options: the key `tags` comes twice",
    ),
    "an option cut by a comment": (
        replaced("[hide-input]\n", "[hide-input]\n:caption: Weight #1\n"),
        "small.md, line 19: the cell's options: "
        "` #` begins a comment, which is not kept; delete it or use quotes",
    ),
    "an option that is a date": (
        replaced("[hide-input]\n", "[hide-input]\n:made: 2024-12-01\n"),
        "small.md, line 19: the cell's options: Object of type date is not JSON serializable",
    ),
    "metadata of no text": (
        lambda t: (t + '\n+++ {"tags": ["end"]}\n').encode(),
        "small.md: a `+++` with metadata has no text below it, and would be lost",
    ),
    "merge conflict": (
        lambda t: conflict(t).encode(),
        "small.md, line 16: a merge conflict is left; choose what stays, delete marks",
    ),
    "merge conflict in code": (
        replaced("x\n```", "<<<<<<< HEAD\nx\n```"),
        "small.md, line 31: a merge conflict is left; choose what stays, delete marks",
    ),
    "last cell not closed": (
        lambda t: t[: t.rindex("```")].encode(),
        "small.md, line 30: this block is never closed; close it with a line ```",
    ),
    "first cell not closed": (
        replaced('"naïve"\n```\n', '"naïve"\n'),
        f"small.md, line 25: a block opens inside the one that opened in line 18; {CLOSE_BEFORE}",
    ),
    "block of prose not closed": (
        replaced("Prose.", "```{note}\nProse."),
        f"small.md, line 19: a block opens inside the one that opened in line 16; {CLOSE_BEFORE}",
    ),
    "cell in a comment": (
        replaced("```{code-cell} ipython3\nx\n```", "<!--\n```{code-cell}\nx\n```\n-->"),
        f"small.md, line 31: {NOT_READ}",
    ),
    "cell in a quote": (
        replaced("```{code-cell} ipython3\nx\n```", "> ```{code-cell}\n> x\n> ```"),
        f"small.md, line 30: {NOT_READ}",
    ),
    "space before the name": (
        replaced("```{code-cell} ipython3\nx", "``` {code-cell}\nx"),
        f"small.md, line 30: {NOT_READ}",
    ),
    "a backtick after the name": (
        replaced("```{code-cell} ipython3\nx", "```{code-cell} `ipython3`\nx"),
        "small.md, line 30: no backtick may follow `{code-cell}` in its line",
    ),
    "two ticks": (
        replaced("```{code-cell} ipython3\nx", "``{code-cell}\nx"),
        "small.md, line 32: this block is never closed; close it with a line ```",
    ),
    "options without end": (
        replaced(":tags: [hide-input]\n", "---\ntags: [hide-input]\n"),
        "small.md, line 19: the cell's options have no end; add a line `---`",
    ),
    "options that are no YAML": (
        replaced("[hide-input]", "[hide-input"),
        "small.md: is no notebook in MyST Markdown: Code cell 1 at line 18 could not be read: "
        "Invalid YAML; while parsing a flow sequence",
    ),
    "options that are a word": (
        replaced(":tags: [hide-input]", "---\nhide\n---"),
        "small.md: is no notebook in MyST Markdown: 'hide' is not of type 'object'",
    ),
    "break that is no JSON": (
        replaced("Prose.", "Prose.\n\n+++ {tags: x}\n\nProse."),
        "small.md: is no notebook in MyST Markdown: Markdown cell 1 at line 18 could not be read: "
        "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
@pytest.mark.parametrize("new", [False, True], ids=["paired", "new"])
def test_what_is_not_understood_is_refused(pair, capsys, fault, new):
    encode, message = REFUSED[fault]
    pair.text.write_bytes(encode(TEXT))
    if new:
        pair.notebook.unlink()
    before = contents(pair)
    assert sync.sync_all([pair]) == 1
    assert contents(pair) == before
    assert len(list(pair.text.parent.iterdir())) == len(before)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.split("\n")[0] == f"{sync.name(pair)}: left as it was: {message}"


@given(
    st.data(),
    st.sampled_from(
        ["```", "```\n", "---", "`", "{code-cell}", "\n", ":", "+++", "<!--", "> ", "- "]
    ),
)
def test_no_cell_and_no_line_is_lost_whatever_is_typed_or_deleted(tmp_path_factory, data, typed):
    """Each edit of a source is either refused, or every line of it is found in the cells read."""
    path = tmp_path_factory.getbasetemp() / "typed.md"
    place = data.draw(st.integers(len(HEADER), len(TEXT)))
    deleted = data.draw(st.integers(0, 12))
    text = TEXT[:place] + typed + TEXT[place + deleted :]
    path.write_text(text, encoding="utf-8")
    try:
        notebook = sources.read_text(path)
    except sources.SyncError:
        return
    read = [line.strip() for cell in notebook.cells for line in cell.source.split("\n")]
    fences = re.compile(r"`{3,}|~{3,}|:|---|\+\+\+|tags:")
    lines = [line.strip() for line in text.removeprefix(HEADER).split("\n")]
    assert [x for x in lines if x and not fences.match(x)] == [
        x for x in read if x and not fences.match(x)
    ]
    kinds = [cell.cell_type for cell in notebook.cells if cell.cell_type != "markdown"]
    assert len(kinds) == sum(line.startswith("```{code-cell}") for line in text.split("\n"))


def test_blocks_that_only_show_a_cell_are_prose(pair):
    shown = "\n````markdown\n```{code-cell}\nx = = 1\n```\n````\n"
    pair.text.write_text(TEXT + shown, encoding="utf-8")
    assert sync.sync(pair) == "paired"
    assert sync.cells(stored(pair)) == [*CELLS, ("markdown", shown.strip(), ())]


NOTEBOOKS = {
    "merge conflict": (
        lambda t: t.replace('"cells": [', '"cells": [\n<<<<<<< HEAD\n'),
        "line 3: a merge conflict is left",
    ),
    "cut": (lambda t: t[:40], "line 4: Unterminated string starting at"),
    "empty": (lambda t: "", "line 1: Expecting value"),
    "no notebook": (lambda t: "[]", "'list' object has no attribute 'get'"),
    "a minor version that is no number": (
        lambda t: t.replace('"nbformat_minor": 5', '"nbformat_minor": "5"'),
        "it is no notebook",
    ),
    "a source that is no text": (
        lambda t: t.replace('"x"\n', "1\n"),
        "sequence item 0: expected str instance, int found",
    ),
    "a newer format": (
        lambda t: t.replace('"nbformat": 4', '"nbformat": 99'),
        "Unsupported nbformat version 99",
    ),
    "nested too deep": (
        lambda t: "[" * 100_000,
        "it is nested too deep",
    ),
    "half a character": (
        lambda t: t.replace("Prose.", "Pro\\ud83dse."),
        "it holds half a character (a lone surrogate)",
    ),
    "no cells": (
        lambda t: t.replace('"cells"', '"sells"'),
        "The notebook is invalid and is missing an expected key: cells",
    ),
    "Latin-1": (
        lambda t: t,
        "'utf-8' codec can't decode byte 0xdf in position 112: invalid continuation byte",
    ),
}


@pytest.mark.parametrize("fault", NOTEBOOKS)
def test_a_notebook_that_cannot_be_read_is_named_with_a_way_out(pair, fault):
    spoil, reason = NOTEBOOKS[fault]
    encoding = "latin-1" if fault == "Latin-1" else "utf-8"
    spoiled = spoil(pair.notebook.read_text(encoding="utf-8").replace("θ", "ß"))
    pair.notebook.write_bytes(spoiled.encode(encoding))
    before = contents(pair)
    with pytest.raises(sync.SyncError) as refused:
        sync.sync(pair)
    way_out = "; if small.md is whole, delete it and `make sync` makes it anew"
    assert str(refused.value) == f"small.ipynb cannot be read: {reason}{way_out}"
    assert contents(pair) == before


@pytest.mark.parametrize(
    "source", ["```{code-cell}\nx = 1\n```", "A\n\n+++\n\nB", "```\nnot closed"]
)
def test_a_cell_that_markdown_cannot_hold_is_refused(pair, source):
    notebook = stored(pair)
    notebook.cells[2].source = source
    sync.write(pair.notebook, sync.to_json(notebook))
    before = contents(pair)
    whole = f"cell 3 of small.ipynb cannot be written as Markdown: {source.splitlines()[0]}"
    with pytest.raises(sync.SyncError, match=f"^{re.escape(whole)}$"):
        sync.sync(pair, take="ipynb")
    assert contents(pair) == before


@pytest.mark.parametrize("character", ["\0", "\r", "\f", "\u2028", "\ufeff"])
def test_a_cell_with_a_character_that_sync_refuses_is_not_written(pair, character):
    """As a source it would be refused the next time."""
    pair.text.unlink()
    notebook = stored(pair)
    notebook.cells[0].source += f"a{character}b"
    sync.write(pair.notebook, sync.to_json(notebook))
    before = contents(pair)
    whole = f"cell 1 of small.ipynb {sources.unseen(character)}"
    with pytest.raises(sync.SyncError, match=f"^{re.escape(whole)}$"):
        sync.sync(pair)
    assert contents(pair) == before


def test_a_file_that_cannot_be_read_is_a_notebook_that_cannot_be_read(pair, capsys, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", path.name)

    monkeypatch.setattr(roles.Path, "read_bytes", refuse)
    pairs = roles.find_pairs(pair.text.parents[1])
    assert pairs == [pair]
    assert sync.sync_all(pairs) == 1
    whole = f"{sync.name(pair)}: left as it was: [Errno 13] Permission denied: 'small.ipynb'\n"
    assert capsys.readouterr().err == whole


def test_an_error_that_nobody_foresaw_names_the_notebook(pair, capsys, monkeypatch):
    def stumble(*_):
        raise KeyError("made_from")

    monkeypatch.setattr(freshness, "changes", stumble)
    assert sync.sync_all([pair]) == 1
    assert capsys.readouterr().err == f"{sync.name(pair)}: left as it was: KeyError: 'made_from'\n"


def test_a_file_that_cannot_be_written_is_named(pair, capsys, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", "small.md")

    monkeypatch.setattr(sync, "write", refuse)
    assert sync.sync_all([pair]) == 1
    whole = f"{sync.name(pair)}: left as it was: [Errno 13] Permission denied: 'small.md'\n"
    assert capsys.readouterr().err == whole


# Code that is no Python, cells that fail, kernels that do not start: the tool's own words


def with_code(pair, *codes):
    """Return another notebook beside this one, with these code cells."""
    count = len(list(pair.text.parent.glob("*.md")))
    text = pair.text.with_name(f"new_{count}.md")
    cells = [f"\n```{{code-cell}} ipython3\n:tags: [a]\n\n{code}\n```\n" for code in codes]
    text.write_text(f"{HEADER}\n# New\n\n## Part {count}\n" + "".join(cells), encoding="utf-8")
    return roles.Pair(text, text.with_suffix(".ipynb"), pair.role)


SYNTAX = {
    "operator": (["a = 1", "x = = 1"], ("code cell 2", 27, 1, "Expected an expression", "x = = 1")),
    "second line": (
        ["a = 1\nx = = 1"],
        ("code cell 1", 21, 2, "Expected an expression", "x = = 1"),
    ),
    "indent": (["a = 1\n  b = 2"], ("code cell 1", 21, 2, "Unexpected indentation", "b = 2")),
    "never closed": (["x = ("], ("code cell 1", 21, 1, "unexpected EOF while parsing", "x = (")),
}


@pytest.mark.parametrize("fault", SYNTAX)
def test_code_that_is_no_python_is_named_with_cell_and_line(pair, capsys, fault):
    codes, (cell, line, row, reason, shown) = SYNTAX[fault]
    new = with_code(pair, *codes)
    before = contents(new)
    assert sync.sync_all([new]) == 1
    assert contents(new) == before
    where = f'{cell} (under "Part 1", line {line} of new_1.md), its line {row}'
    lines = capsys.readouterr().err.split("\n")
    assert lines[0] == f"{sync.name(new)}: left as it was: {where}: {reason}: {shown}"


def test_each_bad_notebook_is_named_and_the_others_go_on(pair, capsys):
    bad = [with_code(pair, "x = = 1"), with_code(pair, "y = (", "z = = 2"), with_code(pair, "ok")]
    bad[2].text.write_bytes(b"\xff" + bad[2].text.read_bytes())
    before = [contents(other) for other in bad]
    pair.text.write_text(TEXT.replace("Prose.", "Better prose."), encoding="utf-8")
    assert sync.sync_all([bad[0], bad[1], pair, bad[2]]) == 1
    assert [contents(other) for other in bad] == before
    assert "Better prose." in pair.notebook.read_text(encoding="utf-8")
    out, err = capsys.readouterr()
    assert re.findall(r"^(.*): paired", out, re.MULTILINE) == [str(sync.name(pair))]
    named = re.findall(r"(\w+): left as it was", err)
    assert sorted(named) == ["new_1", "new_2", "new_3"]
    assert "code cell 2 (under" in err
    assert err.count("z = = 2") == 1


def test_the_notebook_over_which_ruff_dies_is_named_and_the_others_go_on(pair, capsys):
    bad = with_code(pair, f"x = {'-' * 50_000}1")
    pair.text.write_text(TEXT.replace("Prose.", "Better prose."), encoding="utf-8")
    assert sync.sync_all([bad, pair]) == 1
    out, err = capsys.readouterr()
    assert re.findall(r"^(.*): paired", out, re.MULTILINE) == [str(sync.name(pair))]
    first = f"{sync.name(bad)}: left as it was: ruff cannot format the code cells:\n"
    assert err.startswith(first)
    assert "overflowed its stack" in err


def test_a_missing_ruff_is_told(pair, monkeypatch, tmp_path):
    nothing = tmp_path / "python"
    nothing.write_text("#!/bin/sh\necho 'No module named ruff' >&2; exit 1\n")
    nothing.chmod(0o755)
    monkeypatch.setattr(sync.sys, "executable", str(nothing))
    whole = "ruff cannot format the code cells:\nNo module named ruff\n"
    with pytest.raises(SystemExit, match=f"^{re.escape(whole)}$"):
        sync.sync_all([pair])


def test_a_failed_cell_is_named_and_shown_once(pair, monkeypatch):
    def fail(notebook, folder, started, log):
        started.append(1)
        printed = nbformat.v4.new_output("stream", name="stdout", text="step 1\n")
        error = nbformat.v4.new_output(
            "error", ename="ValueError", evalue="no", traceback=["\x1b[31mCell In[1]\x1b[0m: no"]
        )
        notebook.cells[1].outputs = [printed, error]
        raise CellExecutionError("", "ValueError", "no")

    monkeypatch.setattr(running, "run_cells", fail)
    with pytest.raises(sync.SyncError) as failed:
        sync.sync(pair, run=True)
    place = 'code cell 1 (under "Straße und θ", line 21 of small.md)'
    assert str(failed.value) == f"{place} failed:\nstep 1\nCell In[1]: no"


STARTS = {
    "no such kernel": (
        NoSuchKernel("python3"),
        "no kernel starts: No such kernel named python3; "
        "delete .venv, then `make sync` sets it up anew\n    its own log",
    ),
    "no such program": (
        FileNotFoundError(2, "No such file or directory", "/gone/python"),
        "no kernel starts: [Errno 2] No such file or directory: '/gone/python'; "
        "delete .venv, then `make sync` sets it up anew\n    its own log",
    ),
    "it dies at once": (
        RuntimeError("Kernel died before replying to kernel_info"),
        "no kernel starts: Kernel died before replying to kernel_info; "
        "delete .venv, then `make sync` sets it up anew\n    its own log\n    its own log",
    ),
}


@pytest.mark.parametrize("fault", STARTS)
def test_a_kernel_that_cannot_start_says_why(pair, monkeypatch, fault):
    error, message = STARTS[fault]

    def fail(notebook, folder, started, log):
        log.write("its own log\n")
        raise error

    monkeypatch.setattr(running, "run_cells", fail)
    before = contents(pair)
    with pytest.raises(sync.SyncError, match=f"^{re.escape(message)}$"):
        sync.sync(pair, run=True)
    assert contents(pair) == before


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (DeadKernelError("Kernel died"), "the kernel died in {}\n    Killed"),
        (CellTimeoutError("too long"), "{} ran for more than 600 s"),
    ],
)
def test_the_cell_that_kills_or_stalls_the_kernel_is_named(pair, monkeypatch, error, message):
    def fail(notebook, folder, started, log):
        started += [1, 3]
        log.write("Killed\n")
        raise error

    monkeypatch.setattr(running, "run_cells", fail)
    place = 'code cell 2 (under "Straße und θ", line 31 of small.md)'
    with pytest.raises(sync.SyncError, match=f"^{re.escape(message.format(place))}$"):
        sync.sync(pair, run=True)
