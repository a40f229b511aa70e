"""The update rules: their formulas by hand, on every library, and what they refuse."""

import inspect

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.kernels import updates
from tests.wrong_inputs import no_array, two_dtypes, two_libraries, whole

OPTIONS = {
    "gradient_descent": {"learning_rate": 0.1},
    "momentum": {"learning_rate": 0.1, "momentum": 0.5},
    "nesterov": {"learning_rate": 0.1, "momentum": 0.5},
    "rmsprop": {"learning_rate": 0.1, "decay": 0.75, "epsilon": 0.5},
    "adam": {"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.5},
    "decoupled_weight_decay": {"learning_rate": 0.1, "weight_decay": 0.5},
}
N_MOMENTS = {"momentum": 1, "nesterov": 1, "rmsprop": 1, "adam": 2}


def arguments(name, lib, dtype="float64", change=None):
    """Return θ, g and the moments after some steps, as the rule takes them."""
    theta, g = np.array([1.0, -2.0, 0.0]), np.array([0.5, 4.0, 0.0])
    moments = [np.array([0.25, 1.0, 0.0]), np.array([0.5, 0.25, 0.0])][: N_MOMENTS.get(name, 0)]
    if name == "decoupled_weight_decay":
        g = np.array([1.0, 0.0, 1.0])  # the mask
    values = [lib.array(x, dtype) for x in (theta, g, *moments)]
    for place, value in (change or {}).items():
        values[place] = value
    return (*values, 2) if name == "adam" else tuple(values)


def by_hand(name):
    """The formulas of the papers, for `arguments` and `OPTIONS`, one number at a time."""
    theta, g = [1.0, -2.0, 0.0], [0.5, 4.0, 0.0]
    first, second = [0.25, 1.0, 0.0], [0.5, 0.25, 0.0]
    after = []
    for x, d, m, v in zip(theta, g, first, second, strict=True):
        velocity = 0.5 * m + d
        square = 0.75 * m + 0.25 * d**2
        m_hat = (0.5 * m + 0.5 * d) / (1 - 0.5**2)
        v_hat = (0.75 * v + 0.25 * d**2) / (1 - 0.75**2)
        after.append(
            {
                "gradient_descent": x - 0.1 * d,
                "momentum": x - 0.1 * velocity,
                "nesterov": x - 0.1 * (d + 0.5 * velocity),
                "rmsprop": x - 0.1 * d / (square**0.5 + 0.5),
                "adam": x - 0.1 * m_hat / (v_hat**0.5 + 0.5),
                "decoupled_weight_decay": x - 0.1 * 0.5 * x,
            }[name]
        )
    if name == "decoupled_weight_decay":
        after[1] = theta[1]
    return after


def test_every_rule_is_tested():
    public = {
        n for n, f in vars(updates).items() if getattr(f, "__module__", "") == updates.__name__
    }
    assert {name for name in public if not name.startswith("_")} == {*OPTIONS, "clip_by_norm"}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OPTIONS)
def test_the_formula_by_hand(lib, name, dtype):
    before = arguments(name, lib, dtype)
    kept = [np.array(arrays.to_numpy(x)) for x in before]
    result = getattr(updates, name)(*before, **OPTIONS[name])
    results = result if isinstance(result, tuple) else (result,)
    rtol = 1e-6 if dtype == "float32" else 1e-14
    np.testing.assert_allclose(arrays.to_numpy(results[0]), by_hand(name), rtol=rtol)
    assert all(lib.holds(x, like=before[0]) for x in results)
    for x, old in zip(before, kept, strict=True):
        np.testing.assert_array_equal(arrays.to_numpy(x), old)


def test_adam_without_bias_correction(lib):
    theta, m, v = updates.adam(*arguments("adam", lib), **OPTIONS["adam"], bias_correction=False)
    m, v = arrays.to_numpy(m), arrays.to_numpy(v)
    np.testing.assert_allclose(m, [0.375, 2.5, 0.0])
    np.testing.assert_allclose(v, [0.4375, 4.1875, 0.0])
    expected = np.array([1.0, -2.0, 0.0]) - 0.1 * m / (np.sqrt(v) + 0.5)
    np.testing.assert_allclose(arrays.to_numpy(theta), expected, rtol=1e-14)


@pytest.mark.parametrize("name", OPTIONS)
def test_options_never_decide_the_dtype(lib, name):
    before = arguments(name, lib, "float32")
    options = {k: np.float64(value) for k, value in OPTIONS[name].items()}
    result = getattr(updates, name)(*before, **options)
    for x in result if isinstance(result, tuple) else (result,):
        assert lib.holds(x, like=before[0])


