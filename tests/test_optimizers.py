"""Every entry of OPTIMIZERS: formulas, states, options, schedules and errors on every library."""

import dataclasses
import inspect

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.optimizers import OPTIMIZERS, SGD, Adam, AdamW, GradientDescent, Momentum
from deeplearn_utils.parameters import Layout
from deeplearn_utils.schedules import CosineDecay, StepDecay, Warmup
from tests.wrong_inputs import (
    NOT_FLOATS,
    assert_refused,
    no_array,
    no_floats,
    two_dtypes,
    two_libraries,
    whole,
)

START = np.array([1.5, -2.0, 0.3, 4.0])
SCALES = np.array([3.0, 1.0, 10.0, 0.4])
EVERY = pytest.mark.parametrize("name", OPTIMIZERS)


def slope(theta):
    """Return the gradient of Σ scales · θ² / 2, on any library that multiplies with NumPy."""
    return SCALES * theta


def run(optimizer, theta, gradients, lib):
    """Return θ after each step with these gradients."""
    theta = lib.array(theta)
    state, path = optimizer.init(theta), []
    for g in gradients:
        theta, state = optimizer.step(theta, lib.array(g), state)
        path.append(theta)
    return path, state


def gradients(dtype="float64", n=5):
    return np.random.default_rng(0).normal(size=(n, 4)).astype(dtype)


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_same_as_numpy_in_double_precision(other_lib, name, dtype):
    from tests.libraries import LIBRARIES

    optimizer = OPTIMIZERS[name](0.1)
    start, g = START.astype(dtype), gradients(dtype)
    path, state = run(optimizer, start, g, other_lib)
    right, right_state = run(optimizer, start.astype(float), g.astype(float), LIBRARIES["numpy"])
    rtol = 1e-5 if dtype == "float32" else 1e-13
    for ours, expected in zip(path, right, strict=True):
        assert other_lib.holds(ours, like=other_lib.array(start))
        np.testing.assert_allclose(arrays.to_numpy(ours), expected, rtol=rtol)
    assert state.t == right_state.t == 5
    for ours, expected in zip(state[1:], right_state[1:], strict=True):
        assert other_lib.holds(ours, like=other_lib.array(start))
        np.testing.assert_allclose(arrays.to_numpy(ours), expected, rtol=rtol)


@EVERY
def test_nothing_is_changed_in_place(lib, name):
    optimizer = OPTIMIZERS[name](0.1)
    theta, g = lib.array(START), lib.array(slope(START))
    first = optimizer.init(theta)
    kept = [np.array(arrays.to_numpy(x)) for x in (theta, g, *first[1:])]
    _, second = optimizer.step(theta, g, first)
    again, _ = optimizer.step(theta, g, first)
    for x, old in zip((theta, g, *first[1:]), kept, strict=True):
        np.testing.assert_array_equal(arrays.to_numpy(x), old)
    assert (first.t, second.t) == (0, 1)
    np.testing.assert_array_equal(
        arrays.to_numpy(again), arrays.to_numpy(optimizer.step(theta, g, first)[0])
    )


@EVERY
def test_it_goes_down_a_bowl(name):
    optimizer = OPTIMIZERS[name](0.02)
    theta, state = START, optimizer.init(START)
    for _ in range(1000):
        theta, state = optimizer.step(theta, slope(theta), state)
    assert np.abs(theta).max() < 0.05


@EVERY
def test_a_learning_rate_of_zero_stays(name):
    optimizer = OPTIMIZERS[name](0.0)
    theta, _ = optimizer.step(START, slope(START), optimizer.init(START))
    np.testing.assert_array_equal(theta, START)


@EVERY
def test_a_gradient_of_zero_is_no_division_by_zero(lib, name):
    optimizer = OPTIMIZERS[name](0.1)
    zero = lib.array(np.zeros(4))
    theta, _ = optimizer.step(zero, zero, optimizer.init(zero))
    np.testing.assert_array_equal(arrays.to_numpy(theta), np.zeros(4))


@EVERY
@pytest.mark.parametrize("size", [1e-30, 500.0, 1e4, 1e15])
def test_extreme_gradients_give_finite_steps(lib, name, size):
    optimizer = OPTIMIZERS[name](1e-3)
    theta, g = lib.array(np.zeros(2), np.float32), lib.array([size, -size], np.float32)
    theta, _ = optimizer.step(theta, g, optimizer.init(theta))
    assert np.isfinite(arrays.to_numpy(theta)).all()


