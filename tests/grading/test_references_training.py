"""The solutions of assignments 3 and 4 against PyTorch, Keras and scikit-learn."""

import numpy as np
import pytest
from scipy.stats import sem
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from deeplearn_utils import arrays
from tests.grading.notebooks import solved


@pytest.fixture(scope="module")
def optimizers():
    return solved("03_optimizers")


@pytest.fixture(scope="module")
def regularization():
    return solved("04_regularization")


def torch_path(torch, optimizer, start, gradients, **options):
    theta = torch.tensor(start, requires_grad=True)
    made, path = getattr(torch.optim, optimizer)([theta], **options), [start]
    for g in gradients:
        theta.grad = torch.tensor(g)
        made.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def test_momentum_is_pytorchs(optimizers, torch, rng):
    theta, gradients = rng.normal(size=5), rng.normal(size=(8, 5))
    wanted = torch_path(torch, "SGD", theta, gradients, lr=0.1, momentum=0.8)
    path, v = [theta], np.zeros(5)
    for g in gradients:
        theta, v = optimizers["momentum_step"](theta, g, v, 0.1, 0.8)
        path.append(theta)
    np.testing.assert_allclose(path, wanted)


@pytest.mark.parametrize("epsilon", [1e-8, 0.3])
def test_adam_is_pytorchs(optimizers, torch, rng, epsilon):
    start, gradients = rng.normal(size=4), rng.normal(size=(15, 4)) * [1, 100, 1e-3, 0]
    options = {"betas": (0.8, 0.95), "eps": epsilon}
    wanted = torch_path(torch, "Adam", start, gradients, lr=0.05, **options)
    path = optimizers["adam"](start, gradients, 0.05, 0.8, 0.95, epsilon)
    np.testing.assert_allclose(path, wanted)


def test_adamw_is_pytorchs(optimizers, torch, rng):
    theta, gradients = rng.normal(size=4), rng.normal(size=(9, 4))
    wanted = torch_path(torch, "AdamW", theta, gradients, lr=0.05, weight_decay=0.7)
    m = v = np.zeros(4)
    path = [theta]
    for t, g in enumerate(gradients, start=1):
        theta, m, v = optimizers["adamw_step"](theta, g, m, v, t, 0.05, 0.7)
        path.append(theta)
    np.testing.assert_allclose(path, wanted)


def test_a_schedule_is_pytorchs(optimizers, torch):
    schedules = torch.optim.lr_scheduler
    made = torch.optim.SGD([torch.zeros(1)], lr=0.8)
    rise = schedules.LinearLR(made, start_factor=1 / 4, total_iters=3)
    fall = schedules.CosineAnnealingLR(made, T_max=8)
    both = schedules.SequentialLR(made, [rise, fall], milestones=[4])
    wanted = []
    for _ in range(12):
        wanted.append(both.get_last_lr()[0])
        made.step()
        both.step()
    np.testing.assert_allclose([optimizers["rate"](t, 0.8, 4, 12) for t in range(12)], wanted)


def test_clipping_is_pytorchs(optimizers, torch, rng):
    gradients = [rng.normal(size=shape) for shape in ((4, 3), (3,), (3, 2))]
    parameters = [torch.zeros(g.shape, dtype=torch.float64) for g in gradients]
    for parameter, g in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(g)
    wanted = torch.nn.utils.clip_grad_norm_(parameters, 1.5)
    clipped, norm = optimizers["clip_all"](gradients, 1.5)
    np.testing.assert_allclose(norm, wanted)
    for ours, parameter in zip(clipped, parameters, strict=True):
        np.testing.assert_allclose(ours, parameter.grad, rtol=1e-5)


def test_the_edge_is_that_of_pytorchs_hessian(optimizers, torch, rng):
    A, theta = rng.normal(size=(9, 6)), rng.normal(size=6)
    A[:, 0] *= 3

    def loss(t):
        return ((torch.tensor(A) @ t) ** 2).sum() + (t**4).sum()

    def gradient(t):
        t = torch.tensor(t, requires_grad=True)
        return torch.autograd.grad(loss(t), t)[0].numpy()

    H = torch.autograd.functional.hessian(loss, torch.tensor(theta)).numpy()
    edge, _ = optimizers["edges"](H)
    np.testing.assert_allclose(edge, 2 / np.linalg.norm(H, 2))
    np.testing.assert_allclose(optimizers["edge"](gradient, theta), edge, rtol=1e-4)


def test_the_noise_of_batches_is_measured(optimizers, rng):
    singles = rng.normal(1, 2, size=(20, 3))
    for replace, wanted in zip(
        (True, False), optimizers["gradient_noise"](singles, 6), strict=True
    ):
        batches = [singles[rng.choice(20, 6, replace=replace)].mean(axis=0) for _ in range(4000)]
        squared = np.sum((np.array(batches) - singles.mean(axis=0)) ** 2, axis=1)
        error = squared.std() / np.sqrt(len(squared))
        assert abs(squared.mean() - wanted**2) < 4 * error


def test_the_gradient_with_a_penalty_is_pytorchs(regularization, torch, rng):
    X, y, w, b = rng.normal(size=(7, 3)), rng.normal(size=7), rng.normal(size=3), rng.normal()
    weights = torch.tensor(w, requires_grad=True)
    bias = torch.tensor(b, requires_grad=True)
    predicted = torch.tensor(X) @ weights + bias
    loss = torch.nn.functional.mse_loss(predicted, torch.tensor(y)) + 0.3 * (weights**2).sum()
    dw, db = torch.autograd.grad(loss, (weights, bias))
    ours = regularization["ridge_gradient"](X, y, w, b, 0.3)
    np.testing.assert_allclose(ours[0], dw)
    np.testing.assert_allclose(ours[1], db)


def test_ridge_is_scikit_learns(regularization, rng):
    X, y = rng.normal(5, 2, size=(12, 4)), rng.normal(30, 9, size=12)
    fit = Ridge(alpha=12 * 0.4).fit(X, y)
    w, b = regularization["ridge"](X, y, 0.4)
    np.testing.assert_allclose(w, fit.coef_)
    np.testing.assert_allclose(b, fit.intercept_)


def test_a_proximal_step_is_pytorchs(regularization, torch, rng):
    v = rng.normal(size=(4, 5))
    wanted = torch.nn.functional.softshrink(torch.tensor(v), 0.1 * 4)
    np.testing.assert_allclose(regularization["proximal_step"](v, 0.1, 4), wanted)


def test_dropout_has_the_mean_of_predicting(regularization, rng):
    a, u = rng.normal(1, 1, size=(1, 6)), rng.random(size=(20_000, 6))
    outs = regularization["dropout"](np.repeat(a, len(u), axis=0), u, 0.3, True)
    error = outs.std(axis=0) / np.sqrt(len(u))
    assert np.all(
        abs(outs.mean(axis=0) - regularization["dropout"](a, u[:1], 0.3, False)) < 4 * error
    )
    assert set(np.round(np.ravel(outs / a), 9)) == {0.0, round(1 / 0.7, 9)}


@pytest.mark.parametrize("patience", [1, 2, 3, 50])
def test_stopping_is_that_of_keras(regularization, rng, patience):
    keras = arrays.import_quietly("keras")
    losses = np.round(np.exp(-np.arange(30) / 9) + rng.normal(0, 0.03, size=30), 2).tolist()
    watch = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience, mode="min")
    watch.set_model(keras.Sequential())
    watch.model.stop_training = False
    watch.on_train_begin()
    for last, loss in enumerate(losses):
        watch.on_epoch_end(last, {"val_loss": loss})
        if watch.model.stop_training:
            break
    kept = losses.index(min(losses[: last + 1]))
    assert regularization["stop_early"](losses, patience) == (kept, losses[kept], last)


def test_folds_are_scikit_learns(regularization):
    for ours, theirs in zip(
        regularization["folds"](np.arange(23), 5), KFold(5).split(np.zeros(23)), strict=True
    ):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])


def test_cross_validation_without_a_leak_is_scikit_learns(regularization, rng):
    X, y = rng.normal(size=(23, 30)), rng.normal(size=23)

    def weights(distances):
        return np.exp(-(distances**2) / 2)

    found = regularization["honest_errors"](X, y, 5, 3)
    for error, (train, held) in zip(found, KFold(5).split(X), strict=True):
        all_near = KNeighborsRegressor(n_neighbors=len(train), weights=weights)
        model = make_pipeline(StandardScaler(), SelectKBest(f_regression, k=3), all_near)
        predicted = model.fit(X[train], y[train]).predict(X[held])
        np.testing.assert_allclose(error, mean_squared_error(y[held], predicted))


def test_the_rule_is_made_of_scipys_standard_error(regularization, rng):
    strengths = 10.0 ** np.arange(-3, 2, 0.1)
    errors = 1 + 0.1 * (np.log10(strengths) + 0.5) ** 2 + rng.normal(0, 0.2, size=(6, 1))
    errors += rng.normal(0, 0.02, size=errors.shape)
    lowest, simplest = regularization["one_standard_error"](strengths, errors)
    mean, error = errors.mean(axis=0), sem(errors)
    place = int(np.searchsorted(strengths, lowest * (1 - 1e-9)))
    assert mean[place] == mean.min()
    within = mean <= mean.min() + error[place]
    assert simplest == strengths[within].max() > lowest
