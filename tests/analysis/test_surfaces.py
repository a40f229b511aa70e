"""Loss surfaces: derivatives against differences, minima, and the edge of the ravine."""

import numpy as np
import pytest

from deeplearn_utils.analysis.level_lines import level_lines
from deeplearn_utils.analysis.paths import path
from deeplearn_utils.analysis.stability import edge
from deeplearn_utils.analysis.surfaces import SURFACES
from deeplearn_utils.optimizers import GradientDescent
from tests.wrong_inputs import whole

SURFACE = "`surface` must be one of 'ravine', 'rosenbrock', 'saddle', got 'nope'"


@pytest.fixture(params=list(SURFACES))
def surface(request):
    return SURFACES[request.param]


@pytest.fixture
def points(surface):
    low, high = np.transpose(surface.domain)
    return np.random.default_rng(0).uniform(low, high, size=(50, 2))


def central_difference(f, points, h=1e-5):
    """Return the derivatives of f along both axes as a last axis."""
    return np.stack([(f(points + h * e) - f(points - h * e)) / (2 * h) for e in np.eye(2)], -1)


def test_the_gradient_is_the_slope_of_the_value(surface, points):
    expected = central_difference(surface.value, points)
    np.testing.assert_allclose(surface.gradient(points), expected, rtol=1e-6, atol=1e-6)


def test_the_hessian_is_the_slope_of_the_gradient(surface, points):
    expected = central_difference(surface.gradient, points)
    hessians = np.stack([surface.hessian(point) for point in points])
    np.testing.assert_allclose(hessians, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(hessians, np.swapaxes(hessians, 1, 2))


def test_any_leading_shape_is_kept(surface, points):
    grid = points.reshape(5, 10, 2)
    assert surface.value(grid).shape == (5, 10)
    assert surface.gradient(grid).shape == (5, 10, 2)
    np.testing.assert_array_equal(surface.gradient(grid)[2, 3], surface.gradient(grid[2, 3]))


def test_the_lowest_loss_is_zero(surface, points):
    assert surface.value(points).min() >= 0
    minima = np.array([[0.0, -1.0], [0.0, 1.0]]) if surface.minimum is None else surface.minimum
    assert not np.any(surface.value(minima))
    assert not np.any(surface.gradient(minima))


def test_the_start_lies_in_the_frame(surface):
    for coordinate, (low, high) in zip(surface.start, surface.domain, strict=True):
        assert low < coordinate < high


def test_the_saddle_has_one_rising_and_one_falling_direction():
    assert np.linalg.eigvalsh(SURFACES["saddle"].hessian(np.zeros(2))).tolist() == [-1.0, 1.0]


@pytest.mark.parametrize(("learning_rate", "arrives"), [(0.0799, True), (0.0801, False)])
def test_descent_in_the_ravine_breaks_at_two_over_the_largest_curvature(learning_rate, arrives):
    surface, optimizer = SURFACES["ravine"], GradientDescent(learning_rate)
    theta, state = surface.start, optimizer.init(surface.start)
    for _ in range(2000):
        theta, state = optimizer.step(theta, surface.gradient(theta), state)
    assert (surface.value(theta) < 1e-3) == arrives


def test_points_of_narrow_whole_numbers_are_refused(surface):
    # the square of 20 in a uint8 would be 144
    message = (
        "`points` must hold floating-point numbers (float32 or float64), got uint8; try "
        "points.astype(float)"
    )
    with pytest.raises(TypeError, match=whole(message)):
        surface.value(np.array([20, 1], np.uint8))
    message = "`points` must have shape (..., 2) = (4, 2), got (4, 3)"
    with pytest.raises(ValueError, match=whole(message)):
        surface.value(np.ones((4, 3)))


@pytest.mark.parametrize(
    ("message", "ask"),
    [
        (SURFACE, lambda: level_lines("nope")),
        (SURFACE, lambda: path("nope", GradientDescent(0.1), 2)),
        ("`steps` must be at least 0, got -2", lambda: path("ravine", GradientDescent(0.1), -2)),
        (
            "`steps` = 10000000000 asks for 2e+10 numbers (160 GB), more than the 134217728 (1 GB) "
            "that are made at once",
            lambda: path("ravine", GradientDescent(0.1), 10**10),
        ),
        (
            "`method` must be one of 'gradient_descent', 'momentum', 'nesterov', got 'nope'",
            lambda: edge("nope", 0.9, 1.0),
        ),
        (
            "`momentum` must be a number in [0.0, 1.0), got -1.5",
            lambda: edge("momentum", -1.5, 1.0),
        ),
        (
            "`largest_curvature` must be a number in (0.0, inf), got 0.0",
            lambda: edge("momentum", 0.9, 0.0),
        ),
    ],
)
def test_a_wrong_argument_is_named(message, ask):
    with pytest.raises(ValueError, match=whole(message)):
        ask()


def test_steps_of_a_narrow_type_are_counted_on():
    assert path("ravine", GradientDescent(0.01), np.int8(127)).shape == (128, 2)
