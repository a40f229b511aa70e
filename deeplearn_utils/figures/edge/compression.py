"""What compression costs and buys: sizes against accuracy, size step by step, and the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from matplotlib.transforms import Bbox

from deeplearn_utils import colors
from deeplearn_utils.figures.shapes import INK
from deeplearn_utils.figures.style import MARKERS, one, styled

Point = tuple[str, float, float, str]
"""Name, bytes, accuracy, group."""

BEST = "best with so many bytes"
LEAST = "_asked for"  # no line of the legend

Arrays = np.ndarray | Sequence[np.ndarray]


def in_bytes(value: float) -> str:
    """Return a number of bytes with three digits, in B, kB (1000 bytes) or MB.

    >>> in_bytes(512), in_bytes(53_856), in_bytes(2_020_000), in_bytes(999_999)
    ('512 B', '53.9 kB', '2.02 MB', '1 MB')
    """
    value = float(f"{value:.3g}")
    scale, unit = next(
        pair for pair in ((1e6, "MB"), (1e3, "kB"), (1.0, "B")) if value >= pair[0] or pair[0] == 1
    )
    return f"{value / scale:.3g} {unit}"


@styled
def pareto(
    points: Mapping[str, tuple[float, float]] | Sequence[Point],
    *,
    xlabel: str,
    ylabel: str,
    front: bool = True,
    least: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw models as points, bytes to the right on a logarithmic axis, accuracy upwards.

    Parameters
    ----------
    points : mapping of str to (bytes, accuracy), or sequence of (name, bytes, accuracy, group)
        Each group has a color, a marker and a line in the legend. Up to 12 labels fit.
    xlabel, ylabel : str
    front : bool, default True
        Whether to draw the front as steps: the best accuracy with so many bytes or less. Points
        that are not on it are drawn hollow.
    least : float, optional
        The accuracy that is asked for; a dashed line.
    ax : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        When there are no points, or a number of bytes is not above 0.

    Examples
    --------
    >>> ax = pareto({"float32": (183_108, 96.7), "int8": (53_856, 96.9)},
    ...             xlabel="bytes", ylabel="right (%)")
    >>> [text.get_text() for text in ax.texts]
    ['float32', 'int8']
    """
    table = _table(points)
    sizes, scores = (np.array([point[k] for point in table], dtype=float) for k in (1, 2))
    if not len(table) or not (sizes > 0).all():
        raise ValueError(f"`points` must have bytes above 0, got {sizes.tolist()}")
    ax = one(ax, height=3.8)
    best = on_front(sizes, scores)
    groups = list(dict.fromkeys(point[3] for point in table))
    for k, group in enumerate(groups):
        color, marker = colors.SERIES[k % len(colors.SERIES)], MARKERS[k % len(MARKERS)]
        for (_, size, score, of), leads in zip(table, best, strict=True):
            if of == group:
                face = color if leads or not front else "white"
                ax.plot(size, score, marker, color=color, mfc=face, mew=1.6, ms=8, zorder=4)
        if len(groups) > 1:
            ax.plot([], [], marker, color=color, ms=8, label=group)
    _limits(ax, sizes, scores if least is None else np.append(scores, least))
    if front:
        _steps(ax, sizes[best], scores[best])
    if least is not None:
        ax.axhline(least, color=INK, lw=1.2, ls="--", zorder=1, label=LEAST)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    bytes_axis(ax, "x")
    if len(groups) > 1 or front:
        place = {"loc": "lower left", "bbox_to_anchor": (-0.02, 1.0)}
        ax.legend(ncols=4, frameon=False, columnspacing=1.2, **place)
    _label(ax, table)
    return ax


