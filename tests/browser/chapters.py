"""The chapters that have slider panels, and the panels, found in their own cells."""

import re
from pathlib import Path

import jupytext

from deeplearn_utils.explorers import EXPLORERS, Explorer
from tests.browser.lab import ROOT

SHOWN = re.compile(r"\b(\w+Explorer)\(\)")
BY_CLASS = {panel.__name__: panel for panel in EXPLORERS.values()}


def panels_in(chapter: Path) -> tuple[type[Explorer], ...]:
    """Return the panels that the chapter's code cells show, in their order."""
    cells = [cell.source for cell in jupytext.read(chapter).cells if cell.cell_type == "code"]
    names = dict.fromkeys(name for source in cells for name in SHOWN.findall(source))
    return tuple(BY_CLASS[name] for name in names)


CHAPTERS = {
    chapter.stem: panels
    for chapter in sorted((ROOT / "chapters").glob("*.md"))
    if (panels := panels_in(chapter))
}
"""The panels of each chapter that has some, by the chapter's name."""
