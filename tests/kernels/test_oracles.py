"""Activations and losses against SciPy, PyTorch and TensorFlow, and their automatic gradients.

Every entry of a table needs an oracle here; `test_every_entry_has_an_oracle` says which is missing.
"""

import numpy as np
import pytest
import scipy.special

from deeplearn_utils import arrays
from deeplearn_utils.kernels import ACTIVATIONS, LOSSES
from deeplearn_utils.kernels.dense import dense, dense_backward
from tests.libraries import TENSORFLOW

OPTIONS = {
    "leaky_relu": [{}, {"negative_slope": 0.3}],
    "elu": [{}, {"alpha": 2.5}],
    "huber": [{}, {"delta": 0.3}, {"delta": 5.0}],
}


def cases(table):
    return pytest.mark.parametrize(
        ("name", "options"), [(name, o) for name in table for o in OPTIONS.get(name, [{}])]
    )


def logits(shape=(5, 4), seed=0):
    z = 4.0 * np.random.default_rng(seed).normal(size=shape)
    return z + 0.1 * np.sign(z)  # away from the kinks


def batch(name, seed=0):
    rng = np.random.default_rng(seed)
    prediction = logits(seed=seed)
    if name == "softmax_cross_entropy":
        return prediction, rng.integers(0, 4, 5)
    if name == "binary_cross_entropy":
        return prediction, rng.random((5, 4))
    return prediction, prediction + rng.choice([-2.0, -0.15, 0.15, 2.0], prediction.shape)


