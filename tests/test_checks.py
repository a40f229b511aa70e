"""The checks of arguments: what passes, and the words of each message."""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils import arrays, checks
from tests.wrong_inputs import NOT_FLOATS, no_floats, two_libraries, whole


class TestFloatArrays:
    def test_arrays_come_back_as_they_are(self, lib):
        a, b = lib.array([1.0, 2.0]), lib.array([[3.0]])
        xp, first, second = checks.float_arrays(a=a, b=b)
        assert xp is arrays.namespace(a)
        assert first is a
        assert second is b

    def test_numbers_become_arrays_of_the_others(self, lib):
        a = lib.array([1.0, 2.0], np.float32)
        for number in (3, 3.0, np.float64(3.0)):
            _, _, second = checks.float_arrays(a=a, b=number)
            _, first, _ = checks.float_arrays(b=number, a=a)
            for x in (first, second):
                assert lib.holds(x, like=a)
                assert float(x) == 3.0

    def test_numbers_alone_become_numpy_arrays(self):
        xp, x, y = checks.float_arrays(x=1, y=np.float64(2.0))
        assert xp is np
        assert x.dtype == y.dtype == np.float64
        assert x.shape == y.shape == ()
        assert checks.float_arrays(x=np.float32(1.0))[1].dtype == np.float32

    @pytest.mark.parametrize("dtype", [">f4", ">f8"])
    def test_swapped_bytes_are_numbers_too(self, dtype):
        x, plain = np.array([1.5, -2.0], dtype), np.array([1.5, -2.0], dtype[1:])
        for named in ({"x": x}, {"x": x, "y": x}, {"x": plain, "y": x}, {"x": x, "y": plain}):
            for found in checks.float_arrays(**named)[1:]:
                assert found.dtype == plain.dtype
                np.testing.assert_array_equal(found, plain)

    @pytest.mark.parametrize("wrong", NOT_FLOATS)
    def test_what_is_refused(self, wrong):
        value = NOT_FLOATS[wrong]
        for others in ({}, {"other": np.ones(2)}):
            with pytest.raises(TypeError, match=no_floats(value, "value")):
                checks.float_arrays(value=value, **others)

    def test_half_precisions_of_the_frameworks(self, torch):
        for dtype in (torch.float16, torch.bfloat16):
            x = torch.ones(2, dtype=dtype)
            with pytest.raises(TypeError, match=no_floats(x, "x")):
                checks.float_arrays(x=x)

    def test_subclasses_that_behave_like_arrays_pass(self, tmp_path):
        on_disk = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=(2,))
        assert checks.float_arrays(x=on_disk, y=np.ones(2))[0] is np


class TestOneLibrary:
    def test_the_first_two_that_differ_are_named(self, lib):
        a, c = lib.array([1.0]), lib.foreign_array([1.0])
        with pytest.raises(TypeError, match=two_libraries(a=a, c=c)):
            checks.one_library(a=a, b=2.0, c=c)

    def test_numbers_go_with_every_library(self, lib):
        x = lib.array([1.0])
        assert checks.one_library(a=1.0, x=x, b=np.float64(2.0)) is arrays.namespace(x)


