"""What the processes of a sandbox use together, read from outside."""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

__all__ = ["Usage", "held", "processes", "sockets", "terminals", "usage", "waits"]

TICKS = os.sysconf("SC_CLK_TCK")
FILE = 1024  # bytes of the kernel's own for a file, measured: 0.8 to 0.9 kB
FILE_OPEN = 8 << 10  # a pipe of a user who has many holds two pages
TCP = 40 << 20  # bytes that wait in both directions of a connection's end, at most
PTS = "/dev/pts"
TERMINAL = 10 << 20  # for one of the 3,072 that all of a machine's sandboxes share
HIDDEN = 1 << 50  # for what may not be looked at
WAITED_FOR = 10_000  # for a file that is waited for (epoll): 300, and a user's programs share them
SENT_S, SENT = 0.01, 4  # seconds between looks at files that were sent, and how many there are
MOST_WAIT_S = 2.0  # for what has locks
MOST_LOOKS_S = 0.5  # for looks in each of which an orphan comes
ASKED = threading.local()
MOST_LOOK_S = 0.2  # of the grader's processor time, for each thing that takes long to count
FEW = 10  # processes; a sandbox with a kernel has four
AREA, LINK = 300, 64  # bytes of the kernel's own for an area of memory, and for each parent of it


@dataclass(frozen=True)
class Usage:
    """Memory in bytes, processor time in seconds, and threads, of a process and all below it."""

    memory: int = 0
    cpu_s: float = 0.0
    threads: int = 0
    sockets: int = 0
    """All of a sandbox: what waits in a socket to be read is memory that belongs to no process."""
    whole: bool = True
    """Whether no process hid while it was looked at, nor did an orphan come."""
    orphans: bool = False
    """Whether orphans came as long as it was looked at."""


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
        waiting += _children(number)
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in reversed(os.listdir(f"/proc/{pid}/task")):  # the first one inherits
            with contextlib.suppress(OSError):
                found += map(int, _read(pid, f"task/{task}/children").split())
    return found


def sockets(pid: int) -> tuple[int, int]:
    """Count the sockets in a process's network name space, and the bytes that TCP may hold."""
    counts = dict.fromkeys(("sockets:", "TCP:", "TCP6:"), 0)
    for name in ("net/sockstat", "net/sockstat6"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            counts |= {
                line.split()[0]: int(line.split()[2]) for line in _read(pid, name).splitlines()
            }
    return counts["sockets:"], TCP * (counts["TCP:"] + counts["TCP6:"])


def held(pid: int, places: Sequence[str]) -> int:
    """Return the bytes that files hold in a sandbox's file systems in memory.

    A file without content holds some too, which no size limits. The first process, through which
    they are reached, can hide: an ordinary user's can be written to by all others.
    """
    total = 0
    for place in places:
        try:
            told = os.statvfs(f"/proc/{pid}/root{place}")
        except PermissionError:
            return HIDDEN
        except OSError:  # it has ended
            continue
        total += (told.f_blocks - told.f_bfree) * told.f_frsize
        total += (told.f_files - told.f_ffree) * FILE
    return total


def terminals(pid: int) -> int:
    """Return what a sandbox's terminals count for."""
    with contextlib.suppress(OSError):
        names = os.listdir(f"/proc/{pid}/root{PTS}")
        return TERMINAL * (len(names) - 1)  # one of them makes the others
    return 0


def usage(roots: Sequence[int], limit: int, first: int = 0) -> Usage:
    """Add up what processes and all below them use.

    Memory is what is resident, what was swapped out, the tables of pages, what the kernel holds for
    files, and where there are many processes what else it holds for them. Pages that several
    processes share are counted once only if the sum without that is above ``limit``: it is slow,
    and processes for which it takes too long are counted in full.

    A process can hand its memory on to a new one and end, faster than a look. That one is then an
    orphan, a child of the sandbox's ``first`` process: so it is looked again until no such one came
    meanwhile. Where that takes too long, or what was seen is too much already, the look is not
    ``whole``, and nor is it where somebody holds it up.
    """
    start, end, most = time.thread_time(), time.monotonic() + MOST_LOOKS_S, 0
    while True:
        pids = _below(roots)
        used = _used(pids, limit)
        most = max(most, used.memory)
        orphans = not pids.issuperset(_children(first))
        late = time.thread_time() - start > MOST_LOOK_S or time.monotonic() > end
        if not orphans or not used.whole or late or most > limit:
            whole = used.whole and not orphans
            return replace(used, memory=most, whole=whole, orphans=orphans)


def waits(roots: Sequence[int]) -> dict[str, float]:
    """Return how many seconds each thread of processes and of all below them has waited to run."""
    told = {}
    for number in _below(roots):
        told |= _waits(number)
    return told


def _waits(pid: int) -> dict[str, float]:
    told = {}
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError, ValueError, IndexError):  # no such file, or ended
                told[task] = int(_read(pid, f"task/{task}/schedstat").split()[1]) / 1e9
    return told


def _below(roots: Sequence[int]) -> set[int]:
    return {number for root in roots for number in processes(root)}


