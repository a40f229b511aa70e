"""What training did: loss over epochs, runs compared, and the state of the units afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from deeplearn_utils import colors
from deeplearn_utils.figures.style import DASHES, one, styled
from deeplearn_utils.labels import label_of


@styled
def learning_curve(
    records: Sequence[object], *, ylabel: str = "loss", log: bool = False, ax: Axes | None = None
) -> Axes:
    """Draw training loss and, where `train()` measured it, validation loss over epochs."""
    ax = one(ax)
    epoch = [record.epoch for record in records]
    ax.plot(epoch, [record.loss for record in records], color=colors.TRAINING, label="training")
    if records[-1].validation_loss is not None:
        validation = [record.validation_loss for record in records]
        ax.plot(epoch, validation, color=colors.VALIDATION, linestyle="--", label="validation")
    ax.set(xlabel="epoch", ylabel=ylabel, yscale="log" if log else "linear")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


@styled
def compare_runs(
    runs: Mapping[str, np.ndarray],
    *,
    ylabel: str,
    log: bool = False,
    middle: Callable[..., np.ndarray] = np.mean,
    ax: Axes | None = None,
) -> Axes:
    """Draw each named (seeds, epochs) array: the middle, and the band from least to greatest."""
    ax = one(ax, height=3.6)
    for k, (name, values) in enumerate(runs.items()):
        epoch, color = np.arange(values.shape[1]), colors.SERIES[k]
        ax.fill_between(
            epoch, values.min(axis=0), values.max(axis=0), color=color, alpha=0.15, lw=0
        )
        ax.plot(
            epoch,
            middle(values, axis=0),
            color=color,
            linestyle=DASHES[k],
            label=label_of(name),
        )
    ax.set(xlabel="epoch", ylabel=ylabel, yscale="log" if log else "linear")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax
