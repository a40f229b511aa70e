"""The panel's runs against training written out, and the claims of its question and target."""

import numpy as np
import pytest

from deeplearn_utils.datasets import digits
from deeplearn_utils.explorers.regularization.label_noise import (
    AMOUNTS,
    DRAWS,
    LARGE,
    NETWORK,
    NOISES,
    LabelNoiseExplorer,
    run,
    runs,
)
from deeplearn_utils.explorers.regularization.label_noise_panes import EPOCHS
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train
from tests.explorers.frames import reached

PANEL = LabelNoiseExplorer()


def test_a_run_is_a_training_on_labels_of_which_a_share_is_wrong():
    data, rng = digits(), np.random.default_rng(2)
    rows = rng.choice(1079, 100, replace=False)
    wrong = rng.random(100) < 0.3
    labels = np.where(wrong, (data.y_train[rows] + rng.integers(1, 10, 100)) % 10, 0)
    labels[~wrong] = data.y_train[rows][~wrong]
    assert (labels[wrong] != data.y_train[rows][wrong]).all()
    options = {"optimizer": Adam(0.01), "epochs": EPOCHS, "batch_size": 50, "rng": rng}
    *_, last = train(NETWORK, NETWORK.init(rng), data.X_train[rows], labels, **options)
    right = np.mean(NETWORK.predict(last.theta, data.X_validation) == data.y_validation)
    assert run(2, 0.3, 100)[1, -1] == pytest.approx(100 * right)


def test_the_picture_shows_the_runs():
    arrays = PANEL.frame(noise=0.3, amount=100).arrays
    every = runs(0.3, 100)
    assert every.shape == (DRAWS, 2, EPOCHS + 1)
    np.testing.assert_array_equal(arrays["training"], every[:, 0])
    np.testing.assert_allclose(arrays["mean"], every[:, 1].mean(axis=0))
    place = NOISES.index(0.3)
    assert arrays["ends"][place] == pytest.approx(every[:, 1, -1].mean())
    assert arrays["tops"][place] == pytest.approx(every[:, 1].mean(axis=0).max())


def test_right_labels_harm_with_no_amount():
    for amount in AMOUNTS:
        validation = runs(0.0, amount)[:, 1].mean(axis=0)
        assert validation.max() - validation[-1] <= 2


def test_wrong_labels_harm_by_more_than_three_standard_errors():
    every = runs(0.4, 200)[:, 1]
    top = every.mean(axis=0).argmax()
    fall = every[:, top] - every[:, -1]
    assert fall.mean() > 3 * fall.std(ddof=1) / np.sqrt(DRAWS)


def test_the_target_needs_many_wrong_labels():
    settings = reached("label_noise")
    assert settings
    assert min(values["noise"] for values in settings) >= 0.3
    assert LARGE > 10
