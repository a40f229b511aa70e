"""Metrics against scikit-learn, on every array library that is installed."""

import re
from decimal import Decimal
from fractions import Fraction

import array_api_strict
import numpy as np
import pandas as pd
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
from tests.wrong_inputs import whole

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


def zeros(*shape):
    return np.zeros(shape, dtype=np.int64)


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
    expected = confusion_matrix([0, 1], [1, 1], 16)
    np.testing.assert_array_equal(confusion_matrix([0, 1], [1, 1], np.uint8(16)), expected)


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


@pytest.mark.parametrize("metric", [accuracy, confusion_matrix, *ERRORS])
@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        (
            zeros(3, 1),
            zeros(3),
            "`prediction` must have the shape of `target` = (3,), got (3, 1); did you mean "
            "prediction.reshape(-1)?",
        ),
        (
            zeros(3),
            zeros(3, 1),
            "`prediction` must have the shape of `target` = (3, 1), got (3,); did you mean "
            "prediction[:, None]?",
        ),
        (zeros(3), zeros(4), "`prediction` must have the shape of `target` = (4,), got (3,)"),
        (zeros(0), zeros(0), "`prediction` must have at least one element, got shape (0,)"),
    ],
)
def test_nothing_is_broadcast(metric, prediction, target, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        metric(prediction, target)


ONE_KIND = "`prediction` and `target` must hold labels of one kind, got {} and {}; convert one of \
them with .astype"
AT_ONCE = "more than the 134217728 (1 GB) that are made at once; is it a slip?"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: accuracy(zeros(3, 4), zeros(3)),
            ValueError,
            "`prediction` must hold one label a row, got shape (3, 4); for scores or one-hot rows "
            "use prediction.argmax(axis=1)",
        ),
        (
            lambda: accuracy(zeros(3), zeros(3, 4)),
            ValueError,
            "`target` must hold one label a row, got shape (3, 4); for scores or one-hot rows use "
            "target.argmax(axis=1)",
        ),
        (
            lambda: accuracy(3, 3),
            ValueError,
            "`prediction` must hold one label a row, got shape ()",
        ),
        (
            lambda: accuracy(np.array([0.0, 0.9]), zeros(2)),
            ValueError,
            "`prediction` must hold labels, got the fraction 0.9 in row 1; turn probabilities into "
            "labels with prediction > 0.5",
        ),
        (
            lambda: accuracy(np.array([0, np.nan, np.nan]), zeros(3)),
            ValueError,
            "`prediction` must hold a label in every row, got 2 missing, the first in row 1: nan",
        ),
        (
            lambda: accuracy(zeros(2), [0.0, np.inf]),
            ValueError,
            "`target` must hold labels, got infinity in row 1",
        ),
        (
            lambda: accuracy(["a"], ["a", None]),
            ValueError,
            "`target` must hold a label in every row, got 1 missing, the first in row 1: None",
        ),
        (
            lambda: accuracy(["a"], zeros(1)),
            TypeError,
            ONE_KIND.format("text ('a')", "numbers (0)"),
        ),
        (
            lambda: accuracy(np.array([0, 1, 1]), np.array(["0", "1", "1"], object)),
            TypeError,
            ONE_KIND.format("numbers (0)", "text ('0')"),
        ),
        (
            lambda: accuracy(np.array([b"a"]), np.array(["a"])),
            TypeError,
            ONE_KIND.format("bytes (b'a')", "text ('a')"),
        ),
        (
            lambda: accuracy([True], ["True"]),
            TypeError,
            ONE_KIND.format("numbers (True)", "text ('True')"),
        ),
        (
            lambda: confusion_matrix([0, 3], [0, 1], 3),
            ValueError,
            "`prediction` must hold labels from 0 to 2, got 3",
        ),
        (
            lambda: confusion_matrix([0, -1], [0, 1]),
            ValueError,
            "`prediction` must hold labels from 0 to 1, got -1",
        ),
        (
            lambda: confusion_matrix([-3], [-2]),
            ValueError,
            "`prediction` must hold labels from 0 to 0, got -3",
        ),
        (
            lambda: confusion_matrix(["a"], ["a"]),
            TypeError,
            "`prediction` must hold whole numbers, got text such as 'a'",
        ),
        (
            lambda: confusion_matrix([b"0"], [b"0"]),
            TypeError,
            "`prediction` must hold whole numbers, got bytes such as b'0'",
        ),
        (
            lambda: confusion_matrix([0.0, np.nan], [0, 0]),
            ValueError,
            "`prediction` must hold a label in every row, got 1 missing, the first in row 1: nan",
        ),
        (
            lambda: confusion_matrix([0, 10**7], [0, 1]),
            ValueError,
            "the label 10000000 in `prediction`, a matrix of 10000001 rows and columns, asks for "
            f"1e+14 numbers (800000 GB), {AT_ONCE}",
        ),
        (
            lambda: confusion_matrix([0, 1], [0, 30_000]),
            ValueError,
            "the label 30000 in `target`, a matrix of 30001 rows and columns, asks for 9e+08 "
            f"numbers (7 GB), {AT_ONCE}",
        ),
        (
            lambda: confusion_matrix([0, 1], [0, 1], 10**6),
            ValueError,
            "`n_classes` = 1000000, a matrix of 1000000 rows and columns, asks for 1e+12 numbers "
            f"(8000 GB), {AT_ONCE}",
        ),
        (
            lambda: mean_absolute_error([1.0, 2.0], [np.nan, np.inf]),
            ValueError,
            "`target` must be finite, got 1 missing value (NaN) and 1 infinity, the first in "
            "entry 0",
        ),
        (
            lambda: mean_squared_error([[1.0, np.inf]], [[1.0, 1.0]]),
            ValueError,
            "`prediction` must be finite, got 1 infinity, the first in row 0, column 1",
        ),
        (
            lambda: mean_absolute_error(["1"], [1.0]),
            TypeError,
            "`prediction` must hold numbers, got text ('1' in entry 0); these are numbers written "
            "as text, convert them with .astype(float)",
        ),
        *(
            (
                lambda target=target: r2_score(np.ones(len(target)), target),
                ValueError,
                "`target` must vary for R² to mean something, got a constant column",
            )
            for target in ([3.0, 3.0], [3.0])
        ),
        (
            lambda: r2_score(zeros(2, 2, 2), zeros(2, 2, 2)),
            ValueError,
            "`target` must have shape (n,) or (n, k), got (2, 2, 2)",
        ),
    ],
)
def test_metrics_refuse(call, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call()


# ----------------------------------------------------------------------------- kinds of labels

SAME = {
    "numbers": (
        np.array([0, 1, 1], np.int8),
        np.array([0, 1, 1], np.uint64),
        np.array([0.0, 1.0, 1.0], np.float32),
        np.array([False, True, True]),
        np.array([0, 1, 1], object),
        np.array([False, True, 1], object),
        [0, True, 1.0],
        [Decimal(0), Fraction(1), 1],
    ),
    "text": (
        np.array(["a", "b", "b"]),
        np.array(["a", "b", "b"], "U9"),
        np.array(["a", "b", "b"], object),
        np.array(["a", "b", "b"], np.dtypes.StringDType()),
        [np.str_("a"), "b", "b"],
    ),
    "bytes": (np.array([b"a", b"b", b"b"]), np.array([b"a", b"b", b"b"], object)),
}


@pytest.mark.parametrize("kind", SAME)
def test_labels_compare_by_what_they_are(kind):
    for prediction in SAME[kind]:
        for target in SAME[kind]:
            assert accuracy(prediction, target) == 1
            assert accuracy(prediction[::-1], target) == pytest.approx(1 / 3)
    if kind == "text":
        found = accuracy(SAME[kind][0], SAME[kind][2])
        assert found == oracle.accuracy_score(SAME[kind][2], SAME[kind][0])


@pytest.mark.parametrize("prediction", SAME["numbers"], ids=lambda x: str(getattr(x, "dtype", x)))
def test_every_dtype_is_counted_as_int64(prediction):
    target = np.array([0, 0, 1])
    expected = oracle.confusion_matrix(target, [0, 1, 1])
    np.testing.assert_array_equal(confusion_matrix(prediction, target), expected)


def test_large_labels_differ_by_one():
    assert accuracy([2**53 + 1], np.array([2.0**53])) == 0
    assert accuracy([2**64], [2**64 + 1]) == 0
    assert accuracy(np.array([2**64 - 1], np.uint64), [-1]) == 0
    frames = [pd.DataFrame({"y": [label]}) for label in (2**53 + 1, 2**53)]
    assert accuracy(*frames) == 0


# ----------------------------------------------------------------------------- extreme scales

extreme = st.sampled_from(
    [0.0, 1.0, -3.0, 1e170, -7e170, 1e-170, 5e-170, 1.7e308, -1.7e308, 5e-324]
)
extreme_pairs = st.integers(2, 6).flatmap(
    lambda n: st.tuples(*[st.lists(extreme, min_size=n, max_size=n)] * 2)
)


def exactly(metric, prediction, target):
    p, t = [Fraction(v) for v in prediction], [Fraction(v) for v in target]
    errors = [a - b for a, b in zip(p, t, strict=True)]
    if metric is mean_absolute_error:
        return sum(map(abs, errors)) / len(p)
    squares = sum(e**2 for e in errors)
    if metric is mean_squared_error:
        return squares / len(p)
    mean = sum(t) / len(t)
    return 1 - squares / sum((v - mean) ** 2 for v in t)


def as_float(x: Fraction) -> float:
    try:
        return float(x)
    except OverflowError:
        return np.inf if x > 0 else -np.inf


@given(extreme_pairs, st.sampled_from(list(ERRORS)))
@settings(deadline=None, max_examples=300)
def test_metrics_of_extreme_numbers_are_those_of_exact_fractions(pair, metric):
    prediction, target = pair
    if metric is r2_score and len(set(target)) == 1:
        return
    expected = as_float(exactly(metric, prediction, target))
    smallest = 1e-15 if metric is r2_score else 5e-324
    assert metric(prediction, target) == pytest.approx(expected, rel=1e-9, abs=smallest)


def test_a_label_beyond_every_integer_dtype_is_stray():
    message = (
        "the label 18446744073709551616 in `target`, a matrix of 18446744073709551617 rows and "
        "columns, asks for 3.4e+38 numbers (2.72226e+30 GB), more than the 134217728 "
        "(1 GB) that are made at once; is it a slip?"
    )
    with pytest.raises(ValueError, match=whole(message)):
        confusion_matrix([0, 1], [0, 2**64])


def test_r2_of_tiny_numbers():
    assert r2_score([0, 0], [0, 1e-170]) == -1
    assert r2_score([0, 0], [0, 5e-324]) == -1
    columns = np.array([[0, 0], [1e-170, 1e170]])
    assert r2_score(columns[::-1], columns) == -3
