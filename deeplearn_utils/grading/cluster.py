"""The same grading on a Dask cluster: the same code, the same seed, so the same marks.

Only machines that are trusted belong in the cluster: Dask's messages are pickled, and a scheduler
takes work from whoever reaches it. Students' code runs in a sandbox there as here, and what it says
comes back as the text of a record.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from .pool import Worker
from .sandbox.bubblewrap import INSTALL, Unavailable, why_not
from .submissions import Submission
from .worker import empty

__all__ = ["run_there"]

OWN = threading.local()
AHEAD = 4  # submissions for each thread that are sent before one is graded


def run_there(
    job: dict[str, Any], submissions: Iterable[Submission], address: str
) -> Iterator[tuple[Submission, dict[str, Any]]]:
    """Grade on a cluster; yield each submission with its record, in any order.

    A worker that dies is left out, and what it graded is graded by another: nothing is lost, and
    of each submission one record comes back.

    Parameters
    ----------
    job : dict
        What all submissions share, as `worker.graded` takes it.
    submissions : iterable of Submission
    address : str
        Of the scheduler, such as "tcp://127.0.0.1:8786".

    Yields
    ------
    Submission, dict

    Raises
    ------
    Unavailable
        If a machine of the cluster has no sandbox.
    ValueError
        If the address is none.
    """
    try:
        from distributed import Client, as_completed
        from distributed.comm import resolve_address
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise ImportError("`scheduler` needs Dask: pip install -e '.[cluster]' brings it") from None
    resolve_address(address)  # a client whose address is none never ends
    with Client(address, set_as_default=False) as client:
        if job["sandboxed"]:
            for where, reason in client.run(why_not).items():
                if reason:
                    raise Unavailable(f"{where}: {INSTALL.format(reason=reason).strip()}")
        shared = client.submit(dict, job, pure=False)  # made anew where all who had it are gone
        waiting = iter(submissions)
        futures = {}
        done = as_completed(loop=client.loop)

        def send(most: int) -> None:
            for submission in islice(waiting, most):  # all of a class at once may be gigabytes
                future = client.submit(_there, shared, submission, pure=False)
                futures[future] = submission
                done.add(future)

        send(AHEAD * max(1, sum(client.nthreads().values())))
        for future in done:
            submission = futures.pop(future)
            try:
                record = future.result()
            except KilledWorker:
                reason = "several workers of the cluster died while they graded it"
                record = empty(submission.name, "refused", reason)
            send(1)
            yield submission, record


def _there(job: dict[str, Any], submission: Submission) -> dict[str, Any]:
    """Grade on the cluster, with a process that this thread keeps."""
    if not hasattr(OWN, "worker"):
        OWN.worker = Worker()
    return OWN.worker.grade(job, submission)