class TestShapes:
    @given(st.lists(st.integers(0, 4), max_size=4))
    def test_the_exact_shape_and_free_axes_pass(self, shape):
        x = np.zeros(shape)
        checks.shape("x", x, tuple(shape))
        checks.shape("x", x, tuple("nmkl"[: len(shape)]))
        checks.same_shape("x", x, "y", x.copy())

    @given(st.lists(st.integers(0, 4), max_size=3), st.lists(st.integers(0, 4), max_size=3))
    def test_other_shapes_are_refused(self, shape, other):
        if shape != other:
            wanted, got = tuple(other), tuple(shape)
            rule = re.escape(f"`x` must have shape {wanted}, got {got}")
            with pytest.raises(ValueError, match=rf"^{rule}(; did you mean x\S*( \S+)?\?)?$"):
                checks.shape("x", np.zeros(shape), tuple(other))
            rule = re.escape(f"`x` must have the shape of `y` = {wanted}, got {got}")
            with pytest.raises(ValueError, match=rf"^{rule}(; did you mean x\S*( \S+)?\?)?$"):
                checks.same_shape("x", np.zeros(shape), "y", np.zeros(other))

    @pytest.mark.parametrize(
        ("got", "expected", "hint"),
        [
            ((32, 64), (64, 32), "; did you mean x.T?"),
            ((5,), (5, 1), "; did you mean x[:, None]?"),
            ((5,), ("n", 5), "; did you mean x[None, :]?"),
            ((5, 1), (5,), "; did you mean x.reshape(-1)?"),
            ((1, 5), (5,), "; did you mean x.reshape(-1)?"),
            ((4, 5), (3, 2), ""),
            ((), (3,), ""),
            ((6, 1), (5,), ""),
        ],
    )
    def test_hints(self, lib, got, expected, hint):
        wanted = str(expected).replace("'", "")
        message = f"`x` must have shape {wanted}, got {got}{hint}"
        with pytest.raises(ValueError, match=whole(message)):
            checks.shape("x", lib.array(np.zeros(got)), expected)

    def test_the_meaning_is_told(self):
        message = "`W` must have shape (in, out) = (2, 3), got (1,)"
        with pytest.raises(ValueError, match=whole(message)):
            checks.shape("W", np.zeros(1), (2, 3), "(in, out)")

    @pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
    def test_empty(self, lib, shape):
        message = f"`x` must have at least one element, got shape {shape}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            checks.not_empty("x", lib.array(np.zeros(shape)))
        checks.not_empty("x", lib.array(1.0))


class TestNumbers:
    @pytest.mark.parametrize("value", [0, 0.5, 1, np.float32(0.5), np.int64(1), np.float64(0.0)])
    def test_inside(self, value):
        checks.in_range("x", value, 0, 1)

    @pytest.mark.parametrize(
        ("value", "options", "interval"),
        [
            (-0.1, {}, "[0.0, 1.0]"),
            (1.1, {}, "[0.0, 1.0]"),
            (0.0, {"open_low": True}, "(0.0, 1.0]"),
            (1.0, {"open_high": True}, "[0.0, 1.0)"),
            (np.nan, {}, "[0.0, 1.0]"),
        ],
    )
    def test_outside(self, value, options, interval):
        message = f"`x` must be a number in {interval}, got {value}"
        with pytest.raises(ValueError, match=whole(message)):
            checks.in_range("x", value, 0.0, 1.0, **options)

    @pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
    def test_never_infinite(self, value):
        message = f"`x` must be a number in (-inf, inf), got {value}"
        with pytest.raises(ValueError, match=whole(message)):
            checks.in_range("x", value)

    @pytest.mark.parametrize("value", [Fraction(1, 2), Decimal("0.5"), np.longdouble(0.5)])
    def test_numbers_of_other_types_are_pythons(self, value):
        assert type(checks.in_range("x", value)) is float
        assert checks.in_range("x", value) == 0.5

    @pytest.mark.parametrize("sign", [1, -1])
    def test_a_number_beyond_all_floats_is_infinite(self, sign):
        message = f"`x` must be a number in (-inf, inf), got {sign * np.inf}"
        with pytest.raises(ValueError, match=whole(message)):
            checks.in_range("x", sign * 10**400)

    @pytest.mark.parametrize("value", ["1", None, True, [1.0], np.ones(1), 1j])
    def test_no_number(self, value):
        message = f"`x` must be a number, got {type(value).__name__}"
        with pytest.raises(TypeError, match=whole(message)):
            checks.in_range("x", value)

    @pytest.mark.parametrize("value", [1, 7, np.int64(3), np.uint8(2)])
    def test_counts(self, value):
        checks.count("n", value)

    @pytest.mark.parametrize("value", [2.0, "2", None, True, np.float64(2.0), [2]])
    def test_no_whole_number(self, value):
        message = f"`n` must be a whole number, got {value!r}"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            checks.count("n", value)

    def test_what_is_traced_is_no_count(self, torch):
        message = (
            "`stride` must be a Python number, got an array without axes; try int(stride), or, "
            "where a function is compiled, fix it before, with functools.partial"
        )
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            checks.count("stride", torch.tensor(2))

    def test_too_few(self):
        with pytest.raises(ValueError, match="^`n` must be at least 1, got 0$"):
            checks.count("n", 0)
        with pytest.raises(ValueError, match="^`n` must be at least 5, got 4$"):
            checks.count("n", 4, 5)

    def test_numpy_numbers_become_python_numbers(self):
        assert type(checks.number(np.float32(0.5))) is float
        assert type(checks.number(np.int64(2))) is int
        assert checks.number("as it is") == "as it is"


