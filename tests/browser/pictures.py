"""Pictures of one passage, in JupyterLab and on the page, to be laid side by side.

``python -m tests.browser.pictures lab 03_optimizers "Fig. 3.2 Twenty steps" lab.png`` and the same
with ``page`` make a picture of the window, 1280 by 720, with the passage that has these words in
its middle. The page is that of the built site (``make book``).
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Page, sync_playwright

from tests.browser.as_on_the_page import wait_until_drawn
from tests.browser.lab import ROOT, jupyterlab
from tests.browser.patience import LOOK, STANDSTILL
from tools.find_browser import find_browser

# Centers the smallest element that shows the words, and tells by how many pixels that moved it.
CENTER = """([text, words]) => {
    const passage = [...document.querySelectorAll(`${text} *`)].findLast(node =>
        node.checkVisibility() && node.textContent.replace(/\\s+/g, " ").includes(words));
    if (!passage) return null;
    const before = passage.getBoundingClientRect().top;
    passage.scrollIntoView({ block: "center", behavior: "instant" });
    return Math.abs(passage.getBoundingClientRect().top - before);
}"""
STILL = 5  # looks without a move: what stands above may still be drawn, or grow
TEXTS = {"lab": ".jp-Notebook", "page": "article"}


@contextmanager
def address_of(place: str, chapter: str) -> Iterator[str]:
    """Give the address of a chapter: of its page, or in a JupyterLab on a copy of the chapters."""
    if place == "page":
        yield (ROOT / "build" / "site" / "chapters" / f"{chapter}.html").as_uri()
        return
    with tempfile.TemporaryDirectory() as folder:
        notebooks = shutil.ignore_patterns("*.md")  # paired, they might differ
        shutil.copytree(ROOT / "chapters", Path(folder) / "chapters", ignore=notebooks)
        with jupyterlab(Path(folder)) as address:
            yield f"{address}/lab/tree/chapters/{chapter}.ipynb?reset"


def show(page: Page, place: str, chapter: str, words: str) -> None:
    """Wait until all is drawn, and bring the passage to the middle of the window."""
    if place == "page":
        page.evaluate("() => window.MathJax?.startup?.promise")
    else:
        notebook = nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", as_version=4)
        wait_until_drawn(page, notebook)
    still = 0
    while still < STILL:
        moved = page.evaluate(CENTER, [TEXTS[place], words])
        if moved is None:
            raise SystemExit(f"{chapter} shows no passage with these words: {words}")
        still = still + 1 if moved < 1 else 0
        page.wait_for_timeout(LOOK)


def main() -> None:
    """Make one picture."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("place", choices=TEXTS)
    parser.add_argument("chapter", help="as in 03_optimizers")
    parser.add_argument("words", help="of the passage, as they are shown")
    parser.add_argument("picture", type=Path)
    asked = parser.parse_args()
    with address_of(asked.place, asked.chapter) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(1000 * STANDSTILL)
        page.goto(address)
        show(page, asked.place, asked.chapter, asked.words)
        page.screenshot(path=asked.picture)
        browser.close()


if __name__ == "__main__":
    main()
