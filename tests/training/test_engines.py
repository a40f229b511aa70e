"""The in-place NumPy path against the public kernels, step by step."""

import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils.kernels import ACTIVATIONS, LOSSES
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import OPTIMIZERS, Adam, AdamW
from deeplearn_utils.regularizers import L2
from deeplearn_utils.training import train
from deeplearn_utils.training.engines import in_place_updates, memory
from deeplearn_utils.training.engines.in_place import NumPySteps
from deeplearn_utils.training.engines.plain import PlainSteps, Task
from tests.wrong_inputs import whole

TOLERANCE = {np.float32: {"rtol": 2e-4, "atol": 2e-5}, np.float64: {"rtol": 1e-9, "atol": 1e-11}}


def _targets(loss, rng, n, k):
    if loss == "softmax_cross_entropy":
        return rng.integers(0, k, n)
    if loss == "binary_cross_entropy":
        return rng.integers(0, 2, (n, k))
    return rng.normal(size=(n, k))


def _both(network, optimizer, dtype, n=13, batch_size=5, seed=0, regularizer=None, clip_norm=None):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, network.sizes[0])).astype(dtype)
    y = _targets(network.loss_name, rng, n, network.sizes[-1])
    theta = network.init(rng, dtype)
    start = (theta, optimizer.init(theta))
    assert NumPySteps.suits(network, optimizer, theta, X)
    task = Task(network, optimizer, regularizer, (X, y), batch_size, clip_norm)
    return PlainSteps(task, start), NumPySteps(task, start)


