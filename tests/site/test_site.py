"""The built site, read as files: pages, links, pictures, reference, launch buttons.

The check `site` runs after `book`, on the site that is there then.
"""

import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from sphinx.util.inventory import InventoryFile

import deeplearn_utils
from tests.browser.chapters import CHAPTERS
from tests.site_pages import PAGES, ROOT, SPHINX_PAGES, built_site, ids, parsed

LAUNCH = {
    "BOOK_REPOSITORY": "https://github.com/someone/a-book",
    "BOOK_BRANCH": "spring",
    "BOOK_JUPYTERHUB": "https://hub.example.org",
}


@pytest.fixture(scope="module")
def site() -> Path:
    return built_site()


def pages(site: Path) -> list[Path]:
    return [site / f"{name}.html" for name in (*PAGES, *SPHINX_PAGES)]


def test_every_page_of_the_table_of_contents_is_there(site):
    assert [path.name for path in pages(site) if not path.exists()] == []
    assert "url=book/index.html" in (site / "index.html").read_text()


def test_an_up_to_date_site_is_left_alone(site):
    before = (site / "search.html").stat().st_mtime_ns
    assert built_site() == site
    assert (site / "search.html").stat().st_mtime_ns == before


def test_links_inside_the_site_resolve(site):
    broken = []
    for page in pages(site):
        for link in parsed(page).find_all("a", href=True):
            address = urlsplit(link["href"])
            if address.scheme or address.netloc:
                continue
            target = (page.parent / unquote(address.path)).resolve() if address.path else page
            if not target.exists():
                broken.append(f"{page.stem}: {link['href']}")
            elif address.fragment and target.suffix == ".html":
                anchor = unquote(address.fragment)
                if anchor != "#" and anchor not in ids(target):
                    broken.append(f"{page.stem}: {link['href']}")
    assert broken == []


def test_nothing_on_a_page_comes_from_elsewhere(site):
    loaded = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
    foreign = [
        f"{page.stem}: {element[attribute]}"
        for page in pages(site)
        for tag, attribute in loaded.items()
        for element in parsed(page).find_all(tag, attrs={attribute: re.compile("^(https?:)?//")})
    ]
    assert foreign == []


def test_every_picture_says_what_it_shows(site):
    for page in pages(site):
        for image in parsed(page).find_all("img"):
            text = image.get("alt", "").strip()
            assert len(text) >= 20, f"{page.stem}: {image['src']} has the alt text {text!r}"
            assert "_images" not in text, f"{page.stem}: {image['src']} has a path as alt text"
            assert not text.startswith("<"), f"{page.stem}: {text!r} is what Python prints"


def test_no_id_stands_twice_on_a_page(site):
    for page in pages(site):
        assert [name for name, count in ids(page).items() if count > 1] == [], page.stem


def test_every_place_of_a_panel_has_its_data(site):
    shown = {
        page.stem: [place["data-explorer"] for place in parsed(page).select("[data-explorer]")]
        for page in pages(site)
    }
    for chapter, panels in CHAPTERS.items():
        assert shown[chapter] == [panel.name for panel in panels], chapter
    written = {file.stem for file in (site / "_static" / "explorers").glob("*.js")}
    assert {name for names in shown.values() for name in names} == written


def test_no_address_of_a_chart_or_widget_reaches_the_page(site):
    for page in pages(site):
        text = parsed(page).get_text()
        assert not re.search(r"<\S+ (object )?at 0x[0-9a-f]+>", text), page.stem


def test_every_glossary_term_has_its_chinese_name_and_one_sentence(site):
    definitions = parsed(site / "book/glossary.html").select("dl.glossary dd")
    assert len(definitions) > 70
    for definition in definitions:
        chinese = definition.find(lang="zh")
        assert chinese, definition.get_text()
        assert re.search("[\u4e00-\u9fff]|softm|softp", chinese.get_text())
        assert len(definition.get_text().splitlines()) == 1


