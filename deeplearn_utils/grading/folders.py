"""Folders for kernels without a sandbox, which are removed even if the run that made them is not.

In a sandbox, nothing of a run is on the disk but its results. Without one, a kernel works in a
folder. While its run lives, it holds a lock on the folder, and the system takes the lock back when
the run ends, however it ends: whoever makes the next folder removes those that nobody holds.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

__all__ = ["Folder"]

PREFIX = "deeplearn-kernel-"
OURS = f"{PREFIX}{'?' * 8}"  # as mkdtemp calls them


class Folder:
    """A new empty folder, held until it is removed or the process ends.

    Examples
    --------
    >>> folder = Folder()
    >>> list(folder.path.iterdir())
    []
    >>> folder.remove()
    """

    def __init__(self) -> None:
        sweep()
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
            with contextlib.suppress(FileNotFoundError):  # swept before it was held
                self.lock = held(self.path)
                if self.lock is not None and self.path.exists():
                    return

    def remove(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)


def held(path: Path) -> int | None:
    """Return a file descriptor that holds a folder of ours; None if another process does."""
    lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
    except BlockingIOError:
        pass
    os.close(lock)
    return None


def sweep() -> None:
    """Remove the folders of runs that were killed."""
    for path in Path(tempfile.gettempdir()).glob(OURS):
        with contextlib.suppress(OSError):  # another user's, or no folder
            lock = held(path)
            if lock is not None:
                shutil.rmtree(path, ignore_errors=True)
                os.close(lock)
