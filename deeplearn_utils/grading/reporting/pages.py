"""Pages that are safe to open: everything that comes from a person is escaped, nothing is loaded.

A page has no script. Its content security policy allows the one style sheet in it, by its hash, and
pictures that stand in it; a browser refuses everything else, whatever got into the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..cells import points
from .outlines import faults

__all__ = ["page", "picture"]

TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals |= {
        "faults": faults,
        "picture": picture,
        "points": points,
        "policy": Markup(POLICY.format(digest=digest)),
        "style": Markup(style),
    }
    return environment


def page(template: str, **told: Any) -> str:
    """Return a page.

    Parameters
    ----------
    template : str
        The name of a file in ``templates``.
    **told
        What it says. Strings are escaped.
    """
    return _environment().get_template(template).render(**told)


def picture(draw: Callable[[bool], bytes], told: str) -> Markup:
    """Return a picture that stands in the page, for light and for dark surroundings.

    Parameters
    ----------
    draw : callable
        Returns an SVG, given whether it is for dark surroundings.
    told : str
        What it shows, for those who cannot see it.
    """
    light, dark = (
        f"data:image/svg+xml;base64,{base64.b64encode(draw(is_dark)).decode()}"
        for is_dark in (False, True)
    )
    return Markup(
        '<figure><picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        '<img src="{light}" alt="{told}"></picture><figcaption>{told}</figcaption></figure>'
    ).format(dark=dark, light=light, told=told)
