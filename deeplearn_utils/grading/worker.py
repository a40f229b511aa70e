"""A process that grades: it loads everything once, then forks for each submission.

``main`` reads one job a line and writes one record a line. What a submission does to the process
that grades it ends with that process: the next one gets a new one.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import json
import os
import resource
import select
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from .answers import answers_in
from .assignments import UNWRITTEN, Answer, Assignment, parse
from .limits import Limits
from .sandbox.provisioner import prepare
from .session import grade_notebook
from .shown import plain, visible

__all__ = ["graded", "main"]

MOST_RECORD = 4 << 20
MOST_WORDS = 50_000  # characters: a record that grows too large was graded again, and again
END_WITH_PARENT = 1  # PR_SET_PDEATHSIG
MOST_MEMORY = 6 << 30  # address space of a process that grades: what it is sent may be hostile


def graded(job: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Return the record of one submission.

    Parameters
    ----------
    job : dict
        ``name``; ``assignment``, its notebook, and ``assignment_name``; ``cases``, ``limits``,
        ``sandboxed``, ``secret``, ``warm``.
    content : bytes
        The notebook that was handed in.

    Returns
    -------
    dict
        ``status`` and ``reason``, ``points`` and ``of``, one entry a task, and ``to_read``: the
        answers in words, which a person reads where they are ``answered``. ``again`` says that the
        machine failed, not the student, so that another try is worth it.
    """
    hidden = job["cases"] is not None
    assignment = _assignment(job["assignment"], job["assignment_name"], hidden)
    try:
        taken = answers_in(content, [answer.id for answer in assignment.answers])
    except ValueError as error:
        return {**empty(job["name"], "unreadable", str(error)), "again": False}
    grading = grade_notebook(
        assignment,
        taken.cells,
        job["cases"],
        limits=Limits(**job["limits"]),
        sandboxed=job["sandboxed"],
        secret=[Path(path) for path in job["secret"]],
    )
    tasks = [
        {
            "task": check.id,
            "title": plain(check.title),
            "points": check.points if check.id in grading.passed else 0.0,
            "of": check.points,
            "reason": plain(grading.reasons.get(check.id, ""), 600),
            "complete": check.id not in grading.stopped,
        }
        for check in assignment.checks
    ]
    written = [answer for answer in assignment.answers if answer.is_read]
    stopped = [task["task"] for task in tasks if not task["complete"]]
    reason = f"stopped before the end: {', '.join(stopped)}" if stopped else ""
    reason = reason or "; ".join(f"the cell {name} is missing" for name in taken.missing)
    return {
        **empty(job["name"], "partly graded" if reason else "graded", reason),
        "points": sum(task["points"] for task in tasks),
        "of": sum(task["of"] for task in tasks),
        "tasks": tasks,
        "to_read": [_in_words(answer, taken.answers.get(answer.id, "")) for answer in written],
        "notes": [plain(note) for note in taken.notes],
        "again": grading.unstarted,
    }


@functools.lru_cache(maxsize=1)
def _assignment(notebook: str, name: str, hidden: bool) -> Assignment:
    return parse(notebook.encode(), name, hidden=hidden)


def _in_words(answer: Answer, text: str) -> dict[str, Any]:
    """Return an answer that a person reads, unless nothing was written."""
    answered = text.strip() not in UNWRITTEN
    if len(text) > MOST_WORDS:
        text = f"{text[:MOST_WORDS]} … (the rest is in the notebook)"
    return {"task": answer.id, "of": answer.points, "text": visible(text), "answered": answered}


def empty(name: str, status: str, reason: str) -> dict[str, Any]:
    """Return the record of a submission without points."""
    nothing = {"points": 0.0, "of": 0.0, "tasks": [], "to_read": [], "notes": []}
    return {"name": name, "status": status, "reason": plain(reason), **nothing}


def main() -> None:
    """Grade what comes in until no more comes."""
    jobs = sys.stdin.buffer
    results = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "w") as nothing:  # pytest talks
        os.dup2(nothing.fileno(), 1)
    gc.freeze()  # no child looks through what is loaded: that took a quarter of its time
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl+C is for whoever started this
        while line := jobs.readline():
            job = json.loads(line)
            content = jobs.read(job["length"])
            if job["sandboxed"]:
                prepare(job["warm"])
            if job["cases"] is not None:  # the course's: read once, with what reads it
                _assignment(job["assignment"], job["assignment_name"], True)
            results.write(_in_fork(job, content) + b"\n")
            results.flush()


def _in_fork(job: dict[str, Any], content: bytes) -> bytes:
    """Grade in a child; if that fails, the record says so."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read_end)
            os.setpgid(0, 0)
            if sys.platform == "linux":
                ctypes.CDLL(None).prctl(END_WITH_PARENT, signal.SIGKILL)
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            record = json.dumps(graded(job, content), allow_nan=False)
            with os.fdopen(write_end, "wb") as file:
                file.write(record.encode())
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(write_end)
    told = _all_of(read_end, child)
    _, status = os.waitpid(child, 0)
    if status == 0 and told:
        return told
    how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "an error"
    record = empty(job["name"], "refused", f"grading it ended with {how}; see the log")
    return json.dumps({**record, "again": True}).encode()


def _all_of(fd: int, child: int) -> bytes:
    """Read what a child says, and end it when nobody waits for that any more."""
    parts: list[bytes] = []
    gone = select.poll()
    gone.register(0, 0)  # tells when the other end of stdin was closed
    with os.fdopen(fd, "rb", buffering=0) as pipe:
        while True:
            ready, _, _ = select.select([pipe], [], [], 0.5)
            if ready:
                part = pipe.read(1 << 16)
                parts.append(part)
                if not part or sum(map(len, parts)) > MOST_RECORD:
                    break
            elif gone.poll(0):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)
                os._exit(0)
    return b"".join(parts)
