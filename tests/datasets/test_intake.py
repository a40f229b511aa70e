"""What comes in from outside: one table of inputs, one rule for data sets, metrics and folds."""

import datetime
import enum
import re
import subprocess
import sys
from collections import deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils import check_array

from deeplearn_utils import intake
from deeplearn_utils.arrays import to_numpy
from deeplearn_utils.datasets import Filler, Scaler, Table, clean, prepare, split
from deeplearn_utils.metrics import accuracy, mean_absolute_error
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train
from tests.wrong_inputs import whole

NAN = float("nan")
ENTRY = "; write categories as numbers (one 0/1 column each)"
AS_TEXT = "; these are numbers written as text, convert them with .astype(float)"

TABLES = {
    "a frame of numbers and truth values": pd.DataFrame(
        {"age": [30.0, 40.0], "smokes": [True, False]}
    ),
    "nullable columns": pd.DataFrame(
        {
            "whole": pd.array([1, 2], dtype="Int64"),
            "truth": pd.array([True, False], dtype="boolean"),
            "real": pd.array([0.5, 1.5], dtype="Float64"),
        }
    ),
    "nullable columns with NA": pd.DataFrame(
        {
            "whole": pd.array([1, None], dtype="Int64"),
            "truth": pd.array([None, False], dtype="boolean"),
            "real": pd.array([0.5, None], dtype="Float64"),
        }
    ),
    "a categorical column of numbers": pd.DataFrame({"size": pd.Categorical([3, 1, 3])}),
    "a sparse column": pd.DataFrame({"rare": pd.arrays.SparseArray([0.0, 0.0, 1.0])}),
    "two columns of one name": pd.DataFrame([[1, 2.5], [3, 4.5]], columns=["a", "a"]),
    "a frame of small integers": pd.DataFrame({"a": np.array([1, 255], np.uint8)}),
    "objects": np.array([[1, True], [2.5, np.float32(3)]], dtype=object),
    "decimals": np.array([[Decimal("1.5"), Decimal("0.1")]], dtype=object),
    "fractions": np.array([[Fraction(1, 3), Fraction(-7, 2)]], dtype=object),
    "whole numbers beyond int64": np.array([[10**30, 1]], dtype=object),
    "None among numbers": np.array([[1, None], [2, 3]], dtype=object),
    "lists": [[1, 2.5], [True, 4]],
    "tuples": ((1, 2), (3, 4)),
    "rows as arrays": [np.array([1, 2]), np.array([3.5, 4])],
    "booleans": np.array([[True], [False]]),
    "half precision": np.array([[0.1]], np.float16),
    "big-endian": np.array([[1.5, 2.5]], ">f4"),
    "Fortran order": np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]),
}


REFUSED_BY_SCIKIT_LEARN = ("a sparse column", "two columns of one name")


@pytest.mark.parametrize("name", [name for name in TABLES if name not in REFUSED_BY_SCIKIT_LEARN])
def test_what_is_numeric_comes_in_as_in_scikit_learn(name):
    found = intake.numbers("X", TABLES[name], ndim=2)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(
        found, check_array(TABLES[name], dtype=np.float64, ensure_all_finite=False)
    )


