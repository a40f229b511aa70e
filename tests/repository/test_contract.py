"""The reader's view: the lines that the book promises, run as they stand there."""

import numpy as np
import pytest

from deeplearn_utils.datasets import digits
from deeplearn_utils.kernels import ACTIVATIONS, LOSSES, activations
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import OPTIMIZERS, Adam
from deeplearn_utils.regularizers import L2, REGULARIZERS
from deeplearn_utils.training import train


def test_the_lines_of_the_book(rng):
    data = digits()
    X, y = data.X_train, data.y_train

    network = MLP([64, 128, 64, 10], activation="relu", loss="softmax_cross_entropy")
    theta = network.init(rng)
    loss, gradient = network.loss_and_gradient(theta, X, y)
    optimizer = Adam(learning_rate=1e-3)
    state = optimizer.init(theta)
    theta, state = optimizer.step(theta, gradient, state)
    for record in train(  # noqa: B007 (the reader keeps the last one)
        network,
        theta,
        X,
        y,
        optimizer=optimizer,
        regularizer=L2(1e-4),
        batch_size=64,
        epochs=20,
        rng=rng,
    ):
        pass
    predicted = network.predict(theta, data.X_test)

    assert theta.shape == gradient.shape == (64 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10,)
    assert np.ndim(loss) == 0
    assert float(loss) == pytest.approx(np.log(10), rel=0.3)
    assert record.epoch == 20
    assert predicted.shape == data.y_test.shape
    assert np.mean(network.predict(record.theta, data.X_test) == data.y_test) > 0.95


def test_the_tables_of_the_book():
    z = np.array([-1.0, 2.0])
    np.testing.assert_array_equal(activations.relu(z), [0.0, 2.0])
    assert ACTIVATIONS["relu"].forward is activations.relu
    assert ACTIVATIONS["relu"].backward is activations.relu_backward
    assert float(LOSSES["mse"].value(z, z)) == 0.0
    assert LOSSES["mse"].gradient(z, z).shape == (2,)
    assert OPTIMIZERS["adam"] is Adam
    assert REGULARIZERS["l2"] is L2
    assert set(ACTIVATIONS) >= {
        *("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "softplus", "softmax")
    }
    assert set(LOSSES) >= {
        *("mse", "mae", "huber", "binary_cross_entropy", "softmax_cross_entropy")
    }
    assert set(OPTIMIZERS) >= {
        *("gradient_descent", "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw")
    }
    assert set(REGULARIZERS) >= {"l1", "l2", "elastic_net"}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_one_step_of_every_optimizer_lowers_the_loss(name, rng):
    network = MLP([3, 8, 1], activation="tanh", loss="mse")
    X, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 1))
    theta = network.init(rng)
    optimizer = OPTIMIZERS[name](learning_rate=1e-3)
    loss, gradient = network.loss_and_gradient(theta, X, y)
    theta, _ = optimizer.step(theta, gradient, optimizer.init(theta))
    assert network.loss(theta, X, y) < loss
