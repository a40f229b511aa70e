"""A class at a glance: how points are spread, which tasks were hard, what went wrong in them."""

from __future__ import annotations

import contextlib
import io
import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from .feedback import titled
from .marks import Mark
from .outlines import faults, outline
from .pages import TEMPLATES, page
from .roster import Roster

__all__ = ["overview"]

MOST_FAULTS = 3
BINS = 10
LIGHT = {"ink": "#1b1f24", "bar": "#0b57b0"}
DARK = {"ink": "#e8eaed", "bar": "#8fc1ff"}


def overview(marks: Sequence[Mark], roster: Roster | None = None) -> str:
    """Return a page about a class, without names.

    Parameters
    ----------
    marks : sequence of Mark
    roster : Roster, optional
        Whose students without a submission are counted.

    Returns
    -------
    str
        HTML.
    """
    names = dict.fromkeys(mark.assignment for mark in marks)
    told = [_assignment([m for m in marks if m.assignment == name], roster) for name in names]
    return page("overview.html", assignments=told)


def _assignment(marks: Sequence[Mark], roster: Roster | None) -> dict[str, Any]:
    points = [mark.points for mark in marks]
    of = max(mark.of for mark in marks)
    count = len(points)
    error = statistics.stdev(points) / math.sqrt(count) if count > 1 else None
    tasks = _tasks(marks)
    late = [mark for mark in marks if mark.days_late]
    statuses = Counter(mark.status for mark in marks if mark.status != "graded")
    edges, counts = histogram(points, of)
    bars = [
        f"{n} with {low:g} to {high:g}"
        for n, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
        if n
    ]
    return {
        "name": marks[0].assignment,
        "count": count,
        "missing": len(roster.rows) - len({m.row for m in marks} - {None}) if roster else 0,
        "of": of,
        "mean": statistics.fmean(points),
        "error": error,
        "median": statistics.median(points),
        "waiting": sum(len(mark.waiting) for mark in marks),
        "tasks": tasks,
        "statuses": sorted(statuses.items()),
        "late": len(late),
        "taken": statistics.fmean(mark.taken for mark in late) if late else 0.0,
        "distribution": partial(_drawn, partial(_distribution, edges, counts)),
        "told_distribution": f"Points of the class: {', '.join(bars)} points.",
        "success": partial(_drawn, partial(_success, tasks)),
    }


def histogram(points: Sequence[float], of: float) -> tuple[list[float], list[int]]:
    """Return the edges and the counts of ten bars from 0 to what can be reached.

    Examples
    --------
    >>> histogram([0, 9.9, 10], 10)[1]
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    """
    counts, edges = np.histogram(points, BINS, (0, of or 1))
    return [float(edge) for edge in edges], [int(count) for count in counts]


def _tasks(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    known = {task.id: task.mistakes for task in outline(marks[0].assignment)}
    told = []
    for place, task in enumerate(marks[0].tasks):
        own = [mark.tasks[place] for mark in marks if place < len(mark.tasks)]
        read = [one for one in own if one.points is not None]
        failed = [one for one in read if one.points < one.of]
        wrong = Counter(words for one in failed for _, words in faults(one.reason))
        common = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))[:MOST_FAULTS]
        mistakes = known.get(task.id, ())
        told.append(
            {
                "title": titled(task.title),
                "read": len(read),
                "right": sum(one.points >= one.of for one in read),
                "faults": [(words, n, words in mistakes) for words, n in common],
            }
        )
    return told


def _drawn(draw: Callable[[Any, dict[str, str]], None], is_dark: bool) -> bytes:
    """Return a picture as SVG, the same for the same numbers."""
    with contextlib.chdir(TEMPLATES):  # its settings are read from where we are: what was handed in
        import matplotlib
        from matplotlib.figure import Figure

    colors = DARK if is_dark else LIGHT
    ink = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), colors["ink"])
    ink |= {"xtick.color": colors["ink"], "ytick.color": colors["ink"]}
    plain = {"axes.spines.top": False, "axes.spines.right": False, "font.size": 10}
    with matplotlib.rc_context({**ink, **plain, "svg.hashsalt": "overview"}):
        figure = Figure(figsize=(7, 3), layout="constrained")
        draw(figure, colors)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    return drawn.getvalue()


def _distribution(
    edges: Sequence[float], counts: Sequence[int], figure: Any, colors: dict[str, str]
) -> None:
    axes = figure.subplots()
    width = edges[1] - edges[0]
    axes.bar(edges[:-1], counts, width=0.94 * width, align="edge", color=colors["bar"])
    axes.set(xlabel="points", ylabel="students", xlim=(0, edges[-1]))
    axes.yaxis.get_major_locator().set_params(integer=True)


def _success(tasks: Sequence[dict[str, Any]], figure: Any, colors: dict[str, str]) -> None:
    figure.set_size_inches(7, 0.6 + 0.32 * len(tasks))
    axes = figure.subplots()
    shares = [100 * task["right"] / task["read"] if task["read"] else 0 for task in tasks]
    places = range(len(tasks))
    axes.barh(places, shares, color=colors["bar"])
    names = [task["title"] for task in tasks]
    axes.set_yticks(places, [n if len(n) <= 44 else f"{n[:43]}…" for n in names], parse_math=False)
    axes.set(xlim=(0, 100), xlabel="% with full points")
    axes.invert_yaxis()
