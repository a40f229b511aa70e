"""The V of the panel against Taylor's formula, and what rounding can do at most."""

import numpy as np
import pytest

from deeplearn_utils.explorers.backpropagation.slopes import (
    FUNCTIONS,
    SMALLEST,
    error,
    measure,
    neighborhood,
    theory,
)
from deeplearn_utils.explorers.backpropagation.step_size import STEPS, StepSizeExplorer
from deeplearn_utils.gradcheck import numerical_gradient
from tests.explorers.frames import every_frame, reached

PANEL = StepSizeExplorer()
H = np.array(STEPS)
EPS = {"float64": 2.0**-52, "float32": 2.0**-23}
SMOOTH = [
    (difference, precision, function)
    for difference in ("forward", "central")
    for precision in EPS
    for function in ("exp", "sigmoid")
]


def errors(difference, precision, function):
    slopes = [measure(h, difference, precision, function)[1] for h in STEPS]
    return np.array([error(slope, function) for slope in slopes])


@pytest.mark.parametrize("function", ["exp", "sigmoid"])
def test_what_is_known_of_the_functions(function):
    known = FUNCTIONS[function]

    def at(shift):
        return float(known.f(np.array([known.x + shift]))[0])

    assert at(0.0) == pytest.approx(known.value)
    (slope,) = numerical_gradient(lambda x: float(known.f(x)[0]), np.array([known.x]))
    assert known.slope == pytest.approx(slope, rel=1e-8)
    h = 1e-3
    assert known.bends[0] == pytest.approx((at(h) - 2 * at(0) + at(-h)) / h**2, rel=1e-5)
    third = (at(2 * h) - 2 * at(h) + 2 * at(-h) - at(-2 * h)) / (2 * h**3)
    assert known.bends[1] == pytest.approx(third, rel=1e-4)


def test_the_slope_is_that_of_the_plain_formula():
    _, forward = measure(0.01, "forward", "float64", "exp")
    _, central = measure(0.01, "central", "float64", "exp")
    assert forward == pytest.approx((np.exp(1.01) - np.e) / 0.01, rel=1e-12)
    assert central == pytest.approx((np.exp(1.01) - np.exp(0.99)) / 0.02, rel=1e-12)


@pytest.mark.parametrize(("difference", "precision", "function"), SMOOTH)
def test_the_right_arm_is_taylors(difference, precision, function):
    measured = errors(difference, precision, function)
    truncation, rounding = theory(H, difference, precision, function)
    arm = (rounding < 0.05 * truncation) & (H < 0.5)
    assert arm.sum() >= 2
    np.testing.assert_allclose(measured[arm], truncation[arm], rtol=0.15)
    order = {"forward": 1, "central": 2}[difference]
    slope = np.polyfit(np.log(H[arm]), np.log(measured[arm]), 1)[0]
    assert slope == pytest.approx(order, abs=0.1)


@pytest.mark.parametrize(("difference", "precision", "function"), SMOOTH)
def test_the_left_arm_stays_under_the_rounding_line(difference, precision, function):
    measured = errors(difference, precision, function)
    truncation, rounding = theory(H, difference, precision, function)
    arm = (truncation < rounding) & np.isfinite(measured)
    assert arm.sum() >= 5
    assert (measured[arm] <= 2 * (truncation + rounding)[arm]).all()
    assert np.median(measured[arm] / rounding[arm]) > 0.02  # a cloud just under the line


@pytest.mark.parametrize(("difference", "precision", "function"), SMOOTH)
def test_the_bottom_is_where_the_theory_puts_it(difference, precision, function):
    known, ε = FUNCTIONS[function], EPS[precision]
    best = {
        "forward": np.sqrt(2 * ε * abs(known.value / known.bends[0])),
        "central": np.cbrt(1.5 * ε * abs(known.value / known.bends[1])),
    }[difference]
    measured = errors(difference, precision, function)
    near = measured[np.abs(np.log10(H / best)) < 0.5]
    assert near.min() < 10 * np.nanmin(measured)
    truncation, rounding = theory(best, difference, precision, function)
    assert near.min() < 2 * (truncation + rounding)


@pytest.mark.parametrize("precision", EPS)
def test_relu_is_exact_until_the_step_crosses_its_kink(precision):
    forward, central = (errors(kind, precision, "relu") for kind in ("forward", "central"))
    x, there = FUNCTIONS["relu"].x, np.isfinite(central)
    assert forward[there & np.isfinite(forward)].max() < 1e-6
    crossed = x < H
    np.testing.assert_allclose(central[crossed], (H - x)[crossed] / (2 * H[crossed]), rtol=1e-4)
    assert central[there & ~crossed].max() < 1e-6


def test_a_step_that_changes_nothing_has_no_slope():
    for h in STEPS:
        ends, slope = measure(h, "forward", "float32", "exp")
        assert np.isnan(slope) == (ends[0, 0] == ends[0, 1])
    frame = PANEL.frame(h=STEPS[0], precision="float32")
    assert frame.text == "h = 1 × 10⁻¹⁵ is too small: in float32 x + h rounds to x itself."
    assert np.isnan(frame.arrays["secant_y"]).all()


def test_the_secant_goes_through_its_ends():
    for _, frame in every_frame("step_size"):
        arrays = frame.arrays
        if np.isnan(arrays["secant_y"]).any():
            continue
        on_line = np.interp(arrays["ends_x"], arrays["secant_x"], arrays["secant_y"])
        inside = np.abs(arrays["ends_x"]) <= 2
        np.testing.assert_allclose(on_line[inside], arrays["ends_y"][inside], atol=1e-5)


def test_the_magnified_curve_is_smooth_for_large_steps_and_a_staircase_for_small_ones():
    t = np.linspace(-2, 2, 201)
    np.testing.assert_allclose(neighborhood(1.0, "float64", "exp"), np.exp(t) - 1, atol=1e-12)
    np.testing.assert_allclose(neighborhood(1e-5, "float64", "exp"), t, atol=1e-4)
    stairs = neighborhood(STEPS[0], "float64", "exp")
    assert len(set(stairs)) < 40
    assert not neighborhood(STEPS[0], "float32", "exp").any()


def test_only_central_differences_in_float64_reach_the_target():
    settings = reached("step_size")
    kinds = {(v["difference"], v["precision"], v["function"]) for v in settings}
    assert kinds == {("central", "float64", "exp"), ("central", "float64", "sigmoid")}
    assert all(1e-8 < values["h"] < 1e-4 for values in settings)
    assert any(values["h"] == pytest.approx(1e-5) for values in settings)


def test_the_claims_of_the_texts():
    lowest = {key: np.nanmin(errors(*key)) for key in SMOOTH}
    assert 1e-10 < lowest["forward", "float64", "exp"] < 1e-7
    assert all(1e-8 < lowest[key] < 1e-3 for key in lowest if key[1] == "float32")
    start = PANEL.frame()
    assert start.text.startswith("h = 1: slope 4.67077427 instead of 2.71828183")
    assert PANEL.frame(function="relu", h=STEPS[-8]).arrays["error_now"] == SMALLEST
