"""What a panel leaves in a stored notebook: a stable line and its first picture."""

import io
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
from matplotlib.image import imread

from deeplearn_utils.explorers import EXPLORERS
from deeplearn_utils.explorers.explorer import MIME
from deeplearn_utils.explorers.live.picture import DRAW, first_picture
from deeplearn_utils.explorers.parts.marks import Mark
from tests.explorers.gallery import GalleryExplorer

CHAPTERS = Path(__file__).resolve().parents[3] / "chapters"
PANELS = [*EXPLORERS.values(), GalleryExplorer]


@cache
def shown(panel):
    """Return a panel's output in a notebook; drawing it takes a second."""
    return panel()._repr_mimebundle_()


@pytest.mark.parametrize("panel", PANELS)
def test_the_output_holds_text_picture_and_live_view_only(panel):
    bundle = shown(panel)
    assert set(bundle) == {
        "text/plain",
        "image/png",
        MIME,
        "application/vnd.jupyter.widget-view+json",
    }
    assert bundle[MIME] == {"name": panel.name}
    assert bundle["text/plain"] == repr(panel())
    assert len(bundle["text/plain"]) < 300


@pytest.mark.parametrize("step", ["look", "compute", "describe", "reached"])
@pytest.mark.parametrize("kind", [ValueError, SystemExit])
def test_a_panel_that_cannot_be_drawn_is_shown_with_its_error(monkeypatch, step, kind):
    def fail(*_, **__):
        raise kind("no such curve")

    monkeypatch.setattr(GalleryExplorer, step, fail)
    bundle = GalleryExplorer()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", MIME, "application/vnd.jupyter.widget-view+json"}
    assert bundle["text/plain"] == f"{GalleryExplorer()!r}\n{kind.__name__}: no such curve"


def test_without_a_widget_the_picture_is_still_shown(monkeypatch):
    monkeypatch.setitem(sys.modules, "deeplearn_utils.explorers.live.widget", None)
    bundle = GalleryExplorer()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", MIME, "image/png"}
    assert (
        "\nModuleNotFoundError: import of deeplearn_utils.explorers.live.widget"
        in (bundle["text/plain"])
    )


def test_the_lines_are_the_same_in_another_process():
    program = (
        "from deeplearn_utils.explorers import EXPLORERS; "
        "print(*(repr(panel()) for panel in EXPLORERS.values()), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert lines == [repr(panel()) for panel in EXPLORERS.values()]
    assert all("Run this cell" in line for line in lines)


@pytest.mark.parametrize("path", sorted(CHAPTERS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_stored_notebooks_hold_the_line_of_today(path):
    """The site finds the place of a panel by its line; nothing runs a cell that did not change."""
    lines = {repr(panel()) for panel in EXPLORERS.values()}
    outputs = [
        output.get("data", {}).get("text/plain", "")
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", ())
    ]
    stored = {text for text in outputs if re.match(r"\w+Explorer: ", text)}
    assert stored <= lines, f"run `python tools/sync.py --all chapters/{path.stem}.md`"


def test_lines_tell_panels_apart():
    assert len({repr(panel()) for panel in PANELS}) == len(PANELS)


@pytest.mark.parametrize("panel", PANELS)
def test_the_picture_is_small_and_always_the_same(panel):
    explorer, picture = panel(), shown(panel)["image/png"]
    assert picture == first_picture(explorer.panes, explorer.frame().arrays)
    height, width, _ = imread(io.BytesIO(picture)).shape
    assert width <= 1300
    assert height <= 720  # a small laptop
    assert len(picture) < 150_000


@pytest.mark.parametrize("panel", PANELS)
def test_the_summary_can_stand_for_the_picture(panel):
    assert panel.summary.endswith(".")
    assert "\n" not in panel.summary


def test_matplotlib_draws_every_kind_of_mark():
    assert set(DRAW) == set(Mark.__subclasses__())
    assert {type(mark) for pane in GalleryExplorer.panes for mark in pane.marks} == set(DRAW)


def test_importing_the_panels_starts_no_front_end():
    program = (
        "import sys, deeplearn_utils.explorers; "
        "print({'anywidget', 'ipywidgets', 'matplotlib'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
