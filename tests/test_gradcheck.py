"""The gradient check is an oracle for others, so its own is mathematics: known derivatives."""

import re
from fractions import Fraction

import numpy as np
import pandas as pd
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
        (
            lambda: numerical_gradient(np.sum, np.array([1, 2])),
            TypeError,
            "`theta` must hold floating-point numbers (float32 or float64), got int64; try "
            "theta.astype(float)",
        ),
        (
            lambda: numerical_gradient(lambda t: t, np.ones(2)),
            ValueError,
            "`function` must return one number, got an array of shape (2,); sum or average it "
            "first",
        ),
        *(
            (
                lambda value=value: numerical_gradient(lambda t: value, np.ones(2)),
                TypeError,
                f"`function` must return one number, got {got}",
            )
            for value, got in (
                (None, "None; does it lack a return?"),
                ("1", "'1'"),
                (1j, "1j"),
                ({}, "{}"),
                (np.array(None), "array(None, dtype=object)"),
            )
        ),
        *(
            (
                lambda function=function: numerical_gradient(function, np.ones(2)),
                TypeError,
                f"`function` must be a function of theta, got {got}",
            )
            for function, got in ((None, "NoneType"), (2.0, "float"))
        ),
        (
            lambda: relative_error(None, np.ones(1)),
            TypeError,
            "`a` must be a list, an array or a data frame, got NoneType",
        ),
        (
            lambda: relative_error([1.0], ["1"]),
            TypeError,
            "`b` must hold numbers, got text ('1' in entry 0); these are numbers written as text, "
            "convert them with .astype(float)",
        ),
        (
            lambda: relative_error([1.0], [1.0], floor="0"),
            TypeError,
            "`floor` must hold numbers, got text ('0'); these are numbers written as text, convert "
            "them with .astype(float)",
        ),
        (
            lambda: numerical_gradient(np.sum, np.ones(2), 0.0),
            ValueError,
            "`step` must be a number in (0, inf), got 0.0",
        ),
        (
            lambda: numerical_gradient(np.sum, np.ones(2), 1e-30),
            ValueError,
            "`step` must be larger to change theta[0], got 1e-30",
        ),
        (
            lambda: numerical_gradient(np.sum, np.array([np.nan])),
            ValueError,
            "`theta` must be finite, got 1 NaN, the first in entry 0",
        ),
        (
            lambda: numerical_gradient(lambda t: np.inf, np.ones(2)),
            ValueError,
            "`function` must be finite around `theta`, got inf",
        ),
    ],
)
def test_numerical_gradient_refuses(call, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call()


def test_relative_error_of_each_entry():
    a, b = np.array([1.0, 0.0, 1.0, 1e-12]), np.array([1.1, 0.0, -1.0, 2e-12])
    np.testing.assert_allclose(relative_error(a, b), [0.1 / 1.1, 0, 2, 0.5])
    np.testing.assert_allclose(relative_error(a, b, floor=1e-6)[3], 1e-6)
    message = "`a` must have the shape of `b` = (3, 1), got (3,); did you mean a[:, None]?"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
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


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_a_common_factor_of_slopes_whose_squares_are_out_of_range(size):
    theta = np.array([1.0, 2.0])
    report = check_gradient(lambda t: size * np.sum(t**2), lambda t: 3 * size * t, theta)
    assert report.hint == "the whole gradient is 1.5 times the numerical one"


def test_passing_report_reads_the_same_on_every_machine():
    theta = np.array([[1.0, 2.0], [3.0, 4.0]])
    report = check_gradient(lambda t: np.sum(t**2), 2 * theta, theta)
    assert repr(report) == "gradient check passed: 4 slopes agree within 1e-05"
    assert bool(report)
    assert report.max_relative_error < 1e-8


@pytest.mark.parametrize("kind", [list, tuple, pd.Series, lambda g: g.astype(object)])
def test_numbers_in_any_container_are_a_gradient(kind):
    total = lambda theta: sum(map(Fraction, theta))  # noqa: E731
    assert check_gradient(total, kind(np.ones(2)), np.ones(2)).passed
    assert not check_gradient(np.sum, kind(np.full(2, 2.0)), np.ones(2)).passed


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
    assert report.verdict == "can't tell"
    assert repr(report) == (
        "gradient check can't tell: every slope is at a kink; move theta a little\n"
        "2 at a kink (no derivative there), not compared: theta[0], theta[1]"
    )


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
        (
            {"gradient": np.ones((3, 1))},
            ValueError,
            "`gradient` must have the shape of `theta` = (3,), got (3, 1); did you mean "
            "gradient.reshape(-1)?",
        ),
        (
            {"gradient": None},
            TypeError,
            "`gradient` must be a list, an array or a data frame, got NoneType",
        ),
        (
            {"gradient": lambda t: None},
            TypeError,
            "`gradient` must be a list, an array or a data frame, got NoneType",
        ),
        (
            {"gradient": np.ones(3, complex)},
            TypeError,
            "`gradient` must hold numbers, got complex numbers ((1+0j) in entry 0); take their "
            "real and their imaginary part as two columns",
        ),
        ({"function": None}, TypeError, "`function` must be a function of theta, got NoneType"),
        ({"layout": [3]}, TypeError, "`layout` must be a Layout, such as network.layout, got list"),
        (
            {"theta": np.ones(3, int)},
            TypeError,
            "`theta` must hold floating-point numbers (float32 or float64), got int64; try "
            "theta.astype(float)",
        ),
        ({"theta": np.ones(0)}, ValueError, "`theta` must have at least one entry"),
        ({"directions": 0}, ValueError, "`directions` must be at least 1, got 0"),
        ({"tolerance": 0}, ValueError, "`tolerance` must be a number in (0, inf), got 0"),
        ({"step": 1e-30}, ValueError, "`step` must be larger to change theta, got 1e-30"),
        (
            {"layout": MLP([2, 1]).layout, "theta": np.ones(4)},
            ValueError,
            "`theta` must have the layout's shape (3,), got (4,)",
        ),
        (
            {"function": lambda t: t},
            ValueError,
            "`function` must return one number, got an array of shape (3,); sum or average it "
            "first",
        ),
        (
            {"function": lambda t: None},
            TypeError,
            "`function` must return one number, got None; does it lack a return?",
        ),
        (
            {"function": lambda t: NOISE.normal()},
            ValueError,
            "`function` must return the same number for the same theta, got two different ones; "
            "does it draw random numbers (dropout, a shuffled batch)?",
        ),
    ],
)
def test_check_gradient_refuses(options, error, message):
    theta = options.pop("theta", np.ones(3))
    function = options.pop("function", lambda t: np.sum(t**2))
    gradient = options.pop("gradient", lambda t: 2 * t)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        check_gradient(function, gradient, theta, **options)


