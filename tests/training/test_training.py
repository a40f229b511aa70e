"""The training loop: what it yields, when it stops, and that a run can be taken up again."""

import re

import numpy as np
import pytest

from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import OPTIMIZERS, Adam, GradientDescent, Momentum, RMSprop
from deeplearn_utils.regularizers import L1, L2, ElasticNet
from deeplearn_utils.schedules import StepDecay
from deeplearn_utils.training import (
    NonFiniteLossError,
    load_checkpoint,
    save_checkpoint,
    train,
)
from tests.wrong_inputs import whole

N = 23
NETWORK = MLP([4, 5, 3], activation="tanh", loss="softmax_cross_entropy")


def task(dtype="float64"):
    rng = np.random.default_rng(7)
    X = rng.normal(size=(N, 4)).astype(dtype)
    return NETWORK.init(rng, dtype), X, rng.integers(0, 3, N)


def run(epochs=3, seed=0, optimizer=None, dtype="float64", **options):
    theta, X, y = task(dtype)
    options = {"batch_size": 5, "rng": np.random.default_rng(seed), **options}
    return list(
        train(NETWORK, theta, X, y, optimizer=optimizer or Adam(0.01), epochs=epochs, **options)
    )


def assert_same_to_the_bit(record, other):
    assert (record.epoch, record.step) == (other.epoch, other.step)
    assert record.theta.dtype == other.theta.dtype
    assert record.theta.tobytes() == other.theta.tobytes()
    for ours, theirs in zip(record.state, other.state, strict=True):
        assert np.asarray(ours).tobytes() == np.asarray(theirs).tobytes()
    assert record.loss == other.loss
    assert record.learning_rate == other.learning_rate


# ----------------------------------------------------------------------------- what it yields


def test_record_zero_is_before_training():
    theta, X, y = task()
    first = run()[0]
    assert (first.epoch, first.step) == (0, 0)
    np.testing.assert_array_equal(first.theta, theta)
    assert first.loss == pytest.approx(float(NETWORK.loss(theta, X, y)), rel=1e-12)
    assert first.learning_rate is None
    assert first.gradient_norm is None
    assert [record.epoch for record in run(epochs=0)] == [0]


@pytest.mark.parametrize(
    ("batch_size", "steps"), [(1, 23), (5, 5), (22, 2), (23, 1), (24, 1), (10**6, 1), (None, 1)]
)
def test_steps_an_epoch_with_a_smaller_last_batch(batch_size, steps):
    records = run(epochs=2, batch_size=batch_size)
    assert [(r.epoch, r.step) for r in records] == [(0, 0), (1, steps), (2, 2 * steps)]
    records = run(epochs=2, batch_size=batch_size, every="step")
    assert [r.step for r in records] == list(range(2 * steps + 1))
    assert [r.epoch for r in records] == [step // steps for step in range(2 * steps + 1)]


def test_records_measure_theta_as_it_is_then():
    _, X, y = task()
    for record in run(validation=(X[:6], y[:6]), regularizer=L2(0.1)):
        loss = float(NETWORK.loss(record.theta, X, y))
        assert record.loss == pytest.approx(loss, rel=1e-12)
        validation_loss = float(NETWORK.loss(record.theta, X[:6], y[:6]))
        assert record.validation_loss == pytest.approx(validation_loss, rel=1e-12)
        W, _ = NETWORK.layout.unpack(record.theta)
        assert record.penalty == pytest.approx(0.1 * sum(float(np.sum(w**2)) for w in W))
    assert run()[1].validation_loss is None
    assert run()[1].penalty == 0


def test_a_step_record_has_the_loss_of_its_batch_before_the_update():
    theta, X, y = task()
    records = run(epochs=1, batch_size=None, rng=None, every="step")
    assert records[1].loss == pytest.approx(float(NETWORK.loss(theta, X, y)), rel=1e-12)
    gradient = NETWORK.loss_and_gradient(theta, X, y)[1]
    assert records[1].gradient_norm == pytest.approx(np.linalg.norm(gradient), rel=1e-9)


def test_one_step_of_gradient_descent_is_the_formula():
    theta, X, y = task()
    gradient = NETWORK.loss_and_gradient(theta, X, y)[1]
    last = run(1, optimizer=GradientDescent(0.3), batch_size=None, rng=None)[-1]
    np.testing.assert_allclose(last.theta, theta - 0.3 * gradient, rtol=1e-12, atol=1e-15)


def test_every_sample_is_used_once_an_epoch():
    theta, X, y = task()
    small = 1e-9  # so small that theta hardly moves: the steps add up to the full gradient
    last = run(1, optimizer=GradientDescent(small), batch_size=1)[-1]
    moved = (theta - last.theta) / small
    expected = N * NETWORK.loss_and_gradient(theta, X, y)[1]
    np.testing.assert_allclose(moved, expected, rtol=1e-4, atol=1e-5)


def test_same_seed_same_run_to_the_bit():
    for ours, theirs in zip(run(seed=3), run(seed=3), strict=True):
        assert_same_to_the_bit(ours, theirs)
    assert run(seed=3)[-1].theta.tobytes() != run(seed=4)[-1].theta.tobytes()


def test_nothing_that_was_given_changes():
    theta, X, y = task()
    given = [theta, X, y]
    before = [array.copy() for array in given]
    for array in given:
        array.setflags(write=False)
    records = train(
        NETWORK, theta, X, y,
        optimizer=Adam(0.1), epochs=2, batch_size=4, rng=np.random.default_rng(0),
        validation=(X, y), regularizer=L2(0.01),
    )  # fmt: skip
    for record in records:
        record.theta[:] = 0  # a reader's own copy: the run goes on from its own
    for array, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(record.theta, 0)
    assert run(epochs=2)[-1].loss < run(epochs=0)[0].loss


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_every_optimizer_learns(name):
    rate = 0.5 if name in ("gradient_descent", "sgd") else 0.05
    records = run(epochs=40, optimizer=OPTIMIZERS[name](rate))
    assert records[-1].loss < 0.6 * records[0].loss


def test_float32_stays_float32():
    last = run(dtype="float32")[-1]
    assert last.theta.dtype == last.state.m.dtype == np.float32


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "binary_cross_entropy"])
def test_other_losses_train_in_both_precisions(loss, dtype):
    network = MLP([4, 5, 1], loss=loss)
    theta, X, _ = task(dtype)
    theta = network.init(np.random.default_rng(0), dtype)
    y = (X[:, :1] > 0).astype(dtype)
    records = list(train(network, theta, X, y, optimizer=Adam(0.05), epochs=30, validation=(X, y)))
    assert records[-1].loss < 0.7 * records[0].loss
    assert records[-1].theta.dtype == np.dtype(dtype)


