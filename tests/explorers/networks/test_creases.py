"""The three creases against the plane looked at point by point."""

import itertools

import numpy as np
import pytest

from deeplearn_utils.explorers.networks.creases import (
    BIAS,
    BIASES,
    INSIDE,
    OUTSIDE,
    REACH,
    TURNS,
    WALK,
    CreasesExplorer,
    pieces,
)
from deeplearn_utils.networks import MLP
from tests.explorers.frames import reached

PANEL = CreasesExplorer()
SOME = [
    {"turn1": 45, "b1": -1.0, "turn2": 135, "b2": -0.5, "turn3": 270, "b3": -1.5},
    {"turn1": 0, "b1": -1.0, "turn2": 90, "b2": -1.0, "turn3": 180, "b3": -1.0},
    {"turn1": 0, "b1": -0.5, "turn2": 0, "b2": -0.5, "turn3": 315, "b3": -1.5},
    {"turn1": 225, "b1": -0.5, "turn2": 180, "b2": -1.5, "turn3": 90, "b3": -0.5},
]


def network(values):
    """Return what the book's own network with these weights says at points (n, 2)."""
    turns = np.radians([values[f"turn{k}"] for k in (1, 2, 3)])
    W = [np.stack([np.cos(turns), np.sin(turns)]), -np.ones((3, 1))]
    b = [np.array([values[f"b{k}"] for k in (1, 2, 3)]), np.array([BIAS])]
    mlp = MLP([2, 3, 1], activation="relu", loss="mse")
    theta = mlp.layout.pack(W, b)
    return lambda X: mlp.forward(theta, X)[:, 0]


@pytest.mark.parametrize("values", SOME)
def test_the_cut_is_where_the_network_is_above_zero(values):
    arrays = PANEL.frame(**values).arrays
    corners = np.column_stack([arrays["cut_x1"], arrays["cut_x2"]])
    corners = corners[np.isfinite(corners[:, 0])]
    points = np.random.default_rng(0).uniform(-REACH, REACH, size=(2000, 2))
    along = np.roll(corners, -1, axis=0) - corners  # counterclockwise
    to = points[:, None] - corners
    inside = (along[:, 0] * to[..., 1] - along[:, 1] * to[..., 0] >= 0).all(axis=1)
    says = network(values)(points)
    assert np.array_equal(inside, says > 0)
    np.testing.assert_allclose(np.minimum(network(values)(corners), 0), 0, atol=1e-9)


@pytest.mark.parametrize("values", SOME)
def test_the_walk_is_the_networks_output_between_its_bends(values):
    arrays = PANEL.frame(**values).arrays
    x = np.linspace(-REACH, REACH, 601)
    expected = network(values)(np.column_stack([x, np.full_like(x, WALK)]))
    drawn = np.interp(x, arrays["walk_x1"], arrays["walk_output"])
    np.testing.assert_allclose(drawn, expected, atol=1e-9)
    assert (np.diff(arrays["walk_x1"]) >= 0).all()


@pytest.mark.parametrize("values", SOME)
def test_wrong_points_are_those_that_the_network_misjudges(values):
    points = np.concatenate([OUTSIDE, INSIDE])
    right = (network(values)(points) > 0) == (np.arange(len(points)) >= len(OUTSIDE))
    frame = PANEL.frame(**values)
    np.testing.assert_array_equal(frame.arrays["wrong"], ~right)
    assert f"{right.sum()} of {len(points)} points" in frame.text


def test_pieces_are_the_patterns_of_signs_that_occur():
    points = np.random.default_rng(1).normal(0, 40, size=(200_000, 2))
    points[:150_000] = np.random.default_rng(2).uniform(-6, 6, size=(150_000, 2))
    settings = list(itertools.product(TURNS, BIASES))
    for chosen in itertools.islice(itertools.combinations(settings, 3), 0, None, 97):
        turns, b = np.radians([turn for turn, _ in chosen]), np.array([b for _, b in chosen])
        W = np.stack([np.cos(turns), np.sin(turns)])
        seen = {tuple(row) for row in np.unique(points @ W + b > 0, axis=0).tolist()}
        assert pieces(W, b) == len(seen), chosen


def test_the_target_has_one_solution_in_every_order_of_the_units():
    solutions = {
        frozenset((values[f"turn{k}"], values[f"b{k}"]) for k in (1, 2, 3))
        for values in reached("creases")
    }
    assert solutions == {frozenset({(45, -1.0), (135, -0.5), (270, -1.5)})}
    assert len(reached("creases")) == 6
