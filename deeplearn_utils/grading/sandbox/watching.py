"""What the processes of a sandbox use together, read from outside."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Usage", "processes", "usage"]

PAGE, TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """Memory in bytes, processor time in seconds, and threads, of a process and all below it."""

    memory: int = 0
    cpu_s: float = 0.0
    threads: int = 0
    sockets: int = 0
    """All of a sandbox: what waits in a socket to be read is memory that belongs to no process."""


def processes(pid: int) -> list[int]:
    """Return a process and all that descend from it.

    An orphan becomes a child of its sandbox's first process, so none gets away.

    Examples
    --------
    >>> os.getpid() in processes(os.getpid())
    True
    """
    found, waiting = [], [pid]
    while waiting:
        number = waiting.pop()
        found.append(number)
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{number}/task"):
                with contextlib.suppress(OSError):
                    waiting += map(int, _read(number, f"task/{task}/children").split())
    return found


def sockets(pid: int) -> int:
    """Count the sockets in a process's network name space."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(_read(pid, "net/sockstat").split(maxsplit=3)[2])
    return 0


def usage(roots: Sequence[int], limit: int) -> Usage:
    """Add up what processes and all below them use.

    Pages that several processes share are counted once only if the sum without that is above
    ``limit``: it is slow.
    """
    pids = {number for root in roots for number in processes(root)}
    memory, ticks, threads = 0, 0, 0
    for number in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            memory += int(_read(number, "statm").split()[1]) * PAGE
            fields = _read(number, "stat").rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # own, and of those that have ended
            threads += int(fields[17])
    if memory > limit:
        memory = sum(map(_shared_out, pids))
    return Usage(memory, ticks / TICKS, threads)


def _shared_out(pid: int) -> int:
    """Return a process's memory, with shared pages divided among those that share them."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in _read(pid, "smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return 0


def _read(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
