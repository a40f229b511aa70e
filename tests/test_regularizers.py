"""Regularizers against scikit-learn's Ridge, Lasso and ElasticNet, each in its own convention.

Ours adds λ Σ w² or λ Σ |w| to the mean squared error over all n k elements. scikit-learn's
Ridge adds alpha Σ w² to the sum of squares: alpha = n k λ. Its Lasso adds alpha Σ |w| to half the
mean of squares: alpha = λ / 2.
"""

import array_api_strict
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as array_strategy
from sklearn import linear_model

from deeplearn_utils.gradcheck import check_gradient
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import GradientDescent
from deeplearn_utils.regularizers import L1, L2, REGULARIZERS, ElasticNet
from deeplearn_utils.training import train
from tests.wrong_inputs import whole

EXAMPLES = [L1(0.3), L2(0.3), ElasticNet(0.2, 0.4)]
MASK = np.array([1.0, 1.0, 0.0, 1.0])

thetas = array_strategy(np.float64, 4, elements=st.floats(-10, 10))


def regression(k=1):
    """Make correlated features and targets with an offset, so that the bias matters."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 6)) @ (np.eye(6) + 0.3)
    W = np.array([2.0, -1.5, 0.7, 0.0, 0.0, 0.0])[:, None] * rng.uniform(0.5, 1.5, k)
    return X, X @ W + 3.0 + 0.5 * rng.normal(size=(60, k))


# ----------------------------------------------------------------------------- oracles


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("strength", [1e-3, 0.1, 10.0])
def test_training_with_l2_is_ridge_regression(strength, k):
    X, y = regression(k)
    network = MLP([6, k])
    records = train(
        network, np.zeros(network.layout.size), X, y,
        optimizer=GradientDescent(0.6 / (6.0 + 2.0 * strength)), epochs=3000,
        regularizer=L2(strength),
    )  # fmt: skip
    *_, last = records
    W, b = network.layout.unpack(last.theta)
    oracle = linear_model.Ridge(alpha=len(X) * k * strength, solver="cholesky").fit(X, y)
    np.testing.assert_allclose(W[0], oracle.coef_.reshape(k, 6).T, atol=1e-7)
    np.testing.assert_allclose(b[0], np.atleast_1d(oracle.intercept_), atol=1e-7)


def proximal_gradient(l1, l2, steps=4000, rate=0.05):
    """Minimize mse + λ₁ Σ |w| + λ₂ Σ w²: a gradient step on the smooth part, then shrink."""
    X, y = regression()
    network = MLP([6, 1])
    theta = np.zeros(network.layout.size)
    mask = network.layout.weights_mask(theta)
    for _ in range(steps):
        gradient = network.loss_and_gradient(theta, X, y)[1] + L2(l2).gradient(theta, mask)
        theta = L1(l1).proximal(theta - rate * gradient, mask, rate)
    W, b = network.layout.unpack(theta)
    return W[0].ravel(), float(b[0][0])


@pytest.mark.parametrize("strength", [0.02, 0.5, 4.0, 100.0])
def test_proximal_steps_with_l1_are_the_lasso(strength):
    X, y = regression()
    w, b = proximal_gradient(strength, 0.0)
    oracle = linear_model.Lasso(alpha=strength / 2, tol=1e-12, max_iter=100_000).fit(X, y[:, 0])
    np.testing.assert_allclose(w, oracle.coef_, atol=1e-6)
    assert b == pytest.approx(oracle.intercept_, abs=1e-6)
    np.testing.assert_array_equal(w == 0, oracle.coef_ == 0)  # exact zeros, and the same ones
    if strength == 100.0:
        assert not w.any()
        assert b == pytest.approx(y.mean())  # the bias is free


def test_proximal_steps_with_l1_and_l2_are_the_elastic_net():
    X, y = regression()
    l1, l2 = 0.6, 0.2
    w, b = proximal_gradient(l1, l2)
    alpha = l1 / 2 + l2
    oracle = linear_model.ElasticNet(
        alpha=alpha, l1_ratio=l1 / 2 / alpha, tol=1e-12, max_iter=100_000
    ).fit(X, y[:, 0])
    np.testing.assert_allclose(w, oracle.coef_, atol=1e-6)
    assert b == pytest.approx(oracle.intercept_, abs=1e-6)


# ----------------------------------------------------------------------------- formulas


@given(thetas)
def test_penalties_are_the_formulas(theta):
    w = theta[MASK == 1]
    assert L1(0.3).penalty(theta, MASK) == pytest.approx(0.3 * np.abs(w).sum())
    assert L2(0.3).penalty(theta, MASK) == pytest.approx(0.3 * np.sum(w**2))
    both = 0.2 * np.abs(w).sum() + 0.4 * np.sum(w**2)
    assert ElasticNet(0.2, 0.4).penalty(theta, MASK) == pytest.approx(both)


@pytest.mark.parametrize("regularizer", EXAMPLES, ids=repr)
def test_gradients_are_those_of_the_penalties(regularizer):
    theta = np.array([0.5, -2.0, 3.0, 1.5])
    report = check_gradient(
        lambda theta: regularizer.penalty(theta, MASK),
        lambda theta: regularizer.gradient(theta, MASK),
        theta,
    )
    assert report, report
    assert regularizer.gradient(theta, MASK)[2] == 0  # a bias is free


def test_the_subgradient_at_zero_is_zero():
    assert not L1(1.0).gradient(np.zeros(4), MASK).any()
    kink = check_gradient(lambda t: L1(1.0).penalty(t, MASK), np.zeros(4), np.zeros(4))
    assert kink.kinks == ("theta[0]", "theta[1]", "theta[3]")


@pytest.mark.parametrize("shares", [(1.0, 0.0), (0.0, 1.0), (0.3, 0.7)])
@given(thetas, st.floats(0, 5), st.floats(0, 3))
def test_the_proximal_step_minimizes_what_it_says(shares, theta, strength, step_size):
    """It is the minimum over u of (u - w)² / 2 + step_size (λ₁ |u| + λ₂ u²)."""
    l1, l2 = (share * strength for share in shares)

    def objective(u):
        return (u - theta) ** 2 / 2 + step_size * (l1 * np.abs(u) + l2 * u**2) * MASK

    regularizer = L1(l1) if not shares[1] else L2(l2) if not shares[0] else ElasticNet(l1, l2)
    u = regularizer.proximal(theta, MASK, step_size)
    for other in (theta, np.zeros(4), u + 1e-3, u - 1e-3):
        assert np.all(objective(u) <= objective(other) + 1e-12)
    assert np.all(np.abs(u) <= np.abs(theta))


def test_strength_zero_does_nothing():
    theta = np.array([1.0, -2.0, 3.0, 0.0])
    for regularizer in (L1(0), L2(0), ElasticNet(0, 0)):
        assert regularizer.penalty(theta, MASK) == 0
        assert not regularizer.gradient(theta, MASK).any()
        np.testing.assert_array_equal(regularizer.proximal(theta, MASK, 1.0), theta)


# ----------------------------------------------------------------------------- arrays


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("regularizer", EXAMPLES, ids=repr)
def test_dtype_and_shape_are_kept_and_nothing_changes(regularizer, dtype):
    theta, mask = np.array([0.5, -2.0, 3.0, 0.0], dtype), MASK.astype(dtype)
    theta.setflags(write=False)
    mask.setflags(write=False)
    assert regularizer.penalty(theta, mask).shape == ()
    assert regularizer.penalty(theta, mask).dtype == dtype
    assert regularizer.gradient(theta, mask).dtype == dtype
    assert regularizer.proximal(theta, mask, 0.5).dtype == dtype


@pytest.mark.parametrize("regularizer", EXAMPLES, ids=repr)
def test_the_strict_array_api_gives_the_same(regularizer):
    theta = np.array([0.5, -2.0, 3.0, 0.0])
    xp = array_api_strict
    strict = xp.asarray(theta), xp.asarray(MASK)
    for method in ("penalty", "gradient"):
        result = getattr(regularizer, method)(*strict)
        assert isinstance(result, type(strict[0]))
        np.testing.assert_allclose(
            np.from_dlpack(result), getattr(regularizer, method)(theta, MASK)
        )
    shrunk = regularizer.proximal(*strict, 0.7)
    np.testing.assert_allclose(np.from_dlpack(shrunk), regularizer.proximal(theta, MASK, 0.7))


def test_the_table_holds_the_classes():
    assert {"l1": L1, "l2": L2, "elastic_net": ElasticNet} == REGULARIZERS


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: L2(-1.0), ValueError, "`strength` must be a number in [0.0, inf), got -1.0"),
        (lambda: L1(np.nan), ValueError, "`strength` must be a number in [0.0, inf), got nan"),
        (lambda: L1("0.1"), TypeError, "`strength` must be a number, got str"),
        (
            lambda: ElasticNet(-0.1, 0.1),
            ValueError,
            "`l1` must be a number in [0.0, inf), got -0.1",
        ),
        (
            lambda: ElasticNet(0.1, np.inf),
            ValueError,
            "`l2` must be a number in [0.0, inf), got inf",
        ),
        (
            lambda: L2(1).penalty(np.ones(4), np.ones(3)),
            ValueError,
            "`mask` must have the shape of `theta` = (4,), got (3,)",
        ),
        (
            lambda: L2(1).gradient(np.ones((4, 1)), np.ones(4)),
            ValueError,
            "`mask` must have the shape of `theta` = (4, 1), got (4,); did you mean mask[:, None]?",
        ),
        (
            lambda: L2(1).penalty(np.ones(4, int), np.ones(4)),
            TypeError,
            "`theta` must hold floating-point numbers (float32 or float64), got int64; "
            "try theta.astype(float)",
        ),
        (
            lambda: L1(1).penalty(np.ones(4), np.ones(4, bool)),
            TypeError,
            "`mask` must hold floating-point numbers (float32 or float64), got bool; "
            "try mask.astype(float)",
        ),
        (
            lambda: L1(1).proximal(np.ones(4), MASK, -0.1),
            ValueError,
            "`step_size` must be a number in [0.0, inf), got -0.1",
        ),
        (
            lambda: L2(1).proximal(np.ones(4), MASK, -0.1),
            ValueError,
            "`step_size` must be a number in [0.0, inf), got -0.1",
        ),
        (
            lambda: ElasticNet(1, 1).proximal(np.ones(4), MASK[:3], 1.0),
            ValueError,
            "`mask` must have the shape of `theta` = (4,), got (3,)",
        ),
    ],
)
def test_regularizers_refuse(call, error, message):
    with pytest.raises(error, match=whole(message)):
        call()


@pytest.mark.parametrize("regularizer", EXAMPLES, ids=repr)
def test_regularizers_are_frozen_values(regularizer):
    with pytest.raises(AttributeError):
        regularizer.strength = 2.0
    assert regularizer == type(regularizer)(**vars(regularizer))
    assert hash(regularizer) == hash(type(regularizer)(**vars(regularizer)))
