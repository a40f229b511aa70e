"""The multilayer perceptron: by hand, by finite differences, on every library, and its errors."""

import dataclasses
import itertools
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplearn_utils import arrays
from deeplearn_utils.initializers import INITIALIZERS
from deeplearn_utils.kernels import ACTIVATIONS, LOSSES
from deeplearn_utils.networks import MLP
from tests.libraries import graphs_only
from tests.wrong_inputs import (
    NOT_FLOATS,
    assert_refused,
    no_array,
    two_dtypes,
    two_libraries,
    whole,
)

EVERY_PAIR = pytest.mark.parametrize(
    ("activation", "loss"), list(itertools.product(ACTIVATIONS, LOSSES))
)


def problem(network, n=6, seed=0):
    """Return θ, X and y that suit a network's loss."""
    rng = np.random.default_rng(seed)
    k = network.sizes[-1]
    y = {
        "softmax_cross_entropy": rng.integers(0, k, n),
        "binary_cross_entropy": rng.integers(0, 2, (n, k)),
    }.get(network.loss_name, rng.normal(size=(n, k)))
    theta = network.init(rng) + 0.1 * rng.normal(size=network.layout.size)
    return theta, rng.normal(size=(n, network.sizes[0])), y


class TestByHand:
    network = MLP([2, 2, 1], activation="relu", loss="mse")
    theta = np.array([1.0, -1.0, 2.0, 0.5, 0.5, 0.0, 3.0, -2.0, 0.25])
    X, y = np.array([[1.0, 2.0], [-1.0, 0.0]]), np.array([[10.0], [0.0]])

    def test_forward(self):
        # z1 = [1·1 + 2·2 + 0.5, -1·1 + 0.5·2] = [5.5, 0]; z2 = 3·5.5 + 0.25
        (z1, a1), (z2, a2) = self.network.trace(self.theta, self.X)
        np.testing.assert_array_equal(z1, [[5.5, 0.0], [-0.5, 1.0]])
        np.testing.assert_array_equal(a1, [[5.5, 0.0], [0.0, 1.0]])
        np.testing.assert_array_equal(z2, [[16.75], [-1.75]])
        np.testing.assert_array_equal(a2, z2)
        np.testing.assert_array_equal(self.network.forward(self.theta, self.X), a2)

    def test_loss_and_gradient(self):
        loss, gradient = self.network.loss_and_gradient(self.theta, self.X, self.y)
        assert loss == (6.75**2 + 1.75**2) / 2 == self.network.loss(self.theta, self.X, self.y)
        W, b = self.network.layout.unpack(gradient)
        # δ2 = [6.75, -1.75]; δ1 = δ2 W2ᵀ where z1 > 0
        np.testing.assert_array_equal(W[1], [[6.75 * 5.5], [-1.75]])
        np.testing.assert_array_equal(b[1], [5.0])
        np.testing.assert_array_equal(W[0], [[3 * 6.75, -3.5], [6 * 6.75, 0.0]])
        np.testing.assert_array_equal(b[0], [3 * 6.75, 3.5])


class TestGradients:
    @EVERY_PAIR
    def test_every_activation_with_every_loss(self, activation, loss):
        network = MLP([3, 4, 3, 2], activation=activation, loss=loss)
        theta, X, y = problem(network)
        self.compare(network, theta, X, y)

    @given(
        sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5),
        n=st.integers(1, 6),
        seed=st.integers(0, 10_000),
        data=st.data(),
    )
    @settings(max_examples=60)
    def test_networks_of_any_shape(self, sizes, n, seed, data):
        loss = data.draw(st.sampled_from(sorted(LOSSES)))
        if loss == "softmax_cross_entropy":
            sizes[-1] += 1
        smooth = ["identity", "sigmoid", "tanh", "gelu", "softplus", "softmax"]
        names = [data.draw(st.sampled_from(smooth)) for _ in sizes[1:-1]]
        network = MLP(sizes, activation=names, loss=loss)
        self.compare(network, *problem(network, n, seed))

    def compare(self, network, theta, X, y):
        direction = np.random.default_rng(1).normal(size=theta.shape)
        value, gradient = network.loss_and_gradient(theta, X, y)
        assert value == network.loss(theta, X, y)
        h = 1e-6
        ahead, behind = (network.loss(theta + s * h * direction, X, y) for s in (1, -1))
        slope = np.sum(gradient * direction)
        np.testing.assert_allclose(slope, (ahead - behind) / (2 * h), rtol=2e-5, atol=1e-7)


