"""Sphinx extension: the index of the whole book, which JupyterLab reads beside the chapters.

JupyterLab sees one notebook at a time. So the site's build writes down, from Sphinx's own numbers,
all that a reference can lead to: figures with their captions, sections, equations, exercises,
terms with their definitions, sources with their entries. ``make sync`` commits it as
``chapters/book_index.json``; nobody edits it.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from deeplearn_utils.explorers import EXPLORERS

ROOT = Path(__file__).resolve().parents[1]
COMMITTED = ROOT / "chapters" / "book_index.json"
NAME = COMMITTED.name
FORMAT = "index of a book, 1"
STRAIGHT = str.maketrans("‘’“”", "''\"\"")
EQUATION = "equation-"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    found: dict[str, dict] = {}
    app.connect("doctree-resolved", lambda app, *args: collect(app, found, *args), priority=900)
    app.connect("build-finished", lambda app, error: finish(app, error, found))
    return {"parallel_read_safe": True, "parallel_write_safe": False}


def collect(app: Sphinx, found: dict, doctree: nodes.document, document: str) -> None:
    """Keep what references can lead to in a page whose references are resolved."""
    found[document] = {
        "title": plain(app.env.titles[document]),
        "headings": list(headings(app, doctree, document)),
        "targets": list(targets(app, doctree, document)),
        "terms": list(terms(doctree)),
        "entries": {
            entry["ids"][0]: copies(entry.children[-1]) for entry in doctree.findall(nodes.citation)
        },
    }


def headings(app: Sphinx, doctree: nodes.document, document: str) -> Iterable[tuple[str, str]]:
    """Yield each heading that has a number, as it is written in Markdown, with the number."""
    for section, title in titled(doctree):
        number = section_number(app, document, section)
        if number:
            yield f"{'#' * depth(section)} {plain(title)}", number


def depth(section: nodes.section) -> int:
    """Return the level of a section's heading, from 1."""
    return 1 + (depth(section.parent) if isinstance(section.parent, nodes.section) else 0)


def titled(doctree: nodes.document) -> Iterable[tuple[nodes.section, nodes.title]]:
    """Yield the sections of a page that have a title, with it."""
    for section in doctree.findall(nodes.section):
        if section.children and isinstance(section[0], nodes.title):
            yield section, section[0]


def section_number(app: Sphinx, document: str, section: nodes.section) -> str:
    """Return a section's number as the page prints it, "" for none."""
    numbers = app.env.toc_secnumbers.get(document, {})
    whole_page = isinstance(section.parent, nodes.document)
    number = numbers.get(f"#{section['ids'][0]}", numbers.get("") if whole_page else None)
    return dotted(number or ())


def targets(
    app: Sphinx, doctree: nodes.document, document: str
) -> Iterable[tuple[str, str, str, list[nodes.Node]]]:
    """Yield label, kind, number and content of each numbered thing and labelled section."""
    labels: dict[str, list[str]] = {}
    for label, (page, place, *_) in app.env.domains.standard_domain.anonlabels.items():
        if page == document:
            labels.setdefault(place, []).append(label)
    places = {place: n for n in doctree.findall(nodes.Element) for place in n.get("ids", ())}
    for kind, numbers in app.env.toc_fignumbers.get(document, {}).items():
        for place, number in numbers.items():
            if kind == "displaymath":
                formula = nodes.Text(rf"\\[{places[place].astext()}\\]")
                yield place.removeprefix(EQUATION), "equation", dotted(number), [formula]
            else:
                for label in labels.pop(place, [place]):
                    yield label, kind, dotted(number), caption(places[place])
    for section, title in titled(doctree):
        for label in (label for place in section["ids"] for label in labels.pop(place, ())):
            yield label, "section", section_number(app, document, section), copies(title)
    for place in sorted(labels.keys() & places.keys()):
        for label in labels[place]:
            yield label, "place", "", []


def caption(node: nodes.Element) -> list[nodes.Node]:
    """Return a figure's caption, or the title that an exercise has in parentheses."""
    found = node.next_node(lambda n: isinstance(n, nodes.caption | nodes.title))
    if found is None:
        return []
    content = copies(found)
    if isinstance(found, nodes.caption):
        return content
    return content[1:-1]


def terms(doctree: nodes.document) -> Iterable[tuple[str, str, list[nodes.Node]]]:
    """Yield name, id and definition of each term of a glossary."""
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            (definition,) = item.findall(nodes.definition)
            for term in item.findall(nodes.term):
                yield plain(term), term["ids"][0], copies(definition.children[0])


def copies(node: nodes.Element) -> list[nodes.Node]:
    """Return copies of a node's children whose links lead to a place, not to a page."""
    whole = node.deepcopy()
    for link in whole.findall(nodes.reference):
        place = link.attributes.pop("refid", None)
        address = link.get("refuri", "")
        if place or (link.get("internal") and "#" in address):
            link["refuri"] = "#" + (place or address.partition("#")[2])
    return whole.children


