"""One kernel for one submission: nbval's, started in the sandbox and read with suspicion.

A lost connection is never made again, since what answers then may be another program. Whether the
kernel lives is looked at all the time, and so is what it uses, also between two cells: what it left
running goes on while its values are compared. On a busy machine all takes longer,
and costs nobody a point: what is too long is told by processor time, and what ended without being
asked to is tried again.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import run_sync
from nbval.kernel import RunningKernel

from .folders import Folder
from .limits import SPARE_S, Limits
from .messages import Heard, Outcome
from .sandbox.watching import Usage, usage, waits

__all__ = ["GradedKernel", "NotStarted"]

LOOK_S = 0.1  # between two looks at what the kernel uses, in the mean: nobody knows when
GRACE_S = 3.0  # for an interrupt
ASK_S = 1.0  # after an answer, for the output that follows it; then the kernel is asked
STARTS = 3
OWN_GROWTH = 1 << 30  # bytes by which a kernel's messages may make the grader itself grow
MOST_SOCKETS = 100  # of all processes together; a kernel has some 16
MOST_DROPPED = 512 << 20  # bytes of all that a cell shows, and of a part of a message
NEVER_MS = 1 << 30  # twelve days: told -1, libzmq aborts where a message breaks off as it is read
PROGRAM = """
import signal, sys
if sys.platform == "linux":
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # until its threads are there
sys.modules["debugpy"] = None  # nobody debugs here; it takes a third of the start
import ipykernel.debugger
del sys.modules["debugpy"]
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""
AT_THE_START = """
import signal, sys
if sys.platform == "linux":
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # none of those takes an alarm after a look
exit = quit = sys.exit  # what Python calls so: IPython's ends the kernel, later, in another cell
sys.path.insert(0, "")  # a file that is written here can be imported, as it can in Jupyter
del signal, sys
"""
ARGV = [
    *(os.path.abspath(sys.executable), "-Pc", PROGRAM, "-f", "{connection_file}"),
    *("--HistoryManager.enabled=False", "--IPKernelApp.log_level=CRITICAL"),
    f"--IPKernelApp.exec_lines={AT_THE_START}",
]


class Specs(KernelSpecManager):
    """Knows one kernel: ours."""

    spec: KernelSpec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return self.spec


class NotStarted(RuntimeError):
    """No kernel could be had: that is no student's fault."""


class SandboxManager(KernelManager):
    """A manager that touches no file of a kernel's sandbox, and writes none of its own."""

    def cleanup_ipc_files(self) -> None:
        pass

    def write_connection_file(self, **kwargs: Any) -> None:
        pass


class Watch(threading.Thread):
    """Looks at what a kernel uses as long as it lives, and ends one that uses too much.

    Parameters
    ----------
    kernel : GradedKernel
    """

    def __init__(self, kernel: GradedKernel) -> None:
        super().__init__(daemon=True)
        self.kernel = kernel
        self.over = threading.Event()
        self.own = psutil.Process()
        self.base = self.own.memory_info().rss
        """The grader's own memory when the kernel had started."""
        self.used = kernel.used()
        self.waits, self.rested = kernel.waits(), kernel.rested()
        self.why = ""
        """What it was too much of."""
        self.start()

    def run(self) -> None:
        while not self.over.wait(random.uniform(0, 2 * LOOK_S)):
            self.used, before, self.waits = self.kernel.used(), self.waits, self.kernel.waits()
            grown = (now - before.get(thread, 0.0) for thread, now in self.waits.items())
            rested, self.rested = self.rested, self.kernel.rested()
            self.kernel.waited += max(grown, default=0.0) + self.rested - rested
            self.why = self.too_much()
            if self.why:
                self.kernel.end()
                return

    def too_much(self) -> str:
        """Return what is used too much; "" if nothing is."""
        limits, used = self.kernel.limits, self.used
        if self.own.memory_info().rss - self.base > OWN_GROWTH:
            return "output"
        if not self.kernel.sandboxed:
            return ""
        if used.memory > limits.memory_mb << 20 or used.sockets > MOST_SOCKETS:
            return "memory"
        return "processes" if used.threads > limits.processes else ""

    def stop(self) -> None:
        """Look no more."""
        self.over.set()
        self.join()


