"""The goals of the book's speed: each row a ratio to a peer, measured in the same run."""

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import threadpoolctl

BUILD = Path(__file__).parents[2] / "build"


@dataclass(frozen=True)
class Row:
    """One line of the table; `measured` is None where it could not be measured here."""

    name: str
    goal: str
    measured: float | None
    met: bool | None


ROWS: list[Row] = []


def faster(name: str, ours: float, theirs: float, goal: float) -> None:
    """Note how many times faster than a peer we are; the goal is the least."""
    ratio = round(theirs / ours, 3)
    ROWS.append(Row(name, f"at least {goal:g}x faster", ratio, ratio >= goal))


def no_slower(name: str, ours: float, theirs: float, goal: float) -> None:
    """Note how many times a peer's time we take; the goal is the most."""
    ratio = round(ours / theirs, 3)
    ROWS.append(Row(name, f"at most {goal:g}x the time", ratio, ratio <= goal))


def part(name: str, ours: float, goal: float) -> None:
    """Note which part of what is possible we reach; the goal is the least."""
    ratio = round(ours, 3)
    ROWS.append(Row(name, f"at least {goal:g} of it", ratio, ratio >= goal))


def smaller(name: str, ratio: float, goal: float) -> None:
    """Note how many times smaller something became; the goal is the least."""
    ROWS.append(Row(name, f"at least {goal:g}x smaller", round(ratio, 3), ratio >= goal))


def within(name: str, measured: float, goal: float, unit: str = "µs") -> None:
    """Note a time or a size of ours; the goal is the most."""
    ROWS.append(Row(name, f"at most {goal:g} {unit}", round(measured, 3), measured <= goal))


def not_here(name: str, reason: str) -> None:
    """Note a goal that this machine can't be asked about."""
    ROWS.append(Row(name, reason, None, None))


def table() -> list[tuple[str, str, str, str]]:
    """Return the rows as text."""
    marks = {True: "met", False: "NOT MET", None: "-"}
    return [
        (r.name, r.goal, "-" if r.measured is None else f"{r.measured:.2f}", marks[r.met])
        for r in ROWS
    ]


def machine() -> list[str]:
    """Return what the numbers depend on: processor, BLAS, threads, load, variables, versions."""
    pools = [
        f"{pool['internal_api']} {pool['version']} ({pool.get('architecture', '?')}), "
        f"threads: {pool['num_threads']}"
        for pool in threadpoolctl.threadpool_info()
    ]
    load = " ".join(f"{x:.1f}" for x in os.getloadavg()) if hasattr(os, "getloadavg") else "?"
    bending = ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    variables = ", ".join(f"{k}={os.environ[k]}" for k in bending if k in os.environ)
    found = ("numpy", "scipy", "torch", "jax", "tensorflow", "keras", "sklearn")
    versions = ", ".join(f"{m} {sys.modules[m].__version__}" for m in found if m in sys.modules)
    return [
        f"processor: {_processor()}, {os.cpu_count()} cores; load {load}",
        *(f"threads and BLAS: {pool}" for pool in pools),
        f"variables: {variables or 'none'}",
        f"Python {platform.python_version()}, {versions}",
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def write() -> None:
    """Write build/bench.json and build/bench.png."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    from deeplearn_utils import figures

    BUILD.mkdir(exist_ok=True)
    text = json.dumps([asdict(row) for row in ROWS], indent=1, ensure_ascii=False)
    (BUILD / "bench.json").write_text(text + "\n")
    figures.goal_bars([asdict(row) for row in ROWS])
    plt.savefig(BUILD / "bench.png", dpi=130)
