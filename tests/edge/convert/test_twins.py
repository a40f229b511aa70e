"""Twins: the same network in another framework gives the same outputs."""

import re

import numpy as np
import pytest

from deeplearn_utils.edge.convert import keras_twin, outputs_of, torch_twin
from deeplearn_utils.edge.convert.torch_twin import LAYERS
from deeplearn_utils.kernels import ACTIVATIONS
from deeplearn_utils.networks import MLP


def refused(error, message, call, *arguments):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call(*arguments)


def network_with(name):
    network = MLP([4, 6, 5, 3], activation=[name, "tanh"])
    return network, network.init(np.random.default_rng(0))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_has_a_twin(name, keras, torch, rng):
    network, theta = network_with(name)
    X = 3 * rng.normal(size=(50, 4))
    expected = network.forward(theta, X)
    found = np.asarray(keras_twin(network, theta)(X))
    np.testing.assert_allclose(found, expected, atol=2e-6)
    found = torch_twin(network, theta)(torch.tensor(X, dtype=torch.float32)).detach().numpy()
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_an_activation_without_one_is_told(keras, torch, monkeypatch):
    monkeypatch.setitem(ACTIVATIONS, "square", ACTIVATIONS["identity"])
    network, theta = network_with("square")
    known = "elu, gelu, identity, leaky_relu, "
    rest = "relu, sigmoid, softmax, softplus, tanh"
    refused(
        ValueError,
        f"`activation` 'square' has no counterpart in Keras; there is one for {known}{rest}",
        keras_twin, network, theta,
    )  # fmt: skip
    refused(
        ValueError,
        "`activation` 'square' has no counterpart in PyTorch; there is one for "
        f"{known}linear, {rest}",
        torch_twin, network, theta,
    )  # fmt: skip


CHAINS = {
    "strides and borders": lambda layers: [
        layers.Conv2D(3, (3, 2), strides=2, padding="same", activation="relu"),
        layers.Conv2D(2, 2, dilation_rate=2),
    ],
    "a filter a channel": lambda layers: [
        layers.DepthwiseConv2D(3, depth_multiplier=2, activation="tanh"),
        layers.GlobalAveragePooling2D(),
    ],
    "groups": lambda layers: [layers.Conv2D(4, 3, groups=2, use_bias=False), layers.Flatten()],
    "pools": lambda layers: [
        layers.MaxPooling2D(3, strides=2, padding="same"),
        layers.AveragePooling2D(2),
        layers.GlobalAveragePooling2D(keepdims=True),
    ],
    "normalization": lambda layers: [
        layers.BatchNormalization(scale=False),
        layers.Flatten(),
        layers.Dense(3),
        layers.BatchNormalization(center=False),
    ],
    "activations of images": lambda layers: [
        layers.Conv2D(3, 1, activation="softmax"),
        layers.LeakyReLU(negative_slope=0.3),
        layers.Softmax(),
        layers.Activation("leaky_relu"),
        layers.ReLU(),
    ],
    "a dense layer on pixels, and shapes": lambda layers: [
        layers.Dense(3, activation="elu"),
        layers.Reshape((6, 9, 2)),
        layers.Conv2D(2, 3),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(2, use_bias=False, activation="softmax"),
    ],
}


@pytest.mark.parametrize("what", CHAINS)
def test_layers_of_keras(what, keras, torch, rng):
    model = keras.Sequential([keras.Input((6, 6, 2)), *CHAINS[what](keras.layers)])
    drawn = np.random.default_rng(5)
    model.set_weights([0.2 + drawn.random(w.shape) for w in model.get_weights()])
    X = rng.normal(size=(3, 6, 6, 2)).astype("float32")
    expected = np.asarray(model(X, training=False))
    found = outputs_of(torch_twin(model), X)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_what_has_no_twin_is_told(keras, torch):
    layers = keras.layers
    model = keras.Sequential([keras.Input((4, 2)), layers.LSTM(3, name="memory")])
    refused(
        ValueError,
        "layer `memory` is a LSTM, which has no twin here; there is one for "
        f"{', '.join(sorted(LAYERS))}",
        torch_twin, model,
    )  # fmt: skip
    image = keras.Input((3, 3, 1))
    model = keras.Sequential([image, layers.AveragePooling2D(2, padding="same", name="mean")])
    refused(
        ValueError,
        "layer `mean` averages over windows that reach beyond the image, which has no twin here; "
        'try padding="valid"',
        torch_twin, model,
    )  # fmt: skip
    model = keras.Sequential([image, layers.ReLU(max_value=6, name="six")])
    message = "layer `six` has options of ReLU that have no twin here"
    refused(ValueError, message, torch_twin, model)
    model = keras.Sequential([image, layers.Activation("mish")])
    refused(
        ValueError,
        "`activation` 'mish' has no counterpart in PyTorch; there is one for elu, gelu, identity, "
        "leaky_relu, linear, relu, sigmoid, softmax, softplus, tanh",
        torch_twin, model,
    )  # fmt: skip


def test_branches_are_told(keras, torch):
    x = keras.Input((3,))
    a = keras.layers.Dense(3, name="first")(x)
    b = keras.layers.Activation("tanh", name="second")(x)
    model = keras.Model(x, keras.layers.Add(name="sum")([a, b]))
    refused(
        ValueError,
        "layer `second` does not take what the layer before it gives: the twin of a model with "
        "branches, or with a layer used twice, has to be written by hand",
        torch_twin, model,
    )  # fmt: skip
