"""What a second grading changed, and the reason that is told for it."""

import pytest

from deeplearn_utils.grading.reporting.lateness import deadline
from deeplearn_utils.grading.reporting.manual import merged
from deeplearn_utils.grading.reporting.marks import load, marks_of
from deeplearn_utils.grading.reporting.regrading import as_table, changes
from tests.grading.reporting.results import ALL, TASKS, record, results

TASK = next(iter(TASKS))


def marks(folder, *records, late=None, **head):
    return marks_of([load(results(folder, *records, **head))], deadline=late)


def told(tmp_path, old, new, **head):
    before, after = marks(tmp_path / "a", *old), marks(tmp_path / "b", *new, **head)
    return [(c.student, c.task, c.before, c.after, c.why) for c in changes(before, after)]


def test_nothing_changed(tmp_path):
    assert told(tmp_path, [record("ann", [TASK])], [record("ann", [TASK])]) == []


@pytest.mark.parametrize(
    ("other", "head", "why"),
    [
        ({"name": "second"}, {}, "another submission counts"),
        ({}, {"assignment_digest": "b"}, "the assignment's checks are others"),
        ({}, {"seed": 2}, "the same submission and checks, other fresh inputs"),
        ({}, {}, "the same submission, checks and inputs: another run"),
    ],
)
def test_the_cause_is_told(tmp_path, other, head, why):
    old, new = record("ann", [TASK]), record("ann", **other)
    assert told(tmp_path, [old], [new], **head) == [("ann", TASK, 0, TASKS[TASK], why)]


def test_who_came_and_who_went(tmp_path):
    assert told(tmp_path, [record("ann")], [record("bob")]) == [
        ("bob", "", None, ALL, "handed in since"),
        ("ann", "", ALL, None, "the submission is there no more"),
    ]


def test_what_a_person_gave_and_what_lateness_takes(tmp_path):
    on_monday = record("ann", submitted="2026-11-30T00:00:00+00:00")
    before = marks(tmp_path / "a", on_monday)
    late = deadline("2026-11-29T00:00+00:00", 10)
    manual = tmp_path / "m.csv"
    manual.write_text(f"student,task,points,comment\nann,{TASK},1,see me\n")
    after = merged(marks(tmp_path / "b", on_monday, late=late), manual)
    found = [(c.task, c.why, c.reason) for c in changes(before, after)]
    assert found == [(TASK, "given by hand", "see me"), ("(late)", "other days", "")]
    assert "see me" in as_table(changes(before, after)).splitlines()[1]
