"""Gradients with respect to the input against finite differences, and the steps along them."""

import numpy as np
import pytest

from deeplearn_utils.analysis.attacks import fgsm, input_gradient, loss_gradient, pgd
from deeplearn_utils.gradcheck import check_gradient
from deeplearn_utils.networks import MLP
from tests.wrong_inputs import no_array, whole

LOSSES = {"softmax_cross_entropy": np.array([0, 2, 1]), "mse": np.ones((3, 3))}


def some(loss, activation="tanh"):
    rng = np.random.default_rng(0)
    network = MLP([4, 6, 5, 3], activation=activation, loss=loss)
    return network, network.init(rng) + 0.1 * rng.normal(size=network.layout.size), rng


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_the_gradient_of_the_loss_is_that_of_finite_differences(loss, activation):
    network, theta, rng = some(loss, activation)
    X, y = rng.normal(size=(3, 4)), LOSSES[loss]
    report = check_gradient(
        lambda X: 3 * float(network.loss(theta, X, y)),  # the sum of the single losses
        lambda X: loss_gradient(network, theta, X, y),
        X,
    )
    assert report.passed


def test_the_gradient_of_an_output_is_that_of_finite_differences():
    network, theta, rng = some("mse")
    X, d = rng.normal(size=(3, 4)), rng.normal(size=(3, 3))
    report = check_gradient(
        lambda X: float(np.sum(d * network.forward(theta, X))),
        lambda X: input_gradient(network, theta, X, d),
        X,
    )
    assert report.passed
    told = "`d_output` must have the shape of `outputs` = (3, 3), got (3, 2)"
    with pytest.raises(ValueError, match=whole(told)):
        input_gradient(network, theta, X, d[:, :2])


def test_each_row_is_its_own():
    network, theta, rng = some("softmax_cross_entropy")
    X, y = rng.normal(size=(3, 4)), LOSSES["softmax_cross_entropy"]
    whole = loss_gradient(network, theta, X, y)
    single = [loss_gradient(network, theta, X[i : i + 1], y[i : i + 1])[0] for i in range(3)]
    np.testing.assert_allclose(whole, single, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_an_attack_stays_in_its_box_and_raises_the_loss(attack):
    network, theta, rng = some("softmax_cross_entropy")
    X, y = rng.uniform(size=(3, 4)), LOSSES["softmax_cross_entropy"]
    moved = attack(network, theta, X, y, 0.1)
    assert np.abs(moved - X).max() <= 0.1 + 1e-12
    assert moved.min() >= 0
    assert moved.max() <= 1
    assert network.loss(theta, moved, y) > network.loss(theta, X, y)
    np.testing.assert_array_equal(attack(network, theta, X, y, 0.0), X)
    told = "`epsilon` must be a number in [0.0, inf), got -1"
    with pytest.raises(ValueError, match=whole(told)):
        attack(network, theta, X, y, -1)


def test_on_a_linear_network_one_step_is_the_worst():
    network = MLP([4, 1], loss="mse")
    theta, X = np.array([1.0, -2.0, 0.5, 0.0, 0.0]), np.full((1, 4), 0.5)
    far = fgsm(network, theta, X, np.zeros((1, 1)), 0.2)
    output = (X @ theta[:4]).item()
    expected = output + np.sign(output) * 0.2 * np.abs(theta[:4]).sum()
    assert (far @ theta[:4]).item() == pytest.approx(expected)
    np.testing.assert_allclose(pgd(network, theta, X, np.zeros((1, 1)), 0.2, steps=9), far)


def test_a_random_start_is_that_of_the_generator():
    network, theta, rng = some("softmax_cross_entropy")
    X, y = rng.uniform(size=(3, 4)), LOSSES["softmax_cross_entropy"]
    options = {"epsilon": 0.3, "steps": 1}
    one, two, other = (
        pgd(network, theta, X, y, rng=np.random.default_rng(seed), **options) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_numbers_and_random_starts_decide_no_dtype(attack):
    network, theta, rng = some("softmax_cross_entropy")
    theta, X = theta.astype("float32"), rng.uniform(size=(3, 4)).astype("float32")
    y, box = LOSSES["softmax_cross_entropy"], {"low": np.float64(0), "high": np.float64(1)}
    starts = {} if attack is fgsm else {"rng": rng}
    moved = attack(network, theta, X, y, np.float64(0.1), **box, **starts)
    assert moved.dtype == np.float32
    assert np.abs(moved - X).max() <= 0.1 + 1e-6


@pytest.mark.parametrize("attack", [fgsm, pgd])
@pytest.mark.parametrize(
    ("error", "message", "wrong"),
    [
        (ValueError, "`high` must be a number in [1.0, inf), got 0", {"low": 1, "high": 0}),
        (ValueError, "`low` must be a number in (-inf, inf), got nan", {"low": np.nan}),
        (ValueError, "`y` must have shape (samples,) = (3,), got (2,)", {"y": np.array([0, 2])}),
        (ValueError, "`y` must have shape (samples,) = (3,), got ()", {"y": 2}),
        (
            TypeError,
            "`X` must hold floating-point numbers (float32 or float64), got int64; try "
            "X.astype(float)",
            {"X": np.ones((3, 4), np.int64)},
        ),
    ],
)
def test_a_wrong_argument_is_named(attack, error, message, wrong):
    network, theta, rng = some("softmax_cross_entropy")
    right = {"X": rng.uniform(size=(3, 4)), "y": LOSSES["softmax_cross_entropy"], "epsilon": 0.1}
    with pytest.raises(error, match=whole(message)):
        attack(network, theta, **right | wrong)


@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        (None, "NoneType"),
        ("mlp", "'mlp'"),
        (np.ones((2, 2)), "ndarray"),
        (MLP, "the class MLP; make one: MLP(...)"),
    ],
)
def test_what_is_no_network_is_named(wrong, got):
    message = f"`network` must be a network of dense layers, such as MLP([64, 10]), got {got}"
    for call in (
        lambda *given: fgsm(*given, np.ones((3, 1)), 0.1),
        lambda *given: pgd(*given, np.ones((3, 1)), 0.1),
        lambda *given: input_gradient(*given, np.ones((3, 1))),
    ):
        with pytest.raises(TypeError, match=whole(message)):
            call(wrong, np.ones(3), np.ones((3, 2)))


def test_no_generator_and_no_gradient_are_named():
    network, theta, rng = some("mse")
    X, y = rng.uniform(size=(3, 4)), LOSSES["mse"]
    message = "`rng` must be a numpy.random.Generator, got int; try rng = np.random.default_rng(0)"
    with pytest.raises(TypeError, match=whole(message)):
        pgd(network, theta, X, y, 0.1, rng=0)
    message = (
        "`d_output` must hold floating-point numbers (float32 or float64), got int64; try "
        "d_output.astype(float)"
    )
    with pytest.raises(TypeError, match=whole(message)):
        input_gradient(network, theta, X, np.ones((3, 3), int))
    with pytest.raises(TypeError, match=no_array([], "d_output")):
        input_gradient(network, theta, X, [[1.0] * 3] * 3)
