"""Noise of batches: against gradients computed batch by batch, and against theory."""

import numpy as np
import pytest

from deeplearn_utils.datasets import digits
from deeplearn_utils.explorers.optimizers.batch_size import FULL, SHOWN, SIZES, BatchSizeExplorer
from deeplearn_utils.explorers.optimizers.digits_network import NETWORK
from deeplearn_utils.explorers.optimizers.gradient_noise import (
    EPOCHS,
    batch_means,
    dealt_out,
    noise_at,
    places,
    single_gradients,
    trained,
    widest,
)
from deeplearn_utils.optimizers import SGD
from deeplearn_utils.training import train
from tests.explorers.frames import reached

PANEL = BatchSizeExplorer()
DATA = digits()
MEASURED = SIZES[:-1]


def gradient(theta, rows=slice(None)):
    return NETWORK.loss_and_gradient(theta, DATA.X_train[rows], DATA.y_train[rows])[1]


def test_full_is_the_whole_training_set():
    assert len(DATA.X_train) == FULL


def test_the_networks_are_those_of_a_training_run():
    rng = np.random.default_rng(0)
    theta = NETWORK.init(rng)
    options = {"optimizer": SGD(0.1), "batch_size": 32, "rng": rng, "epochs": max(EPOCHS)}
    for record in train(NETWORK, theta, DATA.X_train, DATA.y_train, **options):
        if record.epoch in EPOCHS:
            np.testing.assert_array_equal(trained()[record.epoch], record.theta)


def test_the_mean_of_single_gradients_is_the_full_gradient():
    theta = trained()[1]
    G = single_gradients(theta)
    np.testing.assert_allclose(G.mean(axis=0), gradient(theta), atol=1e-12)
    np.testing.assert_allclose(G[7], gradient(theta, slice(7, 8)), atol=1e-12)


@pytest.mark.parametrize("epoch", EPOCHS)
@pytest.mark.parametrize("size", [1, 8, 512])
def test_a_dot_is_the_gradient_of_its_batch(epoch, size):
    theta = trained()[epoch]
    g = gradient(theta)
    arrays = PANEL.frame(batch_size=size, moment=str(epoch)).arrays
    for draw in (0, 3, SHOWN - 1):
        batch = gradient(theta, np.flatnonzero(places()[draw] < size))
        assert arrays["along"][draw] == pytest.approx(batch @ g / (g @ g), abs=1e-9)
        assert arrays["uphill"][draw] == (batch @ g < 0)


def test_batches_are_dealt_out_and_nested():
    decks = places()
    np.testing.assert_array_equal(np.sort(decks, axis=1), np.arange(FULL) + 0 * decks)
    values = np.random.default_rng(0).normal(size=FULL)
    np.testing.assert_allclose(batch_means(values, FULL), values.mean())
    np.testing.assert_allclose(batch_means(values, 1), values[decks.argmin(axis=1)])


@pytest.mark.parametrize("epoch", EPOCHS)
def test_the_measured_noise_is_that_of_theory(epoch):
    noise = noise_at(epoch, MEASURED)
    theory = noise.spread * dealt_out(np.array(MEASURED, dtype=float), FULL)
    np.testing.assert_allclose(noise.measured, theory, rtol=0.25)
    np.testing.assert_allclose(noise.measured[3:], theory[3:], rtol=0.12)
    slope, _ = np.polyfit(np.log(MEASURED[:8]), np.log(noise.measured[:8]), 1)
    assert slope == pytest.approx(-0.5, abs=0.05)


def test_theory_is_exact_for_all_batches_of_a_small_deck():
    x = np.random.default_rng(0).normal(size=5)
    pairs = [x[[i, j]].mean() for i in range(5) for j in range(i)]
    spread = np.sqrt(np.mean((x - x.mean()) ** 2))
    measured = np.sqrt(np.mean((np.array(pairs) - x.mean()) ** 2))
    assert measured == pytest.approx(spread * dealt_out(2, 5))


def test_the_noise_is_the_distance_from_the_full_gradient():
    theta = trained()[0]
    g, size = gradient(theta), 64
    batches = [gradient(theta, np.flatnonzero(deck < size)) for deck in places()]
    distances = np.linalg.norm(np.array(batches) - g, axis=1) / np.linalg.norm(g)
    measured = noise_at(0, MEASURED).measured[MEASURED.index(size)]
    assert measured == pytest.approx(np.sqrt(np.mean(distances**2)), rel=1e-4)


def test_the_widest_direction_is_the_first_singular_vector():
    rows = np.random.default_rng(0).normal(size=(30, 6)) * np.array([5, 1, 1, 1, 1, 1])
    expected = np.linalg.svd(rows)[2][0]
    assert abs(widest(rows) @ expected) == pytest.approx(1)


def test_across_has_nothing_along_the_full_gradient():
    noise = noise_at(1, MEASURED)
    assert abs(noise.across.mean()) < 1e-4
    assert noise.across.std() > noise.along.std()
    assert noise.along.mean() == pytest.approx(1)


@pytest.mark.parametrize("moment", ["0", "1", "10"])
def test_the_line_goes_through_the_text(moment):
    frame = PANEL.frame(batch_size=32, moment=moment)
    arrays = frame.arrays
    line = np.interp(np.log(32), np.log(arrays["B"]), np.log(arrays["dealt"]))
    assert f"(theory {np.exp(line):.2g})" in frame.text


def test_few_single_examples_lead_uphill():
    assert 1 <= PANEL.frame(batch_size=1).arrays["uphill"].sum() <= 30
    assert "there is no noise" in PANEL.frame(batch_size=FULL).text
    noise = noise_at(0, MEASURED)
    assert 5.5 < noise.spread < 6.5  # the question names it
    assert 0.85 < noise.along.std() < 0.95  # the explanation names it


def test_the_target_is_one_batch_size():
    assert reached("batch_size") == [{"batch_size": 256, "moment": "1"}]
