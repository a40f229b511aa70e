"""Folders that others may change while they are read: no step leads out of them.

Whoever owns a folder can put a link in its place after it was looked at, so each step is made from
the one before it.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["MOST_DEPTH", "entered", "walked"]

MOST_DEPTH = 50  # of folders in folders in which anything is looked for
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY
LINKS = (errno.ELOOP, errno.ENOTDIR)


@contextlib.contextmanager
def entered(folder: Path, steps: Sequence[str]) -> Iterator[int]:
    """Open the folder to which steps lead from another one, none of which may be a link."""
    here = os.open(folder, DIRECTORY)
    try:
        for step in steps:
            above, here = here, os.open(step, DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(above)
        yield here
    finally:
        os.close(here)


def walked(
    folder: Path, closed: list[tuple[str, str]], start: str = ""
) -> Iterator[tuple[str, list[str], list[str], int]]:
    """Yield a folder and all folders below it, each before those in it; a link is no folder.

    Parameters
    ----------
    folder : path
    closed : list of tuple
        Gets the places that cannot be opened, and why.
    start : str
        The place below ``folder`` to begin with.

    Yields
    ------
    inside : str
        The place below ``folder``.
    folders, names : list of str
        What is in it. Those that are taken out of ``folders`` are not walked through.
    here : int
        The file descriptor of this folder, until the next one is asked for.
    """
    waiting = [start]
    while waiting:
        inside = waiting.pop()
        try:
            with entered(folder, inside.split(os.sep) if inside else ()) as here:
                folders: list[str] = []
                names: list[str] = []
                with os.scandir(here) as entries:
                    for entry in entries:
                        is_folder = entry.is_dir(follow_symlinks=False)
                        (folders if is_folder else names).append(entry.name)
                yield inside, folders, names, here
        except OSError as error:
            if error.errno not in LINKS:
                closed.append((inside, error.strerror))
            continue
        waiting += [os.path.join(inside, name) for name in reversed(folders)]