def test_the_glossary_is_in_alphabetical_order(site):
    glossary = parsed(site / "book/glossary.html")
    entries = glossary.select("dl.glossary > dt:first-child, dl.glossary > dd + dt")
    terms = [entry.get_text().rstrip("#").strip().lower() for entry in entries]
    assert terms == sorted(terms)


@pytest.mark.parametrize("name", ["faq", "errata"])
def test_answers_and_errata_of_a_chapter_lead_to_their_proof(site, name):
    article = parsed(site / f"book/{name}.html").find("article")
    leaves = [s for s in article.find_all("section") if not s.find("section")]
    for section in leaves:
        heading = section.find(re.compile("h[1-6]")).get_text()
        if name == "errata" and section.find("em", string="Still to come:"):
            continue
        links = [a["href"] for a in section.find_all("a", href=True)]
        assert any("/chapters/" in link and "#sec-" in link for link in links), heading


# The reference.


def public_modules(package: ModuleType = deeplearn_utils) -> list[ModuleType]:
    """Return the modules that readers import from; a package's `__all__` hides its inside."""
    found = []
    for info in pkgutil.iter_modules(package.__path__):
        shown = getattr(package, "__all__", None)
        if info.name.startswith("_") or (shown is not None and info.name not in shown):
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found += [module, *(public_modules(module) if info.ispkg else [])]
    return found


def public_names(module: ModuleType) -> list[str]:
    """Return the names of a module that its readers may use."""
    if hasattr(module, "__all__"):
        return [n for n in module.__all__ if not inspect.ismodule(getattr(module, n))]
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value) or is_table(name, value))
        and getattr(value, "__module__", module.__name__) == module.__name__
    ]


def is_table(name: str, value: object) -> bool:
    return name.isupper() and isinstance(value, dict)


def test_every_public_name_is_in_the_reference(site):
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="").data
    documented = {name for kind, items in inventory.items() if kind[:3] == "py:" for name in items}
    objects = {id(resolve(name)) for name in documented}
    missing = [
        f"{module.__name__}.{name}"
        for module in public_modules()
        for name in public_names(module)
        if f"{module.__name__}.{name}" not in documented
        and id(getattr(module, name)) not in objects
    ]
    assert missing == [], "add them to a page in book/api, or write their docstring"


def resolve(path: str) -> object:
    """Return what a documented dotted name stands for, or None."""
    try:
        return pkgutil.resolve_name(path)
    except (AttributeError, ImportError):  # a field of a dataclass has no value
        return None


def test_every_public_module_is_in_the_reference(site):
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="").data
    assert {module.__name__ for module in public_modules()} - set(inventory["py:module"]) == set()


# Launch buttons.


def launch_links(site: Path, page: str) -> set[str]:
    links = parsed(site / f"{page}.html").select(".dropdown-launch-buttons a[href]")
    return {link["href"] for link in links}


def test_without_a_repository_there_are_no_launch_buttons(site):
    if os.environ.get("BOOK_REPOSITORY"):
        pytest.skip("this environment has a repository configured")
    assert all(launch_links(site, page) == set() for page in PAGES)


def test_with_a_repository_there_are_three_launch_buttons(tmp_path):
    source = tmp_path / "source"
    (source / "chapters").mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Networks")])
    nbformat.write(notebook, source / "chapters" / "01_networks.ipynb")
    (source / "_toc.yml").write_text("root: chapters/01_networks\n")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-W", "-c", ROOT / "book"]
    settings = ["-D", f"external_toc_path={source / '_toc.yml'}"]
    done = subprocess.run(
        [*command, *settings, source, tmp_path / "site"],
        env={**os.environ, **LAUNCH},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    links = launch_links(tmp_path / "site", "chapters/01_networks")
    assert {urlsplit(link).netloc for link in links} == {
        "hub.example.org",
        "mybinder.org",
        "colab.research.google.com",
    }
    assert all("a-book" in link and "spring" in link for link in links)
    assert all("chapters/01_networks" in link for link in links)
