"""Sphinx extension: the slider panels of a page without a kernel.

In a stored notebook a panel is a line of text and its first picture. On the page that picture
becomes a place where the browser mounts the panel; readers without JavaScript keep the picture.
The arrays over all stops are computed when the site is built, and again only when code changed.
"""

from __future__ import annotations

import hashlib
import html
from pathlib import Path
from typing import Any

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from .. import EXPLORERS
from ..explorer import Explorer
from .packing import script

PACKAGE = Path(__file__).resolve().parents[2]
STATIC = PACKAGE / "explorers" / "static"
BY_REPR = {repr(panel()): panel() for panel in EXPLORERS.values()}
logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
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
    for bundle in list(doctree.findall(nodes.container)):
        panel = bundle.get("nb_element") == "mime_bundle" and BY_REPR.get(text_of(bundle))
        if panel:
            bundle.replace_self(place(panel, bundle))
            names.append(panel.name)
    if names:
        app.env.metadata[app.env.docname]["explorers"] = names


def text_of(bundle: nodes.container) -> str:
    """Return the plain text of a notebook output."""
    plain = [child for child in bundle.children if child.get("mime_type") == "text/plain"]
    return plain[0].astext().strip() if plain else ""


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
        text = cached_script(EXPLORERS[name](), Path(app.doctreedir).parent / "explorers")
        (folder / f"{name}.js").write_text(text, encoding="utf-8")


def cached_script(panel: Explorer, cache: Path) -> str:
    """Return the panel's data, computed only when the package or NumPy changed."""
    path = cache / f"{panel.name}-{fingerprint()}.js"
    if not path.exists():
        logger.info("computing the panel %s over all its stops", panel.name)
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{panel.name}-*.js"):
            old.unlink(missing_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(script(panel), encoding="utf-8")
        draft.replace(path)
    return path.read_text(encoding="utf-8")


def fingerprint() -> str:
    """Return a hash of the package's code and NumPy's version."""
    digest = hashlib.sha256(np.__version__.encode())
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
