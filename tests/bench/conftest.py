"""Benchmarks print their numbers as tables; ``make bench`` runs them, ``make test`` does not.

Times differ between machines, so that every table also gives a ratio: to NumPy, to a frame, ...
The ratios that have a goal stand in one table more, in build/bench.json and in build/bench.png.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from tests.bench import goals

TABLES: dict[tuple[str, ...], list[tuple[str, ...]]] = {}


@pytest.fixture
def table() -> Callable[..., None]:
    """Return ``table(title, header, *columns)``, which adds a line to a table of the summary."""

    def add(title: str, header: tuple[str, ...], *columns: object) -> None:
        TABLES.setdefault((title, *header), []).append(tuple(map(str, columns)))

    return add


@pytest.fixture
def seconds() -> Callable[[Callable[[], object]], float]:
    """Return a clock: the fastest of many calls, which other programs disturb least."""

    def best(function: Callable[[], object], *, budget: float = 0.5) -> float:
        function()
        calls = 1
        while (elapsed := clock(function, calls)) < budget / 20:
            calls *= 2
        repeats = max(5, int(budget / elapsed))
        return min(clock(function, calls) for _ in range(repeats)) / calls

    return best


def clock(function: Callable[[], object], calls: int) -> float:
    """Return the seconds that so many calls take together."""
    started = time.perf_counter()
    for _ in range(calls):
        function()
    return time.perf_counter() - started


@pytest.fixture(scope="module")
def one_core() -> Iterator[None]:
    """Keep this process, with the threads it starts from now on, on one core."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if cores:
        os.sched_setaffinity(0, {max(cores)})
    with threadpool_limits(1):
        yield
    if cores:
        os.sched_setaffinity(0, cores)


@pytest.fixture
def medians(benchmark: Any) -> Callable[..., dict[str, float]]:
    """Return ``medians(peers, rounds)``: the processor time of each peer, median of its rounds.

    In each round every peer runs once, so that what else the machine does meets all of them.
    """

    def measure(
        peers: dict[str, Callable[[], object]],
        rounds: int = 15,
        clock: Callable[[], float] = time.process_time,
    ) -> dict[str, float]:
        seconds: dict[str, list[float]] = {name: [] for name in peers}

        def one_round() -> None:
            for name, run in peers.items():
                started = clock()
                run()
                seconds[name].append(clock() - started)

        benchmark.pedantic(one_round, rounds=rounds, warmup_rounds=2)
        found = {name: statistics.median(times[2:]) for name, times in seconds.items()}
        benchmark.extra_info["medians"] = found
        return found

    return measure


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables, columns aligned."""
    tables = dict(TABLES)
    if goals.ROWS:
        goals.write()
        header = ("one core, single precision", "goal", "measured", "")
        tables[("Goals (also in build/bench.json and build/bench.png)", *header)] = goals.table()
    for (title, *header), lines in tables.items():
        terminalreporter.section(title)
        rows = [tuple(header), *lines]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            terminalreporter.line("  ".join(cells).rstrip())
    for line in goals.machine() if goals.ROWS else ():
        terminalreporter.line(line)
