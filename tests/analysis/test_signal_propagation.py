"""The theory of signals in deep layers against closed forms and a really wide network."""

import numpy as np
import pytest

from deeplearn_utils.analysis.signal_propagation import expected_sizes, propagate
from deeplearn_utils.kernels import ACTIVATIONS
from tests.wrong_inputs import whole

SMOOTH = ("sigmoid", "tanh", "gelu")


def averages(activation, z_square):
    """Return E[f(z)²] and E[f'(z)²] by a sum so fine that it needs no thought."""
    u = (np.arange(-200_000, 200_000) + 0.5) / 20_000
    weight = np.exp(-0.5 * u**2)
    z, f = np.sqrt(z_square) * u, ACTIVATIONS[activation]
    squares = (f.forward(z) ** 2, f.backward(np.ones_like(z), z) ** 2)
    return [(square @ weight) / weight.sum() for square in squares]


@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("scale", [0.25, 1.0, 4.0])
def test_one_layer_has_the_averages_of_a_normal_variable(activation, scale):
    expected = propagate(activation, np.array(1.3), scale=scale, layers=1)
    a_square, slope_square = averages(activation, scale**2 * 1.3)
    np.testing.assert_allclose(expected.z_square, scale**2 * 1.3)
    np.testing.assert_allclose(expected.a_square, a_square, rtol=1e-7)
    np.testing.assert_allclose(expected.backward, scale**2 * slope_square, rtol=1e-7)


@pytest.mark.parametrize("scale", [0.25, 1.0, np.sqrt(2), 4.0])
def test_relu_halves_both_signals_exactly(scale):
    expected = propagate("relu", np.array([0.1, 7.0]), scale=scale, layers=20)
    layer = np.arange(1, 21)[:, None]
    factor = scale**2 / 2
    np.testing.assert_allclose(expected.a_square, [0.1, 7.0] * factor**layer, rtol=1e-11)
    np.testing.assert_allclose(expected.backward, factor, rtol=1e-12)


def test_the_identity_multiplies_by_the_scale():
    expected = propagate("identity", np.array(2.0), scale=0.5, layers=3)
    np.testing.assert_allclose(expected.z_square, 2.0 * 0.25 ** np.arange(1, 4), rtol=1e-11)
    np.testing.assert_allclose(expected.backward, 0.25)


def test_each_layer_continues_from_the_one_before():
    first = propagate("tanh", np.array(1.0), scale=1.2, layers=5)
    second = propagate("tanh", first.a_square[-1], scale=1.2, layers=4)
    both = propagate("tanh", np.array(1.0), scale=1.2, layers=9)
    for head, tail, expected in zip(first, second, both, strict=True):
        np.testing.assert_allclose(np.concatenate([head, tail]), expected, rtol=1e-12)


@pytest.mark.parametrize("activation", ["relu", *SMOOTH])
def test_wide_networks_do_what_theory_expects(activation):
    rng, scale, x = np.random.default_rng(0), 1.3, np.random.default_rng(1).normal(size=(1, 200))
    expected = propagate(activation, (x**2).mean(axis=1), scale=scale, layers=4)
    runs = [one_network(activation, x, scale, 4, rng) for _ in range(200)]
    z_square, backward = np.mean(runs, axis=0)
    np.testing.assert_allclose(z_square, expected.z_square[:, 0], rtol=0.06)
    np.testing.assert_allclose(backward, expected.backward[:, 0], rtol=0.06)


