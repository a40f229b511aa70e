"""Processes that grade side by side, each replaced when it dies."""

from __future__ import annotations

import json
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

from .assignments import ROOT
from .limits import SPARE_S
from .submissions import Submission
from .worker import empty

__all__ = ["Worker", "run"]

TRIES = 3
MOST_LINE = 8 << 20
FILLED = {"MALLOC_PERTURB_": "1"}
"""Has glibc fill memory that is taken or given back: a kernel that sends libzmq a PING which is too
short is told sixteen bytes of what was there before, and that could be what is right."""
START = (
    "import sys; sys.path.append(sys.argv.pop()); "  # a checkout needs not be installed
    "from deeplearn_utils.grading.worker import main; main()"
)


class Worker:
    """One process that grades one submission at a time.

    If it dies, or doesn't come back in time, a new one is started, and the submission tried again;
    so it is where no kernel could be had.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.closed = False

    def grade(self, job: dict[str, Any], submission: Submission) -> dict[str, Any]:
        """Return a submission's record, whatever happens."""
        if submission.refused:
            return empty(submission.name, "unreadable", submission.refused)
        reason = f"the process that graded it ended {TRIES} times"
        record = empty(submission.name, "refused", reason)
        for _ in range(TRIES):
            if self.closed:
                break
            try:
                record = self._ask({**job, "name": submission.name}, submission.content)
            except (OSError, ValueError):
                self.stop()
            else:
                if not record["again"]:
                    break
        return record

    def _ask(self, job: dict[str, Any], content: bytes) -> dict[str, Any]:
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", START, str(ROOT)],  # nothing of the folder we are in
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                env={**os.environ, **FILLED},
            )
        line = json.dumps({**job, "length": len(content)}).encode()
        self._send(line + b"\n" + content)
        limits = job["limits"]
        told = self._line(limits["notebook_wall_s"] + 3 * limits["start_s"] + SPARE_S)
        return json.loads(told)

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self.process.stdin.write(view) :]

    def _line(self, seconds: float) -> bytes:
        parts, end = [], time.monotonic() + seconds
        fd = self.process.stdout.fileno()
        while not parts or not parts[-1].endswith(b"\n"):
            left = end - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                raise TimeoutError("no answer")
            part = os.read(fd, 1 << 16)
            if not part or sum(map(len, parts)) > MOST_LINE:
                raise OSError("the worker ended")
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """End the process for good."""
        self.closed = True
        self.stop()

    def stop(self) -> None:
        """End the process; the next submission gets a new one."""
        process, self.process = self.process, None  # of two threads, one may be here already
        if process is not None:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()


def run(
    job: dict[str, Any], submissions: Iterable[Submission], workers: int
) -> Iterator[tuple[Submission, dict[str, Any]]]:
    """Grade with several processes; yield each submission with its record, in any order."""
    waiting: queue.Queue[Submission | None] = queue.Queue(maxsize=2 * workers)
    done: queue.Queue[tuple[Submission, dict[str, Any]] | BaseException | None] = queue.Queue()
    stopping = threading.Event()
    team = [Worker() for _ in range(workers)]

    def work(worker: Worker) -> None:
        while (submission := waiting.get()) is not None:
            if stopping.is_set():
                continue
            try:
                done.put((submission, worker.grade(job, submission)))
            except BaseException as error:
                done.put(error)
        done.put(None)

    def feed() -> None:
        try:
            for submission in submissions:
                if stopping.is_set():
                    break
                waiting.put(submission)
        except BaseException as error:
            done.put(error)
        for _ in team:
            waiting.put(None)

    threads = [threading.Thread(target=work, args=(w,), daemon=True) for w in team]
    threads.append(threading.Thread(target=feed, daemon=True))
    for thread in threads:
        thread.start()
    try:
        running = len(team)
        while running:
            item = done.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                running -= 1
            else:
                yield item
    finally:
        stopping.set()
        for worker in team:
            worker.close()
