"""A small network's decision boundary against its hidden units and their activation."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from deeplearn_utils import colors
from deeplearn_utils.datasets import Dataset, moons
from deeplearn_utils.labels import labels_of
from deeplearn_utils.metrics import accuracy
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question
from ..parts.marks import Axis, Contours, Dots, Line, Pane, Raster
from .geometry import line_in_square

REACH = 2.6
"""The plane shows both scaled inputs from -REACH to REACH."""

CELLS = 48
"""The probability is computed at the centers of CELLS x CELLS cells."""

HIDDEN = (1, 2, 3, 4, 6, 8, 12, 16)
EPOCHS = 300
NAMES = labels_of("identity", "sigmoid", "tanh", "relu")
ZERO = {"color": colors.CLASSES[0]}
ONE = {"color": colors.CLASSES[1], "symbol": "square"}

PLANE = Pane(
    title="Probability of class 1",
    x=Axis(label="input x₁ (scaled)", domain=(-REACH, REACH)),
    y=Axis(label="input x₂ (scaled)", domain=(-REACH, REACH)),
    aspect=1.0,
    marks=(
        Raster(
            values="probability",
            domain=(0.0, 1.0),
            colors=(colors.CLASSES[0], "paper", colors.CLASSES[1]),
            opacity=0.5,
        ),
        Line(
            x="unit_x1",
            y="unit_x2",
            width=1.0,
            dashed=True,
            color=colors.GREY,
            opacity=0.7,
            label="z = 0 of each hidden unit",
        ),
        Contours(values="probability", levels=(0.5,), width=3.0, label="boundary, probability ½"),
        Dots(x="zeros_x1", y="zeros_x2", size=3, label="class 0, training", **ZERO),
        Dots(x="ones_x1", y="ones_x2", size=3, label="class 1, training", **ONE),
    ),
)
LOSS = Pane(
    title="Loss during training",
    x=Axis(label="epoch", domain=(0.0, EPOCHS)),
    y=Axis(label="cross-entropy loss", domain=(0.003, 3.0), scale="log"),
    aspect=1.0,
    marks=(
        Line(x="epoch", y="loss", color=colors.TRAINING, label="training"),
        Line(
            x="epoch",
            y="validation_loss",
            color=colors.VALIDATION,
            dashed=True,
            label="validation",
        ),
    ),
)


class DecisionBoundaryExplorer(Explorer):
    """Hidden units and activation of a 2-h-1 network, trained on two moons, and its boundary."""

    name = "decision_boundary"
    title = "The decision boundary of a small network"
    summary = (
        "Left: two interleaved half moons of points in a plane shaded by the network's probability "
        "of class 1; with two tanh units the boundary is a curve with one bend. Right: the losses "
        "over 300 epochs; the training loss falls, the validation loss rises again after epoch 80."
    )
    controls = (
        Slider("hidden", "hidden units", HIDDEN, 2),
        Choice("activation", "activation", NAMES, "tanh"),
    )
    panes = (PLANE, LOSS)
    depends = dict.fromkeys(("zeros_x1", "zeros_x2", "ones_x1", "ones_x2", "epoch"), ())
    question = Question(
        text="Give the network 16 hidden units with the identity as activation. Its boundary will:",
        options=(
            "follow both moons closely, since 16 lines make any curve",
            "bend a little at some places",
            "stay one straight line",
        ),
        answer=2,
        explanation=(
            "One straight line. Without a bend in the activation, (x W₁ + b₁) W₂ + b₂ is again x "
            "times one matrix plus one vector: 16 units do what one neuron does. Choose the "
            "identity and move the slider: the picture hardly changes."
        ),
    )

    def look(self, hidden: int, activation: str) -> Fit:
        """Return what the trained network shows."""
        return trained(hidden, activation)

    def compute(self, look: Fit) -> Arrays:
        """Return the data, the probability over the plane, the units' lines and the losses."""
        data = two_moons()
        zeros, ones = (data.X_train[data.y_train == label] for label in (0, 1))
        return {
            **{"zeros_x1": zeros[:, 0], "zeros_x2": zeros[:, 1]},
            **{"ones_x1": ones[:, 0], "ones_x2": ones[:, 1]},
            **{"probability": look.probability},
            **{"unit_x1": look.lines[..., 0], "unit_x2": look.lines[..., 1]},
            "epoch": np.arange(EPOCHS + 1.0),
            "loss": look.loss,
            "validation_loss": look.validation_loss,
        }

    def describe(self, look: Fit) -> str:
        """Tell both accuracies in whole percent."""
        units = "1 hidden unit" if look.hidden == 1 else f"{look.hidden} hidden units"
        straight = look.activation == "identity" or look.hidden == 1
        return (
            f"{NAMES[look.activation]}, {units}: {round(100 * look.training_accuracy)} % of the "
            f"training points and {round(100 * look.validation_accuracy)} % of the validation "
            "points are on their side of the boundary, "
            f"{'one straight line' if straight else 'a curve'}."
        )

    def warm(self) -> None:
        """Train every network once, so that the first visit to a stop is as quick as the next."""
        for values in self.settings():
            self.look(**values)


