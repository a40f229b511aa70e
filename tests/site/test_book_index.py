"""The index that JupyterLab reads says what the site shows: number by number, text by text."""

import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from tests.site_pages import PAGES, ROOT, built_site, parsed

COMMITTED = ROOT / "chapters" / "book_index.json"
INDEX = json.loads(COMMITTED.read_text(encoding="utf-8"))
TARGETS = INDEX["targets"]


@pytest.fixture(scope="module")
def site() -> Path:
    return built_site()


@pytest.fixture(params=PAGES)
def page(request, site) -> tuple[str, Tag]:
    """Each page's name and its article."""
    return request.param, parsed(site / f"{request.param}.html").find("article")


def words(node: Tag | str) -> str:
    """Return the text of a node, or of a line of HTML, without the signs that link to a place."""
    node = BeautifulSoup(node, "html.parser") if isinstance(node, str) else node
    text = (t for t in node.find_all(string=True) if "headerlink" not in t.parent.get("class", ()))
    return " ".join("".join(text).split())


def name(target: dict) -> str:
    return INDEX["names"][target["kind"]].replace("%s", target["number"])


def targets(page: str, kind: str) -> dict[str, dict]:
    """Return what the index has of a page."""
    return {i: t for i, t in TARGETS.items() if (t["document"], t["kind"]) == (page, kind)}


def test_what_is_committed_is_what_the_site_is_made_of(site):
    made = (site / COMMITTED.name).read_text(encoding="utf-8")
    assert COMMITTED.read_text(encoding="utf-8") == made, "run `make sync`"


def test_every_page_is_in_the_index(site):
    assert sorted(INDEX["documents"]) == PAGES
    for document in INDEX["documents"].values():
        assert (ROOT / document["file"]).is_file()


def test_figures(page):
    name_of_page, article = page
    shown = {
        figure["id"]: words(figure.figcaption)
        for figure in article.select("figure[id]")
        if figure.select_one(".caption-number")
    }
    assert shown == {
        label: f"{name(target)} {words(target['html'])}"
        for label, target in targets(name_of_page, "figure").items()
    }


def test_headings(page):
    name_of_page, article = page
    shown = []
    for heading in article.select("h1, h2, h3, h4, h5, h6"):
        if number := heading.select_one(".section-number"):
            text = words(heading).removeprefix(words(number)).strip()
            written = f"{'#' * int(heading.name[1])} {straight(text)}"
            shown.append((written, words(number).removesuffix(".")))
    assert list(INDEX["documents"][name_of_page]["headings"].items()) == shown


def straight(text: str) -> str:
    """Return a text of the page as the index has it: with a keyboard's quotes, formulas bare."""
    text = text.translate(str.maketrans("‘’“”", "''\"\""))
    return re.sub(r"\\\((.*?)\\\)", r"\1", text)


def test_equations(page):
    name_of_page, article = page
    shown = {
        math["id"].removeprefix("equation-"): words(math.select_one(".eqno"))
        for math in article.select("div.math[id^=equation-]")
    }
    equations = targets(name_of_page, "equation")
    assert shown == {label: name(target) for label, target in equations.items()}


def test_exercises(page):
    name_of_page, article = page
    shown = {
        exercise["id"]: words(exercise.select_one(".admonition-title"))
        for exercise in article.select("div.exercise[id]")
    }
    assert shown == {
        label: f"{name(target)} ({words(target['html'])})"
        for label, target in targets(name_of_page, "exercise").items()
    }


def test_every_reference_is_resolved_as_on_the_page(page):
    _, article = page
    for link in article.select("a.reference.internal[href*='#']"):
        label = link["href"].partition("#")[2].removeprefix("equation-")
        kinds = {kind for child in link.select("span") for kind in child.get("class", ())}
        if "std-numref" in kinds or link["href"].partition("#")[2].startswith("equation-"):
            assert words(link) == name(TARGETS[label])
        elif "std-ref" in kinds:
            assert label in TARGETS
        elif "std-term" in kinds:
            assert label in {term["id"] for term in INDEX["terms"].values()}


def test_sources(page):
    _, article = page
    for shown in article.select(".bibtex-citation"):
        places = [link["href"].partition("#")[2] for link in shown.select("a")]
        sources = [s for p in places for s in INDEX["citations"].values() if s["id"] == p]
        listed = list(INDEX["citations"].values())
        assert sources == sorted(sources, key=listed.index)
        if words(shown).startswith("["):
            parts = [f"{words(source['authors'])}, {source['year']}" for source in sources]
            assert words(shown) == f"[{', '.join(parts)}]"
        else:
            parts = [f"{words(source['authors'])} [{source['year']}]" for source in sources]
            assert words(shown) == ", ".join(parts)


def test_entries_of_sources(site):
    page = parsed(site / "book/bibliography.html")
    shown = {entry["id"]: words(entry.find("p")) for entry in page.select("div.citation")}
    assert {s["id"]: words(s["html"]) for s in INDEX["citations"].values()} == shown


def test_terms(site):
    glossary = parsed(site / "book/glossary.html").select_one("dl.glossary")
    shown = {}
    for definition in glossary.select("dd"):
        for term in definition.find_previous_siblings("dt"):
            shown.setdefault(term["id"], words(definition))
    assert {term["id"]: words(term["html"]) for term in INDEX["terms"].values()} == shown
    assert all(re.search("[\u4e00-\u9fff]|soft", term["html"]) for term in INDEX["terms"].values())


def test_pictures_of_panels_have_the_pages_alt_texts(page):
    _, article = page
    for place in article.select("[data-explorer]"):
        alts = {image["alt"] for image in place.select("img")}
        assert alts == {INDEX["panels"][place["data-explorer"]]}
