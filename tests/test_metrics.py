"""Metrics against scikit-learn, on every array library that is installed."""

import array_api_strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from hypothesis.extra.numpy import arrays as array_strategy
from sklearn import metrics as oracle

from deeplearn_utils.metrics import (
    accuracy,
    confusion_matrix,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
)

ERRORS = {
    mean_absolute_error: oracle.mean_absolute_error,
    mean_squared_error: oracle.mean_squared_error,
    r2_score: oracle.r2_score,
}

label_pairs = st.integers(1, 60).flatmap(
    lambda n: st.tuples(*[array_strategy(np.int64, n, elements=st.integers(0, 5))] * 2)
)
value_pairs = array_shapes(min_dims=1, max_dims=2, min_side=1, max_side=9).flatmap(
    lambda shape: st.tuples(
        *[array_strategy(np.float64, shape, elements=st.floats(-1e3, 1e3, width=32))] * 2
    )
)


@given(label_pairs)
@settings(deadline=None)
def test_labels_agree_with_scikit_learn(pair):
    prediction, target = pair
    assert accuracy(prediction, target) == pytest.approx(oracle.accuracy_score(target, prediction))
    np.testing.assert_array_equal(
        confusion_matrix(prediction, target, n_classes=6),
        oracle.confusion_matrix(target, prediction, labels=range(6)),
    )


@given(value_pairs, st.sampled_from([mean_absolute_error, mean_squared_error]))
@settings(deadline=None)
def test_errors_agree_with_scikit_learn(pair, metric):
    prediction, target = pair
    expected = ERRORS[metric](target, prediction)
    assert metric(prediction, target) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("shape", [(30,), (30, 1), (30, 4)])
def test_r2_agrees_with_scikit_learn(shape):
    rng = np.random.default_rng(0)
    target = rng.normal(size=shape)
    prediction = target + rng.normal(size=shape)
    assert r2_score(prediction, target) == pytest.approx(oracle.r2_score(target, prediction))
    assert r2_score(target, target) == 1
    assert r2_score(np.broadcast_to(target.mean(axis=0), shape), target) == pytest.approx(0)


@pytest.mark.parametrize("metric", [accuracy, *ERRORS])
def test_results_are_plain_floats(metric):
    assert type(metric(np.array([0, 1, 1]), np.array([0, 1, 0]))) is float


def test_confusion_matrix_has_a_row_for_each_true_class():
    matrix = confusion_matrix(prediction=np.array([2, 2, 1]), target=np.array([0, 0, 1]))
    assert matrix.tolist() == [[0, 0, 2], [0, 1, 0], [0, 0, 0]]
    assert confusion_matrix([1], [1], n_classes=4).shape == (4, 4)
    assert matrix.dtype == np.int64


def test_text_columns_booleans_and_whole_floats_are_labels():
    assert accuracy(["cat", "dog"], ["cat", "cat"]) == 0.5
    assert accuracy(np.array([[0], [1]]), np.array([[0], [1]])) == 1
    assert accuracy(np.array([True, False]), np.array([1, 1])) == 0.5
    assert accuracy(np.array([0.0, 1.0]), np.array([0, 1])) == 1
    assert confusion_matrix(np.array([True, False]), np.array([0, 0])).tolist() == [[1, 1], [0, 0]]


def test_small_integers_do_not_wrap_around():
    prediction, target = np.array([0], np.uint8), np.array([255], np.uint8)
    assert mean_absolute_error(prediction, target) == 255
    assert mean_squared_error(prediction, target) == 255**2
    many = confusion_matrix(np.full(3, 200, np.uint8), np.full(3, 200, np.uint8))
    assert many[200, 200] == 3


def test_one_source_for_every_library(library):
    prediction, target = library([0, 2, 1, 1]), library([0, 2, 2, 1])
    assert accuracy(prediction, target) == 0.75
    assert confusion_matrix(prediction, target).trace() == 3
    assert mean_absolute_error(library([0.0, 2.0]), library([1.0, 1.0])) == 1.0


@pytest.fixture(params=["numpy", "array_api_strict", "torch", "jax"])
def library(request):
    if request.param == "torch":
        return pytest.importorskip("torch", reason="PyTorch is optional").tensor
    if request.param == "jax":
        return pytest.importorskip("jax.numpy", reason="JAX is optional").asarray
    return {"numpy": np.asarray, "array_api_strict": array_api_strict.asarray}[request.param]


def zeros(*shape):
    return np.zeros(shape, dtype=np.int64)


@pytest.mark.parametrize("metric", [accuracy, confusion_matrix, *ERRORS])
def test_nothing_is_broadcast(metric):
    with pytest.raises(ValueError, match=r"`prediction` must have the shape of `target` = \(3,\)"):
        metric(zeros(3, 1), zeros(3))
    with pytest.raises(ValueError, match=r"got \(3,\); did you mean prediction\[:, None\]\?"):
        metric(zeros(3), zeros(3, 1))
    with pytest.raises(ValueError, match=r"= \(4,\), got \(3,\)"):
        metric(zeros(3), zeros(4))
    with pytest.raises(ValueError, match="`prediction` must have at least one element"):
        metric(zeros(0), zeros(0))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: accuracy(zeros(3, 4), zeros(3)), ValueError, r"use prediction.argmax\(axis=1\)"),
        (lambda: accuracy(zeros(3), zeros(3, 4)), ValueError, r"use target.argmax\(axis=1\)"),
        (lambda: accuracy(np.array([0.2, 0.9]), zeros(2)), ValueError, "prediction > 0.5"),
        (lambda: accuracy(np.array([np.nan]), zeros(1)), ValueError, "numbers such as nan"),
        (lambda: accuracy(["a"], zeros(1)), TypeError, "both be numbers or both be text"),
        (lambda: accuracy(3, 3), ValueError, "one label a row, got shape"),
        (lambda: confusion_matrix([0, 3], [0, 1], 3), ValueError, r"0 ... 2, got .* from 0 to 3"),
        (lambda: confusion_matrix([0, -1], [0, 1]), ValueError, "got labels from -1 to 1"),
        (lambda: confusion_matrix(["a"], ["a"]), TypeError, "must hold integer labels"),
        (lambda: confusion_matrix([0.0], [0.0]), TypeError, "must hold integer labels"),
        (lambda: mean_absolute_error([1.0], [np.nan]), ValueError, "`target` must be finite"),
        (lambda: mean_squared_error([np.inf], [1.0]), ValueError, "`prediction` must be finite"),
        (lambda: mean_absolute_error(["1"], [1.0]), TypeError, "must hold numbers, got <U1"),
        (lambda: r2_score([1.0, 2.0], [3.0, 3.0]), ValueError, "`target` must vary"),
        (lambda: r2_score([1.0], [3.0]), ValueError, "`target` must vary"),
        (lambda: r2_score(zeros(2, 2, 2), zeros(2, 2, 2)), ValueError, r"\(n,\) or \(n, k\)"),
    ],
)
def test_metrics_refuse(call, error, message):
    with pytest.raises(error, match=message):
        call()