# SciPy computes in double precision to the last digits, tails included.
SCIPY = {
    "identity": lambda z: z,
    "sigmoid": scipy.special.expit,
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "leaky_relu": lambda z, negative_slope=0.01: np.where(z > 0, z, negative_slope * z),
    "elu": lambda z, alpha=1.0: np.where(z > 0, z, alpha * scipy.special.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z * scipy.special.ndtr(z),
    "softplus": lambda z: np.logaddexp(z, 0.0),
    "softmax": lambda z: scipy.special.softmax(z, axis=-1),
}


def torch_activations(torch):
    F = torch.nn.functional
    return {
        "identity": torch.nn.Identity(),
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": F.relu,
        "leaky_relu": F.leaky_relu,
        "elu": F.elu,
        "gelu": F.gelu,  # the exact one by default
        "softplus": lambda z: F.softplus(z, threshold=1000),  # by default linear above 20
        "softmax": lambda z: F.softmax(z, dim=-1),
    }


def tensorflow_activations(tf):
    return {
        "identity": tf.identity,
        "sigmoid": tf.math.sigmoid,
        "tanh": tf.math.tanh,
        "relu": tf.nn.relu,
        "leaky_relu": lambda z, negative_slope=0.01: tf.nn.leaky_relu(z, alpha=negative_slope),
        "elu": lambda z, alpha=1.0: tf.where(z > 0, z, alpha * tf.nn.elu(z)),
        "gelu": lambda z: tf.nn.gelu(z, approximate=False),
        "softplus": tf.math.softplus,
        "softmax": tf.nn.softmax,
    }


def torch_losses(torch):
    F = torch.nn.functional
    return {
        "mse": F.mse_loss,
        "mae": F.l1_loss,
        "huber": F.huber_loss,
        "binary_cross_entropy": F.binary_cross_entropy_with_logits,
        "softmax_cross_entropy": F.cross_entropy,
    }


def keras_losses(tf):
    losses = tf.keras.losses
    return {
        "mse": lambda p, t: losses.MeanSquaredError()(t, p),
        "mae": lambda p, t: losses.MeanAbsoluteError()(t, p),
        "huber": lambda p, t, delta=1.0: losses.Huber(delta=delta)(t, p),
        "binary_cross_entropy": lambda p, t: losses.BinaryCrossentropy(from_logits=True)(t, p),
        "softmax_cross_entropy": lambda p, t: losses.SparseCategoricalCrossentropy(
            from_logits=True
        )(t, p),
    }


def test_every_entry_has_an_oracle(torch):
    assert set(SCIPY) == set(ACTIVATIONS) == set(torch_activations(torch))
    assert set(LOSSES) == set(torch_losses(torch))


@TENSORFLOW
def test_every_entry_has_an_oracle_in_tensorflow(tf):
    assert set(ACTIVATIONS) == set(tensorflow_activations(tf))
    assert set(LOSSES) == set(keras_losses(tf))


@cases(ACTIVATIONS)
def test_activations_against_scipy(name, options):
    z = np.concatenate([np.linspace(-45, 45, 2001), [-700.0, -500.0, 500.0, 1e4, 1e-300]])
    ours = ACTIVATIONS[name].forward(z, **options)
    np.testing.assert_allclose(ours, SCIPY[name](z, **options), rtol=2e-12, atol=1e-300)
    single = ACTIVATIONS[name].forward(z.astype("f4"), **options)
    exact = SCIPY[name](z.astype("f4").astype(float), **options)
    np.testing.assert_allclose(single, exact, rtol=1.5e-5, atol=1e-37)


@cases(ACTIVATIONS)
def test_activations_against_pytorch(torch, name, options):
    z = torch.asarray(logits(), requires_grad=True)
    da = torch.asarray(logits(seed=1))
    oracle = torch_activations(torch)[name](z, **options)
    (dz,) = torch.autograd.grad(oracle, z, da)
    ours = ACTIVATIONS[name].forward(z, **options)
    torch.testing.assert_close(ours, oracle, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(
        ACTIVATIONS[name].backward(da, z, **options), dz, rtol=1e-11, atol=1e-14
    )
    (through_ours,) = torch.autograd.grad(ours, z, da)  # no step leaves PyTorch's graph
    torch.testing.assert_close(through_ours, dz, rtol=1e-11, atol=1e-14)


@TENSORFLOW
@cases(ACTIVATIONS)
def test_activations_against_tensorflow(tf, name, options):
    z, da = tf.constant(logits()), tf.constant(logits(seed=1))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        oracle = tensorflow_activations(tf)[name](z, **options)
        ours = ACTIVATIONS[name].forward(z, **options)
    dz = tape.gradient(oracle, z, da)
    # TensorFlow's own leaky ReLU and GELU keep a constant in single precision
    rtol = 1e-6 if name in ("leaky_relu", "gelu") else 1e-11
    np.testing.assert_allclose(ours, oracle, rtol=rtol, atol=1e-14)
    backward = ACTIVATIONS[name].backward(da, z, **options)
    np.testing.assert_allclose(backward, dz, rtol=rtol, atol=1e-14)
    through_ours = tape.gradient(ours, z, da)  # None if a step had left TensorFlow
    np.testing.assert_allclose(through_ours, backward, rtol=1e-11, atol=1e-14)


@cases(ACTIVATIONS)
def test_activations_against_jax_s_gradient(jax, name, options):
    z, da = jax.numpy.asarray(logits()), jax.numpy.asarray(logits(seed=1))
    forward = ACTIVATIONS[name].forward
    dz = jax.grad(lambda x: jax.numpy.sum(da * forward(x, **options)))(z)
    backward = ACTIVATIONS[name].backward(da, z, **options)
    np.testing.assert_allclose(backward, dz, rtol=1e-11, atol=1e-14)


@cases(LOSSES)
def test_losses_against_pytorch(torch, name, options):
    prediction, target = (torch.asarray(x) for x in batch(name))
    prediction.requires_grad_()
    oracle = torch_losses(torch)[name](prediction, target, **options)
    (gradient,) = torch.autograd.grad(oracle, prediction)
    ours = LOSSES[name].value(prediction, target, **options)
    torch.testing.assert_close(ours, oracle, rtol=1e-12, atol=1e-14)
    backward = LOSSES[name].gradient(prediction, target, **options)
    torch.testing.assert_close(backward, gradient, rtol=1e-11, atol=1e-14)
    (through_ours,) = torch.autograd.grad(ours, prediction)
    torch.testing.assert_close(through_ours, gradient, rtol=1e-11, atol=1e-14)


def test_soft_targets_against_pytorch(torch):
    z, _ = batch("softmax_cross_entropy")
    z = torch.asarray(z, requires_grad=True)
    target = torch.softmax(torch.asarray(logits(seed=2)), dim=-1)
    oracle = torch.nn.functional.cross_entropy(z, target)
    (gradient,) = torch.autograd.grad(oracle, z)
    loss = LOSSES["softmax_cross_entropy"]
    torch.testing.assert_close(loss.value(z, target), oracle, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(loss.gradient(z, target), gradient, rtol=1e-11, atol=1e-14)


@TENSORFLOW
@cases(LOSSES)
def test_losses_against_keras(tf, name, options):
    # Keras computes its losses in float32 unless told otherwise
    tf.keras.backend.set_floatx("float64")
    try:
        prediction, target = (tf.constant(x) for x in batch(name))
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(prediction)
            oracle = keras_losses(tf)[name](prediction, target, **options)
            ours = LOSSES[name].value(prediction, target, **options)
        gradient = tape.gradient(oracle, prediction)
    finally:
        tf.keras.backend.set_floatx("float32")
    np.testing.assert_allclose(ours, oracle, rtol=1e-12)
    backward = LOSSES[name].gradient(prediction, target, **options)
    np.testing.assert_allclose(backward, gradient, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(tape.gradient(ours, prediction), gradient, rtol=1e-11, atol=1e-14)


@cases(LOSSES)
def test_losses_against_jax_s_gradient(jax, name, options):
    prediction, target = (jax.numpy.asarray(x) for x in batch(name))
    gradient = jax.grad(LOSSES[name].value)(prediction, target, **options)
    backward = LOSSES[name].gradient(prediction, target, **options)
    np.testing.assert_allclose(backward, gradient, rtol=1e-11, atol=1e-14)


def test_the_dense_layer_against_pytorch(torch):
    rng = np.random.default_rng(0)
    x, W, b, dz = (torch.asarray(rng.normal(size=s)) for s in ((5, 4), (4, 3), (3,), (5, 3)))
    for part in (x, W, b):
        part.requires_grad_()
    oracle = torch.nn.functional.linear(x, W.T, b)  # PyTorch keeps W as (out, in)
    torch.testing.assert_close(dense(x, W, b), oracle, rtol=1e-13, atol=1e-14)
    gradients = torch.autograd.grad(oracle, (x, W, b), dz)
    for ours, right in zip(dense_backward(dz, x, W), gradients, strict=True):
        torch.testing.assert_close(ours, right, rtol=1e-12, atol=1e-14)


@TENSORFLOW
def test_the_dense_layer_against_keras(tf):
    rng = np.random.default_rng(0)
    x, W, b = (rng.normal(size=s) for s in ((5, 4), (4, 3), (3,)))
    layer = tf.keras.layers.Dense(3, dtype="float64")
    layer.build((None, 4))
    layer.set_weights([W, b])
    np.testing.assert_allclose(dense(x, W, b), layer(x), rtol=1e-13)


def test_a_call_in_the_wrong_namespace_would_be_caught(lib):
    """NumPy's functions take other libraries' arrays and silently give NumPy arrays back."""
    x = lib.array([1.0, 2.0])
    if lib.name in ("tensorflow", "jax", "torch"):
        wrong = np.exp(arrays.to_numpy(x))
        assert not lib.holds(wrong, like=x)
    for activation in ACTIVATIONS.values():
        assert lib.holds(activation.forward(x), like=x)
