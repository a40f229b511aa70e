"""Batch and layer normalization, forward and backward, on every library."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplearn_utils import arrays
from deeplearn_utils.kernels import normalization
from deeplearn_utils.kernels.normalization import (
    batch_normalization,
    batch_normalization_backward,
    batch_normalization_inference,
    layer_normalization,
    layer_normalization_backward,
)
from tests.kernels.slopes import slopes
from tests.libraries import TENSORFLOW
from tests.wrong_inputs import NOT_FLOATS, assert_refused, two_dtypes, two_libraries, whole

SHAPES = [(6, 3), (1, 4), (5, 1), (2, 3, 4, 3), (3, 2, 5), (1, 1)]
BACKWARD = {"batch": batch_normalization_backward, "layer": layer_normalization_backward}


def batch(shape, dtype="float64", seed=0):
    """Return x, γ, β and dz, with features of different size."""
    rng = np.random.default_rng(seed)
    scale = 10.0 ** rng.integers(-1, 2, shape[-1])
    x = scale * rng.normal(size=shape) + 3.0
    γ, β = rng.normal(size=(2, shape[-1]))
    return tuple(v.astype(dtype) for v in (x, γ, β, rng.normal(size=shape)))


def only_z(kind):
    """Return the forward kernel without the batch's statistics."""
    if kind == "layer":
        return layer_normalization
    return lambda *values, **options: batch_normalization(*values, **options)[0]


def definition(kind, x, γ, β, epsilon=1e-5):
    """Normalize in double precision with NumPy's own mean and variance."""
    x = x.astype(float)
    axes = tuple(range(x.ndim - 1)) if kind == "batch" else -1
    μ, σ2 = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return γ * (x - μ) / np.sqrt(σ2 + epsilon) + β


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", BACKWARD)
def test_every_library_computes_the_definition(lib, kind, shape, dtype):
    x, γ, β, dz = batch(shape, dtype)
    ours = [lib.array(v) for v in (x, γ, β, dz)]
    z = only_z(kind)(*ours[:3])
    gradients = BACKWARD[kind](ours[3], *ours[:2])
    plain = BACKWARD[kind](*(v.astype(float) for v in (dz, x, γ)))
    digits = {"rtol": 1e-3, "atol": 1e-3} if dtype == "float32" else {"rtol": 1e-9, "atol": 1e-9}
    for got, expected in zip((z, *gradients), (definition(kind, x, γ, β), *plain), strict=True):
        assert lib.holds(got, like=ours[0])
        assert tuple(got.shape) == expected.shape
        np.testing.assert_allclose(arrays.to_numpy(got), expected, **digits)
    for after, values in zip(ours, (x, γ, β, dz), strict=True):
        np.testing.assert_array_equal(arrays.to_numpy(after), values)


@pytest.mark.parametrize("shape", SHAPES)
def test_statistics_are_those_of_the_batch(lib, shape):
    x, γ, β, _ = batch(shape)
    ours = [lib.array(v) for v in (x, γ, β)]
    z, mean, variance = batch_normalization(*ours)
    axes = tuple(range(x.ndim - 1))
    for got, expected in ((mean, x.mean(axes)), (variance, x.var(axes))):
        assert lib.holds(got, like=ours[0])
        np.testing.assert_allclose(arrays.to_numpy(got), expected, rtol=1e-12, atol=1e-12)
    again = batch_normalization_inference(*ours, mean, variance)
    assert lib.holds(again, like=ours[0])
    np.testing.assert_allclose(arrays.to_numpy(again), arrays.to_numpy(z), rtol=1e-12)


def test_in_use_a_sample_does_not_depend_on_those_beside_it():
    x, γ, β, _ = batch((5, 3))
    mean, variance = np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.0, 2.0])
    z = batch_normalization_inference(x, γ, β, mean, variance, epsilon=1e-3)
    np.testing.assert_allclose(z, γ * (x - mean) / np.sqrt(variance + 1e-3) + β, rtol=1e-12)
    alone = batch_normalization_inference(x[2:3], γ, β, mean, variance, epsilon=1e-3)
    np.testing.assert_array_equal(alone, z[2:3])
    assert batch_normalization_inference(x[:0], γ, β, mean, variance).shape == (0, 3)
    rows = [layer_normalization(row[None], γ, β) for row in x]
    np.testing.assert_array_equal(np.concat(rows), layer_normalization(x, γ, β))


