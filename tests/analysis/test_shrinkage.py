"""Penalized fits against scikit-learn 1.9, which has other factors, and against each other."""

import re

import numpy as np
import pytest
from sklearn import linear_model

from deeplearn_utils import datasets
from deeplearn_utils.analysis.shrinkage import lasso, proximal_descent, ridge, ridge_path
from deeplearn_utils.networks import MLP
from deeplearn_utils.regularizers import L1, L2, ElasticNet
from tests.wrong_inputs import whole

DATA = datasets.diabetes()
X, y = DATA.X_train, DATA.y_train[:, 0] / 50.0
SCARCE = X[:8], y[:8]  # more features than rows


@pytest.mark.parametrize("data", [(X, y), SCARCE], ids=["many rows", "few rows"])
@pytest.mark.parametrize("strength", [1e-3, 0.1, 10.0])
def test_ridge_is_scikit_learn_s(data, strength):
    fit = ridge(*data, strength)
    oracle = linear_model.Ridge(alpha=len(data[0]) * strength).fit(*data)
    np.testing.assert_allclose(fit.weights, oracle.coef_, atol=1e-6)
    assert fit.intercept == pytest.approx(oracle.intercept_, abs=1e-6)


def test_a_path_is_its_fits():
    for fit, strength in zip(ridge_path(X, y, [0.0, 0.3, 5.0]), [0.0, 0.3, 5.0], strict=True):
        np.testing.assert_array_equal(fit.weights, ridge(X, y, strength).weights)
        assert fit.intercept == ridge(X, y, strength).intercept


def test_without_a_penalty_it_is_least_squares_and_the_shortest_solution():
    np.testing.assert_allclose(
        ridge(X, y, 0.0).weights, linear_model.LinearRegression().fit(X, y).coef_, atol=1e-8
    )
    fit = ridge(*SCARCE, 0.0)
    np.testing.assert_allclose(SCARCE[0] @ fit.weights + fit.intercept, SCARCE[1])
    centered = SCARCE[0] - SCARCE[0].mean(axis=0)
    shortest = np.linalg.pinv(centered) @ (SCARCE[1] - SCARCE[1].mean())
    np.testing.assert_allclose(fit.weights, shortest, rtol=1e-8)


@pytest.mark.parametrize("strength", [1e-3, 0.05, 0.5, 1e6])
def test_lasso_is_scikit_learn_s_with_the_same_zeros(strength):
    fit = lasso(X, y, strength)
    oracle = linear_model.Lasso(alpha=strength / 2, tol=1e-12, max_iter=100_000).fit(X, y)
    np.testing.assert_allclose(fit.weights, oracle.coef_, atol=1e-6)
    np.testing.assert_array_equal(fit.weights == 0, oracle.coef_ == 0)
    assert fit.intercept == pytest.approx(oracle.intercept_, abs=1e-6)


def test_a_constant_column_has_no_weight():
    constant = np.column_stack([np.full(len(X), 3.0), X])
    for fit in ridge, lasso:
        ours, without = fit(constant, y, 0.5), fit(X, y, 0.5)
        np.testing.assert_allclose(ours.weights, [0, *without.weights], atol=1e-9)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("regularizer", [L1(0.2), L2(0.3), ElasticNet(0.1, 0.2)])
def test_proximal_descent_is_scikit_learn_s_elastic_net(regularizer, momentum):
    network = MLP([10, 1])
    mask = network.layout.weights_mask(np.zeros(11))
    theta = proximal_descent(
        lambda theta: network.loss_and_gradient(theta, X, y[:, None])[1],
        np.zeros(11), regularizer, mask, learning_rate=0.1, steps=4000, momentum=momentum,
    )  # fmt: skip
    l1 = getattr(regularizer, "l1", 0.2 if isinstance(regularizer, L1) else 0.0)
    l2 = getattr(regularizer, "l2", 0.3 if isinstance(regularizer, L2) else 0.0)
    alpha = l1 / 2 + l2
    oracle = linear_model.ElasticNet(
        alpha=alpha, l1_ratio=l1 / 2 / alpha, tol=1e-12, max_iter=100_000
    ).fit(X, y)
    np.testing.assert_allclose(theta[:10], oracle.coef_, atol=1e-6)
    np.testing.assert_array_equal(theta[:10] == 0, oracle.coef_ == 0)
    assert theta[10] == pytest.approx(oracle.intercept_, abs=1e-6)


def test_nothing_that_goes_in_is_changed():
    start = np.ones(2)
    proximal_descent(
        lambda w: w, start, L1(0.1), np.ones(2), learning_rate=0.1, steps=2, momentum=0.5
    )
    np.testing.assert_array_equal(start, 1)
    frozen = X.copy(), y.copy()
    ridge(X, y, 0.1)
    lasso(X, y, 0.1)
    np.testing.assert_array_equal(X, frozen[0])
    np.testing.assert_array_equal(y, frozen[1])


