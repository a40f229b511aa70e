"""Wrong answers that look right lose their points and are named; different right ones keep theirs.

The table is printed: ``pytest -s``.
Each submission has one answer of the bank for every task: the tasks don't need each other.
"""

import itertools
from dataclasses import replace

import pytest

from deeplearn_utils.grading.judging import judge
from deeplearn_utils.grading.reference import expected_of
from deeplearn_utils.grading.values import Array, Failure
from tests.grading.answers.bank import BANK
from tests.grading.notebooks import points, reason

NOTHING = Failure("NotImplementedError")
"""Where a mistake doesn't say what it gives."""


def called_float32(value):
    """As a frame that a student made may say."""
    if isinstance(value, list):
        return [called_float32(one) for one in value]
    return replace(value, dtype="float32") if isinstance(value, Array) else value


@pytest.fixture(params=BANK)
def name(request):
    return request.param


def test_there_are_enough(name, reference):
    assignment, _ = reference(name)
    bank = BANK[name]
    assert [f"{task}-check" for task in bank.RIGHT] == [check.id for check in assignment.checks]
    assert list(bank.WRONG) == list(bank.RIGHT)
    assert min(len(answers) for answers in bank.RIGHT.values()) >= 3
    assert min(len({source for source, _ in wrong}) for wrong in bank.WRONG.values()) >= 5


@pytest.mark.parametrize("seed", [1, 3])
def test_named_mistakes_earn_no_points_whatever_the_seed(name, reference, seed):
    """By chance some gave the right values: with three seeds in ten, one in the worst case."""
    assignment, cases = reference(name, seed)
    for check in assignment.checks:
        expected = expected_of(cases[check.id])
        for words, theirs in expected.mistakes.items():
            pairs = zip(theirs, expected.values, strict=True)
            shown = [right if value == NOTHING else value for value, right in pairs]
            assert not judge(shown, expected).right, (check.id, words)
            # What is cut off at 500 is 0 in float32, and so is the right value.
            rough = not judge([called_float32(value) for value in shown], expected).right
            assert rough or words.endswith(", at 500"), (check.id, words)


def test_right_answers_of_many_kinds_keep_their_points(name, grader):
    bank, lost = BANK[name].RIGHT, []
    for row in itertools.count():
        answers = {task: sources[row % len(sources)] for task, sources in bank.items()}
        if row >= max(map(len, bank.values())):
            break
        record = grader(name, answers)
        for task in record["tasks"]:
            if task["points"] != task["of"]:
                lost.append((task["task"], row, task["reason"]))
    assert lost == []


def test_wrong_answers_lose_their_points_and_are_named(name, grader):
    bank, faults, table = BANK[name].WRONG, [], []
    for row in range(max(map(len, bank.values()))):
        answers = {task: wrong[row % len(wrong)][0] for task, wrong in bank.items()}
        record = grader(name, answers)
        for task, wrong in bank.items():
            check, word = f"{task}-check", wrong[row % len(wrong)][1]
            told = reason(record, check)
            table.append(f"{check:26} {points(record)[check]:g} points  {told}")
            if points(record)[check] or word not in told or not told:
                faults.append((check, row, points(record)[check], told))
    print("\n".join(sorted(table)))  # noqa: T201
    assert [str(fault) for fault in faults] == []
