"""Weights that go: which, when, and what stays; units that go with all that leads to them."""

import re

import numpy as np
import pytest

from deeplearn_utils.edge.compress import (
    kernels_of,
    magnitude_masks,
    prune,
    prune_mlp,
    shrink,
    shrink_mlp,
    sparsity_at,
    sparsity_of,
)
from deeplearn_utils.edge.convert import outputs_of
from deeplearn_utils.networks import MLP
from tests.wrong_inputs import no_array, whole


def values(model):
    return [kernel.numpy() for kernel in kernels_of(model)]


def test_masks_keep_the_largest(torch, rng):
    from torch.nn.utils.prune import l1_unstructured

    W = [rng.normal(size=(6, 5)), 3 * rng.normal(size=(5, 4))]
    kept = magnitude_masks(W, 0.6)
    threshold = np.quantile(np.abs(np.concatenate([w.ravel() for w in W])), 0.6)
    for mask, w in zip(kept, W, strict=True):
        np.testing.assert_array_equal(mask, np.abs(w) > threshold)
    for mask, w in zip(magnitude_masks(W, 0.3, ranking="layer"), W, strict=True):
        layer = torch.nn.Linear(1, 1)
        layer.weight = torch.nn.Parameter(torch.tensor(w))
        l1_unstructured(layer, "weight", amount=0.3)
        np.testing.assert_array_equal(mask, layer.weight_mask.numpy().astype(bool))


def test_of_equal_weights_the_first_go():
    W = np.array([2.0, -1.0, 1.0, 0.5, 1.0])
    for n_gone, kept in enumerate(("11111", "11101", "10101", "10001", "10000")):
        (mask,) = magnitude_masks([W], n_gone / 5)
        assert "".join(map(str, mask.astype(int))) == kept


def test_sparsity_out_of_range():
    message = "`sparsity` must be a number in [0, 1), got 1"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        magnitude_masks([np.ones(3)], 1)


@pytest.mark.parametrize("ranking", ["global", "layer"])
def test_pruning_reaches_its_sparsity_and_tuning_brings_accuracy_back(
    ranking, digits_cnn, digit_images
):
    X, y = digit_images["X_train"], digit_images["y_train"]
    before = digits_cnn.get_weights()
    options = {"sparsity": 0.6, "ranking": ranking}
    cut = prune(digits_cnn, X, y, epochs=0, **options)
    tuned = prune(digits_cnn, X, y, epochs=3, **options)
    right = []
    for model in (cut, tuned):
        assert sparsity_of(values(model)) == pytest.approx(0.6, abs=0.005)
        right.append((outputs_of(model, X).argmax(axis=1) == y).mean())
    assert right[1] > right[0] + 0.05
    per_layer = [sparsity_of([W]) for W in values(tuned)]
    assert (max(per_layer) - min(per_layer) < 0.05) == (ranking == "layer")
    for old, new in zip(before, digits_cnn.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_an_mlp_learns_around_its_holes(rng):
    network = MLP([4, 30, 1], loss="mse")
    X = rng.normal(size=(300, 4))
    y = np.sin(X[:, :1]) + X[:, 1:2]
    options = {"learning_rate": 1e-2, "epochs": 20, "rng": rng}
    theta = prune_mlp(network, network.init(rng), X, y, sparsity=0.0, **options)
    options |= {"sparsity": 0.8, "ranking": "layer"}
    cut = prune_mlp(network, theta, X, y, **options | {"epochs": 0})
    tuned = prune_mlp(network, theta, X, y, **options)
    W, _ = network.layout.unpack(tuned)
    assert sparsity_of(W) == pytest.approx(0.8)
    assert network.loss(tuned, X, y) < 0.5 * network.loss(cut, X, y)


def test_a_smaller_mlp_computes_what_the_larger_does_without_its_units(rng):
    network = MLP([3, 6, 5, 2], activation="tanh", loss="mse")
    theta = network.init(rng)
    smaller, small = shrink_mlp(network, theta, 0.5)
    assert smaller.sizes == (3, 3, 3, 2)
    W, b = network.layout.unpack(theta)
    masked, silent = [w.copy() for w in W], [c.copy() for c in b]
    for l in (0, 1):
        strength = np.abs(W[l]).sum(axis=0)
        gone = strength.argsort()[: len(strength) - 3]
        masked[l + 1][gone] = 0
    X = rng.normal(size=(10, 3))
    expected = network.forward(network.layout.pack(masked, silent), X)
    np.testing.assert_allclose(smaller.forward(small, X), expected)


def test_a_smaller_cnn_computes_what_the_larger_does_without_its_channels(digits_cnn, digit_images):
    smaller = shrink(digits_cnn, 0.5)
    assert smaller.count_params() < 0.4 * digits_cnn.count_params()
    silent = type(digits_cnn).from_config(digits_cnn.get_config())
    original, weights = digits_cnn.get_weights(), digits_cnn.get_weights()
    for at, follows in ((0, 4), (4, 6), (6, 8), (8, 10)):  # where kernels that grow and shrink are
        strength = np.abs(original[at]).reshape(-1, original[at].shape[-1]).sum(axis=0)
        gone = strength.argsort()[: len(strength) // 2]
        weights[follows][..., gone, :] = 0
    silent.set_weights(weights)
    X = digit_images["X_validation"][:20]
    found, expected = outputs_of(smaller, X), outputs_of(silent, X)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_what_can_not_be_shrunk_is_told(tf, digits_cnn):
    import keras

    model = keras.Sequential(
        [keras.Input((4, 2)), keras.layers.LSTM(3, name="memory"), keras.layers.Dense(2)]
    )
    message = "layer `memory` is a LSTM, whose channels can't be told"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        shrink(model, 0.5)
    message = "`model` must have a dense or convolution layer whose weights train"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        kernels_of(keras.Sequential([keras.Input((2,)), keras.layers.ReLU()]))


def test_the_lowest_number_of_a_narrow_type_is_large():
    (mask,) = magnitude_masks([np.array([-128, 1, 2], np.int8)], 1 / 3)
    assert mask.tolist() == [True, False, True]


@pytest.mark.parametrize("ranking", ["global", "layer"])
@pytest.mark.parametrize(("value", "name"), [(np.nan, "NaN"), (np.inf, "infinity")])
def test_weights_that_are_no_numbers_do_not_go_unseen(ranking, value, name):
    wrong = [np.ones(2), np.array([1.0, value, 2.0])]
    message = f"`weights[1]` must be finite, got 1 {name}, the first in entry 1"
    with pytest.raises(ValueError, match=whole(message)):
        magnitude_masks(wrong, 0.4, ranking=ranking)


def test_no_weights_at_all():
    message = "`weights` must hold an array for each layer, got none"
    for ask in (lambda: magnitude_masks([], 0.5), lambda: sparsity_of([])):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            ask()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "`weights` must be a sequence of arrays, one for each layer, got NoneType"),
        (3, "`weights` must be a sequence of arrays, one for each layer, got int"),
        ("text", "`weights[0]` must hold numbers, got <U1; try weights[0].astype(float)"),
    ],
)
def test_what_are_no_weights(wrong, message):
    for ask in (lambda: magnitude_masks(wrong, 0.5), lambda: sparsity_of(wrong)):
        with pytest.raises(TypeError, match=whole(message)):
            ask()


