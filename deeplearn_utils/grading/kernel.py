"""One kernel for one submission: nbval's, started in the sandbox and read with suspicion.

All that a kernel says is hostile: a message is JSON text or it is dropped, and how much it may say
is limited. A lost connection is never made again, since what answers then may be another program.
Whether the kernel lives is looked at all the time, and so is what it uses.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import run_sync
from nbval.kernel import RunningKernel

from .limits import Limits
from .sandbox.watching import Usage, usage

__all__ = ["GradedKernel", "Outcome"]

LOOK_S = 0.1  # between two looks at what the kernel uses
GRACE_S = 3.0  # for an interrupt, and for output that follows an answer
OWN_GROWTH = 1 << 30  # bytes by which messages may make the grader itself grow
MOST_FRAME = 4 << 20  # bytes of one part of a message
ARGV = [
    *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
    *("--HistoryManager.enabled=False", "--IPKernelApp.log_level=CRITICAL"),
]


@dataclass
class Outcome:
    """How a cell ended.

    ``ended`` is "ok", "error", or what stopped it: "died", "time", "memory", "processes", "output".
    """

    ended: str
    text: str = ""
    error: str = ""
    message: str = ""

    @property
    def stopped(self) -> bool:
        """Whether the kernel is gone."""
        return self.ended not in ("ok", "error")


@dataclass
class Heard:
    """What a cell has said so far."""

    text: list[str] = field(default_factory=list)
    size: int = 0
    messages: int = 0
    replied: float = 0.0
    idle: bool = False
    outcome: Outcome = field(default_factory=lambda: Outcome("ok"))


class Specs(KernelSpecManager):
    """Knows one kernel: ours."""

    spec: KernelSpec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return self.spec


class Manager(KernelManager):
    """A manager that touches no file of a kernel's sandbox."""

    def cleanup_ipc_files(self) -> None:
        pass