# ----------------------------------------------------------------------------- its own noise

RIGHT = {  # name: (function, gradient)
    "squares": (lambda t: np.sum(t**2), lambda t: 2 * t),
    "sines": (lambda t: np.sum(np.sin(t)), np.cos),
    "exponentials": (lambda t: np.sum(np.exp(t)), np.exp),
    "a power of the sum": (lambda t: np.sum(t) ** 4, lambda t: 4 * np.sum(t) ** 3 + 0 * t),
    "log sum exp": (
        lambda t: np.log(np.sum(np.exp(t - t.max()))) + t.max(),
        lambda t: np.exp(t - t.max()) / np.exp(t - t.max()).sum(),
    ),
    "one of them only": (
        lambda t: np.sin(t[0]),
        lambda t: np.cos(t) * (np.arange(t.size) == 0),
    ),
    "kinks": (
        lambda t: np.sum(np.maximum(t, 0) * np.arange(1, t.size + 1)),
        lambda t: (t > 0) * np.arange(1.0, t.size + 1),
    ),
}
COMPUTED = {  # name: how a function of float64 comes to be noisy
    "as it is": lambda f: f,
    "beside 1": lambda f: lambda t: 1 + f(t),
    "beside 1e6": lambda f: lambda t: 1e6 + f(t),
    "beside 1e12": lambda f: lambda t: 1e12 + f(t),
    "1e6 added and taken away": lambda f: lambda t: (1e6 + f(t)) - 1e6,
    "rounded to float32": lambda f: lambda t: np.float32(f(t)),
    "at a rounded theta": lambda f: lambda t: f(t.astype(np.float32).astype(np.float64)),
    "in float32": lambda f: lambda t: f(t.astype(np.float32)),
}
WRONG = {
    "sign": lambda g: -g,
    "twice": lambda g: 2 * g,
    "1 % too long": lambda g: 1.01 * g,
    "nothing": lambda g: 0 * g,
    "one entry": lambda g: np.where(np.arange(g.size) == np.argmax(np.abs(g)), 1.2 * g, g),
    "turned round": lambda g: g[::-1].copy(),
}
PLACES = ([1.0, 2.0, 0.3], [0.7], [-0.5, 0.36, 1.3, 0.95], [0.0, 0.0], [1e-8, -2e-8], [30.0, -1.0])


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("computed", COMPUTED)
@pytest.mark.parametrize("name", RIGHT)
def test_noise_never_fails_what_is_right_nor_passes_what_is_wrong(name, computed, place):
    theta = np.array(place)
    function, gradient = RIGHT[name]
    noisy, right = COMPUTED[computed](function), np.asarray(gradient(theta), float)
    report = check_gradient(noisy, right, theta)
    assert report.verdict != "failed", report
    if computed == "as it is":
        assert report.verdict == "passed" or set(report.kinks) == {f"theta[{i}]" for i in range(2)}
    for change in WRONG.values():
        wrong = change(right)
        if name != "kinks" and not np.allclose(
            wrong, right, rtol=1e-3, atol=max(2 * report.noise, 1e-7)
        ):
            assert check_gradient(noisy, wrong, theta).verdict != "passed"


