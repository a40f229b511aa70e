"""Training compiled by JAX, TensorFlow and PyTorch against the plain steps on NumPy."""

import re
from importlib.util import find_spec

import numpy as np
import pytest

from deeplearn_utils.arrays import asarray, import_quietly, library, to_numpy
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import OPTIMIZERS, Adam, AdamW
from deeplearn_utils.regularizers import L2
from deeplearn_utils.training import NonFiniteLossError, train
from deeplearn_utils.training.engines import compiled
from deeplearn_utils.training.engines.compiled import CompiledSteps
from tests.libraries import LIBRARIES, graphs_only

NETWORK = MLP([5, 8, 2], loss="softmax_cross_entropy")
TIGHT = {"rtol": 2e-4, "atol": 1e-5}  # float32, in another order of operations


def _like(name):
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    module = import_quietly({"jax": "jax.numpy"}.get(name, name))
    return (module.convert_to_tensor if name == "tensorflow" else module.asarray)(0.0)


def _problem(n=23):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 5)).astype("float32")
    return NETWORK.init(rng, "float32"), X, (X[:, 0] > 0).astype(int)


def _records(arrays, optimizer, **options):
    theta, X, y = arrays
    options = {"epochs": 3, "batch_size": 5, "regularizer": L2(1e-3), **options}
    rng = np.random.default_rng(5)
    return list(train(NETWORK, theta, X, y, optimizer=optimizer, rng=rng, **options))


def _assert_same(records, expected):
    assert len(records) == len(expected)
    for ours, theirs in zip(records, expected, strict=True):
        assert (ours.epoch, ours.step, ours.state.t) == (theirs.epoch, theirs.step, theirs.state.t)
        np.testing.assert_allclose(to_numpy(ours.theta), theirs.theta, **TIGHT)
        np.testing.assert_allclose(ours.loss, theirs.loss, **TIGHT)
        if ours.gradient_norm is not None:
            np.testing.assert_allclose(ours.gradient_norm, theirs.gradient_norm, rtol=1e-3)


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [("jax", optimizer) for optimizer in sorted(OPTIMIZERS)]
    + [("tensorflow", "adam"), ("tensorflow", "momentum"), ("torch", "adam")],
)
def test_a_compiled_epoch_takes_the_same_steps(name, optimizer, monkeypatch):
    monkeypatch.setattr(compiled, "TORCH_STEPS", 0)
    # batches of one size for PyTorch: each shape costs it half a minute
    arrays, like = _problem(20 if name == "torch" else 23), _like(name)
    theirs = tuple(asarray(x, like=like) for x in arrays)
    optimizer = OPTIMIZERS[optimizer](0.01)
    assert CompiledSteps.suits(NETWORK, optimizer, None, theirs[0], 15)
    records = _records(theirs, optimizer)
    assert all(library(record.theta) == name for record in records)
    _assert_same(records, _records(arrays, optimizer))


@pytest.mark.parametrize("name", ["jax", "tensorflow", "torch"])
def test_clipped_steps_are_the_same(name, monkeypatch):
    monkeypatch.setattr(compiled, "TORCH_STEPS", 0)
    graphs_only(LIBRARIES[name], monkeypatch)
    theirs = tuple(asarray(x, like=_like(name)) for x in _problem())
    records = _records(theirs, OPTIMIZERS["sgd"](0.1), clip_norm=0.2)
    _assert_same(records, _records(_problem(), OPTIMIZERS["sgd"](0.1), clip_norm=0.2))


@pytest.mark.parametrize("name", ["jax", "tensorflow"])
def test_single_steps_and_resuming_go_on_to_the_bit(name):
    theirs = tuple(asarray(x, like=_like(name)) for x in _problem())
    steps = _records(theirs, Adam(0.01), every="step")
    _assert_same(steps, _records(_problem(), Adam(0.01), every="step"))
    rest = _records(theirs, Adam(0.01), every="step", resume=steps[7])
    assert [record.step for record in rest] == list(range(8, 16))
    np.testing.assert_array_equal(to_numpy(rest[-1].theta), to_numpy(steps[-1].theta))


def test_divergence_is_reported_with_its_step():
    arrays = tuple(asarray(x, like=_like("jax")) for x in _problem())
    message = "the learning rate 1e+30 is probably too high; try 1e+29"
    pattern = rf"the loss became (inf|nan) at step \d+: {re.escape(message)}"
    with pytest.raises(NonFiniteLossError, match=f"^{pattern}$"):
        _records(arrays, OPTIMIZERS["sgd"](1e30))


def test_what_can_not_be_compiled_runs_plainly():
    theta, X, _ = (asarray(x, like=_like("torch")) for x in _problem())
    assert not CompiledSteps.suits(NETWORK, Adam(0.01), None, theta, 15)
    masked = AdamW(0.01, weights_mask=NETWORK.layout.weights_mask(theta))
    assert not CompiledSteps.suits(NETWORK, masked, None, theta, 10**6)
    assert CompiledSteps.suits(NETWORK, Adam(0.01), None, theta, 10**6)
    assert library(X) == "torch"


def test_options_may_be_arrays():
    """Programs are kept by their options, and arrays of JAX can't be keys."""
    like = _like("jax")
    arrays = tuple(asarray(x, like=like) for x in _problem())
    right = _records(arrays, Adam(0.01, 0.8), regularizer=L2(0.5), clip_norm=0.5)
    rate, beta1, other = (asarray(x, like=like) for x in (0.01, 0.8, 0.5))
    ours = _records(arrays, Adam(rate, beta1), regularizer=L2(other), clip_norm=other)
    for record, expected in zip(ours, right, strict=True):
        np.testing.assert_allclose(to_numpy(record.theta), to_numpy(expected.theta), **TIGHT)