class TestLibraries:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("loss", LOSSES)
    def test_same_as_numpy(self, other_lib, loss, dtype):
        network = MLP([3, 5, 4, 2], activation=["tanh", "gelu"], loss=loss)
        theta, X, y = problem(network)
        theta, X = theta.astype(dtype), X.astype(dtype)
        their_theta, their_X, their_y = (
            other_lib.array(theta),
            other_lib.array(X),
            other_lib.array(y),
        )
        value, gradient = network.loss_and_gradient(their_theta, their_X, their_y)
        right = network.loss_and_gradient(theta.astype(float), X.astype(float), y)
        rtol = 2e-5 if dtype == "float32" else 1e-12
        for ours, expected in zip((value, gradient), right, strict=True):
            assert other_lib.holds(ours, like=their_theta)
            np.testing.assert_allclose(arrays.to_numpy(ours), expected, rtol=rtol, atol=rtol)
        predicted = arrays.to_numpy(network.predict(their_theta, their_X))
        np.testing.assert_allclose(predicted, network.predict(theta, X), rtol=1e-4, atol=1e-6)
        for before, after in ((theta, their_theta), (X, their_X), (y, their_y)):
            np.testing.assert_array_equal(arrays.to_numpy(after), before)

    @pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "int64"])
    def test_labels_of_any_integer_type(self, lib, dtype):
        network = MLP([3, 4, 3], loss="softmax_cross_entropy")
        theta, X, y = problem(network)
        expected = network.loss(theta, X, y)
        theta, X = lib.array(theta), lib.array(X)
        for labels in (lib.array(y, dtype), lib.array(np.eye(3)[y], dtype)):
            assert float(network.loss(theta, X, labels)) == pytest.approx(
                float(expected), rel=1e-12
            )

    @pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
    def test_targets_take_the_dtype_of_the_outputs(self, lib, dtype):
        network = MLP([3, 4, 1], loss="binary_cross_entropy")
        theta, X, y = problem(network)
        expected = network.loss(theta, X, y)
        loss = network.loss(lib.array(theta), lib.array(X), lib.array(y, dtype))
        assert float(loss) == pytest.approx(float(expected), rel=1e-12)
        assert lib.holds(loss, like=lib.array(theta))

    def test_memory_orders_of_numpy(self):
        network = MLP([3, 4, 2], loss="mse")
        theta, X, y = problem(network)
        expected = network.loss_and_gradient(theta, X, y)[1]
        wide = np.repeat(theta, 2)
        wide.setflags(write=False)
        ours = network.loss_and_gradient(wide[::2], np.asfortranarray(X), y[::-1][::-1])[1]
        np.testing.assert_allclose(ours, expected, rtol=1e-13)


