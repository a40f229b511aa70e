"""One neuron and its loss as a graph: the number on every edge, forward and backward."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deeplearn_utils import colors
from deeplearn_utils.analysis.saturation import slope, zones
from deeplearn_utils.kernels import ACTIVATIONS, LOSSES
from deeplearn_utils.labels import labels_of

from ..explorer import Explorer
from ..parts.activation_curve import CURVE_REACH, curve
from ..parts.controls import Choice, Slider, even_stops
from ..parts.frame import Arrays, Question, Target
from ..parts.marks import Axis, Band, Dots, Line, Pane, Rule
from ..parts.numbers import fixed, in_powers
from .graph_marks import graph_marks

WEIGHTS = even_stops(-2, 2, 0.5)
FINE = np.linspace(WEIGHTS[0], WEIGHTS[-1], 65)
NAMES = labels_of("sigmoid", "tanh", "relu", "leaky_relu", "identity")
WRONG, VANISHED = 0.9, 0.01
"""The target: an error of at least WRONG, and yet a slope of w under VANISHED."""

DECIMALS = 3
BOTH_SIDES = np.array([-1.0, 1.0])
NODES = {
    "x": (0.0, 3.4), "×": (1.9, 3.4), "+": (3.8, 3.4), "f": (5.7, 3.4), "−": (7.6, 3.4),
    "( )²": (9.5, 3.4), "ℒ": (11.4, 3.4), "w": (1.9, 0.5), "b": (3.8, 0.5), "y": (7.6, 0.5),
}  # fmt: skip
EDGES = {
    "x": ("x", "×"), "u": ("×", "+"), "z": ("+", "f"), "a": ("f", "−"), "e": ("−", "( )²"),
    "L": ("( )²", "ℒ"), "w": ("w", "×"), "b": ("b", "+"), "y": ("y", "−"),
}  # fmt: skip
"""The value on each edge, and the nodes that the edge joins."""

GRAPH = Pane(
    title="ℒ = (f(w x + b) − y)², on every edge a number",
    x=Axis(label="", domain=(-0.6, 12.0)),
    y=Axis(label="", domain=(0.1, 4.7)),
    aspect=4.6 / 12.6,
    axes=False,
    wide=True,
    marks=graph_marks(NODES, EDGES, given=("x", "w", "b", "y", "L", "ℒ"), digits=DECIMALS),
)
CURVE = Pane(
    title="The activation f",
    x=Axis(label="z", domain=(-CURVE_REACH - 0.5, CURVE_REACH + 0.5)),
    y=Axis(label="a = f(z)", domain="a_domain"),
    aspect=0.7,
    marks=(
        Band(low="slow_low", high="slow_high", color=colors.SATURATED, label="saturated zone"),
        Band(low="dead_low", high="dead_high", color=colors.DEAD, label="dead zone"),
        Rule(at="target", axis="y", dashed=True, color=colors.TARGET, label="target y"),
        Line(x="z", y="a", color=colors.FORWARD, label="f"),
        Line(x="tangent_z", y="tangent_a", color=colors.BACKWARD, width=3.0, label="slope f′(z)"),
        Dots(x="z_now", y="a_now", size=6, label="the neuron"),
    ),
)
LOSS = Pane(
    title="The loss, if only w changes",
    x=Axis(label="weight w", domain=(WEIGHTS[0] - 0.2, WEIGHTS[-1] + 0.2)),
    y=Axis(label="ℒ", domain="L_domain"),
    aspect=0.7,
    marks=(
        Line(x="w", y="L", color=colors.FORWARD, label="ℒ"),
        Line(x="tangent_w", y="tangent_L", color=colors.BACKWARD, width=3.0, label="slope ∂ℒ/∂w"),
        Dots(x="w_value", y="L_value", size=6, label="the neuron"),
    ),
)


class ComputationGraphExplorer(Explorer):
    """Input, weight, bias, target and activation of a neuron, and every value and slope."""

    name = "computation_graph"
    title = "One neuron, forward and backward"
    summary = (
        "Above: the calculation of one neuron and its squared error as a graph; with x = 2, "
        "w = 0.5, b = −1 and y = 1, ℒ is 0.25, and the derivative that comes back to w is −0.5. "
        "Below: the sigmoid curve with a tangent of slope ¼ at z = 0, and the loss over w with a "
        "falling tangent."
    )
    controls = (
        Slider("x", "input x", even_stops(-2, 2, 0.5), 2.0, "{:.1f}"),
        Slider("w", "weight w", WEIGHTS, 0.5, "{:.1f}"),
        Slider("b", "bias b", even_stops(-3, 3, 1), -1.0, "{:.1f}"),
        Slider("y", "target y", (0.0, 0.5, 1.0), 1.0, "{:.1f}"),
        Choice("activation", "activation f", NAMES, "sigmoid"),
    )
    panes = (GRAPH, CURVE, LOSS)
    depends = {
        **{f"{name}_value": (name,) for name in "xwby"},
        **{"u_value": ("x", "w"), "z_value": ("x", "w", "b"), "L_slope": ()},
        "a_value": ("x", "w", "b", "activation"),
        **dict.fromkeys(("z", "w"), ()),
        "tangent_w": ("w",),
        **dict.fromkeys(("L", "L_domain"), ("x", "b", "y", "activation")),
        **dict.fromkeys(("a", "a_domain"), ("activation",)),
        **dict.fromkeys(("slow_low", "slow_high", "dead_low", "dead_high"), ("activation",)),
        **dict.fromkeys(("tangent_z", "tangent_a", "a_now"), ("x", "w", "b", "activation")),
        "z_now": ("x", "w", "b"),
        "target": ("y",),
    }
    question = Question(
        text=(
            "A sigmoid neuron with x = 2 and b = 1 should answer y = 0. You push w up from −2 to "
            "2: a comes close to 1, and the error grows and grows. The size of ∂ℒ/∂w will:"
        ),
        options=("grow with the error", "grow at first, then shrink", "stay the same"),
        answer=1,
        explanation=(
            "It grows at first, then shrinks. ∂ℒ/∂w = 2e · f′(z) · x. The error e grows to 1 and "
            "no further; the slope f′(z) falls towards 0. Where the sigmoid is flat, a large "
            "error sends hardly anything back."
        ),
    )
    target = Target(
        text=(
            "Make the neuron wrong and deaf: an error e of at least 0.9 in size, and yet a slope "
            "∂ℒ/∂w below 0.01 in size. The input x must not be 0."
        ),
        explanation=(
            "The slope of the activation multiplies all that comes back. In a saturated or dead "
            "zone it is nearly or exactly 0, and the neuron can't learn from its error. Leaky "
            "ReLU is never that deaf: its slope is 0.01 where that of ReLU is 0."
        ),
    )

    def look(self, x: float, w: float, b: float, y: float, activation: str) -> Graph:
        """Return the value and the slope on every edge."""
        values = forward(x, w, b, y, activation)
        f = float(slope(activation, values["z"]))
        return Graph(activation, values, backward(values, activation), f)

    def compute(self, look: Graph) -> Arrays:
        """Return the numbers on the edges, where they stand, and the curve with its tangent."""
        activation, values, slopes, f = look
        x, w, b, y = (float(values[name]) for name in "xwby")
        slow, dead = zones(activation)["slow"], zones(activation)["dead"]
        L = (ACTIVATIONS[activation].forward(FINE * x + b) - y) ** 2
        near_z, near_w = values["z"] + 1.5 * BOTH_SIDES, w + 0.5 * BOTH_SIDES
        drawn = curve(activation)
        return {
            **{f"{name}_value": np.round(values[name], DECIMALS) for name in EDGES},
            **{f"{name}_slope": np.round(slopes[name], DECIMALS) for name in EDGES},
            **{name: drawn[name] for name in ("z", "a", "a_domain")},
            **{"slow_low": slow[:, 0], "slow_high": slow[:, 1]},
            **{"dead_low": dead[:, 0], "dead_high": dead[:, 1]},
            "target": np.array([y]),
            "z_now": np.array([values["z"]]),
            "a_now": np.array([values["a"]]),
            "tangent_z": near_z,
            "tangent_a": values["a"] + f * (near_z - values["z"]),
            "w": FINE,
            "L": L,
            "L_domain": np.array([-0.05, 1.05]) * max(L.max(), 0.1),
            "tangent_w": near_w,
            "tangent_L": values["L"] + slopes["w"] * (near_w - w),
        }

    def describe(self, look: Graph) -> str:
        """Tell the chain of factors that leads back to w."""
        _, values, slopes, f = look
        z, a, e = (fixed(float(values[name])) for name in "zae")
        return (
            f"Forward: z = {z}, a = {a}, error e = {e}, ℒ = {in_powers(float(values['L']))}. "
            f"Backward: 2e = {fixed(float(slopes['e']))}, times f′(z) = {in_powers(f)}, times "
            f"x = {fixed(float(values['x']), 1)}, gives ∂ℒ/∂w = {in_powers(float(slopes['w']))}."
        )

    def reached(self, look: Graph) -> bool:
        """Return whether w hears nothing of a large error, and x = 0 is not the reason."""
        x, e, w = look.values["x"], look.values["e"], look.slopes["w"]
        return x != 0 and abs(e) >= WRONG and abs(w) < VANISHED


class Graph(NamedTuple):
    """What a neuron computes, forward and backward."""

    activation: str
    values: dict[str, np.ndarray]  # on every edge, arrays without axes
    slopes: dict[str, np.ndarray]  # of the loss, with respect to each value
    slope: float  # of the activation


def forward(x: float, w: float, b: float, y: float, activation: str) -> dict[str, np.ndarray]:
    """Return the value on every edge, arrays without axes; the loss is the book's kernel."""
    x, w, b, y = (np.asarray(value, dtype=float) for value in (x, w, b, y))
    u = w * x
    z = u + b
    a = ACTIVATIONS[activation].forward(np.asarray(z))
    L = LOSSES["mse"].value(a, y)
    return {"x": x, "w": w, "b": b, "y": y, "u": u, "z": z, "a": a, "e": a - y, "L": L}


def backward(values: dict[str, np.ndarray], activation: str) -> dict[str, np.ndarray]:
    """Return the derivative of L with respect to the value on every edge, from right to left."""
    x, w, z, a, y = (values[name] for name in "xwzay")
    da = LOSSES["mse"].gradient(a, y)
    dz = ACTIVATIONS[activation].backward(np.asarray(da), np.asarray(z))
    return {
        **{"L": np.array(1.0), "e": da, "a": da, "y": -da},
        **{"z": dz, "u": dz, "b": dz, "w": dz * x, "x": dz * w},
    }
