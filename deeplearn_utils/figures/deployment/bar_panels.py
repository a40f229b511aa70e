"""Several measures of the same things: bars in panels that share their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from deeplearn_utils import colors
from deeplearn_utils.figures.style import several, styled


@styled
def bar_panels(
    names: Sequence[str],
    panels: Mapping[str, Sequence[float | None]],
    *,
    log: bool | Mapping[str, bool] = True,
    palette: Mapping[str, str] | None = None,
    ax: Sequence[Axes] | np.ndarray | None = None,
) -> np.ndarray:
    """Draw horizontal bars in panels side by side, one panel a measure, one row a name.

    Parameters
    ----------
    names : sequence of str
        The rows, from the top; at most 8 fit well.
    panels : mapping of str to sequence of float or None
        For each panel its axis label, with the unit, and one value a row. None and NaN stand for
        what was not measured: "-" is written there.
    log : bool or mapping of str to bool, default True
        Whether the axes are logarithmic, or which of them are. A value of 0 is written as 0.
    palette : mapping of str to str, optional
        The color of some rows; blue by default.
    ax : sequence of Axes, optional
        One a panel; by default on a new figure.

    Returns
    -------
    array of Axes, shape (len(panels),)

    Raises
    ------
    ValueError
        When a panel has another number of values than there are names, or a negative one on a
        logarithmic axis.

    Examples
    --------
    >>> (axes,) = [bar_panels(["NumPy", "ONNX"], {"bytes": [12_600, None]})]
    >>> [text.get_text() for text in axes[0].texts]
    ['12.6k', '-']
    """
    table = {label: _numbers(label, values, len(names)) for label, values in panels.items()}
    (axes,) = several(ax, 1, len(panels), size=(7.2, 0.9 + 0.3 * len(names)))
    shades = [(palette or {}).get(name, colors.BLUE) for name in names]
    for place, (panel, (label, values)) in enumerate(zip(axes, table.items(), strict=True)):
        logarithmic = log if isinstance(log, bool) else log.get(label, True)
        _bars(panel, label, values, shades, logarithmic, len(table))
        panel.set_yticks(range(len(names)), labels=list(names) if place == 0 else [])
        panel.set_ylim(len(names) - 0.5, -0.5)
        panel.grid(axis="y", visible=False)
        panel.tick_params(axis="y", length=0)
        panel.set_xlabel(fill(label, max(14, 52 // len(table))))
    return axes


def compact(value: float) -> str:
    """Return three significant digits, thousands as k, millions as M, billions as G.

    >>> [compact(x) for x in (0.0, 2.4e-7, 0.0123, 0.5, 37.25, 1080, 12_600, 999_999, 2.5e9)]
    ['0', '2.4e−7', '0.0123', '0.5', '37.2', '1.08k', '12.6k', '1M', '2.5G']
    """
    value = float(f"{value:.3g}")
    if 0 < abs(value) < 1e-3:
        mantissa, power = f"{value:.2e}".split("e")
        text = f"{float(mantissa):g}e{int(power)}"
    else:
        scale, unit = next(
            (pair for pair in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if abs(value) >= pair[0]),
            (1.0, ""),
        )
        text = f"{value / scale:g}{unit}"
    return text.replace("-", "\N{MINUS SIGN}")


def _numbers(label: str, values: Sequence[float | None], rows: int) -> np.ndarray:
    if len(values) != rows:
        raise ValueError(
            f"`panels` must have one value a name: {rows}, got {len(values)} for {label!r}"
        )
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _bars(
    ax: Axes, label: str, values: np.ndarray, shades: list[str], log: bool, panels: int
) -> None:
    if log and (values < 0).any():
        raise ValueError(
            f"`panels` must be 0 or more on a logarithmic axis, got {np.nanmin(values):g} for "
            f"{label!r}: give `log` as a mapping"
        )
    low, high = _ends(values, log, panels)
    start = low if log else 0.0
    ends = np.where(np.isfinite(values), np.maximum(values, low), start)
    ax.barh(range(len(values)), ends - start, left=start, color=shades, height=0.62)
    for row, (value, end) in enumerate(zip(values, np.maximum(ends, start), strict=True)):
        text = compact(value) if np.isfinite(value) else "-"
        ax.annotate(text, (end, row), (3, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set(xscale="log" if log else "linear", xlim=(low, high))
    most = 3 if panels > 2 else 5
    ax.xaxis.set_major_locator(_decades(low, high, most) if log else MaxNLocator(most))
    if "%" in label and not log and np.nanmax(ends) <= 100 < high:  # the rest is room for a number
        ax.set_xticks(np.linspace(0, 100, 3 if most < 5 else 5))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: compact(x)))
    ax.tick_params(axis="x", labelsize=9)


def _decades(low: float, high: float, most: int) -> FixedLocator:
    """Return ticks at powers of ten, evenly apart, at most so many."""
    powers = np.arange(np.ceil(np.log10(low)), np.log10(high))
    return FixedLocator(10 ** powers[:: -(-len(powers) // most)])


def _ends(values: np.ndarray, log: bool, panels: int) -> tuple[float, float]:
    """Return the ends of an axis on which the longest bar leaves room for its number."""
    room = 0.12 + 0.09 * panels
    some = values[np.isfinite(values) & (values > 0)] if log else values[np.isfinite(values)]
    if not log:
        top = max(some.max(initial=0.0), 0.0) or 1.0
        return min(some.min(initial=0.0), 0.0), top / (1 - room)
    if not some.size:
        return 0.1, 10.0
    high = np.log10(some.max())
    low = high - 1.2 * max(high - np.log10(some.min()), 1.0)
    return 10**low, 10 ** (low + (high - low) / (1 - room))