class TestInit:
    @pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, float])
    def test_dtype_shape_and_seed(self, dtype):
        network = MLP([10, 64, 32, 1])
        theta = network.init(np.random.default_rng(0), dtype=dtype)
        assert theta.shape == (2817,)
        assert theta.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(theta, network.init(np.random.default_rng(0), dtype=dtype))

    @pytest.mark.parametrize("name", INITIALIZERS)
    def test_biases_start_at_zero(self, name):
        network = MLP([10, 20, 1], initializer=name)
        W, b = network.layout.unpack(network.init(np.random.default_rng(0)))
        assert not any(c.any() for c in b)
        assert name == "zeros" or all(w.any() for w in W)

    def test_the_default_suits_the_activation(self):
        network = MLP([400, 400, 400, 1], activation=["relu", "tanh"])
        W, _ = network.layout.unpack(network.init(np.random.default_rng(0)))
        assert W[0].std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
        assert W[1].std() == pytest.approx(np.sqrt(2 / 800), rel=0.02)

    @pytest.mark.parametrize(
        ("dtype", "got"),
        [
            (int, "int64"),
            ("float16", "float16"),
            (complex, "complex128"),
            (object, "object"),
            ("text", "text"),
            (3, "3"),
        ],
    )
    def test_other_dtypes_are_refused(self, dtype, got):
        message = f"`dtype` must be float32 or float64, got {got}"
        with pytest.raises(TypeError, match=whole(message)):
            MLP([2, 1]).init(np.random.default_rng(0), dtype=dtype)

    @pytest.mark.parametrize("rng", [0, None, np.random])
    def test_no_generator(self, rng):
        message = (
            f"`rng` must be a numpy.random.Generator, got {type(rng).__name__}; "
            "try rng = np.random.default_rng(0)"
        )
        with pytest.raises(TypeError, match=whole(message)):
            MLP([2, 1]).init(rng)


class TestPredictions:
    def test_classes(self, lib):
        network = MLP([3, 4, 3], loss="softmax_cross_entropy")
        theta, X, _ = problem(network)
        z = network.forward(theta, X)
        ours = lib.array(theta), lib.array(X)
        labels = arrays.to_numpy(network.predict(*ours))
        assert labels.dtype.kind == "i"
        np.testing.assert_array_equal(labels, z.argmax(axis=1))
        p = arrays.to_numpy(network.predict_probabilities(*ours))
        np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=1e-12)
        np.testing.assert_array_equal(p.argmax(axis=1), labels)

    def test_yes_or_no(self, lib):
        network = MLP([3, 4, 2], loss="binary_cross_entropy")
        theta, X, _ = problem(network)
        ours = lib.array(theta), lib.array(X)
        labels = arrays.to_numpy(network.predict(*ours))
        p = arrays.to_numpy(network.predict_probabilities(*ours))
        assert labels.dtype.kind == "i"
        assert labels.shape == p.shape == (6, 2)
        np.testing.assert_array_equal(labels, p > 0.5)

    @pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
    def test_values(self, loss):
        network = MLP([3, 4, 2], loss=loss)
        theta, X, _ = problem(network)
        np.testing.assert_array_equal(network.predict(theta, X), network.forward(theta, X))
        message = f"a network with loss '{loss}' predicts values, not classes; use predict"
        with pytest.raises(ValueError, match=whole(message)):
            network.predict_probabilities(theta, X)

    @pytest.mark.parametrize("loss", LOSSES)
    @pytest.mark.parametrize("n", [0, 1])
    def test_no_sample_and_one_sample(self, lib, loss, n):
        network = MLP([3, 4, 2], loss=loss)
        theta, X, y = problem(network, n)
        ours = lib.array(theta), lib.array(X)
        assert tuple(network.forward(*ours).shape) == (n, 2)
        assert network.predict(*ours).shape[0] == n
        if n == 0:
            message = "`X` must have at least one element, got shape (0, 3)"
            with pytest.raises(ValueError, match=whole(message)):
                network.loss(*ours, lib.array(y))
        else:
            assert np.isfinite(float(network.loss(*ours, lib.array(y))))

    @pytest.mark.parametrize("loss", LOSSES)
    @pytest.mark.parametrize("size", [500.0, 1e4])
    def test_huge_inputs_are_finite(self, lib, loss, size):
        network = MLP([3, 4, 2], activation="sigmoid", loss=loss)
        theta, X, y = problem(network)
        value, gradient = network.loss_and_gradient(
            lib.array(theta), lib.array(size * X), lib.array(y)
        )
        assert np.isfinite(float(value))
        assert np.isfinite(arrays.to_numpy(gradient)).all()

    @pytest.mark.parametrize("loss", LOSSES)
    def test_not_a_number_reaches_the_loss(self, lib, loss):
        network = MLP([3, 4, 2], loss=loss)
        theta, X, y = problem(network)
        X[2, 1] = np.nan
        value, gradient = network.loss_and_gradient(lib.array(theta), lib.array(X), lib.array(y))
        assert np.isnan(float(value))
        assert np.isnan(arrays.to_numpy(gradient)).any()


