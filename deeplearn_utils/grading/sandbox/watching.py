"""What the processes of a sandbox use together, read from outside."""

from __future__ import annotations

import contextlib
import math
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    *("HIDDEN", "PTS", "Usage", "below", "held", "mounted", "moving", "sockets", "still"),
    *("terminals", "usage", "waits"),
]

TICKS = os.sysconf("SC_CLK_TCK")
FILE = 1024  # bytes of the kernel's own for a file, measured: 0.8 to 0.9 kB
FILE_OPEN = 8 << 10  # a pipe of a user who has many holds two pages
FILE_READ = 4 << 20  # of /proc: while it is open, all that it tells stays, as of what it waits for
TCP = 40 << 20  # bytes that wait in both directions of a connection's end, at most
PTS = "/dev/pts"
TERMINAL = 10 << 20  # for an end of one of the 3,072 that all of a machine's sandboxes share
MASTER = "ino:\t2"  # of all first ends, which the names tell of
HIDDEN = 1 << 50  # for what may not be looked at
WAITED_FOR = 30_000  # for a file that is waited for (epoll): 300, and a user's programs share them
MOST_WAIT_S = 2.0  # for what has locks
MOST_STILL_S = 0.1  # for processes that were stopped, and do what the machine still does for them
ASKED = threading.local()
MOST_LOOK_S = 0.2  # of the grader's processor time, for each thing that takes long to count
FEW = 10  # processes; a sandbox with a kernel has four
ACTIVE, STOPPED = {"R", "S"}, {"T", "t"}  # states of threads
BUSY = {*ACTIVE, "D", "E"}  # a fork waits, too, for a lock
PF_EXITING = 4
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
    """Whether nobody held the look up."""
    sent: bool = False
    """Whether there were files sent and not received."""
    pids: frozenset[int] = frozenset()
    """The processes that were seen."""
    own_s: Mapping[int, float] = field(default_factory=dict)
    """The processor time of each, without that of children that it has waited for."""
    shares: Mapping[int, float] = field(default_factory=dict)
    """What part of its life each has run: the most, where that was as short as a tick."""


def below(roots: Sequence[int]) -> frozenset[int]:
    """Return processes and all that descend from them.

    An orphan becomes a child of its sandbox's first process, so none gets away.

    Examples
    --------
    >>> os.getpid() in below([os.getpid()])
    True
    """
    found, waiting = set(), list(roots)
    while waiting:
        number = waiting.pop()
        found.add(number)
        waiting += _children(number)
    return frozenset(found)


def still(roots: Sequence[int]) -> dict[str, int]:
    """Wait until processes and all below them, which were stopped, do nothing any more.

    One that waits for a processor to stop on changes nothing meanwhile; so this has an end. Returns
    how often each thread has run that does nothing.
    """
    end = time.monotonic() + MOST_STILL_S
    while time.monotonic() < end and any(_states(pid) & BUSY for pid in below(roots)):
        time.sleep(0.001)
    return _turns(roots)


def moving(roots: Sequence[int], before: dict[str, int]) -> bool:
    """Tell whether any of such processes goes on: somebody had it do so, or it has a timer.

    Those that are about to stop, or to end, do not; one does that has run since ``before``.
    """
    now = _turns(roots)
    gone_on = any(now.get(thread) != turns for thread, turns in before.items())
    return gone_on or any(_states(pid) & ACTIVE and not _stops(pid) for pid in below(roots))


def _turns(roots: Sequence[int]) -> dict[str, int]:
    told = {}
    for pid in below(roots):
        if _states(pid) <= STOPPED:
            told |= _scheduled(pid, 2)
    return told


def _states(pid: int) -> set[str]:
    """Return the states of a process's threads, by their letters; "E" of those that end."""
    found = set()
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError, IndexError, ValueError):
                fields = _read(pid, f"task/{task}/stat").rpartition(")")[2].split()
                ends = fields[0] in ACTIVE and int(fields[6]) & PF_EXITING
                found.add("E" if ends else fields[0])
    return found


def _stops(pid: int) -> bool:
    """Tell whether a process is stopped, or is about to be, or has ended."""
    with contextlib.suppress(OSError, KeyError, ValueError):
        waiting = int(_status(str(pid))["ShdPnd"], 16) >> (signal.SIGSTOP - 1) & 1
        return bool(waiting or _states(pid) & STOPPED)
    return True


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


def mounted(pid: int, place: str) -> str:
    """Return the number of what a process has mounted at a place, as its open files tell it."""
    lines = map(str.split, _read(pid, "mountinfo").splitlines())
    return next((line[0] for line in lines if line[4] == place), "")


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