class GradedKernel(RunningKernel):
    """A kernel that is started, run, and started again after it died.

    Parameters
    ----------
    limits : Limits
    sandboxed : bool
        Whether in a sandbox; without one, only deadlines and output are limited.
    secret : sequence of path
        Folders that must not be seen inside.
    warm : sequence of str
        Modules that it finds imported, where a process waits that has done so.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        sandboxed: bool = True,
        secret: Sequence[Path] = (),
        warm: Sequence[str] = (),
    ) -> None:
        self.limits, self.sandboxed, self.secret = limits, sandboxed, tuple(secret)
        self.warm = tuple(warm)
        self.folder = None if sandboxed else Folder()
        self.starts = 0
        self.waited = 0.0
        """Seconds in which something in it waited for a processor, or was stopped by a look."""
        self.watch: Watch | None = None
        self.context = zmq.Context()
        """Of all sockets. One that is collected as garbage waits for its sockets for ever."""
        self.start()

    def start(self) -> None:
        """Start a kernel and wait until it answers; one that doesn't is tried again.

        Raises
        ------
        NotStarted
        """
        for left in reversed(range(STARTS)):
            self.starts += 1
            try:
                self._launch()
                self._connect()
            except (RuntimeError, OSError, zmq.ZMQError) as error:
                self.kill()
                if not left:
                    raise NotStarted(f"the kernel could not be started: {error}") from error
            else:
                self.watch = Watch(self)
                return

    def _launch(self) -> None:
        self.context.destroy(linger=0)
        specs = Specs()
        specs.spec = KernelSpec(
            argv=ARGV,
            display_name="graded",
            language="python",
            interrupt_mode="message",
            metadata=self._provisioner(),
        )
        self.context = zmq.Context()
        self.context.setsockopt(zmq.MAXMSGSIZE, MOST_DROPPED)
        if self.sandboxed:  # and its sockets are there; else they come later
            self.context.setsockopt(zmq.RECONNECT_IVL, NEVER_MS)
        # With a full queue, libzmq aborts where a PING is read after the connection was lost.
        self.context.setsockopt(zmq.RCVHWM, 0)
        self.context.setsockopt(zmq.SNDTIMEO, 1000)
        self.context.setsockopt(zmq.LINGER, 0)
        self.kc = None
        own = {"kernel_name": "graded", "kernel_spec_manager": specs, "context": self.context}
        if self.folder is None:
            self.km = SandboxManager(**own)
            self.km.start_kernel()
        else:
            file = self.folder.path / f"kernel-{self.starts}.json"
            self.km = KernelManager(**own, connection_file=str(file))
            self.km.start_kernel(cwd=str(self.folder.path))

    def _provisioner(self) -> dict[str, Any]:
        if not self.sandboxed:
            return {}
        config = {"limits": asdict(self.limits), "secret": list(map(str, self.secret))}
        config["warm"] = list(self.warm)
        return {
            "kernel_provisioner": {"provisioner_name": "deeplearn-sandbox", "config": config},
        }

    def _connect(self) -> None:
        """Connect until the kernel has answered and its output arrives."""
        end = time.monotonic() + self.limits.start_s
        while time.monotonic() < end and self.is_alive():
            self.kc = self.km.client(context=self.context)  # else it makes one of its own
            self.kc.start_channels(stdin=False, hb=False)
            heard, again = Heard(self.kc.kernel_info()), time.monotonic() + 10
            while time.monotonic() < again and self.is_alive():
                heard.listen(self.kc, 0.1, self.limits)
                if heard.is_over:
                    return
                if heard.replied and time.monotonic() - heard.replied > 0.5:
                    break  # the answer came before the connection for output was made
            self.kc.stop_channels()
        raise RuntimeError("it did not answer")

    def run(self, source: str, until: float | None = None, *, silent: bool = False) -> Outcome:
        """Run a cell.

        Parameters
        ----------
        source : str
            The cell.
        until : float, optional
            When the submission's time is over, by ``clock()``.
        silent : bool
            Whether what it prints is dropped, however much it is.

        Returns
        -------
        Outcome
            After one that ``stopped``, the kernel is gone: call ``start``.
        """
        limits, heard, interrupted = self.limits, Heard("", silent), 0.0
        if not self._lives():
            return self._stopped(self.watch.why or "died", heard)
        end, until = self.clock() + limits.cell_wall_s, until or float("inf")
        before = self.used().cpu_s
        try:
            heard.number = self.kc.execute(source, allow_stdin=False, stop_on_error=False)
        except zmq.ZMQError:
            return self._stopped("died", heard)
        while not heard.is_over:
            heard.listen(self.kc, LOOK_S, limits)
            now = time.monotonic()
            much = heard.size > limits.output_kb << 10 or heard.messages > limits.messages
            if much or heard.dropped > MOST_DROPPED:
                return self._stopped("output", heard)
            if not self._lives():
                return self._stopped(self.watch.why or "died", heard)
            late = self.clock() > end or self.is_over(until)
            late = late or self.watch.used.cpu_s - before > limits.cell_cpu_s
            if late and not interrupted:
                interrupted = now
                self._interrupt()
            elif interrupted and now - interrupted > GRACE_S:
                return self._stopped("time", heard)
            if heard.lost:
                return self._stopped("output", heard)
            if heard.replied and not heard.asked and now - heard.replied > ASK_S:
                with contextlib.suppress(zmq.ZMQError):
                    heard.asked = self.kc.kernel_info()
        if interrupted:
            return self._stopped("time", heard)
        heard.outcome.text = "".join(heard.text)
        return heard.outcome

    def clock(self) -> float:
        """Return a time in seconds, which stands still while the kernel waits for a processor.

        So it does while a look stops it. A neighbor with a hundred processes would else take the
        time of all others: it makes those wait, and each look takes long.
        """
        return time.monotonic() - self.waited

    def is_over(self, until: float) -> bool:
        """Tell whether a submission's time is over, by ``clock()``; that stands still not too long.

        Its own processes can wait for each other all the time.
        """
        return self.clock() >= until or time.monotonic() >= until + SPARE_S

    def waits(self) -> dict[str, float]:
        """Return how long each thread has waited for a processor."""
        return waits(self._roots())

    def rested(self) -> float:
        """Return how long looks have stopped it."""
        return self.km.provisioner.rested if self.sandboxed else 0.0

    def used(self) -> Usage:
        """Return what the kernel uses."""
        roots = self._roots()
        if not roots:
            return Usage()
        if self.sandboxed:
            return self.km.provisioner.used()
        return usage(roots, self.limits.memory_mb << 20)

    def _roots(self) -> list[int]:
        """Return the processes of which all others descend; none where no kernel was started."""
        provisioner = self.km.provisioner
        process = getattr(provisioner, "process", None)
        if process is None:
            return []
        return provisioner.roots if self.sandboxed else [process.pid]

    def is_alive(self) -> bool:
        provisioner = self.km.provisioner
        if self.sandboxed and provisioner is not None:
            return provisioner.is_alive
        process = getattr(provisioner, "process", None)
        return process is not None and process.poll() is None

    def _lives(self) -> bool:
        """Tell whether the kernel lives, and what looks at it."""
        return self.watch.is_alive() and self.is_alive()

    def _interrupt(self) -> None:
        with contextlib.suppress(zmq.ZMQError):
            message = self.kc.session.msg("interrupt_request", {})
            self.kc.control_channel.send(message)

    def _stopped(self, why: str, heard: Heard) -> Outcome:
        self.kill()
        return Outcome(why, "".join(heard.text))

    def end(self) -> None:
        """End the kernel's processes, from any thread; the rest is left to ``kill``."""
        provisioner = self.km.provisioner
        if self.sandboxed:
            provisioner.end()
        else:
            provisioner.process.kill()

    def kill(self) -> None:
        """End the kernel and all that it has started."""
        if self.watch is not None:
            self.watch.stop()
        self.context.destroy(linger=0)  # stop_channels would connect those that aren't there
        provisioner = self.km.provisioner
        if provisioner is not None:
            run_sync(provisioner.kill)()  # not by a message: who would read it?
            run_sync(provisioner.wait)()
        self.km.cleanup_resources()

    def stop(self) -> None:
        """End the kernel for good."""
        self.kill()
        if self.folder is not None:
            self.folder.remove()
