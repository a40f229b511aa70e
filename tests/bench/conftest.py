"""Benchmarks print their numbers as tables; ``make bench`` runs them, ``make test`` does not.

Times differ between machines, so that every table also gives a ratio: to NumPy, to a frame, ...
"""

import time
from collections.abc import Callable

import pytest

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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables, columns aligned."""
    for (title, *header), lines in TABLES.items():
        terminalreporter.section(title)
        rows = [tuple(header), *lines]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            terminalreporter.line("  ".join(cells).rstrip())
