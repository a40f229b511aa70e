"""What a reader sees of numbers, captions and references: on the site, and in JupyterLab."""

import re
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Page, TimeoutError

from tests.browser.patience import LOOK, wait_while_it_moves
from tests.site_pages import parsed

KINDS = ("headings", "captions", "equations", "exercises", "references")

# Formulas are left out: MathJax sets them on the page, and KaTeX in JupyterLab.
IN_JUPYTERLAB = """panel => {
    const words = node => {
        const copy = node.cloneNode(true);
        copy.querySelectorAll(".katex, .katex-display, mjx-container, a[aria-label^='Link to']")
            .forEach(part => part.remove());
        return copy.textContent.replace(/\\s+/g, " ").trim();
    };
    const all = (selector, read = words) => [...panel.querySelectorAll(selector)].map(read);
    const sign = "[aria-label^='Link to']";
    const number = math => math.lastElementChild.textContent.trim();
    return {
        headings: all(".jp-MarkdownCell .myst :is(h1, h2, h3, h4)", node => {
            const copy = node.cloneNode(true);
            copy.querySelector(".select-none:not(a)")?.append(" ");
            return words(copy);
        }),
        captions: all(".book-caption:not([hidden])"),
        equations: all(".jp-MarkdownCell [id].flex > .select-none", node => node.textContent),
        exercises: all(".myst-exercise-title", node => node.textContent.replace(/\\s+/g, " ")
            .replace(/ [#¶]$/, "").trim()),
        references: all("a.book-reference:not(.book-citation a), .book-citation"),
    };
}"""

WARNINGS = """panel => [...panel.querySelectorAll(".text-yellow-600, .text-red-500")]
    .map(node => node.textContent)"""

SLICE = 10_000  # milliseconds after which it is asked whether anything still moves

IS_DRAWN = """([cells, texts, pictures]) => {
    const count = selector => document.querySelectorAll(selector).length;
    return count(".jp-Cell") === cells && count(".jp-MarkdownCell .myst > *:first-child") === texts
        && count(".jp-OutputArea-output :is(img, svg)") >= pictures;
}"""


def wait_until_drawn(page: Page, notebook: nbformat.NotebookNode) -> None:
    """Wait until JupyterLab has drawn each cell and each picture of a notebook."""
    texts = sum(cell.cell_type == "markdown" for cell in notebook.cells)
    kinds = [
        output.get("data", {}).keys()
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    ]
    pictures = sum("image/png" in kind or "image/svg+xml" in kind for kind in kinds)
    wanted = [len(notebook.cells), texts, pictures]

    def is_drawn() -> bool:
        try:
            page.wait_for_function(IS_DRAWN, arg=wanted, timeout=SLICE, polling=LOOK)
        except TimeoutError:
            return False
        return True

    wait_while_it_moves(page, is_drawn)


def shown_in_jupyterlab(page: Page) -> dict[str, list[str]]:
    """Return what the open notebook shows, in its order."""
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").evaluate(IN_JUPYTERLAB)


def warnings(page: Page) -> list[str]:
    """Return the texts beside which a warning sign stands."""
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)").evaluate(WARNINGS)


def shown_on_the_page(file: Path) -> dict[str, list[str]]:
    """Return what a page of the site shows, in its order."""
    article = parsed(file).find("article")
    references = "a.reference.internal, .bibtex-citation"
    return {
        "headings": [words(node) for node in article.select("h1, h2, h3, h4")],
        "captions": [words(node) for node in article.select("figcaption")],
        "equations": [words(node) for node in article.select(".eqno")],
        "exercises": [
            words(node) for node in article.select(":is(.exercise, .solution) > .admonition-title")
        ],
        "references": [words(node) for node in article.select(references) if is_reference(node)],
    }


def is_reference(node: Tag) -> bool:
    """Tell a reference to something numbered, defined or cited from a plain link."""
    if node.name != "a":
        return True
    if node.find_parent(class_="bibtex-citation"):
        return False
    return bool(node.select(".std-numref, .std-ref, .std-term")) or (
        "#equation-" in node["href"] or node.find_parent(class_="solution") is not None
    )


def words(node: Tag) -> str:
    """Return a node's text without formulas and without the sign that links to it."""
    copy = BeautifulSoup(str(node), "html.parser")
    for part in copy.select(".headerlink, .math"):
        part.decompose()
    return re.sub(r"\s+", " ", copy.get_text()).strip()
