"""What a model costs: bytes, memory, time to the first answer, time for each, and operations.

Times depend on the machine and its load: they are told with their spread, and no test rests on
them. Sources: Banbury et al., "MLPerf Tiny benchmark" (2021); David et al., "TensorFlow Lite
Micro" (2021) on the arena.
"""

import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

from ..checks import count, in_range, instance, not_empty, one_library
from .errors import ModelError
from .formats import open_model
from .integer import IntegerModel

__all__ = ["Latency", "Size", "StartUp", "Target", "arena", "latency", "size", "start_up"]


@dataclass(frozen=True)
class Size:
    """How many bytes a file has, and how many after gzip packed it."""

    n_bytes: int
    n_compressed: int


def size(content: bytes) -> Size:
    """Return the size of a file, raw and compressed.

    Examples
    --------
    >>> size(bytes(1000))
    Size(n_bytes=1000, n_compressed=29)
    """
    instance("content", content, (bytes, bytearray), "bytes, such as path.read_bytes()")
    return Size(len(content), len(gzip.compress(content, 9, mtime=0)))


def arena(model: IntegerModel) -> int:
    """Return how many bytes the activations of an 8-bit model need at the same time.

    Each activation lives from the step that computes it to the last one that takes it; the most
    that live together are counted. A step that reshapes takes no room of its own.

    Parameters
    ----------
    model : IntegerModel

    Returns
    -------
    int
        A lower bound of what a runtime needs: an arena also holds what it knows of each tensor.
    """
    instance("model", model, IntegerModel, "an IntegerModel, such as integer.read(path)")
    last = {model.output: len(model.steps)}
    owner = {at: at for at in range(len(model.tensors))}
    for n, step in enumerate(model.steps):
        if step.kind == "reshape":
            owner[step.output] = owner[step.inputs[0]]
        for at in (*step.inputs, step.output):
            last[owner[at]] = max(last.get(owner[at], 0), n, last.get(at, 0))
    first = {owner[model.input]: 0}
    for n, step in enumerate(model.steps):
        first.setdefault(owner[step.output], n)
    live = [
        sum(_room(model, at) for at in first if first[at] <= n <= last[at])
        for n in range(len(model.steps))
    ]
    return max(live, default=0)


def _room(model: IntegerModel, at: int) -> int:
    tensor = model.tensors[at]
    return int(np.prod(tensor.shape, dtype=int)) * np.dtype(tensor.dtype).itemsize


@dataclass(frozen=True)
class Latency:
    """How long one input takes.

    Attributes
    ----------
    median, percentile_95 : float
        Seconds.
    n_repeats : int
        How many inputs were timed, one at a time.
    """

    median: float
    percentile_95: float
    n_repeats: int

    def __str__(self) -> str:
        return (
            f"{self.median * 1e6:.1f} µs in the median, {self.percentile_95 * 1e6:.1f} µs for 95 "
            f"of 100, of {self.n_repeats} inputs"
        )


def latency(
    path: str | os.PathLike[str],
    X: np.ndarray,
    *,
    format: str = "litert",
    repeats: int = 1000,
    warm_up: int = 50,
) -> Latency:
    """Time a model's file in its own runtime, one input at a time.

    Parameters
    ----------
    path : path
    X : ndarray, shape (n, ...)
        Inputs as the file takes them, used in turn.
    format : str
        A key of `runtime.RUNTIMES`.
    repeats, warm_up : int
        How many inputs are timed, and how many come before that.

    Returns
    -------
    Latency
        Of the runtime's own call and this book's check of shape and dtype.

    Raises
    ------
    ModelError, TypeError, ValueError
        As `open_model` and its session do.
    """
    repeats, warm_up = count("repeats", repeats), count("warm_up", warm_up, low=0)
    one_library(X=X)
    not_empty("X", X)
    session = open_model(path, format)
    times = []
    for n in range(warm_up + repeats):
        x = X[n % len(X)][None]
        started = time.perf_counter()
        session(x)
        times.append(time.perf_counter() - started)
    times = sorted(times[warm_up:])
    return Latency(statistics.median(times), times[min(repeats - 1, int(0.95 * repeats))], repeats)


@dataclass(frozen=True)
class StartUp:
    """A process that does nothing but load a model and give one answer.

    Attributes
    ----------
    seconds : float
        From its start to the first answer, in the median.
    resident : int
        The most bytes of memory that it had, in the median.
    n_repeats : int
    """

    seconds: float
    resident: int
    n_repeats: int


ONCE = """
import json, re, sys
from pathlib import Path
import numpy as np
from ai_edge_litert.interpreter import Interpreter
interpreter = Interpreter(sys.argv[1])
interpreter.allocate_tensors()
(takes,) = interpreter.get_input_details()
interpreter.set_tensor(takes["index"], np.zeros(takes["shape"], takes["dtype"]))
interpreter.invoke()
status = Path("/proc/self/status")
if status.exists():  # getrusage also counts the process that started this one
    peak = 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1])
else:
    import resource
    unit = 1 if sys.platform == "darwin" else 1024
    peak = unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps(peak))
"""
"""A program that needs NumPy and ai-edge-litert alone."""


def start_up(
    path: str | os.PathLike[str],
    *,
    repeats: int = 5,
    python: str | os.PathLike[str] = sys.executable,
) -> StartUp:
    """Start a new process for a LiteRT file, several times; tell how long it took to one answer.

    Parameters
    ----------
    path : path
    repeats : int
    python : path
        Of an environment with NumPy and ai-edge-litert.

    Raises
    ------
    ModelError
        When a process fails.
    """
    repeats = count("repeats", repeats)
    seconds, peaks = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        command = [os.fspath(python), "-c", ONCE, os.fspath(path)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8")
        seconds.append(time.perf_counter() - started)
        if done.returncode:
            reason = next(iter(done.stderr.strip().splitlines()[::-1]), "no reason given")
            raise ModelError(f"`{path}` gave no answer in a process of its own: {reason}")
        peaks.append(json.loads(done.stdout))
    return StartUp(statistics.median(seconds), int(statistics.median(peaks)), repeats)


@dataclass(frozen=True)
class Target:
    """A device: how much it can hold, and how much it keeps at work.

    Parameters
    ----------
    flash : int
        Bytes for the program with the model.
    ram : int
        Bytes for activations and what else changes.

    Examples
    --------
    >>> Target(256 * 1024, 64 * 1024).used(flash=30_000, ram=8_000)
    'flash 30000 of 262144 bytes (11 %), RAM 8000 of 65536 bytes (12 %): fits'
    """

    flash: int
    ram: int

    def __post_init__(self) -> None:
        for name in ("flash", "ram"):
            in_range(name, getattr(self, name), 0, open_low=True)

    def fits(self, *, flash: int, ram: int) -> bool:
        """Tell whether a program fits."""
        flash, ram = (in_range(n, x, 0) for n, x in (("flash", flash), ("ram", ram)))
        return flash <= self.flash and ram <= self.ram

    def used(self, *, flash: int, ram: int) -> str:
        """Say how much a program uses."""
        flash, ram = (in_range(n, x, 0) for n, x in (("flash", flash), ("ram", ram)))
        kinds = (("flash", flash, self.flash), ("RAM", ram, self.ram))
        parts = [f"{name} {n} of {most} bytes ({n / most:.0%})" for name, n, most in kinds]
        verdict = "fits" if self.fits(flash=flash, ram=ram) else "does not fit"
        return f"{', '.join(parts)}: {verdict}".replace("%)", " %)")
