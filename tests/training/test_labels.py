"""Labels of every dtype train as int64 does: on every path, for batches around every limit."""

import numpy as np
import pytest

from deeplearn_utils.arrays import to_numpy
from deeplearn_utils.datasets import digits
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import SGD, Adam
from deeplearn_utils.training import train
from deeplearn_utils.training.engines import compiled
from deeplearn_utils.training.engines.plain import PlainSteps, Task

WHOLE = ["bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))]
LIMITS = [1, 2, 3, 126, 127, 128, 129, 254, 255, 256, 257, 300]
CLASSES = MLP([3, 4, 2], loss="softmax_cross_entropy")


def problem(n, loss="softmax_cross_entropy"):
    rng = np.random.default_rng(n)
    X = rng.normal(size=(n, 3)).astype("float32")
    y = (X[:, 0] > 0).astype("int64")
    return CLASSES.init(rng, "float32"), X, y if loss.startswith("soft") else np.stack([y, y], 1)


def last_theta(network, theta, X, y, batch_size=None, epochs=2, **options):
    rng = np.random.default_rng(0)
    options = {"optimizer": SGD(0.5), "batch_size": batch_size, "rng": rng, **options}
    *_, last = train(network, theta, X, y, epochs=epochs, **options)
    return to_numpy(last.theta)


@pytest.mark.parametrize("n", LIMITS)
@pytest.mark.parametrize("dtype", WHOLE)
def test_every_batch_size(dtype, n):
    theta, X, y = problem(n)
    for batch_size in (n, max(n - 1, 1)):
        expected = last_theta(CLASSES, theta, X, y, batch_size)
        ours = last_theta(CLASSES, theta, X, y.astype(dtype), batch_size)
        np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16"])
def test_many_classes(dtype):
    """The product of label and batch size is beyond the dtype long before either is."""
    network = MLP([3, 120], loss="softmax_cross_entropy")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(500, 3)), rng.integers(0, 120, 500)
    theta = network.init(rng)
    for batch_size in (2, 64, 500):
        expected = last_theta(network, theta, X, y, batch_size)
        ours = last_theta(network, theta, X, y.astype(dtype), batch_size)
        np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "binary_cross_entropy", "mse"])
@pytest.mark.parametrize("dtype", WHOLE)
def test_every_library_and_loss(lib, dtype, loss):
    network = MLP([3, 4, 2], loss=loss)
    theta, X, y = problem(5, loss)
    arrays = (lib.array(theta), lib.array(X))
    expected = last_theta(network, *arrays, lib.array(y), 2)
    ours = last_theta(network, *arrays, lib.array(y, dtype), 2)
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint64"])
def test_compiled_by_pytorch(torch, dtype, monkeypatch):
    monkeypatch.setattr(compiled, "TORCH_STEPS", 0)
    monkeypatch.setattr(torch, "compile", lambda graph: graph)
    theta, X, y = map(torch.asarray, problem(5))
    expected = last_theta(CLASSES, theta, X, y, 2)
    ours = last_theta(CLASSES, theta, X, torch.asarray(y.numpy().astype(dtype)), 2)
    np.testing.assert_array_equal(ours, expected)


def test_the_digits_with_labels_as_they_are_stored():
    data = digits()
    network = MLP([64, 32, 10], loss="softmax_cross_entropy")
    theta = network.init(np.random.default_rng(0))
    y = data.y_train.astype("u1")
    rng = np.random.default_rng(1)
    options = {"optimizer": Adam(1e-2), "epochs": 20, "batch_size": 128, "rng": rng}
    *_, last = train(network, theta, data.X_train, y, **options)
    assert np.mean(network.predict(last.theta, data.X_test) == data.y_test) > 0.94


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64])
def test_narrow_counts_count_on(kind):
    theta, X, y = problem(300)
    expected = last_theta(CLASSES, theta, X, y, 100, epochs=100)
    np.testing.assert_array_equal(
        last_theta(CLASSES, theta, X, y, kind(100), epochs=kind(100)), expected
    )


def test_labels_are_looked_at_once_a_training(torch, monkeypatch):
    """On a GPU each look would be a copy to the host."""
    from deeplearn_utils.kernels import losses

    theta, X, y = map(torch.asarray, problem(20))
    records = train(CLASSES, theta, X, y, optimizer=SGD(0.1), epochs=3)
    monkeypatch.setattr(losses, "to_numpy", lambda x: pytest.fail("labels were looked at again"))
    for record in records:
        assert record.loss > 0


def test_theta_is_cut_up_once_a_step(monkeypatch):
    theta, X, y = problem(20)
    cuts = []
    layout = type(CLASSES.layout)
    unpack = layout.unpack
    monkeypatch.setattr(layout, "unpack", lambda *args: cuts.append(1) or unpack(*args))
    CLASSES.loss_and_gradient(theta, X, y)
    assert len(cuts) == 1


def test_plain_steps_take_labels_that_nobody_converted():
    theta, X, y = problem(300)
    walks = []
    for labels in (y, y.astype("u1")):
        task = Task(CLASSES, SGD(0.5), None, (X, labels), 300)
        steps = PlainSteps(task, (theta, SGD(0.5).init(theta)))
        steps.begin_epoch(None)
        steps.run(range(1), [0.5])
        walks.append(steps.snapshot()[0])
    np.testing.assert_array_equal(*walks)
