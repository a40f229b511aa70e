"""The picture of `TrajectoriesExplorer`: paths, losses against learning rate and against step."""

from __future__ import annotations

from deeplearn_utils import colors
from deeplearn_utils.labels import labels_of

from ..parts.marks import Axis, Dots, Line, Pane, Rule

STEPS = 100
ARRIVED = 1e-3
NAMES = labels_of("gradient_descent", "momentum", "nesterov", "rmsprop", "adam")
WITH_BETA = ("momentum", "nesterov")
WITH_EDGE = ("gradient_descent", "momentum", "nesterov")
EDGE_OF = {name: f"edge of {NAMES[name]}" for name in WITH_EDGE}
COLOR = {name: {"color": colors.OPTIMIZERS[name]} for name in NAMES}
SYMBOL = {
    "gradient_descent": {"symbol": "circle"},
    "momentum": {"symbol": "square"},
    "nesterov": {"symbol": "triangle"},
    "rmsprop": {"symbol": "cross"},
    "adam": {"symbol": "circle", "hollow": True},
}
STYLE = {name: COLOR[name] | SYMBOL[name] for name in NAMES}
LEVEL = {"color": colors.GREY, "width": 1.0, "opacity": 0.6, "label": "equal loss"}
LOSS_AXIS = Axis(label="loss (log scale)", domain=(1e-6, 1e3), scale="log")
ENOUGH = Rule(at=ARRIVED, axis="y", color=colors.GREY, label=f"arrived: below {ARRIVED}")

PATHS = Pane(
    title="Paths, with a symbol every 20 steps",
    x=Axis(label="parameter x", domain="x_domain"),
    y=Axis(label="parameter y", domain="y_domain"),
    marks=(
        Line(x="level_x", y="level_y", **LEVEL),
        *(Line(x=f"{n}_x", y=f"{n}_y", width=1.6, **COLOR[n]) for n in NAMES),
        *(Dots(x=f"{n}_x", y=f"{n}_y", where="shown", label=NAMES[n], **STYLE[n]) for n in NAMES),
        Dots(x="start_x", y="start_y", symbol="square", size=6, hollow=True, label="start"),
        Dots(x="minimum_x", y="minimum_y", symbol="cross", size=6, label="minimum"),
    ),
)
EDGE = Pane(
    title=f"Loss after {STEPS} steps, and the stability edge",
    x=Axis(label="learning rate α (log scale)", domain=(0.0009, 2.2), scale="log"),
    y=LOSS_AXIS,
    marks=(
        ENOUGH,
        Rule(at="now", width=2.0, label="the slider's α"),
        *(Rule(at=f"{n}_edge", dashed=True, label=EDGE_OF[n], **COLOR[n]) for n in WITH_EDGE),
        *(Line(x="rate", y=f"{n}_sweep", width=1.6, **COLOR[n]) for n in NAMES),
        *(Dots(x="rate", y=f"{n}_sweep", where="here", **STYLE[n]) for n in NAMES),
    ),
)
LOSS = Pane(
    title="Loss after each step",
    x=Axis(label="step", domain=(0.0, STEPS)),
    y=LOSS_AXIS,
    marks=(
        ENOUGH,
        *(Line(x="step", y=f"{n}_loss", width=1.6, **COLOR[n]) for n in NAMES),
        *(Dots(x="step", y=f"{n}_loss", where="shown", **STYLE[n]) for n in NAMES),
    ),
)
