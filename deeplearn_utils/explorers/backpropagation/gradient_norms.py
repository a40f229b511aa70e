"""The gradient of each layer against depth, activation and the scale of the starting weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deeplearn_utils import colors
from deeplearn_utils.labels import labels_of

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from ..parts.marks import Axis, Band, Dots, Line, Pane
from ..parts.numbers import in_powers
from .layer_gradients import DEEPEST, expect, measure, theory

DEPTHS = (2, 3, 5, 8, 10, 15, 20, 30, 40, DEEPEST)
DEEP, FACTOR = 30, 10.0
"""The target: at least DEEP layers, all gradients within FACTOR."""

SCALES = tuple(round(0.25 * 2 ** (step / 4), 2) for step in range(17))
XAVIER, HE = 1.0, 1.41
NAMES = labels_of("sigmoid", "tanh", "relu", "identity")
USUAL, USUAL_SIZES = (1e-16, 1e6), (1e-4, 1e4)
SMALLEST, LARGEST = 1e-30, 1e30
"""What lies beyond is far outside of the picture and left out."""


def theory_line(name: str, color: str, label: str, dashed: bool = False) -> Line:
    """Return the mark of what theory expects in each layer."""
    return Line(x="layer", y=f"{name}_theory", color=color, dashed=dashed, label=label)


def measured_dots(name: str, color: str, label: str, symbol: str = "circle") -> Dots:
    """Return the mark of what is measured in each layer; what isn't a circle is hollow."""
    hollow = symbol != "circle"
    return Dots(x="layer", y=name, color=color, symbol=symbol, hollow=hollow, size=3, label=label)


LAYER = Axis(label="hidden layer", domain=(0.0, DEEPEST + 1.0))
BACKWARD = Pane(
    title="Backward: gradients of one digit's loss",
    x=LAYER,
    y=Axis(label="norm of the gradient", domain="norms", scale="log"),
    aspect=0.9,
    marks=(
        Band(
            low="least_wanted",
            high="largest_weights",
            axis="y",
            color=colors.DEAD,
            opacity=0.6,
            label="down to 1/10 of the largest ∂ℒ/∂W",
        ),
        theory_line("weights", colors.VERMILION, "weights ∂ℒ/∂W, theory"),
        theory_line("delta", colors.PURPLE, "δ, theory", dashed=True),
        measured_dots("weights", colors.VERMILION, "weights ∂ℒ/∂W, measured"),
        measured_dots("delta", colors.PURPLE, "δ = ∂ℒ/∂z, measured", "square"),
        measured_dots("delta_spread", colors.GREEN, "spread of δ over digits", "triangle"),
    ),
)
FORWARD = Pane(
    title="Forward: size of a, and its spread over digits",
    x=LAYER,
    y=Axis(label="root mean square", domain="sizes", scale="log"),
    aspect=0.9,
    marks=(
        theory_line("size", colors.FORWARD, "size of a, theory"),
        theory_line("spread", colors.GREEN, "spread over digits, theory", dashed=True),
        measured_dots("size", colors.FORWARD, "size of a, measured"),
        measured_dots("spread", colors.GREEN, "spread over digits, measured", "triangle"),
    ),
)


