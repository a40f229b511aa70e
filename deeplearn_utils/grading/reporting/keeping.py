"""Files that people may have written into: what was there is kept beside what is new."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..results import make_own, write

__all__ = ["keep"]


def keep(path: Path, text: str) -> Path | None:
    """Write a file; what stood there under this name is kept under another, unless it is the same.

    Parameters
    ----------
    path : path
    text : str

    Returns
    -------
    path or None
        Where the earlier file is now; None if there was none, or nothing changed.
    """
    make_own(path.parent)
    copy = None
    if path.exists():
        if path.read_bytes() == text.encode():
            return None
        number = 1
        while (copy := path.with_name(f"{path.stem}.before-{number}{path.suffix}")).exists():
            number += 1
        shutil.copy2(path, copy)
    write(path, text)
    return copy
