"""The gradients of the panel against the book's backpropagation, differences and theory."""

import numpy as np
import pytest

from deeplearn_utils.explorers.backpropagation.gradient_norms import (
    DEEP,
    DEPTHS,
    HE,
    NAMES,
    SCALES,
    GradientNormsExplorer,
)
from deeplearn_utils.explorers.backpropagation.layer_gradients import (
    WIDTH,
    batch,
    errors,
    expect,
    measure,
    start,
    theory,
)
from deeplearn_utils.gradcheck import numerical_gradient
from deeplearn_utils.networks import MLP
from tests.explorers.frames import every_frame, reached

PANEL = GradientNormsExplorer()


def network(depth, activation):
    sizes = [WIDTH] * (depth + 1) + [10]
    return MLP(sizes, activation=activation, loss="softmax_cross_entropy")


@pytest.mark.parametrize("activation", NAMES)
@pytest.mark.parametrize(("depth", "scale"), [(3, 1.0), (10, 0.5), (10, 2.0)])
def test_gradients_are_those_of_the_network_one_digit_at_a_time(depth, activation, scale):
    model, theta, (X, y) = network(depth, activation), start(depth, scale), batch()
    squares = []
    for digit in range(len(y)):
        _, gradient = model.loss_and_gradient(theta, X[[digit]], y[[digit]])
        dW, db = model.layout.unpack(gradient)
        norms = [[np.sum(g**2) for g in layers[:-1]] for layers in (dW, db)]
        squares.append(norms)
    weights, delta = np.sqrt(np.mean(squares, axis=0))
    measured = measure(depth, activation, scale)
    np.testing.assert_allclose(measured["weights"], weights, rtol=1e-9)
    np.testing.assert_allclose(measured["delta"], delta, rtol=1e-9)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_the_error_is_what_differences_say(activation):
    model, theta, (X, y) = network(2, activation), start(2, 1.0), batch()
    W, b = model.layout.unpack(theta)

    def loss(bias):
        return model.loss(model.layout.pack(W, [bias, *b[1:]]), X, y)

    layers = model.trace(theta, X)
    δ = errors(model, theta, layers, y)[0].mean(axis=0)  # the bias moves every digit's z
    np.testing.assert_allclose(numerical_gradient(loss, b[0]), δ, atol=1e-8)


@pytest.mark.parametrize("activation", NAMES)
def test_the_activations_are_those_of_the_network(activation):
    theta, (X, _) = start(5, 1.41), batch()
    layers, measured = network(5, activation).trace(theta, X)[:-1], measure(5, activation, 1.41)
    np.testing.assert_allclose(measured["size"], [np.sqrt(np.mean(a**2)) for _, a in layers])
    spread = [np.sqrt(np.mean(np.var(a, axis=0))) for _, a in layers]
    np.testing.assert_allclose(measured["spread"], spread, rtol=1e-6)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_the_spread_of_errors_is_their_standard_deviation(activation):
    model, theta, (X, y) = network(5, activation), start(5, 1.0), batch()
    δ = errors(model, theta, model.trace(theta, X), y)[:-1]
    spread = [np.sqrt(np.sum(np.var(d, axis=0))) for d in δ]
    np.testing.assert_allclose(measure(5, activation, 1.0)["delta_spread"], spread)


def test_digits_become_alike_where_errors_vanish():
    """The same factor governs both; the spread ends at the rounding of numbers near one half."""
    twenty = measure(20, "sigmoid", 1.0)
    expected = expect(20, "sigmoid", 1.0, twenty["error"])["spread"]
    np.testing.assert_allclose(np.log10(twenty["spread"] / expected), 0, atol=1.0)
    assert twenty["spread"][-1] < 1e-11
    assert measure(50, "sigmoid", 1.0)["spread"][-1] < 1e-13
    assert (twenty["delta_spread"] > 0.5 * twenty["delta"]).all()