class Fit(NamedTuple):
    """What a trained network shows."""

    hidden: int
    activation: str
    theta: np.ndarray
    probability: np.ndarray  # (CELLS, CELLS), row 0 at the bottom
    lines: np.ndarray  # (units, 2 ends, 2 coordinates), NaN beyond the network's units
    loss: np.ndarray  # (EPOCHS + 1,)
    validation_loss: np.ndarray  # (EPOCHS + 1,)
    training_accuracy: float
    validation_accuracy: float


@cache
def two_moons() -> Dataset:
    """Return the data of the panel."""
    return moons(240, noise=0.2, seed=0, fractions=(0.5, 0.25, 0.25))


@cache
def trained(hidden: int, activation: str) -> Fit:
    """Train a 2-h-1 network on the two moons, full batch, from a seed, and look at it."""
    data = two_moons()
    X, y = data.X_train, column(data.y_train)
    validation = (data.X_validation, column(data.y_validation))
    network = MLP([2, hidden, 1], activation=activation, loss="binary_cross_entropy")
    theta = network.init(np.random.default_rng(hidden))
    adam = Adam(learning_rate=0.05)
    run = train(network, theta, X, y, optimizer=adam, epochs=EPOCHS, validation=validation)
    records = list(run)
    theta = records[-1].theta
    return Fit(
        hidden,
        activation,
        theta,
        network.predict_probabilities(theta, plane()).reshape(CELLS, CELLS),
        unit_lines(network, theta),
        np.array([record.loss for record in records]),
        np.array([record.validation_loss for record in records]),
        accuracy(network.predict(theta, X), y),
        accuracy(network.predict(theta, validation[0]), validation[1]),
    )


def column(y: np.ndarray) -> np.ndarray:
    """Return labels (n,) as the targets (n, 1) of a network with one output."""
    return y[:, None].astype(float)


def plane() -> np.ndarray:
    """Return the centers of the cells, (CELLS * CELLS, 2), row by row from the bottom."""
    centers = REACH * ((2 * np.arange(CELLS) + 1) / CELLS - 1)
    x1, x2 = np.meshgrid(centers, centers)
    return np.column_stack([x1.ravel(), x2.ravel()])


def unit_lines(network: MLP, theta: np.ndarray) -> np.ndarray:
    """Return the line z = 0 of each hidden unit; NaN for the units that the network lacks."""
    W, b = network.layout.unpack(theta)
    lines = np.full((max(HIDDEN), 2, 2), np.nan)
    for unit in range(W[0].shape[1]):
        lines[unit] = line_in_square(W[0][:, unit], float(b[0][unit]), REACH)
    return lines
