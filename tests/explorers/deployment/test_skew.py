"""The panel's skews against scikit-learn and the contract, and the claims of its texts."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from deeplearn_utils.edge.artifact.contract import TensorSpec
from deeplearn_utils.explorers.deployment import skew
from deeplearn_utils.explorers.deployment.skew import NETWORK, SEEDS, SERVING, SkewExplorer
from deeplearn_utils.explorers.deployment.skew_panes import ADDED, FINE
from tests.explorers.frames import every_frame, reached

PANEL = SkewExplorer()


def validation():
    return skew.data().X_validation, skew.data().y_validation


def read(inputs):
    """Return the percentage that each network reads, shape (SEEDS,)."""
    y = validation()[1]
    every = [NETWORK.forward(skew.trained(seed), inputs) for seed in range(SEEDS)]
    return np.array([100 * (outputs.argmax(axis=1) == y).mean() for outputs in every])


def error(values):
    return values.std(ddof=1) / np.sqrt(len(values))


def by_hand(serving, X):
    """Return requests and inputs as scikit-learn and loops over pixels make them."""
    X_train = skew.data().X_train
    scaler = StandardScaler().fit(X_train[:20] if serving == "few" else X_train)
    requests = X.copy()
    if serving == "inverted":
        requests = np.array([[16 - pixel for pixel in row] for row in X])
    if serving == "unit":
        requests = np.array([[pixel / 16 for pixel in row] for row in X])
    if serving == "transposed":
        requests = np.array([row.reshape(8, 8).T.ravel() for row in X])
    return requests, requests if serving == "none" else scaler.transform(requests)


@pytest.mark.parametrize("serving", SERVING)
def test_every_skew_is_what_its_name_says(serving):
    X = 0.75 * validation()[0] + 0.5
    requests, inputs = by_hand(serving, X)
    ours = skew.requested(serving, 0.5, 0.75, validation()[0])
    np.testing.assert_allclose(ours, requests, atol=1e-12)
    np.testing.assert_allclose(skew.prepared(serving, ours), inputs, atol=1e-9)
    found = skew.answers(serving, 0.5, 0.75)
    assert found.right == pytest.approx(read(inputs).mean())
    assert found.largest == pytest.approx(np.abs(inputs).max())
    assert found.moved == pytest.approx(np.abs(requests - validation()[0]).max())


def refused(requests):
    """Return the percentage of requests that the contract of an artifact refuses."""
    contract = TensorSpec((64,), "float64", low=0.0, high=16.0)
    count = 0
    for request in requests:
        try:
            contract.check("request", request[None])
        except ValueError:
            count += 1
    return 100 * count / len(requests)


@pytest.mark.parametrize("setting", [("same", 1.0, 1.0), ("same", 0.5, 0.9), ("unit", -0.25, 1.0)])
def test_the_share_refused_is_that_of_the_artifacts_contract(setting):
    requests = skew.requested(*setting, validation()[0])
    assert skew.answers(*setting).refused == pytest.approx(refused(requests))


def test_shares_add_up_and_the_curve_goes_through_the_current_place():
    for values, frame in every_frame("skew"):
        arrays = frame.arrays
        assert arrays["right_sure"].sum() == pytest.approx(arrays["right_now"])
        assert (arrays["right_sure"] + arrays["wrong_sure"]).sum() == pytest.approx(100)
        assert arrays["right"][ADDED.index(values["added"])] == arrays["right_now"]


def test_the_drawing_shows_requests_above_and_inputs_below():
    sheet = skew.drawing("none", 0.0, 1.0)[::FINE, ::FINE]
    upper = [sheet[10:18, left : left + 8][::-1] for left in (1, 10)]
    lower = [sheet[1:9, left : left + 8][::-1] for left in (1, 10)]
    X, y = validation()
    first = X[y == 3][0].reshape(8, 8)
    np.testing.assert_array_equal(upper, [first / 16] * 2)
    inputs = skew.scaler().transform(first.reshape(1, 64)).reshape(8, 8)
    np.testing.assert_allclose(lower[0], np.clip(inputs / 6 + 0.5, 0, 1))
    np.testing.assert_allclose(lower[1], np.clip(first / 6 + 0.5, 0, 1))
    assert sheet.sum() == pytest.approx(sum(part.sum() for part in upper + lower))


def test_the_question_is_answered_by_five_networks_and_its_cause_has_its_control():
    X, scaler = validation()[0], skew.scaler()
    added = read(scaler.transform(X + 1))
    assert abs(added.mean() - 20) < 3 * error(added)
    assert added.mean() + 3 * error(added) < 60
    assert skew.answers("same", 1.0, 1.0).surely_wrong == pytest.approx(90, abs=1.5)
    rare = scaler.scale < 0.5
    white = (skew.data().X_train[:, rare] == 0).mean(axis=0)
    assert (rare.sum(), round(white.min(), 2), round(white.max(), 3)) == (8, 0.98, 0.999)
    assert (round(scaler.scale.min(), 2), round(scaler.scale[rare].max(), 2)) == (0.03, 0.33)
    alone, others = read(scaler.transform(X + rare)), read(scaler.transform(X + ~rare))
    assert [alone.mean(), others.mean()] == pytest.approx([19, 94], abs=1.5)
    gap = others - alone
    assert gap.mean() > 3 * error(gap)


def test_the_first_picture_is_as_its_summary_says():
    arrays = PANEL.frame().arrays
    assert arrays["right_now"] == pytest.approx(96, abs=0.5)
    assert max(arrays["right"][0], arrays["right"][-1]) < 20
    assert arrays["right_sure"][-1] > 80


def test_the_target_is_reached_by_small_moves_that_the_contract_lets_pass():
    settings = reached("skew")
    assert {"serving": "same", "added": 0.5, "contrast": 0.9} in settings
    for values in settings:
        X = validation()[0]
        requests = skew.requested(values["serving"], values["added"], values["contrast"], X)
        assert refused(requests) == 0
        assert np.abs(requests - X).max() <= skew.NEAR
        assert read(skew.prepared(values["serving"], requests)).mean() < 50


def test_the_mean_over_all_pixels_does_not_tell_and_those_of_single_pixels_do():
    X_train, X = skew.data().X_train, validation()[0]
    served = skew.requested("same", 0.5, 0.9, X)
    assert [round(float(pixels.mean()), 1) for pixels in (X_train, served)] == [4.9, 4.9]
    apart = [np.abs(skew.scaler().transform(pixels).mean(axis=0)).max() for pixels in (X, served)]
    assert apart[0] < 0.5
    assert apart[1] > 10
