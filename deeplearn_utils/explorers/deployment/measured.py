"""What `BatchingExplorer` shows: latencies of one machine, as `measuring` writes them."""

from __future__ import annotations

import json
from functools import cache
from typing import NamedTuple

import numpy as np

from deeplearn_utils.edge.formats import RUNTIMES

from ..parts.stored import stored

FORMATS = ("litert", "onnx", "savedmodel", "torchscript")
"""What was measured where it was installed: formats of `edge`, each in its own runtime."""

BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
THREADS = (1, 2)


class Measured(NamedTuple):
    """Latencies in milliseconds, and where and when they were measured."""

    machine: str
    date: str
    batches: np.ndarray  # (sizes,)
    median: dict[tuple[str, int], np.ndarray]  # by format and threads: (sizes,)
    slow: dict[tuple[str, int], np.ndarray]  # 95 % of the calls are as fast or faster

    @property
    def throughput(self) -> dict[tuple[str, int], np.ndarray]:
        """Samples a second, by format and threads: (sizes,)."""
        return {place: 1e3 * self.batches / times for place, times in self.median.items()}

    @property
    def runtimes(self) -> dict[str, str]:
        """The runtimes that were there: their titles by their formats."""
        return {name: RUNTIMES[name].title for name in FORMATS if (name, 1) in self.median}


@cache
def measured() -> Measured:
    """Read the measurements that are stored beside this module."""
    return stored(__package__, "latencies.json", read)


def read(text: str) -> Measured:
    """Read measurements from a file's text."""
    found = json.loads(text)
    median, slow = (
        {
            (runtime, threads): np.array(times[str(threads)][name])
            for runtime, times in found["milliseconds"].items()
            for threads in THREADS
        }
        for name in ("median", "95 %")
    )
    return Measured(found["machine"], found["date"], np.array(found["batches"]), median, slow)
