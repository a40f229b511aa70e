"""System calls that are refused inside: a program for the kernel's own filter (seccomp).

A grader needs this beside the name spaces because some memory escapes every limit (that of
`memfd_create`, `shmget` and `vmsplice`, of mappings that are shared but belong to no file, of
access lists that `setxattr` gives to files, of places that `mbind` gives to parts of them, of locks
on such parts, of a program's own table for those who wait (futex), of filters like this one, of
pages of a file of which a byte each was sent by `splice` or `sendfile`: as those can't be told from
others, they fail as where they are not to be had, and programs copy by reading and writing),
because new user name spaces would give root's powers over parts of the kernel, and because a
network name space does not hold all networks: a virtual machine's own (vsock) goes past. What all
of a machine shares (`io_setup`, or for one user `inotify_init`) cannot be used up. Nobody has the
machine load modules of its kernel, which stay: it does so, outside, for sockets that are not the
usual ones, for disciplines of terminals, for bridges and VLANs, and for ciphers of TCP. Nor has
anybody it write all that waits to its disks (`sync`), or leave a processor idle beside their own
(core scheduling). A file that can only be read has no part of it written (`fsync` empties the
disk's own memory, 20,000 times a second), nor is what the machine has read of it forgotten: a
neighbor's next `import` would wait for the disk, and be late. What can be written lies in memory,
where all that does nothing. Nor does anybody have the machine ask them before it opens a file (a
lease: it waits for 45 s), or tell them of each that it reads.

Some things are not changed by anybody inside: that one ends with its parent, since a sandbox ends
with its grader (an ordinary user's first process in it can be written to by all others); that a
process may be looked at, since an ordinary user's grader could not count its files; the size
of a core file, since a size of 0 would still start the machine's own program for crashes, outside
(core(5)); how much may wait in a socket, which is no process's memory; how long the end of a
connection is waited for (SO_LINGER), since whoever is sent a socket, as the grader can be through
those of the kernel (SCM_RIGHTS in unix(7)), closes it and would wait; and what of the other end a
TCP connection hears and for how long it tries to be heard, since one that was closed and hears
nothing stays after all processes, with its memory and its network, for 24 days.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Sequence

__all__ = ["program"]

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
REFUSED = {  # the same names for both; the numbers are those of the kernel's tables
    "x86_64": {
        *(29, 64, 68, 240),  # shmget, semget, msgget, mq_open
        *(101, 310, 311),  # ptrace, process_vm_readv, process_vm_writev
        *(155, 161, 165, 166, 272, 308),  # pivot_root, chroot, mount, umount2, unshare, setns
        *(248, 249, 250),  # add_key, request_key, keyctl
        *(298, 321, 323),  # perf_event_open, bpf, userfaultfd
        *(303, 304, 319, 447),  # the two by_handle_at, memfd_create, memfd_secret
        *(278, 206, 103, 253, 294, 300),  # vmsplice, io_setup, syslog, inotify (2), fanotify
        *(188, 189, 190, 317),  # setxattr, lsetxattr, fsetxattr, seccomp
        *(237, 238, 256, 279),  # mbind, set_mempolicy, migrate_pages, move_pages
        *(162, 306, 179),  # sync, syncfs, quotactl
    },
    "aarch64": {
        *(194, 190, 186, 180),
        *(117, 270, 271),
        *(41, 51, 40, 39, 97, 268),
        *(217, 218, 219),
        *(241, 280, 282),
        *(264, 265, 279, 447),
        *(75, 0, 116, 26, 262),
        *(5, 6, 7, 277),
        *(235, 237, 238, 239),
        *(81, 267, 60),
    },
}
REFUSED_BY_ALL = {
    *(425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 467),  # io_uring, new mount calls
    *(444, 445, 446),  # landlock, whose rules are memory of no process
    *(440, 443),  # process_madvise, quotactl_fd
    *(450, 463),  # set_mempolicy_home_node, setxattrat
}
CALLS = {  # whose arguments are looked at
    "x86_64": {
        **{"mmap": 9, "ioctl": 16, "socket": 41, "socketpair": 53},
        **{"setsockopt": 54, "clone": 56, "fcntl": 72, "prctl": 157, "setrlimit": 160},
        **{"prlimit": 302, "fsync": 74, "fdatasync": 75, "msync": 26, "sync_file_range": 277},
        **{"fadvise64": 221, "madvise": 28, "sendfile": 40, "splice": 275},
    },
    "aarch64": {
        **{"mmap": 222, "ioctl": 29, "socket": 198, "socketpair": 199},
        **{"setsockopt": 208, "clone": 220, "fcntl": 25, "prctl": 167, "setrlimit": 164},
        **{"prlimit": 261, "fsync": 82, "fdatasync": 83, "msync": 227, "sync_file_range": 84},
        **{"fadvise64": 223, "madvise": 233, "sendfile": 71, "splice": 76},
    },
}
CLOSE_RANGE, CLONE3 = 436, 435
X32 = 0x40000000  # x86_64's second table of calls

LOAD, EQUAL, AT_LEAST, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
ALLOW, ERROR, KILL = 0x7FFF0000, 0x00050000, 0x80000000
PRETEND, NOT_ALLOWED, UNKNOWN = ERROR, ERROR | errno.EPERM, ERROR | errno.EAFNOSUPPORT
NOT_HERE = ERROR | errno.EINVAL
ALL = 0xFFFFFFFF

Condition = tuple[int, int, Sequence[int]]
"""A half of an argument (2n the low one of argument n, 2n + 1 the high one), which of its bits are
looked at, and the values of them for which it holds."""
Case = tuple[Sequence[Condition], int]
"""An answer, and the conditions that must all hold for it."""

UNIX, INTERNET, NETLINK = (0, ALL, (1,)), (0, ALL, (2, 10)), (0, ALL, (16,))
TCP = (2, 0xF, (1,)), (4, ALL, (0, 6))
UDP = (2, 0xF, (2,)), (4, ALL, (0, 17))
PLAIN = (4, ALL, (0,))
MODULES = (0x5423, 0x8940, 0x8941, 0x8980, 0x8981, 0x8982, 0x8983, 0x89A0, 0x89A1)
"""TIOCSETD, and those for bridges, frame relay and VLANs."""
SYNCS = (0x9408, 0x80089418)  # BTRFS_IOC_SYNC, BTRFS_IOC_START_SYNC
DEAF = {  # levels and options
    0: (4, 21),  # IP_OPTIONS, IP_MINTTL
    1: (25, 26, 47, 50, 62),  # SO_BINDTODEVICE, _ATTACH_FILTER, _MAX_PACING_RATE, _ATTACH_BPF ...
    6: (8, 18, 37),  # TCP_LINGER2, TCP_USER_TIMEOUT, TCP_TX_DELAY
    41: (6, 57, 73),  # IPV6_2292PKTOPTIONS, IPV6_RTHDR, IPV6_MINHOPCOUNT
}
LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, and those of open files
LEASES = (1024, 1026, 1040)  # F_SETLEASE, F_NOTIFY, F_SETDELEG


def _core_size(argument: int, new: int) -> list[Case]:
    """Return what lets it be asked for, and not changed: by a pointer that is not null."""
    asked = [(2 * new, ALL, (0,)), (2 * new + 1, ALL, (0,))]
    this = (2 * argument, ALL, (4,))  # RLIMIT_CORE
    return [([this, *asked], ALLOW), ([this], NOT_ALLOWED)]


ANSWERS: dict[str, tuple[list[Case], int]] = {
    "setrlimit": (_core_size(0, 1), ALLOW),
    "prlimit": (_core_size(1, 2), ALLOW),
    "mmap": (  # shared and anonymous: stays, and is nobody's; pages set apart
        [([(6, flags, (flags,))], NOT_ALLOWED) for flags in (0x21, 0x40000)],
        ALLOW,
    ),
    "prctl": (
        [
            # PR_SET_SECCOMP, PR_SCHED_CORE, PR_FUTEX_HASH
            ([(0, ALL, (22, 62, 78))], NOT_ALLOWED),
            ([(0, ALL, (1,)), (2, ALL, (9,))], ALLOW),  # PR_SET_PDEATHSIG, to SIGKILL
            ([(0, ALL, (1, 4))], PRETEND),  # and PR_SET_DUMPABLE
        ],
        ALLOW,
    ),
    "socket": (
        [
            ([UNIX], ALLOW),
            ([INTERNET, *TCP], ALLOW),
            ([INTERNET, *UDP], ALLOW),
            ([NETLINK, PLAIN], ALLOW),
        ],
        UNKNOWN,
    ),
    "socketpair": ([([UNIX], ALLOW)], UNKNOWN),
    "setsockopt": (
        [
            ([(2, ALL, (1,)), (4, ALL, (7, 8, 13))], PRETEND),  # SO_SNDBUF, SO_RCVBUF, SO_LINGER
            *(([(2, ALL, (level,)), (4, ALL, DEAF[level])], PRETEND) for level in DEAF),
            ([(2, ALL, (6,)), (4, ALL, (14, 32, 38))], NOT_ALLOWED),  # TCP_MD5SIG (2), TCP_AO
            ([(2, ALL, (41,)), (4, ALL, (32,))], NOT_ALLOWED),  # IPV6_FLOWLABEL_MGR: 4,096 for all
        ],
        ALLOW,
    ),
    "fcntl": ([([(2, ALL, LOCKS)], PRETEND), ([(2, ALL, LEASES)], NOT_ALLOWED)], ALLOW),
    **dict.fromkeys(("fsync", "fdatasync", "msync", "sync_file_range"), ([], PRETEND)),
    "fadvise64": ([], PRETEND),
    **dict.fromkeys(("sendfile", "splice"), ([], NOT_HERE)),
    "madvise": ([([(4, ALL, (21,))], PRETEND)], ALLOW),  # MADV_PAGEOUT
    "ioctl": ([([(2, ALL, MODULES)], NOT_ALLOWED), ([(2, ALL, SYNCS)], PRETEND)], ALLOW),
    "clone": (
        [
            ([(0, 0x10000000, (0x10000000,))], NOT_ALLOWED),  # a new user name space
            ([(0, 0x8000, (0x8000,))], NOT_ALLOWED),  # a child of the parent: it may be outside
            ([(0, 0x10400, (0x10000,))], NOT_ALLOWED),  # a thread whose files nobody counts
        ],
        ALLOW,
    ),
}


def program(machine: str | None = None) -> bytes:
    """Return the filter for this machine's processor.

    Raises
    ------
    ValueError
        For a processor whose calls are not listed.

    Examples
    --------
    >>> len(program("x86_64")) % 8
    0
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        raise ValueError(f"system calls of {machine} are not known to the sandbox")
    lines = [
        (LOAD, 0, 0, 4),  # the architecture
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, 0),  # the number of the call
    ]
    if machine == "x86_64":
        lines += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, KILL)]
    for number in sorted(REFUSED[machine] | REFUSED_BY_ALL):
        lines += [(EQUAL, 0, 1, number), (RETURN, 0, 0, NOT_ALLOWED)]
    lines += _rule(
        CLONE3, [], ERROR | errno.ENOSYS
    )  # its flags can't be looked at; libc takes clone
    lines += _rule(CLOSE_RANGE, [([(4, 2, (2,))], NOT_ALLOWED)], ALLOW)  # as such a thread
    for name, (cases, otherwise) in ANSWERS.items():
        lines += _rule(CALLS[machine][name], cases, otherwise)
    lines += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("<HBBI", *line) for line in lines)


def _rule(call: int, cases: Sequence[Case], otherwise: int) -> list[tuple[int, ...]]:
    """Return what answers a call as the first of some cases says that is its own."""
    lines: list[tuple[int, ...]] = []
    for conditions, answer in cases:
        block = [(RETURN, 0, 0, answer)]
        for half, bits, values in reversed(conditions):
            last = len(values) - 1
            tests = [(EQUAL, last - n, len(block) * (n == last), v) for n, v in enumerate(values)]
            block = [(LOAD, 0, 0, 16 + 4 * half), (AND, 0, 0, bits), *tests, *block]
        lines += block
    return [(EQUAL, 0, len(lines) + 1, call), *lines, (RETURN, 0, 0, otherwise)]