@pytest.mark.parametrize("name", [name for name in TABLES if "frame" in name or "column" in name])
def test_a_frame_is_what_pandas_makes_of_it(name):
    np.testing.assert_array_equal(
        intake.numbers("X", TABLES[name]), TABLES[name].to_numpy(dtype=float, na_value=NAN)
    )


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (pd.Series([1, None, 3], dtype="Int64"), [1, NAN, 3]),
        (pd.Series([None, 2.5]), [NAN, 2.5]),
        (np.ma.masked_equal([1, 9, 3], 9), [1, NAN, 3]),
        (np.ma.masked_array([1, 2]), [1, 2]),
        (np.ma.masked_array(np.array([1, "a"], object), [False, True]), [1, NAN]),
        (np.ones((1, 2)).view(np.matrix), [[1, 1]]),
        ([np.ma.masked_equal([1, 9], 9), np.ma.masked_equal([2, 3], 9)], [[1, NAN], [2, 3]]),
        (deque([1, None, 2.5]), [1, NAN, 2.5]),
        ([deque([1, None]), (2, 3)], [[1, NAN], [2, 3]]),
        (pd.DataFrame({"a": [1.0], "b": pd.to_datetime([None])}), [[1, NAN]]),
        ([1, np.ma.masked], [1, NAN]),
        ([[np.ma.masked, 1.0], (2, 3)], [[NAN, 1], [2, 3]]),
        (np.array([Decimal("NaN"), Decimal("sNaN"), Decimal(2)]), [NAN, NAN, 2]),
        (np.array([pd.NA, pd.NaT, None, NAN], object), [NAN] * 4),
        (np.array([10**400, -(10**400)], object), [np.inf, -np.inf]),
        (np.array([np.longdouble("1e400")]), [np.inf]),
        (range(3), [0, 1, 2]),
        (7, 7),
        ([], []),
    ],
)
def test_what_is_missing_is_nan(x, expected):
    np.testing.assert_array_equal(intake.numbers("X", x, empty=True), np.array(expected, float))


def test_arrays_of_every_library(lib):
    np.testing.assert_array_equal(intake.numbers("X", lib.array([[1.0, 2.0]])), [[1.0, 2.0]])


def test_a_new_array_each_time():
    x = np.ones((2, 2))
    intake.numbers("X", x)[:] = 5
    assert x.sum() == 4


