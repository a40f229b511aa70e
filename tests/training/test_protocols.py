"""What has only the methods of its protocol trains, on every path, as the book's own parts do."""

import re

import numpy as np
import pytest

from deeplearn_utils import protocols
from deeplearn_utils.arrays import namespace, to_numpy
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import OPTIMIZERS, SGD, Adam
from deeplearn_utils.regularizers import L2, REGULARIZERS
from deeplearn_utils.schedules import StepDecay
from deeplearn_utils.training import NonFiniteLossError, load_checkpoint, save_checkpoint, train
from deeplearn_utils.training.engines import compiled

NETWORK = MLP([3, 4, 2], activation="tanh", loss="softmax_cross_entropy")


class Descent:
    """Gradient descent: no learning_rate, no dataclass, and a state of its own."""

    def __init__(self, first=()):
        self.first = first

    def init(self, theta):
        return self.first

    def step(self, theta, gradient, state):
        return theta - 0.25 * gradient, state


class InPlace(Descent):
    """What the protocol forbids, and readers write: θ is changed where it stands."""

    def step(self, theta, gradient, state):
        theta -= 0.25 * gradient
        return theta, state


class Ridge:
    def penalty(self, theta, mask):
        xp = namespace(theta)
        return 0.5 * xp.sum(xp.square(theta) * mask)

    def gradient(self, theta, mask):
        return theta * mask


class Halving:
    def __call__(self, step):
        return 0.25 * 0.5**step


class Plain:
    """A network that has what the protocol names, and passes it on."""

    def loss(self, theta, X, y):
        return NETWORK.loss(theta, X, y)

    def loss_and_gradient(self, theta, X, y):
        return NETWORK.loss_and_gradient(theta, X, y)


class Laid(Plain):
    layout = NETWORK.layout


MINIMAL = {
    "optimizer": ({"optimizer": Descent()}, {"optimizer": SGD(0.25)}),
    "regularizer": (
        {"regularizer": Ridge(), "optimizer": SGD(0.25)},
        {"regularizer": L2(0.5), "optimizer": SGD(0.25)},
    ),
    "schedule": (
        {"optimizer": Adam(Halving())},
        {"optimizer": Adam(StepDecay(0.25, every=1, factor=0.5))},
    ),
    "network": ({"network": Plain(), "optimizer": SGD(0.25)}, {"optimizer": SGD(0.25)}),
    "all": (
        {"network": Laid(), "optimizer": Descent(), "regularizer": Ridge()},
        {"optimizer": SGD(0.25), "regularizer": L2(0.5)},
    ),
}


def problem():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(11, 3))
    return NETWORK.init(rng), X, (X[:, 0] > 0).astype(int)


def records(arrays, network=NETWORK, **options):
    rng = np.random.default_rng(5)
    options = {"epochs": 2, "batch_size": 4, "rng": rng, **options}
    return list(train(network, *arrays, **options))


@pytest.mark.parametrize("every", ["epoch", "step"])
@pytest.mark.parametrize("part", MINIMAL)
def test_a_part_that_has_only_what_the_protocol_names(lib, part, every):
    minimal, own = MINIMAL[part]
    theirs = records(map(lib.array, problem()), every=every, **minimal)
    ours = records(problem(), every=every, **own)
    assert len(theirs) == len(ours)
    for one, other in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(to_numpy(one.theta), other.theta, rtol=1e-9, atol=1e-12)
        assert one.loss == pytest.approx(other.loss, rel=1e-9)
        assert one.penalty == pytest.approx(other.penalty, rel=1e-9)
        if one.step:
            assert one.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-9)
        told = hasattr(minimal["optimizer"], "learning_rate")
        assert one.learning_rate == (other.learning_rate if told else None)


class LargestLabel(Plain):
    def loss(self, theta, X, y):
        return float(to_numpy(y).max())


@pytest.mark.parametrize("largest", [200, 2**31 + 5, 2**53])
def test_a_network_of_ones_own_gets_its_whole_numbers_as_they_are(lib, largest):
    y = np.array([0, 1, largest])
    if lib.array(y).dtype != lib.array(y[:1] * 0).dtype or int(to_numpy(lib.array(y))[-1]) < 0:
        pytest.skip("no 64 bits here")
    theta, X, _ = problem()
    options = {"optimizer": Descent(), "epochs": 0}
    (record,) = train(LargestLabel(), lib.array(theta), lib.array(X[:3]), lib.array(y), **options)
    assert record.loss == largest