@pytest.mark.parametrize("name", OPTIONS)
def test_nothing_is_broadcast_or_mixed(lib, name):
    rule, n = getattr(updates, name), len(arguments(name, lib)) - (name == "adam")
    theta = arguments(name, lib)[0]
    for place, argument in list(enumerate(inspect.signature(rule).parameters))[1:n]:
        shown = {"g": "gradient", "mask": "weights_mask"}.get(argument, argument)

        def changed(value, place=place):
            rule(*arguments(name, lib, change={place: value}), **OPTIONS[name])

        for wrong, got, hint in (
            ([0.5], "(1,)", ""),
            (0.5, "()", ""),
            ([[0.5, 0.5, 0.5]], "(1, 3)", f"; did you mean {shown}.reshape(-1)?"),
        ):
            message = f"`{shown}` must have the shape of `theta` = (3,), got {got}{hint}"
            with pytest.raises(ValueError, match=whole(message)):
                changed(lib.array(wrong))
        single, foreign = lib.array([1.0, 1.0, 1.0], np.float32), lib.foreign_array(np.ones(3))
        with pytest.raises(TypeError, match=two_dtypes(theta=theta, **{shown: single})):
            changed(single)
        with pytest.raises(TypeError, match=two_libraries(theta=theta, **{shown: foreign})):
            changed(foreign)
        with pytest.raises(TypeError, match=no_array([1.0, 1.0, 1.0], shown)):
            changed([1.0, 1.0, 1.0])


@pytest.mark.parametrize("name", OPTIONS)
def test_one_bad_gradient_leaves_the_others_alone(lib, name):
    before = arguments(name, lib, change={1: lib.array([np.nan, 0.0, 1.0])})
    result = getattr(updates, name)(*before, **OPTIONS[name])
    theta = arrays.to_numpy(result[0] if isinstance(result, tuple) else result)
    np.testing.assert_array_equal(np.isnan(theta), [True, False, False])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("g", "max_norm", "expected"),
    [
        ([3.0, 4.0], 1.0, [0.6, 0.8]),
        ([3.0, 4.0], 5.0, [3.0, 4.0]),
        ([3.0, 4.0], 7.5, [3.0, 4.0]),
        ([0.0, 0.0], 1.0, [0.0, 0.0]),
        ([3e30, -4e30], 10.0, [6.0, -8.0]),  # the square is beyond float32
        ([1.5e38, 2e38], 1.0, [0.6, 0.8]),  # whose reciprocal is subnormal
        ([3e-30, 4e-30], 1e-30, [6e-31, 8e-31]),
        ([-2.0], 0.5, [-0.5]),
    ],
)
def test_clipping_by_hand(lib, dtype, g, max_norm, expected):
    before = lib.array(np.array(g), dtype)
    after = updates.clip_by_norm(before, max_norm)
    assert lib.holds(after, like=before)
    np.testing.assert_allclose(arrays.to_numpy(after), expected, rtol=1e-6)


def test_clipping_as_pytorch(torch, rng):
    for scale in (0.01, 1.0, 100.0):
        g = scale * rng.normal(size=50)
        parameter = torch.nn.Parameter(torch.zeros(50, dtype=torch.float64))
        parameter.grad = torch.asarray(g.copy())
        torch.nn.utils.clip_grad_norm_([parameter], 2.0)
        theirs = parameter.grad.numpy()
        np.testing.assert_allclose(updates.clip_by_norm(g, 2.0), theirs, rtol=1e-6)


@pytest.mark.parametrize("max_norm", [0.0, -1.0, np.nan, np.inf])
def test_clipping_refuses(max_norm):
    message = f"`max_norm` must be a number in (0.0, inf), got {max_norm}"
    with pytest.raises(ValueError, match=whole(message)):
        updates.clip_by_norm(np.ones(3), max_norm)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_gradient_without_a_length_is_nan(lib, wrong):
    with np.errstate(invalid="ignore"):  # infinity by infinity
        clipped = updates.clip_by_norm(lib.array([3.0, wrong, 4.0]), 1.0)
    np.testing.assert_array_equal(arrays.to_numpy(clipped), np.full(3, np.nan))


def test_no_gradient_at_all_is_not_clipped():
    assert updates.clip_by_norm(np.zeros(0), 1.0).shape == (0,)
