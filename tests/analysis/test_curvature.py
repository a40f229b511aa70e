"""Curvature from gradients: against known Hessians, NumPy's eigenvalues and finite differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils.analysis.curvature import hessian_product, largest_curvature
from deeplearn_utils.datasets import moons
from deeplearn_utils.networks import MLP
from tests.wrong_inputs import no_floats, whole


def symmetric(eigenvalues, seed=0):
    """Return a matrix with these eigenvalues, and its eigenvectors as columns."""
    Q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=2 * (len(eigenvalues),)))
    return (Q * np.asarray(eigenvalues)) @ Q.T, Q


def small_network(loss="binary_cross_entropy"):
    data = moons(n=100, noise=0.15, seed=0)
    X, y = data.X_train, data.y_train[:, None].astype(float)
    network = MLP([2, 6, 1], activation="tanh", loss=loss)
    theta = network.init(np.random.default_rng(1))
    return theta, lambda t: network.loss_and_gradient(t, X, y)[1]


def full_hessian(gradient, theta, h=1e-5):
    columns = [gradient(theta + h * e) - gradient(theta - h * e) for e in np.eye(len(theta))]
    H = np.array(columns) / (2 * h)
    np.testing.assert_allclose(H, H.T, atol=1e-7)
    return (H + H.T) / 2


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6), st.integers(0, 100))
def test_products_with_a_known_hessian(eigenvalues, seed):
    H, _ = symmetric(eigenvalues, seed)
    theta, v = np.random.default_rng(seed).normal(size=(2, len(eigenvalues)))
    np.testing.assert_allclose(hessian_product(lambda t: H @ t, theta, v), H @ v, atol=1e-7)


def test_product_with_zero_is_zero():
    theta, gradient = small_network()
    assert not hessian_product(gradient, theta, np.zeros_like(theta)).any()


@pytest.mark.parametrize(
    "eigenvalues",
    [[1, 2, 9], [9, 2, -3], [-9, 2, 1], [-9, -8, -1], [5, 5, 1], [0, 0, 0], [3, 0, 0]],
    ids=str,
)
def test_finds_the_largest_eigenvalue_also_beside_larger_negative_ones(eigenvalues):
    H, _ = symmetric(eigenvalues)
    found = largest_curvature(lambda t: H @ t, np.ones(3))
    assert found.value == pytest.approx(max(eigenvalues), rel=1e-5, abs=1e-7)
    assert np.linalg.norm(found.direction) == pytest.approx(1)
    if any(eigenvalues):
        np.testing.assert_allclose(H @ found.direction, found.value * found.direction, atol=1e-4)
    np.testing.assert_allclose(np.linalg.eigvalsh(H)[-1], max(eigenvalues), atol=1e-12)


@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy"])
def test_network_against_the_full_hessian(loss):
    theta, gradient = small_network(loss)
    values, vectors = np.linalg.eigh(full_hessian(gradient, theta))
    found = largest_curvature(gradient, theta)
    assert found.value == pytest.approx(values[-1], rel=1e-5)
    assert abs(found.direction @ vectors[:, -1]) == pytest.approx(1, abs=1e-6)


def test_network_in_float32():
    theta, gradient = small_network()
    H = full_hessian(gradient, theta)
    data = moons(n=100, noise=0.15, seed=0, dtype="float32")
    X, y = data.X_train, data.y_train[:, None].astype("float32")
    network = MLP([2, 6, 1], activation="tanh", loss="binary_cross_entropy")
    found = largest_curvature(
        lambda t: network.loss_and_gradient(t, X, y)[1], theta.astype("float32"), tolerance=1e-2
    )
    assert found.direction.dtype == np.float32
    assert found.value == pytest.approx(np.linalg.eigvalsh(H)[-1], rel=1e-2)


def test_a_good_start_needs_few_products():
    theta, gradient = small_network()
    calls = []

    def counted(t):
        calls.append(t)
        return gradient(t)

    found = largest_curvature(counted, theta)
    cold = len(calls)
    again = largest_curvature(counted, theta, start=found.direction)
    assert len(calls) - cold <= 4 < cold
    assert again.value == pytest.approx(found.value, rel=1e-6)


def test_stops_after_the_given_number_of_products():
    calls = []
    H, _ = symmetric([5, 4.99, 1])

    def counted(t):
        calls.append(t)
        return H @ t

    largest_curvature(counted, np.ones(3), iterations=7, tolerance=0)
    assert len(calls) == 14


def test_nothing_is_changed():
    theta, gradient = small_network()
    theta.setflags(write=False)
    start = np.ones_like(theta)
    start.setflags(write=False)
    largest_curvature(gradient, theta, start=start, iterations=3)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"iterations": 0}, ValueError, "`iterations` must be at least 1, got 0"),
        ({"tolerance": -1.0}, ValueError, "`tolerance` must be a number in [0.0, inf), got -1.0"),
        (
            {"rng": 3},
            TypeError,
            "`rng` must be a numpy.random.Generator, got int; try rng = np.random.default_rng(0)",
        ),
        (
            {"start": np.ones(2)},
            ValueError,
            "`start` must have the shape of `theta` = (3,), got (2,)",
        ),
        (
            {"start": np.ones(3, "f4")},
            TypeError,
            "`theta` and `start` must have one dtype, got float64 and float32; convert one of them "
            "with xp.astype",
        ),
        (
            {"start": np.zeros(3)},
            ValueError,
            "`start` must be finite and not all 0, got a vector of length 0.0",
        ),
    ],
)
def test_wrong_arguments(options, error, message):
    with pytest.raises(error, match=whole(message)):
        largest_curvature(lambda t: t, np.ones(3), **options)


def test_wrong_vectors():
    message = "`v` must have the shape of `theta` = (3,), got (2,)"
    with pytest.raises(ValueError, match=whole(message)):
        hessian_product(lambda t: t, np.ones(3), np.ones(2))
    with pytest.raises(TypeError, match=no_floats(np.arange(3), "theta")):
        hessian_product(lambda t: t, np.arange(3), np.ones(3))


@pytest.mark.parametrize("size", [1e-200, 1e-160, 1.0, 1e160, 1e200])
def test_lengths_whose_squares_are_out_of_range(size):
    A, _ = symmetric([2.0, -1.0, 0.5])
    v = size * np.array([1.0, -2.0, 0.5])
    product = hessian_product(lambda theta: A @ theta, np.ones(3), v)
    np.testing.assert_allclose(product, A @ v, rtol=1e-6)
    found = largest_curvature(lambda theta: size * A @ theta, np.ones(3))
    assert found.value == pytest.approx(2 * size, rel=1e-6)


def test_a_gradient_that_is_none_is_named():
    message = "`gradient` must be a function of theta, got NoneType"
    for measure in (lambda g: hessian_product(g, np.ones(3), np.ones(3)),
                    lambda g: largest_curvature(g, np.ones(3))):  # fmt: skip
        with pytest.raises(TypeError, match=whole(message)):
            measure(None)
        with pytest.raises(TypeError, match=whole("`gradient` must hold numbers, got text ('a'); "
                           "write categories as numbers (one 0/1 column each)")):  # fmt: skip
            measure(lambda theta: "a")


def test_a_product_has_the_dtype_of_theta():
    one = np.ones(2, np.float32)
    assert hessian_product(lambda theta: theta.astype(float), one, one).dtype == np.float32


def test_a_gradient_of_another_shape_is_not_broadcast():
    message = (
        "`gradient` must have the shape of `theta` = (3,), got (3, 1); did you mean "
        "gradient.reshape(-1)?"
    )
    with pytest.raises(ValueError, match=whole(message)):
        hessian_product(lambda theta: theta[:, None], np.ones(3), np.ones(3))


def test_parameters_are_one_vector():
    message = "`theta` must have shape (n_parameters,), got (2, 2)"
    with pytest.raises(ValueError, match=whole(message)):
        largest_curvature(lambda theta: theta, np.ones((2, 2)))
    message = "`theta` must have at least one element, got shape (0,)"
    with pytest.raises(ValueError, match=whole(message)):
        largest_curvature(lambda theta: theta, np.ones(0))
