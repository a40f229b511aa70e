"""Data sets: what ships is whole and leak-free, what is brought is handled or refused."""

import random
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as array_strategy
from sklearn import datasets as sklearn_datasets
from sklearn.preprocessing import StandardScaler

from deeplearn_utils import datasets
from deeplearn_utils.datasets import Filler, Scaler, Table, clean, prepare, split, split_indices
from deeplearn_utils.datasets.generated import moons_table
from tests.wrong_inputs import whole

NAN, INF = float("nan"), float("inf")
TOO_MANY = "asks for {} numbers ({} GB), more than the 134217728 (1 GB) that are made at once"
CLASSES = ("digits", "breast_cancer", "mnist1d", "moons", "spirals")
LOADERS = (*CLASSES, "diabetes")

# Written down once: NumPy promises that a Generator's permutations do not depend on the platform.
SPLIT_OF_TWELVE = [[9, 2, 7, 4, 0, 10, 8, 1], [5, 3], [11, 6]]
DIGITS_TEST_LABELS = [6, 1, 5, 0, 2, 9, 7, 4, 3, 6, 8, 4]


@pytest.fixture(scope="module")
def loaded():
    return {name: getattr(datasets, name)() for name in LOADERS}


# ----------------------------------------------------------------------------- what ships


@pytest.mark.parametrize(
    ("name", "rows", "features"),
    [
        ("digits", 1797, 64),
        ("diabetes", 442, 10),
        ("breast_cancer", 569, 30),
        ("mnist1d", 5000, 40),
        ("moons", 500, 2),
        ("spirals", 600, 2),
    ],
)
def test_loader_gives_the_whole_table(loaded, name, rows, features):
    data = loaded[name]
    parts = [getattr(data, f"X_{part}") for part in ("train", "validation", "test")]
    assert sum(len(part) for part in parts) == rows
    assert [len(part) / rows for part in parts] == pytest.approx([0.6, 0.2, 0.2], abs=0.01)
    for X in parts:
        assert X.shape[1] == features == data.n_features == len(data.feature_names)
        assert X.dtype == np.float64
        assert X.flags.c_contiguous
        assert np.isfinite(X).all()
    assert data.description


@pytest.mark.parametrize("name", CLASSES)
def test_labels_are_integers_and_every_class_is_everywhere(loaded, name):
    data = loaded[name]
    for y in (data.y_train, data.y_validation, data.y_test):
        assert y.dtype == np.int64
        assert y.ndim == 1
        assert np.unique(y).tolist() == list(range(data.n_classes))
    assert len(data.target_names) == data.n_classes
    assert data.target_scaler is None


def test_regression_targets_are_a_column_in_their_own_units(loaded):
    data = loaded["diabetes"]
    y = np.concatenate([data.y_train, data.y_validation, data.y_test])
    assert y.shape == (442, 1)
    assert (y.min(), y.max()) == (25, 346)
    assert data.n_classes is None
    np.testing.assert_allclose(data.target_scaler.mean, data.y_train.mean(axis=0))


@pytest.mark.parametrize("name", LOADERS)
def test_scaling_knows_the_training_part_only(loaded, name):
    data = loaded[name]
    raw = {part: data.scaler.inverse(getattr(data, f"X_{part}")) for part in ("train", "test")}
    oracle = StandardScaler().fit(raw["train"])  # scikit-learn
    np.testing.assert_allclose(data.scaler.mean, oracle.mean_, atol=1e-12)
    constant = raw["train"].std(axis=0) < 1e-12
    np.testing.assert_allclose(data.scaler.scale[~constant], oracle.scale_[~constant])
    np.testing.assert_allclose(data.X_train.mean(axis=0), 0, atol=1e-12)
    assert abs(data.X_test.mean(axis=0)).max() > 1e-3  # it was not scaled by itself


