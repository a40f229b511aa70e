"""Whole numbers for real ones: where they lie, and which way a half goes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from deeplearn_utils import colors
from deeplearn_utils.checks import count, finite
from deeplearn_utils.figures.shapes import INK, arrow, canvas, number
from deeplearn_utils.figures.style import bare, one, styled
from deeplearn_utils.kernels.quantize import dequantize, quantize, scale_and_zero_point

REAL, WHOLE = 1.0, 0.0
"""Heights of the two axes."""

ROW = 0.24
"""Height of a row of numbers."""

FINE = "#999999"

FLOAT, DOUBLE = (colors.BLUE, "v"), (colors.ORANGE, "^")
SHAPE = {"mec": INK, "mew": 0.7, "ms": 7}


@styled
def number_line(
    scale: float,
    zero_point: int,
    bits: int = 8,
    *,
    values: Sequence[float] | np.ndarray | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the real axis above, the whole numbers q below, and where each lies: scale (q − zero).

    Parameters
    ----------
    scale : float
    zero_point : int
        The whole number that stands for 0; its line is green.
    bits : int, default 8
        From 2 to 8.
    values : sequence of float, optional
        Real numbers; an arrow leads from each to the whole number it is rounded to. Those outside
        the range are vermilion crosses: they are clipped. At most about 8 fit.
    ax : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        When the scale is not above 0, or the zero point is none of the whole numbers.

    Examples
    --------
    >>> ax = number_line(0.5, -1, bits=3, values=[0.3, 9.0])
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "rounded"]
    ['0', '3']
    """
    low, high = _ends(bits)
    scale, zero_point = float(scale), count("zero_point", zero_point, -128)
    _check(scale, zero_point, low, high)
    values = np.atleast_1d(np.asarray([] if values is None else values, dtype=float))
    finite("values", values)
    first, last = (scale * (q - zero_point) for q in (low, high))
    left, right = min(first, values.min(initial=0.0)), max(last, values.max(initial=0.0))
    room = 0.03 * (right - left)
    span = (left - 5.5 * room, right + 2 * room)
    ax = canvas(ax, span, (-0.95, 2.0), height=2.6, aspect="auto")
    ax.hlines(REAL, left - room, right + room, color=INK, lw=1.2)
    ax.hlines(WHOLE, first, last, color=INK, lw=1.2)
    _grid(ax, scale, zero_point, low, high)
    _real_ticks(ax, left, right)
    for y, name in ((REAL, "real"), (WHOLE, "whole")):
        ax.text(span[0], y, name, va="center", weight="bold", color=INK)
    ax.set_title(f"x = {scale:.4g} · (q − {_bracketed(zero_point)})".replace("-", "\N{MINUS SIGN}"))
    _values(ax, values, scale, zero_point, bits, span)
    return ax


def _ends(bits: int) -> tuple[int, int]:
    """Return the lowest and the highest whole number of so many bits."""
    _, low = scale_and_zero_point(0.0, 1.0, bits=bits)
    return int(low), -int(low) - 1


def _check(scale: float, zero_point: int, low: int, high: int) -> None:
    if not (np.isfinite(scale) and scale > 0):
        raise ValueError(f"`scale` must be above 0, got {scale}")
    if not low <= zero_point <= high:
        raise ValueError(f"`zero_point` must be from {low} to {high}, got {zero_point}")


def _bracketed(zero_point: int) -> str:
    return f"({zero_point})" if zero_point < 0 else f"{zero_point}"