def usage(
    roots: Sequence[int],
    limit: int,
    beside: Callable[[], int] = lambda: 0,
    mounts: tuple[str, str] = ("", ""),
) -> Usage:
    """Add up what processes and all below them use, and memory ``beside`` it that is none's.

    Memory is what is resident, what was swapped out, the tables of pages, what the kernel holds for
    files, and where there are many processes what else it holds for them. Pages that several
    processes share are counted once only if the sum without that is above ``limit``: it is slow,
    and processes for which it takes too long are counted in full. ``mounts`` are the numbers of
    their /proc and their terminals.

    A process can hand on what it has and end, or hold the look up, which then isn't ``whole``. What
    is seen of processes that are still is all that there is.
    """
    pids = below(roots)
    resident: dict[str, int] = {}
    more, waited_for, threads = 0, 0, 0
    own: dict[int, float] = {}
    shares: dict[int, float] = {}
    for number in pids:
        with contextlib.suppress(OSError, ValueError, IndexError, KeyError):
            fields = list(map(int, _read(number, "stat").rpartition(")")[2].split()[1:]))
            exact = sum(_scheduled(number, 0).values()) / 1e9  # without threads that have ended
            own[number] = max(sum(fields[10:12]) / TICKS, exact)
            waited_for, threads = waited_for + sum(fields[12:14]), threads + fields[16]
            lived = time.clock_gettime(time.CLOCK_BOOTTIME) - (fields[18] + 1) / TICKS
            shares[number] = own[number] / max(lived, own[number], 1e-6)
            thread, told = _living(number)
            resident[thread] = _kilobytes(told["VmRSS"])
            more += _kilobytes(told["VmSwap"]) + _kilobytes(told["VmPTE"])

    def memory() -> tuple[int, bool]:
        base = more + beside()
        files, sent = _open_files(resident, limit - base, *mounts)
        return base + files + _in_full(resident, limit - base - files), sent

    seen = _in_time(memory)
    total, sent = seen or (0, False)
    cpu_s = sum(own.values()) + waited_for / TICKS
    return Usage(total, cpu_s, threads, 0, seen is not None, sent, pids, own, shares)


def waits(roots: Sequence[int]) -> dict[str, float]:
    """Return how many seconds each thread of processes and of all below them has waited to run."""
    told = {}
    for number in below(roots):
        told |= _waits(number)
    return told


def _waits(pid: int) -> dict[str, float]:
    return {task: waited / 1e9 for task, waited in _scheduled(pid, 1).items()}


def _scheduled(pid: int, field: int) -> dict[str, int]:
    """Return what is told of each thread: its nanoseconds, those it waited, how often it ran."""
    told = {}
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError, ValueError, IndexError):  # no such file, or ended
                told[task] = int(_read(pid, f"task/{task}/schedstat").split()[field])
    return told


def _in_time(asked: Callable[[], Any]) -> Any | None:
    """Return what somebody tells who may have to wait; None as long as they do.

    Files and areas of memory have locks, and a hundred threads can hold one for many seconds. On a
    busy machine it is us who wait, for a processor: that does not count.
    """
    if getattr(ASKED, "thread", None) is not None:
        ASKED.thread.join(MOST_LOOK_S)
        if ASKED.thread.is_alive():
            return None
    told: list[Any] = []
    ASKED.thread = threading.Thread(target=lambda: told.append(asked()), daemon=True)
    start = time.monotonic()
    ASKED.thread.start()
    own, name = os.getpid(), str(ASKED.thread.native_id)
    ASKED.thread.join(MOST_WAIT_S)
    while ASKED.thread.is_alive():
        if time.monotonic() > start + MOST_WAIT_S + _waits(own).get(name, 0.0):
            break
        ASKED.thread.join(MOST_LOOK_S)
    return told[0] if told else None


def _in_full(resident: dict[str, int], limit: int) -> int:
    """Return the memory that is resident, and what is held for its areas."""
    beside = _areas(resident) if len(resident) > FEW else 0
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


def _open_files(threads: Collection[str], most: int, proc: str, pts: str) -> tuple[int, bool]:
    """Return what open files count for, above all those waited for, and if any is being sent.

    What is above ``most`` is not counted to its end: that could take seconds. A terminal whose
    other end was closed has no name any more, and is one of all of a machine's still.
    """
    start, total, seen, sent = time.thread_time(), 0, 0, False
    ends = {MASTER}
    for thread in _in_any_order(threads):
        if time.thread_time() - start > MOST_LOOK_S:
            break
        seen += 1
        with contextlib.suppress(OSError):
            for file in os.listdir(f"/proc/{thread}/fdinfo"):
                told = ""
                with contextlib.suppress(OSError):  # closed
                    told = _read(thread, f"fdinfo/{file}")
                total += FILE_READ if proc and f"\nmnt_id:\t{proc}\n" in told else FILE_OPEN
                total += WAITED_FOR * told.count("tfd:")
                if pts and f"\nmnt_id:\t{pts}\n" in told and not ends & {*told.splitlines()}:
                    ends |= {line for line in told.splitlines() if line.startswith("ino:")}
                    total += TERMINAL
                sent = sent or ("scm_fds:" in told and "scm_fds: 0\n" not in told)
                if total > most:
                    return total, sent
    return total * len(threads) // max(1, seen), sent


def _areas(threads: Collection[str]) -> int:
    """Return what the kernel holds for areas of memory, if each process is the next one's parent.

    That is the most: an area that was inherited is linked to those of all ancestors.
    """
    start, counts = time.monotonic(), []
    for thread in _in_any_order(threads):
        if time.monotonic() - start < MOST_LOOK_S:
            with contextlib.suppress(OSError):
                counts.append(_read(thread, "maps").count("\n"))
    each = AREA + LINK * len(threads) // 2
    return sum(counts) * len(threads) // max(1, len(counts)) * each


def _in_any_order(threads: Collection[str]) -> list[str]:
    """Return threads so that nobody knows which are looked at if there isn't time for all."""
    return random.sample(list(threads), len(threads))


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