def test_shipped_tables_are_scikit_learns():
    raw = sklearn_datasets.load_digits()
    table = datasets.digits_table()
    np.testing.assert_array_equal(table.X, raw.data)
    np.testing.assert_array_equal(table.y, raw.target)
    assert (table.X.min(), table.X.max()) == (0, 16)
    assert datasets.breast_cancer().target_names == ("malignant", "benign")
    # In scikit-learn's default the columns have been standardized over all rows: a leak.
    assert datasets.diabetes_table().X[:, 0].max() == 79  # years


def test_constant_pixels_get_scale_one_and_are_reported(loaded):
    data = loaded["digits"]
    corner = data.feature_names.index("pixel 0,0")
    assert data.scaler.scale[corner] == 1
    assert not data.X_test[:, corner].any()
    assert any("constant in the training part: pixel 0,0" in note for note in data.notes)


@pytest.mark.parametrize("name", LOADERS)
def test_seed_decides_and_nothing_else(name):
    load, few = getattr(datasets, name), {"n": 100} if name in ("mnist1d",) else {}
    a, b, c = load(**few), load(**few), load(**few, seed=1)
    np.testing.assert_array_equal(a.X_test, b.X_test)
    np.testing.assert_array_equal(a.y_train, b.y_train)
    assert not np.array_equal(a.X_test, c.X_test)


@pytest.mark.parametrize("name", LOADERS)
def test_float32_and_own_fractions(name):
    few = {"n": 100} if name in ("mnist1d", "moons", "spirals") else {}
    data = getattr(datasets, name)(**few, dtype="float32", fractions=(0.5, 0.0, 0.5))
    assert data.X_train.dtype == data.X_test.dtype == np.float32
    assert data.y_train.dtype == (np.float32 if name == "diabetes" else np.int64)
    assert len(data.X_validation) == 0
    assert abs(len(data.X_train) - len(data.X_test)) <= 1


def test_unscaled_on_request():
    data = datasets.digits(scale=False)
    assert (data.X_train.min(), data.X_train.max()) == (0, 16)


def test_the_splits_are_the_same_on_every_machine():
    train, validation, test = split_indices(12, rng=0, labels=[0, 1, 2] * 4)
    assert [part.tolist() for part in (train, validation, test)] == SPLIT_OF_TWELVE
    assert datasets.digits().y_test[:12].tolist() == DIGITS_TEST_LABELS