class GradientNormsExplorer(Explorer):
    """Depth, activation and starting weights of a network, and each layer's gradient."""

    name = "gradient_norms"
    title = "Gradients that vanish and explode"
    summary = (
        "Left: twenty sigmoid layers whose weights start at Xavier's scale; on a logarithmic axis "
        "the gradients of weights and of z shrink evenly from layer 20 back to layer 1, about a "
        "factor of 4 a layer, as theory says. Right: the activations stay near one half, but what "
        "differs from digit to digit shrinks as fast, from layer 1 to layer 20."
    )
    controls = (
        Slider("depth", "layers", DEPTHS, 20),
        Choice("activation", "activation", NAMES, "sigmoid"),
        Slider(
            "scale",
            "scale s",
            SCALES,
            XAVIER,
            "{:.2f}",
            names={XAVIER: "Xavier", HE: "He"},
        ),
    )
    panes = (BACKWARD, FORWARD)
    depends = {"layer": ()}
    question = Question(
        text=(
            "Thirty sigmoid layers start with Xavier's weights. Compared with layer 30, the "
            "gradient of the weights in layer 1 will be:"
        ),
        options=("about as large", "about 1000 times smaller", "more than 10¹⁵ times smaller"),
        answer=2,
        explanation=(
            "More than 10¹⁵ times smaller. On the way back each layer multiplies the error by the "
            "weights and by the slope of the sigmoid, which is ¼ at most. From layer 30 to 1 that "
            "makes 29 such factors; plain gradient descent hardly moves the first layers."
        ),
    )
    target = Target(
        text=(
            "With at least 30 layers, keep the gradients of all layers within a factor of 10: "
            "those of the weights and the errors δ."
        ),
        explanation=(
            "ReLU needs He's scale √2: it cuts off half of each signal, and 2 · ½ = 1. tanh needs "
            "a scale near 1, since its slope near 0 is 1. The sigmoid gets there nowhere on this "
            "slider: with slopes of at most ¼, even a scale of 4 shrinks δ in every layer."
        ),
    )

    def look(self, depth: int, activation: str, scale: float) -> Layers:
        """Return what is measured in each hidden layer, and what theory expects."""
        measured = measure(depth, activation, scale)
        return Layers(depth, measured, expect(depth, activation, scale, measured["error"]))

    def compute(self, look: Layers) -> Arrays:
        """Return what is measured in each hidden layer, what theory expects, and the axis."""
        weights, delta = look.measured["weights"], look.measured["delta"]
        measured = ("weights", "delta", "delta_spread", "size", "spread")
        expected = ("weights", "delta", "size", "spread")
        return {
            "layer": np.arange(1.0, DEEPEST + 1),
            **{name: in_every_place(look.measured[name]) for name in measured},
            **{f"{name}_theory": in_every_place(look.expected[name]) for name in expected},
            "least_wanted": shown(weights.max(keepdims=True) / FACTOR),
            "largest_weights": shown(weights.max(keepdims=True)),
            "norms": decades_of(USUAL, weights, delta),
            "sizes": decades_of(USUAL_SIZES, look.measured["size"], look.measured["spread"]),
        }

    def describe(self, look: Layers) -> str:
        """Tell how the error changes on its way back, and how far apart the gradients are."""
        change, expected = (np.log10(d[0] / d[-1]) for d in look.deltas)
        way = "grows" if change > 0 else "shrinks"
        told = in_powers(10 ** (expected if change > 0 else -expected))
        weights, delta = (in_powers(10**power) for power in look.ranges)
        share = in_powers(float(look.measured["spread"][-1] / look.measured["size"][-1]))
        return (
            f"From layer {look.depth} back to layer 1, δ {way} by a factor of "
            f"{in_powers(10 ** abs(change))} (theory: {told}). Largest ∂ℒ/∂W: {weights} times the "
            f"smallest, largest δ: {delta} times. Spread in layer {look.depth}: {share} of the "
            "size."
        )

    def reached(self, look: Layers) -> bool:
        """Deep, and no layer's gradient far below another's."""
        return look.depth >= DEEP and bool((look.ranges <= np.log10(FACTOR)).all())

    def warm(self) -> None:
        """Ask theory once for each activation and scale."""
        for values in self.settings(("activation", "scale")):
            theory(values["activation"], values["scale"])


class Layers(NamedTuple):
    """What is measured in each hidden layer, and what theory expects."""

    depth: int
    measured: Arrays  # (depth,) each
    expected: Arrays

    @property
    def deltas(self) -> tuple[np.ndarray, np.ndarray]:
        """The errors δ, measured and expected."""
        return self.measured["delta"], self.expected["delta"]

    @property
    def ranges(self) -> np.ndarray:
        """The decades from the smallest to the largest gradient of weights, and of δ."""
        norms = self.measured["weights"], self.measured["delta"]
        return np.log10([norm.max() / norm.min() for norm in norms])


def in_every_place(values: np.ndarray) -> np.ndarray:
    """Return values of the first layers with gaps for the layers that the network lacks."""
    return np.append(shown(values), np.full(DEEPEST - len(values), np.nan))


def decades_of(usual: tuple[float, float], *norms: np.ndarray) -> np.ndarray:
    """Return the axis: the usual decades, and more where the norms would leave the picture."""
    inside = np.clip(np.concatenate(norms), SMALLEST, LARGEST)
    low, high = np.floor(np.log10(inside.min())), np.ceil(np.log10(inside.max()))
    return np.array([min(usual[0], 10.0**low), max(usual[1], 10.0**high)])


def shown(values: np.ndarray) -> np.ndarray:
    """Return values with gaps for those far outside of the picture."""
    return np.where((values > SMALLEST) & (values < LARGEST), values, np.nan)