REFUSED = {
    "text in a frame": (
        pd.DataFrame({"age": [30, 40], "smokes": ["yes", "no"]}),
        f"got text in column 'smokes' ('yes' in row 0){ENTRY}",
    ),
    "text after a gap": (
        pd.DataFrame({"age": [30, 40], "smokes": [None, "no"]}),
        f"got text in column 'smokes' ('no' in row 1){ENTRY}",
    ),
    "a category": (
        pd.DataFrame({"size": pd.Categorical(["S", "L"])}),
        f"got text in column 'size' ('S' in row 0){ENTRY}",
    ),
    "numbers as text": (
        pd.DataFrame({"age": ["30", "40"]}),
        f"got text in column 'age' ('30' in row 0){AS_TEXT}",
    ),
    "dates": (
        pd.DataFrame({"born": pd.to_datetime(["2001-02-03"]), "age": [1]}),
        "got dates in column 'born' (2001-02-03 00:00:00 in row 0); write them as numbers, such as "
        "the days since the first one",
    ),
    "dates in nanoseconds beside numbers": (
        pd.DataFrame({"age": [1.0], "born": np.array(["2001-02-03"], "M8[ns]")}),
        "got dates in column 'born' (2001-02-03T00:00:00.000000000 in row 0); write them as "
        "numbers, such as the days since the first one",
    ),
    "durations in nanoseconds beside numbers": (
        pd.DataFrame({"age": [1.0], "for": np.array([3], "m8[ns]")}),
        "got durations in column 'for' (3 nanoseconds in row 0); write them as numbers, such as "
        'x / np.timedelta64(1, "D")',
    ),
    "masked dates in nanoseconds": (
        np.ma.masked_array(np.array(["2001-02-03"] * 2, "M8[ns]"), [True, False]),
        "got dates (2001-02-03T00:00:00.000000000 in entry 1); write them as numbers, such as the "
        "days since the first one",
    ),
    "a number and text in a deque": (
        deque([1, "red"]),
        f"got text ('red' in entry 1){ENTRY}",
    ),
    "records as objects": (
        np.array([np.void(b"ab")], object),
        "got records (b'ab' in entry 0); take their fields apart, one column each",
    ),
    "durations": (
        pd.DataFrame({"for": pd.to_timedelta([3], unit="D")}),
        "got durations in column 'for' (3 days, 0:00:00 in row 0); write them as numbers, such as "
        'x / np.timedelta64(1, "D")',
    ),
    "intervals": (
        pd.DataFrame({"in": pd.interval_range(0, 1)}),
        "got Interval in column 'in' (Interval(0, 1, closed='right') in row 0)",
    ),
    "text": ([["red", "3"]], f"got text in column 0 ('red' in row 0){ENTRY}"),
    "one word in a list": ([[30, 1], [31, "yes"]], f"got text in column 1 ('yes' in row 1){ENTRY}"),
    "one row of text": (["1", "2"], f"got text ('1' in entry 0){AS_TEXT}"),
    "one word": ("word", f"got text ('word'){ENTRY}"),
    "bytes": (np.array([[b"1"]]), f"got bytes in column 0 (b'1' in row 0){AS_TEXT}"),
    "complex": (
        [[1 + 2j]],
        "got complex numbers in column 0 ((1+2j) in row 0); take their real and their imaginary "
        "part as two columns",
    ),
    "a complex object": (
        np.array([[1, 2j]], object),
        "got complex numbers in column 1 (2j in row 0); take their real and their imaginary part "
        "as two columns",
    ),
    "NumPy dates": (
        np.array([["2020"]], "M8[Y]"),
        "got dates in column 0 (2020 in row 0); write them as numbers, such as the days since the "
        "first one",
    ),
    "dates as objects": (
        [[1, datetime.date(2020, 1, 2)]],
        "got dates in column 1 (2020-01-02 in row 0); write them as numbers, such as the days "
        "since the first one",
    ),
    "records": (
        np.array([(1, 2.0)], [("a", int), ("b", float)]),
        "got records ((1, 2.0) in entry 0); take their fields apart, one column each",
    ),
    "lists in cells": (
        pd.DataFrame({"a": [[1, 2], [3]]}),
        "got lists in column 'a' ([1, 2] in row 0); each place of a table holds one number",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_true_cause_is_named(name):
    x, cause = REFUSED[name]
    with pytest.raises(TypeError, match=f"^{re.escape(f'`X` must hold numbers, {cause}')}$"):
        intake.numbers("X", x)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ({"a": [1]}, TypeError, "`X` must be a list, an array or a data frame, got dict"),
        (None, TypeError, "`X` must be a list, an array or a data frame, got NoneType"),
        (iter([1]), TypeError, "`X` must be a list, an array or a data frame, got list_iterator"),
        (
            [[1], [2, 3]],
            ValueError,
            "`X` must be a table whose rows are equally long, got 1 entries in row 0 and "
            "2 entries in row 1",
        ),
        (
            [1, [2, 3]],
            ValueError,
            "`X` must be a table whose rows are equally long, got a number in row 0 and "
            "2 entries in row 1",
        ),
        (
            [1.0, 2.0],
            ValueError,
            "`X` must have 2 dimensions, got shape (2,); one feature is a column, "
            "`X.reshape(-1, 1)`; one row is `X.reshape(1, -1)`",
        ),
        (
            np.zeros((2, 3, 4)),
            ValueError,
            "`X` must have 2 dimensions, got shape (2, 3, 4); flatten images with "
            "`X.reshape(len(X), -1)`",
        ),
        (np.zeros((0, 3)), ValueError, "`X` must have at least one element, got shape (0, 3)"),
        (pd.DataFrame(), ValueError, "`X` must have at least one element, got shape (0, 0)"),
    ],
)
def test_what_is_no_table(x, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        intake.numbers("X", x, ndim=2)


def test_sparse_matrices_get_a_hint():
    from scipy.sparse import csr_matrix

    message = "`X` is a sparse matrix; make it dense with `X.toarray()`"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        clean(csr_matrix(np.eye(2)), [0, 1])


AGES = pd.DataFrame({"size": [1.0, 2.0, 3.0], "age": pd.array([None, 40, None], dtype="Int64")})
GAP = "`X` must be finite, got 2 missing values (NaN), the first in row 0, column 'age'"


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (Scaler.fit, "; `clean` drops rows with missing values, `Filler` fills them"),
        (
            lambda X: clean(X, [0, 1, 0]),
            '; missing="drop" drops such rows, `prepare(..., missing="mean")` fills them from the '
            "training part",
        ),
        (
            lambda X: prepare(Table(X, [0, 1, 0], "classes")),
            '; missing="drop" drops such rows, `prepare(..., missing="mean")` fills them from the '
            "training part",
        ),
    ],
)
def test_gaps_are_counted_and_their_column_is_named(call, hint):
    with pytest.raises(ValueError, match=f"^{re.escape(GAP + hint)}$"):
        call(AGES)


