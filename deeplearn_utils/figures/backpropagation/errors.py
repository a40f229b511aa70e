"""Slopes by nudging: what they are, how wrong they come out, and which parameter is wrong."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from deeplearn_utils import colors
from deeplearn_utils.figures.charts.data import SIGNED
from deeplearn_utils.figures.style import MARKERS, one, several, styled
from deeplearn_utils.labels import label_of

WRONG = LinearSegmentedColormap.from_list("wrong", ["#FFFFFF", "#F6C9A8", colors.VERMILION])


@styled
def nudge(
    w: np.ndarray,
    loss: np.ndarray,
    *,
    at: tuple[float, float],
    slope: float,
    step: float,
    xlabel: str = "one weight $w$",
    ax: Axes | None = None,
) -> Axes:
    """Draw the loss over one weight, with the nudge `step` at the point `at` and the tangent."""
    ax = one(ax, height=3.2)
    (w_0, loss_0), loss_1 = at, float(np.interp(at[0] + step, w, loss))
    ax.plot(w, loss, color=colors.FORWARD, label="loss")
    reach = 0.35 * (w[-1] - w[0])
    near = w[np.abs(w - w_0) < reach]
    tangent = loss_0 + slope * (near - w_0)
    ax.plot(near, tangent, color=colors.BACKWARD, linestyle="--", label=f"slope {slope:.2f}")
    ax.plot([w_0, w_0 + step, w_0 + step], [loss_0, loss_0, loss_1], color=colors.GREY, lw=1.4)
    down = loss_1 > loss_0  # the side where no curve runs
    options = {"ha": "center", "va": "top" if down else "bottom", "fontsize": 9.5}
    offset = {"xytext": (0, -3 if down else 3), "textcoords": "offset points"}
    ax.annotate("nudge", (w_0 + step / 2, loss_0), **offset, **options)
    ax.text(w_0 + step, (loss_0 + loss_1) / 2, " change", ha="left", va="center", fontsize=9.5)
    ax.plot(w_0, loss_0, "o", color=colors.BLACK, markersize=8)
    ax.set(xlabel=xlabel, ylabel="loss")
    ax.legend()
    return ax


@styled
def error_against_step(
    h: np.ndarray,
    errors: Mapping[str, np.ndarray],
    theory: Mapping[str, np.ndarray] | None = None,
    best: Mapping[str, float] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw relative errors over the step size h: dots measured, lines from theory.

    `best` marks the step that the theory recommends. An error of 0 is drawn at the lower edge.
    """
    ax = one(ax, height=3.6)
    for k, (name, error) in enumerate(errors.items()):
        color, marker = colors.SERIES[k], MARKERS[k]
        shown = np.maximum(error, 1e-17)
        ax.plot(h, shown, marker, color=color, markersize=4, alpha=0.8, label=name)
        if theory and name in theory:
            ax.plot(h, theory[name], color=color, linestyle="--", lw=1.3)
        if best and name in best:
            ax.axvline(best[name], color=color, linestyle=":", lw=1.3)
    ax.set(xscale="log", yscale="log", xlabel="step size $h$", ylabel="relative error")
    ax.legend()
    return ax


