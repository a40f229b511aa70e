"""A kernel in the sandbox, for `jupyter_client` (entry point `deeplearn-sandbox`).

The kernel's sockets lie in a small file system of the sandbox, so that no kernel can fill the disk.
They are reached through its entry in ``/proc``, and nothing of it is opened on this machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Dict, List

from ..limits import Limits
from .bubblewrap import CONNECTION, NICE, SOCKETS, command, data, environment, rlimits
from .filters import program
from .warm import Warm
from .watching import (
    HIDDEN,
    PTS,
    Usage,
    below,
    held,
    mounted,
    moving,
    sockets,
    still,
    terminals,
    usage,
)

__all__ = ["SandboxProvisioner", "prepare", "warmed"]

CHANNELS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
MOST_INFO = 4096
IN_MEMORY = ("/tmp", "/dev/shm", SOCKETS)
WAITING = ("sleep", "infinity")
WATCHER = 'setsid sh -c "read -r _ || kill -9 -$$" <&3 3<&-'
WATCHED = ("sh", "-c", f'exec 3<&0; {WATCHER} & exec "$@" 3<&- </dev/null', "sh")
"""Kills what it starts when this process ends, for bubblewrap looks only late if that lives.

In a session of its own: in bubblewrap's, an ordinary user's sandbox can stop all (`kill(0, 19)`).
"""
WARM: dict[tuple[str, ...], Warm] = {}
STOPPING: list[Warm] = []
LOOKING = threading.Lock()  # a kernel is looked at by two threads
MOST_SENT = 20  # looks at files that were sent and not received: a reader may be busy
MOST_HINDERED = 5  # looks at processes that don't stop, or have too much to be looked at
OFTEN = 5  # one look of so many has a sandbox's own processes stop, too


def prepare(modules: Sequence[str]) -> None:
    """Start, where they don't live, the processes that kernels here are forked from and stopped by.

    A child that grades has them from its parent; else each starts its own.
    """
    warmed(modules)
    if STOPPING and STOPPING[0].process.poll() is not None:
        STOPPING.pop().stop()
    with contextlib.suppress(RuntimeError):
        stopping()


def warmed(modules: Sequence[str]) -> Warm | None:
    """Return the process that has imported these modules, and start it where none lives."""
    key = tuple(modules)
    if key and (key not in WARM or not WARM[key].works or WARM[key].process.poll() is not None):
        WARM.pop(key, None)
        with contextlib.suppress(RuntimeError):  # kernels import for themselves then
            WARM[key] = Warm(("ipykernel.kernelapp", *key), environment())
    return WARM.get(key)


def stopping() -> Warm:
    """Return the process that stops all of a sandbox's at once, and start it where none lives."""
    if not STOPPING or not STOPPING[0].works:
        STOPPING[:] = [Warm((), {"PATH": os.defpath})]
    return STOPPING[0]


