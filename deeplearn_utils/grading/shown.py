"""Text from anywhere, as people are shown it: what a terminal or a page would obey does nothing."""

from __future__ import annotations

import unicodedata

__all__ = ["plain", "visible"]

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of writing around."""


def plain(text: object, most: int = 300) -> str:
    r"""Return text that is safe to show: one line, no control characters, not too long.

    Examples
    --------
    >>> plain("a\x1b[31m\nb")
    'a [31m b'
    """
    kept = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in str(text)[:2000])
    kept = " ".join(kept.split())
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"


def visible(text: str) -> str:
    r"""Return text of any length whose control characters are written out, so that they do nothing.

    Ends of lines and tabs stay. Two texts that differ in control characters still differ.

    Examples
    --------
    >>> print(visible("one\r\n\x1b[31mtwo"))
    one
    \x1b[31mtwo
    """
    lines = text.replace("\r\n", "\n")
    return "".join(
        c.encode("unicode_escape").decode() if _is_control(c) and c not in "\n\t" else c
        for c in lines
    )


def _is_control(c: str) -> bool:
    return unicodedata.category(c) in ("Cc", "Cs") or c in TURNING