class GradedKernel(RunningKernel):
    """A kernel that is started, run, and started again after it died.

    Parameters
    ----------
    limits : Limits
    sandboxed : bool
        Whether in a sandbox; without one, only deadlines and output are limited.
    secret : sequence of path
        Folders that must not be seen inside.
    """

    def __init__(
        self, limits: Limits, *, sandboxed: bool = True, secret: Sequence[Path] = ()
    ) -> None:
        self.limits, self.sandboxed, self.secret = limits, sandboxed, tuple(secret)
        self.folder = tempfile.TemporaryDirectory(prefix="grading-")
        self.starts = 0
        self.own = psutil.Process()
        self.start()

    def start(self) -> None:
        """Start a kernel and wait until it answers."""
        self.starts += 1
        specs = Specs()
        specs.spec = KernelSpec(
            argv=ARGV,
            display_name="graded",
            language="python",
            interrupt_mode="message",
            metadata=self._provisioner(),
        )
        context = zmq.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MOST_FRAME)
        context.setsockopt(zmq.RECONNECT_IVL, -1)
        context.setsockopt(zmq.SNDTIMEO, 1000)
        context.setsockopt(zmq.LINGER, 0)
        self.km = Manager(
            kernel_name="graded",
            kernel_spec_manager=specs,
            context=context,
            connection_file=f"{self.folder.name}/kernel-{self.starts}.json",
        )
        self.km.start_kernel(cwd=None if self.sandboxed else self.folder.name)
        self._connect()

    def _provisioner(self) -> dict[str, Any]:
        if not self.sandboxed:
            return {}
        config = {"limits": asdict(self.limits), "secret": list(map(str, self.secret))}
        return {
            "kernel_provisioner": {"provisioner_name": "deeplearn-sandbox", "config": config},
        }

    def _connect(self) -> None:
        """Connect until the kernel has answered and its output arrives."""
        end = time.monotonic() + self.limits.start_s
        while time.monotonic() < end:
            self.kc = self.km.client()
            self.kc.start_channels(stdin=False, hb=False)
            number, again = self.kc.kernel_info(), time.monotonic() + 10
            heard = Heard()
            while time.monotonic() < again and self.is_alive():
                self._listen(number, heard, 0.1)
                if heard.replied and heard.idle:
                    return
                if heard.replied and time.monotonic() - heard.replied > 0.5:
                    break  # the answer came before the connection for output was made
            self.kc.stop_channels()
            if not self.is_alive():
                break
        self.kill()
        raise RuntimeError("the kernel did not start")

    def run(self, source: str, until: float | None = None) -> Outcome:
        """Run a cell.

        Parameters
        ----------
        source : str
            The cell.
        until : float, optional
            When the submission's time is over, by ``time.monotonic()``.

        Returns
        -------
        Outcome
            After one that ``stopped``, the kernel is gone: call ``start``.
        """
        if not self.is_alive():
            return Outcome("died")
        limits, heard = self.limits, Heard()
        end = min(time.monotonic() + limits.cell_wall_s, until or float("inf"))
        before = self.used().cpu_s
        base, looked, interrupted = self.own.memory_info().rss, 0.0, 0.0
        try:
            number = self.kc.execute(source, allow_stdin=False, stop_on_error=False)
        except zmq.ZMQError:
            return self._stopped("died", heard)
        while not (heard.replied and heard.idle):
            self._listen(number, heard, LOOK_S)
            now = time.monotonic()
            if heard.size > limits.output_kb << 10 or heard.messages > limits.messages:
                return self._stopped("output", heard)
            if now - looked >= LOOK_S:
                looked, used = now, self.used()
                if used.memory > limits.memory_mb << 20 and self.sandboxed:
                    return self._stopped("memory", heard)
                if used.threads > limits.processes and self.sandboxed:
                    return self._stopped("processes", heard)
                if self.own.memory_info().rss - base > OWN_GROWTH:
                    return self._stopped("output", heard)
                if not self.is_alive():
                    return self._stopped("died", heard)
                late = now > end or used.cpu_s - before > limits.cell_cpu_s
                if late and not interrupted:
                    interrupted = now
                    self._interrupt()
                elif interrupted and now - interrupted > GRACE_S:
                    return self._stopped("time", heard)
            if heard.replied and now - heard.replied > GRACE_S:
                return self._stopped("output", heard)  # so much that the end of it was lost
        if interrupted:
            return self._stopped("time", heard)
        heard.outcome.text = "".join(heard.text)
        return heard.outcome

    def used(self) -> Usage:
        """Return what the kernel uses."""
        process = getattr(self.km.provisioner, "process", None)
        return usage(process.pid, self.limits.memory_mb << 20) if process else Usage()

    def is_alive(self) -> bool:
        process = getattr(self.km.provisioner, "process", None)
        return process is not None and process.poll() is None

    def _interrupt(self) -> None:
        with contextlib.suppress(zmq.ZMQError):
            message = self.kc.session.msg("interrupt_request", {})
            self.kc.control_channel.send(message)

    def _stopped(self, why: str, heard: Heard) -> Outcome:
        self.kill()
        return Outcome(why, "".join(heard.text))

    def kill(self) -> None:
        """End the kernel and all that it has started."""
        with contextlib.suppress(Exception):  # channels may be in any state
            self.kc.stop_channels()
        run_sync(self.km.provisioner.kill)()  # not by a message: who would read it?
        run_sync(self.km.provisioner.wait)()
        self.km.cleanup_resources()
        self.km.context.destroy(linger=0)

    def stop(self) -> None:
        """End the kernel for good."""
        if self.is_alive():
            self.kill()
        self.folder.cleanup()

    def _listen(self, number: str, heard: Heard, seconds: float) -> None:
        """Take what has arrived, or wait for it."""
        sockets = [self.kc.iopub_channel.socket, self.kc.shell_channel.socket]
        poller = zmq.Poller()
        for socket in sockets:
            poller.register(socket, zmq.POLLIN)
        ready = dict(poller.poll(int(seconds * 1000)))
        for socket in sockets:
            if socket in ready:
                self._take(socket, number, heard, shell=socket is sockets[1])

    def _take(self, socket: zmq.Socket, number: str, heard: Heard, *, shell: bool) -> None:
        for _ in range(100):  # then look at limits again
            try:
                parts = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.ZMQError:
                return
            heard.messages += 1
            heard.size += sum(map(len, parts))
            if heard.size > self.limits.output_kb << 10:
                return
            try:
                _, parts = self.kc.session.feed_identities(parts)
                message = self.kc.session.deserialize(parts)
                note(message, number, heard, shell=shell)
            except Exception:  # whatever is wrong with it, it is no message
                continue


def note(message: dict[str, Any], number: str, heard: Heard, *, shell: bool) -> None:
    """Note what one message says; anything unexpected in it raises an error."""
    if message["parent_header"].get("msg_id") != number:
        return
    kind, content = message["header"]["msg_type"], message["content"]
    if shell:
        heard.replied = heard.replied or time.monotonic()
        if content.get("status") == "error" and heard.outcome.ended == "ok":
            heard.outcome = Outcome("error", "", text(content["ename"]), text(content["evalue"]))
    elif kind == "status" and content["execution_state"] == "idle":
        heard.idle = True
    elif kind == "stream" and content["name"] == "stdout":
        heard.text.append(text(content["text"]))


def text(value: object) -> str:
    """Return a string that is one."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
