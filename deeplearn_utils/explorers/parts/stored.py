"""Files that are stored beside the modules of panels."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import TypeVar

__all__ = ["stored"]

T = TypeVar("T")


def stored(package: str, name: str, read: Callable[[str], T]) -> T:
    """Return what `read` makes of a file's text.

    Parameters
    ----------
    package : str
        The package in whose folder the file lies.
    name : str
    read : callable

    Raises
    ------
    ValueError
        When the file is missing or damaged, with its name.
    """
    file = files(package).joinpath(name)
    try:
        return read(file.read_text("utf-8"))
    except (AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        kind = "is missing" if isinstance(error, FileNotFoundError) else "is damaged"
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"{file} {kind} ({reason}); fetch the book anew") from error