@pytest.mark.parametrize("fit", [ridge, lasso])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X, y, -0.1), "`strength` must be a number in [0.0, inf), got -0.1"),
        (
            (X, y[:, None], 0.1),
            f"`y` must have shape (samples,) = ({len(X)},), got ({len(X)}, 1); "
            "did you mean y.reshape(-1)?",
        ),
        ((X[:0], y[:0], 0.1), "`X` must have at least one element, got shape (0, 10)"),
        (
            (np.full((2, 1), np.nan), np.ones(2), 0.1),
            "`X` must be finite, got 2 NaN, the first in row 0, column 0",
        ),
    ],
)
def test_wrong_arguments(fit, arguments, message):
    with pytest.raises(ValueError, match=whole(message)):
        fit(*arguments)


@pytest.mark.parametrize("wrong", [None, 0.1])
def test_strengths_are_several(wrong):
    kind = type(wrong).__name__
    message = f"`strengths` must be a sequence of numbers, such as [0.0, 0.1], got {kind}"
    with pytest.raises(TypeError, match=whole(message)):
        ridge_path(X, y, wrong)


def test_a_lasso_that_does_not_settle_says_so():
    message = "the weights still moved after 2 sweeps; try a larger `strength` or `tolerance`"
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$"):
        lasso(X, y, 1e-3, sweeps=2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"learning_rate": 0.0, "steps": 1},
            "`learning_rate` must be a number in (0.0, inf), got 0.0",
        ),
        ({"learning_rate": 0.1, "steps": 0}, "`steps` must be at least 1, got 0"),
        (
            {"learning_rate": 0.1, "steps": 1, "momentum": 1.0},
            "`momentum` must be a number in [0.0, 1.0), got 1.0",
        ),
    ],
)
def test_wrong_options_of_the_descent(options, message):
    with pytest.raises(ValueError, match=whole(message)):
        proximal_descent(lambda w: w, np.ones(2), L1(0.1), np.ones(2), **options)
    message = "`mask` must have the shape of `theta` = (2,), got (3,)"
    with pytest.raises(ValueError, match=whole(message)):
        proximal_descent(lambda w: w, np.ones(2), L1(0.1), np.ones(3), learning_rate=0.1, steps=1)


@pytest.mark.parametrize("fit", [ridge, lasso])
@pytest.mark.parametrize(
    ("of_X", "of_y"),
    [(1e-170, 1e-170), (1e-170, 1.0), (1e-100, 1e170), (1e170, 1.0), (1e170, 1e170)],
)
def test_units_whose_squares_are_out_of_range(fit, of_X, of_y):
    right = fit(X[:, :3], y, 0.0).weights
    found = fit(X[:, :3] * of_X, y * of_y, 0.0).weights
    np.testing.assert_allclose(found * (of_X / of_y), right, rtol=1e-6)


def test_a_tiny_column_is_no_empty_one():
    units = np.array([1.0, 1e-170, 1e170])
    right = lasso(X[:, :3], y, 0.0).weights
    np.testing.assert_allclose(lasso(X[:, :3] * units, y, 0.0).weights * units, right, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_gradient_of_another_dtype_is_converted(dtype):
    options = {"learning_rate": 0.5, "steps": 3}
    start, mask = np.array([3.0, 0.1], dtype), np.ones(2, dtype)
    right = proximal_descent(lambda w: w, start, L1(0.5), mask, **options)
    for change in (lambda w: w.astype(np.float64), lambda w: w.astype(np.float32), lambda w: [*w]):
        found = proximal_descent(change, start, L1(0.5), mask, **options)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, right, rtol=1e-6)


@pytest.mark.parametrize(
    ("gradient", "regularizer", "message"),
    [
        (None, L1(0.1), "`gradient` must be a function of theta, got NoneType"),
        (
            lambda w: None,
            L1(0.1),
            "`gradient` must be a list, an array or a data frame, got NoneType",
        ),
        (
            lambda w: w,
            0.1,
            "`regularizer` must have a method proximal, such as L1(0.1), got float",
        ),
    ],
)
def test_parts_of_the_descent_that_are_none(gradient, regularizer, message):
    with pytest.raises(TypeError, match=whole(message)):
        proximal_descent(gradient, np.ones(2), regularizer, np.ones(2), learning_rate=0.1, steps=1)


def test_a_gradient_of_another_shape_is_named():
    message = (
        "`gradient` must have the shape of `theta` = (2,), got (2, 1); did you mean "
        "gradient.reshape(-1)?"
    )
    with pytest.raises(ValueError, match=whole(message)):
        proximal_descent(
            lambda w: w[:, None], np.ones(2), L1(0.1), np.ones(2), learning_rate=0.1, steps=1
        )