def test_mnist1d_leaves_global_random_state_and_network_alone(monkeypatch):
    import requests

    monkeypatch.setattr(requests, "get", lambda *a, **k: pytest.fail("tried to download"))
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    before = (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002
    table = datasets.mnist1d_table(100)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
    np.testing.assert_array_equal(table.X, datasets.mnist1d_table(100).X)
    assert np.bincount(table.y).tolist() == [10] * 10
    assert not np.array_equal(table.X, datasets.mnist1d_table(100, data_seed=1).X)


def test_moons_without_noise_are_scikit_learns():
    oracle, labels = sklearn_datasets.make_moons(101, shuffle=False, noise=None)
    table = datasets.moons_table(101, noise=0)
    np.testing.assert_allclose(table.X, oracle, atol=1e-15)
    np.testing.assert_array_equal(table.y, labels)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_spiral_arms_are_one_arm_turned(classes):
    X, y = datasets.spirals_table(50 * classes, noise=0, classes=classes)[:2]
    assert np.bincount(y).tolist() == [50] * classes
    radius = np.linalg.norm(X, axis=1)
    np.testing.assert_allclose(radius.reshape(classes, 50), np.tile(radius[:50], (classes, 1)))
    angle = 2 * np.pi / classes
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(X[:50] @ turn, X[50:100], atol=1e-12)


def test_noise_has_the_spread_it_was_given():
    noisy, exact = datasets.moons_table(4000, noise=0.2), datasets.moons_table(4000, noise=0)
    assert (noisy.X - exact.X).std() == pytest.approx(0.2, rel=0.03)


@pytest.mark.parametrize(
    "make",
    [
        lambda kind: datasets.moons_table(kind(200), kind(1)),
        lambda kind: datasets.spirals_table(kind(200), kind(1), classes=kind(100)),
        lambda kind: datasets.spirals_table(250, classes=kind(3)),
        lambda kind: datasets.mnist1d_table(kind(200)),
    ],
)
def test_narrow_sizes_count_on(make):
    """What is computed from them is beyond a uint8."""
    np.testing.assert_array_equal(make(np.uint8).X, make(int).X)


@pytest.mark.parametrize("n", [2.5, True, "9", None])
def test_a_number_of_rows_is_a_whole_number(n):
    with pytest.raises(TypeError, match=f"^`n` must be a whole number, got {n!r}$"):
        split_indices(n, rng=0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: datasets.moons(1), "`n` must be at least 2, got 1"),
        (lambda: datasets.moons(noise=-0.1), "`noise` must be a number in [0, inf), got -0.1"),
        (lambda: datasets.moons(noise=NAN), "`noise` must be a number in [0, inf), got nan"),
        (lambda: datasets.spirals(classes=1), "`classes` must be at least 2, got 1"),
        (
            lambda: datasets.mnist1d(101),
            "`n` must be a multiple of ten (one share a digit), got 101",
        ),
        (
            lambda: datasets.digits(fractions=(0.5, 0.2, 0.2)),
            "`fractions` must be three shares (training, validation, test), none negative and the "
            "first above 0, that sum to 1, got (0.5, 0.2, 0.2)",
        ),
        (lambda: datasets.moons(10**12), f"`n` = 1000000000000 {TOO_MANY.format('2e+12', 16000)}"),
        (lambda: datasets.spirals(10**11), f"`n` = 100000000000 {TOO_MANY.format('2e+11', 1600)}"),
        (lambda: datasets.mnist1d(10**9), f"`n` = 1000000000 {TOO_MANY.format('4e+10', 320)}"),
        (
            lambda: split_indices(10**12, rng=0),
            f"`n` = 1000000000000 {TOO_MANY.format('1e+12', 8000)}",
        ),
    ],
)
def test_impossible_requests_are_refused(make, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


def test_only_float_dtypes():
    with pytest.raises(TypeError, match='^`dtype` must be "float64" or "float32", got int64$'):
        datasets.moons(dtype="int64")


def test_import_loads_no_library():
    code = (
        "import sys, deeplearn_utils.datasets; "
        "found = {'sklearn', 'mnist1d', 'scipy', 'matplotlib'} & set(sys.modules); "
        "sys.exit(str(found) if found else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ----------------------------------------------------------------------------- splitting

labels_strategy = st.lists(st.integers(0, 4), min_size=5, max_size=120)
fractions_strategy = st.sampled_from(
    [(0.6, 0.2, 0.2), (0.8, 0.1, 0.1), (0.7, 0.0, 0.3), (0.5, 0.5, 0), (1, 0, 0), (1 / 3,) * 3]
)


@given(labels_strategy, fractions_strategy, st.integers(0, 99), st.booleans())
@settings(max_examples=200, deadline=None)
def test_parts_are_disjoint_complete_and_fair(labels, fractions, seed, stratify):
    n, labels = len(labels), np.array(labels)
    try:
        parts = split_indices(n, fractions, rng=seed, labels=labels if stratify else None)
    except ValueError as error:
        assert "cannot hold one row of each of" in str(error) and len(set(labels)) > n // 3 - 1  # noqa: PT017, PT018
        return
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    for rows, fraction in zip(parts, fractions, strict=True):
        assert (rows.size == 0) == (fraction == 0)
        assert abs(rows.size - n * fraction) <= 2
    if stratify:
        assert set(labels[parts[0]]) == set(labels)
        for label in set(labels):
            size = np.sum(labels == label)
            for rows, fraction in zip(parts, fractions, strict=True):
                # The row that each class keeps in training moves the shares by its 1 - fraction.
                assert abs(np.sum(labels[rows] == label) - size * fraction) < 3.5


def test_shares_of_classes_are_kept():
    y = np.repeat(["rare", "common"], [100, 900])
    parts = split(np.arange(1000), y, rng=3, stratify=True)
    for name, size in (("train", 60), ("validation", 20), ("test", 20)):
        assert abs(np.sum(getattr(parts, f"y_{name}") == "rare") - size) <= 1
    assert abs(np.flatnonzero(parts.y_train == "rare").mean() - 300) < 60  # shuffled, not in blocks


def test_a_class_with_one_row_is_learned():
    y = np.array([0] * 20 + [1])
    for seed in range(20):
        assert 1 in split(np.arange(21), y, rng=seed, stratify=True).y_train


def test_split_keeps_rows_together_and_copies():
    X = np.arange(40.0).reshape(10, 2, 2)
    y = np.arange(10)
    parts = split(X, y, rng=np.random.default_rng(1))
    for name in ("train", "validation", "test"):
        rows, targets = getattr(parts, f"X_{name}"), getattr(parts, f"y_{name}")
        np.testing.assert_array_equal(rows[:, 0, 0], 4.0 * targets)
        rows[:] = -1
    assert X.min() == 0


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (
            (np.zeros((4, 1)), np.zeros(3)),
            {},
            ValueError,
            "`X` and `y` must have one row a sample, got 4 and 3 rows",
        ),
        (
            (np.zeros((4, 1)), 5.0),
            {},
            ValueError,
            "`X` and `y` must have rows, got shapes (4, 1) and ()",
        ),
        *(
            (
                (np.zeros((n, 1)), np.zeros(n)),
                {},
                ValueError,
                f"{n} rows are too few for the fractions (0.6, 0.2, 0.2)",
            )
            for n in (0, 2)
        ),
        *(
            (
                (np.zeros((9, 1)), np.zeros(9), wrong),
                {},
                ValueError,
                "`fractions` must be three shares (training, validation, test), none negative and "
                f"the first above 0, that sum to 1, got {wrong}",
            )
            for wrong in ((0, 0.5, 0.5), (0.9, 0.2, -0.1), (0.9, 0.1), (NAN, 0.5, 0.5))
        ),
        (
            (np.zeros((9, 1)), np.linspace(0, 1, 9)),
            {"stratify": True},
            ValueError,
            "`labels` must hold labels, got the fraction 0.125 in row 1; numbers to predict are "
            "split with stratify=False",
        ),
        (
            (np.zeros((9, 1)), np.zeros((9, 1), int)),
            {"stratify": True},
            ValueError,
            "`labels` must have shape (n,) = (9,) to stratify, got (9, 1)",
        ),
        (
            (np.zeros((9, 1)), ["a", None, "b"] * 3),
            {"stratify": True},
            ValueError,
            "`labels` must hold a label in every row, got 3 missing, the first in row 1: None",
        ),
        (
            (np.zeros((9, 1)), ["a", 2, 3.0] * 3),
            {"stratify": True},
            TypeError,
            "`labels` must hold labels of one kind, got text ('a' in row 0) and numbers "
            "(2 in row 1)",
        ),
        (
            (np.zeros((9, 1)), np.arange(9)),
            {"stratify": True},
            ValueError,
            "the training part of 5 rows cannot hold one row of each of 9 classes; give it more "
            "rows, or do not stratify",
        ),
    ],
)
def test_split_refuses(arguments, options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        split(*arguments, rng=0, **options)


def test_whole_floats_are_classes_as_for_scikit_learn():
    train, _, _ = split_indices(8, (0.5, 0.0, 0.5), rng=0, labels=[0.0, 1.0] * 4)
    assert sorted(train % 2) == [0, 0, 1, 1]


# ----------------------------------------------------------------------------- scaling

tables = array_strategy(
    np.float64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.floats(-1e6, 1e6)
)


@given(tables)
@settings(deadline=None)
def test_scaler_agrees_with_its_oracle_and_inverts(X):
    scaler = Scaler.fit(X)
    spread = X.std(axis=0)
    varies = spread > 1e-9 * np.abs(X).max(axis=0)
    np.testing.assert_allclose(scaler.mean, X.mean(axis=0), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(scaler.scale[varies], spread[varies], rtol=1e-6)
    np.testing.assert_allclose(scaler.inverse(scaler.transform(X)), X, rtol=1e-9, atol=1e-9)


def test_scaler_survives_constant_and_extreme_columns():
    X = np.array([[0.1, 1e200, 1e-300, 7], [0.1, -1e200, 3e-300, 7], [0.1, 1e200, 1e-300, 7]])
    scaler = Scaler.fit(X)
    assert scaler.scale[[0, 3]].tolist() == [1, 1]
    Z = scaler.transform(X)
    np.testing.assert_allclose(Z.std(axis=0), [0, 1, 1, 0], atol=1e-12)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-12)


def test_scaler_goes_there_and_back_at_the_end_of_float64():
    X = np.array([[1.7e308], [-1.7e308], [-1.7e308]])
    scaler = Scaler.fit(X)
    Z = scaler.transform(X)
    np.testing.assert_allclose(Z.ravel(), [2**0.5, -(0.5**0.5), -(0.5**0.5)])
    np.testing.assert_allclose(scaler.inverse(Z), X)


def test_scaler_leaves_its_input_alone_and_keeps_float32():
    X = np.arange(6, dtype=np.float32).reshape(3, 2)
    X.setflags(write=False)
    Z = Scaler.fit(X).transform(X)
    assert Z.dtype == np.float32
    assert Scaler.fit(X).transform(X.astype(int)).dtype == np.float64
    np.testing.assert_array_equal(X, np.arange(6).reshape(3, 2))


@pytest.mark.parametrize("X", [[[1.0, NAN]], [[1.0, INF]]])
def test_scaler_refuses_what_is_unknown(X):
    got = "1 missing value (NaN)" if np.isnan(X).any() else "1 infinity"
    message = (
        f"`X` must be finite, got {got}, the first in row 0, column 1; `clean` drops rows with "
        "missing values, `Filler` fills them"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Scaler.fit(X)


def test_scaler_refuses_other_columns():
    scaler = Scaler.fit(np.zeros((3, 2)))
    message = "`X` must have the 2 columns this scaler was fitted on, got shape (3, 4)"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        scaler.transform(np.zeros((3, 4)))
    assert scaler.transform(np.zeros((0, 2))).shape == (0, 2)


# ----------------------------------------------------------------------------- cleaning


def test_clean_drops_what_is_useless_and_says_so():
    X = [[1, NAN, 5, INF], [2, NAN, 6, NAN], [3, NAN, 7, -INF], [4, NAN, 8, NAN]]
    table = clean(X, [0, NAN, 1, INF], feature_names=("a", "b", "c", "d"))
    np.testing.assert_array_equal(table.X, [[1, 5], [3, 7]])
    assert table.y.tolist() == [0, 1]
    assert table.rows.tolist() == [0, 2]
    assert table.columns.tolist() == [0, 2]
    assert table.notes == (
        "dropped 2 of 4 columns: no known value in b, d",
        "dropped 2 of 4 rows: target unknown",
    )


def test_a_clean_table_stays():
    X, y = np.arange(6.0).reshape(3, 2), np.arange(3)
    table = clean(X, y)
    np.testing.assert_array_equal(table.X, X)
    np.testing.assert_array_equal(table.y, y)
    assert table.notes == ()


def test_single_gaps_are_refused_dropped_or_kept():
    X = [[1.0, 2.0], [NAN, 3.0], [4.0, INF]]
    message = (
        "`X` must be finite, got {}, the first in {}; "
        'missing="drop" drops such rows, `prepare(..., missing="mean")` fills them from '
        "the training part"
    )
    got = message.format("1 missing value (NaN) and 1 infinity", "row 1, column 0")
    with pytest.raises(ValueError, match=whole(got)):
        clean(X, [0, 1, 0])
    # The row and the column are those of the table that came, not of what is left of it.
    for names, column in ((None, "1"), (["a", "b"], "'b'")):
        got = message.format("1 infinity", f"row 2, column {column}")
        with pytest.raises(ValueError, match=whole(got)):
            clean([[NAN, 1.0], [NAN, 2.0], [NAN, INF]], [NAN, 0, 1], feature_names=names)
    dropped = clean(X, [0, 1, 0], missing="drop")
    assert dropped.rows.tolist() == [0]
    assert dropped.notes == ("dropped 2 of 3 rows: a feature unknown",)
    assert np.isnan(clean(X, [0, 1, 0], missing="keep").X).sum() == 2


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (
            [[NAN], [NAN]],
            [0, 1],
            "`X` and `y` have nothing left after cleaning: dropped 1 of 1 columns: no known value "
            "in column 0",
        ),
        (
            [[1.0], [2.0]],
            [NAN, NAN],
            "`X` and `y` have nothing left after cleaning: dropped 2 of 2 rows: target unknown",
        ),
        (
            [[1.0], [2.0]],
            [0, 1, 0],
            "`X` and `y` must have one row a sample, got 2 and 3 rows",
        ),
    ],
)
def test_clean_refuses(X, y, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        clean(X, y)


@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        (3, "int"),
        (np.nan, "float"),
        (object(), "object"),
        ("a", "'a'"),
        ({"a"}, "a set"),
        ({0: "a"}, "a dict"),
    ],
)
def test_names_are_several(wrong, got):
    message = f"`feature_names` must be a sequence of names, got {got}"
    with pytest.raises(TypeError, match=whole(message)):
        clean([[1.0], [2.0]], [0, 1], feature_names=wrong)


