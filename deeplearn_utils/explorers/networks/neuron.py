"""One neuron: its decision line in the plane of its inputs, and its activation curve."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deeplearn_utils import colors
from deeplearn_utils.analysis.saturation import is_slow, zones
from deeplearn_utils.kernels import ACTIVATIONS
from deeplearn_utils.labels import labels_of

from ..explorer import Explorer
from ..parts.activation_curve import CURVE_REACH, curve
from ..parts.controls import Choice, Slider, even_stops
from ..parts.frame import Arrays, Target
from ..parts.marks import Arrow, Axis, Band, Dots, Line, Pane, Polygon, Rule
from .geometry import line_in_square, strip_in_square

REACH = 3.0
"""The plane shows both inputs from -REACH to REACH."""

POINTS = np.array([
    [-1.9, -0.4], [-1.2, -1.3], [-2.2, 0.9], [-0.6, -2.0], [-1.6, 0.4], [-0.9, -0.6],
    [0.3, -2.3], [-2.2, -1.2], [-0.2, -1.1], [-1.5, 1.2], [0.6, -1.6], [-2.2, 1.8],
    [1.7, 0.6], [0.8, 1.5], [2.2, -0.5], [0.2, 2.2], [1.3, 1.7], [1.1, 0.2],
    [2.3, 1.2], [0.4, 1.0], [1.9, -1.1], [-0.5, 2.5], [2.0, 1.8], [1.5, -0.3],
])  # fmt: skip
ONES = np.arange(len(POINTS)) >= 12
"""Which points are of class 1."""

NAMES = labels_of("identity", "sigmoid", "tanh", "relu", "leaky_relu", "gelu")
ZONES = {
    "identity": None,
    "sigmoid": "saturated zone, where the slope is under 5 % of its largest",
    "tanh": "saturated zone, where the slope is under 5 % of its largest",
    "relu": "dead zone, where the slope is exactly 0",
    "leaky_relu": "leaky zone, where the slope is 0.01: slow, but not dead",
    "gelu": "flat zone, where the slope is under 5 % of its largest",
}
SLOW = {"color": colors.SATURATED, "label": "saturated or flat zone"}
DEAD = {"color": colors.DEAD, "label": "dead zone"}
ZERO = {"color": colors.CLASSES[0]}
ONE = {"color": colors.CLASSES[1], "symbol": "square"}

PLANE = Pane(
    title="The inputs and the line z = 0",
    x=Axis(label="input x₁", domain=(-REACH, REACH)),
    y=Axis(label="input x₂", domain=(-REACH, REACH)),
    aspect=1.0,
    marks=(
        Polygon(x="slow_x1", y="slow_x2", **SLOW),
        Polygon(x="dead_x1", y="dead_x2", **DEAD),
        Line(x="line_x1", y="line_x2", label="z = w₁x₁ + w₂x₂ + b = 0"),
        Arrow(x="foot_x1", y="foot_x2", x_end="tip_x1", y_end="tip_x2"),
        Dots(x="zeros_x1", y="zeros_x2", label="class 0", **ZERO),
        Dots(x="ones_x1", y="ones_x2", label="class 1", **ONE),
        Dots(x="x1", y="x2", where="wrong", symbol="cross", size=4, label="on the wrong side"),
    ),
)
CURVE = Pane(
    title="The activation and its slope",
    x=Axis(label="z", domain=(-CURVE_REACH, CURVE_REACH)),
    y=Axis(label="a = f(z) and slope f′(z)", domain="a_domain"),
    aspect=1.0,
    marks=(
        Band(low="slow_low", high="slow_high", **SLOW),
        Band(low="dead_low", high="dead_high", **DEAD),
        Rule(at=0.0, color=colors.GREY),
        Line(x="z", y="slope", color=colors.BACKWARD, dashed=True, label="slope f′(z)"),
        Line(x="z", y="a", label="a = f(z)"),
        Dots(x="zeros_z", y="zeros_a", **ZERO),
        Dots(x="ones_z", y="ones_a", **ONE),
    ),
)
WEIGHTS = ("w1", "w2", "b")


class NeuronExplorer(Explorer):
    """Weights, bias and activation of one neuron, its line, and the slope at every point."""

    name = "neuron"
    title = "One neuron with two inputs"
    summary = (
        "Left: a plane with twelve blue circles of class 0, twelve orange squares of class 1, the "
        "neuron's line z = 0 and its saturated zones, shaded. Right: the sigmoid curve and its "
        "slope over z, the same points on the curve, and the same zones."
    )
    controls = (
        Slider("w1", "weight w₁", even_stops(-3, 3, 0.5), 1.0, "{:.1f}"),
        Slider("w2", "weight w₂", even_stops(-3, 3, 0.5), -1.0, "{:.1f}"),
        Slider("b", "bias b", even_stops(-4, 4, 0.5), 1.0, "{:.1f}"),
        Choice("activation", "activation f", NAMES, "sigmoid"),
    )
    panes = (PLANE, CURVE)
    depends = {
        **dict.fromkeys(("x1", "x2", "zeros_x1", "zeros_x2", "ones_x1", "ones_x2", "z"), ()),
        **dict.fromkeys(("a", "slope", "a_domain"), ("activation",)),
        **dict.fromkeys(("slow_low", "slow_high", "dead_low", "dead_high"), ("activation",)),
        **dict.fromkeys(("line_x1", "line_x2", "foot_x1", "foot_x2"), WEIGHTS),
        **dict.fromkeys(("tip_x1", "tip_x2", "zeros_z", "ones_z", "wrong"), WEIGHTS),
    }
    target = Target(
        text=(
            "With sigmoid or tanh, put every point on its side of the line, class 1 where the "
            "arrow points, and keep all of them out of the shaded zones, so that each can still "
            "teach the neuron."
        ),
        explanation=(
            "Small weights keep every z where the slope is large. Could ReLU do it? No: all that "
            "lies behind its line lies in its dead zone."
        ),
    )

    def look(self, w1: float, w2: float, b: float, activation: str) -> Neuron:
        """Return what the neuron does with every point."""
        w = np.array([w1, w2])
        z = POINTS @ w + b
        return Neuron(w, b, activation, z, (z > 0) != ONES, is_slow(activation, z))

    def compute(self, look: Neuron) -> Arrays:
        """Return the points, the line, the zones and the curve."""
        w, b, z = look.w, look.b, look.z
        a = ACTIVATIONS[look.activation].forward(z)
        slow, dead = (zones(look.activation)[name] for name in ("slow", "dead"))
        foot, tip = arrow(w, b)
        return {
            **curve(look.activation),
            **{"slow_low": slow[:, 0], "slow_high": slow[:, 1]},
            **{"dead_low": dead[:, 0], "dead_high": dead[:, 1]},
            **{"zeros_z": z[~ONES], "ones_z": z[ONES], "zeros_a": a[~ONES], "ones_a": a[ONES]},
            **in_plane("", POINTS),
            **in_plane("zeros_", POINTS[~ONES]),
            **in_plane("ones_", POINTS[ONES]),
            **in_plane("line_", line_in_square(w, b, REACH)),
            **in_plane("foot_", foot),
            **in_plane("tip_", tip),
            **in_plane("slow_", np.stack([strip_in_square(w, b, *z, REACH) for z in slow])),
            **in_plane("dead_", np.stack([strip_in_square(w, b, *z, REACH) for z in dead])),
            "wrong": look.wrong.astype(float),
        }

    def describe(self, look: Neuron) -> str:
        """Count the points on the right side and in the zone."""
        right, slow = int((~look.wrong).sum()), int(look.slow.sum())
        line = f"{right} of {len(POINTS)} points are on their side of the line."
        if not look.w.any():
            line = "Both weights are 0: there is no line, and every point gets the same output."
        zone = ZONES[look.activation]
        if zone is None:
            return f"{line} The identity has slope 1 everywhere: no zone is flat."
        count = {0: "No point lies", 1: "1 point lies"}.get(slow, f"{slow} points lie")
        return f"{line} {count} in the {zone}."

    def reached(self, look: Neuron) -> bool:
        """All points on their side, none where the slope is flat, and the curve saturates."""
        saturates = look.activation in ("sigmoid", "tanh")
        return saturates and not look.wrong.any() and not look.slow.any()


class Neuron(NamedTuple):
    """A neuron, and what it does with every point."""

    w: np.ndarray  # (2,)
    b: float
    activation: str
    z: np.ndarray  # (points,)
    wrong: np.ndarray  # (points,) bool: on the wrong side of the line
    slow: np.ndarray  # (points,) bool: where the slope is flat


def arrow(w: np.ndarray, b: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where the arrow of the weights starts on the line, and its tip: w/2 further."""
    length = w @ w
    foot = -b * w / length if length else np.full(2, np.nan)
    return foot, foot + w / 2


def in_plane(prefix: str, points: np.ndarray) -> Arrays:
    """Return the two coordinates of points as two arrays, named for the marks."""
    return {f"{prefix}x1": points[..., 0], f"{prefix}x2": points[..., 1]}