NOT_FINITE = {"NaN": np.nan, "infinity": np.inf, "-infinity": -np.inf}


class TestNothingIsPredictedFromNothing:
    @pytest.mark.parametrize("loss", LOSSES)
    @pytest.mark.parametrize("argument", ["X", "theta"])
    @pytest.mark.parametrize("wrong", NOT_FINITE)
    def test_inputs_that_are_not_finite_are_refused(self, lib, loss, argument, wrong):
        network = MLP([3, 4, 2], loss=loss)
        theta, X, _ = problem(network)
        place = (
            ("theta", (5,), "entry 5") if argument == "theta" else ("X", (2, 1), "row 2, column 1")
        )
        {"theta": theta, "X": X}[argument][place[1]] = NOT_FINITE[wrong]
        got = "1 NaN" if wrong == "NaN" else "1 infinity"
        message = f"`{argument}` must be finite, got {got}, the first in {place[2]}"
        calls = [network.predict]
        if loss.endswith("cross_entropy"):
            calls.append(network.predict_probabilities)
        for call in calls:
            with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
                call(lib.array(theta), lib.array(X))

    def test_theta_is_named_where_it_is_no_array(self):
        network = MLP([1, 1])
        for X in ([[1.0]], np.array([[1.0]])):
            with pytest.raises(TypeError, match=no_array([1.0, 1.0], "theta")):
                network.predict([1.0, 1.0], X)

    def test_the_smallest_network(self):
        network, theta = MLP([2, 1], loss="binary_cross_entropy"), np.array([1.0, 1.0, 5.0])
        message = "`X` must be finite, got 1 NaN, the first in row 0, column 0"
        with pytest.raises(ValueError, match=whole(message)):
            network.predict(theta, np.array([[np.nan, 9.0]]))

    @pytest.mark.parametrize("loss", ["softmax_cross_entropy", "binary_cross_entropy"])
    def test_logits_that_overflow_are_no_class(self, lib, loss):
        network = MLP([1, 2], loss=loss)
        theta, X = np.array([1e200, 1.0, 0.0, 0.0]), np.array([[1.0], [1e200]])
        message = (
            "`logits` must be finite, got 1 infinity, the first in row 1, column 0; `theta` or `X` "
            "is so large that they overflow"
        )
        with (
            np.errstate(over="ignore"),
            pytest.raises(ValueError, match=f"^{re.escape(message)}$"),
        ):
            network.predict(lib.array(theta), lib.array(X))

    def test_compiled_predictions_still_work(self, lib, monkeypatch):
        graphs_only(lib, monkeypatch)
        network = MLP([3, 4, 2], loss="softmax_cross_entropy")
        theta, X, _ = problem(network)
        predict = arrays.compile(network.predict)
        found = arrays.to_numpy(predict(lib.array(theta), lib.array(X)))
        np.testing.assert_allclose(found, network.predict(theta, X), rtol=1e-6)


