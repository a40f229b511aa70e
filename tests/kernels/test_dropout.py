"""Inverted dropout: its mask, PyTorch's dropout, and the closed form of a linear layer."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils import arrays
from deeplearn_utils.kernels.dropout import dropout, dropout_backward, dropout_mask
from tests.libraries import TENSORFLOW

RATES = pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.9])


@RATES
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_mask_is_the_documented_stream_on_every_library(lib, rate, dtype):
    like = lib.array(np.zeros(1), dtype)
    mask = dropout_mask(np.random.default_rng(3), (5, 4), rate, like=like)
    drawn = np.random.default_rng(3).random((5, 4))
    assert lib.holds(mask, like=like)
    right = np.where(drawn < rate, 0.0, 1 / (1 - rate)).astype(dtype)
    np.testing.assert_array_equal(arrays.to_numpy(mask), right)


def test_a_mask_takes_its_numbers_from_the_generator_and_no_more():
    rng, other = np.random.default_rng(0), np.random.default_rng(0)
    dropout_mask(rng, (3, 2), 0.5, like=np.zeros(1))
    other.random(6)
    assert rng.bit_generator.state == other.bit_generator.state


@RATES
def test_the_mean_is_that_of_inference(rate):
    a = np.linspace(-2.0, 3.0, 10)
    rng = np.random.default_rng(1)
    draws = np.array([dropout(a, dropout_mask(rng, (10,), rate, like=a)) for _ in range(4000)])
    error = draws.std(axis=0, ddof=1) / np.sqrt(4000)
    assert np.all(abs(draws.mean(axis=0) - a) <= 3.5 * error + 1e-12)
    spread = np.abs(a) * np.sqrt(rate / (1 - rate))  # of a Bernoulli variable over 1 - rate
    np.testing.assert_allclose(draws.std(axis=0), spread, rtol=0.1, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_both_directions_on_every_library(lib, dtype):
    rng = np.random.default_rng(0)
    a, da = rng.normal(size=(2, 6, 3))
    mask = dropout_mask(rng, (6, 3), 0.4, like=lib.array(np.zeros(1), dtype))
    for kernel, x in (dropout, a), (dropout_backward, da):
        given_x = lib.array(x, dtype)
        ours = kernel(given_x, mask)
        assert lib.holds(ours, like=given_x)
        right = x.astype(dtype) * arrays.to_numpy(mask)
        np.testing.assert_allclose(arrays.to_numpy(ours), right, rtol=1e-6)
        np.testing.assert_array_equal(arrays.to_numpy(given_x), x.astype(dtype))


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9])
def test_pytorch_drops_the_same_way(torch, rate):
    """PyTorch 2.13: its mask is read off from ones, and given to our kernels."""
    x = torch.tensor(np.random.default_rng(0).normal(size=(50, 8)), requires_grad=True)
    da = torch.tensor(np.random.default_rng(1).normal(size=(50, 8)))
    torch.manual_seed(0)
    mask = torch.nn.functional.dropout(torch.ones_like(x), rate)
    torch.manual_seed(0)
    out = torch.nn.functional.dropout(x, rate)
    (dx,) = torch.autograd.grad(out, x, da)
    np.testing.assert_allclose(np.unique(mask), [0, 1 / (1 - rate)])
    torch.testing.assert_close(dropout(x.detach(), mask), out.detach())
    torch.testing.assert_close(dropout_backward(da, mask), dx)


@TENSORFLOW
def test_tensorflow_drops_the_same_way(tf):
    """TensorFlow 2.21, with its stateless generator."""
    x = tf.constant(np.random.default_rng(0).normal(size=(50, 8)))
    options = {"rate": 0.3, "seed": (1, 2)}
    mask = tf.nn.experimental.stateless_dropout(tf.ones_like(x), **options)
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = tf.nn.experimental.stateless_dropout(x, **options)
    np.testing.assert_allclose(dropout(x, mask), out)
    ones = tf.ones_like(x)
    np.testing.assert_allclose(dropout_backward(ones, mask), tape.gradient(out, x))


@given(st.floats(0.05, 0.8), st.integers(0, 10_000))
def test_dropping_inputs_of_a_linear_layer_is_a_penalty_in_the_mean(rate, seed):
    """E (x·m w - y)² = (x·w - y)² + p / (1 - p) Σ x² w², by all 16 masks of four inputs."""
    rng = np.random.default_rng(seed)
    x, w, y = rng.normal(size=4), rng.normal(size=4), rng.normal()
    expected = 0.0
    for number in range(16):
        kept = np.array([number >> bit & 1 for bit in range(4)])
        chance = np.prod(np.where(kept, 1 - rate, rate))
        expected += chance * (dropout(x, kept / (1 - rate)) @ w - y) ** 2
    penalty = rate / (1 - rate) * np.sum(x**2 * w**2)
    np.testing.assert_allclose(expected, (x @ w - y) ** 2 + penalty, rtol=1e-9)


RNG = np.random.default_rng(0)
GENERATOR = "`rng` must be a numpy.random.Generator, got int; try rng = np.random.default_rng(0)"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, (2,), 0.5), TypeError, GENERATOR),
        ((RNG, (2,), 1.0), ValueError, "`rate` must be a number in [0.0, 1.0), got 1.0"),
        ((RNG, (2,), -0.1), ValueError, "`rate` must be a number in [0.0, 1.0), got -0.1"),
        ((RNG, (2,), "half"), TypeError, "`rate` must be a number, got str"),
        ((RNG, (2, 1.5), 0.5), TypeError, "`shape` must be a whole number, got 1.5"),
        ((RNG, (2, -1), 0.5), ValueError, "`shape` must be at least 0, got -1"),
    ],
)
def test_a_wrong_argument_of_the_mask_is_named(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        dropout_mask(*arguments, like=np.zeros(1))


@pytest.mark.parametrize("kernel", [dropout, dropout_backward])
def test_a_mask_of_another_shape_is_refused(kernel):
    name = "a" if kernel is dropout else "da"
    message = f"`mask` must have the shape of `{name}` = (2, 3), got (3,)"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        kernel(np.ones((2, 3)), np.ones(3))


def test_a_mask_of_whole_numbers_is_refused():
    # 1 / (1 - 0.3) would be cut off to 1
    message = "`like` must hold floating-point numbers (float32 or float64), got int64; try "
    message += "like.astype(float)"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        dropout_mask(np.random.default_rng(0), (2, 3), 0.3, like=np.zeros(1, np.int64))


def test_a_shape_that_is_none_or_does_not_fit_into_memory():
    message = "`shape` must be a tuple such as (samples, units), got 3"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        dropout_mask(np.random.default_rng(0), 3, 0.3, like=np.zeros(1))
    message = (
        "`shape` = (1000000, 1000000) asks for 1e+12 numbers (8000 GB), more than the 134217728 "
        "(1 GB) that are made at once"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        dropout_mask(np.random.default_rng(0), (10**6, 10**6), 0.3, like=np.zeros(1))