def on_front(sizes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return which points no other beats: none has as few bytes and more accuracy, or the reverse.

    A point that is NaN is none.

    >>> on_front(np.array([1.0, 2.0, 2.0, 4.0]), np.array([90.0, 95.0, 94.0, 95.0])).tolist()
    [True, True, False, False]
    """
    smaller = sizes[:, None] <= sizes
    better = scores[:, None] >= scores
    strictly = (sizes[:, None] < sizes) | (scores[:, None] > scores)
    known = np.isfinite(sizes) & np.isfinite(scores)
    return known & ~(smaller & better & strictly).any(axis=0)


def bytes_axis(ax: Axes, which: str) -> None:
    """Write bytes at the ticks of a logarithmic axis, the more a decade the fewer there are."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    low, high = ax.get_xlim() if which == "x" else ax.get_ylim()
    decades = np.log10(high / low)
    subs = (1, 1.5, 2, 3, 5, 7) if decades < 1 else (1, 2, 5) if decades < 2.5 else (1,)
    axis.set_major_locator(LogLocator(subs=subs, numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: in_bytes(value)))
    axis.set_minor_formatter(NullFormatter())


def _table(points: Mapping[str, tuple[float, float]] | Sequence[Point]) -> list[Point]:
    if isinstance(points, Mapping):
        return [(name, *place, "") for name, place in points.items()]
    return [tuple(point) for point in points]


def _limits(ax: Axes, sizes: np.ndarray, scores: np.ndarray) -> None:
    """Leave room for labels around the points."""
    decades = max(np.log10(sizes.max() / sizes.min()), 0.3)
    ends = np.log10([sizes.min(), sizes.max()]) + 0.16 * decades * np.array([-1, 1])
    height = max(np.ptp(scores), 1e-9) or 1.0
    ax.set(xscale="log", xlim=10**ends)
    ax.set_ylim(scores.min() - 0.15 * height, scores.max() + 0.15 * height)


def _steps(ax: Axes, sizes: np.ndarray, scores: np.ndarray) -> None:
    order = np.argsort(sizes)
    x = [*sizes[order], ax.get_xlim()[1]]
    y = [*scores[order], scores[order][-1]]
    ax.step(x, y, where="post", color=colors.GREY, lw=1.5, zorder=2, label=BEST)


def _label(ax: Axes, table: list[Point]) -> None:
    """Write each name where it covers neither a point nor another name."""
    figure = ax.figure
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    places = ax.transData.transform([point[1:3] for point in table])
    taken = [Bbox.from_bounds(x - 6, y - 6, 12, 12) for x, y in places]
    lines = [line for line in ax.lines if line.get_label() in (BEST, LEAST)]
    taken += [box for line in lines for box in _segments(line)]
    frame = ax.get_window_extent(renderer)
    for name, size, score, _ in table:
        written = ax.annotate(
            name, (size, score), (0, 0), textcoords="offset points", size=9, color=INK, zorder=5
        )
        taken.append(_placed(written, taken, frame, renderer))


def _segments(line: Line2D) -> list[Bbox]:
    """Return a thin box along each horizontal and vertical part of a line of steps."""
    corners = line.get_transform().transform(line.get_path().vertices)
    return [Bbox([one, two]).padded(1.5) for one, two in pairwise(corners)]


def _placed(written: Annotation, taken: list[Bbox], frame: Bbox, renderer: object) -> Bbox:
    """Move a name to the first place that is free, the nearest first.

    Returns its box with a margin.
    """
    sides = [(1, 0), (1, 1), (1, -1), (-1, 0), (-1, 1), (-1, -1), (0, 1), (0, -1)]
    least, found = np.inf, None
    for distance in (7, 12, 18, 26, 36, 48):
        for across, up in sides:
            written.set_ha({1: "left", 0: "center", -1: "right"}[across])
            written.set_va({1: "bottom", 0: "center", -1: "top"}[up])
            shift = (distance * across * (0.7 if up else 1.0), distance * up * 0.8)
            written.set_position(shift)
            box = written.get_window_extent(renderer)
            outside = box.x0 < frame.x0 or box.x1 > frame.x1 or box.y0 < frame.y0
            outside |= box.y1 > frame.y1
            hits = box.count_overlaps(taken) + 10 * outside
            if hits < least:
                place = {"ha": written.get_ha(), "va": written.get_va(), "position": shift}
                least, found = hits, (place, box)
            if hits == 0:
                break
        if least == 0:
            break
    place, box = found
    written.set(**place)
    return box.padded(4, 1)


@styled
def waterfall(steps: Mapping[str, float], *, ylabel: str, ax: Axes | None = None) -> Axes:
    """Draw the bytes after each step: a bar down from those before, with its factor on it.

    Parameters
    ----------
    steps : mapping of str to float
        Name to bytes after it, in order; the first is what it began with. At most about 8 fit.
    ylabel : str
        Of the logarithmic axis, on which equal factors are equally long.
    ax : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        When there are fewer than two steps, or bytes that are not above 0.

    Examples
    --------
    >>> ax = waterfall({"float32": 400_000, "int8": 100_000}, ylabel="bytes")
    >>> [text.get_text() for text in ax.texts]
    ['400 kB', '100 kB', '÷4', 'in all ÷4']
    """
    sizes = np.array(list(steps.values()), dtype=float)
    if len(sizes) < 2 or not (sizes > 0).all():
        raise ValueError(
            f"`steps` must be two or more, with bytes above 0, got {list(steps.values())}"
        )
    ax = one(ax, height=3.4)
    low = sizes.min() / (sizes.max() / sizes.min()) ** 0.14
    ax.set(yscale="log", ylim=(low, sizes.max() * (sizes.max() / low) ** 0.1))
    ax.bar(0, sizes[0] - low, bottom=low, color=colors.GREY, width=0.62)
    _written(ax, 0, sizes[0], in_bytes(sizes[0]), above=True)
    for k in range(1, len(sizes)):
        before, after = sizes[k - 1], sizes[k]
        color = colors.VERMILION if after > before else colors.BLUE
        ax.bar(k, abs(after - before), bottom=min(before, after), color=color, width=0.62)
        ax.hlines(before, k - 1.31 if k > 1 else k - 0.69, k + 0.31, color=INK, lw=0.9, ls=":")
        _written(ax, k, after, in_bytes(after), above=after > before)
        _factor(ax, k, before, after)
    ax.text(
        0.99,
        0.97,
        f"in all {_times(sizes[0], sizes[-1])}",
        ha="right",
        va="top",
        transform=ax.transAxes,
        weight="bold",
        color=INK,
    )
    names = [fill(name, max(9, 64 // len(sizes)), break_long_words=False) for name in steps]
    ax.set_xticks(range(len(sizes)), names)
    ax.set(xlim=(-0.6, len(sizes) - 0.4), xlabel="one step after the other", ylabel=ylabel)
    ax.grid(axis="x", visible=False)
    ax.tick_params(axis="x", length=0)
    bytes_axis(ax, "y")
    return ax


def _times(before: float, after: float) -> str:
    """Return by how much something became smaller, or larger.

    >>> _times(390, 100), _times(38_800, 100), _times(100, 120)
    ('÷3.9', '÷388', '×1.2')
    """
    ratio = max(before / after, after / before)
    digits = f"{ratio:.0f}" if ratio >= 100 else f"{ratio:.2g}"
    return f"{'×' if after > before else '÷'}{digits}"


def _written(ax: Axes, k: int, at: float, text: str, *, above: bool) -> None:
    shift, va = ((0, 3), "bottom") if above else ((0, -3), "top")
    look = {"textcoords": "offset points", "ha": "center", "size": 9.5, "color": INK}
    ax.annotate(text, (k, at), shift, va=va, **look)


def _factor(ax: Axes, k: int, before: float, after: float) -> None:
    """Write the factor inside its bar, or above it where it is too short."""
    ends = np.log(ax.get_ylim())
    inside = abs(np.log(before / after)) > 0.08 * (ends[1] - ends[0])
    text = _times(before, after)
    if inside:
        look = {"va": "center", "color": "white", "weight": "bold"}
        ax.text(k, np.sqrt(before * after), text, ha="center", **look)
    else:
        shift, va = ((0, -3), "top") if after > before else ((0, 3), "bottom")
        at = min(before, after) if after > before else before
        look = {"textcoords": "offset points", "ha": "center", "color": INK, "weight": "bold"}
        ax.annotate(text, (k, at), shift, va=va, **look)


@styled
def weight_histogram(
    weights: Arrays,
    *,
    masks: Arrays | None = None,
    quantized: Arrays | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often weights of each size occur, what pruning leaves, and the levels they round to.

    Parameters
    ----------
    weights : ndarray or sequence of ndarray
        Of one layer or of several.
    masks : ndarray or sequence of ndarray, optional
        True for the weights that stay, as `magnitude_masks` gives them; these are drawn blue.
    quantized : ndarray or sequence of ndarray, optional
        The real numbers that the quantized weights stand for. Each level is a vermilion line; where
        there are more than 40, it is a short one.
    ax : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        When there are other numbers of masks or quantized weights than of weights.

    Examples
    --------
    >>> ax = weight_histogram(np.array([0.1, -2.0, 0.3, 1.0]),
    ...                       masks=np.array([False, True, False, True]))
    >>> [text.get_text() for text in ax.get_legend().texts]
    ['before pruning: 4 weights', 'after: 2 weights, 50 % are 0']
    """
    before = _flat(weights)
    kept = None if masks is None else _flat(masks, "masks", before.size).astype(bool)
    ax = one(ax, height=3.0)
    reach = 1.04 * (np.abs(before).max() or 1.0)
    edges = np.linspace(-reach, reach, 72)
    counts, _ = np.histogram(before, edges)
    if kept is None:
        label = f"{before.size:,} weights"
        ax.stairs(counts, edges, fill=True, color=colors.BLUE, label=label)
    else:
        ax.stairs(
            counts,
            edges,
            fill=True,
            color="#C9C9C9",
            label=f"before pruning: {before.size:,} weights",
        )
        left, _ = np.histogram(before[kept], edges)
        label = f"after: {kept.sum():,} weights, {1 - kept.mean():.0%} are 0".replace("%", " %")
        ax.stairs(left, edges, fill=True, color=colors.BLUE, label=label)
    if quantized is not None:
        levels = np.unique(_flat(quantized, "quantized", before.size))
        top = counts.max() * (1.0 if len(levels) <= 40 else 0.06)
        look = {"color": colors.VERMILION, "lw": 1.0 if len(levels) <= 40 else 0.6, "zorder": 3}
        ax.vlines(levels, 0, top, label=f"{len(levels)} levels", **look)
    ax.set(xlim=(-reach, reach), ylim=(0, 1.35 * counts.max()))
    ax.set(xlabel="weight", ylabel="number of weights")
    ax.legend(loc="upper right")
    return ax


def _flat(arrays: Arrays, name: str = "weights", size: int | None = None) -> np.ndarray:
    parts = [arrays] if isinstance(arrays, np.ndarray) else list(arrays)
    flat = np.concatenate([np.ravel(part) for part in parts])
    if size is not None and flat.size != size:
        raise ValueError(f"`{name}` must be as many as the weights, {size}, got {flat.size}")
    return flat
