"""The folds' errors against scikit-learn's pipeline on the same rows."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from deeplearn_utils.explorers.regularization import folds
from deeplearn_utils.explorers.regularization.folds import STRENGTHS, FoldsExplorer
from deeplearn_utils.explorers.regularization.folds_panes import OF_THE_FOLDS, OF_THE_MEAN
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


@pytest.mark.parametrize("k", ["5", "10", "20"])
def test_every_error_lies_on_its_axis(k):
    arrays = PANEL.frame(k=k, test="shown").arrays
    bottom, top = OF_THE_MEAN.domain
    for name in ("low", "high", "mean", "test", "error", "limit"):
        assert np.all((bottom < arrays[name]) & (arrays[name] < top)), name
    errors = arrays["fold_errors"][: int(k)]
    assert OF_THE_FOLDS.domain[0] < errors.min()
    assert errors.max() < OF_THE_FOLDS.domain[1]


def test_more_folds_tell_less_at_the_left_end_and_the_test_does_not_confirm_it():
    train, new = folds.patients()
    told = {k: folds.fold_errors(k).mean(axis=0) for k in (5, 20)}
    assert [round(float(told[k][0]), 1) for k in (5, 20)] == [4.7, 1.5]
    assert abs(told[5].min() - told[20].min()) < folds.standard_error(folds.fold_errors(20)).min()
    on_new = {}
    for k in (5, 20):
        divisions = [k_fold(60, k, np.random.default_rng(seed)) for seed in range(8)]
        parts = [[folds.Patients(train.X[a], train.y[a]) for a, _ in d] for d in divisions]
        errors = [[folds.errors_at_all_strengths(part, new)[0] for part in d] for d in parts]
        on_new[k] = np.mean(errors, axis=1)
    gap = on_new[5].mean() - on_new[20].mean()
    assert abs(gap) < 3 * np.hypot(*(on_new[k].std(ddof=1) / np.sqrt(8) for k in (5, 20)))


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