def test_gaps_and_infinities_are_told_apart():
    message = (
        "`X` must be finite, got 1 missing value (NaN) and 2 infinities, the first in row 0, "
        "column 1"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        intake.refuse_unknown("X", np.array([[0.0, np.inf], [NAN, -np.inf]]))


# --------------------------------------------------------------------------- one rule everywhere


def test_a_mixed_frame_is_scaled_as_by_scikit_learn():
    from sklearn.preprocessing import StandardScaler

    frame = TABLES["a frame of numbers and truth values"]
    scaler, oracle = Scaler.fit(frame), StandardScaler().fit(frame)
    np.testing.assert_array_equal(scaler.mean, [35, 0.5])
    np.testing.assert_allclose(scaler.transform(frame), oracle.transform(frame))
    assert Filler.fit(AGES).transform(AGES).tolist() == [[1, 40], [2, 40], [3, 40]]


def test_a_frame_brings_its_names_along():
    X = pd.DataFrame({"age": np.arange(20.0), "empty": None, "smokes": [True, False] * 10})
    y = pd.Series(["ill", "well"] * 10, dtype="category")
    data = prepare(Table(X, y, "classes"))
    assert data.feature_names == ("age", "smokes")
    assert data.target_names == ("ill", "well")
    assert data.notes == ("dropped 1 of 3 columns: no known value in empty",)
    values = prepare(Table(X, X[["age"]], "values"))
    assert values.target_names == ("age",)


def test_rows_without_a_target_are_dropped_from_every_container():
    for y in (
        pd.Series(["a", None, "b"]),
        pd.Series(["a", pd.NA, "b"], dtype="string"),
        np.array(["a", None, "b"], object),
        np.ma.masked_array(["a", "x", "b"], [False, True, False]),
        *(np.array(["a", na, "b"], np.dtypes.StringDType(na_object=na)) for na in (None, NAN)),
    ):
        table = clean([[1], [2], [3]], y)
        assert table.y.tolist() == ["a", "b"]
        assert table.rows.tolist() == [0, 2]
        assert table.y.dtype.kind == "U"
    for y in (pd.Series([4, None, 5], dtype="Int64"), np.ma.masked_equal([4, 9, 5], 9)):
        assert clean([[1], [2], [3]], y).y.tolist() == [4, 5]


def test_splitting_takes_frames_apart():
    parts = split(pd.DataFrame({"a": range(10)}), pd.Series(list("ab") * 5), rng=0, stratify=True)
    assert parts.X_train.shape == (6, 1)
    assert sorted(parts.y_test.tolist()) == ["a", "b"]


def test_metrics_take_in_what_data_sets_do():
    ages = pd.Series([1, 2], dtype="Int64")
    assert mean_absolute_error(ages, np.array([Decimal(1), Fraction(3)])) == 0.5
    assert accuracy(pd.Series(["a", "b"], dtype="category"), ["a", "c"]) == 0.5
    message = "`target` must be finite, got 1 missing value (NaN), the first in entry 1"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        mean_absolute_error(ages, np.ma.masked_equal([1, 2], 2))


def test_networks_are_trained_on_and_asked_about_a_frame(lib):
    frame = TABLES["a frame of numbers and truth values"]
    network = MLP([2, 2], loss="softmax_cross_entropy")
    theta = network.init(np.random.default_rng(0))
    X, y = frame.to_numpy(dtype=float), pd.Series([1, 0], dtype="Int64")
    runs = [
        list(train(network, lib.array(theta), X, y, optimizer=Adam(0.1), epochs=2))
        for X, y in ((frame, y), (lib.array(X), lib.array(y.to_numpy(dtype=np.int64))))
    ]
    assert runs[0][-1].loss == runs[1][-1].loss
    for call in (network.predict, network.predict_probabilities):
        found, expected = (to_numpy(call(runs[0][-1].theta, x)) for x in (frame, lib.array(X)))
        np.testing.assert_array_equal(found, expected)
    message = (
        "`X` must hold numbers, got text in column 'smokes' ('yes' in row 0); "
        "write categories as numbers (one 0/1 column each)"
    )
    with pytest.raises(TypeError, match=whole(message)):
        network.predict(theta, frame.assign(smokes="yes"))


# --------------------------------------------------------------------------- labels


class Pet(str, enum.Enum):  # noqa: UP042 - str() of a StrEnum's member is its text
    """Text with names, whose str() is the name."""

    CAT = "cat"


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([2.0, 1.0], np.array([2, 1])),
        (np.array(["a", "b"], object), np.array(["a", "b"])),
        ([np.str_("a"), "bc"], np.array(["a", "bc"])),
        (np.array(["a"], np.dtypes.StringDType()), np.array(["a"])),
        ([Pet.CAT, "dog"], np.array(["cat", "dog"])),
        (np.array([Pet.CAT], object), np.array(["cat"])),
        (deque(["a", "bc"]), np.array(["a", "bc"])),
        (pd.DataFrame({"y": [2**53 + 1]}), np.array([[2**53 + 1]], object).astype(int)),
        (pd.DataFrame({"y": np.array([2**64 - 1], np.uint64)}), np.array([[2**64 - 1]], np.uint64)),
        (np.array([b"a", b"b"], object), np.array([b"a", b"b"])),
        (np.array([True, False], object), np.array([True, False])),
        (np.array([True, 3], object), np.array([1, 3])),
        ([Decimal(1), Decimal("2.0")], np.array([1, 2])),
        (pd.Series([1, 2], dtype="Int64"), np.array([1, 2])),
        (pd.Series(["a", "b"], dtype="category"), np.array(["a", "b"])),
        (pd.Series(["a", "b"], dtype="string"), np.array(["a", "b"])),
        (np.array([7, 9], np.uint8), np.array([7, 9], np.uint8)),
        ([2**63, 1], np.array([2**63, 1], np.uint64)),
        ([2**63, -1], np.array([2**63, -1], object)),
        ([1e30, 1.0], np.array([10**30 + 19884624838656, 1], object)),
        ([], np.array([], np.int64)),
    ],
)
def test_labels_are_of_one_kind(x, expected):
    found = intake.labels("y", x)
    assert found.dtype == expected.dtype
    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("x", "error", "cause"),
    [
        (
            [0, "1"],
            TypeError,
            "labels of one kind, got numbers (0 in row 0) and text ('1' in row 1)",
        ),
        (
            np.array([b"a", "a"], object),
            TypeError,
            "labels of one kind, got bytes (b'a' in row 0) and text ('a' in row 1)",
        ),
        (["a", None], ValueError, "a label in every row, got 1 missing, the first in row 1: None"),
        (
            [NAN, 1.0, NAN],
            ValueError,
            "a label in every row, got 2 missing, the first in row 0: nan",
        ),
        (
            pd.Series(["a", pd.NA], dtype="string"),
            ValueError,
            "a label in every row, got 1 missing, the first in row 1: <NA>",
        ),
        (
            np.ma.masked_equal([1, 2], 2),
            ValueError,
            "a label in every row, got 1 missing, the first in row 1: nan",
        ),
        (
            np.array(["a", None], np.dtypes.StringDType(na_object=None)),
            ValueError,
            "a label in every row, got 1 missing, the first in row 1: None",
        ),
        (
            deque([0, "1"]),
            TypeError,
            "labels of one kind, got numbers (0 in row 0) and text ('1' in row 1)",
        ),
        (
            pd.DataFrame({"y": np.array(["2020-01-02"], "M8[ns]")}),
            TypeError,
            "whole numbers or text to be labels, got dates (2020-01-02T00:00:00.000000000 in "
            "row 0)",
        ),
        ([1.0, 0.5], ValueError, "labels, got the fraction 0.5 in row 1; round"),
        ([Fraction(1, 2)], ValueError, "labels, got the fraction 0.5 in row 0; round"),
        ([0.0, np.inf], ValueError, "labels, got infinity in row 1"),
        (np.array([1, np.inf], object), ValueError, "labels, got infinity in row 1"),
        (
            [1j],
            TypeError,
            "whole numbers or text to be labels, got complex numbers (1j in row 0)",
        ),
        (
            np.array(["2020"], "M8[Y]"),
            TypeError,
            "whole numbers or text to be labels, got dates (2020 in row 0)",
        ),
        (
            np.array([(1, 2), [3]], object),
            TypeError,
            "whole numbers or text to be labels, got lists ((1, 2) in row 0)",
        ),
    ],
)
def test_no_labels(x, error, cause):
    with pytest.raises(error, match=f"^{re.escape(f'`y` must hold {cause}')}$"):
        intake.labels("y", x, fractions="; round")


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=8))
def test_whole_numbers_are_the_same_labels_in_every_container(values):
    expected = np.array(values)
    for x in (
        values,
        np.array(values, np.int8),
        np.array(values, np.float32),
        np.array(values, object),
        [Decimal(v) for v in values],
        [Fraction(v) for v in values],
        pd.Series(values, dtype="Int64"),
        pd.Series(values, dtype="category"),
        np.ma.masked_array(values),
    ):
        np.testing.assert_array_equal(intake.labels("y", x), expected)


