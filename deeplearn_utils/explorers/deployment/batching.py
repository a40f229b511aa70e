"""Batch size and threads against latency and throughput, from measurements of one machine."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from ..parts.numbers import in_powers
from .batching_panes import ALL, LATENCIES, MEASURED, NAMES, THROUGHPUTS
from .measured import THREADS, Measured

BATCHES = tuple(int(size) for size in MEASURED.batches)
CLOSE = 0.95
"""Measured again, the best of two that are closer may be the other one."""

Place = tuple[str, int, int]
"""A runtime, a number of threads, and the place of a batch size."""


def round_number(value: float) -> float:
    """Return the nearest 1, 2 or 5 times a power of ten, nearest as ratios go.

    >>> round_number(0.3), round_number(0.4), round_number(7.5), round_number(90.0)
    (0.2, 0.5, 10.0, 100.0)
    """
    power = np.floor(np.log10(value))
    near = np.array([1.0, 2.0, 5.0, 10.0]) * 10**power
    return float(f"{near[np.abs(np.log(near / value)).argmin()]:g}")


def middle_latency(found: Measured) -> float:
    """Return a round number of milliseconds in the middle of all latencies."""
    return round_number(np.exp(np.mean([np.log(times) for times in found.slow.values()])))


def slowest(found: Measured) -> str:
    """Return the runtime whose call with a single sample takes longest, with one thread."""
    return max(found.runtimes, key=lambda runtime: found.median[runtime, 1][0])


def best(found: Measured, limit: float, runtime: str | None = None) -> Place | None:
    """Return where the throughput is largest while 95 % of the calls stay within the limit."""
    within = [
        (*place, k)
        for place, times in found.slow.items()
        for k in np.flatnonzero(times <= limit).tolist()
        if runtime in (None, place[0])
    ]
    return max(within, key=lambda place: throughput(found, place), default=None)


def throughput(found: Measured, place: Place) -> float:
    """Return samples a second."""
    *of, k = place
    return float(found.throughput[tuple(of)][k])


def whole(value: float) -> str:
    """Return a large number with two significant digits.

    >>> whole(286_450.0), whole(1_904.0)
    ('290,000', '1,900')
    """
    return f"{float(f'{value:.2g}'):,.0f}"


LIMIT = middle_latency(MEASURED)
SLOWEST = slowest(MEASURED)


def asked(found: Measured) -> Question:
    """Return the question: what a large batch takes, from what a single sample takes."""
    runtime = slowest(found)
    name, times, most = found.runtimes[runtime], found.median[runtime, 1], found.batches[-1]
    one, all_of_them = float(times[0]), float(times[-1])
    return Question(
        text=(
            f"With {name} and one thread, a call with one sample takes {one:.2g} ms. A call with "
            f"{most} samples takes:"
        ),
        options=tuple(f"about {in_powers(t)} ms" for t in (one, all_of_them, most * one)),
        answer=1,
        explanation=(
            f"{in_powers(all_of_them)} ms: {most} times the samples in "
            f"{in_powers(all_of_them / one)} times the time. Part of the time is that of the call, "
            f"however many samples it has. For each sample it is {in_powers(1e3 * one)} µs alone "
            f"and {in_powers(1e3 * all_of_them / most)} µs with all of them."
        ),
    )


def explained(found: Measured, limit: float) -> str:
    """Return where each runtime is best within the limit."""
    places = {name: best(found, limit, runtime) for runtime, name in found.runtimes.items()}
    told = [
        f"{name} {whole(throughput(found, place))} a second (batch {found.batches[place[2]]}, "
        f"{NAMES[str(place[1])]})"
        if place
        else f"{name} at no batch size"
        for name, place in places.items()
    ]
    return f"The best within the limit, on this machine: {'; '.join(told)}."


class BatchingExplorer(Explorer):
    """Latency and throughput of a small network in several runtimes, measured once."""

    name = "batching"
    title = f"Batch size and threads, measured on {MEASURED.machine} ({MEASURED.date})"
    summary = (
        f"Left: latency of a call of {MEASURED.runtimes[SLOWEST]} against batch size, both axes "
        "logarithmic, with one and with two threads. Middle: samples a second against batch size, "
        "which rise. Right: samples a second against latency, a curve for each runtime, and the "
        "target's limit."
    )
    controls = (
        Choice("runtime", "runtime", MEASURED.runtimes, SLOWEST),
        Choice("threads", "threads", NAMES, "1"),
        Slider("batch", "batch size", BATCHES, BATCHES[0]),
    )
    panes = (LATENCIES, THROUGHPUTS, ALL)
    depends = {
        **dict.fromkeys(("size", "limit"), ()),
        **dict.fromkeys(
            (f"{name}_{k}" for name in ("latency", "slow", "throughput") for k in THREADS),
            ("runtime",),
        ),
        **dict.fromkeys(
            (f"{name}_{key}" for name in ("slow", "throughput") for key in MEASURED.runtimes),
            ("threads",),
        ),
    }
    question = asked(MEASURED)
    target = Target(
        text=(
            "Find runtime, threads and batch size for the largest throughput, or a twentieth less, "
            f"at which 95 % of the calls take {LIMIT:g} ms or less."
        ),
        explanation=explained(MEASURED, LIMIT),
    )

    def look(self, runtime: str, threads: str, batch: int) -> Look:
        """Return the setting as a place in the measurements."""
        return Look(runtime, int(threads), BATCHES.index(batch))

    def compute(self, look: Look) -> Arrays:
        """Return the curves of the runtime and of all runtimes, and the current place."""
        runtime, threads, place = look
        now = MEASURED.median[runtime, threads][place], MEASURED.slow[runtime, threads][place]
        tables = {"slow": MEASURED.slow, "throughput": MEASURED.throughput}
        both = {"latency": MEASURED.median, **tables}
        return {
            **{"size": MEASURED.batches.astype(float), "limit": LIMIT},
            **{f"{name}_{k}": table[runtime, k] for name, table in both.items() for k in THREADS},
            **{
                f"{name}_{key}": table[key, threads]
                for name, table in tables.items()
                for key in MEASURED.runtimes
            },
            **{"batch": float(BATCHES[place]), "latency_now": now[0], "slow_now": now[1]},
            "throughput_now": throughput(MEASURED, look),
        }

    def describe(self, look: Look) -> str:
        """Tell latency, throughput, and for how many samples each one waits."""
        runtime, threads, place = look
        size, name = BATCHES[place], MEASURED.runtimes[runtime]
        samples = f"{size} samples, which wait for each other," if size > 1 else "one sample"
        return (
            f"{name}, {NAMES[str(threads)]}: a call with {samples} takes "
            f"{in_powers(MEASURED.median[runtime, threads][place])} ms, 95 % of the calls at most "
            f"{in_powers(MEASURED.slow[runtime, threads][place])} ms: "
            f"{whole(throughput(MEASURED, look))} samples a second."
        )

    def reached(self, look: Look) -> bool:
        """Tell whether the throughput is about the largest within the limit."""
        runtime, threads, place = look
        within = MEASURED.slow[runtime, threads][place] <= LIMIT
        most = throughput(MEASURED, best(MEASURED, LIMIT))
        return bool(within and throughput(MEASURED, look) >= CLOSE * most)


class Look(NamedTuple):
    """One setting."""

    runtime: str
    threads: int
    place: int
