"""What it costs that one source serves every library: the book's kernels against plain NumPy."""

from functools import partial

import numpy as np
import pytest

from deeplearn_utils.arrays import namespace
from deeplearn_utils.kernels import ACTIVATIONS
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train

PLAIN = {
    "relu": lambda z: np.maximum(z, 0.0),
    "sigmoid": lambda z: 1.0 / (1.0 + np.exp(-z)),
    "tanh": np.tanh,
}


def test_lookup(table, seconds):
    z = np.zeros(10)
    nothing = seconds(lambda: None)
    cost = f"{(seconds(lambda: namespace(z)) - nothing) * 1e6:.2f}"
    table("Finding the library of an array", ("call", "µs"), "namespace(z)", cost)


@pytest.mark.parametrize("name", PLAIN)
def test_activation(name, table, seconds, rng):
    header = ("kernel", "µs (10)", "ratio (10)", "µs (100,000)", "ratio (100,000)")
    columns = []
    for size in (10, 100_000):
        z = rng.normal(size=size)
        kernels = (ACTIVATIONS[name].forward, PLAIN[name])
        ours, plain = (seconds(partial(kernel, z)) for kernel in kernels)
        columns += [f"{ours * 1e6:.1f}", f"{ours / plain:.2f}"]
    table("Kernels against the same formula in plain NumPy", header, name, *columns)


def test_training(table, seconds, rng):
    """One epoch of digits-sized training against the same steps written out in NumPy."""
    X, y = rng.normal(size=(1280, 64)), rng.integers(0, 10, size=1280)
    network = MLP([64, 128, 64, 10], activation="relu", loss="softmax_cross_entropy")
    theta = network.init(np.random.default_rng(0))

    def epoch():
        options = {"optimizer": Adam(learning_rate=1e-3), "batch_size": 64}
        return list(train(network, theta, X, y, epochs=1, rng=np.random.default_rng(0), **options))

    def steps():
        optimizer, parameters = Adam(learning_rate=1e-3), theta
        state = optimizer.init(parameters)
        for start in range(0, len(X), 64):
            batch = slice(start, start + 64)
            _, gradient = network.loss_and_gradient(parameters, X[batch], y[batch])
            parameters, state = optimizer.step(parameters, gradient, state)

    ours, written_out = seconds(epoch), seconds(steps)
    title = "Training 64-128-64-10, 1280 rows, batches of 64"
    header = ("what", "seconds an epoch", "ratio")
    table(title, header, "train()", f"{ours:.4f}", f"{ours / written_out:.2f}")
    table(title, header, "loss_and_gradient, step", f"{written_out:.4f}", "1.00")