class TestFinite:
    @pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 2, 2)])
    def test_finite_arrays_pass(self, lib, shape):
        checks.finite("x", lib.array(np.ones(shape)))
        checks.finite("x", lib.array(np.full(shape, 1e308)))

    @pytest.mark.parametrize(
        ("x", "got"),
        [
            (np.nan, "1 NaN"),
            ([1.0, np.nan, np.nan], "2 NaN, the first in entry 1"),
            ([np.inf, -np.inf], "2 infinities, the first in entry 0"),
            ([[1.0, 2.0], [3.0, np.inf]], "1 infinity, the first in row 1, column 1"),
            (
                [[[0.0, np.nan], [np.inf, 0.0]]],
                "1 NaN and 1 infinity, the first in entry [0, 0, 1]",
            ),
        ],
    )
    def test_how_many_and_where(self, lib, x, got):
        message = f"`x` must be finite, got {got}; mend it"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            checks.finite("x", lib.array(x), hint="; mend it")

    def test_what_is_traced_has_no_values_to_look_at(self):
        jax = pytest.importorskip("jax", reason="JAX is optional")

        @jax.jit
        def halved(x):
            checks.finite("x", x)
            return x / 2

        assert np.isnan(halved(jax.numpy.asarray([np.nan]))[0])


class TestRoom:
    def test_as_much_as_fits(self):
        checks.room(0, "nothing")
        checks.room(checks.MOST_NUMBERS, "`n` = 134217728")

    @pytest.mark.parametrize(
        ("n", "amount"),
        [
            (2**27 + 1, "1.34e+08 numbers (1 GB)"),
            (10**42, "1e+42 numbers (8e+33 GB)"),
            (10**400, "1e+300 numbers (8e+291 GB)"),
        ],
    )
    def test_more_than_that(self, n, amount):
        message = (
            f"`n` asks for {amount}, more than the {2**27} (1 GB) that are made at once; try less"
        )
        with pytest.raises(ValueError, match=whole(message)):
            checks.room(n, "`n`", "; try less")


class TestOthers:
    def test_choice(self):
        checks.choice("loss", "mse", {"mse": 1, "mae": 2})
        for wrong in ("rmse", None, 3, ["mse"], np.zeros(0), np.array(["mse"])):
            message = f"`loss` must be one of 'mse', 'mae', got {wrong!r}"
            with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
                checks.choice("loss", wrong, {"mse": 1, "mae": 2})

    def test_yes_or_no(self):
        checks.yes_or_no("flag", np.bool_(True))
        for wrong in (1, "yes", None):
            with pytest.raises(TypeError, match=f"^`flag` must be True or False, got {wrong!r}$"):
                checks.yes_or_no("flag", wrong)

    def test_generator(self):
        checks.generator("rng", np.random.default_rng())
        for wrong in (0, None, np.random, np.random.RandomState(0)):
            message = (
                f"`rng` must be a numpy.random.Generator, got {type(wrong).__name__}; try "
                "rng = np.random.default_rng(0)"
            )
            with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
                checks.generator("rng", wrong)
