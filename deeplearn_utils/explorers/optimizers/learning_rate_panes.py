"""The picture of `LearningRateExplorer`: losses, accuracy against learning rate, decisions."""

from __future__ import annotations

from deeplearn_utils import colors
from deeplearn_utils.labels import labels_of

from ..parts.marks import Axis, Dots, Line, Pane, Raster, Rule

EPOCHS = 10
TOP = 1e4
"""Losses above this are drawn here, outside the picture."""

NAMES = labels_of("sgd", "momentum", "adam") | {"momentum": "momentum 0.9"}
HARD = (48, 306, 355, 49, 347, 148, 231, 59, 77, 41)
"""Rows of the validation digits 0 to 9 that a network learns late, one of each class."""

CELL, FIRST = 5, 17.5
"""Width of a cell of the decisions, and the middle of the first one."""

SYMBOL = {"sgd": "circle", "momentum": "square", "adam": "triangle"}
WRONG = {"symbol": "cross", "color": colors.VERMILION}
EVERY = Axis(
    label="the network's answer",
    domain=(0.0, 65.0),
    ticks=((5.0, "image"), *((FIRST + CELL * label, str(label)) for label in range(10))),
)

CURVES = Pane(
    title="Losses during training",
    x=Axis(label="epoch", domain=(0.0, EPOCHS)),
    y=Axis(label="cross-entropy loss (log scale)", domain=(1e-3, 1e2), scale="log"),
    aspect=0.9,
    marks=(
        Line(x="epoch", y="loss", color=colors.TRAINING, label="training"),
        Line(
            x="epoch",
            y="validation_loss",
            color=colors.VALIDATION,
            dashed=True,
            label="validation",
        ),
        Dots(x="stop", y=50.0, size=6, label="the loss is not finite: end", **WRONG),
    ),
)
SWEEP = Pane(
    title=f"Accuracy after {EPOCHS} epochs, every learning rate",
    x=Axis(label="learning rate α (log scale)", domain=(8e-5, 12.0), scale="log"),
    y=Axis(label="right validation digits (%)", domain=(0.0, 100.0)),
    aspect=0.9,
    marks=(
        Rule(at="now", width=1.5),
        *(Line(x="rate", y=f"{n}_accuracy", color=colors.OPTIMIZERS[n]) for n in NAMES),
        *(
            Dots(
                x="rate",
                y=f"{n}_accuracy",
                size=3.5,
                symbol=SYMBOL[n],
                color=colors.OPTIMIZERS[n],
                label=NAMES[n],
            )
            for n in NAMES
        ),
        Dots(x="now", y="accuracy", size=8, hollow=True, label="this run"),
    ),
)
DECISIONS = Pane(
    title="Ten hard validation digits and their probabilities",
    x=EVERY,
    y=Axis(
        label="true digit",
        domain=(0.0, 10.0),
        ticks=tuple((9.5 - label, str(label)) for label in range(10)),
    ),
    aspect=0.9,
    marks=(
        Raster(values="decisions", domain=(-1.0, 1.0), colors=("ink", "paper", colors.PREDICTION)),
        Dots(x="answer", y="row", where="right", size=6, hollow=True, label="right answer"),
        Dots(x="answer", y="row", where="wrong", size=5, label="wrong answer", **WRONG),
    ),
)