@EVERY
@pytest.mark.parametrize("shape", [(0,), (1,), (2, 3)])
def test_parameters_of_any_shape(lib, name, shape):
    theta = lib.array(np.ones(shape))
    optimizer = OPTIMIZERS[name](0.1)
    after, _ = optimizer.step(theta, theta, optimizer.init(theta))
    assert tuple(after.shape) == shape


@EVERY
def test_arrays_that_are_not_contiguous(name):
    optimizer = OPTIMIZERS[name](0.1)
    wide = np.repeat(START, 2)[::2]
    after, _ = optimizer.step(wide[::-1], slope(wide)[::-1], optimizer.init(wide[::-1]))
    expected, _ = optimizer.step(START, slope(START), optimizer.init(START))
    np.testing.assert_array_equal(after, expected[::-1])


class TestSchedules:
    SCHEDULES = [StepDecay(0.1, every=2, factor=0.5), CosineDecay(0.1, 4), Warmup(3, 0.1)]

    @EVERY
    @pytest.mark.parametrize("schedule", SCHEDULES)
    def test_step_t_takes_the_rate_of_t(self, lib, name, schedule):
        path, _ = run(OPTIMIZERS[name](schedule), START, gradients(), lib)
        theta, state = START, OPTIMIZERS[name](0.0).init(START)
        for t, g in enumerate(gradients()):
            theta, state = OPTIMIZERS[name](schedule(t)).step(theta, g, state)
            np.testing.assert_allclose(arrays.to_numpy(path[t]), theta, rtol=1e-13)

    @EVERY
    def test_a_rate_from_numpy_never_decides_the_dtype(self, lib, name):
        for rate in (np.float64(0.1), lambda t: np.float64(0.1), lambda t: np.exp(-t)):
            path, state = run(OPTIMIZERS[name](rate), START.astype("f4"), gradients("f4"), lib)
            like = lib.array(START, np.float32)
            assert all(lib.holds(x, like=like) for x in (*path, *state[1:]))


class TestSteps:
    @EVERY
    @pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "uint32", "int64"])
    def test_a_narrow_number_of_steps_counts_on(self, lib, name, dtype):
        optimizer, g = OPTIMIZERS[name](Warmup(300, 0.1)), gradients(n=1)[0]
        theta, state = lib.array(START), optimizer.init(lib.array(START))
        for t in (0, 126, 127) if dtype == "int8" else (0, 127, 254, 255):
            right, kept = optimizer.step(theta, lib.array(g), state._replace(t=t))
            for taken in (lib.array(t, dtype), np.array(t, dtype)[()]):
                ours, after = optimizer.step(theta, lib.array(g), state._replace(t=taken))
                np.testing.assert_allclose(
                    arrays.to_numpy(ours), arrays.to_numpy(right), rtol=1e-12
                )
                assert int(after.t) == kept.t == t + 1

    @EVERY
    @pytest.mark.parametrize("t", [None, "3"])
    def test_a_number_of_steps_that_is_none(self, name, t):
        optimizer = OPTIMIZERS[name](0.1)
        message = f"`state.t` must be a number of steps, got {type(t).__name__}"
        with pytest.raises(TypeError, match=whole(message)):
            optimizer.step(START, START, optimizer.init(START)._replace(t=t))


