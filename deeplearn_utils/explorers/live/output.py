"""What a panel leaves in a notebook: whatever of it can be made, and words for what can't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets.log import get_logger

Bundle = dict[str, Any]


def output(text: str, *parts: Callable[[], Bundle]) -> Bundle:
    """Return the parts of a notebook output, by MIME type; the errors of others end the text."""
    made: Bundle = {}
    for part in parts:
        try:
            made |= part()
        except Exception as error:
            get_logger().exception("A panel could not be shown.")
            text += f"\n{told(error)}"
    return made | {"text/plain": text}


def told(error: BaseException) -> str:
    """Return an error as one line: its kind and its text.

    >>> told(ValueError("`h` must be positive")), told(KeyboardInterrupt())
    ('ValueError: `h` must be positive', 'KeyboardInterrupt')
    """
    return " ".join(f"{type(error).__name__}: {error}".removesuffix(": ").split())
