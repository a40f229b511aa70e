"""The gradient of each layer against depth, activation and the scale of the starting weights."""

from __future__ import annotations

from functools import cache

import numpy as np

from .. import colors
from ..datasets import digits
from ..kernels import ACTIVATIONS, LOSSES
from ..kernels.dense import dense_backward
from ..networks import MLP, Trace
from ..parameters import Layout
from ..signal_propagation import propagate
from .controls import Choice, Slider
from .explorer import Arrays, Explorer, Question, Target, Values
from .marks import Axis, Band, Dots, Line, Pane
from .writing import in_powers

WIDTH, CLASSES, DIGITS = 64, 10, 32
DEPTHS = (2, 3, 5, 8, 10, 15, 20, 30, 40, 50)
DEEP, FACTOR = 30, 10.0
"""The target: at least DEEP layers, all gradients within FACTOR."""

SCALES = tuple(round(0.25 * 2 ** (step / 4), 2) for step in range(17))
XAVIER, HE = 1.0, 1.41
NAMES = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "identity": "identity",
}
SMALLEST, LARGEST = 1e-30, 1e30
"""What lies beyond is far outside of the picture and left out."""

LAYER = Axis(label="hidden layer", domain=(0.0, max(DEPTHS) + 1.0))
BACKWARD = Pane(
    title="Backward: gradients of one digit's loss",
    x=LAYER,
    y=Axis(label="norm of the gradient", domain=(1e-16, 1e6), scale="log"),
    aspect=0.9,
    marks=(
        Band(
            low="least_wanted",
            high="largest_weights",
            axis="y",
            color=colors.DEAD,
            opacity=0.6,
            label="down to 1/10 of the largest ∂L/∂W",
        ),
        Line(x="layer", y="weights_theory", color=colors.VERMILION, label="weights ∂L/∂W, theory"),
        Line(x="layer", y="delta_theory", color=colors.PURPLE, dashed=True, label="δ, theory"),
        Dots(
            x="layer", y="weights", color=colors.VERMILION, size=3, label="weights ∂L/∂W, measured"
        ),
        Dots(
            x="layer",
            y="delta",
            color=colors.PURPLE,
            symbol="square",
            hollow=True,
            size=3,
            label="δ = ∂L/∂z, measured",
        ),
    ),
)
FORWARD = Pane(
    title="Forward: size of the activations",
    x=LAYER,
    y=Axis(label="root mean square of a", domain=(1e-4, 1e4), scale="log"),
    aspect=0.9,
    marks=(
        Line(x="layer", y="spread_theory", color=colors.FORWARD, label="theory"),
        Dots(x="layer", y="spread", color=colors.FORWARD, size=3, label="measured"),
    ),
)


