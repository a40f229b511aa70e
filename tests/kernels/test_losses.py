"""Every entry of LOSSES: values, gradients, extremes and errors on every library."""

import inspect
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deeplearn_utils import arrays
from deeplearn_utils.kernels import LOSSES
from deeplearn_utils.kernels.losses import one_hot
from tests.wrong_inputs import NOT_FLOATS, assert_refused, no_array, two_libraries, whole

OPTIONS = {"huber": [{}, {"delta": 0.3}, {"delta": 5.0}]}
CASES = [
    pytest.param(name, options, id="-".join([name, *map(str, options.values())]))
    for name in LOSSES
    for options in OPTIONS.get(name, [{}])
]
NO_CLASSES = [name for name in LOSSES if name != "softmax_cross_entropy"]
SHAPES = [(5, 3), (1, 3)]  # few: JAX compiles every operation for every shape
TOLERANCE = {"float32": 3e-6, "float64": 1e-13}


def batch(name, shape, seed=0):
    """Draw predictions, and targets that lie 0.1 or more from every kink."""
    rng = np.random.default_rng(seed)
    prediction = 2.0 * rng.normal(size=shape)
    if name == "softmax_cross_entropy":
        return prediction, rng.integers(0, shape[-1], shape[0])
    if name == "binary_cross_entropy":
        return prediction, rng.integers(0, 2, shape)
    return prediction, prediction + rng.choice([-2.0, -0.15, 0.15, 2.0], shape)


def test_every_option_is_tested():
    for name, loss in LOSSES.items():
        for kernel in (loss.value, loss.gradient):
            found = set(inspect.signature(kernel).parameters) - {"prediction", "target"}
            assert found == {k for options in OPTIONS.get(name, []) for k in options}, name


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_same_as_numpy_in_double_precision(other_lib, name, options, dtype):
    loss = LOSSES[name]
    for shape in SHAPES if dtype == "float64" and not options else SHAPES[:1]:
        prediction, target = batch(name, shape)
        prediction = prediction.astype(dtype)
        if target.dtype.kind == "f":
            target = target.astype(dtype)
        theirs, their_target = other_lib.array(prediction), other_lib.array(target)
        value = loss.value(theirs, their_target, **options)
        gradient = loss.gradient(theirs, their_target, **options)
        right = loss.value(prediction.astype(float), target, **options)
        right_gradient = loss.gradient(prediction.astype(float), target, **options)
        assert other_lib.holds(value, like=theirs)
        assert other_lib.holds(gradient, like=theirs)
        assert tuple(value.shape) == ()
        for ours, expected in ((value, right), (gradient, right_gradient)):
            np.testing.assert_allclose(
                arrays.to_numpy(ours), expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype]
            )
        np.testing.assert_array_equal(arrays.to_numpy(theirs), prediction)
        np.testing.assert_array_equal(arrays.to_numpy(their_target), target)


@pytest.mark.parametrize("name", LOSSES)
def test_arrays_that_are_not_contiguous(lib, name):
    loss = LOSSES[name]
    prediction, target = batch(name, (10, 6))
    rows = (slice(None, None, 2), slice(None, None, 2))
    right, labels = prediction[rows].copy(), target[rows[: target.ndim]].copy() % 2
    labels = labels if target.dtype.kind == "i" else target[rows].copy()
    if target.dtype.kind == "i":
        target = target % 2
    theirs, their_target = lib.array(prediction)[rows], lib.array(target)[rows[: target.ndim]]
    value, gradient = loss.value(theirs, their_target), loss.gradient(theirs, their_target)
    np.testing.assert_allclose(arrays.to_numpy(value), loss.value(right, labels), rtol=1e-13)
    np.testing.assert_allclose(
        arrays.to_numpy(gradient), loss.gradient(right, labels), rtol=1e-13, atol=1e-15
    )


@pytest.mark.parametrize("name", LOSSES)
def test_memory_orders_of_numpy(name):
    prediction, target = batch(name, (4, 3))
    right = LOSSES[name].gradient(prediction, target)
    np.testing.assert_array_equal(
        LOSSES[name].gradient(np.asfortranarray(prediction), target), right
    )
    backwards = LOSSES[name].gradient(prediction[::-1], target[::-1])
    np.testing.assert_array_equal(backwards[::-1], right)
    swapped = target.astype(target.dtype.newbyteorder(">"))
    np.testing.assert_array_equal(LOSSES[name].gradient(prediction.astype(">f8"), swapped), right)


