"""Paths, level lines and edges of the panel, against runs by hand and the eigenvalues of a step."""

import numpy as np
import pytest

from deeplearn_utils.analysis.level_lines import LEVELS, level_lines
from deeplearn_utils.analysis.paths import FAR, path, until_gone
from deeplearn_utils.analysis.stability import EDGES, edge
from deeplearn_utils.analysis.surfaces import SURFACES
from deeplearn_utils.explorers.optimizers.trajectories import (
    RATES,
    TrajectoriesExplorer,
    largest_curvature,
    minima,
    optimizer,
    outer_box,
)
from deeplearn_utils.explorers.optimizers.trajectory_panes import ARRIVED, NAMES, STEPS, WITH_EDGE
from deeplearn_utils.optimizers import OPTIMIZERS, Adam, GradientDescent, Momentum
from tests.explorers.frames import reached

PANEL = TrajectoriesExplorer()


def steps_by_hand(name, rate, beta, surface):
    """Return a path from the formulas of the papers, written out once more."""
    theta, m, s = SURFACES[surface].start, np.zeros(2), np.zeros(2)
    points = [theta]
    for t in range(1, STEPS + 1):
        g = SURFACES[surface].gradient(theta)
        if name == "gradient_descent":
            step = g
        elif name in ("momentum", "nesterov"):
            m = beta * m + g
            step = m if name == "momentum" else g + beta * m
        elif name == "rmsprop":
            s = 0.9 * s + 0.1 * g**2
            step = g / (np.sqrt(s) + 1e-8)
        else:
            m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
            step = m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        theta = theta - rate * step
        points.append(theta)
    return np.array(points)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("rate", [0.001, 0.005, 0.015])
def test_each_path_is_that_of_the_formulas(surface, name, rate):
    by_hand = steps_by_hand(name, rate, 0.5, surface)
    points = path(surface, optimizer(name, rate, 0.5), STEPS)
    np.testing.assert_allclose(points, by_hand, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_each_path_is_a_run_of_the_optimizer(name):
    rule = OPTIMIZERS[name](0.05)
    theta, state = np.array([-5.0, 1.0]), rule.init(np.zeros(2))
    for point in path("ravine", optimizer(name, 0.05, 0.9), STEPS):
        np.testing.assert_array_equal(point, theta)
        theta, state = rule.step(theta, theta * np.array([1.0, 25.0]), state)


def test_adam_and_rmsprop_do_not_feel_the_momentum_slider():
    assert optimizer("adam", 0.1, 0.5) == Adam(0.1)
    assert optimizer("momentum", 0.1, 0.5) == Momentum(0.1, 0.5)


def test_a_path_that_never_comes_back_ends():
    points = path("rosenbrock", GradientDescent(2.0), 20)
    kept = np.isfinite(points).all(axis=1)
    assert 1 < kept.sum() < 21
    assert not kept[kept.sum() :].any()
    assert np.abs(points[kept]).max() <= FAR


def test_a_gone_path_ends_on_the_wall_in_its_own_direction():
    points = path("rosenbrock", GradientDescent(2.0), STEPS)
    low, high = outer_box("rosenbrock")
    shown = until_gone(points, low, high)
    last = np.isfinite(shown).all(axis=1).sum() - 1
    wall = shown[last]
    assert np.isclose(wall, low).any() or np.isclose(wall, high).any()
    full, cut = points[last] - points[last - 1], wall - points[last - 1]
    assert full[0] * cut[1] == pytest.approx(full[1] * cut[0])
    np.testing.assert_array_equal(shown[:last], points[:last])


def test_a_path_inside_is_shown_whole():
    points = path("ravine", Adam(0.05), STEPS)
    np.testing.assert_array_equal(until_gone(points, *outer_box("ravine")), points)


@pytest.mark.parametrize("surface", SURFACES)
def test_level_lines_have_their_loss(surface):
    lines = np.moveaxis(level_lines(surface), 0, -1)  # (rows, points, 2)
    drawn = lines[np.isfinite(lines[:, 0, 0])]
    losses = SURFACES[surface].value(drawn)
    np.testing.assert_allclose(losses, losses[:, :1] * np.ones(losses.shape[1]), rtol=1e-8)
    np.testing.assert_allclose(sorted(set(losses[:, 0].round(8))), LEVELS[surface])


def spectral_radius(method, alpha, beta, curvature):
    """Return the largest eigenvalue of one step on (θ, v), from running the optimizer on both."""
    rule = OPTIMIZERS[method](alpha, **({} if method == "gradient_descent" else {"momentum": beta}))
    columns = []
    for theta, v in np.eye(2):
        theta, state = np.array([theta]), rule.init(np.zeros(1))
        if method != "gradient_descent":
            state = state._replace(v=np.array([v]))
        theta_next, state = rule.step(theta, curvature * theta, state)
        columns.append([theta_next[0], state.v[0] if method != "gradient_descent" else 0.0])
    return np.abs(np.linalg.eigvals(np.transpose(columns))).max()


@pytest.mark.parametrize("method", EDGES)
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("curvature", [1.0, 25.0])
def test_at_the_edge_an_eigenvalue_of_the_step_has_size_one(method, beta, curvature):
    at = edge(method, beta, curvature)
    assert spectral_radius(method, 0.999 * at, beta, curvature) < 1
    assert spectral_radius(method, 1.001 * at, beta, curvature) > 1


@pytest.mark.parametrize("surface", SURFACES)
def test_the_slider_stops_on_both_sides_of_the_edge_of_gradient_descent(surface):
    at = edge("gradient_descent", 0.0, largest_curvature(surface))
    assert any(0.95 * at < rate < at for rate in RATES)
    assert any(at < rate < 1.07 * at for rate in RATES)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("rate", RATES)
def test_in_the_ravine_the_edge_parts_those_who_end_higher(rate, momentum):
    arrays = PANEL.frame(learning_rate=rate, momentum=momentum).arrays
    for name in WITH_EDGE:
        loss = arrays[f"{name}_loss"]
        if name == "gradient_descent" or abs(rate / arrays[f"{name}_edge"] - 1) > 0.05:
            assert (loss[-1] > loss[0]) == (rate > arrays[f"{name}_edge"])


@pytest.mark.parametrize("surface", SURFACES)
def test_losses_and_sweep_are_those_of_the_paths(surface):
    arrays = PANEL.frame(surface=surface, learning_rate=0.01).arrays
    for name in NAMES:
        value = SURFACES[surface].value(path(surface, optimizer(name, 0.01, 0.9), STEPS))
        np.testing.assert_allclose(arrays[f"{name}_loss"], np.maximum(value, 1e-9))
        assert arrays[f"{name}_sweep"][RATES.index(0.01)] == arrays[f"{name}_loss"][-1]


@pytest.mark.parametrize("surface", SURFACES)
def test_the_minima_are_flat_and_lowest(surface):
    assert not SURFACES[surface].gradient(minima(surface)).any()
    assert not SURFACES[surface].value(minima(surface)).any()


def test_the_target_needs_a_rate_near_the_edge_but_not_at_it():
    rates = {values["learning_rate"] for values in reached("trajectories")}
    assert rates == {0.05, 0.06, 0.075}


def test_the_text_tells_who_arrived_and_who_went_up():
    assert PANEL.frame(learning_rate=0.081).text == (
        "After 100 steps below 0.001: momentum. Higher than at the start: gradient descent, "
        "Nesterov. Edges at the minimum: 0.08 gradient descent, 0.152 momentum, 0.0543 Nesterov."
    )
    assert f"below {ARRIVED}: none." in PANEL.frame(learning_rate=0.001).text