class TestTheObject:
    def test_it_is_frozen_equal_hashable_and_can_be_pickled(self):
        network = MLP([3, 4, 2], activation="tanh", loss="mae")
        same = MLP((3, 4, 2), activation=["tanh"], loss="mae")
        assert network == same
        assert hash(network) == hash(same)
        assert network != MLP([3, 4, 2], activation="relu", loss="mae")
        assert pickle.loads(pickle.dumps(network)) == network
        assert network.layout.size == 26
        with pytest.raises(dataclasses.FrozenInstanceError):
            network.sizes = (1, 1)

    def test_repr(self):
        assert repr(MLP([3, 4, 2])) == "MLP([3, 4, 2], activation='relu', loss='mse')"
        mixed = MLP([3, 4, 5, 2], activation=["relu", "tanh"], loss="mae")
        assert repr(mixed) == "MLP([3, 4, 5, 2], activation=['relu', 'tanh'], loss='mae')"
        assert repr(MLP([3, 2])).startswith("MLP([3, 2], activation=")

    @pytest.mark.parametrize(
        ("arguments", "options", "error", "message"),
        [
            (
                ([3],),
                {},
                ValueError,
                "`sizes` must list at least inputs and outputs, such as [64, 10], got [3]",
            ),
            (([3, 0],), {}, ValueError, "`sizes` must be at least 1, got 0"),
            (([3, 2.5],), {}, TypeError, "`sizes` must be a whole number, got 2.5"),
            (
                ([3, 2, 1],),
                {"activation": "rleu"},
                ValueError,
                f"`activation` must be one of {', '.join(map(repr, ACTIVATIONS))}, got 'rleu'",
            ),
            (
                ([3, 1],),
                {"activation": "rleu"},
                ValueError,
                f"`activation` must be one of {', '.join(map(repr, ACTIVATIONS))}, got 'rleu'",
            ),
            (
                ([3, 2, 1],),
                {"activation": None},
                TypeError,
                "`activation` must be a name or a sequence of names, got NoneType",
            ),
            (
                ([3, 2, 1],),
                {"activation": ["relu"] * 2},
                ValueError,
                "`activation` must name one activation a hidden layer, 1, got 2",
            ),
            (
                ([3, 1],),
                {"loss": "rmse"},
                ValueError,
                f"`loss` must be one of {', '.join(map(repr, LOSSES))}, got 'rmse'",
            ),
            (
                ([3, 1],),
                {"initializer": "he"},
                ValueError,
                f"`initializer` must be one of {', '.join(map(repr, INITIALIZERS))}, got 'he'",
            ),
            (
                ([3, 1],),
                {"loss": "softmax_cross_entropy"},
                ValueError,
                "`sizes` must end with at least 2 outputs for softmax_cross_entropy, got 1; "
                "for two classes with one output use loss='binary_cross_entropy'",
            ),
        ],
    )
    def test_wrong_options(self, arguments, options, error, message):
        with pytest.raises(error, match=whole(message)):
            MLP(*arguments, **options)

    def test_options_are_keywords(self):
        with pytest.raises(TypeError, match="positional argument"):
            MLP([3, 1], "relu")


