"""What the processes of a sandbox use together, read from outside."""

from __future__ import annotations

import contextlib
import os
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


def usage(pid: int, limit: int) -> Usage:
    """Add up what a process and all below it use.

    Pages that several processes share are counted once only if the sum without that is above
    ``limit``: it is slow.
    """
    pids = processes(pid)
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