@pytest.mark.parametrize("dtype", ["int4", "uint4", "bfloat16", "float8_e4m3fn"])
def test_numbers_that_numpy_does_not_have(dtype):
    dtypes = pytest.importorskip("ml_dtypes", reason="it comes with JAX")
    x, plain = np.array([1, 0, 3], getattr(dtypes, dtype)), [1, 0, 3]
    np.testing.assert_array_equal(intake.labels("y", x), plain)
    np.testing.assert_array_equal(intake.numbers("X", x), plain)
    np.testing.assert_array_equal(intake.array("X", x), plain)
    np.testing.assert_array_equal(intake.labels("y", list(x)), plain)
    np.testing.assert_array_equal(intake.numbers("X", list(x)), plain)


def test_numbers_of_every_library_in_lists(lib):
    x = [lib.array(1.5), lib.array(2.0)]
    np.testing.assert_array_equal(intake.numbers("X", x), [1.5, 2.0])
    np.testing.assert_array_equal(intake.numbers("X", [lib.array([1.5, 2.0])]), [[1.5, 2.0]])
    np.testing.assert_array_equal(intake.labels("y", [lib.array(1), lib.array(2)]), [1, 2])


def test_tensors_that_numpy_refuses(torch):
    learning = torch.tensor([1.5, 2.0], requires_grad=True)
    narrow = torch.tensor([1.5, 2.0], dtype=torch.bfloat16)
    for x in (learning, narrow, [*learning], [*narrow]):
        np.testing.assert_array_equal(intake.numbers("X", x), [1.5, 2.0])
    imaginary = torch.tensor([1 + 2j]).conj().imag
    np.testing.assert_array_equal(intake.numbers("X", imaginary), [-2.0])