@pytest.mark.parametrize("activation", NAMES)
@pytest.mark.parametrize("scale", SCALES[::2])
def test_theory_meets_what_is_measured(activation, scale):
    """64 units are not infinitely many: a layer may be off by a fifth, 50 layers a factor of 8."""
    for depth in (2, 10, 50):
        measured = measure(depth, activation, scale)
        expected = expect(depth, activation, scale, measured["error"])
        for name, values in expected.items():
            if name == "spread":  # of digits that differ by little; two tests below look at it
                continue
            wrong = np.abs(np.log10(measured[name] / values))
            assert wrong.max() < min(0.9, 0.08 * depth + 0.04), (name, depth, wrong.max())


def test_theory_of_relu_is_a_power_of_half_the_squared_scale():
    depth, scale = 20, 2.0
    measured = measure(depth, "relu", scale)
    expected = expect(depth, "relu", scale, measured["error"])
    back = (scale**2 / 2) ** np.arange(depth, 0, -1)
    error = np.sqrt(np.mean(measured["error"] ** 2))
    np.testing.assert_allclose(expected["delta"], error * np.sqrt(back), rtol=1e-9)
    a = np.sqrt((scale**2 / 2) ** np.arange(1, depth + 1) * np.mean(batch()[0] ** 2))
    np.testing.assert_allclose(expected["size"], a, rtol=1e-9)


def test_weights_of_all_depths_and_scales_are_the_same_draw():
    shallow, _ = network(3, "relu").layout.unpack(start(3, 1.0))
    deep, _ = network(8, "relu").layout.unpack(start(8, 0.5))
    for a, b in zip(shallow[:3], deep[:3], strict=True):
        np.testing.assert_allclose(a, 2 * b)
    np.testing.assert_allclose(shallow[-1], 2 * deep[-1])
    assert np.std(shallow[0]) == pytest.approx(1 / np.sqrt(WIDTH), rel=0.03)


def test_the_target_needs_a_scale_that_suits_the_activation():
    scales = {name: set() for name in NAMES}
    for values in reached("gradient_norms"):
        assert values["depth"] >= DEEP
        scales[values["activation"]].add(values["scale"])
    assert scales["sigmoid"] == set()
    assert scales["relu"] == {HE}
    assert scales["identity"] == {1.0}
    assert {1.0} <= scales["tanh"] <= {0.84, 1.0, 1.19, 1.41}


def test_within_ten_means_all_layers():
    for values, frame in every_frame("gradient_norms"):
        if values["activation"] != "tanh":
            continue
        measured = measure(**values)
        ratios = [measured[name].max() / measured[name].min() for name in ("weights", "delta")]
        assert frame.reached == (values["depth"] >= DEEP and max(ratios) <= 10), values


def test_the_claims_of_the_texts():
    thirty = measure(30, "sigmoid", 1.0)["weights"]
    assert thirty[-1] / thirty[0] > 1e15
    twenty = measure(20, "sigmoid", 1.0)
    assert 3.5 < (twenty["delta"][-1] / twenty["delta"][0]) ** (1 / 19) < 4.5
    assert 0.4 < twenty["size"].min() < twenty["size"].max() < 0.6
    _, factors = theory("sigmoid", max(SCALES))
    assert factors.max() < 1


def test_the_text_tells_the_measured_change():
    frame = PANEL.frame(depth=30, activation="relu", scale=2.0)
    δ = measure(30, "relu", 2.0)["delta"]
    assert (
        f"δ grows by a factor of {δ[0] / δ[-1] / 1e4:.1f} × 10⁴ (theory: 2.3 × 10⁴)" in frame.text
    )


def test_arrays_stop_at_the_last_layer():
    for depth in DEPTHS:
        arrays = PANEL.frame(depth=depth, scale=1.0, activation="tanh").arrays
        for name in ("weights", "delta", "size", "weights_theory", "delta_theory"):
            np.testing.assert_array_equal(np.isfinite(arrays[name]), arrays["layer"] <= depth)


def test_warming_asks_theory_for_every_stop():
    theory.cache_clear()
    PANEL.warm()
    asked = theory.cache_info().currsize
    PANEL.look(30, "tanh", 2.0)
    assert theory.cache_info().currsize == asked == len(NAMES) * len(SCALES)
