"""Files that are stored beside the modules of panels: JSON that ends with its own SHA-256."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from importlib.resources import files
from typing import TypeVar

__all__ = ["sealed", "stored"]

T = TypeVar("T")


SEAL = re.compile(r',"sha256":"([0-9a-f]{64})"\}\n\Z')


def sealed(text: str) -> str:
    r"""Return the text of a JSON object with its SHA-256 as the last entry.

    >>> sealed('{"a":1}\n')[:25]
    '{"a":1,"sha256":"e3464320'
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    return text.removesuffix("}\n") + f',"sha256":"{digest}"}}\n'


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
        When the file is missing, or not what was written, with its name.
    """
    file = files(package).joinpath(name)
    try:
        text = file.read_text("utf-8")
        if sealed(SEAL.sub("}\n", text)) != text:
            raise ValueError("its text does not fit its SHA-256")
        return read(text)
    except (AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        kind = "is missing" if isinstance(error, FileNotFoundError) else "is damaged"
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"{file} {kind} ({reason}); fetch the book anew") from error
