"""The runs of the panel against `train` itself, and the decisions against the network."""

import numpy as np
import pytest

from deeplearn_utils.datasets import digits
from deeplearn_utils.explorers.optimizers.digits_network import NETWORK
from deeplearn_utils.explorers.optimizers.learning_rate import (
    RATES,
    LearningRateExplorer,
    decisions,
    fitted,
    shown_digits,
    sweep,
)
from deeplearn_utils.explorers.optimizers.learning_rate_panes import (
    CELL,
    EPOCHS,
    FIRST,
    HARD,
    NAMES,
    TOP,
)
from deeplearn_utils.metrics import accuracy
from deeplearn_utils.optimizers import SGD, Adam, Momentum
from deeplearn_utils.training import NonFiniteLossError, train
from tests.explorers.frames import reached

PANEL = LearningRateExplorer()
DATA = digits()
VALIDATION = (DATA.X_validation, DATA.y_validation)
RUNS = [("sgd", SGD(0.1)), ("momentum", Momentum(0.02)), ("adam", Adam(0.005))]


def records(optimizer):
    rng = np.random.default_rng(1)
    theta = NETWORK.init(rng)
    options = {"epochs": EPOCHS, "batch_size": 32, "rng": rng, "validation": VALIDATION}
    return train(NETWORK, theta, DATA.X_train, DATA.y_train, optimizer=optimizer, **options)


def until_not_finite(run):
    try:
        for record in run:
            yield min(record.loss, TOP)
    except NonFiniteLossError:
        return


@pytest.mark.parametrize(("name", "optimizer"), RUNS)
def test_the_curves_are_those_of_a_training_run(name, optimizer):
    run = list(records(optimizer))
    arrays = PANEL.frame(optimizer=name, learning_rate=optimizer.learning_rate).arrays
    np.testing.assert_array_equal(arrays["loss"], [record.loss for record in run])
    np.testing.assert_array_equal(arrays["validation_loss"], [r.validation_loss for r in run])
    right = accuracy(NETWORK.predict(run[-1].theta, VALIDATION[0]), VALIDATION[1])
    assert arrays["accuracy"] == 100 * right
    assert arrays[f"{name}_accuracy"][RATES.index(optimizer.learning_rate)] == 100 * right
    assert np.isnan(arrays["stop"])


def test_the_decisions_are_those_of_the_network():
    *_, last = records(SGD(0.1))
    X = DATA.X_validation[list(HARD)]
    frame = PANEL.frame(learning_rate=0.1)
    np.testing.assert_array_equal(
        (frame.arrays["answer"] - FIRST) / CELL, NETWORK.predict(last.theta, X)
    )
    cells = frame.arrays["decisions"][::-1][4::9, 17::5]
    np.testing.assert_allclose(cells, NETWORK.predict_probabilities(last.theta, X))
    np.testing.assert_allclose(cells.sum(axis=1), 1)
    np.testing.assert_array_equal(frame.arrays["right"] + frame.arrays["wrong"], 1)
    right = ((frame.arrays["answer"] - FIRST) / CELL == DATA.y_validation[list(HARD)]).sum()
    assert f"{right} of the ten shown" in frame.text


def test_one_digit_of_each_class_is_shown():
    assert shown_digits().labels.tolist() == list(range(10))
    assert shown_digits().pictures.min() >= 0
    assert shown_digits().pictures.max() <= 1


def test_the_first_digit_is_at_the_top_and_its_picture_stands_upright():
    pictures = np.zeros((10, 8, 8))
    pictures[0, 0, 0] = pictures[9, 7, 7] = 1
    ink = decisions(pictures, np.zeros((10, 10)))
    assert np.argwhere(ink == -1).tolist() == [[1, 8], [89, 1]]


def test_a_run_that_diverges_ends_where_train_ends():
    kept = list(until_not_finite(records(SGD(10.0))))
    fit = fitted("sgd", 10.0)
    assert fit.stop == len(kept) - 1 < EPOCHS
    np.testing.assert_array_equal(fit.loss[: len(kept)], kept)
    assert np.isnan(fit.loss[len(kept) :]).all()
    assert "infinite loss" in PANEL.frame(learning_rate=10.0).text


@pytest.mark.parametrize("name", NAMES)
def test_the_sweep_is_a_hill(name):
    hill = sweep(name)
    best = hill.argmax()
    assert 4 < best < len(RATES) - 3
    assert (np.diff(hill[: best - 1]) > -1).all()
    assert hill[best] > 95
    assert hill[0] < 50


def test_adam_wants_a_far_smaller_rate_than_sgd():
    best = {name: RATES[sweep(name).argmax()] for name in NAMES}
    assert best["adam"] in (0.005, 0.01, 0.02)
    assert 10 <= best["sgd"] / best["adam"] <= 100


def test_the_target_is_reached_by_sgd_just_below_where_it_breaks():
    settings = reached("learning_rate")
    assert {values["optimizer"] for values in settings} == {"sgd"}
    assert {0.2, 0.5} <= {values["learning_rate"] for values in settings} <= {0.2, 0.5, 1.0}
    assert "higher than it began" in PANEL.frame(learning_rate=2.0).text