def test_numbers_that_no_file_has_come_back_as_they_were(torch, tmp_path):
    """A moment in bfloat16 is kept as float32, and goes on in bfloat16."""
    theta, X, y = map(torch.asarray, problem())
    start = torch.full(theta.shape, 1.5, dtype=torch.bfloat16)
    options = {"optimizer": Descent((start, 7)), "epochs": 2}
    first, *_, whole = train(NETWORK, theta, X, y, **options)
    save_checkpoint(first, tmp_path / "run.npz")
    resume = load_checkpoint(tmp_path / "run.npz")
    *_, rest = train(NETWORK, theta, X, y, resume=resume, **options)
    assert rest.state[0].dtype == torch.bfloat16
    assert rest.state[0].tolist() == whole.state[0].tolist()
    assert rest.state[1] == 7


def test_a_state_of_another_size_is_another_optimizers():
    data = problem()
    first, *_ = records(data, optimizer=Descent((data[0], 7)))
    message = (
        "`resume` belongs to another optimizer: its state has 2 entries, that of `optimizer` 0"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        records(data, optimizer=Descent(), resume=first)


@pytest.mark.parametrize("part", MINIMAL)
def test_where_pytorch_would_compile(torch, part, monkeypatch):
    monkeypatch.setattr(compiled, "TORCH_STEPS", 0)
    monkeypatch.setattr(torch, "compile", lambda graph: graph)
    minimal, own = MINIMAL[part]
    theirs = records(map(torch.asarray, problem()), **minimal)
    np.testing.assert_allclose(
        theirs[-1].theta.numpy(), records(problem(), **own)[-1].theta, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("state", [(), None, 0, {"m": np.zeros(2)}, [1, 2], np.zeros(3)], ids=repr)
def test_a_state_of_any_kind_is_carried_and_resumed(state):
    whole = records(problem(), optimizer=Descent(state))
    np.testing.assert_equal(whole[-1].state, state)
    rest = records(problem(), optimizer=Descent(state), resume=whole[1])
    np.testing.assert_array_equal(rest[-1].theta, whole[-1].theta)


@pytest.mark.parametrize("state", [(), (1, np.zeros(3)), (np.ones(2), 0.5)], ids=repr)
def test_a_tuple_of_arrays_can_be_saved(state, tmp_path):
    whole = records(problem(), optimizer=Descent(state))
    save_checkpoint(whole[1], tmp_path / "run.npz")
    resume = load_checkpoint(tmp_path / "run.npz")
    rest = records(problem(), optimizer=Descent(state), resume=resume)
    np.testing.assert_array_equal(rest[-1].theta, whole[-1].theta)
    assert [type(x) for x in rest[-1].state] == [type(x) for x in state]


@pytest.mark.parametrize("name", ["numpy", "torch"])
def test_an_optimizer_that_changes_theta_in_place_spoils_no_record(name, torch):
    arrays = tuple(map(torch.asarray if name == "torch" else np.asarray, problem()))
    ours, start = records(problem(), optimizer=SGD(0.25)), problem()[0]
    theirs = records(arrays, optimizer=InPlace())
    np.testing.assert_array_equal(to_numpy(arrays[0]), start)
    for one, other in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(to_numpy(one.theta), other.theta, rtol=1e-9)


def test_a_regularizer_can_not_change_theta():
    class Grabbing(Ridge):
        def gradient(self, theta, mask):
            theta *= 0.0
            return theta

    with pytest.raises(ValueError, match="^output array is read-only$"):
        records(problem(), optimizer=SGD(0.1), regularizer=Grabbing())


def test_an_optimizer_that_tells_no_rate_diverges_with_another_advice():
    class Leap(Descent):
        def step(self, theta, gradient, state):
            return theta - 1e300 * gradient, state

    network, (_, X, _) = MLP([3, 1]), problem()
    message = (
        "the loss became inf at step 1: the optimizer's steps are probably too long; "
        "try shorter ones"
    )
    with pytest.raises(NonFiniteLossError, match=f"^{re.escape(message)}$"):
        records((network.init(np.random.default_rng(0)), X, X[:, :1]), network, optimizer=Leap())


def test_the_books_own_parts_have_what_the_protocols_name():
    assert isinstance(NETWORK, protocols.Network)
    assert isinstance(StepDecay(0.1, every=2), protocols.Schedule)
    for make in OPTIMIZERS.values():
        assert isinstance(make(0.1), protocols.Optimizer)
    for make in REGULARIZERS.values():
        assert issubclass(make, protocols.Regularizer)