def _used(pids: Collection[int], limit: int) -> Usage:
    resident: dict[str, int] = {}
    beside, ticks, threads, whole = 0, 0, 0, True
    for number in pids:
        with contextlib.suppress(OSError, ValueError, IndexError, KeyError):
            fields = _read(number, "stat").rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # own, and of those that have ended
            threads += int(fields[17])
            whole = whole and (fields[0] != "Z" or fields[17] == "1")
            thread, told = _living(number)
            resident[thread] = _kilobytes(told["VmRSS"])
            beside += _kilobytes(told["VmSwap"]) + _kilobytes(told["VmPTE"])
    memory = _in_time(lambda: beside + _in_full(resident, limit - beside))
    whole = whole and memory is not None
    return Usage(memory or 0, ticks / TICKS, threads, whole=whole)


def _in_time(asked: Callable[[], int]) -> int | None:
    """Return what somebody tells who may have to wait; None as long as they do.

    Files and areas of memory have locks, and a hundred threads can hold one for many seconds. On a
    busy machine it is us who wait, for a processor: that does not count.
    """
    if getattr(ASKED, "thread", None) is not None and ASKED.thread.is_alive():
        return None
    told: list[int] = []
    ASKED.thread = threading.Thread(target=lambda: told.append(asked()), daemon=True)
    own = os.getpid()
    end = time.monotonic() + MOST_WAIT_S - sum(_waits(own).values())
    ASKED.thread.start()
    ASKED.thread.join(MOST_WAIT_S)
    while ASKED.thread.is_alive() and time.monotonic() < end + sum(_waits(own).values()):
        ASKED.thread.join(MOST_LOOK_S)
    return told[0] if told else None


def _in_full(resident: dict[str, int], limit: int) -> int:
    """Return the memory that is resident, and what is held beside it."""
    beside = _files(resident, limit)
    if len(resident) > FEW:
        beside += _areas(resident)
    if sum(resident.values()) + beside > limit:
        start = time.thread_time()
        for thread, whole in sorted(resident.items(), key=lambda item: -item[1]):
            if time.thread_time() - start > MOST_LOOK_S:
                break
            resident[thread] = min(whole, _shared_out(thread))
    return sum(resident.values()) + beside


def _living(pid: int) -> tuple[str, dict[str, str]]:
    """Return where a process is told of, and its status there.

    Of a thread that has ended no memory is told, and the first one may end before the others.
    """
    told = _status(str(pid))
    if "VmRSS" in told:
        return str(pid), told
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError):
            told = _status(thread := f"{pid}/task/{task}")
            if "VmRSS" in told:
                return thread, told
    raise ProcessLookupError


def _status(thread: str) -> dict[str, str]:
    return dict(line.partition(":")[::2] for line in _read(thread, "status").splitlines())


def _files(threads: Collection[str], most: int) -> int:
    """Return what open files count for.

    Of those that were sent and not received nobody sees what they hold: in sockets that were sent
    in sockets was all that a user may have of files waited for. Who waits for one takes it at once.
    """
    for _ in range(SENT):
        total, sent = _open_files(threads, most)
        if not sent:
            return total
        time.sleep(SENT_S)
    return HIDDEN


def _open_files(threads: Collection[str], most: int) -> tuple[int, bool]:
    """Return what open files count for, above all those waited for, and if any is being sent.

    What is above ``most`` is not counted to its end: that could take seconds.
    """
    start, total, seen, sent = time.thread_time(), 0, 0, False
    for thread in threads:
        if time.thread_time() - start > MOST_LOOK_S:
            break
        seen += 1
        with contextlib.suppress(OSError):
            for file in os.listdir(f"/proc/{thread}/fdinfo"):
                told = ""
                with contextlib.suppress(OSError):  # closed
                    told = _read(thread, f"fdinfo/{file}")
                total += FILE_OPEN + WAITED_FOR * told.count("tfd:")
                sent = sent or ("scm_fds:" in told and "scm_fds: 0\n" not in told)
                if total > most:
                    return total, sent
    return total * len(threads) // max(1, seen), sent


def _areas(threads: Collection[str]) -> int:
    """Return what the kernel holds for areas of memory, if each process is the next one's parent.

    That is the most: an area that was inherited is linked to those of all ancestors.
    """
    start, counts = time.monotonic(), []
    for thread in threads:
        if time.monotonic() - start < MOST_LOOK_S:
            with contextlib.suppress(OSError):
                counts.append(_read(thread, "maps").count("\n"))
    each = AREA + LINK * len(threads) // 2
    return sum(counts) * len(threads) // max(1, len(counts)) * each


def _kilobytes(told: str) -> int:
    return int(told.split()[0]) << 10


def _shared_out(thread: str) -> float:
    """Return a process's memory, with shared pages divided among those that share them.

    Of one that has ended it is none, and of one whose pages may not be looked at it has no limit.
    """
    try:
        for line in _read(thread, "smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                return _kilobytes(line.removeprefix("Pss:"))
    except PermissionError:  # root itself may not, where it lacks a power (CAP_SYS_PTRACE)
        return math.inf
    except (OSError, ValueError, IndexError):
        pass
    return 0


def _read(thread: int | str, name: str) -> str:
    with open(f"/proc/{thread}/{name}", "rb", buffering=0) as file:
        return file.readall().decode(errors="replace")