def _assert_same_walk(plain, fast, dtype, n, batch_size, epochs=2):
    for epoch in range(epochs):
        order = np.random.default_rng(epoch).permutation(n)
        plain.begin_epoch(order)
        fast.begin_epoch(order)
        for batch in range(-(-n // batch_size)):
            losses = plain.loss_and_gradient(batch), fast.loss_and_gradient(batch)
            np.testing.assert_allclose(losses[1], losses[0], **TOLERANCE[dtype])
            np.testing.assert_allclose(fast.gradient, plain.gradient, **TOLERANCE[dtype])
            rate = plain.optimizer.learning_rate
            plain.update(rate)
            fast.update(rate)
            (theta, state), (plain_theta, plain_state) = fast.snapshot(), plain.snapshot()
            assert type(state) is type(plain_state)
            for ours, theirs in zip((theta, *state), (plain_theta, *plain_state), strict=True):
                np.testing.assert_allclose(ours, theirs, **TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_activation(activation, dtype):
    network = MLP([4, 6, 5, 3], activation=activation, loss="softmax_cross_entropy")
    plain, fast = _both(network, OPTIMIZERS["sgd"](0.01), dtype)
    _assert_same_walk(plain, fast, dtype, 13, 5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_every_loss(loss, dtype):
    network = MLP([4, 6, 2], activation="tanh", loss=loss)
    plain, fast = _both(network, OPTIMIZERS["momentum"](0.01), dtype)
    _assert_same_walk(plain, fast, dtype, 13, 5)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
@pytest.mark.parametrize("regularizer", [None, L2(0.01)])
def test_every_optimizer(name, regularizer):
    network = MLP([4, 6, 2], activation="tanh", loss="mse")
    plain, fast = _both(network, OPTIMIZERS[name](0.01), np.float64, regularizer=regularizer)
    _assert_same_walk(plain, fast, np.float64, 13, 5, epochs=4)


def test_options_of_the_adam_family():
    network = MLP([3, 4, 2], activation="sigmoid", loss="softmax_cross_entropy")
    mask = network.layout.weights_mask(np.zeros(network.layout.size))
    for optimizer in (
        Adam(0.02, beta1=0.5, beta2=0.9, epsilon=1e-3),
        Adam(0.02, bias_correction=False),
        AdamW(0.02, weight_decay=0.3),
        AdamW(0.02, weight_decay=0.3, weights_mask=mask),
    ):
        plain, fast = _both(network, optimizer, np.float64)
        _assert_same_walk(plain, fast, np.float64, 13, 5)


@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=4),
    n=st.integers(1, 20),
    batch_size=st.integers(1, 20),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_every_shape(sizes, n, batch_size, dtype):
    network = MLP(sizes, activation="tanh", loss="mse")
    batch_size = min(batch_size, n)
    plain, fast = _both(network, Adam(0.01, epsilon=1e-3), dtype, n, batch_size)
    _assert_same_walk(plain, fast, dtype, n, batch_size)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_chunks_of_a_long_vector_give_the_same_update(name, monkeypatch):
    optimizer = OPTIMIZERS[name](0.01)
    rng = np.random.default_rng(0)
    theta, g = rng.normal(size=(2, 1_000))
    state = optimizer.init(theta)
    want, want_state = optimizer.step(theta, g, state)
    monkeypatch.setattr(in_place_updates, "WHOLE", 10)
    monkeypatch.setattr(in_place_updates, "CHUNK", 64)
    got, moments = theta.copy(), tuple(x.copy() for x in state[1:])
    update = in_place_updates.update(optimizer, theta.dtype)
    update(0, 0.01, got, g, moments, np.empty_like(theta))
    np.testing.assert_allclose(got, want, rtol=1e-12)
    for a, b in zip(moments, want_state[1:], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


def test_soft_targets_take_the_same_path():
    network = MLP([3, 4, 2], loss="softmax_cross_entropy")
    X = np.random.default_rng(0).normal(size=(8, 3))
    theta = network.init(np.random.default_rng(1))
    labels = np.array([0, 1] * 4)
    hard, soft = (
        list(train(network, theta, X, y, optimizer=Adam(0.01), epochs=3))[-1]
        for y in (labels, np.eye(2)[labels])
    )
    np.testing.assert_allclose(soft.theta, hard.theta, rtol=1e-9)


def test_an_optimizer_of_the_reader_runs_through_its_own_step():
    class Reader(Adam):
        pass

    network = MLP([3, 4, 1], loss="mse")
    X = np.random.default_rng(0).normal(size=(8, 3))
    theta = network.init(np.random.default_rng(1))
    assert not NumPySteps.suits(network, Reader(0.01), theta, X)
    ours, readers = (
        list(train(network, theta, X, X[:, :1], optimizer=o, epochs=3))[-1]
        for o in (Adam(0.01), Reader(0.01))
    )
    np.testing.assert_allclose(readers.theta, ours.theta, rtol=1e-9)


def test_records_keep_their_theta_and_state():
    network = MLP([3, 4, 1], loss="mse")
    X = np.random.default_rng(0).normal(size=(8, 3))
    theta = network.init(np.random.default_rng(1))
    start = theta.copy()
    records = list(train(network, theta, X, X[:, :1], optimizer=Adam(0.01), epochs=3))
    np.testing.assert_array_equal(theta, start)
    assert len({record.theta.tobytes() for record in records}) == 4
    assert len({record.state.m.tobytes() for record in records}) == 4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_clipped_steps(dtype):
    network = MLP([4, 6, 3], loss="softmax_cross_entropy")
    plain, fast = _both(network, Adam(0.01), dtype, regularizer=L2(0.01), clip_norm=0.05)
    _assert_same_walk(plain, fast, dtype, 13, 5)


def test_clipping_limits_the_step_and_not_the_record(rng):
    network = MLP([3, 4, 1])
    X, y = rng.normal(size=(9, 3)), 50 * rng.normal(size=(9, 1))
    theta = network.init(rng)
    optimizer = OPTIMIZERS["gradient_descent"](0.5)
    _, record = train(network, theta, X, y, optimizer=optimizer, epochs=1, clip_norm=0.125)
    _, gradient = network.loss_and_gradient(theta, X, y)
    assert record.gradient_norm == pytest.approx(np.linalg.norm(gradient))
    assert np.linalg.norm(record.theta - theta) == pytest.approx(0.5 * 0.125)
    np.testing.assert_allclose(
        record.theta - theta, -0.0625 * gradient / np.linalg.norm(gradient), rtol=1e-9
    )


@pytest.mark.parametrize("clip_norm", [0, -1.0, np.inf, np.nan])
def test_clipping_by_nothing_is_refused(clip_norm):
    network, X = MLP([3, 1]), np.ones((2, 3))
    options = {"optimizer": OPTIMIZERS["sgd"](0.1), "epochs": 1, "clip_norm": clip_norm}
    message = f"`clip_norm` must be a number in (0.0, inf), got {clip_norm}"
    with pytest.raises(ValueError, match=whole(message)):
        train(network, np.ones(4), X, X[:, :1], **options)


class TestCopies:
    x = np.arange(float(memory.LARGE))

    def test_what_nobody_holds_is_used_again(self):
        copies, places = memory.Copies(), set()
        for k in range(6):
            copy = copies.copy(self.x + k)
            np.testing.assert_array_equal(copy, self.x + k)
            places.add(copy.ctypes.data)
        assert len(places) == 2  # the one that the loop holds, and the next

    @pytest.mark.parametrize("held", [lambda x: x, lambda x: x[5:], lambda x: x[::2][1:].T])
    def test_what_somebody_holds_is_left_alone(self, held):
        copies = memory.Copies()
        kept = [held(copies.copy(self.x + k)) for k in range(3)]
        for k, x in enumerate(kept):
            np.testing.assert_array_equal(x, held(self.x + k))

    def test_little_is_kept(self):
        copies = memory.Copies()
        many = [copies.copy(self.x) for _ in range(2 * memory.KEPT)]
        many.clear()
        assert len(copies.free) == memory.KEPT

    def test_a_copy_belongs_to_its_holder(self):
        copies, x = memory.Copies(), self.x.copy()
        copy = copies.copy(x)
        copy[:] = 0.0
        np.testing.assert_array_equal(x, self.x)
        assert pickle.loads(pickle.dumps(copy)).tobytes() == copy.tobytes()


def test_large_records_stay_as_they_were_when_others_are_dropped():
    network = MLP([400, 400, 1])
    X = np.random.default_rng(0).normal(size=(4, 400))
    assert network.layout.size * 8 > memory.LARGE
    theta = network.init(np.random.default_rng(1))
    run = partial(train, network, theta, X, X[:, :1], optimizer=Adam(0.01), epochs=8)
    whole = [(r.theta.tobytes(), r.state.m.tobytes()) for r in run()]
    kept = [record for record in run() if record.epoch % 3 == 0]
    assert [(r.theta.tobytes(), r.state.m.tobytes()) for r in kept] == whole[::3]
