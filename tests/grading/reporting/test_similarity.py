"""Similar answers: seen through disguises, silent about what everybody writes."""

import ast
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplearn_utils.grading.assignments import read, stripped
from deeplearn_utils.grading.reporting.similarity import (
    fingerprints,
    is_compared,
    marked,
    similar,
)
from tests.grading.answers.bank import BANK
from tests.grading.answers.disguise import COPY, ORIGINAL

NAMES = ("01_networks", "02_backpropagation")


def common(name):
    code = [answer for answer in read(name).answers if answer.is_code]
    return [text for a in code for text in (a.source, stripped(a.source, is_code=True))]


def answers_of(name, choose):
    return {task: choose(right) for task, right in BANK[name].RIGHT.items()}


def test_other_names_comments_and_layout_are_seen_through():
    assert fingerprints(ORIGINAL).keys() == fingerprints(COPY).keys()


class Renamed(ast.NodeTransformer):
    """Give every variable that a piece of code makes another name."""

    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


LINES = [
    "weights = np.linspace(low, high, steps) ** 2",
    "bias = np.minimum(weights[:, None], other).sum()",
    "total = (values * mask).sum() / max(mask.sum(), 1)",
    "rows = [row.strip().split(';') for row in text if row]",
    "order = np.argsort(-scores, kind='stable')[: limit + 1]",
    "edges = {key: value for key, value in pairs if value > 0}",
]


@settings(max_examples=40, deadline=None)
@given(st.permutations(LINES), st.randoms(use_true_random=False))
def test_moved_and_renamed_lines_keep_their_fingerprints(lines, rng):
    made = {"weights", "bias", "total", "rows", "order", "edges", "row", "key", "value"}
    names = {name: f"x{rng.randrange(10**6)}_{place}" for place, name in enumerate(sorted(made))}
    other = ast.unparse(Renamed(names).visit(ast.parse("\n".join(lines))))
    assert fingerprints(other).keys() == fingerprints("\n".join(LINES)).keys()


@pytest.mark.parametrize("name", NAMES)
def test_different_right_answers_are_no_pair(name):
    most = min(len(right) for right in BANK[name].RIGHT.values())
    whole = {
        f"s{k}": answers_of(name, lambda right, k=k: right[k % len(right)]) for k in range(most)
    }
    assert similar(whole, common(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_who_all_answer_as_the_solution_does_are_no_pair(name):
    same = {answer.id: answer.source for answer in read(name).answers}
    assert similar({f"s{k}": same for k in range(5)}, common(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_in_disguise_is_found_in_a_class_and_nothing_else(name):
    rng = random.Random(0)
    right = BANK[name].RIGHT
    task = "softmax" if name == "01_networks" else "softmax-delta"
    solved = {answer.id: answer.source for answer in read(name).answers}
    group = {
        f"s{k:02}": solved | {t: rng.choice(right[t]) for t in rng.sample(list(right), 2)}
        for k in range(28)
    }
    for who, source in (("copy", COPY), ("original", ORIGINAL)):
        group[who] = solved | {task: source}
    found = {(pair.one, pair.other): pair.share for pair in similar(group, common(name))}
    assert found.pop(("copy", "original")) == 1.0
    alike = {
        (one, other)
        for one, other in found
        if not any(group[one][t] == group[other][t] != solved.get(t) for t in right)
    }
    assert alike == set()


def test_what_half_of_a_class_wrote_weighs_less_than_what_two_wrote():
    other = (
        ORIGINAL.replace("np.abs", "np.square")
        .replace("max(-1", "min(0")
        .replace("sum(-1", "sum(0")
    )
    lone = {f"s{k}": {"a": f"y = [{k}, {k + 1}, {k + 2}, {k + 3}, {k + 4}]"} for k in range(8)}
    few = {**lone, "p": {"a": ORIGINAL, "b": other}, "q": {"a": ORIGINAL}}
    (pair,) = similar(few)
    assert (pair.one, pair.other) == ("p", "q")
    partly = {**lone, "p": {"a": ORIGINAL, "b": LINES[0]}, "q": {"a": ORIGINAL, "b": LINES[1]}}
    (rare,) = similar(partly)
    many = {**partly, **{f"m{k}": {"a": ORIGINAL} for k in range(8)}}
    often = {(p.one, p.other): p.share for p in similar(many, least=0.0)}
    assert often["p", "q"] < rare.share


@pytest.mark.parametrize(
    "source", ["def f(:", "x = 'a\x00b'", "(" * 5000, "x = " + "-" * 100_000 + "1", "%%bash\nrm"]
)
def test_what_is_no_python_has_no_fingerprints(source):
    assert fingerprints(source) == {}


def test_shared_lines_are_marked_and_others_are_not():
    mine = f"{LINES[0]}\n{LINES[3]}"
    shared = frozenset(fingerprints(LINES[0]))
    assert [covered for _, covered in marked(mine, shared)] == [True, False]


@pytest.mark.parametrize(
    "more",
    [
        "x = !true",
        "  # a comment\n_ = %time 1",
        f"x = 0x{'f' * 5000}",
        "if x:\n    !ls",
        "%matplotlib",
    ],
)
def test_a_line_that_is_no_python_hides_no_copy(more):
    hidden = f"{more}\n{COPY}"
    assert fingerprints(ORIGINAL).keys() <= fingerprints(hidden).keys()


def test_what_is_far_too_long_makes_no_tree():
    """4 MB of names took 3 GB, and half a minute each time that they were looked at."""
    assert is_compared("a\n" * 1000)
    assert not is_compared("#" * 50_001)


@pytest.mark.parametrize(
    "source", ["x?", "def f(:", "x = " + "-" * 100 + "1", "x = [" + "1," * 20_000 + "]"]
)
def test_what_is_not_compared_is_told(source):
    assert fingerprints(source) == {}
    assert not is_compared(source)


def test_a_line_of_nothing_but_spaces_is_soon_looked_at():
    """Its square was: a single answer took minutes, each of the times it was read."""
    assert not is_compared(" " * 49_000 + "x")


def test_what_spans_many_lines_keeps_few_of_them():
    """Each of 50 expressions around 40,000 lines kept them all: 170 MB."""
    deep = "x = " + "f(a, b, c, " * 50 + "\n" * 40_000 + "1" + ")" * 50
    told = fingerprints(deep)
    assert len(told) > 40
    assert sum(map(len, told.values())) < 10 * len(told)
    assert not any(covered for _, covered in marked(deep, frozenset(told)))


def test_lines_are_counted_as_python_counts_them():
    mine = f"# a\x0cb\u2028c\n{LINES[0]}"
    assert [covered for _, covered in marked(mine, frozenset(fingerprints(LINES[0])))] == [
        False,
        True,
    ]
