"""Folds against scikit-learn, early stopping against the rule worked out by hand."""

import re
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, cross_val_score

from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train
from deeplearn_utils.validation import (
    best,
    cross_validate,
    early_stopping,
    group_k_fold,
    k_fold,
    stratified_k_fold,
)
from tests.wrong_inputs import whole

# ----------------------------------------------------------------------------- folds


def assert_partition(folds, n):
    assert sorted(np.concatenate([held_out for _, held_out in folds]).tolist()) == list(range(n))
    for training, held_out in folds:
        assert sorted([*training, *held_out]) == list(range(n))


@given(st.integers(2, 60), st.integers(2, 12), st.booleans())
@settings(deadline=None)
def test_k_fold(n, k, shuffle):
    if k > n:
        message = f"`k` must be at most the number of rows, {n}, got {k}"
        with pytest.raises(ValueError, match=whole(message)):
            k_fold(n, k)
        return
    folds = k_fold(n, k, np.random.default_rng(0) if shuffle else None)
    assert_partition(folds, n)
    assert {held_out.size for _, held_out in folds} <= {n // k, n // k + 1}
    if not shuffle:
        for fold, expected in zip(folds, KFold(k).split(np.zeros(n)), strict=True):
            np.testing.assert_array_equal(fold[0], expected[0])
            np.testing.assert_array_equal(fold[1], expected[1])


@given(st.lists(st.sampled_from("abcdefg"), min_size=4, max_size=50), st.integers(2, 5))
@settings(deadline=None)
def test_group_k_fold_is_scikit_learn_s_and_tears_no_group(groups, k):
    if len(set(groups)) < k:
        message = f"`k` must be at most the number of groups, {len(set(groups))}, got {k}"
        with pytest.raises(ValueError, match=whole(message)):
            group_k_fold(groups, k)
        return
    folds = group_k_fold(groups, k)
    assert_partition(folds, len(groups))
    for fold, expected in zip(folds, GroupKFold(k).split(groups, groups=groups), strict=True):
        for rows, expected_rows in zip(fold, expected, strict=True):
            np.testing.assert_array_equal(rows, expected_rows)
        assert not {groups[i] for i in fold[0]} & {groups[i] for i in fold[1]}


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        ([[0], [1]], ValueError, "`groups` must have shape (n,), one group a row, got (2, 1)"),
        ([], ValueError, "`groups` must have shape (n,), one group a row, got (0,)"),
        (
            [0.5, 1.5],
            ValueError,
            "`groups` must hold labels, got the fraction 0.5 in row 0; name each group by a whole "
            "number",
        ),
        (
            ["a", 1],
            TypeError,
            "`groups` must hold labels of one kind, got text ('a' in row 0) and numbers (1 in row "
            "1)",
        ),
    ],
)
def test_group_k_fold_refuses(groups, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        group_k_fold(groups, 2)


@given(st.lists(st.sampled_from("abc"), min_size=4, max_size=50), st.integers(2, 6), st.booleans())
@settings(deadline=None)
def test_stratified_k_fold(labels, k, shuffle):
    counts = {label: labels.count(label) for label in labels}
    rng = np.random.default_rng(0) if shuffle else None
    largest = max(counts.values())
    if largest < k or min(counts.values()) < 2:
        rare = min(sorted(counts), key=counts.get)
        message = (
            f"`k` must be at most the number of rows of the largest class, {largest}, got {k}"
            if largest < k
            else f"`labels` must have two rows of each class, got one of class {rare}; "
            "leave this row out, or use k_fold"
        )
        with pytest.raises(ValueError, match=whole(message)):
            stratified_k_fold(labels, k, rng)
        return
    folds, labels = stratified_k_fold(labels, k, rng), np.array(labels)
    assert_partition(folds, labels.size)
    for training, held_out in folds:
        assert set(labels[training]) == set(counts)
        for label, size in counts.items():
            assert abs(np.sum(labels[held_out] == label) - size / k) < 1
    if not shuffle and min(counts.values()) >= k:  # scikit-learn warns of smaller classes
        for fold, expected in zip(folds, StratifiedKFold(k).split(labels, labels), strict=True):
            np.testing.assert_array_equal(fold[1], expected[1])


def test_folds_depend_on_the_generator_only():
    labels = np.arange(30) % 3
    for make in (lambda rng: k_fold(30, 4, rng), lambda rng: stratified_k_fold(labels, 4, rng)):
        a, b, c = (make(np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert all(np.array_equal(x[1], y[1]) for x, y in zip(a, b, strict=True))
        assert not all(np.array_equal(x[1], y[1]) for x, y in zip(a, c, strict=True))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: k_fold(10, 1), ValueError, "`k` must be at least 2, got 1"),
        (lambda: k_fold(10, 2.5), TypeError, "`k` must be a whole number, got 2.5"),
        (lambda: k_fold(0, 2), ValueError, "`n` must be at least 1, got 0"),
        (lambda: k_fold(3, 4), ValueError, "`k` must be at most the number of rows, 3, got 4"),
        (
            lambda: k_fold(10, 2, 7),
            TypeError,
            "`rng` must be a numpy.random.Generator, got int; try rng = np.random.default_rng(0)",
        ),
        (
            lambda: k_fold(10**6, 10**6),
            ValueError,
            "`k` = 1000000 folds of 1000000 rows asks for 1e+12 numbers (8000 GB), more than the "
            "134217728 (1 GB) that are made at once; take fewer folds",
        ),
        (
            lambda: stratified_k_fold([0, 0, 0, 1], 2),
            ValueError,
            "`labels` must have two rows of each class, got one of class 1; leave this row out, or "
            "use k_fold",
        ),
        (
            lambda: stratified_k_fold(np.zeros(20000, int), 20000),
            ValueError,
            "`k` = 20000 folds of 20000 rows asks for 4e+08 numbers (3 GB), more than the "
            "134217728 (1 GB) that are made at once; take fewer folds",
        ),
        (
            lambda: stratified_k_fold([[0], [1]], 2),
            ValueError,
            "`labels` must have shape (n,), one label a row, got (2, 1)",
        ),
        (
            lambda: stratified_k_fold([], 2),
            ValueError,
            "`labels` must have shape (n,), one label a row, got (0,)",
        ),
        (
            lambda: stratified_k_fold([0.0, 1.5], 2),
            ValueError,
            "`labels` must hold labels, got the fraction 1.5 in row 1; numbers to predict are "
            "split with k_fold",
        ),
        (
            lambda: stratified_k_fold(["a", "a", None], 2),
            ValueError,
            "`labels` must hold a label in every row, got 1 missing, the first in row 2: None",
        ),
        (
            lambda: stratified_k_fold(["a", 1] * 3, 2),
            TypeError,
            "`labels` must hold labels of one kind, got text ('a' in row 0) and numbers "
            "(1 in row 1)",
        ),
    ],
)
def test_folds_refuse(call, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call()


@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_narrow_numbers_of_rows_and_folds_count_on(kind):
    """Rows times folds are beyond 8 bits."""
    for make in (
        lambda n, k: k_fold(n, k),
        lambda n, k: stratified_k_fold(np.zeros(n), k),
        lambda n, k: group_k_fold(np.arange(n), k),
    ):
        for fold, expected in zip(make(kind(100), kind(5)), make(100, 5), strict=True):
            np.testing.assert_array_equal(fold[1], expected[1])


@pytest.mark.parametrize("dtype", [np.uint8, np.float64, np.bool_, object, "U3", "S3"])
def test_folds_depend_on_the_classes_and_not_on_their_dtype(dtype):
    labels = np.array([0, 1, 1, 0, 0, 1, 0])
    for fold, expected in zip(
        stratified_k_fold(labels.astype(dtype), 3), stratified_k_fold(labels, 3), strict=True
    ):
        np.testing.assert_array_equal(fold[1], expected[1])


# ----------------------------------------------------------------------------- cross-validation


def test_cross_validation_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    X, noise = rng.normal(size=(53, 4)), rng.normal(size=53)
    y = X @ np.array([1.0, -2.0, 0.0, 0.5]) + noise

    def ridge_error(X_train, y_train, X_validation, y_validation):
        A = X_train - X_train.mean(axis=0)
        w = np.linalg.solve(A.T @ A + 3.0 * np.eye(4), A.T @ (y_train - y_train.mean()))
        prediction = (X_validation - X_train.mean(axis=0)) @ w + y_train.mean()
        return np.mean((prediction - y_validation) ** 2)

    result = cross_validate(ridge_error, X, y, 5)
    expected = -cross_val_score(Ridge(3.0), X, y, cv=5, scoring="neg_mean_squared_error")
    np.testing.assert_allclose(result.scores, expected)
    assert result.mean == pytest.approx(expected.mean())
    assert result.spread == pytest.approx(expected.std(ddof=1))


@pytest.mark.parametrize("stratify", [False, True])
def test_nothing_but_the_fold_reaches_the_callable(stratify):
    X, y = np.arange(20.0)[:, None], np.arange(20) % 2
    seen = []

    def spy(X_train, y_train, X_validation, y_validation):
        assert not set(X_train.ravel()) & set(X_validation.ravel())
        np.testing.assert_array_equal(y_train, X_train.ravel() % 2)
        np.testing.assert_array_equal(y_validation, X_validation.ravel() % 2)
        seen.extend(X_validation.ravel().tolist())
        X_train[:], X_validation[:] = 0, 0  # copies: the table stays as it is
        return len(X_validation)

    rng = np.random.default_rng(0)
    result = cross_validate(spy, X, y, 4, rng=rng, stratify=stratify)
    assert sorted(seen) == list(range(20))
    assert result.scores == (5.0, 5.0, 5.0, 5.0)
    assert X.sum() == 190


@pytest.mark.parametrize("score", [np.nan, np.inf, np.ones(2), np.ones(1), None, "0.5", [0.5]])
def test_scores_must_be_numbers(score):
    message = f"`fit_and_score` must return one finite number, got {score!r} in fold 0"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        cross_validate(lambda *parts: score, np.ones((4, 1)), np.ones(4), 2)


def test_scores_of_every_library_and_of_python(lib):
    for score in (lib.array(0.5), np.float32(0.5), Fraction(1, 2)):
        assert cross_validate(lambda *parts, s=score: s, np.ones((4, 1)), np.ones(4), 2).mean == 0.5


def test_cross_validate_takes_in_what_data_sets_do():
    X, y = pd.DataFrame({"a": range(6)}), pd.Series(["a", "b"] * 3, dtype="category")

    def rows_of_a(X_train, y_train, X_validation, y_validation):
        assert type(X_train) is type(y_train) is np.ndarray
        return np.sum(y_validation == "a") + X_validation.shape[1]

    assert cross_validate(rows_of_a, X, y, 3, stratify=True).scores == (2.0, 2.0, 2.0)
    assert cross_validate(rows_of_a, [[0], [1]], ["a", "a"], 2).scores == (2.0, 2.0)


def test_cross_validate_refuses():
    message = "`X` and `y` must have one row a sample, got shapes (4, 1) and (3,)"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        cross_validate(lambda *parts: 0.0, np.ones((4, 1)), np.ones(3), 2)


# ----------------------------------------------------------------------------- early stopping


def records_of(losses):
    return [SimpleNamespace(epoch=i, validation_loss=loss) for i, loss in enumerate(losses)]


def epochs_until_stop(losses, **options):
    return len(list(early_stopping(records_of(losses), **options))) - 1


@pytest.mark.parametrize(
    ("losses", "options", "last"),
    [
        ([5, 4, 3, 2, 1], {"patience": 1}, 4),
        ([5, 4, 4, 3, 3], {"patience": 1}, 2),  # as good is no improvement
        ([5, 4, 4, 3, 3], {"patience": 2}, 4),
        ([5, 4, 6, 6, 6, 1], {"patience": 3}, 4),
        ([5, 4.9, 4.8, 4.7], {"patience": 2, "min_delta": 0.5}, 2),
        ([5, 4.8, 4.4, 4.3], {"patience": 2, "min_delta": 0.5}, 3),  # 0.6 below the best in two
        ([5, np.nan, np.nan, 1], {"patience": 2}, 2),
        ([np.inf, np.inf, 1], {"patience": 3}, 2),
        ([5, -np.inf, 4, 4, 4], {"patience": 2}, 4),
        ([np.nan, np.nan], {"patience": 2}, 1),
        ([1.0001, 1.00005, 1.00004], {"patience": 1, "min_delta": np.float16(0)}, 2),
    ],
)
def test_patience(losses, options, last):
    assert epochs_until_stop(losses, **options) == last


@given(st.lists(st.floats(0, 9), min_size=1, max_size=30), st.integers(1, 6))
def test_the_best_record_is_never_lost(losses, patience):
    kept = list(early_stopping(records_of(losses), patience))
    assert [record.epoch for record in kept] == list(range(len(kept)))
    found = best(kept)
    assert found.validation_loss == min(losses[: len(kept)])
    assert found.epoch == losses.index(found.validation_loss)
    if len(kept) < len(losses):
        assert len(kept) - 1 - found.epoch == patience


def test_stopping_closes_the_training_run():
    closed = []

    def records():
        try:
            yield from records_of([1, 2, 3, 4, 5])
        finally:
            closed.append(True)

    assert len(list(early_stopping(records(), 2))) == 3
    assert closed == [True]


def test_the_best_loss_is_a_finite_one():
    assert best(records_of([np.nan, -np.inf, 2.0, np.inf, 1.0, np.nan])).epoch == 4


def test_arguments_are_checked_at_the_call():
    with pytest.raises(ValueError, match=r"^`patience` must be at least 1, got 0$"):
        early_stopping([], 0)
    with pytest.raises(
        ValueError, match=r"^`min_delta` must be a number in \[0\.0, inf\), got -0\.5$"
    ):
        early_stopping([], 1, -0.5)
    for call in (best, lambda records: [*early_stopping(records, 1)]):
        message = "`records` must be the records of a run, as `train` yields them, got NoneType"
        with pytest.raises(TypeError, match=f"^{message}$"):
            call(None)
        message = "`records` must be the records of a run, as `train` yields them, got int among "
        with pytest.raises(TypeError, match=f"^{message}them$"):
            call([3])


def test_records_need_a_validation_loss():
    message = (
        "`records` must have a validation loss; give `train` the argument "
        "validation=(X_validation, y_validation)"
    )
    for call in (best, lambda records: list(early_stopping(records, 1))):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            call(records_of([None]))
    for losses in ([], [np.nan], [np.inf, -np.inf]):
        message = (
            "`records` must hold a record whose validation loss is finite, got none among "
            f"{len(losses)}"
        )
        with pytest.raises(ValueError, match=f"^{message}$"):
            best(records_of(losses))


def test_early_stopping_ends_a_real_run_that_overfits():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 5))
    y = X[:, :1] + rng.normal(size=(12, 1))
    network = MLP([5, 30, 1], activation="tanh")
    records = train(
        network, network.init(rng), X[:6], y[:6],
        optimizer=Adam(0.01), epochs=500, validation=(X[6:], y[6:]),
    )  # fmt: skip
    kept = list(early_stopping(records, patience=10))
    assert len(kept) < 500
    assert kept[-1].epoch - best(kept).epoch == 10
