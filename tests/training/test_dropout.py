"""Dropout in a network and in training: PyTorch, finite differences, engines, libraries, resuming.

What a run draws is written in the docstring of `train`; here it is drawn again by hand.
"""

import re

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.kernels import ACTIVATIONS
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import SGD, Adam, GradientDescent
from deeplearn_utils.regularizers import L2
from deeplearn_utils.training import load_checkpoint, save_checkpoint, train
from deeplearn_utils.training.engines.in_place import NumPySteps
from deeplearn_utils.training.engines.plain import PlainSteps, Task

NETWORK = MLP([4, 6, 5, 3], activation="tanh", loss="softmax_cross_entropy", dropout=[0.5, 0.2])


def problem(network=NETWORK, n=13, dtype="float64"):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, network.sizes[0])).astype(dtype)
    y = rng.integers(0, network.sizes[-1], n)
    theta = network.init(rng) + 0.1 * rng.normal(size=network.layout.size)  # no bias is 0: a kink
    return theta.astype(dtype), X, y


def run(network=NETWORK, epochs=3, seed=0, **options):
    theta, X, y = problem(network)
    options = {"batch_size": 5, "rng": np.random.default_rng(seed), **options}
    options.setdefault("optimizer", Adam(0.01))
    return list(train(network, theta, X, y, epochs=epochs, **options))


class TestNetwork:
    def test_each_hidden_layer_has_its_share_and_none_draws_nothing(self):
        network = MLP([4, 2000, 7, 1000, 2], dropout=[0.3, 0, 0.8])
        masks = network.masks(np.random.default_rng(0), 50, like=np.zeros(1, np.float32))
        assert masks[1] is None
        assert [mask.shape for mask in (masks[0], masks[2])] == [(50, 2000), (50, 1000)]
        np.testing.assert_allclose(
            [np.mean(masks[0] == 0), np.mean(masks[2] == 0)], [0.3, 0.8], atol=0.01
        )
        rng = np.random.default_rng(0)
        np.testing.assert_array_equal(masks[0] > 0, rng.random((50, 2000)) >= 0.3)
        np.testing.assert_array_equal(masks[2] > 0, rng.random((50, 1000)) >= 0.8)

    @pytest.mark.parametrize("activation", ACTIVATIONS)
    def test_the_gradient_is_that_of_the_network_that_the_masks_leave(self, activation):
        network = MLP([4, 6, 5, 3], activation=activation, dropout=[0.5, 0.2])
        theta, X, _ = problem(network)
        y = np.random.default_rng(1).normal(size=(13, 3))
        masks = network.masks(np.random.default_rng(2), 13, like=theta)
        direction, h = np.random.default_rng(3).normal(size=theta.shape), 1e-6
        ahead, behind = (
            network.loss_and_gradient(theta + s * h * direction, X, y, masks)[0] for s in (1, -1)
        )
        _, gradient = network.loss_and_gradient(theta, X, y, masks)
        np.testing.assert_allclose(
            gradient @ direction, (ahead - behind) / (2 * h), rtol=1e-6, atol=1e-8
        )

    def test_pytorch_with_the_same_masks(self, torch):
        theta, X, y = problem()
        masks = NETWORK.masks(np.random.default_rng(2), 13, like=theta)
        leaf = torch.tensor(theta, requires_grad=True)
        W, b = NETWORK.layout.unpack(leaf)
        a = torch.tensor(X)
        for l in range(3):
            a = torch.addmm(b[l], a, W[l])
            a = a if l == 2 else torch.tanh(a) * torch.tensor(masks[l])
        theirs = torch.nn.functional.cross_entropy(a, torch.tensor(y))
        theirs.backward()
        loss, gradient = NETWORK.loss_and_gradient(theta, X, y, masks)
        np.testing.assert_allclose(loss, theirs.item(), rtol=1e-12)
        np.testing.assert_allclose(gradient, leaf.grad, rtol=1e-10, atol=1e-14)

    def test_a_mask_of_another_dtype_is_named(self):
        theta, X, y = problem()
        message = (
            "`X` and `masks[0]` must have one dtype, got float64 and float32; convert one of them "
            "with xp.astype"
        )
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            NETWORK.loss_and_gradient(theta, X, y, [np.ones((13, 6), np.float32), None])

    def test_without_masks_it_is_the_whole_network(self):
        theta, X, y = problem()
        whole = MLP(NETWORK.sizes, activation="tanh", loss="softmax_cross_entropy")
        ones = [np.ones((13, 6)), None]
        for masks in (), (None,), ([None, None],), (ones,):
            ours = NETWORK.loss_and_gradient(theta, X, y, *masks)
            for x, expected in zip(ours, whole.loss_and_gradient(theta, X, y), strict=True):
                np.testing.assert_array_equal(x, expected)
        np.testing.assert_array_equal(NETWORK.predict(theta, X), whole.predict(theta, X))

    def test_the_mean_over_masks_is_inference_where_what_follows_is_linear(self):
        network = MLP([4, 6, 2], activation="tanh", dropout=0.5)
        theta, X, _ = problem(network, n=3)
        rng = np.random.default_rng(5)
        outputs = np.array(
            [network.trace(theta, X, network.masks(rng, 3, like=theta))[-1].a for _ in range(3000)]
        )
        error = outputs.std(axis=0, ddof=1) / np.sqrt(3000)
        assert np.all(abs(outputs.mean(axis=0) - network.forward(theta, X)) < 3 * error)

    def test_it_tells_what_it_drops_and_is_another_network(self):
        assert repr(NETWORK).endswith("loss='softmax_cross_entropy', dropout=[0.5, 0.2])")
        assert "dropout" not in repr(MLP([2, 1]))
        assert MLP([2, 3, 1], dropout=0.1) != MLP([2, 3, 1])
        assert MLP([2, 3, 1], dropout=0.1) == MLP([2, 3, 1], dropout=(0.1,))
        assert MLP([2, 3, 1], dropout=0.1) == MLP([2, 3, 1], dropout=np.array([0.1]))
        assert MLP([2, 3, 1], dropout=0.1) == MLP([2, 3, 1], dropout=np.array(0.1))
        assert MLP([2, 3, 1]) == MLP([2, 3, 1], activation=np.array(["relu"]))
        assert MLP([2, 1], dropout=0.0).dropout == MLP([2, 1], dropout=[]).dropout == ()

    @pytest.mark.parametrize(
        ("sizes", "dropout", "message"),
        [
            ([2, 3, 1], 1.0, "`dropout` must be a number in [0.0, 1.0), got 1.0"),
            ([2, 3, 3, 1], [0.1], "`dropout` must have one share a hidden layer, 2, got 1"),
            ([2, 1], 0.5, "`dropout` needs a hidden layer, got 0.5 and `sizes` without one"),
        ],
    )
    def test_wrong_shares(self, sizes, dropout, message):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            MLP(sizes, dropout=dropout)

    @pytest.mark.parametrize(
        ("masks", "message"),
        [
            ([None], "`masks` must hold one mask or None a hidden layer, 2, got 1"),
            (np.ones((13, 6)), "`masks` must hold one mask or None a hidden layer, 2, got ndarray"),
            (
                [np.ones((12, 6)), None],
                "`masks[0]` must have shape (samples, units) = (13, 6), got (12, 6)",
            ),
        ],
    )
    def test_wrong_masks(self, masks, message):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            NETWORK.loss_and_gradient(*problem(), masks)


