"""The multilayer perceptron against PyTorch's and TensorFlow's automatic gradients and Keras."""

import itertools

import numpy as np
import pytest

from deeplearn_utils.kernels import ACTIVATIONS, LOSSES
from deeplearn_utils.networks import MLP
from tests.kernels.test_oracles import (
    keras_losses,
    tensorflow_activations,
    torch_activations,
    torch_losses,
)
from tests.libraries import TENSORFLOW
from tests.test_networks import problem

EVERY_PAIR = pytest.mark.parametrize(
    ("activation", "loss"), list(itertools.product(ACTIVATIONS, LOSSES))
)


@EVERY_PAIR
def test_against_pytorch(torch, activation, loss):
    network = MLP([5, 7, 4, 3], activation=activation, loss=loss)
    theta, X, y = (torch.asarray(x) for x in problem(network))
    theta.requires_grad_()
    W, b = network.layout.unpack(theta)
    a = X
    for l in range(2):
        a = torch_activations(torch)[activation](a @ W[l] + b[l])
    y_hat = a @ W[2] + b[2]
    target = y.to(torch.float64) if loss == "binary_cross_entropy" else y
    oracle = torch_losses(torch)[loss](y_hat, target)
    (expected,) = torch.autograd.grad(oracle, theta)
    value, gradient = network.loss_and_gradient(theta, X, y)
    torch.testing.assert_close(network.forward(theta, X), y_hat, rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(value, oracle, rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(gradient, expected, rtol=1e-10, atol=1e-13)
    (through_ours,) = torch.autograd.grad(network.loss(theta, X, y), theta)
    torch.testing.assert_close(through_ours, expected, rtol=1e-10, atol=1e-13)


@TENSORFLOW
@EVERY_PAIR
def test_against_tensorflow(tf, activation, loss):
    network = MLP([5, 7, 4, 3], activation=activation, loss=loss)
    theta, X, y = (tf.constant(x) for x in problem(network))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(theta)
        W, b = network.layout.unpack(theta)
        a = X
        for l in range(2):
            a = tensorflow_activations(tf)[activation](a @ W[l] + b[l])
        y_hat = a @ W[2] + b[2]
        target = tf.cast(y, tf.float64) if loss == "binary_cross_entropy" else y
        oracle = keras_losses(tf)[loss](y_hat, target)
        through_ours = network.loss(theta, X, y)
    value, gradient = network.loss_and_gradient(theta, X, y)
    np.testing.assert_allclose(value, oracle, rtol=1e-5)  # Keras' losses are float32
    np.testing.assert_allclose(value, through_ours, rtol=1e-13)
    np.testing.assert_allclose(gradient, tape.gradient(through_ours, theta), rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(gradient, tape.gradient(oracle, theta), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("activation", "loss"),
    [(name, "mse") for name in ACTIVATIONS] + [("tanh", name) for name in LOSSES if name != "mse"],
)
def test_against_jax_s_gradient(jax, activation, loss):
    network = MLP([5, 7, 4, 3], activation=activation, loss=loss)
    theta, X, y = (jax.numpy.asarray(x) for x in problem(network))
    expected, ours = jax.jit(
        lambda t: (jax.grad(network.loss)(t, X, y), network.loss_and_gradient(t, X, y)[1])
    )(theta)
    np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-13)


@TENSORFLOW
def test_the_same_weights_in_keras_give_the_same_outputs(tf):
    network = MLP([64, 32, 16, 10], activation=["relu", "tanh"], loss="softmax_cross_entropy")
    theta, X, _ = problem(network)
    W, b = network.layout.unpack(theta)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((64,), dtype="float64"),
            tf.keras.layers.Dense(32, activation="relu", dtype="float64"),
            tf.keras.layers.Dense(16, activation="tanh", dtype="float64"),
            tf.keras.layers.Dense(10, dtype="float64"),
        ]
    )
    model.set_weights([part for pair in zip(W, b, strict=True) for part in pair])
    np.testing.assert_allclose(network.forward(theta, X), model(X), rtol=1e-10, atol=1e-12)