class GradientNormsExplorer(Explorer):
    """Depth, activation and starting weights of a network, and each layer's gradient."""

    name = "gradient_norms"
    title = "Gradients that vanish and explode"
    summary = (
        "Left: twenty sigmoid layers whose weights start at Xavier's scale; on a logarithmic axis "
        "the gradients of weights and of z shrink evenly from layer 20 back to layer 1, about a "
        "factor of 4 a layer, as theory says. Right: the activations stay near one half."
    )
    controls = (
        Slider("depth", "hidden layers", DEPTHS, 20),
        Choice("activation", "activation", NAMES, "sigmoid"),
        Slider(
            "scale",
            "weight scale s",
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
            "weights and by the slope of the sigmoid, which is ¼ at most. Thirty such factors make "
            "the first layers blind: they hardly learn."
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

    def compute(self, depth: int, activation: str, scale: float) -> Arrays:
        """Return what is measured in each hidden layer, what theory expects, and both ranges."""
        measured = measure(depth, activation, scale)
        expected = expect(depth, activation, scale, measured["error"])
        weights, delta = measured["weights"], measured["delta"]
        return {
            "layer": np.arange(1.0, max(DEPTHS) + 1),
            **{name: in_every_place(measured[name]) for name in ("weights", "delta", "spread")},
            **{f"{name}_theory": in_every_place(values) for name, values in expected.items()},
            "least_wanted": shown(weights.max(keepdims=True) / FACTOR),
            "largest_weights": shown(weights.max(keepdims=True)),
            "change": np.log10(
                [delta[0] / delta[-1], expected["delta"][0] / expected["delta"][-1]]
            ),
            "ranges": np.log10([weights.max() / weights.min(), delta.max() / delta.min()]),
        }

    def describe(self, values: Values, arrays: Arrays) -> str:
        """Tell how the error changes on its way back, and how far apart the gradients are."""
        change, expected = arrays["change"]
        way = "grows" if change > 0 else "shrinks"
        told = in_powers(10 ** (expected if change > 0 else -expected))
        weights, delta = (in_powers(10**power) for power in arrays["ranges"])
        return (
            f"From layer {values['depth']} back to layer 1, δ {way} by a factor of "
            f"{in_powers(10 ** abs(change))} (theory: {told}). The largest gradient of weights is "
            f"{weights} times the smallest, the largest δ {delta} times the smallest."
        )

    def reached(self, values: Values, arrays: Arrays) -> bool:
        """Deep, and no layer's gradient far below another's."""
        return values["depth"] >= DEEP and bool((arrays["ranges"] <= np.log10(FACTOR)).all())

    def warm(self) -> None:
        """Ask theory once for each activation and scale."""
        for values in self.settings(("activation", "scale")):
            theory(values["activation"], values["scale"])


@cache
def batch() -> tuple[np.ndarray, np.ndarray]:
    """Return the digits on which gradients are measured, and their labels."""
    data = digits()
    return data.X_train[:DIGITS], data.y_train[:DIGITS]


@cache
def directions() -> tuple[list[np.ndarray], np.ndarray]:
    """Return standard normal weights of all hidden layers and of the output layer."""
    rng = np.random.default_rng(2)
    hidden = rng.normal(size=(max(DEPTHS), WIDTH, WIDTH))
    return list(hidden), rng.normal(size=(WIDTH, CLASSES))


def start(depth: int, scale: float) -> np.ndarray:
    """Return θ: the same random weights for every scale and depth, times scale / √n."""
    hidden, output = directions()
    W = [scale / np.sqrt(WIDTH) * w for w in (*hidden[:depth], output)]
    sizes = [WIDTH] * (depth + 1) + [CLASSES]
    return Layout.dense(sizes).pack(W, [np.zeros(w.shape[1]) for w in W])


def measure(depth: int, activation: str, scale: float) -> Arrays:
    """Return each hidden layer's gradients and activations, root mean squares over the digits.

    A gradient's norm is taken for one digit at a time: that of W is |a| |δ|, since it is the outer
    product of what enters the layer and the error. `error` is |∂L/∂logits| of each digit.
    """
    X, y = batch()
    sizes = [WIDTH] * (depth + 1) + [CLASSES]
    network = MLP(sizes, activation=activation, loss="softmax_cross_entropy")
    theta = start(depth, scale)
    layers = network.trace(theta, X)
    δ = errors(network, theta, layers, y)
    norms = [np.linalg.norm(d, axis=1) for d in δ]  # (layers + 1) of (digits,)
    entering = [np.linalg.norm(a, axis=1) for a in (X, *(layer.a for layer in layers[:-2]))]
    gradients = [a * d for a, d in zip(entering, norms, strict=False)]
    return {
        "weights": np.array([mean_size(norm) for norm in gradients]),
        "delta": np.array([mean_size(norm) for norm in norms[:-1]]),
        "spread": np.array([mean_size(layer.a) for layer in layers[:-1]]),
        "error": norms[-1],
    }


def errors(network: MLP, theta: np.ndarray, layers: list[Trace], y: np.ndarray) -> list[np.ndarray]:
    """Return δ = ∂L/∂z of each layer, L being the loss of one digit: (digits, units) each."""
    W, _ = network.layout.unpack(theta)
    δ = [len(y) * LOSSES[network.loss_name].gradient(layers[-1].a, y)]
    for l in reversed(range(len(W) - 1)):
        da, _, _ = dense_backward(δ[0], layers[l].a, W[l + 1])
        δ.insert(0, ACTIVATIONS[network.activation[l]].backward(da, layers[l].z))
    return δ


@cache
def theory(activation: str, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return E[a²] of each layer and what |δ|² is multiplied by, (layers, digits) each."""
    x_square = np.mean(batch()[0] ** 2, axis=1)
    expected = propagate(activation, x_square, scale=scale, layers=max(DEPTHS))
    return np.stack([x_square, *expected.a_square]), expected.backward


def expect(depth: int, activation: str, scale: float, error: np.ndarray) -> Arrays:
    """Return what theory expects of `measure`, given the error at the output of each digit."""
    a_square, backward = theory(activation, scale)
    factors = np.cumprod(backward[:depth][::-1], axis=0)[::-1]
    delta = error * np.sqrt(factors)  # (depth, digits)
    weights = np.sqrt(WIDTH * a_square[:depth]) * delta
    return {
        "weights": mean_size(weights, axis=1),
        "delta": mean_size(delta, axis=1),
        "spread": mean_size(np.sqrt(a_square[1 : depth + 1]), axis=1),
    }


def mean_size(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Return the root mean square."""
    return np.sqrt(np.mean(np.square(values), axis=axis))


def in_every_place(values: np.ndarray) -> np.ndarray:
    """Return values of the first layers with gaps for the layers that the network lacks."""
    return np.append(shown(values), np.full(max(DEPTHS) - len(values), np.nan))


def shown(values: np.ndarray) -> np.ndarray:
    """Return values with gaps for those far outside of the picture."""
    return np.where((values > SMALLEST) & (values < LARGEST), values, np.nan)
