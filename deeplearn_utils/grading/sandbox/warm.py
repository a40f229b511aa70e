"""A process that has imported what takes long, and forks a kernel into a sandbox that is there.

``import tensorflow`` takes some ten seconds of processor time; a fork of a process that has done it
takes almost none. The process holds no secrets: it knows no submission, no seed and no value, does
not import this package, and never runs a student's code. Nor can a student reach it. bubblewrap
makes a new sandbox for every kernel as always, with a program in it that only waits. The fork joins
the sandbox's name spaces (setns(2)), becomes its user, and gives up all powers, open files and
refused system calls before it is a kernel. In there it sees its sandbox's processes and files
alone; it shares no memory that can be written with the process that it came from.

As such a process can join a sandbox, it also sends all of one a signal at once, which nobody could
from outside: while each process is looked for, others come. One without modules is asked for that.

Run as a program, this file imports the standard library and the modules that it is told to.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import importlib
import json
import os
import resource
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["Warm"]

NAMES = ("net", "ipc", "uts", "cgroup", "pid", "mnt")  # after the last one, /proc is another
PARENT = 0xB702  # NS_GET_PARENT
NO_NEW_PRIVS, DROP_BOUND, SECCOMP, FILTER = 38, 24, 22, 2
CAPABILITIES = 0x20080522  # version 3 of the header of capset(2)
MOST_TOLD = 4096


class Warm:
    """The process, as those see it who want a kernel from it.

    Parameters
    ----------
    modules : sequence of str
        What it imports.
    environment : mapping
        All that is set in it.
    """

    def __init__(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [os.path.abspath(sys.executable), "-s", "-P", __file__, *modules],
            env={**environment, "HOME": "/dev/null"},  # nothing of anybody's is read
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.works = True
        if self._line().get("ready") is not True:
            raise RuntimeError(f"{', '.join(modules)} could not be imported for warm kernels")

    def kernel(self, **asked: Any) -> int:
        """Fork a kernel into a sandbox, and return its number as it is outside.

        Raises
        ------
        RuntimeError
            If that failed.
        """
        told = self._asked(asked)
        if "pid" not in told:
            self.works = False
            raise RuntimeError(f"no warm kernel: {told.get('error', 'the process ended')}")
        return told["pid"]

    def signal(self, pid: int, number: int) -> bool | None:
        """Send a signal to all processes of a sandbox but its first one.

        Parameters
        ----------
        pid : int
            That one, as it is numbered outside.
        number : int

        Returns
        -------
        bool or None
            False if somebody inside stopped or ended who was to send it; None if it failed
            otherwise, as where the sandbox has ended.
        """
        return self._asked({"pid": pid, "signal": number}).get("sent")

    def _asked(self, asked: dict[str, Any]) -> dict[str, Any]:
        number = secrets.token_hex(8)
        line = json.dumps({**asked, "number": number}).encode()
        try:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()
            told = self._line()
            while told and told.get("number") != number:  # somebody died before they read it
                told = self._line()
        except OSError as error:
            told = {"error": str(error)}
        self.works = self.works and "number" in told
        return told

    def _line(self) -> dict[str, Any]:
        return json.loads(self.process.stdout.readline(MOST_TOLD) or b"{}")

    def stop(self) -> None:
        """End the process; kernels that it has forked go on."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def main() -> None:
    """Import, then fork a kernel for each line that comes in."""
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))  # an ordinary user's sandbox can end `send`
    for name in sys.argv[1:]:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries those that wait for kernels
    with open("/proc/self/maps", encoding="utf-8") as maps:
        modes = [line.split()[1] for line in maps]
    tell({"ready": not any(mode[1] == "w" and mode[3] == "s" for mode in modes)})
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        read, write = os.pipe()
        if os.fork() == 0:
            os.close(read)
            (send if "signal" in asked else enter)(asked, write)
        os.close(write)
        with os.fdopen(read, "rb") as told:
            tell({"number": asked["number"], **json.loads(told.read(MOST_TOLD) or b"{}")})


def tell(what: dict[str, Any]) -> None:
    """Write a line of JSON."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def enter(asked: dict[str, Any], write: int) -> None:
    """Join a sandbox and fork the kernel in it; wait for its end, and end."""
    status = 1
    try:
        join(asked["pid"])
        kernel = os.fork()
        if kernel == 0:
            become_kernel(asked)
        os.write(write, json.dumps({"pid": kernel}).encode())
        for fd in (0, 1, 2, write):
            os.close(fd)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.waitpid(kernel, 0)
        status = 0
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(write, json.dumps({"error": str(error)[:1000]}).encode())
    finally:
        os._exit(status)


def send(asked: dict[str, Any], write: int) -> None:
    """Have a child in a sandbox send a signal to all others in it, and tell if it lived to do so.

    Of an ordinary user's sandbox, all processes are that user's, and may stop and end each other.
    """
    try:
        if os.path.samefile(f"/proc/{asked['pid']}/ns/pid", "/proc/self/ns/pid"):
            raise ProcessLookupError("no sandbox's")  # nobody outside is ever meant
        join(asked["pid"], ("pid",))
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        child = os.fork()
        if child == 0:
            os.close(write)
            with contextlib.suppress(ProcessLookupError):  # nobody else is there
                os.kill(-1, asked["signal"])
            os._exit(0)
        _, status = os.waitpid(child, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)  # its sandbox cannot end before
        os.write(write, json.dumps({"sent": status == 0}).encode())
    except OSError as error:
        os.write(write, json.dumps({"error": str(error)[:1000]}).encode())
    finally:
        os._exit(0)


def join(pid: int, names: Sequence[str] = NAMES) -> None:
    """Join the name spaces of a process: of a user name space, first what it lies in."""
    spaces = [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in names]
    inner = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY)
    own = os.stat("/proc/self/ns/user")
    users = []
    while os.fstat(inner).st_ino != own.st_ino:
        users.append(inner)
        inner = fcntl.ioctl(inner, PARENT)
    outermost, others = users[-1:], users[:-1]
    for fd in (*outermost, *spaces, *reversed(others)):
        call("setns", fd, 0)


def become_kernel(asked: dict[str, Any]) -> None:
    """Give up all but what a kernel needs, and be one."""
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nothing, fd)
        os.closerange(3, 1 << 16)
        for name, most in asked["limits"].items():
            resource.setrlimit(getattr(resource, name), (most, most))
        os.nice(asked["nice"])
        give_up_powers(asked["user"])
        refuse_calls(bytes.fromhex(asked["filter"]))
        os.environ.update(asked["environment"])
        os.chdir(asked["environment"]["HOME"])
        sys.argv = asked["argv"]
        exec(asked["program"], {"__name__": "__main__"})
    finally:
        os._exit(1)


def give_up_powers(user: int | None) -> None:
    """Become a user without powers; None where the name space gave us one already."""
    number = 0
    while ctypes.CDLL(None).prctl(DROP_BOUND, number, 0, 0, 0) == 0:
        number += 1
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())
    call("prctl", NO_NEW_PRIVS, 1, 0, 0, 0)


def refuse_calls(program: bytes) -> None:
    """Install the filter of system calls."""

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.c_void_p)]

    lines = ctypes.create_string_buffer(program)
    told = Program(len(program) // 8, ctypes.addressof(lines))
    call("prctl", SECCOMP, FILTER, ctypes.byref(told), 0, 0)


def call(name: str, *arguments: Any) -> None:
    """Call a function of the C library, and raise an error where it fails."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