def test_schedule_is_read_at_every_step():
    schedule = StepDecay(0.1, every=4, factor=0.5)
    rates = [r.learning_rate for r in run(2, optimizer=GradientDescent(schedule), every="step")]
    assert rates[1:] == [schedule(step) for step in range(10)]


# ----------------------------------------------------------------------------- regularization


@pytest.mark.parametrize("regularizer", [L1(0.2), L2(0.2), ElasticNet(0.1, 0.3)])
def test_the_penalty_pulls_weights_and_leaves_biases(regularizer):
    theta, X, y = task()
    theta[NETWORK.layout.weights_mask(theta) == 0] = 0.7  # biases

    def after_one_step(regularizer):
        return list(
            train(
                NETWORK, theta, X, y,
                optimizer=GradientDescent(0.5), epochs=1, regularizer=regularizer,
            )
        )[-1].theta  # fmt: skip

    pull = after_one_step(None) - after_one_step(regularizer)
    weights = NETWORK.layout.weights_mask(theta)
    expected = 0.5 * regularizer.gradient(theta, weights)
    np.testing.assert_allclose(pull, expected, rtol=1e-9, atol=1e-12)
    assert not pull[weights == 0].any()


# ----------------------------------------------------------------------------- going on


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
@pytest.mark.parametrize(("every", "at"), [("epoch", 2), ("step", 10), ("step", 13), ("epoch", 0)])
def test_a_saved_run_goes_on_to_the_bit(name, every, at, tmp_path):
    options = {"optimizer": OPTIMIZERS[name](0.02), "every": every, "regularizer": L2(1e-3)}
    whole = run(epochs=4, **options)
    save_checkpoint(whole[at], tmp_path / "run.npz")
    rest = run(epochs=4, seed=999, resume=load_checkpoint(tmp_path / "run.npz"), **options)
    assert len(rest) == len(whole) - at - 1
    for ours, theirs in zip(rest, whole[at + 1 :], strict=True):
        assert_same_to_the_bit(ours, theirs)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_record_can_be_resumed_without_a_file(dtype):
    whole = run(epochs=4, dtype=dtype)
    rest = run(epochs=4, dtype=dtype, seed=5, resume=whole[2])
    assert_same_to_the_bit(rest[-1], whole[-1])


def test_a_step_record_can_be_resumed_by_epochs():
    whole = run(epochs=3)
    middle = run(epochs=3, every="step")[7]
    rest = run(epochs=3, seed=5, resume=middle)
    assert [record.epoch for record in rest] == [2, 3]
    assert_same_to_the_bit(rest[-1], whole[-1])


def test_full_batches_without_a_generator_can_be_resumed():
    whole = run(epochs=4, batch_size=None, rng=None)
    rest = run(epochs=4, batch_size=None, rng=None, resume=whole[2])
    assert_same_to_the_bit(rest[-1], whole[-1])


