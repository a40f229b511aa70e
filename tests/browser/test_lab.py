"""Every chapter in the real JupyterLab: it reads as on the page, runs, and its sliders move."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
import pytest
from playwright.sync_api import Locator, Page, Response, expect

from deeplearn_utils.explorers import EXPLORERS
from tests.browser.as_on_the_page import (
    KINDS,
    shown_in_jupyterlab,
    shown_on_the_page,
    wait_until_drawn,
    warnings,
)
from tests.browser.chapters import CHAPTERS
from tests.browser.contrast import hardly_readable
from tests.browser.lab import (
    ROOT,
    add_mark,
    delete_sessions,
    jupyterlab,
    kernel_is_idle,
    run_all_cells,
    run_cell,
)
from tests.browser.panels import (
    CLIPPED_BY_ITSELF,
    Panel,
    controls_stay_in_view,
    move_everything,
)

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
ALL = sorted(file.stem for file in (ROOT / "chapters").glob("*.md"))
RUN_WHOLE = "04_regularization"  # soonest; of the others, which nbval runs, only the panels
EDIT = "Edited here."


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with the book's chapters, and the address of a JupyterLab on it."""
    folder = tmp_path_factory.mktemp("book")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "book").mkdir()
    for name in ("glossary.md", "bibliography.md"):
        shutil.copy(ROOT / "book" / name, folder / "book")
    for chapter in ALL:
        notebook = nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", as_version=4)
        write_pair(notebook, folder / f"chapters/{chapter}")
    shutil.copy(ROOT / "chapters" / "book_index.json", folder / "chapters")
    with jupyterlab(folder) as address:
        yield folder, address


@pytest.mark.parametrize("chapter", ALL)
def test_a_chapter_reads_as_on_the_page_runs_and_its_sliders_move(lab, open_page, site, chapter):
    folder, address = lab
    files = [folder / f"chapters/{chapter}{ending}" for ending in (".md", ".ipynb")]
    before = [file.read_bytes() for file in files]
    notebook = nbformat.read(files[1], as_version=4)
    delete_sessions(address)
    page = open_page(f"{address}/lab/tree/chapters/{chapter}.md?reset", strict=True)
    wait_until_drawn(page, notebook)
    expected = shown_on_the_page(site / f"chapters/{chapter}.html")
    assert_as_on_the_page(page, expected)
    expect(kernel_is_idle(page)).to_be_visible()
    expect(page.locator(":light(.jp-mod-current.jp-mod-dirty)")).to_have_count(0)
    expect(page.locator(":light(.jp-Dialog)")).to_have_count(0)
    assert_every_picture_has_its_alt_text(page, notebook)
    follow_references(page)
    assert [file.read_bytes() for file in files] == before
    if chapter in CHAPTERS:
        if chapter == RUN_WHOLE:
            run_all_cells(page)
        for explorer in CHAPTERS[chapter]:
            if chapter != RUN_WHOLE:
                run_cell(page, f"{explorer.__name__}()")
            panel = Panel(page, explorer)
            move_everything(panel)
            controls_stay_in_view(panel)
        assert page.evaluate(CLIPPED_BY_ITSELF)
    edit(page)
    assert_as_on_the_page(page, expected)
    with page.expect_response(is_saved):
        page.keyboard.press("Control+s")
    saved = nbformat.read(files[1], as_version=4)
    assert [differing(cell) for cell in saved.cells if EDIT not in cell.source] == [
        differing(cell)
        for cell, now in zip(notebook.cells, saved.cells, strict=True)
        if EDIT not in now.source
    ]
    own = ("kernelspec", "language_info", "sync")  # jupytext keeps its own things there as well
    assert [saved.metadata[key] for key in own] == [notebook.metadata[key] for key in own]


def differing(cell: nbformat.NotebookNode) -> tuple[str, str, dict]:
    """Return what a reader's look at a cell must not change."""
    return cell.id, cell.source, cell.metadata


def assert_as_on_the_page(page: Page, expected: dict[str, list[str]]) -> None:
    """Compare numbers, captions and references, one by one."""
    assert warnings(page) == []
    shown = shown_in_jupyterlab(page)
    for kind in KINDS:
        assert shown[kind] == expected[kind], kind


def assert_every_picture_has_its_alt_text(page: Page, notebook: nbformat.NotebookNode) -> None:
    """Compare the alt texts of pictures with what their cells and panels declare."""
    alts = [
        cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
        for cell in notebook.cells
        if "image" in cell.metadata.get("mystnb", {})
    ]
    shown = page.locator(":light(.jp-OutputArea-output img)")
    found = shown.evaluate_all("pictures => pictures.map(picture => picture.alt)")
    summaries = {panel.summary for panel in EXPLORERS.values()}
    assert [alt for alt in found if alt not in summaries] == alts