def _grid(ax: Axes, scale: float, zero_point: int, low: int, high: int) -> None:
    """Mark each whole number on both axes, and write some."""
    q = np.arange(low, high + 1)
    places = scale * (q - zero_point)
    line = 0.9 if len(q) < 40 else 0.5
    ax.vlines(places, WHOLE, WHOLE + 0.1, color=INK, lw=line)
    ax.vlines(places, REAL - 0.1, REAL, color=FINE, lw=line)
    ax.vlines(0.0, WHOLE, REAL, color=colors.GREEN, lw=2.2, zorder=3)
    step = max(1, len(q) // 8)
    shown = {low, high, zero_point}
    near = 0.6 * step
    for k in range(-(-low // step) * step, high, step):
        if all(abs(k - other) > near for other in shown):
            shown.add(k)
    for k in shown:
        crowded = k in (low, high) and k != zero_point and abs(k - zero_point) < 0.045 * len(q)
        if crowded:
            continue
        look = (
            {"color": colors.GREEN, "weight": "bold"} if k == zero_point else {"color": "#444444"}
        )
        text = f"{k}".replace("-", "\N{MINUS SIGN}")
        ax.text(
            scale * (k - zero_point), WHOLE - 0.07, text, ha="center", va="top", size=9.5, **look
        )


def _real_ticks(ax: Axes, left: float, right: float) -> None:
    for place in MaxNLocator(7).tick_values(left, right):
        if left <= place <= right:
            look = {"color": colors.GREEN, "weight": "bold"} if place == 0 else {"color": "#444444"}
            ax.vlines(place, REAL, REAL + 0.08, color="#444444", lw=0.9)
            text = number(place)
            ax.text(place, REAL + 0.1, text, ha="center", va="bottom", size=9.5, **look)


def _values(
    ax: Axes, values: np.ndarray, scale: float, zero_point: int, bits: int, span: tuple
) -> None:
    """Draw each value, the whole number it becomes, and an arrow from one to the other."""
    if not values.size:
        return
    values = np.sort(values)
    q = quantize(values, scale, zero_point, bits=bits)
    ends = dequantize(q, scale, zero_point).astype(float)
    free = np.round(values / scale) + zero_point
    gap = 0.085 * (span[1] - span[0])
    rows = zip(_rows(values, gap), _rows(ends, gap), strict=True)
    written: dict[int, float] = {}
    for value, whole, end, unbounded, (above, below) in zip(
        values, q, ends, free, rows, strict=True
    ):
        clipped = unbounded != whole
        color = colors.VERMILION if clipped else colors.BLUE
        ax.plot(value, REAL, "X" if clipped else "o", color=color, ms=7, zorder=5)
        arrow(ax, (value, REAL), (end, WHOLE + 0.06), color, width=1.5, gap=3)
        height = REAL + 0.36 + ROW * above
        look = {"ha": "center", "color": color, "size": 9.5}
        ax.text(value, height, number(value), va="bottom", gid="value", **look)
        if int(whole) not in written:
            text = f"{whole}".replace("-", "\N{MINUS SIGN}")
            look |= {"weight": "bold", "gid": "rounded"}
            ax.text(end, WHOLE - 0.34 - ROW * below, text, va="top", **look)
            written[int(whole)] = end


def _rows(places: np.ndarray, gap: float) -> list[int]:
    """Return a row for each of some ascending places, so that those in one row are apart."""
    ends: list[float] = []
    rows = []
    for place in places:
        row = next((k for k, end in enumerate(ends) if place - end >= gap), len(ends))
        ends[row : row + 1] = [place]
        rows.append(row)
    return rows


@styled
def rounding_cases(
    real: Sequence[float] | np.ndarray,
    float_rounded: Sequence[int] | np.ndarray,
    double_rounded: Sequence[int] | np.ndarray,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw a row for each number: between which two it lies, and where two roundings put it.

    Rows in which the two differ are colored.

    Parameters
    ----------
    real : sequence of float
        Sums times multiplier, before rounding and without the zero point; at most about 12.
    float_rounded, double_rounded : sequence of int
        What the roundings "float" and "double" of `kernels.quantize.requantize` gave.
    ax : Axes, optional
        Where to draw; by default on a new figure.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        When there are other numbers of results, or one is no neighbor of its real number.

    Examples
    --------
    >>> ax = rounding_cases([2.5, 3.2], [2, 3], [3, 3])
    >>> [text.get_text() for text in ax.texts if text.get_gid() == "real"]
    ['2.5', '3.2']
    """
    real = np.asarray(real, dtype=float)
    results = {"float": np.asarray(float_rounded), "double": np.asarray(double_rounded)}
    _check_results(real, results)
    n = len(real)
    ax = bare(one(ax, height=0.75 + 0.36 * n))
    ax.set(xlim=(-1.3, 2.75), ylim=(n - 0.4, -1.25))
    ax.text(-0.35, -0.85, "sum · multiplier", ha="right", va="center", weight="bold", color=INK)
    for place, head, (color, symbol) in ((1.75, "float", FLOAT), (2.35, "double", DOUBLE)):
        ax.text(place, -0.85, head, ha="center", va="center", weight="bold", color=INK)
        ax.plot(place - 0.07 - 0.023 * len(head), -0.85, symbol, color=color, **SHAPE)
    for k, x in enumerate(real):
        _case(ax, k, x, *(int(rounded[k]) for rounded in results.values()))
    return ax


def _check_results(real: np.ndarray, results: dict[str, np.ndarray]) -> None:
    for name, rounded in results.items():
        argument = f"{name.partition(' ')[0]}_rounded"
        if rounded.shape != real.shape:
            raise ValueError(
                f"`{argument}` must have one number a result: {real.size}, got {rounded.size}"
            )
        far = np.abs(rounded - real) > 1
        if far.any():
            raise ValueError(
                f"`{argument}` must be next to the real number, got {rounded[far][0]} for "
                f"{real[far][0]:g}: leave the zero point and clipped results out"
            )


def _case(ax: Axes, row: int, x: float, one_way: int, other: int) -> None:
    """Draw one row: two whole numbers, the real one between them, and both results."""
    differ = one_way != other
    if differ:
        ax.axhspan(row - 0.46, row + 0.46, color=colors.SATURATED, lw=0)
    low = min(int(np.floor(x)), one_way, other)
    ax.hlines(row, 0, 1, color=FINE, lw=1.2)
    ax.vlines((0, 0.5, 1), row - 0.14, row + 0.14, color=FINE, lw=1.2)
    ax.plot(x - low, row, "o", color=INK, ms=5, zorder=5)
    for rounded, (color, symbol), side in ((one_way, FLOAT, -0.24), (other, DOUBLE, 0.24)):
        ax.plot(rounded - low, row + side, symbol, color=color, zorder=4, **SHAPE)
    small = {"va": "center", "size": 9, "color": "#444444"}
    ax.text(-0.08, row, _whole(low), ha="right", **small)
    ax.text(1.08, row, _whole(low + 1), ha="left", **small)
    bold = {"va": "center", "weight": "bold" if differ else "normal"}
    ax.text(-0.35, row, _digits(x), ha="right", color=INK, gid="real", **bold)
    for place, rounded in ((1.75, one_way), (2.35, other)):
        color = colors.VERMILION if differ else INK
        ax.text(place, row, _whole(rounded), ha="center", color=color, gid="rounded", **bold)


def _whole(value: int) -> str:
    return f"{value}".replace("-", "\N{MINUS SIGN}")


def _digits(x: float) -> str:
    """Return as many digits as show on which side of a half a number lies, at most 8 decimals.

    >>> _digits(2.5), _digits(-3.50000012), _digits(7.31)
    ('2.5', '−3.50000012', '7.31')
    """
    return f"{x:.8f}".rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}")
