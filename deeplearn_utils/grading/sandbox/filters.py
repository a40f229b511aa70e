"""System calls that are refused inside: a program for the kernel's own filter (seccomp).

A grader needs this beside the name spaces because some memory escapes every limit (that of
`memfd_create`, `shmget` and `vmsplice`, of mappings that are shared but belong to no file, of
access lists that `setxattr` gives to files, of locks on parts of them, of filters like this one),
because new user name spaces would give root's powers over parts of the kernel, and because a
network name space does not hold all networks: a virtual machine's own (vsock) goes past. What all
of a machine shares (`io_setup`, or for one user `inotify_init`) cannot be used up.

Three things are not changed by anybody inside: what happens when a child ends, since the time that
it took is added to its parent's only if that is not ignored; the size of a core file, since a size
of 0 would still start the machine's own program for crashes, outside (core(5)); and how long the
end of a connection is waited for (SO_LINGER), since whoever is sent a socket, as the grader can be
through those of the kernel (SCM_RIGHTS in unix(7)), closes it and would wait.
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
    },
}
REFUSED_BY_ALL = {
    *(425, 426, 427, 428, 429, 430, 431, 432, 433, 442),  # io_uring, new mount calls
    *(444, 445, 446),  # landlock, whose rules are memory of no process
    463,  # setxattrat
}
SIGACTION = {"x86_64": 13, "aarch64": 134}
SETRLIMIT = {"x86_64": 160, "aarch64": 164}
PRLIMIT = {"x86_64": 302, "aarch64": 261}
CHILD_ENDED, CORE = 17, 4  # SIGCHLD, RLIMIT_CORE
MMAP = {"x86_64": 9, "aarch64": 222}
UNCOUNTED = (0x21, 0x40000)  # shared and anonymous: stays, and is nobody's; pages set apart
CLONE = {"x86_64": 56, "aarch64": 220}
SOCKET = {"x86_64": 41, "aarch64": 198}
FAMILIES = (1, 2, 10, 16)  # AF_UNIX, and AF_INET, AF_INET6, AF_NETLINK of an empty name space
PRCTL = {"x86_64": 157, "aarch64": 167}
OWN_FILTER = 22  # PR_SET_SECCOMP
SETSOCKOPT = {"x86_64": 54, "aarch64": 208}
OF_SOCKETS, LINGER = 1, 13  # SOL_SOCKET, SO_LINGER
FCNTL = {"x86_64": 72, "aarch64": 25}
LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, and those of open files
CLONE3 = 435  # its flags cannot be looked at; without it, libc takes clone
OF_CHILDREN = 0x10008000  # CLONE_NEWUSER; CLONE_PARENT: a warm kernel's is outside, uncounted
X32 = 0x40000000  # x86_64's second table of calls

LOAD, EQUAL, AT_LEAST, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
ALLOW, ERROR, KILL = 0x7FFF0000, 0x00050000, 0x80000000


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
        lines += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERROR | errno.EPERM)]
    lines += _kept(SIGACTION[machine], 0, CHILD_ENDED, 1, ERROR)  # said to be done, and not done
    lines += _kept(SETRLIMIT[machine], 0, CORE, 1, ERROR | errno.EPERM)
    lines += _kept(PRLIMIT[machine], 1, CORE, 2, ERROR | errno.EPERM)
    lines += [
        (EQUAL, 0, 1 + 4 * len(UNCOUNTED), MMAP[machine]),
        *(line for flags in UNCOUNTED for line in _without(3, flags)),
        (RETURN, 0, 0, ALLOW),
    ]
    lines += [(EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, ERROR | errno.ENOSYS)]
    lines += _by(PRCTL[machine], 0, (OWN_FILTER,), ERROR | errno.EPERM, ALLOW)
    lines += _by(SOCKET[machine], 0, FAMILIES, ALLOW, ERROR | errno.EAFNOSUPPORT)
    lines += _by(FCNTL[machine], 1, LOCKS, ERROR, ALLOW)  # said to be done, and not done
    lines += [
        (EQUAL, 0, 6, SETSOCKOPT[machine]),
        (LOAD, 0, 0, 24),
        (EQUAL, 0, 3, OF_SOCKETS),
        (LOAD, 0, 0, 32),
        (EQUAL, 0, 1, LINGER),
        (RETURN, 0, 0, ERROR),  # said to be done, and not done
        (RETURN, 0, 0, ALLOW),
        (EQUAL, 0, 4, CLONE[machine]),
        (LOAD, 0, 0, 16),
        (AND, 0, 0, OF_CHILDREN),
        (EQUAL, 1, 0, 0),
        (RETURN, 0, 0, ERROR | errno.EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("<HBBI", *line) for line in lines)


def _kept(call: int, place: int, value: int, new: int, answer: int) -> list[tuple[int, ...]]:
    """Return what answers a call that would change something, and lets it be asked for.

    That is so where argument ``place`` is ``value`` and argument ``new``, a pointer, is not null.
    """
    return [
        (EQUAL, 0, 8, call),
        (LOAD, 0, 0, 16 + 8 * place),
        (EQUAL, 0, 5, value),
        (LOAD, 0, 0, 16 + 8 * new),
        (EQUAL, 0, 2, 0),
        (LOAD, 0, 0, 20 + 8 * new),
        (EQUAL, 1, 0, 0),
        (RETURN, 0, 0, answer),
        (RETURN, 0, 0, ALLOW),
    ]


def _by(
    call: int, place: int, some: Sequence[int], these: int, others: int
) -> list[tuple[int, ...]]:
    """Return what answers a call by its argument ``place``: some values so, others otherwise."""
    return [
        (EQUAL, 0, 3 + len(some), call),
        (LOAD, 0, 0, 16 + 8 * place),  # the low half
        *((EQUAL, len(some) - n, 0, value) for n, value in enumerate(some)),
        (RETURN, 0, 0, others),
        (RETURN, 0, 0, these),
    ]


def _without(place: int, flags: int) -> list[tuple[int, ...]]:
    """Return what refuses a call whose argument ``place`` has these flags."""
    return [
        (LOAD, 0, 0, 16 + 8 * place),
        (AND, 0, 0, flags),
        (EQUAL, 0, 1, flags),
        (RETURN, 0, 0, ERROR | errno.EPERM),
    ]
