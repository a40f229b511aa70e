"""A small site with one page that has panels and one that has none."""

import base64
import contextlib
import io
from pathlib import Path

import nbformat
import pytest
from sphinx.cmd.build import build_main

from deeplearn_utils.explorers import StepSizeExplorer
from deeplearn_utils.explorers.explorer import MIME
from deeplearn_utils.explorers.live.picture import first_picture
from deeplearn_utils.explorers.page.packing import script
from tests.site_pages import parsed

CONFIGURATION = """
extensions = ["myst_nb", "deeplearn_utils.explorers.page.extension"]
nb_execution_mode = "off"
nb_ipywidgets_js = {}
html_theme = "basic"


def explorer_key(app, name):
    return KEY


def setup(app):
    app.connect("explorer-key", explorer_key)
"""
INDEX = "# Book\n\n```{toctree}\nwith_panel\nwithout_panel\n```\n"
PANEL = StepSizeExplorer()


def notebook(output):
    """Return a notebook with one executed cell."""
    cell = nbformat.v4.new_code_cell("show()", execution_count=1, outputs=[output])
    metadata = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    return nbformat.v4.new_notebook(
        metadata=metadata, cells=[nbformat.v4.new_markdown_cell("# Page"), cell]
    )


def set_key(folder: Path, key: str | None) -> None:
    """Say what the panels' data are made from."""
    (folder / "source" / "conf.py").write_text(f"KEY = {key!r}\n{CONFIGURATION}")


def build(folder: Path, output: str) -> str:
    """Build the site and return what Sphinx said."""
    paths = ["-d", folder / "build" / "trees", folder / "source", folder / "build" / output]
    said, warned = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(warned):
        failed = build_main(["-b", "html", "-W", *map(str, paths)])
    assert not failed, warned.getvalue()
    return said.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    source = folder / "source"
    source.mkdir()
    set_key(folder, "one")
    (source / "index.md").write_text(INDEX)
    drawn = first_picture(PANEL.panes, PANEL.frame().arrays)
    picture = base64.b64encode(drawn).decode()
    panel = {"text/plain": "any words", "image/png": picture, MIME: {"name": PANEL.name}}
    for name, data in {"with_panel": panel, "without_panel": {"text/plain": "7"}}.items():
        output = nbformat.v4.new_output("execute_result", data, execution_count=1)
        nbformat.write(notebook(output), source / f"{name}.ipynb")
    build(folder, "first")
    return folder


def test_the_panel_has_its_place_with_the_picture_in_it(folder):
    page = parsed(folder / "build" / "first" / "with_panel.html")
    (place,) = page.select(".cell_output .dl-explorer")
    assert place["data-explorer"] == PANEL.name
    (picture,) = place.select(".dl-picture img")
    assert picture["alt"] == PANEL.summary
    assert (folder / "build" / "first" / picture["src"]).exists()
    assert "any words" not in page.select_one("body").get_text()


def test_only_a_page_with_a_panel_loads_the_script_and_the_style(folder):
    loaded = {}
    for name in ("with_panel", "without_panel", "index"):
        page = parsed(folder / "build" / "first" / f"{name}.html")
        files = [node.get("src") or node.get("href") for node in page.select("script, link")]
        loaded[name] = sorted(Path(file).name.split("?")[0] for file in files if file)
    assert {"explorers.js", "explorers.css"} <= set(loaded["with_panel"])
    for name in ("without_panel", "index"):
        assert not [file for file in loaded[name] if file.startswith("explorers")]


def test_the_arrays_lie_beside_the_page_and_not_in_it(folder):
    data = folder / "build" / "first" / "_static" / "explorers" / f"{PANEL.name}.js"
    assert data.read_text() == script(PANEL)
    assert (folder / "build" / "first" / "with_panel.html").stat().st_size < 50_000


@pytest.mark.parametrize(("key", "computed"), [("one", False), ("two", True), (None, True)])
def test_the_arrays_are_computed_only_when_what_they_are_made_from_changed(folder, key, computed):
    (stored,) = (folder / "build" / "explorers").iterdir()
    stored.write_text("kept")
    set_key(folder, key)
    told = build(folder, "second")
    assert ("computing the panel" in told) == computed
    data = folder / "build" / "second" / "_static" / "explorers" / f"{PANEL.name}.js"
    assert (data.read_text() == "kept") != computed


def test_a_name_that_the_book_does_not_have_is_a_warning(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    set_key(tmp_path, None)
    output = nbformat.v4.new_output("display_data", {"text/plain": "x", MIME: {"name": "gone"}})
    nbformat.write(notebook(output), source / "index.ipynb")
    with pytest.raises(AssertionError) as failed:
        build(tmp_path, "site")
    told = "WARNING: the book has no panel 'gone'; run the notebook again"
    assert told in str(failed.value)