class TestOptions:
    @EVERY
    def test_options_from_numpy_never_decide_the_dtype(self, lib, name):
        options = {
            field.name: np.float64(field.default)
            for field in dataclasses.fields(OPTIMIZERS[name])
            if isinstance(field.default, float)
        }
        path, state = run(
            OPTIMIZERS[name](0.1, **options), START.astype("f4"), gradients("f4"), lib
        )
        like = lib.array(START, np.float32)
        assert all(lib.holds(x, like=like) for x in (*path, *state[1:]))

    @EVERY
    def test_the_first_field_is_the_learning_rate_and_all_are_keywords(self, name):
        assert next(iter(inspect.signature(OPTIMIZERS[name]).parameters)) == "learning_rate"
        assert OPTIMIZERS[name](learning_rate=0.5) == OPTIMIZERS[name](0.5)
        with pytest.raises(dataclasses.FrozenInstanceError):
            OPTIMIZERS[name](0.1).learning_rate = 0.2

    @EVERY
    @pytest.mark.parametrize("rate", [-0.1, np.nan, np.inf])
    def test_a_learning_rate_out_of_range(self, name, rate):
        message = f"`learning_rate` must be a number in [0.0, inf), got {rate}"
        with pytest.raises(ValueError, match=whole(message)):
            OPTIMIZERS[name](rate)

    @EVERY
    @pytest.mark.parametrize("rate", ["0.1", None, True, np.array([0.1]), 1j])
    def test_a_learning_rate_that_is_no_number(self, name, rate):
        message = f"`learning_rate` must be a number, got {type(rate).__name__}"
        with pytest.raises(TypeError, match=whole(message)):
            OPTIMIZERS[name](rate)

    @EVERY
    def test_a_class_is_no_learning_rate(self, name):
        message = (
            "`learning_rate` must be a number or a schedule, such as CosineDecay(0.1, 100), got "
            "the class CosineDecay; make one: CosineDecay(...)"
        )
        with pytest.raises(TypeError, match=whole(message)):
            OPTIMIZERS[name](CosineDecay)

    @pytest.mark.parametrize(
        ("name", "option"),
        [
            (name, field.name)
            for name, cls in OPTIMIZERS.items()
            for field in dataclasses.fields(cls)
            if isinstance(field.default, float)
        ],
    )
    def test_other_options_out_of_range(self, name, option):
        wrong = [-0.1, np.nan, np.inf]
        if option not in ("epsilon", "weight_decay"):
            wrong.append(1.0)  # a mean that never forgets
        if option == "epsilon":
            wrong.append(0.0)
        interval = {"epsilon": "(0.0, inf)", "weight_decay": "[0.0, inf)"}.get(option, "[0.0, 1.0)")
        for value in wrong:
            message = f"`{option}` must be a number in {interval}, got {value}"
            with pytest.raises(ValueError, match=whole(message)):
                OPTIMIZERS[name](0.1, **{option: value})
        for value in ("0.5", None, True):
            message = f"`{option}` must be a number, got {type(value).__name__}"
            with pytest.raises(TypeError, match=whole(message)):
                OPTIMIZERS[name](0.1, **{option: value})

    def test_bias_correction_is_yes_or_no(self):
        with pytest.raises(TypeError, match="^`bias_correction` must be True or False, got 'no'$"):
            Adam(0.1, bias_correction="no")


class TestErrors:
    @EVERY
    @pytest.mark.parametrize("wrong", NOT_FLOATS)
    def test_what_is_no_floating_point_array_is_refused(self, name, wrong):
        optimizer, value = OPTIMIZERS[name](0.1), NOT_FLOATS[wrong]
        good = np.ones((1, 2))
        state = optimizer.init(good)
        assert_refused(value, optimizer.init, value, argument="theta")
        assert_refused(value, optimizer.step, value, good, state, argument="theta")
        assert_refused(value, optimizer.step, good, value, state, argument="gradient")

    @EVERY
    @pytest.mark.parametrize("shape", [(), (1,), (3,), (4, 1), (1, 4)])
    def test_a_gradient_is_never_broadcast(self, lib, name, shape):
        optimizer, theta = OPTIMIZERS[name](0.1), lib.array(START)
        hint = "; did you mean gradient.reshape(-1)?" if len(shape) == 2 else ""
        message = f"`gradient` must have the shape of `theta` = (4,), got {shape}{hint}"
        with pytest.raises(ValueError, match=whole(message)):
            optimizer.step(theta, lib.array(np.ones(shape)), optimizer.init(theta))

    @EVERY
    def test_dtypes_and_libraries_are_never_mixed(self, lib, name):
        optimizer, theta = OPTIMIZERS[name](0.1), lib.array(START)
        state = optimizer.init(theta)
        single, foreign = lib.array(START, np.float32), lib.foreign_array(START)
        with pytest.raises(TypeError, match=two_dtypes(theta=theta, gradient=single)):
            optimizer.step(theta, single, state)
        for one, other in ((theta, foreign), (foreign, theta)):
            with pytest.raises(TypeError, match=two_libraries(theta=one, gradient=other)):
                optimizer.step(one, other, state)

    @EVERY
    def test_a_state_of_another_optimizer(self, name):
        optimizer = OPTIMIZERS[name](0.1)
        other = Momentum(0.1) if name.startswith("adam") else Adam(0.1)
        for state in (other.init(START), None, ()):
            message = (
                "`state` must be what this optimizer's init or step returned, an "
                f"{type(optimizer.init(START)).__name__}, got {type(state).__name__}"
            )
            with pytest.raises(TypeError, match=whole(message)):
                optimizer.step(START, START, state)

    @pytest.mark.parametrize("name", ["momentum", "nesterov", "rmsprop", "adam", "adamw"])
    def test_a_state_of_another_network(self, name):
        optimizer = OPTIMIZERS[name](0.1)
        first = optimizer.init(START)._fields[1]
        message = f"`{first}` must have the shape of `theta` = (4,), got (1,)"
        with pytest.raises(ValueError, match=whole(message)):
            optimizer.step(START, START, optimizer.init(START[:1]))
        single = START.astype("f4")
        with pytest.raises(TypeError, match=two_dtypes(theta=START, **{first: single})):
            optimizer.step(START, START, optimizer.init(single))