def test_nothing_is_left_to_do_after_the_last_epoch():
    assert run(epochs=2, resume=run(epochs=2)[-1]) == []


@pytest.mark.parametrize("kind", [np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_every_bit_generator_can_be_saved(kind, tmp_path):
    whole = run(epochs=3, rng=np.random.Generator(kind(1)))
    save_checkpoint(whole[1], tmp_path / "run.npz")
    resume = load_checkpoint(tmp_path / "run.npz")
    rest = run(epochs=3, rng=np.random.Generator(kind(2)), resume=resume)
    assert_same_to_the_bit(rest[-1], whole[-1])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"batch_size": 6}, ValueError, "`resume` was made with batch_size = 5, got 6"),
        (
            {"optimizer": Momentum(0.1)},
            ValueError,
            "`resume` belongs to another optimizer: its state is AdamState, `optimizer` has "
            "VelocityState",
        ),
        (
            {"rng": None, "batch_size": None, "every": "epoch"},
            ValueError,
            "`resume` was made with batch_size = 5, got None",
        ),
        (
            {"dtype": "float32"},
            TypeError,
            "`resume` and `theta` must have one dtype, got float64 and float32",
        ),
        (
            {"rng": np.random.Generator(np.random.MT19937(0))},
            ValueError,
            "`resume` was made with the bit generator PCG64, `rng` has MT19937; "
            "try rng = np.random.Generator(np.random.PCG64())",
        ),
    ],
)
def test_resuming_something_else_is_refused(options, error, message):
    record = run()[1]
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        run(**options, resume=record)


def test_resuming_without_the_generator_is_refused():
    record = run(batch_size=None)[1]
    message = "`resume` needs `rng` exactly if the first run had one"
    with pytest.raises(ValueError, match=f"^{message}$"):
        run(batch_size=None, rng=None, resume=record)


def test_states_of_equal_size_are_told_apart(tmp_path):
    save_checkpoint(run(optimizer=Momentum(0.01))[1], tmp_path / "run.npz")
    message = (
        "`resume` belongs to another optimizer: its state is VelocityState, "
        "`optimizer` has SquareState"
    )
    with pytest.raises(ValueError, match=whole(message)):
        run(optimizer=RMSprop(0.01), resume=load_checkpoint(tmp_path / "run.npz"))


def test_resuming_another_network_is_refused():
    other = MLP([4, 6, 3], loss="softmax_cross_entropy")
    _, X, y = task()
    theta = other.init(np.random.default_rng(0))
    record = next(train(other, theta, X, y, optimizer=Adam(0.01), epochs=1))
    message = "`resume` belongs to another network: it has 51 parameters, `theta` 43"
    with pytest.raises(ValueError, match=f"^{message}$"):
        run(batch_size=None, rng=None, resume=record)


# ----------------------------------------------------------------------------- trouble


def test_a_high_learning_rate_stops_with_the_step_and_the_cause():
    network = MLP([4, 1])
    _, X, _ = task()
    theta = network.init(np.random.default_rng(0))
    records = train(
        network, theta, X, 3.0 * X[:, :1], optimizer=GradientDescent(1e30), epochs=50, every="step"
    )
    with pytest.raises(
        NonFiniteLossError,
        match=(
            r"^the loss became (inf|nan) at step \d+: "
            r"the learning rate 1e\+30 is probably too high; try 1e\+29$"
        ),
    ):
        list(records)


def test_starting_weights_beyond_all_bounds():
    network = MLP([4, 1])
    _, X, _ = task()
    theta = np.full(network.layout.size, 1e200)
    records = train(network, theta, X, X[:, :1], optimizer=GradientDescent(0.1), epochs=1)
    message = "the loss became inf at step 0: the starting weights are too large or not finite"
    with pytest.raises(NonFiniteLossError, match=whole(message)):
        list(records)


def test_reading_a_record_that_has_diverged_tells_the_step():
    network = MLP([4, 1])
    _, X, _ = task()
    theta = network.init(np.random.default_rng(0))
    records = train(network, theta, X, X[:, :1], optimizer=GradientDescent(1e200), epochs=1)
    message = (
        r"^the loss became (inf|nan) at step 1: "
        r"the learning rate or the starting weights are probably too large$"
    )
    with pytest.raises(NonFiniteLossError, match=f"^{message}$"):
        [record.loss for record in records]


def test_the_progress_bar_leaves_stdout_alone(capsys):
    records = run(epochs=3, progress=True)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "3/3" in printed.err
    assert_same_to_the_bit(records[-1], run(epochs=3)[-1])


def test_no_progress_no_output(capsys):
    run(epochs=2)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")
