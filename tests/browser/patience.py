"""Waiting for as long as something moves: a busy machine is slow, and slow is no fault."""

import time
from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import Page

STANDSTILL = 120.0
"""Seconds without any sign of work after which a test gives up."""

LOOK = 1000  # milliseconds between two looks: a look goes through 80,000 elements and all programs

# What changes on a page while a notebook runs: its elements, what it says, its panels' frames.
SIGNS = """() => [
    document.querySelectorAll("*").length,
    document.querySelector("#jp-main-statusbar")?.textContent,
    ...[...document.querySelectorAll(".jp-InputPrompt")].map(prompt => prompt.textContent),
    ...[...document.querySelectorAll("[data-frames]")].map(host => host.dataset.frames),
]"""


def wait_while_it_moves(page: Page, is_there: Callable[[], object]) -> None:
    """Wait until `is_there()`; fail when nothing has moved for STANDSTILL seconds."""
    signs, since = None, time.monotonic()
    while not is_there():
        page.wait_for_timeout(LOOK)
        found = (page.evaluate(SIGNS), processor_time() // 5)
        if found != signs:
            signs, since = found, time.monotonic()
        elif time.monotonic() - since > STANDSTILL:
            pytest.fail(f"nothing moved for {STANDSTILL:.0f} s; the page shows {signs}")


def processor_time() -> float:
    """Return the seconds of processor time that the programs started here have used: kernels."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
