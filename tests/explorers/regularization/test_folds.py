"""The folds' errors against scikit-learn's pipeline on the same rows."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from deeplearn_utils.explorers.regularization import folds
from deeplearn_utils.explorers.regularization.folds import STRENGTHS, FoldsExplorer
from deeplearn_utils.validation import k_fold
from tests.explorers.frames import reached

PANEL = FoldsExplorer()


def widened(X):
    i, j = np.triu_indices(10)
    return np.column_stack([X, X[:, i] * X[:, j]])


def pipeline(strength, n):
    return make_pipeline(
        StandardScaler(), FunctionTransformer(widened), StandardScaler(), Ridge(alpha=n * strength)
    )


@pytest.mark.parametrize("strength", [STRENGTHS[0], STRENGTHS[10], STRENGTHS[-1]])
def test_the_errors_of_the_folds_are_scikit_learn_s(strength):
    X, y = folds.patients()[0]
    splits = k_fold(60, 10, np.random.default_rng(folds.SEED))
    options = {"cv": splits, "scoring": "neg_mean_squared_error"}
    scores = cross_val_score(pipeline(strength, 54), X, y, **options)
    ours = folds.fold_errors(10)[:, STRENGTHS.index(strength)]
    np.testing.assert_allclose(ours, -scores, rtol=1e-6)


def test_the_test_error_and_the_weights_are_scikit_learn_s():
    (X, y), (X_new, y_new) = folds.patients()
    assert (len(X), len(X_new)) == (60, 382)
    model = pipeline(STRENGTHS[8], 60).fit(X, y)
    error = np.mean((model.predict(X_new) - y_new) ** 2)
    arrays = PANEL.frame(strength=STRENGTHS[8], test="shown").arrays
    assert arrays["test"][8] == pytest.approx(error)
    np.testing.assert_allclose(arrays["weights"], model[-1].coef_, atol=1e-8)


def test_the_test_stays_hidden_until_it_is_asked_for():
    frame = PANEL.frame()
    assert np.isnan(frame.arrays["test"]).all()
    assert frame.text.endswith("the test is hidden.")
    assert "test error" in PANEL.frame(test="shown").text


@pytest.mark.parametrize("k", ["5", "10", "20"])
def test_the_marks_follow_the_rule(k):
    arrays = PANEL.frame(k=k).arrays
    errors = folds.fold_errors(int(k))
    assert np.isnan(arrays["fold_errors"]).sum() == (20 - int(k)) * len(STRENGTHS)
    mean, error = errors.mean(axis=0), errors.std(axis=0, ddof=1) / np.sqrt(int(k))
    lowest = mean.argmin()
    assert arrays["lowest"] == STRENGTHS[lowest]
    assert arrays["limit"] == pytest.approx(mean[lowest] + error[lowest])
    simplest = STRENGTHS.index(float(arrays["simplest"]))
    assert lowest < simplest
    assert mean[simplest] <= arrays["limit"] < mean[simplest + 1]


def test_the_two_choices_do_about_equally_well_on_the_test():
    lowest, simplest = folds.chosen(10)
    test = folds.errors_on_new()
    error = folds.standard_error(folds.fold_errors(10))
    assert abs(test[simplest] - test[lowest]) < error[lowest]
    assert f"{test[simplest]:.2f} against {test[lowest]:.2f}" in PANEL.question.explanation
    assert f"{error[lowest]:.2f}" in PANEL.question.explanation


def test_the_target_is_the_rule_s_choice_before_the_test():
    (setting,) = reached("folds")
    assert setting == {
        "strength": STRENGTHS[folds.chosen(10)[1]],
        "k": "10",
        "test": "hidden",
    }
