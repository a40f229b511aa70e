"""Every chapter with sliders in the real JupyterLab: it opens, runs, and its sliders move."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
import pytest
from playwright.sync_api import expect

from deeplearn_utils.explorers import EXPLORERS
from tests.browser.chapters import CHAPTERS
from tests.browser.lab import ROOT, add_mark, delete_sessions, jupyterlab, run_all_cells
from tests.browser.panels import CLIPPED_BY_ITSELF, Panel, move_everything

FAILING = """
from deeplearn_utils.explorers import DecisionBoundaryExplorer

class FailingExplorer(DecisionBoundaryExplorer):
    def frame(self, **values):
        control = self.controls[0]
        if values.get(control.name) == control.stops[-1]:
            raise ValueError("not here")
        return super().frame(**values)
"""
WITHOUT_KERNEL = (
    "The kernel is not running: run the cell again.",
    "No answer yet: the kernel is busy or not running. Wait, or run this cell again.",
)
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder and the address of a JupyterLab on it."""
    folder = tmp_path_factory.mktemp("book")
    shutil.copy(ROOT / "pyproject.toml", folder)
    with jupyterlab(folder) as address:
        yield folder, address


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_runs_and_its_sliders_move(lab, open_page, chapter):
    folder, address = lab
    write_pair(jupytext.read(ROOT / "chapters" / f"{chapter}.md"), folder / f"chapters/{chapter}")
    delete_sessions(address)
    page = open_page(f"{address}/lab/tree/chapters/{chapter}.md?reset")
    run_all_cells(page)
    for explorer in CHAPTERS[chapter]:
        move_everything(Panel(page, explorer))
    assert page.evaluate(CLIPPED_BY_ITSELF)


def test_the_paired_notebook_opens_and_runs_as_well(lab, open_page):
    folder, address = lab
    chapter, panels = next(iter(CHAPTERS.items()))
    notebook = jupytext.read(ROOT / "chapters" / f"{chapter}.md")
    shown = [f"{panels[0].__name__}()" in cell.source for cell in notebook.cells]
    del notebook.cells[shown.index(True) + 1 :]  # the whole chapter runs as .md
    write_pair(notebook, folder / f"paired/{chapter}")
    delete_sessions(address)
    page = open_page(f"{address}/lab/tree/paired/{chapter}.ipynb?reset")
    run_all_cells(page)
    Panel(page, panels[0]).unlock()


def test_a_setting_that_fails_is_told_and_the_panel_lives_on_until_the_kernel_leaves(
    lab, open_page
):
    folder, address = lab
    cells = [nbformat.v4.new_code_cell(FAILING), nbformat.v4.new_code_cell("FailingExplorer()")]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    add_mark(notebook)
    nbformat.write(notebook, folder / "failing.ipynb")
    delete_sessions(address)
    page = open_page(f"{address}/lab/tree/failing.ipynb?reset")
    run_all_cells(page)
    panel = Panel(page, EXPLORERS["decision_boundary"])
    panel.unlock()
    slider, alert = panel.sliders()[0], panel.box.get_by_role("alert")
    for _ in range(4):
        slider.press("End")
        expect(alert).to_have_text("This setting could not be computed. ValueError: not here")
        slider.press("Home")
        expect(alert).to_have_count(0)
        panel.picture()
    delete_sessions(address)
    slider.press("ArrowRight")
    expect(alert).to_have_text(re.compile(rf"^({'|'.join(map(re.escape, WITHOUT_KERNEL))})$"))


def test_a_saved_panel_shows_its_picture_when_it_is_opened_again(lab, open_page):
    folder, address = lab
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL})
    imports = "from deeplearn_utils.explorers import DecisionBoundaryExplorer"
    notebook.cells = [nbformat.v4.new_code_cell(f"{imports}\n\nDecisionBoundaryExplorer()")]
    add_mark(notebook)
    nbformat.write(notebook, folder / "saved.ipynb")
    delete_sessions(address)
    page = open_page(f"{address}/lab/tree/saved.ipynb?reset")
    run_all_cells(page)
    Panel(page, EXPLORERS["decision_boundary"]).unlock()
    page.keyboard.press("Control+s")  # with the focus in the panel
    expect(page.locator(".jp-mod-current.jp-mod-dirty")).to_have_count(0)
    page.goto(f"{address}/lab/tree/saved.ipynb?reset")
    picture = page.locator(".jp-RenderedImage img")
    expect(picture).to_be_visible()
    assert page.locator(".dl-panel").count() == 0


def write_pair(notebook: nbformat.NotebookNode, place: Path) -> None:
    """Write both files, since JupyterLab saves; a last cell tells that all have run."""
    add_mark(notebook)
    place.parent.mkdir(parents=True, exist_ok=True)
    jupytext.write(notebook, place.with_suffix(".md"), fmt="md:myst")
    jupytext.write(notebook, place.with_suffix(".ipynb"))
