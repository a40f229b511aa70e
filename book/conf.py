"""Sphinx configuration of the book: `sphinx-build -b html -c book . build/site -n -W`.

The source folder is the repository root. Nothing that the built site uses lies elsewhere.

Launch buttons (JupyterHub, Binder, Colab) need the address of a repository that the reader
can reach. They are absent until these environment variables say where it is:

BOOK_REPOSITORY  address of the repository, as in ``https://github.com/OWNER/NAME``
BOOK_BRANCH      its branch (default: main)
BOOK_JUPYTERHUB  address of a JupyterHub; without it there is no JupyterHub button
BOOK_BINDER      address of a BinderHub (default: the public one); empty: no button
BOOK_COLAB       address of Colab (default: the public one); empty: no button
"""

import functools
import os
import pkgutil
import sys
from itertools import count
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.domains.std import StandardDomain

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from panel_keys import panel_key
from roles import find_notebooks

project = "Deep Learning, by Hand and by Slider"
author = "The book's authors"
copyright = "the book's authors"
language = "en"

extensions = [
    "myst_nb",
    "sphinx_external_toc",
    "sphinx_book_theme",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_exercise",
    "sphinx_togglebutton",
    "sphinxcontrib.bibtex",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "numpydoc",
    "deeplearn_utils.explorers.page.extension",
    "book_index",
]

# Pages: what _toc.yml lists. Of a pair, the notebook is shown: it has the outputs. What the
# table of roles does not show (solutions, students' notebooks) is no page. Sphinx would look
# through all environments, too.
include_patterns = ["book/**", "chapters/**"]
exclude_patterns = [".*", "build"] + [
    str(file.relative_to(ROOT))
    for pair in find_notebooks()
    for file in ((pair.text,) if pair.role.shown else (pair.text, pair.notebook))
]
external_toc_path = str(ROOT / "_toc.yml")
external_toc_exclude_missing = True

# Notebooks: committed outputs, no require.js; an explorer's HTML goes before its picture.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_merge_streams = True
nb_mime_priority_overrides = [("html", "text/html", 5), ("html", "image/png", 6)]
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# Numbers and references.
numfig = True
math_numfig = True
math_eqref_format = "({number})"
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"

# Formulas: MathJax is committed, with its fonts; the menu would fetch more of it.
mathjax_path = "mathjax/tex-chtml-full.js"
mathjax3_config = {"options": {"enableMenu": False}}

# Reference pages: types of other libraries have no page here to link to.
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
add_module_names = False
default_role = "py:obj"  # docstrings put names in single backticks
numpydoc_show_class_members = False
nitpick_ignore_regex = [(r"py:(class|obj|data)", r"(?!deeplearn_utils\.).*")]

# The page.
html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static"]
litert = ROOT / "build" / "litert"  # tools/javascript.py fetched it, where npm is there
if litert.is_dir():
    html_static_path.append(str(litert))
templates_path = ["_templates"]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_logo = "_static/logo.svg"
html_favicon = "_static/logo.svg"
html_sourcelink_suffix = ""
copybutton_exclude = ".linenos, .gp, .go"
togglebutton_hint = "Show"
togglebutton_hint_hide = "Hide"
togglebutton_open_on_print = False  # the reader chooses: book.js

repository = os.environ.get("BOOK_REPOSITORY", "")
html_context = {"default_mode": "auto"}
html_theme_options = {
    "home_page_in_toc": True,
    "navbar_persistent": [],
    "pygments_dark_style": "a11y-high-contrast-dark",
    "pygments_light_style": "a11y-high-contrast-light",
    "search_bar_text": "Search this book",
    "show_toc_level": 2,
    "use_download_button": True,
}
if repository:
    html_theme_options |= {
        "repository_url": repository,
        "repository_branch": os.environ.get("BOOK_BRANCH", "main"),
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": {
            "notebook_interface": "jupyterlab",
            "jupyterhub_url": os.environ.get("BOOK_JUPYTERHUB", ""),
            "binderhub_url": os.environ.get("BOOK_BINDER", "https://mybinder.org"),
            "colab_url": os.environ.get("BOOK_COLAB", "https://colab.research.google.com"),
        },
    }


def adapt_docstring(app, what, name, obj, options, lines):
    """Name a table's entries; keep reST from reading the |z| of a formula as a substitution."""
    if what == "data" and isinstance(obj, dict):
        lines += ["", "Entries: " + ", ".join(f"``{key}``" for key in obj)]
    lines[:] = [line if ">>>" in line else line.replace("|", r"\|") for line in lines]


def skip_alias(app, what, name, obj, skip, options):
    """A field of a NamedTuple says "Alias for field number 0": its signature says more."""
    return True if str(getattr(obj, "__doc__", "")).startswith("Alias for field") else None


def hide_table(app, doctree):
    """The value of a table prints as a screenful of classes; its entries are named below it."""
    for value in list(doctree.findall(addnodes.desc_annotation)):
        if value.astext().startswith(" = {"):
            value.parent.remove(value)


def number_repeated_ids(app, doctree):
    """All exercises of a page give their content the same id; nothing leads there."""
    repeated = {"exercise-content": count(1), "solution-content": count(1)}
    for section in doctree.findall(nodes.section):
        ids = section["ids"]
        section["ids"] = [f"{i}-{next(repeated[i])}" if i in repeated else i for i in ids]


def find_public_name(app, env, node, contnode):
    """Link a type hint that names a module inside a package to the package's own path.

    A type that is not public has no page: its name stands there as plain text.
    """
    target = node["reftarget"]
    if node.get("refdomain") != "py" or not target.startswith("deeplearn_utils."):
        return None
    *modules, name = target.split(".")
    python = env.domains["py"]
    for end in range(len(modules) - 1, 0, -1):
        public = ".".join([*modules[:end], name])
        if public in python.objects:
            place = (env, node["refdoc"], app.builder, node["reftype"], public)
            return python.resolve_xref(*place, node, contnode)
    try:
        pkgutil.resolve_name(target)
    except (AttributeError, ImportError):
        return None
    return contnode


def renew_role(app, pagename, templatename, context, doctree):
    """Docutils marks bibliography entries with a role that screen readers no longer know."""
    if "body" in context:
        context["body"] = context["body"].replace("doc-biblioentry", "listitem")


def explorer_key(app, name):
    """The page's data of a panel are computed again when what it imports has changed."""
    return panel_key(name)


class PagesReadOnce(StandardDomain):
    """Sphinx's own domain, which would read a whole page anew for each number that leads there."""

    @functools.cached_property
    def page(self):
        return functools.cache(self.env.get_doctree)

    def resolve_xref(self, env, *place):
        env.get_doctree = self.page
        try:
            return super().resolve_xref(env, *place)
        finally:
            del env.get_doctree  # the class's own comes back


def setup(app):
    app.add_domain(PagesReadOnce, override=True)
    app.connect("autodoc-process-docstring", adapt_docstring, priority=900)
    app.connect("autodoc-skip-member", skip_alias)
    app.connect("doctree-read", hide_table)
    app.connect("doctree-read", number_repeated_ids)
    app.connect("html-page-context", renew_role)
    app.connect("missing-reference", find_public_name)
    app.connect("explorer-key", explorer_key)