@pytest.mark.parametrize(("name", "options"), CASES)
@given(
    shape=st.tuples(st.integers(1, 5), st.integers(2, 4)),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=25)
def test_gradient_is_the_slope_of_the_value(name, options, shape, seed):
    prediction, target = batch(name, shape, seed)
    if "delta" in options:  # away from the joints of Huber's two pieces
        target = prediction + np.sign(target - prediction) * 0.8 * options["delta"]
    direction = np.random.default_rng(seed).normal(size=shape)
    h = 1e-6
    ahead, behind = (
        LOSSES[name].value(prediction + s * h * direction, target, **options) for s in (1, -1)
    )
    slope = np.sum(LOSSES[name].gradient(prediction, target, **options) * direction)
    np.testing.assert_allclose(slope, (ahead - behind) / (2 * h), rtol=1e-6, atol=1e-7)


def test_values_by_hand():
    p, t = np.array([1.0, 3.0, -2.0, 0.0]), np.array([0.0, 3.5, 1.0, 0.0])
    assert LOSSES["mse"].value(p, t) == (1 + 0.25 + 9) / 4
    assert LOSSES["mae"].value(p, t) == (1 + 0.5 + 3) / 4
    assert LOSSES["huber"].value(p, t) == (0.5 + 0.125 + 2.5) / 4
    np.testing.assert_array_equal(LOSSES["mse"].gradient(p, t), [0.5, -0.25, -1.5, 0.0])
    np.testing.assert_array_equal(LOSSES["mae"].gradient(p, t), [0.25, -0.25, -0.25, 0.0])
    np.testing.assert_array_equal(LOSSES["huber"].gradient(p, t), [0.25, -0.125, -0.25, 0.0])
    z = np.log(np.array([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]]))
    value = LOSSES["softmax_cross_entropy"].value(z, np.array([2, 0]))
    np.testing.assert_allclose(value, -(np.log(0.5) + np.log(0.7)) / 2)
    value = LOSSES["binary_cross_entropy"].value(np.log([0.25, 4.0]), np.array([1, 0]))
    np.testing.assert_allclose(value, -(np.log(0.2) + np.log(0.2)) / 2)


@pytest.mark.parametrize("size", [500.0, 1e4])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOSSES)
def test_extremes_are_finite_and_right(lib, name, dtype, size):
    p = size * np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1], [1, 1, -1], [-1, -1, -1]])
    t, labels = p[::-1] / 2, np.array([0, 0, 2, 1, 0])
    yes = np.arange(15).reshape(5, 3) % 2
    e = np.abs(p - t)
    right = {
        "mse": np.mean(e**2),
        "mae": np.mean(e),
        "huber": np.mean(e - 0.5),
        "binary_cross_entropy": np.mean(np.maximum(np.where(yes, -p, p), 0)),
        "softmax_cross_entropy": (0 + 2 * size + 0 + np.log(2) + np.log(3)) / 5,
    }[name]
    targets = {"softmax_cross_entropy": labels, "binary_cross_entropy": yes}
    prediction = lib.array(p, dtype)
    target = lib.array(targets[name]) if name in targets else lib.array(t, dtype)
    value = float(LOSSES[name].value(prediction, target))
    assert value == pytest.approx(right, rel=1e-6)
    assert np.isfinite(arrays.to_numpy(LOSSES[name].gradient(prediction, target))).all()


@pytest.mark.parametrize("name", LOSSES)
def test_not_a_number_goes_through(lib, name):
    prediction, target = batch(name, (5, 3))
    prediction[1, 0] = np.nan
    theirs, their_target = lib.array(prediction), lib.array(target)
    assert np.isnan(float(LOSSES[name].value(theirs, their_target)))
    gradient = arrays.to_numpy(LOSSES[name].gradient(theirs, their_target))
    assert np.isnan(gradient[1, 0])
    assert np.isfinite(gradient[[0, 2, 3, 4]]).all()


@pytest.mark.parametrize("name", NO_CLASSES)
def test_targets_that_are_not_a_number_are_not_hidden(lib, name):
    prediction, target = batch(name, (5, 3))
    target = target.astype(float)
    target[1, 0] = np.nan
    assert np.isnan(float(LOSSES[name].value(lib.array(prediction), lib.array(target))))
    assert np.isnan(LOSSES["softmax_cross_entropy"].value(prediction, target / target.max()))