class TestRelations:
    def test_sgd_is_gradient_descent(self, lib):
        for ours, right in zip(
            run(SGD(0.1), START, gradients(), lib)[0],
            run(GradientDescent(0.1), START, gradients(), lib)[0],
            strict=True,
        ):
            np.testing.assert_array_equal(arrays.to_numpy(ours), arrays.to_numpy(right))

    @pytest.mark.parametrize("name", ["momentum", "nesterov"])
    def test_no_momentum_is_gradient_descent(self, lib, name):
        path, _ = run(OPTIMIZERS[name](0.1, momentum=0.0), START, gradients(), lib)
        right, _ = run(GradientDescent(0.1), START, gradients(), lib)
        np.testing.assert_allclose(
            arrays.to_numpy(path[-1]), arrays.to_numpy(right[-1]), rtol=1e-13
        )

    def test_adamw_without_decay_is_adam(self, lib):
        path, _ = run(AdamW(0.1, weight_decay=0.0), START, gradients(), lib)
        right, _ = run(Adam(0.1), START, gradients(), lib)
        np.testing.assert_array_equal(arrays.to_numpy(path[-1]), arrays.to_numpy(right[-1]))

    def test_the_first_step_of_adam_is_the_learning_rate(self, lib):
        path, _ = run(Adam(0.1), START, [[1e-3, -1.0, 1e3, -5.0]], lib)
        moved = arrays.to_numpy(path[0]) - START
        np.testing.assert_allclose(moved, [-0.1, 0.1, -0.1, 0.1], rtol=1e-4)

    def test_without_bias_correction_the_first_step_is_three_times_longer(self):
        adam = Adam(0.1, bias_correction=False)
        theta, _ = adam.step(np.zeros(1), np.ones(1), adam.init(np.zeros(1)))
        np.testing.assert_allclose(theta, [-0.1 * 0.1 / np.sqrt(0.001)], rtol=1e-6)

    @pytest.mark.parametrize("beta", [0.5, 0.9])
    def test_momentum_grows_to_its_terminal_velocity(self, beta):
        momentum = Momentum(0.1, momentum=beta)
        theta, state = np.zeros(1), momentum.init(np.zeros(1))
        for _ in range(500):
            before = theta
            theta, state = momentum.step(theta, np.ones(1), state)
        np.testing.assert_allclose(before - theta, 0.1 / (1 - beta), rtol=1e-10)


class TestWeightsMask:
    def test_biases_do_not_decay(self, lib):
        layout = Layout.dense([2, 1])
        theta = lib.array([1.0, 2.0, 3.0])
        adamw = AdamW(0.1, weight_decay=0.5, weights_mask=layout.weights_mask(theta))
        zero = lib.array(np.zeros(3))
        after, _ = adamw.step(theta, zero, adamw.init(theta))
        np.testing.assert_allclose(arrays.to_numpy(after), [0.95, 1.9, 3.0], rtol=1e-14)

    def test_a_mask_that_does_not_fit(self, lib):
        theta, single = lib.array(START), lib.array(START, np.float32)
        whole_numbers, numbers = lib.array([1, 1, 1, 0]), [1.0, 1.0, 1.0, 0.0]
        shapes = "`weights_mask` must have the shape of `theta` = (4,), got (3,)"
        for mask, error, pattern in [
            (lib.array(np.ones(3)), ValueError, whole(shapes)),
            (single, TypeError, two_dtypes(theta=theta, weights_mask=single)),
            (numbers, TypeError, no_array(numbers, "weights_mask")),
            (whole_numbers, TypeError, no_floats(whole_numbers, "weights_mask")),
        ]:
            adamw = AdamW(0.1, weights_mask=mask)
            with pytest.raises(error, match=f"^{pattern}$"):
                adamw.step(theta, theta, adamw.init(theta))
