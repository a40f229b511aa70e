"""The trained networks of the panel, and what is known of a decision boundary."""

import numpy as np
import pytest

from deeplearn_utils.explorers.networks.decision_boundary import (
    EPOCHS,
    HIDDEN,
    NAMES,
    REACH,
    DecisionBoundaryExplorer,
    plane,
    trained,
    two_moons,
)
from deeplearn_utils.metrics import accuracy
from deeplearn_utils.networks import MLP

PANEL = DecisionBoundaryExplorer()
STOPS = [(hidden, activation) for hidden in HIDDEN for activation in NAMES]


def network(hidden, activation):
    return MLP([2, hidden, 1], activation=activation, loss="binary_cross_entropy")


def logit(probability):
    return np.log(probability / (1 - probability))


@pytest.mark.parametrize(("hidden", "activation"), STOPS)
def test_the_picture_shows_the_trained_network(hidden, activation):
    fit, data = trained(hidden, activation), two_moons()
    model = network(hidden, activation)
    expected = 1 / (1 + np.exp(-model.forward(fit.theta, plane())))
    np.testing.assert_allclose(fit.probability.ravel(), expected.ravel(), atol=1e-12)
    for X, y, told in (
        (data.X_train, data.y_train, fit.training_accuracy),
        (data.X_validation, data.y_validation, fit.validation_accuracy),
    ):
        predicted = (model.forward(fit.theta, X)[:, 0] > 0).astype(int)
        assert told == pytest.approx(accuracy(predicted, y))
        text = PANEL.frame(hidden=hidden, activation=activation).text
        assert f" {round(100 * told)} % " in text


@pytest.mark.parametrize(("hidden", "activation"), STOPS)
def test_training_lowers_the_loss(hidden, activation):
    fit = trained(hidden, activation)
    assert fit.loss.shape == fit.validation_loss.shape == (EPOCHS + 1,)
    assert fit.loss[-1] < fit.loss[0]
    assert fit.loss[-1] < 0.5
    assert min(fit.loss.min(), fit.validation_loss.min()) > 0
    assert max(fit.loss.max(), fit.validation_loss.max()) < PANEL.panes[1].y.domain[1]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_identity_units_give_a_straight_line(hidden):
    z = logit(trained(hidden, "identity").probability)
    for axis in (0, 1):
        np.testing.assert_allclose(np.diff(z, n=2, axis=axis), 0, atol=1e-8)
    np.testing.assert_allclose(np.diff(np.diff(z, axis=0), axis=1), 0, atol=1e-8)


def test_all_identity_networks_find_the_same_line():
    accuracies = {trained(hidden, "identity").training_accuracy for hidden in HIDDEN}
    assert max(accuracies) - min(accuracies) < 0.02


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_one_unit_gives_parallel_level_lines(activation):
    fit = trained(1, activation)
    W, _ = network(1, activation).layout.unpack(fit.theta)
    along = np.array([-W[0][1, 0], W[0][0, 0]])
    along /= np.linalg.norm(along)
    x = np.random.default_rng(0).uniform(-1, 1, size=(50, 2))
    model = network(1, activation)
    here, there = (model.forward(fit.theta, x + step * along) for step in (0, 1))
    np.testing.assert_allclose(here, there, atol=1e-9)


@pytest.mark.parametrize(("hidden", "activation"), STOPS)
def test_on_the_line_of_a_hidden_unit_its_z_is_zero(hidden, activation):
    fit = trained(hidden, activation)
    model = network(hidden, activation)
    for unit, ends in enumerate(fit.lines):
        if np.isfinite(ends).all():
            z = model.trace(fit.theta, ends)[0].z[:, unit]
            np.testing.assert_allclose(z, 0, atol=1e-9)
            assert np.abs(ends).max() <= REACH + 1e-12
    assert np.isnan(fit.lines[hidden:]).all()


def test_three_bent_units_beat_any_straight_line():
    straight = trained(16, "identity").validation_accuracy
    for activation in ("tanh", "relu"):
        assert trained(3, activation).validation_accuracy > straight


def test_the_data_lie_inside_the_picture():
    data = two_moons()
    assert np.abs(data.X_train).max() < REACH
    assert set(np.unique(data.y_train)) == {0, 1}


def test_warming_computes_every_stop():
    PANEL.warm()
    assert trained.cache_info().currsize == len(STOPS)