def test_infinite_logits_cost_nothing_when_they_are_right(lib):
    z, t = lib.array([[np.inf], [-np.inf]]), lib.array([[1], [0]])
    assert float(LOSSES["binary_cross_entropy"].value(z, t)) == 0.0
    assert float(LOSSES["binary_cross_entropy"].value(z, lib.array([[0], [0]]))) == np.inf
    assert not arrays.to_numpy(LOSSES["binary_cross_entropy"].gradient(z, t)).any()
    z = lib.array([[-np.inf, 0.0]])  # a class that is ruled out
    assert float(LOSSES["softmax_cross_entropy"].value(z, lib.array([1]))) == 0.0
    assert float(LOSSES["softmax_cross_entropy"].value(z, lib.array([0]))) == np.inf
    assert float(LOSSES["softmax_cross_entropy"].value(z, lib.array([[0.0, 1.0]]))) == 0.0


@given(z=hnp.arrays(float, (3, 4), elements=st.floats(-300, 300)), shift=st.floats(-100, 100))
@settings(max_examples=40)
def test_cross_entropy_is_positive_and_does_not_see_a_shift(z, shift):
    loss, labels = LOSSES["softmax_cross_entropy"], np.array([0, 3, 1])
    value = loss.value(z, labels)
    assert value >= 0.0
    np.testing.assert_allclose(loss.value(z + shift, labels), value, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(loss.gradient(z, labels).sum(axis=1), 0.0, atol=1e-15)


WHOLE = ["bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))]


def test_one_hot_takes_arrays():
    with pytest.raises(TypeError, match=no_array([0, 1], "labels")):
        one_hot([0, 1], 2, like=np.zeros(1))


def test_a_narrow_number_of_classes_counts_on():
    """Rows times columns are beyond a uint8."""
    ours, expected = (
        one_hot(np.arange(300) % 10, kind(10), like=np.zeros(1)) for kind in (np.uint8, int)
    )
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("dtype", WHOLE)
def test_labels_of_any_integer_type(lib, dtype):
    """As int64, with more rows and classes than an 8-bit number counts."""
    z, labels = batch("softmax_cross_entropy", (300, 300))
    labels = labels % {"bool": 2, "int8": 128, "uint8": 256}.get(dtype, 300)
    theirs, loss = lib.array(z), LOSSES["softmax_cross_entropy"]
    for kernel in (loss.value, loss.gradient):
        ours = kernel(theirs, lib.array(labels, dtype))
        expected = kernel(theirs, lib.array(labels, "int64"))
        np.testing.assert_array_equal(arrays.to_numpy(ours), arrays.to_numpy(expected))


@pytest.mark.parametrize("dtype", ["bool", "int64", "uint8", "float32", "float64"])
def test_one_hot_targets_are_the_same_as_labels(lib, dtype):
    z, labels = batch("softmax_cross_entropy", (5, 3))
    theirs, rows = lib.array(z), lib.array(np.eye(3)[labels], dtype)
    loss = LOSSES["softmax_cross_entropy"]
    value, gradient = loss.value(theirs, rows), loss.gradient(theirs, rows)
    np.testing.assert_allclose(arrays.to_numpy(value), loss.value(z, labels), rtol=1e-13)
    np.testing.assert_allclose(
        arrays.to_numpy(gradient), loss.gradient(z, labels), rtol=1e-12, atol=1e-15
    )
    ours = one_hot(lib.array(labels), 3, like=theirs)
    np.testing.assert_array_equal(arrays.to_numpy(ours), np.eye(3)[labels])
    assert lib.holds(ours, like=theirs)


@pytest.mark.parametrize(
    ("labels", "n_classes", "error", "message"),
    [
        ([0, 10**7], 3, ValueError, "`labels` must hold labels from 0 to 2, got 10000000"),
        ([0, 2**32 + 1], 3, ValueError, "`labels` must hold labels from 0 to 2, got 4294967297"),
        ([-1, 0], 3, ValueError, "`labels` must hold labels from 0 to 2, got -1"),
        (
            [0, 1],
            10**12,
            ValueError,
            "`n_classes` = 1000000000000 asks for 2e+12 numbers (16000 GB), more than the "
            "134217728 (1 GB) that are made at once",
        ),
        ([0], 0, ValueError, "`n_classes` must be at least 1, got 0"),
        (
            [0.0],
            1,
            TypeError,
            "`labels` must hold integer labels, got float64; try labels.astype(int)",
        ),
        (
            [[0]],
            1,
            ValueError,
            "`labels` must have shape (samples,) = (n,), got (1, 1); did you "
            "mean labels.reshape(-1)?",
        ),
    ],
)
def test_one_hot_refuses_stray_labels(labels, n_classes, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        one_hot(np.array(labels), n_classes, like=np.zeros(1))


@pytest.mark.parametrize("dtype", ["bool", "int64", "uint8", "float32"])
@pytest.mark.parametrize("name", NO_CLASSES)
def test_targets_take_the_dtype_of_the_prediction(lib, name, dtype):
    prediction = batch(name, (5, 3))[0]
    target = np.arange(15).reshape(5, 3) % 2
    theirs = lib.array(prediction)
    value = LOSSES[name].value(theirs, lib.array(target, dtype))
    assert lib.holds(value, like=theirs)
    assert float(value) == pytest.approx(float(LOSSES[name].value(prediction, target)))
    gradient = LOSSES[name].gradient(lib.array(prediction, np.float32), lib.array(target, float))
    assert lib.holds(gradient, like=lib.array(prediction, np.float32))


@pytest.mark.parametrize("name", NO_CLASSES)
def test_numbers_and_arrays_without_axes(lib, name):
    right = float(LOSSES[name].value(np.array([0.5]), np.array([1.0])))
    assert float(LOSSES[name].value(lib.array(0.5), lib.array(1.0))) == pytest.approx(right)
    assert float(LOSSES[name].value(0.5, 1)) == right
    assert float(LOSSES[name].value(np.float64(0.5), np.int64(1))) == right
    for kind in (np.float32, np.longdouble, np.uint8, np.bool_, np.array):
        assert float(LOSSES[name].value(lib.array(0.5), kind(1))) == pytest.approx(right)
    assert float(LOSSES[name].value(lib.array(0.5), 1.0)) == pytest.approx(right)
    assert LOSSES[name].value(np.array([0.5]), np.array([1.0])).shape == ()


@pytest.mark.parametrize("kernel", ["value", "gradient"])
@pytest.mark.parametrize("name", NO_CLASSES)
def test_a_column_is_never_broadcast_against_a_row(lib, name, kernel):
    call = getattr(LOSSES[name], kernel)
    for expected, got, hint in (
        ((3, 1), (3,), "; did you mean target[:, None]?"),
        ((3,), (3, 1), "; did you mean target.reshape(-1)?"),
        ((3, 2), (1, 2), ""),
    ):
        message = f"`target` must have the shape of `prediction` = {expected}, got {got}{hint}"
        with pytest.raises(ValueError, match=whole(message)):
            call(lib.array(np.zeros(expected)), lib.array(np.zeros(got)))


@pytest.mark.parametrize("kernel", ["value", "gradient"])
@pytest.mark.parametrize("name", LOSSES)
def test_an_empty_batch_has_no_mean(lib, name, kernel):
    target = np.zeros(0, int) if name == "softmax_cross_entropy" else np.zeros((0, 3))
    message = "`prediction` must have at least one element, got shape (0, 3)"
    with pytest.raises(ValueError, match=whole(message)):
        getattr(LOSSES[name], kernel)(lib.array(np.zeros((0, 3))), lib.array(target))


@pytest.mark.parametrize("kernel", ["value", "gradient"])
class TestLabels:
    @pytest.fixture
    def call(self, kernel):
        return getattr(LOSSES["softmax_cross_entropy"], kernel)

    @pytest.mark.parametrize(("labels", "got"), [([0, 3], 3), ([-1, 0], -1), ([0, 255], 255)])
    def test_labels_outside_the_classes(self, lib, call, labels, got):
        message = f"`target` must hold labels from 0 to 2, got {got}"
        with pytest.raises(ValueError, match=whole(message)):
            call(lib.array(np.zeros((2, 3))), lib.array(labels))

    @pytest.mark.parametrize("labels", [[0.0, 1.0], np.array([0, 1], np.float32)])
    def test_labels_that_are_no_whole_numbers(self, lib, call, labels):
        target = lib.array(labels)
        message = f"`target` must hold integer labels, got {target.dtype}; try target.astype(int)"
        with pytest.raises(TypeError, match=whole(message)):
            call(lib.array(np.zeros((2, 3))), target)

    def test_a_column_of_labels(self, lib, call):
        message = (
            "`target` must have shape (samples,) = (2,), got (2, 1); did you mean "
            "target.reshape(-1)?"
        )
        with pytest.raises(ValueError, match=whole(message)):
            call(lib.array(np.zeros((2, 3))), lib.array([[0], [1]]))

    @pytest.mark.parametrize(
        ("shape", "hint"),
        [((2,), "; did you mean prediction[:, None]?"), ((), ""), ((2, 3, 4), "")],
    )
    def test_logits_that_are_no_table(self, lib, call, shape, hint):
        message = f"`prediction` must have shape (samples, classes) = (n, k), got {shape}{hint}"
        with pytest.raises(ValueError, match=whole(message)):
            call(lib.array(np.zeros(shape)), lib.array([0, 1]))

    def test_as_many_labels_as_rows(self, lib, call):
        message = "`target` must have shape (samples,) = (2,), got (3,)"
        with pytest.raises(ValueError, match=whole(message)):
            call(lib.array(np.zeros((2, 3))), lib.array([0, 1, 2]))

    def test_probabilities_of_as_many_classes(self, lib, call):
        message = "`target` must have the shape of `prediction` = (2, 3), got (2, 4)"
        with pytest.raises(ValueError, match=whole(message)):
            call(lib.array(np.zeros((2, 3))), lib.array(np.zeros((2, 4))))


@pytest.mark.parametrize("kernel", ["value", "gradient"])
@pytest.mark.parametrize("name", ["binary_cross_entropy", "softmax_cross_entropy"])
@pytest.mark.parametrize("wrong", [-0.1, 1.5, 2.0])
def test_targets_that_are_no_probabilities(lib, name, kernel, wrong):
    target = lib.array([[wrong, 0.5], [0.0, 1.0]])
    message = f"`target` must hold values from 0 to 1, got {wrong}"
    with pytest.raises(ValueError, match=whole(message)):
        getattr(LOSSES[name], kernel)(lib.array(np.zeros((2, 2))), target)


@pytest.mark.parametrize("kernel", ["value", "gradient"])
@pytest.mark.parametrize("delta", [0.0, -1.0, np.nan, np.inf])
def test_delta_is_a_positive_number(kernel, delta):
    message = f"`delta` must be a number in (0.0, inf), got {delta}"
    with pytest.raises(ValueError, match=whole(message)):
        getattr(LOSSES["huber"], kernel)(np.zeros(2), np.zeros(2), delta=delta)
    with pytest.raises(TypeError, match=whole("`delta` must be a number, got str")):
        getattr(LOSSES["huber"], kernel)(np.zeros(2), np.zeros(2), delta="1")


def test_delta_never_decides_the_dtype(lib):
    p, t = lib.array([3.0, 0.0], np.float32), lib.array([0.0, 0.5], np.float32)
    assert lib.holds(LOSSES["huber"].value(p, t, delta=np.float64(0.5)), like=p)
    assert lib.holds(LOSSES["huber"].gradient(p, t, delta=np.float64(0.5)), like=p)


@pytest.mark.parametrize("wrong", NOT_FLOATS)
@pytest.mark.parametrize("name", LOSSES)
def test_what_is_no_floating_point_array_is_refused(name, wrong):
    value = NOT_FLOATS[wrong]
    target = np.array([0]) if name == "softmax_cross_entropy" else np.zeros((1, 2))
    for kernel in (LOSSES[name].value, LOSSES[name].gradient):
        assert_refused(value, kernel, value, target, argument="prediction")


@pytest.mark.parametrize(
    "wrong", [["a", "b"], [0.0, 1.0], None, np.array([1j, 0j]), np.array([{}, {}], object)]
)
@pytest.mark.parametrize("name", LOSSES)
def test_targets_that_are_no_numbers(name, wrong):
    labels = name == "softmax_cross_entropy"
    prediction = np.zeros((2, 3)) if labels else np.zeros(2)
    pattern = no_array(wrong, "target")
    if isinstance(wrong, np.ndarray):
        kind, dtype = ("integer labels", "int") if labels else ("numbers", "float")
        message = f"`target` must hold {kind}, got {wrong.dtype}; try target.astype({dtype})"
        pattern = whole(message)
    for kernel in (LOSSES[name].value, LOSSES[name].gradient):
        with pytest.raises(TypeError, match=f"^{pattern}$"):
            kernel(prediction, wrong)


@pytest.mark.parametrize("name", LOSSES)
def test_libraries_are_never_mixed(lib, name):
    other = lib.foreign_array(np.ones((2, 3)))
    prediction = lib.array(np.zeros((2, 3)))
    with pytest.raises(TypeError, match=two_libraries(prediction=prediction, target=other)):
        LOSSES[name].value(prediction, other)


def test_the_target_is_positional():
    with pytest.raises(TypeError, match="positional-only"):
        LOSSES["mse"].value(prediction=np.zeros(1), target=np.zeros(1))