class TestTraining:
    def test_the_stream_is_the_documented_one(self):
        theta, X, y = problem()
        record = run(epochs=2, optimizer=SGD(0.1))[-1]
        rng = np.random.default_rng(0)
        for _ in range(2):
            order, seed = rng.permutation(13), rng.integers(2**63)
            for batch, start in enumerate(range(0, 13, 5)):
                rows = order[start : start + 5]
                drawn = np.random.default_rng((seed, batch))
                masks = NETWORK.masks(drawn, len(rows), like=theta)
                _, g = NETWORK.loss_and_gradient(theta, X[rows], y[rows], masks)
                theta = theta - 0.1 * g
        np.testing.assert_allclose(record.theta, theta, rtol=1e-10)
        assert record.loss == pytest.approx(float(NETWORK.loss(record.theta, X, y)))

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
    def test_the_in_place_engine_takes_the_same_steps(self, activation, dtype):
        network = MLP(
            [4, 6, 5, 3], activation=activation, loss="softmax_cross_entropy", dropout=[0.5, 0.0]
        )
        theta, X, y = problem(network, dtype=dtype)
        optimizer = Adam(0.01)
        start = theta, optimizer.init(theta)
        assert NumPySteps.suits(network, optimizer, theta, X)
        task = Task(network, optimizer, L2(0.01), (X, y), 5)
        plain, fast = PlainSteps(task, start), NumPySteps(task, start)
        tolerance = {"rtol": 2e-4, "atol": 2e-5} if dtype == "float32" else {"rtol": 1e-9}
        for epoch in range(2):
            for steps in plain, fast:
                steps.begin_epoch(np.random.default_rng(epoch).permutation(13), 100 + epoch)
            for batch in range(3):
                losses = [steps.loss_and_gradient(batch) for steps in (plain, fast)]
                np.testing.assert_allclose(losses[1], losses[0], **tolerance)
                np.testing.assert_allclose(fast.gradient, plain.gradient, atol=1e-4)
                plain.update(0.01)
                fast.update(0.01)
            np.testing.assert_allclose(fast.snapshot()[0], plain.snapshot()[0], **tolerance)

    def test_every_library_takes_the_same_steps(self, other_lib):
        theta, X, y = problem()
        theirs = [other_lib.array(x) for x in (theta, X, y)]
        options = {"optimizer": GradientDescent(0.1), "epochs": 2, "batch_size": 5}
        *_, record = train(NETWORK, *theirs, rng=np.random.default_rng(0), **options)
        *_, ours = train(NETWORK, theta, X, y, rng=np.random.default_rng(0), **options)
        np.testing.assert_allclose(arrays.to_numpy(record.theta), ours.theta, rtol=1e-9)

    @pytest.mark.parametrize("every", ["epoch", "step"])
    def test_a_run_goes_on_to_the_bit(self, every, tmp_path):
        whole = run(every=every)
        kept = whole[len(whole) // 2]
        save_checkpoint(kept, tmp_path / "run.npz")
        for resume in kept, load_checkpoint(tmp_path / "run.npz"):
            rest = run(seed=9, every=every, resume=resume)
            assert rest[-1].theta.tobytes() == whole[-1].theta.tobytes()

    def test_full_batches_drop_anew_each_epoch(self):
        one, two, three = (r.theta for r in run(batch_size=None, epochs=3)[1:])
        assert not np.allclose(two - one, three - two)

    def test_without_a_generator_nothing_can_be_dropped(self):
        message = "`rng` is needed to draw dropout; try np.random.default_rng(0)"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            run(batch_size=None, rng=None)

    def test_other_networks_draw_nothing_more(self):
        rng, other = np.random.default_rng(0), np.random.default_rng(0)
        run(MLP(NETWORK.sizes, loss="softmax_cross_entropy"), epochs=2, rng=rng)
        for _ in range(2):
            other.permutation(13)
        assert rng.bit_generator.state == other.bit_generator.state