def one_network(activation, x, scale, layers, rng):
    """Return the mean of z² and the factor of |δ|² in each layer of one random network."""
    f, a, trace = ACTIVATIONS[activation], x, []
    for _ in range(layers):
        W = scale / np.sqrt(x.size) * rng.normal(size=(x.size, x.size))
        trace.append((W, a @ W))
        a = f.forward(a @ W)
    W_above = scale / np.sqrt(x.size) * rng.normal(size=(x.size, x.size))
    above, factors = rng.normal(size=x.shape), []
    for W, z in reversed(trace):
        below = f.backward(above @ W_above.T, z)
        factors.insert(0, (below**2).sum() / (above**2).sum())
        above, W_above = below, W
    return [(z**2).mean() for _, z in trace], factors


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_sizes_are_those_of_wide_networks(activation):
    """Examples that differ by little; 300 units are within a tenth of infinitely many."""
    rng, width, layers = np.random.default_rng(0), 300, 4
    X = rng.normal(size=(1, 300)) + 0.01 * rng.normal(size=(20, 300))
    f, sums = ACTIVATIONS[activation], {}
    for _ in range(20):
        W = [1.3 / np.sqrt(width) * rng.normal(size=(width, width)) for _ in range(layers)]
        z, a = [], [X]
        for weights in W:
            z.append(a[-1] @ weights)
            a.append(f.forward(z[-1]))
        delta = [rng.normal(size=(20, width))]
        for l in range(layers - 1, 0, -1):
            delta.insert(0, f.backward(delta[0] @ W[l].T, z[l - 1]))
        products = [np.sum(p**2, 1) * np.sum(d**2, 1) for p, d in zip(a[:-1], delta, strict=True)]
        squares = {
            "activations: size": [np.mean(v**2) for v in a[1:]],
            "activations: spread": [np.mean(np.var(v, axis=0)) for v in a[1:]],
            "error signal: size": [np.mean(v**2) for v in delta],
            "error signal: spread": [np.mean(np.var(v, axis=0)) for v in delta],
            "gradient norm": [np.mean(v) for v in products],
        }
        sums = {name: sums.get(name, 0) + np.array(v) / 20 for name, v in squares.items()}
    expected = expected_sizes(activation, X, scale=1.3, width=width, layers=layers, last=1.0)
    assert set(expected) == set(sums)
    for name, values in expected.items():
        np.testing.assert_allclose(np.sqrt(sums[name]), values, rtol=0.1, err_msg=name)


def test_a_spread_is_at_most_the_size():
    X = np.random.default_rng(0).normal(size=(10, 8))
    found = expected_sizes("tanh", X, scale=3.0, width=8, layers=30, last=1.0)
    assert (found["activations: spread"] <= found["activations: size"]).all()


def test_every_input_has_its_own_entry():
    expected = propagate("tanh", np.ones((2, 3)), scale=1.0, layers=4)
    assert {array.shape for array in expected} == {(4, 2, 3)}


def test_narrow_options_count_on():
    """The square of 16 is beyond a uint8."""
    ours, expected = (
        propagate("tanh", np.array(1.0), scale=kind(16), layers=kind(3)) for kind in (np.uint8, int)
    )
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"activation": "rleu"},
            f"`activation` must be one of {', '.join(map(repr, ACTIVATIONS))}, got 'rleu'",
        ),
        ({"scale": 0.0}, "`scale` must be a number in (0.0, inf), got 0.0"),
        ({"layers": 0}, "`layers` must be at least 1, got 0"),
        (
            {"layers": 10**12},
            "`layers` = 1000000000000 asks for 3e+12 numbers (24000 GB), more than the 134217728 "
            "(1 GB) that are made at once",
        ),
    ],
)
def test_wrong_arguments_are_refused(change, message):
    options = {"activation": "tanh", "scale": 1.0, "layers": 2} | change
    with pytest.raises(ValueError, match=whole(message)):
        propagate(options.pop("activation"), np.array(1.0), **options)


EXPECTED = {"scale": 1.0, "width": 3, "layers": 1, "last": 1.0}


@pytest.mark.parametrize(
    ("error", "message", "X"),
    [
        (
            TypeError,  # the square of 200 in a uint8 would be 64
            "`X` must hold floating-point numbers (float32 or float64), got uint8; try "
            "X.astype(float)",
            np.array([[16, 0], [200, 4]], np.uint8),
        ),
        (
            ValueError,
            "`X` must have shape (n, inputs), got (3,); did you mean X[:, None]?",
            np.ones(3),
        ),
        (ValueError, "`X` must have at least one element, got shape (0, 3)", np.ones((0, 3))),
        (
            ValueError,
            "`X` must be finite, got 1 NaN, the first in row 0, column 0",
            np.array([[np.nan]]),
        ),
    ],
)
def test_wrong_examples_are_named(error, message, X):
    with pytest.raises(error, match=whole(message)):
        expected_sizes("relu", X, **EXPECTED)


@pytest.mark.parametrize(
    ("message", "square"),
    [
        ("`x_square` must be a number in [0.0, inf), got -1.0", -1.0),
        ("`x_square` must be finite, got 1 NaN, the first in entry 0", np.nan),
    ],
)
def test_a_square_that_is_none(message, square):
    with pytest.raises(ValueError, match=whole(message)):
        propagate("relu", np.array([1.0, square])[1:], scale=1.0, layers=2)