def test_filler_uses_training_means():
    filler = Filler.fit([[1.0, NAN], [3.0, 8.0]])
    assert filler.values.tolist() == [2, 8]
    assert filler.transform([[NAN, INF], [0, 0]]).tolist() == [[2, 8], [0, 0]]
    assert Filler.fit([[1.7e308], [1.7e308]]).values == pytest.approx(1.7e308)
    message = (
        "`X` must have a known value in every column to fit a Filler, got none in columns [1]; "
        "drop these columns, or use a larger training part"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Filler.fit([[1.0, NAN], [3.0, NAN]])
    with pytest.raises(ValueError, match=r"^`X` must have 2 columns, got shape \(1, 1\)$"):
        filler.transform([[1.0]])


# ----------------------------------------------------------------------------- preparing


def own_table(**changes):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    return Table(**{"X": X, "y": np.arange(40) % 2, "kind": "classes", **changes})


def test_labels_are_renumbered_and_named():
    data = prepare(own_table(y=np.where(np.arange(40) % 4 == 0, 7, 3)))
    assert data.target_names == ("3", "7")
    assert sorted(set(data.y_train.tolist())) == [0, 1]
    data = prepare(own_table(y=np.arange(40) % 2 == 0, target_names=("odd", "even")))
    assert data.target_names == ("odd", "even")
    assert prepare(own_table(y=np.arange(40) % 2.0)).n_classes == 2


def test_missing_values_are_filled_from_the_training_part_only():
    table = own_table()
    table.X[::5, 1] = NAN
    data = prepare(table, missing="mean")
    train, _, _ = split_indices(40, rng=0, labels=table.y)
    known = table.X[train, 1]
    assert data.filler.values[1] == pytest.approx(known[~np.isnan(known)].mean())
    assert data.notes == ("filled 8 entries with the means of the training part",)
    assert np.isfinite(data.X_test).all()


def test_rows_with_gaps_can_be_dropped():
    table = own_table()
    table.X[::5, 1] = NAN
    data = prepare(table, missing="drop")
    assert len(data.X_train) + len(data.X_validation) + len(data.X_test) == 32
    assert data.filler is None


def test_a_column_of_nan_goes_with_its_name():
    table = own_table(feature_names=("a", "b", "c"))
    table.X[:, 1] = NAN
    data = prepare(table)
    assert data.feature_names == ("a", "c")
    assert data.n_features == 2
    assert data.notes == ("dropped 1 of 3 columns: no known value in b",)


def test_a_class_with_one_row_is_noted():
    data = prepare(own_table(y=["usual"] * 39 + ["odd"], target_names=("odd", "usual")))
    assert 0 in data.y_train
    assert data.notes == (
        "no row in the validation part for the classes odd",
        "no row in the test part for the classes odd",
    )


def test_preparing_changes_nothing_it_was_given():
    table = own_table()
    before = table.X.copy()
    data = prepare(table)
    data.X_train[:] = 0
    np.testing.assert_array_equal(table.X, before)


def test_a_dataset_is_frozen_and_has_a_stable_repr():
    data = prepare(own_table(name="mine"))
    with pytest.raises(AttributeError):
        data.X_train = None
    assert repr(data) == (
        "<Dataset mine: 3 features -> 2 classes; 24 training, 8 validation, 8 test rows>"
    )


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"kind": "class"}, ValueError, "`kind` must be one of 'classes', 'values', got 'class'"),
        (
            {"y": np.linspace(0, 1, 40)},
            ValueError,
            "`y` must hold labels, got the fraction 0.025641 in row 1; numbers to predict are "
            'kind="values"',
        ),
        (
            {"y": ["a", 1] * 20},
            TypeError,
            "`y` must hold labels of one kind, got text ('a' in row 0) and numbers (1 in row 1)",
        ),
        (
            {"y": np.zeros(40, int)},
            ValueError,
            "`y` must hold at least two classes, got [0]",
        ),
        (
            {"y": np.zeros((40, 1), int)},
            ValueError,
            "`y` must have shape (n,) to hold labels, got (40, 1); use `y.ravel()` on a column, "
            "`y.argmax(axis=1)` on one-hot rows",
        ),
        (
            {"y": np.arange(39)},
            ValueError,
            "`X` and `y` must have one row a sample, got 40 and 39 rows",
        ),
        (
            {"y": ["a"] * 40, "kind": "values"},
            TypeError,
            "`y` must hold numbers, got text ('a' in entry 0); write categories as numbers "
            "(one 0/1 column each)",
        ),
        (
            {"y": np.zeros((40, 1, 1)), "kind": "values"},
            ValueError,
            "`y` must have shape (n,) or (n, k), got (40, 1, 1)",
        ),
        (
            {"feature_names": ("a",)},
            ValueError,
            "`feature_names` must have 3 names, got 1: ['a']",
        ),
        (
            {"target_names": ("a",)},
            ValueError,
            "`target_names` must have 2 names, got 1: ['a']",
        ),
        (
            {"X": np.zeros((0, 3)), "y": np.zeros(0)},
            ValueError,
            "`X` must have at least one element, got shape (0, 3)",
        ),
    ],
)
def test_prepare_refuses(changes, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        prepare(own_table(**changes))


def test_values_become_columns():
    data = prepare(own_table(y=np.arange(40.0), kind="values"))
    assert data.y_train.shape == (24, 1)
    assert data.target_names == ("target 0",)
    two = prepare(own_table(y=np.arange(80.0).reshape(40, 2), kind="values"), dtype="float32")
    assert two.y_test.shape == (8, 2)
    assert two.y_test.dtype == np.float32


def test_names_come_in_arrays_as_in_lists():
    """As scikit-learn's data sets have them."""
    X, names = np.arange(40.0).reshape(20, 2), np.array(["p", "q"])
    data = prepare(Table(X, X, "values", feature_names=names, target_names=names))
    assert data.feature_names == data.target_names == ("p", "q")


def test_whatever_turns_into_an_array_is_a_table():
    class Frame:
        """As data frames do."""

        def __array__(self, dtype=None, copy=None):
            return np.arange(40.0).reshape(20, 2)

    data = prepare(Table(Frame(), ["x", "y"] * 10, "classes"))
    assert data.target_names == ("x", "y")


ROWS, CLASSES = np.arange(40.0).reshape(20, 2), np.arange(20) % 2


@pytest.mark.parametrize("name", ["rng", "seed", "seed of moons", "data_seed"])
@pytest.mark.parametrize(
    ("error", "seed", "rule"),
    [
        (ValueError, -1, "must be at least 0, got -1"),
        (TypeError, 1.5, "must be a whole number, got 1.5"),
        (TypeError, "a", "must be a whole number, got 'a'"),
        (TypeError, None, "must be a whole number, got None"),
    ],
)
def test_a_seed_that_is_none_is_named(name, error, seed, rule):
    ask = {
        "rng": lambda: split(ROWS, CLASSES, rng=seed),
        "seed": lambda: prepare(Table(ROWS, CLASSES, "classes"), seed=seed),
        "seed of moons": lambda: datasets.moons(20, seed=seed),
        "data_seed": lambda: datasets.mnist1d(10, data_seed=seed),
    }[name]
    with pytest.raises(error, match=whole(f"`{name.split()[0]}` {rule}")):
        ask()


def test_a_seed_of_a_narrow_type_is_the_same_seed():
    one, other = (split(ROWS, CLASSES, rng=seed).X_train for seed in (3, np.uint8(3)))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("name", "largest", "table", "scale"),
    [
        ("X", "3.9e+301", Table(1e300 * ROWS, CLASSES, "classes"), False),
        ("y", "3.8e+301", Table(ROWS, 1e300 * ROWS[:, 0], "values"), True),
    ],
)
def test_numbers_beyond_float32_do_not_become_infinite(name, largest, table, scale):
    assert np.isfinite(prepare(table, scale=scale).X_train).all()
    message = (
        f'`{name}` must hold numbers that float32 can hold, got {largest}; try dtype="float64"'
    )
    with pytest.raises(ValueError, match=whole(message)):
        prepare(table, scale=scale, dtype="float32")


