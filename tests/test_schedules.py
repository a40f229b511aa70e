"""The learning-rate schedules: their values, ranges and errors."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils import arrays
from deeplearn_utils.schedules import Constant, CosineDecay, StepDecay, Warmup, rate_at
from tests.libraries import graphs_only
from tests.wrong_inputs import whole

STEPS = st.integers(0, 10_000)


@given(STEPS)
def test_constant(step):
    assert Constant(0.3)(step) == rate_at(0.3, step) == rate_at(Constant(0.3), step) == 0.3


@given(STEPS, st.integers(1, 50), st.floats(0.01, 1.0))
def test_step_decay(step, every, factor):
    schedule = StepDecay(0.8, every=every, factor=factor)
    assert schedule(step) == 0.8 * factor ** (step // every)
    assert 0.0 <= schedule(step + 1) <= schedule(step) <= 0.8


@given(STEPS, st.integers(1, 500), st.floats(0.0, 1.0))
def test_cosine_decay(step, steps, final):
    schedule = CosineDecay(1.0, steps=steps, final=final)
    assert schedule(0) == pytest.approx(1.0)
    assert schedule(steps + step) == pytest.approx(final)
    assert schedule(step + 1) <= schedule(step) + 1e-15
    assert schedule(step) + schedule(max(steps - step, 0)) >= 2 * final - 1e-12


def test_cosine_decay_follows_half_a_cosine():
    schedule = CosineDecay(0.5, steps=8, final=0.1)
    expected = [0.1 + 0.4 * (1 + math.cos(math.pi * t / 8)) / 2 for t in range(9)]
    np.testing.assert_allclose([schedule(t) for t in range(9)], expected, rtol=1e-14)


@given(st.integers(1, 100), STEPS)
def test_warmup(steps, later):
    schedule = Warmup(steps, then=StepDecay(0.4, every=10, factor=0.5))
    assert schedule(0) == pytest.approx(0.4 / steps)
    assert schedule(steps - 1) == pytest.approx(0.4)
    assert schedule(steps + later) == 0.4 * 0.5 ** (later // 10)


EVERY_SCHEDULE = [
    Constant(0.1),
    StepDecay(0.1, every=2, factor=0.5),
    CosineDecay(0.1, steps=5, final=0.01),
    Warmup(3, 0.1),
    Warmup(2, CosineDecay(0.1, steps=3)),
    Warmup(2, Warmup(1, StepDecay(0.1, every=1, factor=0.5))),
]


@pytest.mark.parametrize("schedule", EVERY_SCHEDULE, ids=repr)
def test_the_step_number_may_be_an_array(lib, schedule):
    for t in range(7):
        rate = schedule(t)
        assert type(rate) is float
        for step in (lib.array(t), lib.array(t, np.int32)):
            assert float(schedule(step)) == pytest.approx(rate, rel=1e-14)


@pytest.mark.parametrize("schedule", EVERY_SCHEDULE, ids=repr)
@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16, np.int64, np.array])
def test_a_narrow_step_number_counts_on(schedule, kind):
    for t in (0, 1, 126, 127) if kind is np.int8 else (0, 1, 127, 128, 254, 255):
        assert schedule(kind(t)) == schedule(t)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16, np.array])
def test_narrow_options_count_on(kind):
    """Beyond 255 steps a uint8 would overflow."""
    assert StepDecay(0.1, every=kind(100), factor=0.5)(1000) == 0.1 * 0.5**10
    assert CosineDecay(0.1, steps=kind(100))(50) == CosineDecay(0.1, steps=100)(50)
    assert Warmup(kind(100), 0.1)(500) == 0.1


def test_a_warmup_calls_what_comes_then_with_its_own_steps_only():
    seen = []
    warmup = Warmup(3, lambda step: seen.append(step) or 0.1)
    for t in range(6):
        warmup(t)
    assert min(seen) == 0
    assert max(seen) == 2


def test_a_rate_is_a_python_number():
    for rate in (
        np.float64(0.1),
        np.float32(0.5),
        Fraction(1, 2),
        Decimal("0.1"),
        lambda step: np.float64(step),
        lambda step: np.array(0.5),
    ):
        assert type(rate_at(rate, 3)) is float


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Constant(-1.0), "`initial` must be a number in [0.0, inf), got -1.0"),
        (lambda: StepDecay(-1.0, every=2), "`initial` must be a number in [0.0, inf), got -1.0"),
        (lambda: StepDecay(1.0, every=0), "`every` must be at least 1, got 0"),
        (
            lambda: StepDecay(1.0, every=2, factor=0.0),
            "`factor` must be a number in (0.0, 1.0], got 0.0",
        ),
        (
            lambda: StepDecay(1.0, every=2, factor=1.5),
            "`factor` must be a number in (0.0, 1.0], got 1.5",
        ),
        (lambda: CosineDecay(1.0, steps=0), "`steps` must be at least 1, got 0"),
        (
            lambda: CosineDecay(1.0, steps=5, final=-0.1),
            "`final` must be a number in [0.0, inf), got -0.1",
        ),
        (
            lambda: CosineDecay(math.nan, steps=5),
            "`initial` must be a number in [0.0, inf), got nan",
        ),
        (lambda: Warmup(0, 0.1), "`steps` must be at least 1, got 0"),
        (lambda: Warmup(3, -0.1), "`then` must be a number in [0.0, inf), got -0.1"),
    ],
)
def test_values_out_of_range(make, message):
    with pytest.raises(ValueError, match=whole(message)):
        make()


def test_a_class_is_no_schedule():
    message = (
        "`then` must be a number or a schedule, such as CosineDecay(0.1, 100), got the class "
        "StepDecay; make one: StepDecay(...)"
    )
    with pytest.raises(TypeError, match=whole(message)):
        Warmup(3, StepDecay)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Constant("0.1"), "`initial` must be a number, got str"),
        (lambda: StepDecay(1.0, every=2.5), "`every` must be a whole number, got 2.5"),
        (lambda: CosineDecay(1.0, steps=None), "`steps` must be a whole number, got None"),
        (lambda: Warmup(3, "0.1"), "`then` must be a number, got str"),
    ],
)
def test_values_of_another_type(make, message):
    with pytest.raises(TypeError, match=whole(message)):
        make()


@pytest.mark.parametrize("rate", [-0.1, math.nan, math.inf])
def test_a_schedule_that_leaves_the_range(rate):
    message = f"`learning_rate` must be a number in [0.0, inf), got {rate}"
    with pytest.raises(ValueError, match=whole(message)):
        rate_at(lambda step: rate, 3)


@pytest.mark.parametrize("rate", [None, "0.1", [0.1]])
def test_a_schedule_that_gives_no_number(rate):
    message = f"`learning_rate` must be a number, got {type(rate).__name__}"
    with pytest.raises(TypeError, match=whole(message)):
        rate_at(lambda step: rate, 3)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "uint32", "int64"])
def test_a_narrow_array_counts_on(lib, dtype):
    """In a uint8 neither 255 + 1 nor the 300 steps of a schedule have a place."""
    schedules = [
        StepDecay(0.1, every=300, factor=0.5),
        CosineDecay(0.1, steps=300),
        Warmup(300, 0.1),
        Warmup(100, CosineDecay(0.1, 300)),
        Warmup(2, StepDecay(0.1, every=2, factor=0.9)),
    ]
    for schedule in schedules:
        for t in (0, 1, 100, 126, 127) + ((128, 254, 255) if dtype != "int8" else ()):
            rate = float(schedule(lib.array(t, dtype)))
            assert rate == pytest.approx(schedule(t), rel=1e-12), (schedule, t)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_options_may_be_arguments_of_a_compiled_function(lib, dtype, monkeypatch):
    graphs_only(lib, monkeypatch)

    def rates(x, t):
        schedules = [
            Constant(x),
            StepDecay(x, every=2, factor=x),
            CosineDecay(x, steps=5, final=0.25),
            CosineDecay(0.25, steps=5, final=x),
            Warmup(3, x),
            Warmup(3, Warmup(1, CosineDecay(x, steps=4))),
        ]
        return [schedule(step) for schedule in schedules for step in (t, 2)]

    x = 1 if dtype == "int64" else 0.5
    ours = arrays.compile(rates)(lib.array(x, dtype), 4)
    for rate, right in zip(ours, rates(x, 4), strict=True):
        assert float(rate) == pytest.approx(right, rel=1e-6)


@pytest.mark.parametrize("step", [None, "2", [2]])
@pytest.mark.parametrize("schedule", EVERY_SCHEDULE[1:], ids=repr)
def test_a_step_that_is_no_number(schedule, step):
    with pytest.raises(
        TypeError, match=whole(f"`step` must be a number, got {type(step).__name__}")
    ):
        schedule(step)


@pytest.mark.parametrize("rate", [None, "0.1", [0.1]])
def test_a_rate_that_is_no_number(rate):
    message = f"`learning_rate` must be a number, got {type(rate).__name__}"
    with pytest.raises(TypeError, match=whole(message)):
        rate_at(rate, 3)


def test_a_class_has_no_rate():
    message = (
        "`learning_rate` must be a number or a schedule, such as CosineDecay(0.1, 100), got the "
        "class StepDecay; make one: StepDecay(...)"
    )
    with pytest.raises(TypeError, match=whole(message)):
        rate_at(StepDecay, 3)