def plain(node: nodes.Element) -> str:
    """Return a node's text with the quotes of a keyboard, as notebooks have them."""
    return " ".join(node.astext().translate(STRAIGHT).split())


def dotted(number: Iterable[int]) -> str:
    """Return a number of several levels as it is printed."""
    return ".".join(map(str, number))


def finish(app: Sphinx, error: Exception | None, found: dict[str, dict]) -> None:
    """Write the index beside the pages; a build of some pages only writes none."""
    if error is None and app.builder.format == "html" and set(found) == set(app.env.found_docs):
        index = arrange(app, found)
        (Path(app.outdir) / NAME).write_text(to_json(index), encoding="utf-8")


def arrange(app: Sphinx, found: dict[str, dict]) -> dict[str, Any]:
    """Return the index: documents, targets, terms and sources in the order of the book."""
    index: dict[str, Any] = {
        "format": FORMAT,
        "names": {
            "equation": app.config.math_eqref_format.replace("{number}", "%s"),
            **app.config.numfig_format,
        },
        "documents": {},
        "targets": {},
        "terms": {},
        "citations": citations(app, found),
        "panels": panels(app),
    }
    for document in reading_order(app):
        page = found[document]
        file = Path(app.env.doc2path(document)).relative_to(app.srcdir).as_posix()
        index["documents"][document] = {
            "file": file,
            "title": page["title"],
            "headings": dict(page["headings"]),
        }
        for label, kind, number, nodes_ in page["targets"]:
            html = to_html(app, nodes_)
            index["targets"][label] = compact(
                kind=kind, document=document, number=number, html=html
            )
        for name, place, nodes_ in page["terms"]:
            html = to_html(app, nodes_)
            index["terms"][name.lower()] = {"document": document, "id": place, "html": html}
    return index


def reading_order(app: Sphinx) -> list[str]:
    """Return the pages as the table of contents has them."""
    order = app.env.toctree_includes
    pages: list[str] = []
    ahead = [app.config.root_doc]
    while ahead:
        page = ahead.pop(0)
        pages.append(page)
        ahead = [*order.get(page, ()), *ahead]
    return [*pages, *sorted(app.env.found_docs - set(pages))]


def compact(**entry: str) -> dict[str, str]:
    """Return an entry without the parts that say nothing."""
    return {key: value for key, value in entry.items() if value}


def citations(app: Sphinx, found: dict[str, dict]) -> dict[str, dict]:
    """Return authors, year and entry of each source, as the page has them."""
    domain = app.env.get_domain("cite")
    sources = {}
    for citation in domain.citations:
        document = citation.bibliography_key.docname
        shown = domain.resolve_xref(
            app.env, document, app.builder, "t", citation.key, nodes.inline(), nodes.inline()
        )
        year = shown.next_node(nodes.reference).astext()
        entry = found[document]["entries"][citation.citation_id]
        sources[citation.key] = {
            "document": document,
            "id": citation.citation_id,
            "authors": shown.astext().removesuffix(f"[{year}]").rstrip(),
            "year": year,
            "html": to_html(app, entry),
        }
    return sources


def panels(app: Sphinx) -> dict[str, str]:
    """Return what the first picture of each slider panel on a page shows."""
    shown = [name for page in app.env.metadata.values() for name in page.get("explorers", ())]
    return {name: EXPLORERS[name].summary for name in sorted(set(shown))}


def to_html(app: Sphinx, content: list[nodes.Node]) -> str:
    """Return nodes of a line of text as HTML."""
    if not content:
        return ""
    html = app.builder.render_partial(nodes.paragraph("", "", *content))["fragment"].strip()
    html = html.removeprefix("<p>").removesuffix("</p>")
    return re.sub(r' (?:class="(?:reference|xref|std|math)[^"]*"|title="[^"]*")', "", html)


def to_json(index: dict[str, Any]) -> str:
    """Return the index with a line for each entry, so that a change is a small one."""
    parts = []
    for name, part in index.items():
        if isinstance(part, dict):
            lines = (f"  {to_line(key)}: {to_line(entry)}" for key, entry in part.items())
            text = "{\n" + ",\n".join(lines) + "\n }"
        else:
            text = to_line(part)
        parts.append(f" {to_line(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def to_line(value: object) -> str:
    """Return a value as JSON in one line."""
    return json.dumps(value, ensure_ascii=False)


def renew(site: Path) -> bool:
    """Commit the index of a built site beside the chapters; tell whether it changed."""
    made = site / NAME
    if COMMITTED.exists() and COMMITTED.read_bytes() == made.read_bytes():
        return False
    draft = COMMITTED.with_suffix(".draft")
    shutil.copyfile(made, draft)
    draft.replace(COMMITTED)
    return True


if __name__ == "__main__":
    from build_site import build

    built = ROOT / "build" / "site"
    status = build(built)
    if status == 0:
        print(f"{COMMITTED.relative_to(ROOT)}: {'renewed' if renew(built) else 'unchanged'}")
    sys.exit(status)
