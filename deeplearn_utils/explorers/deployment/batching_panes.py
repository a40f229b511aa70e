"""The picture of `BatchingExplorer`: latency, throughput, and one against the other."""

from __future__ import annotations

import numpy as np

from deeplearn_utils import colors

from ..parts.marks import Area, Axis, Dots, Line, Mark, Pane, Rule
from .measured import THREADS, measured

MEASURED = measured()
SYMBOLS = ("circle", "square", "triangle", "cross")
NAMES = {"1": "1 thread", "2": "2 threads"}


def around(*arrays: np.ndarray) -> tuple[float, float]:
    """Return a logarithmic axis's ends, a little outside of all numbers."""
    every = np.concatenate(arrays)
    return float(every.min() / 1.4), float(every.max() * 1.4)


BATCH = Axis(
    label="batch size (log scale)",
    domain=around(MEASURED.batches),
    scale="log",
    ticks=tuple((float(size), str(size)) for size in MEASURED.batches[::3]),
)
LATENCY = Axis(
    label="latency of a call (ms)",
    domain=around(*MEASURED.median.values(), *MEASURED.slow.values()),
    scale="log",
)
THROUGHPUT = Axis(
    label="samples a second", domain=around(*MEASURED.throughput.values()), scale="log"
)


def of_threads(quantity: str) -> tuple[Mark, ...]:
    """Return a line for each number of threads."""
    return tuple(
        mark
        for threads, color, symbol in zip(
            THREADS, (colors.BLUE, colors.VERMILION), SYMBOLS, strict=False
        )
        for mark in (
            Line(x="size", y=f"{quantity}_{threads}", color=color, dashed=threads > 1),
            Dots(
                x="size",
                y=f"{quantity}_{threads}",
                color=color,
                symbol=symbol,
                size=4,
                label=NAMES[str(threads)],
            ),
        )
    )


LATENCIES = Pane(
    title="Latency: median, and up to where 95 % of the calls lie",
    x=BATCH,
    y=LATENCY,
    aspect=1.0,
    marks=(
        *(
            Area(x="size", low=f"latency_{k}", high=f"slow_{k}", color=color, opacity=0.25)
            for k, color in zip(THREADS, (colors.BLUE, colors.VERMILION), strict=True)
        ),
        Rule(at="limit", axis="y", dashed=True, label="the target's limit"),
        Rule(at="batch", width=1.5),
        *of_threads("latency"),
        Dots(x="batch", y="latency_now", size=9, hollow=True, label="now"),
    ),
)
THROUGHPUTS = Pane(
    title="Throughput",
    x=BATCH,
    y=THROUGHPUT,
    aspect=1.0,
    marks=(
        Rule(at="batch", width=1.5),
        *of_threads("throughput"),
        Dots(x="batch", y="throughput_now", size=9, hollow=True, label="now"),
    ),
)
ALL = Pane(
    title="All runtimes, with the chosen threads",
    x=Axis(label="95 % of the calls within (ms)", domain=LATENCY.domain, scale="log"),
    y=THROUGHPUT,
    aspect=1.0,
    marks=(
        Rule(at="limit", dashed=True),
        *(
            mark
            for (key, name), color, symbol in zip(
                MEASURED.runtimes.items(),
                (colors.GREEN, colors.BLUE, colors.ORANGE, colors.PURPLE),
                SYMBOLS,
                strict=False,
            )
            for mark in (
                Line(x=f"slow_{key}", y=f"throughput_{key}", color=color, width=1.5),
                Dots(
                    x=f"slow_{key}",
                    y=f"throughput_{key}",
                    color=color,
                    symbol=symbol,
                    size=4,
                    label=name,
                ),
            )
        ),
        Dots(x="slow_now", y="throughput_now", size=9, hollow=True),
    ),
)
