"""Sphinx extension: the slider panels of a page without a kernel.

In a stored notebook a panel is an entry with its name, a line of text and its first picture. On
the page that picture becomes a place where the browser mounts the panel; readers without JavaScript
keep the picture. The arrays over all stops are computed when the site is built. They are kept for
the next build if a handler of the event ``explorer-key`` says what they are made from.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.util import logging

from .. import EXPLORERS
from ..explorer import MIME, Explorer
from .packing import script

STATIC = Path(__file__).resolve().parents[1] / "static"
logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.add_event("explorer-key")
    app.connect("config-inited", add_static_files)
    app.connect("doctree-read", replace_placeholders)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_data)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_static_files(app: Sphinx, config: Any) -> None:
    """Let Sphinx copy the panels' script and style sheet."""
    config.html_static_path.append(str(STATIC))


def replace_placeholders(app: Sphinx, doctree: nodes.document) -> None:
    """Put each panel's place on the page around its first picture."""
    names = []
    for entry in list(doctree.findall(nodes.comment)):
        name = entry.get("explorer")
        if name in EXPLORERS:
            bundle = entry.parent.parent
            bundle.replace_self(place(EXPLORERS[name](), bundle))
            names.append(name)
        elif name is not None:
            logger.warning("the book has no panel %r; run the notebook again", name, location=entry)
    if names:
        app.env.metadata[app.env.docname]["explorers"] = names


class PanelEntry:
    """What myst-nb makes of the entry that names a panel: a node that carries the name."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, data: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        """Return the node, or None for all other parts of an output."""
        return [nodes.comment(explorer=data.content["name"])] if data.mime_type == MIME else None


def place(panel: Explorer, bundle: nodes.container) -> list[nodes.Node]:
    """Return the nodes of a panel: its place, and in it the picture for whoever has no script."""
    picture = nodes.container(classes=["dl-picture"])
    for image in bundle.findall(nodes.image):
        image["alt"] = panel.summary
        picture += image.deepcopy()
    start = f'<div class="dl-explorer" data-explorer="{html.escape(panel.name)}">'
    return [nodes.raw("", start, format="html"), picture, nodes.raw("", "</div>", format="html")]


def add_scripts(app: Sphinx, page: str, template: str, context: dict, doctree: Any) -> None:
    """Load the script and the style only on pages that have a panel."""
    if app.env.metadata.get(page, {}).get("explorers"):
        app.add_js_file("explorers.js", loading_method="defer")
        app.add_css_file("explorers.css")


def write_data(app: Sphinx, error: Exception | None) -> None:
    """Write the arrays of every panel that some page shows."""
    if error or app.builder.format != "html":
        return
    names = {name for page in app.env.metadata.values() for name in page.get("explorers", ())}
    folder = Path(app.outdir) / "_static" / "explorers"
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(names):
        key = app.emit_firstresult("explorer-key", name)
        text = cached_script(EXPLORERS[name](), key, Path(app.doctreedir).parent / "explorers")
        (folder / f"{name}.js").write_text(text, encoding="utf-8")


def cached_script(panel: Explorer, key: str | None, cache: Path) -> str:
    """Return the panel's data, computed unless they are kept under this key."""
    path = cache / f"{panel.name}-{key}.js"
    if key is None or not path.exists():
        logger.info("computing the panel %s over all its stops", panel.name)
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{panel.name}-*.js"):
            old.unlink(missing_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(script(panel), encoding="utf-8")
        draft.replace(path)
    return path.read_text(encoding="utf-8")
