"""The best points against SciPy's constrained minimizer, and the corners."""

import numpy as np
import pytest
from scipy.optimize import minimize

from deeplearn_utils.explorers.regularization.constraint import (
    ANGLES,
    BUDGETS,
    ConstraintExplorer,
    best_point,
    edge,
    level_line,
    squared_error,
)
from tests.explorers.frames import reached

PANEL = ConstraintExplorer()
CENTERS = [np.array([1.4, 0.3]), np.array([0.9, 1.2]), np.array([0.0, 1.5])]


@pytest.mark.parametrize("center", CENTERS, ids=str)
@pytest.mark.parametrize("budget", [0.1, 0.5, 1.3, 2.0])
@pytest.mark.parametrize("kind", ["l1", "l2"])
def test_the_best_point_is_scipy_s(center, budget, kind):
    order = 1 if kind == "l1" else 2
    limit = {"type": "ineq", "fun": lambda w: budget - np.linalg.norm(w, order)}
    start = np.full(2, 0.4 * budget)
    found = minimize(squared_error, start, (center,), constraints=[limit], tol=1e-12)
    ours = best_point(center, budget, kind)
    assert np.linalg.norm(ours, order) <= budget + 1e-9
    np.testing.assert_allclose(squared_error(ours, center), found.fun, rtol=1e-4, atol=1e-6)


def test_the_touching_line_has_one_level_and_passes_through_the_best_point():
    for kind in ("l1", "l2"):
        arrays = PANEL.frame(kind=kind, budget=0.5, angle=60.0).arrays
        center = np.array([arrays["free_x"], arrays["free_y"]])
        touching = np.stack([arrays["touch_x"], arrays["touch_y"]], axis=-1)
        best = np.array([arrays["best_x"], arrays["best_y"]])
        np.testing.assert_allclose(
            squared_error(touching, center), squared_error(best, center), rtol=1e-9
        )
    np.testing.assert_allclose(squared_error(level_line(CENTERS[0], 2.0), CENTERS[0]), 2.0)


def test_the_regions_have_their_norm_everywhere():
    np.testing.assert_allclose(np.linalg.norm(edge("l2"), axis=1), 1)
    np.testing.assert_allclose(np.abs(edge("l1")).sum(axis=1), 1)


def test_the_diamond_has_zeros_over_many_directions_and_the_disc_has_hardly_any():
    zeros = {
        kind: sum(0 in PANEL.look(budget=0.5, angle=angle, kind=kind).best for angle in ANGLES)
        for kind in ("l1", "l2")
    }
    assert zeros["l1"] > len(ANGLES) / 2
    assert zeros["l2"] <= 2


def test_a_budget_beyond_the_free_minimum_costs_nothing():
    frame = PANEL.frame(budget=BUDGETS[-1])
    assert "squared error of 0.00" in frame.text
    assert frame.arrays["best_x"] == frame.arrays["free_x"]


def test_the_target_wants_a_small_budget():
    settings = reached("constraint")
    assert {values["kind"] for values in settings} == {"l1"}
    assert max(values["budget"] for values in settings) == 0.3
    assert {values["angle"] for values in settings} >= {35.0, 40.0}