@pytest.mark.parametrize(
    ("error", "message", "table", "options"),
    [
        (TypeError, "`table` must be a Table(X, y, kind), got tuple", (ROWS, CLASSES), {}),
        (TypeError, '`dtype` must be "float64" or "float32", got \'foo\'', None, {"dtype": "foo"}),
        (TypeError, "`scale` must be True or False, got 'no'", None, {"scale": "no"}),
        (
            ValueError,
            "`fractions` must be three shares (training, validation, test), none negative and the "
            "first above 0, that sum to 1, got abc",
            None,
            {"fractions": "abc"},
        ),
        (
            ValueError,
            "`fractions` must be three shares (training, validation, test), none negative and the "
            "first above 0, that sum to 1, got ('0.6', '0.2', '0.2')",
            None,
            {"fractions": ("0.6", "0.2", "0.2")},
        ),
    ],
)
def test_a_wrong_option_is_named(error, message, table, options):
    with pytest.raises(error, match=whole(message)):
        prepare(table or Table(ROWS, CLASSES, "classes"), **options)


@pytest.mark.parametrize(
    ("d", "error", "rule"),
    [
        (-1, ValueError, "must be at least 0, got -1"),
        ("3", TypeError, "must be a whole number, got '3'"),
        (None, TypeError, "must be a whole number, got None"),
    ],
)
def test_columns_that_stay_as_they_are_are_counted(d, error, rule):
    with pytest.raises(error, match=whole(f"`d` {rule}")):
        Scaler.identity(d)


def test_noise_from_another_library_is_a_number(torch):
    right = moons_table(6, 0.5).X
    found = moons_table(6, torch.tensor(0.5, dtype=torch.float64)).X
    np.testing.assert_array_equal(found, right, strict=True)


def test_whether_to_stratify_is_no_word():
    with pytest.raises(TypeError, match=whole("`stratify` must be True or False, got 'no'")):
        split(ROWS, CLASSES, rng=0, stratify="no")