def follow_references(page: Page) -> None:
    """Look at cards with the mouse and with the keyboard, and go where references lead."""
    card = page.locator(":light(#book-card[role=tooltip])")
    index = json.loads((ROOT / "chapters" / "book_index.json").read_text(encoding="utf-8"))
    term = page.locator(":light(a.book-reference[href*='#term-'])").first
    if term.count():
        term.scroll_into_view_if_needed()
        term.hover()
        (entry,) = [entry for entry in index["terms"].values() if entry["id"] == place_of(term)]
        card.locator("[lang=zh]").wait_for()
        expect(card.locator("[lang=zh]")).to_have_text(chinese(entry))
        page.keyboard.press("Escape")
        card.wait_for(state="hidden")
    source = page.locator(":light(a.book-reference[href*='#cite-'])").first
    if source.count():
        source.focus()
        key = place_of(source).removeprefix("cite-")
        expect(card).to_contain_text(index["citations"][key]["year"])
        expect(source).to_have_attribute("aria-describedby", "book-card")
    figures = page.locator(":light(a.book-reference[href*='#fig-'])")
    figure = figures.filter(visible=True).last  # in no closed box
    figure.focus()
    card.get_by_role("img").wait_for()
    words = figure.inner_text()
    figure.press("Enter")
    arrived = page.locator(":light(.book-arrived)")
    arrived.wait_for()
    expect(arrived).to_be_in_viewport()
    expect(arrived.get_by_role("img")).to_be_visible()
    cell = arrived.locator("xpath=ancestor::*[contains(@class, 'jp-CodeCell')]")
    expect(cell.locator(".book-caption").get_by_text(words, exact=True)).to_be_visible()


def place_of(link: Locator) -> str:
    """Return the id to which a link leads."""
    return link.get_attribute("href").partition("#")[2]


def chinese(entry: dict) -> str:
    """Return the Chinese word of a term."""
    return entry["html"].partition(">")[2].partition("<")[0]


def edit(page: Page) -> None:
    """Add words to the first cell with a reference to a figure, and render it anew."""
    cells = page.locator(":light(.jp-MarkdownCell)")
    cell = cells.filter(has=page.locator(":light(a.book-reference[href*='#fig-'])")).first
    cell.scroll_into_view_if_needed()
    cell.locator("p").first.dblclick(position={"x": 2, "y": 2})
    page.keyboard.press("Control+End")
    page.keyboard.type(f"\n\n{EDIT}")
    page.keyboard.press("Shift+Enter")
    cell.locator(".myst").get_by_text(EDIT).wait_for()


def test_text_captions_and_cards_can_be_read_in_both_themes(lab, open_page):
    folder, address = lab
    delete_sessions(address)
    page = open_page(f"{address}/lab/tree/chapters/appendix_speed.ipynb?reset")
    file = folder / "chapters/appendix_speed.ipynb"
    wait_until_drawn(page, nbformat.read(file, as_version=4))
    link = page.locator("a.book-reference[href*='#fig-']").first
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        choose_theme(page, theme)
        link.focus()
        expect(page.locator(":light(#book-card[role=tooltip])")).to_be_visible()
        assert hardly_readable(page) == [], theme
        expect(link).to_have_css("text-decoration-line", "underline")  # not told by color alone
        page.keyboard.press("Escape")


def choose_theme(page: Page, theme: str) -> None:
    """Choose a theme in the menu; JupyterLab remembers it."""
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    for entry in ("Theme", theme):
        page.locator(".lm-Menu-item").get_by_text(entry, exact=True).first.click()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)


def test_a_reference_to_another_chapter_opens_it_there(lab, open_page):
    folder, address = lab
    delete_sessions(address)
    page = open_page(f"{address}/lab/tree/chapters/appendix_speed.ipynb?reset", strict=True)
    file = folder / "chapters/appendix_speed.ipynb"
    wait_until_drawn(page, nbformat.read(file, as_version=4))
    link = page.locator("a.book-reference[href*='01_networks.ipynb']").first
    place = place_of(link)
    link.click()
    expect(
        page.locator(".lm-mod-current[role=tab]").get_by_text("01_networks.ipynb")
    ).to_be_visible()
    notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    arrived = notebook.locator(".book-arrived")
    expect(arrived).to_be_in_viewport()
    expect(arrived).to_be_focused()
    assert place == "networks"
    expect(arrived).to_contain_text("1. Networks")


def is_saved(response: Response) -> bool:
    """Tell whether an answer of the server says that a file is written."""
    return response.request.method == "PUT" and "/api/contents/" in response.url


def test_the_file_browser_lists_each_chapter_once_and_no_index(lab, open_page):
    _, address = lab
    page = open_page(f"{address}/lab/tree/chapters?reset")
    names = page.locator(".jp-DirListing-itemText")
    expect(names).to_have_text([f"{chapter}.ipynb" for chapter in ALL])


