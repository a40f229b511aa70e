"""Where the time goes: the roofline of a machine, the cost of calls, and programs compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from deeplearn_utils import colors
from deeplearn_utils.figures.style import DASHES, MARKERS, one, styled


@styled
def roofline(
    points: Mapping[str, tuple[float, float]],
    *,
    peak: float,
    bandwidth: float,
    ax: Axes | None = None,
) -> Axes:
    """Draw named (operations per byte, operations per second) points under a machine's limits.

    `peak` is in operations per second, `bandwidth` in bytes per second. The roof is the smaller of
    the peak and the bandwidth times the operations per byte.

    Source: Williams, Waterman and Patterson, "Roofline: an insightful visual performance model"
    (2009).
    """
    ax = one(ax, height=4.2)
    x = np.geomspace(0.03, 1000, 200)
    ax.plot(x, np.minimum(peak, bandwidth * x) / 1e9, color=colors.BLACK)
    ax.axvline(peak / bandwidth, color=colors.GREY, linestyle=":", lw=1)
    for k, (name, (intensity, speed)) in enumerate(points.items()):
        color, marker = colors.SERIES[k % len(colors.SERIES)], MARKERS[k % len(MARKERS)]
        ax.plot(intensity, speed / 1e9, marker, color=color, ls="", ms=8, mec="black", label=name)
    ax.set(xscale="log", yscale="log", xlabel="operations per byte that has to move")
    ax.set_ylabel("billions of operations a second")
    slope = np.degrees(np.arctan(bandwidth / 1e9))
    along = {"rotation": slope, "transform_rotates_text": True, "rotation_mode": "anchor"}
    ax.text(0.05, bandwidth * 0.05 / 1e9 * 1.5, "limit: memory", fontsize=9, **along)
    ax.text(950, peak / 1e9 * 1.15, "limit: arithmetic", ha="right", fontsize=9)
    ax.set_ylim(top=peak / 1e9 * 3)
    ax.legend(loc="lower right", fontsize=9)
    return ax


@styled
def call_costs(
    sizes: np.ndarray, seconds: Mapping[str, np.ndarray], *, ax: Axes | None = None
) -> Axes:
    """Draw what each operation takes for one number, over the size of the array."""
    ax = one(ax, height=3.4)
    for k, (name, times) in enumerate(seconds.items()):
        ax.plot(
            sizes,
            np.asarray(times) / sizes * 1e9,
            color=colors.SERIES[k],
            linestyle=DASHES[k],
            marker=MARKERS[k],
            ms=4,
            label=name,
        )
    ax.set(xscale="log", yscale="log", xlabel="numbers in the array")
    ax.set_ylabel("nanoseconds a number")
    ax.legend()
    return ax


@styled
def step_times(
    seconds: Mapping[str, Mapping[str, float]], *, ours: str, ax: Axes | None = None
) -> Axes:
    """Draw, for each named network, every program's time a step as a multiple of `ours`."""
    programs = list(dict.fromkeys(name for times in seconds.values() for name in times))
    longest = max(map(len, programs))
    ax = one(ax, height=1.2 + 0.28 * len(programs), width=max(7.2, 4.0 + 0.075 * longest))
    places = np.arange(len(programs))
    for k, (network, times) in enumerate(seconds.items()):
        ratios = [times.get(name, np.nan) / times[ours] for name in programs]
        style = {"color": colors.SERIES[k], "marker": MARKERS[k], "ls": "", "mec": "black"}
        ax.plot(ratios, places + 0.16 * (k - (len(seconds) - 1) / 2), label=network, **style)
    ax.axvline(1.0, color=colors.BLACK, lw=1)
    ax.set_yticks(places, programs)
    ax.set(xscale="log", xlabel=f"time, as a multiple of {ours}")
    plain_numbers(ax)
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, 0.4), max(high, 2.5))
    ax.set_ylim(len(programs) - 0.4, -0.6)
    ax.legend(fontsize=9)
    return ax


@styled
def goal_bars(rows: Sequence[Mapping[str, object]], *, ax: Axes | None = None) -> Axes:
    """Draw how far measured ratios lie from their goals, on a logarithmic axis.

    Each row has a name, a goal such as "at least 3x faster" or "at most 1.2x the time", and what
    was measured; rows without a measurement are left out.
    """
    rows = [row for row in rows if row["measured"] is not None]
    limits = [float(str(row["goal"]).split()[2].rstrip("x")) for row in rows]
    beyond = np.array(
        [
            row["measured"] / limit
            if str(row["goal"]).startswith("at least")
            else limit / row["measured"]
            for row, limit in zip(rows, limits, strict=True)
        ]
    )
    ax = one(ax, height=1.0 + 0.26 * len(rows), width=9.0)
    places = np.arange(len(rows))
    shades = [colors.FORWARD if row["met"] else colors.BACKWARD for row in rows]
    ax.barh(places, beyond - 1.0, left=1.0, color=shades, height=0.6)
    for place, row, x in zip(places, rows, beyond, strict=True):
        text = f"{row['measured']:.2f} ({row['goal']})"
        ax.text(max(x, 1.0) * 1.03, place, text, va="center", fontsize=9)
    ax.set_yticks(places, [str(row["name"]) for row in rows], fontsize=9)
    ax.axvline(1.0, color=colors.BLACK, lw=1)
    ax.set(xscale="log", xlabel="measured, as a multiple of the goal (right of 1: met)")
    plain_numbers(ax)
    ax.set_xlim(min(0.4, beyond.min()) * 0.9, max(2.5, beyond.max()) * 3)
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    return ax


def plain_numbers(ax: Axes) -> None:
    """Write 0.5, 1, 2, 5, 10 along a logarithmic axis that spans few powers of ten."""
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