def test_one_long_text_takes_no_memory_in_all_rows():
    texts = ["a"] * 10_000 + ["b" * 10**6]
    message = (
        "a label of 1000000 characters in `y`, in an array of 10001 labels, asks for 5e+09 numbers "
        "(40 GB), more than the 134217728 (1 GB) that are made at once; is it a slip?"
    )
    for x in (texts, np.array(texts, object), pd.Series(texts)):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            intake.labels("y", x)
        assert intake.array("y", x).tolist() == texts
    message = (
        f"`X` must hold numbers, got text ('{'b' * 79}... in entry 10000); "
        "write categories as numbers (one 0/1 column each)"
    )
    with pytest.raises(TypeError, match=whole(message)):
        intake.numbers("X", [0] * 10_000 + texts[-1:])


@pytest.mark.parametrize(
    ("x", "got"),
    [
        ([["a"], ["b", "c"]], "1 entries in row 0 and 2 entries in row 1"),
        ([["a"], 1], "1 entries in row 0 and a number in row 1"),
    ],
)
def test_rows_of_text_are_equally_long_too(x, got):
    message = f"`y` must be a table whose rows are equally long, got {got}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        intake.labels("y", x)


def test_no_data_frame_library_is_imported():
    code = "import sys, deeplearn_utils.intake; sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
