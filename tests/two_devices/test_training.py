"""Training on the second device."""

from functools import partial

import jax
import numpy as np
import pytest

from deeplearn_utils.optimizers import Adam, AdamW
from deeplearn_utils.regularizers import L2
from deeplearn_utils.training import train
from tests.two_devices.cases import LABELS, NETWORK, TABLE, THETA, numbers
from tests.wrong_inputs import two_devices

ONE, TWO = jax.devices()
DATA = {"theta": THETA, "X": numbers(*TABLE), "y": LABELS}
MASK = NETWORK.layout.weights_mask(THETA)


def last_record(place, optimizer=None, epochs=3, resume=None):
    """Train with all that `train` can do, on arrays that `place` puts somewhere."""
    theta, X, y = (place(x) for x in DATA.values())
    *_, last = train(
        NETWORK,
        theta,
        X,
        y,
        optimizer=optimizer or Adam(0.1),
        epochs=epochs,
        batch_size=2,
        rng=np.random.default_rng(1),
        regularizer=L2(0.01),
        validation=(X, y),
        clip_norm=0.5,
        resume=resume,
    )
    return last


def on(device):
    return partial(jax.device_put, device=device)


@pytest.mark.parametrize("mask", [None, MASK], ids=["compiled epoch", "plain steps"])
def test_train_stays_on_the_second_device(mask):
    placed = None if mask is None else jax.device_put(mask, TWO)
    last = last_record(on(TWO), AdamW(0.1, weights_mask=placed))
    right = last_record(np.asarray, AdamW(0.1, weights_mask=mask))
    assert last.theta.devices() == last.state.m.devices() == last.state.v.devices() == {TWO}
    np.testing.assert_allclose(last.theta, right.theta, rtol=1e-3, atol=1e-4)
    assert last.loss == pytest.approx(right.loss, rel=1e-3)
    assert last.validation_loss == pytest.approx(right.validation_loss, rel=1e-3)


def test_train_goes_on_on_another_device():
    begun = last_record(on(ONE), epochs=2)
    last = last_record(on(TWO), resume=begun)
    assert last.theta.devices() == {TWO}
    np.testing.assert_array_equal(last.theta, last_record(on(ONE)).theta)


@pytest.mark.parametrize("name", DATA)
def test_data_of_another_device_is_refused_at_the_call(name):
    mixed = [jax.device_put(x, ONE if name == n else TWO) for n, x in DATA.items()]
    pattern = {
        "theta": two_devices("theta", "X", "cpu:0", "cpu:1"),
        "X": two_devices("theta", "X", "cpu:1", "cpu:0"),
        "y": two_devices("X", "y", "cpu:1", "cpu:0"),
    }[name]
    with pytest.raises(ValueError, match=f"^{pattern}$"):
        train(NETWORK, *mixed, optimizer=Adam(0.1), epochs=1)


def test_validation_data_of_another_device_is_refused_at_the_call():
    theta, X, y = (jax.device_put(x, TWO) for x in DATA.values())
    validation = jax.device_put(DATA["X"], ONE), jax.device_put(DATA["y"], ONE)
    pattern = two_devices("theta", "validation X", "cpu:1", "cpu:0")
    with pytest.raises(ValueError, match=f"^{pattern}$"):
        train(NETWORK, theta, X, y, optimizer=Adam(0.1), epochs=1, validation=validation)


def test_a_mask_of_another_device_is_refused():
    theta = jax.device_put(THETA, ONE)
    optimizer = AdamW(0.1, weights_mask=jax.device_put(MASK, TWO))
    with pytest.raises(ValueError, match=two_devices("theta", "weights_mask", "cpu:0", "cpu:1")):
        optimizer.step(theta, theta, optimizer.init(theta))