@given(
    shape=st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple),
    kind=st.sampled_from(sorted(BACKWARD)),
    epsilon=st.sampled_from([1e-5, 1e-3, 1.0]),
    seed=st.integers(0, 99),
)
def test_gradients_are_the_slopes(shape, kind, epsilon, seed):
    rng = np.random.default_rng(seed)
    x, dz, (γ, β) = *rng.normal(size=(2, *shape)), rng.normal(size=(2, shape[-1]))
    forward = functools.partial(only_z(kind), epsilon=epsilon)
    gradients = BACKWARD[kind](dz, x, γ, epsilon=epsilon)
    right = (
        slopes(lambda v: np.sum(dz * forward(v, γ, β)), x),
        slopes(lambda v: np.sum(dz * forward(x, v, β)), γ),
        slopes(lambda v: np.sum(dz * forward(x, γ, v)), β),
    )
    for got, expected in zip(gradients, right, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


@given(
    shape=st.lists(st.integers(1, 6), min_size=2, max_size=4).map(tuple),
    epsilon=st.sampled_from([1e-5, 1e-3]),
    seed=st.integers(0, 99),
)
@settings(max_examples=50)
def test_pytorch_agrees(shape, epsilon, seed):
    torch = pytest.importorskip("torch")
    x, γ, β, dz = batch(shape, seed=seed)
    leaves = [torch.tensor(v, requires_grad=True) for v in (x, γ, β)]
    functional = torch.nn.functional
    assert_autograd_agrees(
        "layer",
        functional.layer_norm(leaves[0], shape[-1:], *leaves[1:], eps=epsilon),
        (x, γ, β, dz),
        leaves,
        epsilon,
    )
    if x.size == shape[-1]:  # PyTorch refuses to normalize a single value for each feature
        return
    leaves = [torch.tensor(v, requires_grad=True) for v in (x, γ, β)]
    rows = leaves[0].reshape(-1, shape[-1])
    z = functional.batch_norm(rows, None, None, *leaves[1:], training=True, eps=epsilon)
    assert_autograd_agrees("batch", z.reshape(shape), (x, γ, β, dz), leaves, epsilon)


def assert_autograd_agrees(kind, z, values, leaves, epsilon):
    import torch

    x, γ, β, dz = values
    got = only_z(kind)(x, γ, β, epsilon=epsilon)
    np.testing.assert_allclose(got, z.detach().numpy(), rtol=1e-9, atol=1e-9)
    (z * torch.tensor(dz)).sum().backward()
    gradients = BACKWARD[kind](dz, x, γ, epsilon=epsilon)
    for ours, leaf in zip(gradients, leaves, strict=True):
        np.testing.assert_allclose(ours, leaf.grad.numpy(), rtol=1e-7, atol=1e-8)


@TENSORFLOW
def test_keras_layers_give_the_same(tf):
    x, γ, β, _ = batch((4, 3, 3, 2), "float32")
    layer = tf.keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.0)
    layer.build(x.shape)
    layer.gamma.assign(γ)
    layer.beta.assign(β)
    z, mean, variance = batch_normalization(x, γ, β, epsilon=1e-3)
    np.testing.assert_allclose(z, layer(x, training=True).numpy(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(mean, layer.moving_mean.numpy(), rtol=1e-5)
    np.testing.assert_allclose(variance, layer.moving_variance.numpy(), rtol=1e-5)
    in_use = batch_normalization_inference(x, γ, β, mean, variance, epsilon=1e-3)
    np.testing.assert_allclose(in_use, layer(x, training=False).numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_constant_feature(lib, dtype):
    x, γ, β, dz = batch((5, 3), dtype)
    x[:, 1] = 0.1  # in binary its mean may differ in the last digit
    ours = [lib.array(v) for v in (x, γ, β, dz)]
    z, _, variance = batch_normalization(*ours[:3])
    np.testing.assert_allclose(arrays.to_numpy(z)[:, 1], β[1], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(arrays.to_numpy(variance)[1], 0.0, atol=1e-12)
    dx, dgamma, _ = batch_normalization_backward(ours[3], *ours[:2])
    assert np.isfinite(arrays.to_numpy(dx)).all()
    np.testing.assert_allclose(arrays.to_numpy(dgamma)[1], 0.0, atol=1e-3)


def test_one_sample_teaches_batch_normalization_nothing():
    x, γ, β, dz = batch((1, 4))
    z, mean, variance = batch_normalization(x, γ, β)
    np.testing.assert_array_equal(z, β[None])
    np.testing.assert_array_equal(mean, x[0])
    np.testing.assert_array_equal(variance, 0.0)
    dx, dgamma, dbeta = batch_normalization_backward(dz, x, γ)
    np.testing.assert_array_equal(dx, 0.0)
    np.testing.assert_array_equal(dgamma, 0.0)
    np.testing.assert_array_equal(dbeta, dz[0])


def test_a_large_offset_costs_few_digits():
    x, γ, β, _ = batch((50, 2))
    far, _, variance = batch_normalization(x + 1e6, γ, β)
    np.testing.assert_allclose(far, batch_normalization(x, γ, β)[0], atol=1e-6)
    np.testing.assert_allclose(variance, x.var(0), rtol=1e-7)


def test_arrays_that_are_not_contiguous(lib):
    x, γ, β, dz = batch((4, 3, 6))
    ours = [lib.array(np.repeat(v, 2, axis=-1))[..., ::2] for v in (x, γ, β, dz)]
    for kind in BACKWARD:
        z, gradients = only_z(kind)(*ours[:3]), BACKWARD[kind](ours[3], *ours[:2])
        right = only_z(kind)(x, γ, β), *BACKWARD[kind](dz, x, γ)
        for got, expected in zip((z, *gradients), right, strict=True):
            np.testing.assert_allclose(arrays.to_numpy(got), expected, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("kind", BACKWARD)
def test_it_can_be_compiled(compiler, kind):
    x, γ, β, dz = batch((4, 3, 3))

    @arrays.compile
    def both(x, γ, β, dz):
        return only_z(kind)(x, γ, β), *BACKWARD[kind](dz, x, γ)

    ours = both(*(compiler.array(v) for v in (x, γ, β, dz)))
    for got, expected in zip(ours, both(x, γ, β, dz), strict=True):
        np.testing.assert_allclose(arrays.to_numpy(got), expected, rtol=1e-9, atol=1e-10)


WRONG = [
    (
        {"x": (3,)},
        "`x` must have shape (samples, ..., features), got (3,); for one sample try x[None]",
    ),
    ({"x": (0, 3), "dz": (0, 3)}, "`x` must have at least one element, got shape (0, 3)"),
    ({"gamma": (4,)}, "`gamma` must have shape (features,) = (3,), got (4,)"),
    (
        {"beta": (1, 3)},
        "`beta` must have shape (features,) = (3,), got (1, 3); did you mean beta.reshape(-1)?",
    ),
    ({"dz": (5, 1)}, "`dz` must have the shape of `x` = (5, 3), got (5, 1)"),
]


@pytest.mark.parametrize("kind", BACKWARD)
@pytest.mark.parametrize(("change", "message"), WRONG)
def test_wrong_shapes(lib, kind, change, message):
    shapes = {"x": (5, 3), "gamma": (3,), "beta": (3,), "dz": (5, 3), **change}
    p = {name: lib.array(np.zeros(shape)) for name, shape in shapes.items()}
    if set(change) != {"dz"}:
        with pytest.raises(ValueError, match=whole(message)):
            only_z(kind)(p["x"], p["gamma"], p["beta"])
    if set(change) != {"beta"}:
        with pytest.raises(ValueError, match=whole(message)):
            BACKWARD[kind](p["dz"], p["x"], p["gamma"])


@pytest.mark.parametrize("name", ["mean", "variance"])
def test_wrong_statistics(name):
    p = {k: np.ones(3) for k in ("gamma", "beta", "mean", "variance")} | {name: np.ones(2)}
    message = f"`{name}` must have shape (features,) = (3,), got (2,)"
    with pytest.raises(ValueError, match=whole(message)):
        batch_normalization_inference(np.ones((2, 3)), *p.values())


@pytest.mark.parametrize("epsilon", [0.0, -1e-5, np.nan])
def test_epsilon_is_above_zero(epsilon):
    x, γ, β, dz = batch((4, 3))
    for call in (
        lambda: batch_normalization(x, γ, β, epsilon=epsilon),
        lambda: batch_normalization_inference(x, γ, β, γ, γ, epsilon=epsilon),
        lambda: layer_normalization_backward(dz, x, γ, epsilon=epsilon),
    ):
        message = f"`epsilon` must be a number in (0.0, inf), got {epsilon}"
        with pytest.raises(ValueError, match=whole(message)):
            call()


@pytest.mark.parametrize("kernel", ["batch_normalization", "layer_normalization"])
@pytest.mark.parametrize("wrong", NOT_FLOATS)
@pytest.mark.parametrize("name", ["x", "gamma", "beta"])
def test_what_is_no_floating_point_array_is_refused(kernel, wrong, name):
    p = {"x": np.ones((2, 2)), "gamma": np.ones(2), "beta": np.ones(2)}
    value = p[name] = NOT_FLOATS[wrong]
    call = getattr(normalization, kernel)
    assert_refused(value, call, *p.values(), argument=name)


def test_dtypes_and_libraries_are_never_mixed(lib):
    x, γ = lib.array(np.ones((2, 3))), lib.array(np.ones(3))
    single, foreign = lib.array(np.ones(3), np.float32), lib.foreign_array(np.ones(3))
    with pytest.raises(TypeError, match=two_dtypes(x=x, gamma=single)):
        layer_normalization(x, single, γ)
    with pytest.raises(TypeError, match=two_libraries(x=x, beta=foreign)):
        batch_normalization(x, γ, foreign)