@styled
def kink(
    w: np.ndarray,
    loss: np.ndarray,
    h: np.ndarray,
    errors: Mapping[str, np.ndarray],
    *,
    at: float,
    bend: float,
    step: float,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw a loss with a kink at `bend` and a secant across it (left), errors over h (right)."""
    (axes,) = several(ax, 1, 2, size=(7.2, 3.3))
    left, right = axes
    left.plot(w, loss, color=colors.FORWARD, label="loss")
    ends = np.array([at - step, at + step])
    left.plot(ends, np.interp(ends, w, loss), "s--", color=colors.BACKWARD, label="secant")
    left.plot(
        at, np.interp(at, w, loss), "o", color=colors.BLACK, markersize=8, label="we are here"
    )
    left.axvline(bend, color=colors.GREY, linestyle=":", lw=1.3)
    left.set(xlabel="bias of one unit", ylabel="loss")
    left.legend(fontsize=9)
    for k, (name, error) in enumerate(errors.items()):
        shown = np.maximum(error, 1e-12)
        options = {"color": colors.SERIES[k], "markersize": 4, "label": label_of(name)}
        right.plot(h, shown, MARKERS[k], **options)
    right.axvline(abs(bend - at), color=colors.GREY, linestyle=":", lw=1.3)
    right.set(xscale="log", yscale="log", xlabel="step size $h$", ylabel="relative error")
    right.legend(fontsize=9)
    return axes


@styled
def bug_table(errors: Mapping[str, Mapping[str, float]], ax: Axes | None = None) -> Axes:
    """Draw relative errors as a table: one row for each backward pass, one column a parameter.

    Below 1e-5 a cell is white and says "ok".
    """
    ax = one(ax, height=0.42 * len(errors) + 0.9)
    columns = list(next(iter(errors.values())))
    values = np.array([[row[name] for name in columns] for row in errors.values()])
    ax.imshow(np.clip(values, 0, 2), cmap=WRONG, vmin=0, vmax=2, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        text, ink = ("ok", "#767676") if value < 1e-5 else (f"{value:.2f}", "#111111")
        ax.text(j, i, text, ha="center", va="center", color=ink, weight="bold" if ink else None)
    ax.set(xticks=range(len(columns)), yticks=range(len(errors)))
    ax.set(xticklabels=[f"${name[0]}^{{({name[1:]})}}$" for name in columns])
    ax.set_yticklabels(list(errors))
    ax.xaxis.tick_top()
    ax.set_xlabel("gradient of this parameter: relative error, 0 to 2")
    ax.grid(False)
    ax.tick_params(length=0)
    return ax


@styled
def agreement(
    differences: Mapping[str, np.ndarray], *, xlabel: str, ax: Axes | None = None
) -> Axes:
    """Draw for each named pair of gradients how far apart they are, parameter by parameter.

    The tick at the left edge says 0: there stands what doesn't differ at all.
    """
    ax = one(ax, height=0.8 * len(differences) + 1.0)
    for line, (_, values) in enumerate(differences.items()):
        offset = np.random.default_rng(0).uniform(-0.3, 0.3, values.size)
        shown = np.maximum(np.ravel(values), 1e-19)
        ax.scatter(shown, line + offset, s=7, color=colors.SERIES[line], alpha=0.5)
        ax.vlines(np.median(shown), line - 0.4, line + 0.4, color=colors.BLACK, lw=2.5)
    ax.set(yticks=range(len(differences)), yticklabels=list(differences), xscale="log")
    ax.set(xlabel=xlabel, ylim=(len(differences) - 0.5, -0.5))
    powers = range(-18, -7, 2)
    ax.set_xticks([1e-19, *(10.0**power for power in powers)])
    ax.set_xticklabels(["0", *(f"$10^{{{power}}}$" for power in powers)])
    ax.minorticks_off()
    return ax


@styled
def jacobians(tables: Mapping[str, np.ndarray], ax: np.ndarray | None = None) -> np.ndarray:
    """Draw named Jacobians (outputs, inputs) side by side: blue above 0, vermilion below 0."""
    (axes,) = several(ax, 1, len(tables), size=(7.2, 2.4))
    limit = max(np.abs(table).max() for table in tables.values())
    for panel, (name, table) in zip(axes, tables.items(), strict=True):
        panel.imshow(table, cmap=SIGNED, vmin=-limit, vmax=limit)
        panel.set(title=name, xticks=range(table.shape[1]), yticks=range(table.shape[0]))
        panel.set_xticklabels(range(1, table.shape[1] + 1), fontsize=9)
        panel.set_yticklabels(range(1, table.shape[0] + 1), fontsize=9)
        panel.set_xlabel("input k")
        panel.grid(False)
    axes[0].set_ylabel("output j")
    return axes


@styled
def error_bars(
    before: np.ndarray,
    after: np.ndarray,
    *,
    names: tuple[str, str] = ("before", "after"),
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw the slope of the loss at each logit of one example, twice, on a shared scale."""
    (axes,) = several(ax, 1, 2, size=(7.2, 2.8))
    limit = 1.15 * max(np.abs(before).max(), np.abs(after).max())
    for panel, delta, name in zip(axes, (before, after), names, strict=True):
        color = np.where(delta >= 0, colors.POSITIVE, colors.NEGATIVE)
        panel.bar(np.arange(len(delta)), delta, color=color)
        panel.axhline(0, color="black", lw=0.8)
        panel.set(title=name, xlabel="class", xticks=range(len(delta)), ylim=(-limit, limit))
    axes[0].set_ylabel("error signal $p_k - y_k$")
    return axes
