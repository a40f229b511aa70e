"""The gradient check is an oracle for others, so its own is mathematics: known derivatives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from hypothesis.extra.numpy import arrays as array_strategy
from scipy.optimize import check_grad

from deeplearn_utils.gradcheck import check_gradient, numerical_gradient, relative_error
from deeplearn_utils.networks import MLP

small_arrays = array_strategy(
    np.float64, array_shapes(min_dims=0, max_dims=3, max_side=4), elements=st.floats(-3, 3)
)

NOISE = np.random.default_rng(0)


def network_task(loss="softmax_cross_entropy", activation="tanh", dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    network = MLP([4, 6, 5, 3], activation=activation, loss=loss)
    theta, X = network.init(rng, dtype), rng.normal(size=(9, 4)).astype(dtype)
    y = rng.integers(0, 3, 9) if loss == "softmax_cross_entropy" else rng.normal(size=(9, 3))
    y = y if y.dtype.kind == "i" else y.astype(dtype)
    return (
        network,
        theta,
        lambda theta: network.loss(theta, X, y),
        lambda theta: network.loss_and_gradient(theta, X, y)[1],
    )


@given(small_arrays)
@settings(deadline=None, max_examples=50)
def test_numerical_gradient_of_known_functions(x):
    before = x.copy()
    for function, derivative in [
        (lambda t: np.sum(t**3), 3 * x**2),
        (lambda t: np.sum(np.sin(t)), np.cos(x)),
        (lambda t: np.sum(np.exp(t)), np.exp(x)),
    ]:
        numerical = numerical_gradient(function, x)
        assert numerical.shape == x.shape
        np.testing.assert_allclose(numerical, derivative, rtol=1e-7, atol=1e-7)
    np.testing.assert_array_equal(x, before)


def test_error_against_step_is_a_valley_and_the_default_lies_in_it():
    x, derivative = np.array([1.0]), np.exp(1.0)
    errors = {
        step: abs(float(numerical_gradient(lambda t: np.exp(t[0]), x, step)[0]) - derivative)
        for step in (1e-1, 1e-3, 1e-5, 1e-8, 1e-12)
    }
    default = abs(float(numerical_gradient(lambda t: np.exp(t[0]), x)[0]) - derivative)
    assert errors[1e-1] > errors[1e-3] > errors[1e-5] < errors[1e-8] < errors[1e-12]
    assert default < 1e-9


def test_agrees_with_scipy_on_a_network():
    _, theta, function, gradient = network_task()
    assert check_grad(function, gradient, theta) < 1e-6  # SciPy, forward differences
    np.testing.assert_allclose(numerical_gradient(function, theta), gradient(theta), atol=1e-9)


def test_float32_stays_float32():
    x = np.array([0.5, -2.0], np.float32)
    numerical = numerical_gradient(lambda t: np.sum(t**2), x)
    assert numerical.dtype == np.float32
    np.testing.assert_allclose(numerical, 2 * x, rtol=1e-3)


def test_large_and_small_entries_get_steps_of_their_size():
    for x in (1e8, 1.0, 1e-8):
        numerical = numerical_gradient(lambda t: np.sum(t**2), np.array([x]))
        np.testing.assert_allclose(numerical, [2 * x], rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: numerical_gradient(np.sum, np.array([1, 2])), TypeError, "floating-point"),
        (
            lambda: numerical_gradient(lambda t: t, np.ones(2)),
            ValueError,
            r"one number, got .*\(2,",
        ),
        (lambda: numerical_gradient(np.sum, np.ones(2), 0.0), ValueError, "`step` must be"),
        (lambda: numerical_gradient(np.sum, np.ones(2), 1e-30), ValueError, "must be larger"),
        (lambda: numerical_gradient(np.sum, np.array([np.nan])), ValueError, "must be finite"),
        (
            lambda: numerical_gradient(lambda t: np.inf, np.ones(2)),
            ValueError,
            "`function` must be finite around `theta`, got inf",
        ),
    ],
)
def test_numerical_gradient_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_relative_error_of_each_entry():
    a, b = np.array([1.0, 0.0, 1.0, 1e-12]), np.array([1.1, 0.0, -1.0, 2e-12])
    np.testing.assert_allclose(relative_error(a, b), [0.1 / 1.1, 0, 2, 0.5])
    np.testing.assert_allclose(relative_error(a, b, floor=1e-6)[3], 1e-6)
    with pytest.raises(ValueError, match="`a` must have the shape of `b` = "):
        relative_error(np.ones(3), np.ones((3, 1)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "elu"])
@pytest.mark.parametrize("loss", ["mse", "huber", "softmax_cross_entropy"])
@pytest.mark.parametrize("directions", [None, 2])
def test_right_gradients_pass(loss, activation, dtype, directions):
    network, theta, function, gradient = network_task(loss, activation, dtype, seed=1)
    report = check_gradient(function, gradient, theta, layout=network.layout, directions=directions)
    assert report, report
    assert report.checked == (theta.size if directions is None else 2 * len(network.layout.names))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_one_wrong_entry_is_found_and_named(dtype):
    network, theta, function, gradient = network_task(dtype=dtype)
    wrong = gradient(theta)
    index = int(np.argmax(np.abs(wrong)))
    wrong[index] *= 1.2
    report = check_gradient(function, wrong, theta, layout=network.layout)
    assert not report
    assert report.worst == network.layout.locate(index)
    assert report.max_relative_error == pytest.approx(0.2 / 1.2, rel=0.05)
    assert f"at {report.worst}, analytic" in repr(report)


def test_directions_name_the_wrong_parameter():
    network, theta, function, gradient = network_task()
    W, b = network.layout.unpack(gradient(theta))
    W[1] = W[1][::-1].copy()
    wrong = network.layout.pack(W, b)
    report = check_gradient(function, wrong, theta, layout=network.layout, directions=3)
    assert not report
    assert report.worst.startswith("W2, direction ")
    assert not check_gradient(function, wrong, theta, directions=3)


@pytest.mark.parametrize("factor", [-1.0, 2.0, 0.5, 9.0])
def test_a_common_factor_is_told(factor):
    _, theta, function, gradient = network_task()
    report = check_gradient(function, factor * gradient(theta), theta)
    assert report.hint == f"the whole gradient is {factor:.3g} times the numerical one"


def test_passing_report_reads_the_same_on_every_machine():
    theta = np.array([[1.0, 2.0], [3.0, 4.0]])
    report = check_gradient(lambda t: np.sum(t**2), 2 * theta, theta)
    assert repr(report) == "gradient check passed: 4 slopes agree within 1e-05"
    assert bool(report)
    assert report.max_relative_error < 1e-8


def test_worst_entry_of_an_array_without_layout():
    theta = np.ones((2, 3))
    wrong = np.full((2, 3), 2.0)
    wrong[1, 2] = 7.0
    report = check_gradient(lambda t: np.sum(t**2), wrong, theta)
    assert report.worst == "theta[1, 2]"
    assert (report.analytic, round(report.numerical, 6)) == (7.0, 2.0)


def test_a_kink_is_reported_and_not_held_against_the_gradient():
    theta = np.array([0.0, 1.5, -2.0])

    def relu_sum(t):
        return np.sum(np.maximum(t, 0))

    report = check_gradient(relu_sum, (theta > 0).astype(float), theta)
    assert report
    assert report.kinks == ("theta[0]",)
    assert "1 at a kink (no derivative there), not compared: theta[0]" in repr(report)


def test_a_kink_within_the_step_is_looked_at_more_closely():
    theta = np.array([3e-6])  # the default step is 6e-6
    report = check_gradient(lambda t: np.sum(np.abs(t)), np.array([1.0]), theta)
    assert report
    assert report.kinks == ()
    assert not check_gradient(lambda t: np.sum(np.abs(t)), np.array([-1.0]), theta)


def test_nothing_but_kinks_does_not_pass():
    report = check_gradient(lambda t: np.sum(np.abs(t)), np.zeros(2), np.zeros(2))
    assert not report
    assert "every slope is at a kink; move theta a little" in repr(report)


def test_a_minimum_is_no_kink():
    assert check_gradient(lambda t: np.sum(t**2), np.zeros(3), np.zeros(3)).kinks == ()


def test_a_gradient_of_nan_fails():
    report = check_gradient(lambda t: np.sum(t**2), np.array([2.0, np.nan]), np.ones(2))
    assert not report
    assert report.worst == "theta[1]"
    assert report.max_relative_error == np.inf


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"gradient": np.ones((3, 1))}, ValueError, r"`gradient` must have the shape of `theta`"),
        ({"theta": np.ones(3, int)}, TypeError, "`theta` must hold floating-point numbers"),
        ({"theta": np.ones(0)}, ValueError, "`theta` must have at least one entry"),
        ({"directions": 0}, ValueError, "`directions` must be at least 1"),
        ({"tolerance": 0}, ValueError, "must be a number in"),
        ({"layout": MLP([2, 1]).layout, "theta": np.ones(4)}, ValueError, r"shape \(3,\), got"),
        ({"function": lambda t: t}, ValueError, "`function` must return one number"),
        (
            {"function": lambda t: NOISE.normal()},
            ValueError,
            "the same number for the same theta, got two different ones; does it draw random",
        ),
    ],
)
def test_check_gradient_refuses(options, error, message):
    theta = options.pop("theta", np.ones(3))
    function = options.pop("function", lambda t: np.sum(t**2))
    gradient = options.pop("gradient", lambda t: 2 * t)
    with pytest.raises(error, match=message):
        check_gradient(function, gradient, theta, **options)
