"""One wrong argument of `train` at a time: the message names it, and nothing else is blamed."""

import re

import numpy as np
import pytest

from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.regularizers import L2
from deeplearn_utils.training import train
from tests.wrong_inputs import no_array, whole

N = 23
NETWORK = MLP([4, 5, 3], activation="tanh", loss="softmax_cross_entropy")
RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=(N, 4)), RNG.integers(0, 3, N)
THETA = NETWORK.init(RNG)


def changed(array, place, value):
    array = array.copy()
    array[place] = value
    return array


WRONG = [
    (
        {"network": "mlp"},
        TypeError,
        "`network` must be an object with loss and loss_and_gradient, such as MLP([64, 10]), "
        "got 'mlp'",
    ),
    (
        {"network": MLP},
        TypeError,
        "`network` must be an object with loss and loss_and_gradient, such as MLP([64, 10]), "
        "got the class MLP; make one: MLP(...)",
    ),
    (
        {"optimizer": "adam"},
        TypeError,
        "`optimizer` must be an object with init and step, such as Adam(1e-3), got 'adam'",
    ),
    (
        {"optimizer": Adam},
        TypeError,
        "`optimizer` must be an object with init and step, such as Adam(1e-3), got the class "
        "Adam; make one: Adam(...)",
    ),
    (
        {"optimizer": None},
        TypeError,
        "`optimizer` must be an object with init and step, such as Adam(1e-3), got NoneType",
    ),
    (
        {"regularizer": 0.1},
        TypeError,
        "`regularizer` must be an object with penalty and gradient, such as L2(1e-4), got float",
    ),
    (
        {"regularizer": L2},
        TypeError,
        "`regularizer` must be an object with penalty and gradient, such as L2(1e-4), got the"
        " class L2; make one: L2(...)",
    ),
    (
        {"theta": np.zeros(5)},
        ValueError,
        "`theta` must have shape (n_parameters,) = (43,), got (5,)",
    ),
    (
        {"theta": np.zeros(43, int)},
        TypeError,
        "`theta` must hold floating-point numbers (float32 or float64), got int64; try "
        "theta.astype(float)",
    ),
    (
        {"X": np.zeros((N, 3))},
        ValueError,
        "`X` must have shape (samples, inputs) = (n, 4), got (23, 3)",
    ),
    (
        {"X": np.zeros(4)},
        ValueError,
        "`X` must have shape (samples, inputs) = (n, 4), got (4,); did you mean X[None, :]?",
    ),
    (
        {"X": np.zeros((N, 4), int)},
        TypeError,
        "`X` must hold floating-point numbers (float32 or float64), got int64; try X.astype(float)",
    ),
    (
        {"X": np.zeros((N, 4), np.float32)},
        TypeError,
        "`theta` and `X` must have one dtype, got float64 and float32; convert one of them "
        "with xp.astype",
    ),
    (
        {"X": np.zeros((N - 1, 4))},
        ValueError,
        "`X` and `y` must have one row a sample, got 22 and 23 rows",
    ),
    (
        {"X": np.zeros((0, 4)), "y": np.zeros(0, int)},
        ValueError,
        "`X` must have at least one element, got shape (0, 4)",
    ),
    (
        {"X": changed(X, (3, 0), np.nan)},
        ValueError,
        "`X` must be finite, got 1 NaN, the first in row 3, column 0; clean the data first",
    ),
    (
        {"X": changed(X, (3, 0), np.inf)},
        ValueError,
        "`X` must be finite, got 1 infinity, the first in row 3, column 0; clean the data first",
    ),
    (
        {"y": np.zeros((N, 1), int)},
        ValueError,
        "`y` must have shape (samples,) = (23,), got (23, 1); did you mean y.reshape(-1)?",
    ),
    ({"y": np.full(N, 3)}, ValueError, "`y` must hold labels from 0 to 2, got 3"),
    ({"y": np.full(N, -1)}, ValueError, "`y` must hold labels from 0 to 2, got -1"),
    ({"y": np.full(N, 200, "u1")}, ValueError, "`y` must hold labels from 0 to 2, got 200"),
    (
        {"y": Y.astype(float)},
        TypeError,
        "`y` must hold integer labels, got float64; try y.astype(int)",
    ),
    (
        {"y": Y.astype(str)},
        TypeError,
        f"`y` must hold numbers, got text ('{Y[0]}' in entry 0); these are numbers written as "
        "text, convert them with .astype(float)",
    ),
    (
        {"X": X.astype(str).astype(object) + "m"},
        TypeError,
        f"`X` must hold numbers, got text in column 0 ('{X[0, 0]}m' in row 0); write categories as "
        "numbers (one 0/1 column each)",
    ),
    (
        {"y": changed(Y.astype(float), 2, np.nan)},
        ValueError,
        "`y` must be finite, got 1 NaN, the first in entry 2; clean the data first",
    ),
    ({"y": np.int64(3)}, ValueError, "`X` and `y` must have one row a sample, got 23 and 0 rows"),
    ({"epochs": -1}, ValueError, "`epochs` must be at least 0, got -1"),
    ({"epochs": 1.5}, TypeError, "`epochs` must be a whole number, got 1.5"),
    ({"batch_size": 0}, ValueError, "`batch_size` must be at least 1, got 0"),
    (
        {"batch_size": 4, "rng": None},
        ValueError,
        "`rng` is needed to shuffle mini-batches; try np.random.default_rng(0)",
    ),
    (
        {"rng": 3},
        TypeError,
        "`rng` must be a numpy.random.Generator, got int; try rng = np.random.default_rng(0)",
    ),
    ({"every": "batch"}, ValueError, "`every` must be one of 'epoch', 'step', got 'batch'"),
    ({"clip_norm": 0}, ValueError, "`clip_norm` must be a number in (0.0, inf), got 0"),
    ({"clip_norm": "1"}, TypeError, "`clip_norm` must be a number, got str"),
    ({"progress": 1}, TypeError, "`progress` must be True or False, got 1"),
    (
        {"resume": "run.npz"},
        TypeError,
        "`resume` must be a Record from train or a Checkpoint from load_checkpoint, got str",
    ),
    ({"validation": X}, ValueError, "`validation` must be a pair (X, y), got ndarray"),
    ({"validation": (X,)}, ValueError, "`validation` must be a pair (X, y), got 1 entries"),
    (
        {"validation": (np.zeros((2, 3)), Y[:2])},
        ValueError,
        "`validation X` must have shape (samples, inputs) = (n, 4), got (2, 3)",
    ),
    (
        {"validation": (X[:0], Y[:0])},
        ValueError,
        "`validation X` must have at least one element, got shape (0, 4)",
    ),
    (
        {"validation": (X[:2], Y[:3])},
        ValueError,
        "`validation X` and `validation y` must have one row a sample, got 2 and 3 rows",
    ),
    (
        {"validation": (X[:2], Y[:2] + 9)},
        ValueError,
        f"`validation y` must hold labels from 0 to 2, got {Y[0] + 9}",
    ),
    (
        {"validation": (changed(X, (1, 1), np.inf), Y)},
        ValueError,
        "`validation X` must be finite, got 1 infinity, the first in row 1, column 1; clean "
        "the data first",
    ),
]