class TestErrors:
    network = MLP([3, 4, 2], loss="mse")

    @pytest.mark.parametrize("wrong", NOT_FLOATS)
    def test_what_is_no_floating_point_array_is_refused(self, wrong):
        value = NOT_FLOATS[wrong]
        theta, X, y = problem(self.network)
        call = self.network.loss_and_gradient
        assert_refused(value, call, value, X, y, argument="theta")
        assert_refused(value, call, theta, value, y, argument="X")

    def test_one_dtype(self, lib):
        theta, X, y = (lib.array(x) for x in problem(self.network))
        single = lib.array(arrays.to_numpy(X), np.float32)
        with pytest.raises(TypeError, match=two_dtypes(theta=theta, X=single)):
            self.network.loss_and_gradient(theta, single, y)

    def test_one_library(self, lib):
        theta, X, y = (lib.array(x) for x in problem(self.network))
        foreign_X, foreign_y = (lib.foreign_array(np.ones(shape)) for shape in ((6, 3), (6, 2)))
        with pytest.raises(TypeError, match=two_libraries(theta=theta, X=foreign_X)):
            self.network.loss(theta, foreign_X, y)
        with pytest.raises(TypeError, match=two_libraries(X=X, y=foreign_y)):
            self.network.loss(theta, X, foreign_y)

    @pytest.mark.parametrize("method", ["loss", "loss_and_gradient"])
    @pytest.mark.parametrize(
        ("place", "shape", "message"),
        [
            (0, (25,), "`theta` must have shape (n_parameters,) = (26,), got (25,)"),
            (
                0,
                (26, 1),
                "`theta` must have shape (n_parameters,) = (26,), got (26, 1); "
                "did you mean theta.reshape(-1)?",
            ),
            (1, (6, 4), "`X` must have shape (samples, inputs) = (n, 3), got (6, 4)"),
            (
                1,
                (3,),
                "`X` must have shape (samples, inputs) = (n, 3), got (3,); "
                "did you mean X[None, :]?",
            ),
            (2, (6,), "`y` must have shape (samples, outputs) = (6, 2), got (6,)"),
            (2, (5, 2), "`y` must have shape (samples, outputs) = (6, 2), got (5, 2)"),
            (
                2,
                (2, 6),
                "`y` must have shape (samples, outputs) = (6, 2), got (2, 6); did you mean y.T?",
            ),
        ],
    )
    def test_wrong_shapes(self, lib, method, place, shape, message):
        values = [lib.array(x) for x in problem(self.network)]
        values[place] = lib.array(np.zeros(shape))
        with pytest.raises(ValueError, match=whole(message)):
            getattr(self.network, method)(*values)

    def test_a_column_of_one_output(self):
        network = MLP([3, 1])
        theta, X, y = problem(network)
        message = (
            "`y` must have shape (samples, outputs) = (6, 1), got (6,); did you mean y[:, None]?"
        )
        with pytest.raises(ValueError, match=whole(message)):
            network.loss(theta, X, y[:, 0])

    def test_labels(self, lib):
        network = MLP([3, 4, 3], loss="softmax_cross_entropy")
        theta, X, y = problem(network)
        theta, X = lib.array(theta), lib.array(X)
        message = "`y` must have shape (samples,) = (6,), got (6, 1); did you mean y.reshape(-1)?"
        with pytest.raises(ValueError, match=whole(message)):
            network.loss(theta, X, lib.array(y[:, None]))
        message = "`y` must have shape (samples,) = (6,), got (6, 4)"
        with pytest.raises(ValueError, match=whole(message)):
            network.loss(theta, X, lib.array(np.zeros((6, 4))))
        real = lib.array(y, float)
        message = f"`y` must hold integer labels, got {real.dtype}; try y.astype(int)"
        with pytest.raises(TypeError, match=whole(message)):
            network.loss(theta, X, real)
        with pytest.raises(ValueError, match=whole("`y` must hold labels from 0 to 2, got 3")):
            network.loss(theta, X, lib.array(y + 1))

    @pytest.mark.parametrize(
        ("loss", "shape"),
        [
            ("softmax_cross_entropy", "(samples,) = (6,)"),
            ("mse", "(samples, outputs) = (6, 3)"),
        ],
    )
    def test_targets_that_are_one_number(self, loss, shape):
        network = MLP([4, 3], loss=loss)
        theta, X, _ = problem(network)
        with pytest.raises(ValueError, match=whole(f"`y` must have shape {shape}, got ()")):
            network.loss_and_gradient(theta, X, 1.0)

    @pytest.mark.parametrize("wrong", [None, "6", 2.5])
    def test_masks_are_drawn_for_so_many_samples(self, wrong):
        network = MLP([4, 5, 3], dropout=0.5)
        with pytest.raises(TypeError, match=whole(f"`n` must be a whole number, got {wrong!r}")):
            network.masks(np.random.default_rng(0), wrong, like=np.zeros(1))

    @pytest.mark.parametrize("y", [[[0.0, 1.0]] * 6, None, "labels"])
    def test_targets_that_are_no_array(self, y):
        theta, X, _ = problem(self.network)
        with pytest.raises(TypeError, match=no_array(y, "y")):
            self.network.loss_and_gradient(theta, X, y)
