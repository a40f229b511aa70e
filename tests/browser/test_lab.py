"""Chapter 1 in the real JupyterLab: it opens from both files, runs, and its sliders move."""

import shutil
from collections.abc import Iterator

import jupytext
import pytest

from deeplearn_utils.explorers import EXPLORERS
from tests.browser.lab import ROOT, add_mark, delete_sessions, jupyterlab, run_all_cells
from tests.browser.panels import Panel, move_everything

CHAPTER = "chapters/01_networks"
PANELS = ("neuron", "decision_boundary")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab on a copy of the chapter, since JupyterLab saves."""
    folder = tmp_path_factory.mktemp("book")
    (folder / CHAPTER).parent.mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    notebook = jupytext.read(ROOT / f"{CHAPTER}.md")
    add_mark(notebook)
    jupytext.write(notebook, folder / f"{CHAPTER}.md", fmt="md:myst")
    jupytext.write(notebook, folder / f"{CHAPTER}.ipynb")
    with jupyterlab(folder) as address:
        yield address


@pytest.mark.parametrize("suffix", [".md", ".ipynb"])
def test_chapter_runs_and_its_sliders_move(lab, open_page, suffix):
    delete_sessions(lab)
    page = open_page(f"{lab}/lab/tree/{CHAPTER}{suffix}?reset")
    run_all_cells(page)
    for name in PANELS:
        move_everything(Panel(page, EXPLORERS[name].title))
