"""What a panel leaves in a notebook: whatever of it can be made, and words for what can't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets.log import get_logger

Bundle = dict[str, Any]

LONGEST = 1000
"""The most letters of an error that are shown."""


def output(text: str, *parts: Callable[[], Bundle]) -> Bundle:
    """Return the parts of a notebook output, by MIME type; the errors of others end the text."""
    made: Bundle = {}
    for part in parts:
        try:
            made |= part()
        except KeyboardInterrupt:  # the reader stops this cell and those after it
            raise
        except BaseException as error:
            get_logger().exception("A panel could not be shown.")
            text += f"\n{told(error)}"
    return made | {"text/plain": text}


def told(error: BaseException) -> str:
    """Return an error as one line that a front end can show: its kind and its text.

    >>> told(ValueError("`h` must be positive")), told(KeyboardInterrupt())
    ('ValueError: `h` must be positive', 'KeyboardInterrupt')
    """
    try:
        text = str(error)
    except Exception:
        text = "its text can't be told"
    line = " ".join(f"{type(error).__name__}: {text}".removesuffix(": ").split())
    line = line if len(line) <= LONGEST else f"{line[:LONGEST]} ..."
    return line.encode(errors="replace").decode()  # half of a pair of UTF-16 can't be sent