def test_steps_below_the_first():
    with pytest.raises(ValueError, match="^`step` must be at least 0, got -1$"):
        sparsity_at(-1, 4, end=0.8)


NETWORK = MLP([2, 8, 1], loss="mse")


def tuned(**options):
    rng = np.random.default_rng(0)
    theta, X = NETWORK.init(rng), rng.normal(size=(300, 2))
    right = {"network": NETWORK, "X": X, "y": X[:, :1], "sparsity": 0.5, "epochs": 1, "rng": rng}
    return prune_mlp(theta=theta, **right | options)


@pytest.mark.parametrize("narrow", [np.uint8, np.int8])
def test_batches_of_a_narrow_size_are_counted(narrow):
    np.testing.assert_array_equal(tuned(batch_size=narrow(32)), tuned(batch_size=32))


@pytest.mark.parametrize(
    ("error", "message", "wrong"),
    [
        (ValueError, "`batch_size` must be at least 1, got 0", {"batch_size": 0}),
        (ValueError, "`batch_size` must be at least 1, got -3", {"batch_size": -3}),
        (ValueError, "`ramp` must be a number in [0, 1], got nan", {"ramp": np.nan}),
        (ValueError, "`ramp` must be a number in [0, 1], got 5", {"ramp": 5}),
        (
            TypeError,
            "`rng` must be a numpy.random.Generator, got NoneType; try rng = "
            "np.random.default_rng(0)",
            {"rng": None},
        ),
        (
            ValueError,
            "`y` must have shape (samples, outputs) = (300, 1), got (9, 1)",
            {"y": np.ones((9, 1))},
        ),
        (
            ValueError,
            "`y` must have shape (samples, outputs) = (300, 1), got ()",
            {"y": 1.0},
        ),
        (ValueError, "`X` must have shape (samples, inputs) = (n, 2), got ()", {"X": 1.0}),
        (TypeError, "`sparsity` must be a number, got NoneType", {"sparsity": None}),
        (ValueError, "`sparsity` must be a number in [0, 1), got 1", {"sparsity": 1}),
        (
            TypeError,
            "`network` must be an MLP, such as MLP([64, 10]), got NoneType",
            {"network": None},
        ),
        (
            ValueError,
            "`X` must be finite, got 600 NaN, the first in row 0, column 0",
            {"X": np.full((300, 2), np.nan)},
        ),
    ],
)
def test_a_wrong_argument_is_named(error, message, wrong):
    with pytest.raises(error, match=whole(message)):
        tuned(**wrong)


def test_a_list_is_no_array():
    with pytest.raises(TypeError, match=no_array([], "X")):
        tuned(X=[[1.0, 2.0]] * 300)


@pytest.mark.parametrize(
    ("wrong", "got"),
    [(None, "NoneType"), ("mlp", "'mlp'"), (MLP, "the class MLP; make one: MLP(...)")],
)
def test_what_is_no_mlp_is_not_shrunk(wrong, got):
    message = f"`network` must be an MLP, such as MLP([64, 10]), got {got}"
    with pytest.raises(TypeError, match=whole(message)):
        shrink_mlp(wrong, np.ones(3), 0.5)


def test_a_smaller_mlp_keeps_its_dropout_and_its_initializer():
    network = MLP([2, 8, 6, 1], loss="mse", dropout=[0.5, 0.1], initializer="normal")
    smaller, _ = shrink_mlp(network, network.init(np.random.default_rng(0)), 0.5)
    assert (smaller.sizes, smaller.dropout) == ((2, 4, 3, 1), (0.5, 0.1))
    assert smaller.initializer == "normal"
