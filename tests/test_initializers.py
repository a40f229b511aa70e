"""Every entry of INITIALIZERS: shape, spread, repeatability and errors."""

import numpy as np
import pytest

from deeplearn_utils.initializers import INITIALIZERS, normal
from deeplearn_utils.kernels import ACTIVATIONS
from tests.wrong_inputs import whole

EVERY = pytest.mark.parametrize("name", INITIALIZERS)
SPREAD = {  # standard deviation for n_in, n_out
    "xavier_uniform": lambda n_in, n_out: np.sqrt(2 / (n_in + n_out)),
    "xavier_normal": lambda n_in, n_out: np.sqrt(2 / (n_in + n_out)),
    "he_uniform": lambda n_in, n_out: np.sqrt(2 / n_in),
    "he_normal": lambda n_in, n_out: np.sqrt(2 / n_in),
    "normal": lambda n_in, n_out: 0.01,
    "zeros": lambda n_in, n_out: 0.0,
}


def draw(name, shape, seed=0):
    return INITIALIZERS[name](np.random.default_rng(seed), shape)


@EVERY
@pytest.mark.parametrize("shape", [(200, 300), (300, 200), (4, 50, 100)])
def test_mean_and_spread(name, shape):
    W = draw(name, shape)
    n_in = int(np.prod(shape[:-1]))
    spread = SPREAD[name](n_in, shape[-1])
    assert W.shape == shape
    assert W.dtype == np.float64
    assert abs(W.mean()) <= 5 * spread / np.sqrt(W.size)
    assert W.std() == pytest.approx(spread, rel=0.02)


@EVERY
def test_a_uniform_draw_has_no_tail_and_a_normal_one_has(name):
    W = draw(name, (200, 300))
    if "uniform" in name:
        limit = np.sqrt(3) * SPREAD[name](200, 300)
        assert 0.999 * limit < np.abs(W).max() <= limit
    elif "normal" in name:
        assert np.abs(W).max() > 3.5 * SPREAD[name](200, 300)


@EVERY
def test_the_seed_decides(name):
    np.testing.assert_array_equal(draw(name, (5, 3)), draw(name, (5, 3)))
    assert name == "zeros" or not np.array_equal(draw(name, (5, 3)), draw(name, (5, 3), seed=1))


@EVERY
@pytest.mark.parametrize("shape", [(1, 1), [2, 3], (np.int64(2), 3)])
def test_small_shapes_and_lists(name, shape):
    assert draw(name, shape).shape == tuple(shape)


@EVERY
@pytest.mark.parametrize("shape", [(), (3,)])
def test_fewer_than_two_axes(name, shape):
    message = f"`shape` must have at least 2 axes, (in, out), got {shape}"
    with pytest.raises(ValueError, match=whole(message)):
        draw(name, shape)


@EVERY
@pytest.mark.parametrize(
    ("shape", "error", "rule"),
    [
        ((0, 3), ValueError, "must be at least 1, got 0"),
        ((3, -1), ValueError, "must be at least 1, got -1"),
        ((3, 2.0), TypeError, "must be a whole number, got 2.0"),
        (3, TypeError, "must be a tuple such as (in, out), got 3"),
    ],
)
def test_axes_that_are_no_counts(name, shape, error, rule):
    with pytest.raises(error, match=whole(f"`shape` {rule}")):
        draw(name, shape)


@EVERY
@pytest.mark.parametrize("rng", [0, None, np.random, np.random.RandomState(0)])
def test_no_generator(name, rng):
    message = (
        f"`rng` must be a numpy.random.Generator, got {type(rng).__name__}; "
        "try rng = np.random.default_rng(0)"
    )
    with pytest.raises(TypeError, match=whole(message)):
        INITIALIZERS[name](rng, (2, 3))


def test_scale():
    assert normal(np.random.default_rng(0), (300, 300), scale=2.0).std() == pytest.approx(
        2, rel=0.02
    )
    assert not normal(np.random.default_rng(0), (3, 3), scale=0.0).any()
    with pytest.raises(ValueError, match=whole("`scale` must be a number in [0.0, inf), got -1.0")):
        normal(np.random.default_rng(0), (3, 3), scale=-1.0)


def test_every_activation_names_an_initializer():
    assert {activation.initializer for activation in ACTIVATIONS.values()} <= set(INITIALIZERS)


@pytest.mark.parametrize(("activation", "low", "high"), [("relu", 0.5, 2.0), ("tanh", 0.2, 1.0)])
def test_the_signal_survives_twenty_layers(activation, low, high):
    rng = np.random.default_rng(0)
    kernel = ACTIVATIONS[activation]
    a = rng.normal(size=(200, 256))
    for _ in range(20):
        a = kernel.forward(a @ INITIALIZERS[kernel.initializer](rng, (256, 256)))
    size = np.sqrt(np.mean(a**2))
    assert low < size < high or (activation == "tanh" and 0.1 < size < 1.0)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_narrow_sizes_count_on(name, kind):
    """The fans' sum and product are beyond 8 bits."""
    shape = (100, 3, 90)
    ours, expected = (
        INITIALIZERS[name](np.random.default_rng(0), s) for s in (tuple(map(kind, shape)), shape)
    )
    np.testing.assert_array_equal(ours, expected)


@EVERY
def test_a_stray_size_asks_for_no_terabytes(name):
    message = (
        "`shape` = (10000000, 10000000) asks for 1e+14 numbers (800000 GB), more than the "
        "134217728 (1 GB) that are made at once"
    )
    with pytest.raises(ValueError, match=whole(message)):
        draw(name, (10**7, 10**7))
