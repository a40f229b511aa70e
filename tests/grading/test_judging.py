"""The judge: what counts as the same value, and what is said of one that is not."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils.grading import reference
from deeplearn_utils.grading.assignments import Check
from deeplearn_utils.grading.harness import decoded, encoded, usable
from deeplearn_utils.grading.judging import Expected, Verdict, judge
from deeplearn_utils.grading.values import Array, from_node, read_frame

X = np.random.default_rng(0).normal(size=(4, 3))


def value(x):
    return from_node(json.loads(json.dumps(encoded(x), allow_nan=False)))


def verdict(got, right, **options):
    return judge([value(got)], Expected(("small numbers",), (value(right),), **options))


def test_inputs_for_which_a_named_mistake_is_right_are_drawn_again(monkeypatch):
    """By chance who made it would have had the points."""
    case = {"kind": "small numbers", "inputs": [], "tolerance": {}, "parts": ()}
    mistakes, draws = iter([1.5, 1.5, 2.5]), []

    def drawn(kernel, check, numbers):
        draws.append(numbers[2:])
        told = {"value": encoded(1.5), "mistakes": {"a slip": encoded(next(mistakes))}}
        return [{**case, **told}]

    monkeypatch.setattr(reference, "_drawn", drawn)
    (chosen,) = reference._cases(None, Check("check", 1.0, "", ""), 7)
    assert chosen["mistakes"] == {"a slip": encoded(2.5)}
    assert draws == [[], [1], [2]]


@pytest.mark.parametrize(
    "got",
    [
        *(X.copy(), X + 1e-10, X.astype("float32"), np.asfortranarray(X), X.tolist(), list(X)),
        *(X.astype(complex), X.astype(object)),
    ],
    ids=[
        *("same", "rounded", "float32", "other order", "a list of lists", "a list of rows"),
        *("complex", "objects"),
    ],
)
def test_right_values_of_many_kinds_are_right(got):
    assert verdict(got, X).right


def test_a_list_of_lists_of_lists_is_not_searched_for_mistakes():
    """Four megabytes of them held the grader up for minutes: they were for each named mistake."""
    right = Expected(("small numbers",), (Array(np.zeros(500), "f", "float64"),))
    number = Array(np.zeros(()), "f", "float64")
    reason = "Far more values are returned than the task asks for."
    assert judge([[[number] * 4000]], right) == Verdict(False, reason)
    assert judge([[[number]] * 1400], right) != Verdict(False, reason)
    assert judge([[number] * 500], right) == Verdict(True)


def test_float32_does_not_make_right_what_was_cut_off():
    right = np.exp([-20.0, -60.0, -300.0])
    small = {"rtol": 1e-6, "atol": 1e-300}
    assert verdict(right.astype("float32"), right, **small).right
    assert not verdict(np.maximum(right, 1e-22).astype("float32"), right, **small).right
    assert not verdict((right * [1, 0, 0]).astype("float32"), right, **small).right


@pytest.mark.parametrize("got", [0.5, np.float64(0.5), np.float32(0.5), np.array(0.5), 0.5 + 0j])
def test_one_number_may_come_in_any_wrapping(got):
    assert verdict(got, 0.5).right


def test_a_complex_number_that_is_not_real_is_no_decimal():
    assert not verdict(0.5 + 1e-9j, 0.5).right
    assert not verdict(X + 1e-9j, X).right


@pytest.mark.parametrize(
    ("got", "reason"),
    [
        (-X, "the sign is wrong"),
        (2 * X, "a factor 2 is too much"),
        (X / 2, "a factor 2 is missing"),
        (-2 * X, "the sign is wrong, and a factor 2 is too much"),
        (4 * X, "a sum stands where a mean belongs (the missing 1/n)"),
        (X / 4, "a mean stands where a sum belongs, or 1/n stands twice"),
        (1.7 * X, "it is wrong by a constant factor"),
        (X + 1, "the values differ"),
        (X * np.nan, "nan or inf comes out"),
        (X.T, "the result must have shape (4, 3), and has shape (3, 4)"),
        (X[..., None], "the result must have shape (4, 3), and has shape (4, 3, 1)"),
        (X.sum(), "the result must have shape (4, 3), and has no axes (one number)"),
        (
            X > 0,
            "the result must hold decimal numbers (float), and holds True or False",
        ),
        ((2 * X).tolist(), "a factor 2 is too much"),
        (X[0].tolist(), "the result must have shape (4, 3), and has shape (3,)"),
        ([[1.0], [1.0, 2.0]], "what is returned is no array of numbers"),
        ([], "what is returned is no array of numbers"),
        (["1", "2"], "what is returned is no array of numbers"),
        (None, "None is returned, as if `return` were missing"),
        ("text", "what is returned is no array of numbers"),
        (X + 1j, "what is returned is no array of numbers"),
        (X.astype("float16").round(2), "the values differ"),
    ],
)
def test_what_is_wrong_is_named(got, reason):
    assert verdict(got, X, sizes=((4, 3, 12),)).reason == f"For small numbers: {reason}."


MISTAKES = {
    "the bias is doubled": lambda w, b: (w, 2 * b),
    "the sign is lost": lambda w, b: (-w, b),
}


def of_two(answer, **options):
    """Judge an answer of two values, of which two misconceptions are known."""
    inputs = [(X, 0.3), (X[:2], 0.7)]
    mistakes = {
        words: tuple(value(list(wrong(*one))) for one in inputs)
        for words, wrong in MISTAKES.items()
    }
    right = tuple(value(list(one)) for one in inputs)
    expected = Expected(("many", "few"), right, mistakes, parts=("weights", "bias"), **options)
    return judge([value(answer(*one)) for one in inputs], expected).reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            lambda w, b: [w + 1, b],
            "For every kind of input, in value 1 of 2 (weights): the values differ.",
        ),
        (lambda w, b: [-w, b], "For every kind of input: the sign is lost."),
        (
            lambda w, b: [w + 1, 2 * b],
            "For every kind of input, in value 2 of 2 (bias): the bias is doubled.",
        ),
        (
            lambda w, b: [w + 1, np.array([b])],
            "For every kind of input, in value 2 of 2 (bias): "
            "the result must have no axes (one number), and has shape (1,).",
        ),
        (
            lambda w, b: [-w, b] if len(w) > 2 else [w * np.nan, b],
            "For many: the sign is lost. For few, in value 1 of 2 (weights): nan or inf comes out.",
        ),
        (
            lambda w, b: [w, b] if len(w) > 2 else [w / 0, b],
            "For few, in value 1 of 2 (weights): nan or inf comes out.",
        ),
        (
            lambda w, b: w,
            "For every kind of input: 2 values must be returned together, and were not.",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_it_is_told_which_of_several_values_is_wrong(answer, reason):
    assert of_two(answer) == reason


TERMS = np.random.default_rng(1).normal(size=(2, 3, 4))


def slips(first, second, together):
    """Return what is said where two slips meet: in terms of a sum, or in factors of a product."""
    (a, b) = TERMS
    wrong = {
        "the first term is doubled": [value(2 * a[k] + b[k]) for k in range(3)],
        "the second term is left out": [value(a[k]) for k in range(3)],
        "the factor 3 is forgotten": [value((a[k] + b[k]) / 3) for k in range(3)],
        "n stands for n - 1": [value((a[k] + b[k]) * 1.25) for k in range(3)],
    }
    kinds = ("one", "two", "three")
    right = tuple(value(a[k] + b[k]) for k in range(3))
    got = [value(together(a[k], b[k])) for k in range(3)]
    told = judge(got, Expected(kinds, right, {w: tuple(x) for w, x in wrong.items()})).reason
    return told, f"For every kind of input: {first}. For every kind of input: {second}."


def test_two_slips_in_one_function_are_both_named():
    terms = "the first term is doubled", "the second term is left out"
    told, wanted = slips(*terms, lambda a, b: 2 * a)
    assert told == wanted
    factors = "the factor 3 is forgotten", "n stands for n - 1"
    told, wanted = slips(*factors, lambda a, b: (a + b) / 3 * 1.25)
    assert told == wanted
    told, _ = slips(*terms, lambda a, b: 2 * a + 0.1 * b)
    assert told == "For every kind of input: the values differ."


def test_slips_in_two_of_several_values_are_both_named_with_their_places():
    wrong = {"A": (value([-X, 0.9]),), "B": (value([X + 1, 0.6]),)}
    expected = Expected(("small",), (value([X, 0.3]),), wrong, parts=("weights", "bias"))
    told = judge([value([-X, 0.6])], expected).reason
    assert told == "For small, in value 1 of 2 (weights): A. For small, in value 2 of 2 (bias): B."


def test_small_whole_numbers_that_agree_by_chance_name_no_misconception():
    right = (value([5, 0.5]), value([9, 0.25]))
    wrong = {"one too many": (value([6, 0.9]), value([10, 0.9]))}
    told = judge([value([6, 0.1]), value([10, 0.1])], Expected(("a", "b"), right, wrong)).reason
    assert told == "For every kind of input, in value 1 of 2: the values differ."


def test_whole_numbers_in_a_list_count_as_decimals_but_not_the_other_way_round():
    assert verdict([0, 1, 0.5], np.array([0.0, 1.0, 0.5])).right
    assert verdict([0, 1], np.array([0.0, 1.0])).right
    assert "whole numbers" in verdict([0.0, 1.0], np.array([0, 1])).reason
    assert "True or False" in verdict([True, False], np.array([1.0, 0.0])).reason


def test_whole_numbers_count_as_the_decimals_that_they_are():
    """A loop that appends 0 for what is cut off gives an array of them, where all of it is."""
    assert verdict([X, 0], [X, 0.0]).right
    assert not verdict([X, 1], [X, 0.5]).right
    for right in np.zeros((4, 3)), np.ones(5, "float32"):
        assert verdict(right.astype(int), right).right
        assert verdict([right.astype("uint8"), X], [right, X]).right
        assert "whole numbers" in verdict(right.astype(int) + 1, right).reason
    assert "decimal numbers" in verdict(np.array([0.0, 1.0]), np.array([0, 1])).reason


def test_a_whole_number_that_wrapped_around_is_another():
    right = np.array([3, -3])
    assert verdict(right.astype("int8"), right).right
    assert verdict(np.abs(right).astype("uint64"), np.abs(right)).right
    assert not verdict(right.astype("uint64"), right).right


def test_none_among_several_values_is_no_missing_return():
    told = verdict([1, None], [2, X]).reason
    assert "it is None" in told
    assert "return" not in told


def test_names_of_pythons_are_pythons_for_a_check_unless_a_task_asks_for_one():
    names = {}
    exec("from numpy import *\nlist = 3\n\n\ndef map(x):\n    return x\n\n\nround = map", names)
    found = usable(names, ["round"])
    assert (found["sum"], found["list"], found["map"]) == (sum, list, map)
    assert found["round"] is names["round"]
    assert found["log"] is np.log


def test_a_square_result_with_rows_for_columns_is_named():
    assert "rows and columns" in verdict(X[:3].T, X[:3]).reason


def test_no_reason_tells_a_size_or_a_value():
    told = verdict(12 * X, X, sizes=((4, 3, 12),)).reason.replace("1/n", "")
    assert not any(character.isdigit() for character in told)


@pytest.mark.parametrize(
    "text",
    [
        "abc [1]",
        "abc [",
        "abc {}",
        "abc [{}, NaN]",
        'abc [{"array": [NaN], "kind": "f", "dtype": "f8", "shape": [1]}]',
        'abc [{"array": [1], "kind": "f", "dtype": "f8", "shape": [2]}]',
        'abc [{"array": [1], "kind": "O", "dtype": "f8", "shape": [1]}]',
        'abc [{"array": [true], "kind": "f", "dtype": "f8", "shape": [1]}]',
        'abc [{"array": ["x"], "kind": "f", "dtype": "f8", "shape": [1]}]',
        'abc [{"array": [[1]], "kind": "f", "dtype": "f8", "shape": [1]}]',
        'abc [{"array": 1, "kind": "f", "dtype": "f8", "shape": []}]',
        'abc [{"array": [1], "kind": "f", "dtype": [], "shape": [1]}]',
        'abc [{"array": [1], "kind": [], "dtype": "f8", "shape": [1]}]',
        'abc [{"array": [], "kind": "f", "dtype": "f8", "shape": [-1, 0]}]',
        'abc [{"list": 3}]',
        'abc [{"text": 3}]',
        "abc " + "[" * 100_000,
        "abc " + '{"list": [' * 50 + "]}" * 50,
        "abc [" + "9" * 10_000 + "]",
        "abc []\nabc []",
    ],
)
def test_a_frame_that_is_none_is_not_read(text):
    assert read_frame(text, "abc") in (None, [])


@given(st.text())
def test_any_text_is_read_without_an_error(text):
    read_frame(f"abc {text}", "abc")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_read_without_an_error(nodes):
    read_frame("abc " + json.dumps(nodes), "abc")


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "bool"])
def test_inputs_arrive_as_they_were(dtype):
    x = (10 * X).astype(dtype)
    back = decoded(json.loads(json.dumps(encoded(x))))
    assert back.dtype == x.dtype
    assert np.array_equal(back, x)


def test_numbers_arrive_as_numbers():
    assert decoded(json.loads(json.dumps(encoded(0.1)))) == 0.1
    assert isinstance(decoded(encoded(3)), int)


@pytest.mark.parametrize("shape", [(0, 123456), (123456, 0, 1), (1,) * 5, (123456,)])
def test_a_shape_carries_no_hidden_input_out(shape):
    right = Expected(("one row",), (Array(np.ones(3), "f", "float64"),))
    told = judge([Array(np.empty(shape), "f", "float64")], right)
    assert told == Verdict(
        False, "For one row: the result must have shape (3,), and has another shape."
    )
