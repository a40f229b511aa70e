"""The picture of `LabelNoiseExplorer`: accuracies during training, and against the wrong labels."""

from __future__ import annotations

from deeplearn_utils import colors

from ..parts.marks import Axis, Dots, Line, Pane, Rule

EPOCHS = 30
RIGHT = Axis(label="right digits (%)", domain=(0.0, 102.0))
TRAINING = {"color": colors.TRAINING}
VALIDATION = {"color": colors.VALIDATION}

CURVES = Pane(
    title="Accuracy during training, five draws",
    x=Axis(label="epoch", domain=(0.0, EPOCHS)),
    y=RIGHT,
    aspect=0.9,
    marks=(
        Line(x="epoch", y="training", width=0.8, opacity=0.4, **TRAINING),
        Line(x="epoch", y="validation", width=0.8, opacity=0.4, **VALIDATION),
        Line(x="epoch", y="training_mean", width=2.5, label="training", **TRAINING),
        Line(x="epoch", y="mean", width=2.5, dashed=True, label="validation", **VALIDATION),
    ),
)
SWEEP = Pane(
    title="Validation accuracy, every share of wrong labels",
    x=Axis(label="wrong labels (%)", domain=(-2.0, 52.0)),
    y=RIGHT,
    aspect=0.9,
    marks=(
        Rule(at="now", width=1.5),
        Line(x="share", y="tops", color=colors.BLUE),
        Line(x="share", y="ends", dashed=True, **VALIDATION),
        Dots(x="share", y="tops", size=5, label="best epoch", color=colors.BLUE),
        Dots(x="share", y="ends", size=5, symbol="square", label="last epoch", **VALIDATION),
    ),
)
