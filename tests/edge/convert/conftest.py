"""Small models that all tests of conversion share; each is made once."""

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.networks import MLP


@pytest.fixture(scope="session")
def keras(tf):
    """Give Keras, after TensorFlow; by its name, these tests share a worker."""
    return arrays.import_quietly("keras")


@pytest.fixture(scope="session")
def images():
    """Give more samples than the original computes at once, and no whole number of batches."""
    return np.random.default_rng(0).normal(size=(259, 8, 8, 1)).astype("float32")


@pytest.fixture(scope="session")
def cnn(keras):
    """Give a small CNN with weights from a seed, whose normalization does something."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    rng = np.random.default_rng(1)
    spread = [0.3 * rng.normal(size=w.shape) for w in model.get_weights()]
    spread[1] = 1 + spread[1]  # gamma
    spread[4] = 0.5 + rng.random(spread[4].shape)  # the moving variance
    model.set_weights(spread)
    return model


@pytest.fixture(scope="session")
def regression():
    """Give the book's network for tables, with its θ."""
    network = MLP([64, 32, 1], activation="relu", loss="mse")
    return network, network.init(np.random.default_rng(2))


@pytest.fixture(scope="session")
def rows():
    return np.random.default_rng(3).normal(size=(20, 64))