class SandboxProvisioner(KernelProvisionerBase):
    """Starts a kernel under bubblewrap and kills it with all that it has started."""

    limits = Dict(help="The fields of `Limits`.").tag(config=True)
    secret = List(help="Folders that must not be seen.").tag(config=True)
    warm = List(help="Modules that are imported already, where `warmed` was called.").tag(
        config=True
    )

    process: subprocess.Popen[bytes] | None = None
    inner = 0
    """The number of the sandbox's first process."""
    kernel = 0
    """The number of a warm kernel, which is no child of that."""
    free = 0
    """The machine's memory that was free when the sandbox was made."""
    own: frozenset[int] = frozenset()
    """The processes that are there before any code of a student runs."""
    mounts = "", ""
    """The numbers of what is mounted at /proc, and for terminals."""
    last = Usage()
    """What was seen at the last look."""
    looked = 0.0
    """When that was over."""
    ended_s = 0.0
    """The processor time of those that have ended: who ignores them is not told of it.

    It is what was seen, and what they would have taken in half of the time until the next look:
    thousands that ended after some milliseconds each showed none, and most of them were never seen.
    """
    looks = 0
    rested = 0.0
    """Seconds in which all processes were stopped."""
    sent = 0
    """In how many looks in a row there were files sent and not received."""
    hindered = 0
    """In how many looks in a row processes didn't stop, or had too much to be looked at."""

    @property
    def has_process(self) -> bool:
        return self.process is not None

    async def poll(self) -> int | None:
        """Return None while the sandbox runs, else how it ended."""
        return 0 if self.process is None else self.process.poll()

    @property
    def is_alive(self) -> bool:
        """Whether the sandbox runs, and a warm kernel in it."""
        gone = self.process is None or self.process.poll() is not None
        return not gone and (not self.kernel or _runs(self.kernel))

    @property
    def roots(self) -> list[int]:
        """The processes of which all others descend."""
        return [pid for pid in (self.process.pid, self.kernel) if pid]

    async def wait(self) -> int | None:
        if self.process is None:
            return 0
        code = self.process.wait()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(b"over\n")
            self.process.stdin.close()
        self.process = None
        return code

    async def send_signal(self, signum: int) -> None:
        if signum in (signal.SIGKILL, signal.SIGTERM):
            await self.kill()

    async def kill(self, restart: bool = False) -> None:
        self.end()

    def end(self) -> None:
        """End the sandbox's first process, and with it all others."""
        if self.process is None or self.process.poll() is not None:
            return
        for pid in filter(None, (self.inner, self.process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing is left to clean: the sandbox took all with it."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Return the command, with the connection file where the sandbox has it."""
        argv = [word.format(connection_file=CONNECTION) for word in self.kernel_spec.argv]
        return await super().pre_launch(cmd=argv, **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        limits, self.free = Limits(**self.limits), free()
        info = {name: number for number, name in enumerate(CHANNELS, 1)}
        key = secrets.token_hex(32)
        info |= {"transport": "ipc", "signature_scheme": "hmac-sha256", "kernel_name": ""}
        inside = json.dumps({**info, "ip": f"{SOCKETS}/c", "key": key})
        server = WARM.get(tuple(self.warm))
        warm = server if server is not None and server.works else None
        filter_fd, told_fd = data(program()), data(inside.encode())
        info_fd = os.memfd_create("info")  # not a pipe, which others would keep open
        fds = (filter_fd, told_fd, info_fd)
        try:
            words = command(
                cmd if warm is None else WAITING,
                limits,
                seccomp=filter_fd,
                info=info_fd,
                connection=told_fd,
                secret=map(Path, self.secret),
            )
            self.process = subprocess.Popen(
                [*WATCHED, *words],
                pass_fds=fds,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={"PATH": os.environ.get("PATH", os.defpath)},
            )
            self.inner = self._told(info_fd, limits.start_s)
        finally:
            for fd in fds:
                os.close(fd)
        if warm is not None:
            self.kernel = self._fork(warm, cmd, limits)
        for pid in filter(None, (self.inner, self.kernel)):
            with contextlib.suppress(OSError):  # if memory runs out, these processes go first
                Path(f"/proc/{pid}/oom_score_adj").write_text("1000", encoding="ascii")
        ip = f"/proc/{self.inner}/root{SOCKETS}/c"
        self._await_sockets(ip, limits.start_s)
        self.own, self.sent, self.hindered = below(self.roots), 0, 0
        self.last, self.ended_s = Usage(), 0.0
        self.mounts = mounted(self.inner, "/proc"), mounted(self.inner, PTS)
        self.connection_info = {**info, "ip": ip, "key": key.encode()}
        return self.connection_info

    def _told(self, info_fd: int, seconds: float) -> int:
        """Wait until bubblewrap says the number of the sandbox's first process."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            over = self.process.poll() is not None
            with contextlib.suppress(ValueError, KeyError, TypeError):  # not written in whole
                return int(json.loads(os.pread(info_fd, MOST_INFO, 0))["child-pid"])
            if over:
                break
            time.sleep(0.002)
        self.process.kill()
        raise RuntimeError("bubblewrap could not start the kernel")

    def _fork(self, warm: Warm, cmd: Sequence[str], limits: Limits) -> int:
        """Have a warm kernel join the sandbox, once that is made and waits."""
        end = time.monotonic() + limits.start_s
        while not (waiting := self._waiting()):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("bubblewrap did not make a sandbox for a warm kernel")
            time.sleep(0.005)
        user = os.stat(f"/proc/{waiting}").st_uid if os.geteuid() == 0 else None
        return warm.kernel(
            pid=waiting,
            user=user,
            program=cmd[2],
            argv=["-c", *cmd[3:]],
            environment=environment(),
            limits=rlimits(limits),
            nice=NICE,
            filter=program().hex(),
        )

    def _waiting(self) -> int:
        """Return the number of the program that waits in the sandbox; 0 if it isn't there yet."""
        for pid in below([self.inner]):
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() == WAITING[0]:
                    return pid
        return 0

    def _await_sockets(self, ip: str, seconds: float) -> None:
        """Wait until the kernel listens: before that, no code of a student has run."""
        end = time.monotonic() + seconds
        while not all(os.path.exists(f"{ip}-{port}") for port in range(1, len(CHANNELS) + 1)):
            if self.process.poll() is not None:
                raise RuntimeError("the kernel ended while it started")
            if time.monotonic() > end:
                self.process.kill()
                raise RuntimeError(f"the kernel did not start in {seconds:g} s")
            time.sleep(0.02)

    def used(self) -> Usage:
        """Return what all processes inside use together.

        Where there are others than at the start, they are stopped while they are looked at: in a
        process that comes while others are seen, and gets all that these have, it would be hidden.
        Now and then all are: nobody sees a file that was closed and stays while a thread waits for
        it (epoll_wait), and who is stopped waits no more.
        """
        with LOOKING:
            since, self.looks = time.monotonic() - self.looked, self.looks + 1
            alone = below(self.roots) <= self.own
            if alone and self.looks % OFTEN:
                used = self._look()
                if used.whole and used.pids <= self.own:
                    return self._counted(used, True, since)
            used, stopped = self._look_at_rest()
            if stopped is None and alone and used.pids <= self.own:
                stopped = True  # where nobody can be stopped, nothing is lost
            return self._counted(used, stopped, since)

    def _counted(self, used: Usage, stopped: bool | None, since: float) -> Usage:
        """Return what was seen, and what it leaves out: of those that ended, and that hid.

        ``since`` is how long they could run since the last look.
        """
        if used.sent or used.whole:  # else nobody knows
            self.sent = self.sent + 1 if used.sent else 0
        if stopped is not None:
            self.hindered = 0 if stopped else self.hindered + 1
        for pid in self.last.own_s.keys() - used.own_s.keys():
            self.ended_s += self.last.own_s[pid] + self.last.shares.get(pid, 0.0) * since / 2
        self.last, self.looked, living = used, time.monotonic(), sum(used.own_s.values())
        cpu_s = living + max(used.cpu_s - living, self.ended_s)
        memory = used.memory
        if stopped is None or self.hindered > 1:  # it isn't seen who has what the machine lacks
            memory = max(memory, self.free - free())
        if self.sent > MOST_SENT or self.hindered > MOST_HINDERED:
            memory = HIDDEN
        return replace(used, memory=memory, cpu_s=cpu_s)

    def _look_at_rest(self) -> tuple[Usage, bool | None]:
        """Look at processes that are stopped; tell if they were, and if that was soon done.

        None where stopping them failed.
        """
        inside = [pid for pid in (self.inner, self.kernel) if pid]
        start, stopped = time.monotonic(), self._signal(signal.SIGSTOP)
        try:
            before = still(inside) if stopped else {}
            used = self._look()
            seen = used.whole and below(self.roots) <= used.pids
            return used, stopped and seen and not moving(inside, before)
        finally:
            self._signal(signal.SIGCONT)
            self.rested += time.monotonic() - start

    def _look(self) -> Usage:
        number, waiting = sockets(self.inner)

        def beside() -> int:
            return held(self.inner, IN_MEMORY) + waiting + terminals(self.inner)

        limit = int(self.limits.get("memory_mb", 1024)) << 20
        return replace(usage(self.roots, limit, beside, self.mounts), sockets=number)

    def _signal(self, number: int) -> bool | None:
        """Send a signal to all inside; False if somebody hindered it, None where it failed."""
        if not self.inner:  # 0 would be the grader's own group
            return None
        with contextlib.suppress(RuntimeError, OSError):
            done = stopping().signal(self.inner, number)
            os.kill(self.inner, number)
            return done
        return None


def free() -> int:
    """Return how much memory the machine can still give."""
    return psutil.virtual_memory().available


def _runs(pid: int) -> bool:
    """Tell whether a process runs that is no child of ours."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return fields.rpartition(")")[2].split()[0] not in ("Z", "X")
    return False
