"""The panel's networks against steps written out, their zeros, and scikit-learn's loss."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from deeplearn_utils.explorers.regularization.penalty import (
    LOW,
    MANY,
    MOMENTUM,
    NETWORK,
    RATE,
    STEPS,
    STRENGTHS,
    PenaltyExplorer,
    fitted,
    points,
)
from deeplearn_utils.explorers.regularization.penalty_panes import EDGES
from tests.explorers.frames import reached

PANEL = PenaltyExplorer()


def test_the_network_is_the_one_of_plain_steps_and_its_loss_scikit_learn_s():
    """Nesterov's steps and the soft threshold, written out; the loss is `log_loss`."""
    X, labels = points(40)
    y = labels[:, None].astype(float)
    theta = NETWORK.init(np.random.default_rng(0))
    is_weight, before = NETWORK.layout.weights_mask(theta) == 1, theta
    for _ in range(STEPS):
        ahead, before = theta + MOMENTUM * (theta - before), theta
        theta = ahead - RATE * NETWORK.loss_and_gradient(ahead, X, y)[1]
        small = np.maximum(abs(theta) - RATE * 0.005, 0)
        theta = np.where(is_weight, np.sign(theta) * small, theta)
    fit = fitted("l1", 0.005)
    np.testing.assert_allclose(fit.weights, theta[is_weight], atol=1e-6)
    for data, loss in ((points(40), fit.loss), (points(400), fit.validation_loss)):
        oracle = log_loss(data[1], NETWORK.predict_probabilities(theta, data[0])[:, 0])
        assert loss == pytest.approx(oracle, abs=1e-6)
    np.testing.assert_array_equal(PANEL.frame(strength=0.005).arrays["zeros_x1"], X[labels == 0, 0])


def test_no_penalty_is_the_same_for_every_kind():
    for kind in ("l1", "l2", "both"):
        frame = PANEL.frame(strength=0.0, kind=kind)
        np.testing.assert_array_equal(frame.arrays["probability"], fitted("l2", 0.0).probability)


@pytest.mark.parametrize("kind", ["l1", "l2", "both"])
def test_the_training_loss_rises_and_the_validation_loss_has_a_valley(kind):
    arrays = PANEL.frame(kind=kind).arrays
    assert (np.diff(arrays["loss"]) > -0.02).all()
    valley = arrays["validation_loss"]
    lowest = int(valley.argmin())
    assert 0 < lowest < len(STRENGTHS) - 1
    assert valley[0] > 2 * valley[lowest]
    assert valley[-1] > 1.5 * valley[lowest]


def test_l1_has_exact_zeros_and_l2_has_none():
    zeros = {kind: [fitted(kind, s).zeros for s in STRENGTHS[1:]] for kind in ("l1", "l2", "both")}
    assert zeros["l2"] == [0] * (len(STRENGTHS) - 1)
    assert zeros["l1"][-1] == 48
    assert max(zeros["l1"][2:-1]) >= MANY


def test_every_weight_is_counted_once():
    for kind, strength in (("l1", 0.002), ("l2", 0.0), ("both", 0.01)):
        arrays = PANEL.frame(kind=kind, strength=strength).arrays
        assert arrays["count"].sum() + arrays["zeros"] == 48
        weights = fitted(kind, strength).weights
        assert arrays["count"][0] == (weights < EDGES[1]).sum()
        assert arrays["zeros"] == (weights == 0).sum()


def test_the_text_tells_both_norms():
    weights = fitted("l1", 0.002).weights
    text = PANEL.frame(kind="l1", strength=0.002).text
    assert f"Σ|w| = {abs(weights).sum():.3g}, Σw² = {np.square(weights).sum():.3g}" in text
    assert f"{(weights == 0).sum()} of 48 weights are exactly 0." in text


def test_the_target_needs_l1_and_a_middle_strength():
    settings = reached("penalty")
    assert {values["kind"] for values in settings} == {"l1"}
    assert 0.005 in {values["strength"] for values in settings}
    assert 0.1 not in {values["strength"] for values in settings}
    assert LOW < 0.693