@pytest.mark.parametrize("scale", [1e-100, 1e-8, 1e8, 1e100])
@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("directions", [None, 3])
def test_scales_change_no_verdict(scale, wrong, directions):
    theta = np.array([1.0, 2.0, 0.3])
    right = scale * np.cos(theta)

    def function(t):
        return scale * np.sum(np.sin(t))

    assert check_gradient(function, right, theta, directions=directions)
    report = check_gradient(function, WRONG[wrong](right), theta, directions=directions)
    assert report.verdict == "failed"


@pytest.mark.parametrize("width", [1e-8, 1e-4, 1e4])
def test_functions_of_another_width_than_the_step(width):
    theta = width * np.array([0.3, -0.7])

    def function(t):
        return np.sum(np.sin(t / width))

    right = np.cos(theta / width) / width
    assert check_gradient(function, right, theta)
    assert check_gradient(function, 1.1 * right, theta).verdict == "failed"


def test_an_offset_hides_the_slope():
    theta = np.array([1.0, 2.0])

    def function(t):
        return 1e12 + np.sum(t**2)

    report = check_gradient(function, lambda t: -7 * t, theta)
    assert report.verdict == "failed"
    assert report.max_relative_error == pytest.approx(9 / 7, rel=0.01)
    report = check_gradient(function, lambda t: 2 * t, theta)
    assert report.verdict == "can't tell"
    assert not report
    assert report.unknown == ("theta[0]", "theta[1]")
    assert re.fullmatch(
        r"gradient check can't tell at 2 of 2 slopes: at theta\[\d\] rounding moves the numerical "
        r"slope by up to \S+, analytic \S+, numerical \S+\n"
        r"compute in float64, leave out what is constant in the function, try another step, or "
        r"allow tolerance=0\.\d+",
        repr(report),
    )
    assert check_gradient(function, lambda t: 2 * t, theta, tolerance=0.05)
    assert check_gradient(function, lambda t: 2 * t, theta, step=1e-9).verdict == "can't tell"


def test_float32_is_noise_and_no_kink():
    theta = np.array([1.0, 2.0, 0.3, 1.5])

    def function(t):
        return np.sum(np.sin(t.astype(np.float32)))

    report = check_gradient(function, np.cos, theta)
    assert report.verdict == "can't tell"
    assert report.kinks == ()
    assert check_gradient(function, np.cos, theta, tolerance=1e-3)
    assert check_gradient(function, np.sin, theta).verdict == "failed"


