"""Kernels, networks and optimizers inside the frameworks' compilers and transformations."""

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.kernels import ACTIVATIONS, LOSSES
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import OPTIMIZERS, AdamW
from deeplearn_utils.parameters import Layout
from deeplearn_utils.regularizers import L2
from tests.libraries import TENSORFLOW
from tests.test_networks import problem

NETWORK = MLP([5, 7, 3], activation="gelu", loss="softmax_cross_entropy")
N_STEPS = 20


def numpy_path(optimizer, dtype="float64"):
    """Return θ after some plain steps."""
    theta, X, y = problem(NETWORK)
    theta, X = theta.astype(dtype), X.astype(dtype)
    state = optimizer.init(theta)
    for _ in range(N_STEPS):
        _, gradient = NETWORK.loss_and_gradient(theta, X, y)
        theta, state = optimizer.step(theta, gradient, state)
    return theta


@pytest.mark.parametrize(
    ("name", "dtype"), [(name, "float64") for name in OPTIMIZERS] + [("adam", "float32")]
)
def test_training_in_one_jax_loop(jax, name, dtype):
    optimizer = OPTIMIZERS[name](0.01)
    theta, X, y = problem(NETWORK)
    theta, X, y = (jax.numpy.asarray(x) for x in (theta.astype(dtype), X.astype(dtype), y))

    @jax.jit
    def training(theta):
        def step(carry, _):
            theta, state = carry
            loss, gradient = NETWORK.loss_and_gradient(theta, X, y)
            return optimizer.step(theta, gradient, state), loss

        return jax.lax.scan(step, (theta, optimizer.init(theta)), length=N_STEPS)

    (theta, state), losses = training(theta)
    assert theta.dtype == losses.dtype == dtype
    assert int(state.t) == N_STEPS
    rtol = 1e-3 if dtype == "float32" else 1e-9
    np.testing.assert_allclose(theta, numpy_path(optimizer, dtype), rtol=rtol, atol=rtol / 100)


@TENSORFLOW
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_tensorflow_step_is_traced_once(tf, name):
    optimizer = OPTIMIZERS[name](0.01)
    theta, X, y = (tf.constant(x) for x in problem(NETWORK))
    traces = []

    @tf.function(jit_compile=True, autograph=False)
    def step(theta, state):
        traces.append(1)
        loss, gradient = NETWORK.loss_and_gradient(theta, X, y)
        return loss, *optimizer.step(theta, gradient, state)

    state = optimizer.init(theta)._replace(t=tf.constant(0))
    for _ in range(N_STEPS):
        loss, theta, state = step(theta, state)
    assert len(traces) == 1
    assert np.isfinite(float(loss))
    np.testing.assert_allclose(theta, numpy_path(optimizer), rtol=1e-9, atol=1e-11)


@TENSORFLOW
@pytest.mark.parametrize("autograph", [True, False])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_in_a_tensorflow_function(tf, loss, autograph):
    network = MLP([5, 7, 3], activation="relu", loss=loss)
    values = problem(network)
    compiled = tf.function(
        network.loss_and_gradient, jit_compile=not autograph, autograph=autograph
    )
    value, gradient = compiled(*(tf.constant(x) for x in values))
    right, right_gradient = network.loss_and_gradient(*values)
    np.testing.assert_allclose(value, right, rtol=1e-12)
    np.testing.assert_allclose(gradient, right_gradient, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_in_a_jax_function(jax, loss):
    network = MLP([5, 7, 3], activation="relu", loss=loss)
    values = problem(network)
    value, gradient = jax.jit(network.loss_and_gradient)(*map(jax.numpy.asarray, values))
    right, right_gradient = network.loss_and_gradient(*values)
    np.testing.assert_allclose(value, right, rtol=1e-12)
    np.testing.assert_allclose(gradient, right_gradient, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_over_a_jax_batch(jax, name):
    z = jax.numpy.asarray(np.random.default_rng(0).normal(size=(4, 3)))
    kernel = ACTIVATIONS[name]
    np.testing.assert_allclose(jax.vmap(kernel.forward)(z), kernel.forward(z), rtol=1e-13)
    np.testing.assert_allclose(jax.vmap(kernel.backward)(z, z), kernel.backward(z, z), rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_torch_func(torch, loss):
    network = MLP([5, 7, 3], activation="tanh", loss=loss)
    theta, X, y = (torch.asarray(x) for x in problem(network))
    _, expected = network.loss_and_gradient(theta, X, y)
    for gradient in (
        torch.func.grad(network.loss)(theta, X, y),
        torch.func.grad(lambda theta: network.loss(theta, X, y))(theta),
    ):
        torch.testing.assert_close(gradient, expected, rtol=1e-10, atol=1e-13)
    if loss == "mae":
        return  # array-api-compat's sign() looks for NaN by a mask, which vmap can't batch
    per_sample = torch.func.vmap(
        lambda x, t: network.loss_and_gradient(theta, x[None, :], t[None, ...])[1]
    )(X, y)
    torch.testing.assert_close(per_sample.mean(dim=0), expected, rtol=1e-10, atol=1e-13)


def test_layouts_and_masks_inside_of_a_compiler(jax):
    layout = Layout.dense([3, 2])
    theta = jax.numpy.arange(8.0)

    @jax.jit
    def round_trip(theta):
        mask = layout.weights_mask(theta)
        decayed, _ = AdamW(0.1, weights_mask=mask).step(theta, theta, AdamW(0.1).init(theta))
        return layout.pack(*layout.unpack(theta)), L2(0.5).gradient(theta, mask), decayed

    same, gradient, decayed = round_trip(theta)
    np.testing.assert_array_equal(same, theta)
    np.testing.assert_array_equal(gradient, [0, 1, 2, 3, 4, 5, 0, 0])
    assert np.isfinite(decayed).all()


def test_jax_in_single_precision_warns_of_nothing(jax):
    jax.config.update("jax_enable_x64", False)
    try:
        for loss in ("binary_cross_entropy", "softmax_cross_entropy"):
            network = MLP([5, 7, 3], loss=loss)
            theta, X, y = problem(network)
            theta, X = (jax.numpy.asarray(x, dtype="float32") for x in (theta, X))
            y = jax.numpy.asarray(y, dtype="int32" if y.dtype.kind == "i" else "float32")
            value, gradient = network.loss_and_gradient(theta, X, y)
            assert value.dtype == gradient.dtype == "float32"
            assert network.predict(theta, X).dtype in ("int32", "float32")
            assert network.layout.weights_mask(theta).dtype == "float32"
            for optimizer in OPTIMIZERS.values():
                after, _ = optimizer(0.1).step(theta, gradient, optimizer(0.1).init(theta))
                assert after.dtype == "float32"
            arrays.asarray(np.ones(2), like=theta)
            arrays.arange(3, like=theta)
    finally:
        jax.config.update("jax_enable_x64", True)
