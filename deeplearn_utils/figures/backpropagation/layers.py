"""Layers seen from behind: what comes back, and how large it is after fifty layers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator

from deeplearn_utils import colors
from deeplearn_utils.figures.shapes import INK, arrow, box, canvas
from deeplearn_utils.figures.style import MARKERS, several, styled
from deeplearn_utils.labels import label_of

PLACES = (0.9, 4.3, 7.7, 11.1)


@styled
def layer_flow(n: int, n_in: int, n_out: int, ax: Axes | None = None) -> Axes:
    """Draw one layer with the shapes of what goes forward (above) and comes back (below)."""
    ax = canvas(ax, (-0.2, 12.2), (-2.3, 3.3), height=3.3, aspect="auto")
    size = {"width": 2.0, "height": 1.0, "line": 1.8, "size": 9.5}
    arrays = (
        ("$a^{(l-1)}$", "$\\partial\\mathcal{L}/\\partial a^{(l-1)}$", n_in),
        ("$z^{(l)}$", "$\\delta^{(l)}$", n_out),
        ("$a^{(l)}$", "$\\partial\\mathcal{L}/\\partial a^{(l)}$", n_out),
    )
    for x, (there, back, width) in zip(PLACES, arrays, strict=False):
        box(ax, (x, 2.4), f"{there}\n({n}, {width})", colors.FORWARD, **size)
        box(ax, (x, 0.2), f"{back}\n({n}, {width})", colors.BACKWARD, **size)
    steps = (("$W^{(l)}$ + $b^{(l)}$", "$W^{(l)\\top}$"), ("$f$", "$\\odot\\, f'(z^{(l)})$"))
    for (x, end), (there, back) in zip(((0.9, 4.3), (4.3, 7.7)), steps, strict=True):
        arrow(ax, (x + 1.1, 2.4), (end - 1.1, 2.4), colors.FORWARD)
        arrow(ax, (end - 1.1, 0.2), (x + 1.1, 0.2), colors.BACKWARD, dashed=True)
        ax.text((x + end) / 2, 2.55, there, ha="center", va="bottom", color=INK, fontsize=9.5)
        ax.text((x + end) / 2, 0.35, back, ha="center", va="bottom", color=INK, fontsize=9.5)
    weights = "$\\partial\\mathcal{L}/\\partial W^{(l)}$ = $a^{(l-1)\\top} \\delta^{(l)}$"
    biases = "$\\partial\\mathcal{L}/\\partial b^{(l)}$ = column sums of $\\delta^{(l)}$"
    for x, text in (
        (2.1, f"{weights}\n({n_in}, {n_out})"),
        (6.9, f"{biases}\n({n_out},)"),
    ):
        arrow(
            ax, (4.3, -0.35), (x + (0.6 if x < 4.3 else -0.6), -1.15), colors.BACKWARD, dashed=True
        )
        ax.text(x, -1.3, text, ha="center", va="top", color=INK, fontsize=10)
    ax.text(9.4, 2.4, "→ next layer,\n    loss", va="center", color=colors.FORWARD, fontsize=9.5)
    ax.text(
        9.4, 0.2, "← comes back\n    from there", va="center", color=colors.BACKWARD, fontsize=9.5
    )
    return ax


@styled
def layers_against_theory(
    measured: Mapping[tuple[str, str], Mapping[str, np.ndarray]],
    theory: Mapping[tuple[str, str], Mapping[str, np.ndarray]],
    *quantities: str,
    ax: np.ndarray | None = None,
) -> np.ndarray:
    """Draw quantities of each layer on logarithmic axes: marks measured, lines theory.

    `measured[start, activation][quantity]` and its counterpart in `theory` are arrays (layers,).
    Each activation has a color. With one quantity the starts stand two in a row; with several
    each start has a row, and each quantity a column.
    """
    starts = list(dict.fromkeys(start for start, _ in measured))
    panes = [(start, quantity) for start in starts for quantity in quantities]
    columns = min(max(len(quantities), 2), len(panes))
    rows = -(-len(panes) // columns)
    axes = several(ax, rows, columns, size=(7.2, 2.0 * rows + 1.0))
    panels = dict(zip(panes, axes.flat, strict=False))
    names = list(dict.fromkeys(name for _, name in measured))
    for (start, name), values in measured.items():
        for quantity in quantities:
            k, panel = names.index(name), panels[start, quantity]
            layer = np.arange(1, len(values[quantity]) + 1)
            panel.plot(
                layer, values[quantity], MARKERS[k], color=colors.SERIES[k], label=label_of(name),
                markevery=(k, len(names)), markersize=4.5, alpha=0.85,  # none hides another
            )  # fmt: skip
            panel.plot(layer, theory[start, name][quantity], color=colors.SERIES[k], lw=1.2)
            panel.set(yscale="log", title=start)
    for pane, panel in panels.items():
        of_this = [other for (_, quantity), other in panels.items() if quantity == pane[1]]
        low, high = np.transpose([other.get_ylim() for other in of_this])
        panel.set_ylim(low.min(), high.max())  # shared, so that level lines look level
        if high.max() > 1e20 * low.min():
            panel.yaxis.set_major_locator(LogLocator(base=1e10))
        if len(quantities) > 1 or panel in axes[:, 0]:
            panel.set_ylabel(pane[1])
    for panel in axes[-1]:
        panel.set_xlabel("layer")
    _legend(axes[0, 0])
    return axes


def _legend(panel: Axes) -> None:
    handles = list(panel.get_legend_handles_labels()[0])
    handles.append(Line2D([], [], color=colors.GREY, lw=1.2, label="theory"))
    place = {"loc": "outside upper center", "ncols": len(handles)}
    panel.figure.legend(handles=handles, fontsize=9, markerscale=1.6, **place)


@styled
def cliff(
    w: np.ndarray, loss: np.ndarray, paths: Mapping[str, tuple[np.ndarray, np.ndarray]],
    *, top: float, ax: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """Draw named paths (weights, losses) over a loss with a cliff (left), then over steps.

    An arrow stands for a path that leaves the left picture at its first step.
    """
    (axes,) = several(ax, 1, 2, size=(7.2, 3.3))
    axes[0].plot(w, loss, color=colors.GREY, lw=1.5, label="loss")
    for k, (name, (place, value)) in enumerate(paths.items()):
        options = {"color": colors.SERIES[k], "marker": MARKERS[k], "markersize": 4, "lw": 0.9}
        axes[1].plot(value, label=name, **options)
        if w[0] <= place[1] <= w[-1]:
            axes[0].plot(place, value, label=name, **options)
        else:
            _leaving(axes[0], (place[0], value[0]), w[0], f"{name}: to {place[1]:.1f}", options)
    axes[0].set(xlim=(w[0], w[-1]), ylim=(-0.05 * top, top), xlabel="weight $w$", ylabel="loss")
    axes[1].set(yscale="log", xlabel="step", ylabel="loss")
    axes[0].legend(fontsize=9, loc="center left")
    axes[1].legend(fontsize=9)
    return axes


def _leaving(
    ax: Axes, start: tuple[float, float], edge: float, text: str, options: Mapping[str, object]
) -> None:
    color = options["color"]
    arrow = {"arrowstyle": "-|>", "color": color, "lw": 1.4}
    ax.annotate("", (edge, start[1]), start, arrowprops=arrow)
    text = text.replace("-", "\N{MINUS SIGN}")
    place = ((edge + start[0]) / 2, start[1])
    ax.annotate(
        text, place, (0, 4), textcoords="offset points", color=color, ha="center", fontsize=9.5
    )