def test_a_function_that_never_changes_has_no_slope():
    theta = np.array([1.0, -2.0])
    assert check_gradient(lambda t: 0.7, np.zeros(2), theta)
    assert check_gradient(lambda t: 0.7, np.array([0.0, 1e-3]), theta).verdict == "failed"
    assert check_gradient(lambda t: 1e20, np.zeros(2), theta).verdict == "can't tell"


def test_a_kink_excuses_the_slopes_beside_it_only():
    theta = np.array([0.0, 1.0])

    def function(t):
        return np.sum(np.abs(t))

    for subgradient in (-1.0, 0.0, 0.5, 1.0):
        assert check_gradient(function, np.array([subgradient, 1.0]), theta).kinks == ("theta[0]",)
    assert check_gradient(function, np.array([-50.0, 1.0]), theta).verdict == "failed"


def test_an_inflection_point_is_flat_and_no_error():
    assert check_gradient(lambda t: np.sum(t**3), np.zeros(2), np.zeros(2))
    assert check_gradient(lambda t: np.sum(t**3 + t), np.zeros(2), np.zeros(2)).verdict == "failed"


@given(
    array_strategy(np.float64, 3, elements=st.floats(-2, 2)),
    st.sampled_from(["as it is", "beside 1", "rounded to float32", "in float32"]),
)
@settings(deadline=None, max_examples=40)
def test_right_gradients_of_random_quartics_never_fail(theta, computed):
    def function(t):
        return np.sum(t**4) - 3 * np.sum(t) ** 2 + t[0]

    right = 4 * theta**3 - 6 * np.sum(theta) + np.array([1.0, 0, 0])
    assert check_gradient(COMPUTED[computed](function), right, theta).verdict != "failed"
    wrong = right + np.array([0, 0.5, 0])
    assert check_gradient(COMPUTED[computed](function), wrong, theta).verdict == "failed"


HIDDEN = {  # name: (function of the sum of sines, the step that is given)
    "float16 beside 30000": (lambda f: lambda t: np.float16(3e4 + f(t)), None),
    "float16, then Python's": (lambda f: lambda t: float(np.float16(3e4 + f(t))), None),
    "5 digits, too small a step": (lambda f: lambda t: np.round(f(t), 5), 1e-9),
    "in float32, too small a step": (lambda f: lambda t: f(t.astype("float32")), 1e-10),
    "too large a step": (lambda f: f, 0.5),
    "a fast oscillation": (lambda f: lambda t: f(t) + 1e-8 * np.sin(1e8 * t[0]), None),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_a_step_does_not_see_is_never_told_for_certain(name):
    computed, step = HIDDEN[name]
    theta = np.array([0.0, 0.0 if name == "too large a step" else -0.4])
    right = np.cos(theta)
    right[0] += name == "a fast oscillation"
    function = computed(lambda t: np.sum(np.sin(t)))
    report = check_gradient(function, right, theta, step=step)
    assert report.verdict != "failed"
    if report.verdict == "can't tell":
        assert ("let `step` be chosen" if step else "try another step") in report.hint
    if told := re.search(r"tolerance=(\S+)$", report.hint):
        assert check_gradient(function, right, theta, step=step, tolerance=float(told[1]))
    slopes_of_the_step = np.cos(theta) * np.sin(0.5) / 0.5
    for wrong in (0 * right, -right, np.array([right[0], 0.0]), slopes_of_the_step):
        assert check_gradient(function, wrong, theta, step=step).verdict != "passed"
    if name == "a fast oscillation":
        assert check_gradient(function, np.cos(theta), theta).verdict != "passed"


def test_slopes_of_a_huge_theta():
    theta = np.array([1e300])
    assert check_gradient(lambda t: 3 * np.sum(t), np.array([3.0]), theta)
    assert not check_gradient(lambda t: 3 * np.sum(t), np.array([-3.0]), theta)


def test_random_lines_need_a_generator():
    message = "`rng` must be a numpy.random.Generator, got int; try rng = np.random.default_rng(0)"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        check_gradient(np.sum, np.ones_like, np.ones(3), directions=2, rng=0)
