"""The panel's moves against moves written out, and the claims of its question and target."""

import numpy as np
import pytest

from deeplearn_utils.explorers.challenges.robustness import (
    EPSILONS,
    MOVES,
    NEAR,
    NETWORK,
    SEEDS,
    RobustnessExplorer,
    accuracies,
    chosen,
    data,
    moves,
    trained,
)
from tests.explorers.frames import reached

PANEL = RobustnessExplorer()


def test_one_step_follows_the_sign_of_the_slope():
    X, y = data().X_validation[:1] / 16, data().y_validation[:1]
    h, slopes = 1e-6, []
    for step in h * np.eye(64):
        ends = [float(NETWORK.loss(trained(2), X + sign * step, y)) for sign in (1, -1)]
        slopes.append((ends[0] - ends[1]) / (2 * h))
    expected = np.clip(X + 0.1 * np.sign(slopes), 0, 1)
    np.testing.assert_allclose(moves("fgsm", 2, X, y, 0.1), expected, atol=1e-12)


@pytest.mark.parametrize("move", MOVES)
def test_no_pixel_moves_farther_than_epsilon_or_leaves_its_range(move):
    X, y = data().X_validation[:50] / 16, data().y_validation[:50]
    for epsilon in EPSILONS:
        moved = moves(move, 0, X, y, epsilon)
        assert np.abs(moved - X).max() <= epsilon + 1e-12
        assert moved.min() >= 0
        assert moved.max() <= 1


def blocks(pixels):
    """Return the squares of 8 by 8 entries that a browser must not blur into each other."""
    return pixels.reshape(8, 8, 8, 8).swapaxes(1, 2).reshape(64, 8, 8)


def test_the_picture_shows_the_digit_and_what_is_read():
    arrays = PANEL.frame(epsilon=0.1, move="noise", digit=7).arrays
    row = chosen()[7]
    X, y = data().X_validation[[row]] / 16, data().y_validation[[row]]
    assert y == 7
    moved = moves("noise", 0, X, y, 0.1)
    np.testing.assert_array_equal(arrays["pixels"][::-8, ::8].reshape(1, 64), moved)
    assert all((block == block[0, 0]).all() for block in blocks(arrays["pixels"]))
    logits = NETWORK.forward(trained(0), moved)[0]
    expected = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(arrays["probability"], expected)
    assert arrays["pgd"][EPSILONS.index(0.1)] == pytest.approx(accuracies("pgd", 0.1).mean())


def test_the_question_is_answered_by_five_networks():
    noise, step = accuracies("noise", 0.1), accuracies("fgsm", 0.1)
    assert noise.shape == (SEEDS,)
    assert noise.mean() == pytest.approx(96, abs=1)
    assert step.mean() + 3 * step.std(ddof=1) / np.sqrt(SEEDS) < 50


def test_more_steps_do_more_harm_than_one_by_three_standard_errors():
    gap = accuracies("fgsm", 0.1) - accuracies("pgd", 0.1)
    assert gap.mean() > 3 * gap.std(ddof=1) / np.sqrt(SEEDS)


def test_the_target_is_reached_by_moves_against_the_network_only():
    settings = reached("robustness")
    assert settings
    assert {values["move"] for values in settings} <= {"fgsm", "pgd"}
    assert max(values["epsilon"] for values in settings) <= NEAR
