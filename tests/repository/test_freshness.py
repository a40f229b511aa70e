"""A notebook is stale when what it takes from the project says something else than when it ran."""

import ast
import itertools
import re

import jupytext
import nbformat
import pytest
from jupytext.combine import combine_inputs_with_outputs

import freshness
import imported
import roles
import running
import sources
import sync
from roles import ROOT
from tests.repository.small_package import write_package

FILES = {
    "{0}/__init__.py": '"""A package."""\n\n__version__ = "1"\n',
    "{0}/colors.py": "RED = 'red'\nBLUE = 'blue'\n",
    "{0}/text.py": "def wrap(x):\n    return x\n",
    "{0}/kernels/__init__.py": (
        "from .dense import dense\nfrom .relu import relu\n\nTABLE = {'relu': relu}\n"
    ),
    "{0}/kernels/dense.py": "def dense(x):\n    return x\n",
    "{0}/kernels/relu.py": "def relu(x):\n    return x\n",
    "{0}/figures/__init__.py": (
        "from {0}.figures.bars import bars\nfrom {0}.figures.lines import lines as line\n"
        "from {0}.figures.lines import several\n\n__all__ = ['bars', 'line', 'several']\n"
    ),
    "{0}/figures/style.py": "import matplotlib\n\nfrom {0} import colors\n",
    "{0}/figures/bars.py": "from {0}.figures import style\n\n\ndef bars():\n    pass\n",
    "{0}/figures/lines.py": (
        "from {0}.figures import style\nfrom {0}.text import wrap\n\n\n"
        "def lines():\n    pass\n\n\ndef several():\n    pass\n"
    ),
    "{0}/figures/book.mplstyle": "axes.grid: true\n",
    "{0}/figures/page.css": "",
    "{0}/panels/__init__.py": (
        "from importlib import import_module\n\nTABLE = {'One': 'one', 'Two': 'two'}\n\n\n"
        "def __getattr__(name):\n"
        "    return getattr(import_module('.' + TABLE[name], __name__), name)\n"
    ),
    "{0}/panels/one.py": "class One:\n    pass\n",
    "{0}/panels/two.py": "from {0}.kernels.relu import relu\n\n\nclass Two:\n    pass\n",
    "{0}/acting/__init__.py": "print('hello')\n",
    "{0}/acting/part.py": "x = 1\n",
    "{0}/named.py": "HOME = '{0}.text'\n",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small package of its own name, as `imported` reads it."""
    (tmp_path / "requirements.lock").write_text("matplotlib==3.1 \\\n    --hash=sha256:0\n")
    (tmp_path / "notes").mkdir()
    return write_package(tmp_path, FILES, monkeypatch)


def made_from(project, *codes):
    cells = [nbformat.v4.new_code_cell(code.replace("{0}", project.name)) for code in codes]
    notebook = nbformat.v4.new_notebook(cells=cells)
    return freshness.made_from(notebook, project.root / "notes", project)


def short(project, found):
    """Return the names without the package's."""
    return sorted(name.removeprefix(f"{project.name}.").replace(project.name, "") for name in found)


STYLE = ["/figures/book.mplstyle", "colors", "figures.style", "matplotlib"]
LINES = sorted([*STYLE, "figures.lines", "text"])
ALL_FIGURES = sorted([*LINES, "figures", "figures.bars"])
PANELS = ["kernels.relu", "panels", "panels.one", "panels.two"]
USES = {
    "one figure": ("from {0} import figures\nfigures.line()", LINES),
    "two figures of one file": ("from {0} import figures as f\nf.line(f.several)", LINES),
    "two cells": ("from {0} import figures", LINES, "figures.line()"),
    "another figure": ("import {0}.figures as f\nf.bars()", sorted([*STYLE, "figures.bars"])),
    "a name of the figures": ("from {0}.figures import line", LINES),
    "the module itself": ("from {0} import figures\nfigures.lines.lines()", LINES),
    "in a function": ("def f():\n    from {0} import figures\n    return figures.line()", LINES),
    "figures handed on": ("from {0} import figures\nprint(figures)", ALL_FIGURES),
    "figures by getattr": ("from {0} import figures\ngetattr(figures, 'line')()", ALL_FIGURES),
    "figures never used": ("from {0} import figures", ALL_FIGURES),
    "figures renamed": ("from {0} import figures\nf = figures\nf.line()", ALL_FIGURES),
    "all names": ("from {0}.figures import *", ALL_FIGURES),
    "in full": ("import {0}.figures\n{0}.figures.line()", ALL_FIGURES),
    "an unknown figure": ("from {0} import figures\nfigures.new()", ALL_FIGURES),
    "a table": ("from {0}.kernels import TABLE", ["kernels", "kernels.dense", "kernels.relu"]),
    "a kernel": ("from {0}.kernels import relu", ["kernels.relu"]),
    "a lazy panel": ("from {0}.panels import Two", ["kernels.relu", "panels.two"]),
    "another lazy panel": ("from {0} import panels\npanels.One()", ["panels.one"]),
    "the lazy table": ("from {0}.panels import TABLE", PANELS),
    "a panel that is nowhere": ("from {0}.panels import Three", PANELS),
    "a package that acts": ("from {0}.acting.part import x", ["acting", "acting.part"]),
    "a name in a string of a module": ("from {0}.named import HOME", ["named", "text"]),
    "a name in a string": ("run('{0}.text.wrap')", ["text"]),
    "a magic": ("%timeit __import__('x')\n%run -m {0}.text", ["text"]),
    "a command": ("!python -m {0}.text 3", ["text"]),
    "the package": ("import {0}", [""]),
    "a comment": ("x = 1  # {0}.text", []),
    "other libraries": ("import numpy as np\nnp.sum", []),
    "matplotlib": ("import matplotlib.pyplot as plt", ["matplotlib"]),
}


@pytest.mark.parametrize("use", USES)
def test_a_notebook_is_made_from_what_its_names_stand_for(project, use):
    first, expected, *more = USES[use]
    assert short(project, made_from(project, first, *more)) == sorted(expected)


def test_programs_and_results_beside_the_notebook_count(project):
    notes = project.root / "notes"
    (notes / "helper.py").write_text(f"import other\nfrom {project.name}.text import wrap\n")
    (notes / "other.py").write_text("rows = open('rows.csv')\n")
    (notes / "rows.csv").write_text("1\n")
    code = "import helper\nopen('../requirements.lock')\nopen('gone.csv')"
    found = made_from(project, code)
    names = ["../requirements.lock", "helper.py", "other.py", "rows.csv", "text"]
    assert short(project, found) == names
    (notes / "rows.csv").write_text("2\n")
    (notes / "other.py").write_text("rows = open('rows.csv')  # better\n")
    changed = made_from(project, code)
    assert [name for name in found if found[name] != changed[name]] == ["rows.csv"]


EDITS = {
    "comment": ("RED = 'red'  # like fire\nBLUE = 'blue'\n", False),
    "docstring": ("'''Colors.'''\n\nRED = 'red'\n'''Like fire.'''\n\nBLUE = 'blue'\n", False),
    "format": ("RED = (\n    'red'\n)\nBLUE = \"blue\"\n", False),
    "value": ("RED = 'red'\nBLUE = 'navy'\n", True),
    "type": ("RED = 'red'\nBLUE = b'blue'\n", True),
    "order": ("BLUE = 'blue'\nRED = 'red'\n", True),
    "more": ("RED = 'red'\nBLUE = 'blue'\nGREEN = None\n", True),
}


@pytest.mark.parametrize("edit", EDITS)
def test_only_what_code_says_counts(project, edit):
    text, counts = EDITS[edit]
    use = "from {0} import figures\nfigures.line()"
    before = made_from(project, use)
    project.file(f"{project.name}.colors").write_text(text)
    after = made_from_anew(project, use)
    changed = [name for name in before if before[name] != after[name]]
    assert short(project, changed) == (["colors"] if counts else [])


def made_from_anew(project, *codes):
    return made_from(imported.Package(project.name, project.root), *codes)


def test_values_that_are_equal_but_not_the_same_count():
    codes = ["x = 1", "x = 1.0", "x = True", "x = 0", "x = None", "x = []", "x = ''", "x = b''"]
    codes += ["f'{x}'", "f'{x!r}'", "f'{x:>3}'", "def f(): pass", "async def f(): pass"]
    said = {repr(imported.said(ast.parse(code))) for code in codes}
    assert len(said) == len(codes)


def test_every_python_reads_the_same_from_code():
    """Recorded once with 3.11, 3.12.1 and 3.13: a notebook fresh on one is fresh on all."""
    code = """
def f(x, /, *, y: int = 1) -> str:
    '''Say it.'''
    match x:
        case {"a": [1, *_]}:
            return f"a{{b}}{x!r:>{y}} {x=}" "c"
    return lambda: (yield)
"""
    assert imported.digest(repr(imported.said(ast.parse(code)))) == "9c54bc19"


def test_a_new_style_and_a_new_matplotlib_count(project):
    use = "from {0} import figures\nfigures.bars()"
    before = made_from(project, use)
    (project.root / project.name / "figures" / "book.mplstyle").write_text("axes.grid: false\n")
    (project.root / project.name / "figures" / "page.css").write_text("p {}\n")
    (project.root / "requirements.lock").write_text("matplotlib==3.2 \\\n    --hash=sha256:1\n")
    after = made_from_anew(project, use)
    changed = [name for name in before if before[name] != after[name]]
    assert short(project, changed) == ["/figures/book.mplstyle", "matplotlib"]


def test_adding_a_figure_or_a_panel_leaves_the_others_fresh(project):
    use = "from {0} import figures\nfrom {0}.panels import One\nfigures.bars(), One"
    before = made_from(project, use)
    folder = project.root / project.name
    for file, more in {
        "figures/new.py": "def new():\n    pass\n",
        "figures/__init__.py": f"from {project.name}.figures.new import new\n",
        "panels/three.py": "class Three:\n    pass\n",
        "panels/__init__.py": "TABLE['Three'] = 'three'\n",
    }.items():
        path = folder / file
        path.write_text((path.read_text() if path.exists() else "") + more)
    assert made_from_anew(project, use) == before


# What sync does with it


PICTURE = "iVBORw0KGgo="


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """A notebook with a picture, made from the book's own colors; running draws a new one."""
    runs = itertools.count()

    def run_cells(notebook, folder, started, log):
        picture = f"{PICTURE}{next(runs)}"
        for count, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
            data = {"image/png": picture, "text/plain": "<Figure>"}
            cell.execution_count = count + 1
            cell.outputs = [
                nbformat.v4.new_output("execute_result", data=data, execution_count=count + 1)
            ]

    monkeypatch.setattr(running, "run_cells", run_cells)
    (tmp_path / "chapters").mkdir()
    pair = roles.Pair(
        tmp_path / "chapters" / "a.md", tmp_path / "chapters" / "a.ipynb", roles.ROLES[0]
    )
    header = "---\nkernelspec:\n  display_name: P\n  language: python\n  name: python3\n---\n"
    code = "from deeplearn_utils import colors\n\ncolors.SERIES"
    pair.text.write_text(f"{header}\n# A\n\n```{{code-cell}} ipython3\n{code}\n```\n")
    assert sync.sync(pair) == "run"
    return pair


def stored(pair):
    return nbformat.read(pair.notebook, as_version=4)


def test_a_fresh_notebook_is_left_alone(pair):
    before = pair.notebook.read_bytes()
    assert freshness.changes(stored(pair), pair.text.parent) == []
    assert sync.sync(pair) == "unchanged"
    assert pair.notebook.read_bytes() == before


def test_the_record_stands_in_the_notebook_alone(pair):
    assert set(stored(pair).metadata[freshness.PLACE]) == {"made_from", "pictures"}
    assert "deeplearn_utils.colors" in stored(pair).metadata[freshness.PLACE]["made_from"]
    assert set(sources.read_text(pair.text).metadata) == {"jupytext", "kernelspec"}
    assert pair.text.read_text().count("colors") == 2


def test_sync_runs_what_is_older_than_its_imports_and_says_which(pair, capsys, monkeypatch):
    project = imported.Package()
    digest, edited = project.digest, "deeplearn_utils.colors"
    monkeypatch.setattr(project, "digest", lambda m: "other" if m == edited else digest(m))
    monkeypatch.setattr(freshness, "package", lambda: project)
    assert freshness.changes(stored(pair), pair.text.parent) == ["deeplearn_utils.colors"]
    capsys.readouterr()
    assert sync.sync_all([pair]) == 0
    assert re.sub(r"\d+ s", "0 s", capsys.readouterr().out) == (
        f"{sync.name(pair)}: run (0 s): deeplearn_utils.colors\n"
    )
    assert sync.sync(pair) == "unchanged"


def test_a_notebook_without_a_record_is_stale(pair):
    notebook = stored(pair)
    del notebook.metadata[freshness.PLACE]
    pair.notebook.write_text(sync.to_json(notebook))
    assert freshness.changes(stored(pair), pair.text.parent) == ["nothing is recorded"]
    assert sync.sync(pair) == "run"
    assert sync.sync(pair) == "unchanged"


def test_a_picture_that_sync_did_not_write_is_stale(pair):
    replaced = pair.notebook.read_text().replace(PICTURE, "iVBORw0KGgp=")
    pair.notebook.write_text(replaced)
    assert freshness.changes(stored(pair), pair.text.parent) == ["a picture"]
    assert sync.sync(pair) == "run"
    assert freshness.changes(stored(pair), pair.text.parent) == []


def test_prose_keeps_the_record_and_runs_nothing(pair):
    before = stored(pair).metadata
    pair.text.write_text(pair.text.read_text().replace("# A", "# B"))
    assert sync.sync(pair) == "paired"
    assert stored(pair).metadata == before


def test_jupyterlab_keeps_the_record(pair):
    """JupyterLab opens the .md with the outputs of the .ipynb, and saves both."""
    opened = combine_inputs_with_outputs(
        jupytext.reads(pair.text.read_text(), fmt=sources.FORMAT), stored(pair), sources.FORMAT
    )
    assert opened.metadata[freshness.PLACE] == stored(pair).metadata[freshness.PLACE]


def test_what_the_book_is_made_from_is_known():
    """A spot check on the real package: a chapter's figures, not those of other chapters."""
    pair = next(p for p in roles.find_pairs() if p.text.stem == "01_networks")
    found = freshness.made_from(stored(pair), pair.text.parent)
    assert "deeplearn_utils.kernels.activations" in found
    assert "deeplearn_utils.colors" in found
    assert "deeplearn_utils/figures/book.mplstyle" in found
    assert found["matplotlib"] == freshness.locked(ROOT / "requirements.lock")
    assert not [name for name in found if "optimization" in name or "backpropagation" in name]
    assert len(found) < len(freshness.package().modules)