@pytest.mark.parametrize(("changes", "error", "message"), WRONG, ids=[row[2][:50] for row in WRONG])
def test_wrong_arguments_are_refused_at_the_call(changes, error, message):
    right = {"network": NETWORK, "theta": THETA, "X": X, "y": Y, "optimizer": Adam(0.1)}
    arguments = {**right, "epochs": 1, "rng": np.random.default_rng(0), **changes}
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        train(arguments.pop("network"), **arguments)


@pytest.mark.parametrize(
    ("name", "wrong", "error", "pattern"),
    [
        ("X", X[:0], ValueError, whole("`X` must have at least one element, got shape (0, 4)")),
        ("y", Y + 5, ValueError, whole(f"`y` must hold labels from 0 to 2, got {Y[0] + 5}")),
        (
            "y",
            Y[:, None],
            ValueError,
            whole(
                "`y` must have shape (samples,) = (23,), got (23, 1); did you mean y.reshape(-1)?"
            ),
        ),
        ("y", Y.tolist(), TypeError, no_array(Y.tolist(), "y")),
    ],
)
def test_a_networks_loss_names_its_own_arguments(name, wrong, error, pattern):
    given = {"X": X, "y": Y, name: wrong}
    for call in (NETWORK.loss, NETWORK.loss_and_gradient):
        with pytest.raises(error, match=f"^{pattern}$"):
            call(THETA, *given.values())


CONTAINERS = {
    "lists": (X.tolist(), Y.tolist()),
    "objects": (X.astype(object), Y.astype(object)),
    "masked arrays": (np.ma.masked_array(X), np.ma.masked_array(Y)),
    "tuples": (tuple(map(tuple, X)), tuple(Y.tolist())),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", CONTAINERS)
def test_what_intake_knows_trains_as_an_array_does(lib, kind, dtype):
    theta, options = lib.array(THETA, dtype), {"optimizer": Adam(0.1), "epochs": 1}
    *_, ours = train(NETWORK, theta, *CONTAINERS[kind], validation=CONTAINERS[kind], **options)
    *_, right = train(NETWORK, theta, lib.array(X, dtype), lib.array(Y), **options)
    assert float(ours.loss) == float(right.loss)
    assert ours.validation_loss == ours.loss


NO_NUMBERS = {
    "text": (["a"] * N, "text ('a' in entry 0); write categories as numbers (one 0/1 column each)"),
    "text among numbers": (
        [0, "1", *Y[2:].tolist()],
        "text ('1' in entry 1); these are numbers written as text, convert them with "
        ".astype(float)",
    ),
    "complex numbers": (
        [1j] * N,
        "complex numbers (1j in entry 0); take their real and their imaginary part as two columns",
    ),
}


@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_targets_that_are_no_numbers_are_named(lib, kind):
    y, cause = NO_NUMBERS[kind]
    for wrong in (y, np.array(y, object)):
        message = f"`y` must hold numbers, got {cause}"
        with pytest.raises(TypeError, match=whole(message)):
            train(NETWORK, lib.array(THETA), lib.array(X), wrong, optimizer=Adam(0.1), epochs=1)


def test_data_frames_train_too():
    pandas = pytest.importorskip("pandas")
    frames = pandas.DataFrame(X), pandas.Series(Y, dtype="Int64")
    *_, ours = train(NETWORK, THETA, *frames, optimizer=Adam(0.1), epochs=1)
    *_, right = train(NETWORK, THETA, X, Y, optimizer=Adam(0.1), epochs=1)
    assert ours.loss == right.loss