def test_a_copy_keeps_what_the_reader_typed_when_its_chapter_changes(lab, open_page):
    folder, address = lab
    delete_sessions(address)
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL})
    prose = [nbformat.v4.new_markdown_cell(text) for text in ("# Copied", "old", "last")]
    notebook.cells = [*prose, nbformat.v4.new_code_cell("'theirs'")]
    other = folder / "other"
    (other / "chapters").mkdir(parents=True)
    chapter = other / "chapters/04_copied.ipynb"
    nbformat.write(notebook, chapter)
    index = json.loads((folder / "chapters/book_index.json").read_text(encoding="utf-8"))
    index["documents"] = {
        "chapters/04_copied": {
            "file": "chapters/04_copied.ipynb",
            "title": "Copied",
            "headings": {},
        }
    }
    (other / "chapters/book_index.json").write_text(json.dumps(index), encoding="utf-8")
    page = open_page(f"{address}/lab/tree/other/chapters/04_copied.ipynb?reset")
    page.get_by_role("button", name="Work on a Copy").click()
    copy = other / "work/04_copied.ipynb"
    panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    expect(panel.get_by_role("button", name="Work on a Copy")).to_have_count(0)
    tab = page.locator(".lm-mod-current[role=tab]", has_text=copy.name).first
    before = "tab => getComputedStyle(tab.querySelector('.lm-TabBar-tabLabel'), '::before').content"
    expect(tab).to_have_class(re.compile(r"\bbook-copy\b"))
    assert tab.evaluate(before) == '"My copy: "'
    assert texts(copy) == ["# Copied", "old", "last", "'theirs'"]
    panel.locator(".myst").get_by_text("last", exact=True).click()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+End")
    page.keyboard.type(" words of mine")
    page.keyboard.press("Shift+Enter")  # renders it, and goes on to the code
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("'mi' 'ne'")
    expect(kernel_is_idle(page)).to_be_visible()
    page.keyboard.press("Shift+Enter")  # runs it, and makes a new cell
    expect(panel.locator(".jp-OutputArea-output").get_by_text("'mine'")).to_be_visible()
    page.keyboard.type("note = 1")
    with page.expect_response(is_saved):
        page.keyboard.press("Control+s")
    mine = ["last words of mine", "'mi' 'ne'", "note = 1"]
    assert texts(copy) == ["# Copied", "old", *mine]
    notebook.cells[1] = nbformat.v4.new_markdown_cell("new")
    nbformat.write(notebook, chapter)
    page.goto(f"{address}/lab/tree/{copy.relative_to(folder).as_posix()}?reset")
    with page.expect_response(is_saved):
        page.get_by_role("button", name="Bring my copy up to date").click()
    expect(page.locator(".myst").get_by_text("new", exact=True)).to_be_visible()
    expect(panel.locator(".jp-OutputArea-output").get_by_text("'mine'")).to_be_visible()
    assert texts(copy) == ["# Copied", "new", *mine]
    assert texts(chapter) == ["# Copied", "new", "last", "'theirs'"]


def texts(notebook: Path) -> list[str]:
    """Return what stands in a notebook's cells, those without text left out."""
    cells = nbformat.read(notebook, as_version=4).cells
    return [cell.source for cell in cells if cell.source]


def test_the_paired_notebook_opens_and_runs_as_well(lab, open_page):
    folder, address = lab
    chapter, panels = next(iter(CHAPTERS.items()))
    notebook = jupytext.read(ROOT / "chapters" / f"{chapter}.md")
    shown = [f"{panels[0].__name__}()" in cell.source for cell in notebook.cells]
    del notebook.cells[shown.index(True) + 1 :]  # a whole one runs as .md
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
    for _ in range(3):  # beyond the settings that were seen before
        slider.press("ArrowRight")
    expect(alert).to_have_text(re.compile(rf"^({'|'.join(map(re.escape, WITHOUT_KERNEL))})$"))


def test_a_drawing_is_read_when_the_kernel_has_left(lab, open_page):
    folder, address = lab
    code = "from deeplearn_utils.explorers import DrawingExplorer\n\nDrawingExplorer()"
    cells = [nbformat.v4.new_code_cell(code)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    add_mark(notebook)
    nbformat.write(notebook, folder / "drawing.ipynb")
    delete_sessions(address)
    page = open_page(f"{address}/lab/tree/drawing.ipynb?reset")
    run_all_cells(page)
    panel = Panel(page, EXPLORERS["drawing"])
    move_everything(panel)
    delete_sessions(address)
    panel.press(panel.sliders()[0], "ArrowRight")
    before = panel.picture()
    pixel = panel.box.get_by_role("gridcell", name="row 1, column 1: 0 of 16")
    pixel.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", " "):
        page.keyboard.press(key)
    expect(panel.box.get_by_role("gridcell", name="row 1, column 1: 4 of 16")).to_be_focused()
    panel.wait_for_change(before)
    expect(panel.box.get_by_role("alert")).to_have_count(0)


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
    expect(page.locator(":light(.jp-mod-current.jp-mod-dirty)")).to_have_count(0)
    page.goto(f"{address}/lab/tree/saved.ipynb?reset")
    picture = page.locator(".jp-RenderedImage img")
    expect(picture).to_be_visible()
    assert page.locator(".dl-panel").count() == 0


def write_pair(notebook: nbformat.NotebookNode, place: Path) -> None:
    """Write both files, since JupyterLab saves; a last cell tells that all have run."""
    add_mark(notebook)
    place.parent.mkdir(parents=True, exist_ok=True)
    jupytext.write(notebook, place.with_suffix(".md"), fmt="md:myst")
    nbformat.write(notebook, place.with_suffix(".ipynb"))
