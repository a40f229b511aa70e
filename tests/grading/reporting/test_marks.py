"""Which attempt counts, what lateness takes, and who is who."""

import json
import re

import pytest

from deeplearn_utils.grading.cells import written
from deeplearn_utils.grading.reporting.lateness import deadline
from deeplearn_utils.grading.reporting.marks import as_json, load, marks_of, person
from deeplearn_utils.grading.reporting.roster import name_key, read_roster
from tests.grading.reporting.results import ALL, TASKS, WORDS, record, results

FIRST, *_, LAST = TASKS
DUE = "2026-11-30T23:00+00:00"
DUE_TIME = "`due` must be a time with its zone, such as 2026-11-30T23:59+01:00, got "


def marks(tmp_path, *records, **how):
    return marks_of([load(results(tmp_path / "r", *records))], **how)


def attempts():
    early = record("ann", [LAST], name="a1", submitted="2026-11-30T20:00:00+00:00")
    worse = record("ann", [FIRST, LAST], name="a2", submitted="2026-12-01T20:00:00+00:00")
    return worse, early


@pytest.mark.parametrize(("choose", "counts"), [("last", "a2"), ("best", "a1")])
def test_the_last_or_the_best_attempt_counts_whatever_the_order(tmp_path, choose, counts):
    (mark,) = marks(tmp_path, *attempts(), choose=choose)
    assert (mark.submission, mark.attempts) == (counts, 2)
    assert mark.attempt == {"a1": 1, "a2": 2}[counts]


def test_the_best_is_what_is_left_after_lateness(tmp_path):
    late = record("ann", [], name="late", submitted="2026-12-02T20:00:00+00:00")
    timely = record("ann", [FIRST], name="timely", submitted="2026-11-30T20:00:00+00:00")
    how = {"choose": "best", "deadline": deadline(DUE, 25)}
    (mark,) = marks(tmp_path, late, timely, **how)
    assert mark.submission == "timely"


def test_a_number_of_canvas_tells_the_attempt(tmp_path):
    (mark,) = marks(tmp_path, record("ann", system="canvas", number="7", attempt=3))
    assert (mark.attempt, mark.attempts) == (3, 3)


def test_an_older_copy_in_a_students_folder_is_no_later_attempt(tmp_path):
    notebook, older = record("ann"), record("ann", [FIRST], name="ann/old", attempt=0)
    mailed = record("ann", [FIRST, LAST], name="ann/mailed")
    folders = [results(tmp_path / "all", notebook, older), results(tmp_path / "later", mailed)]
    for given, counts in ((1, "ann"), (2, "ann/mailed")):
        (mark,) = marks_of([load(one) for one in folders[:given]])
        assert (mark.submission, mark.attempt, mark.attempts) == (counts, given + 1, given + 1)


@pytest.mark.parametrize(("order", "counts"), [("al", "mailed"), ("la", "a2")])
def test_what_came_by_mail_counts_after_what_was_graded_before_it(tmp_path, order, counts):
    """What has no time counted before all that has one: an extension was never counted."""
    early, late = attempts()[::-1]
    folders = {
        "a": results(tmp_path / "all", early, late),
        "l": results(tmp_path / "later", record("ann", [FIRST], name="mailed")),
    }
    (mark,) = marks_of([load(folders[one]) for one in order])
    assert (mark.submission, mark.attempts) == (counts, 3)


@pytest.mark.parametrize(("order", "counts"), [("al", "mailed"), ("la", "a3")])
def test_numbers_of_attempts_say_nothing_about_what_came_by_mail(tmp_path, order, counts):
    """After a third attempt at Canvas, an extension by mail was never counted."""
    known = roster(tmp_path / "c.csv", *CANVAS)
    third = record("doejane", name="a3", system="canvas", number="11", attempt=3)
    folders = {
        "a": results(tmp_path / "all", third),
        "l": results(tmp_path / "later", record("jdoe", [FIRST], name="mailed")),
    }
    (mark,) = marks_of([load(folders[one]) for one in order], known)
    assert (mark.submission, mark.row) == (counts, 0)


def test_points_are_those_that_were_graded_for(tmp_path):
    """Of an own copy of the book's assignment, in which a task gives more."""
    told = record("ann")
    told["tasks"][0] |= {"of": 50.0, "points": 50.0}
    (mark,) = marks(tmp_path, told)
    assert mark.of == ALL + sum(WORDS.values()) + 50 - TASKS[FIRST]
    assert mark.points == ALL + 50 - TASKS[FIRST]


def test_the_same_submission_graded_anew_is_no_second_attempt(tmp_path):
    old = load(results(tmp_path / "old", record("ann", [FIRST])))
    new = load(results(tmp_path / "new", record("ann")))
    (mark,) = marks_of([old, new])
    assert (mark.earned, mark.attempts) == (ALL, 1)
    (mark,) = marks_of([new, old])
    assert mark.earned == ALL - TASKS[FIRST]


@pytest.mark.parametrize(
    ("submitted", "days"),
    [
        ("2026-11-30T23:00:00+00:00", 0),
        ("2026-11-30T23:10:00+00:00", 0),
        ("2026-11-30T23:10:01+00:00", 1),
        ("2026-12-01T23:00:00+00:00", 1),
        ("2026-12-01T23:00:01+00:00", 2),
        ("2026-12-02T00:30:00+01:00", 2),
    ],
)
def test_begun_days_count_from_the_due_time_after_the_grace(submitted, days):
    late = deadline("2026-12-01T00:00+01:00", 10, grace_minutes=10)
    assert late.days({"submitted": submitted}) == days


def test_lateness_takes_a_share_of_all_points_and_never_more_than_there_are(tmp_path):
    few = record("few", list(TASKS)[:-1], submitted="2026-12-08T00:00:00+00:00")
    full = record("full", submitted="2026-12-02T00:00:00+00:00")
    got, whole = marks(tmp_path, few, full, deadline=deadline(DUE, 10, cap=50))
    of = ALL + sum(WORDS.values())
    assert (got.days_late, got.percent_off, got.points) == (8, 50, 0)
    assert (whole.days_late, whole.taken, whole.points) == (2, 0.2 * of, ALL - 0.2 * of)


def test_a_mark_without_a_time_counts_as_one_day(tmp_path):
    (mark,) = marks(tmp_path, record("ann", late=True), deadline=deadline(DUE, 10))
    assert mark.days_late == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("2026-11-30T23:59",), DUE_TIME + "'2026-11-30T23:59'"),
        (("tomorrow",), DUE_TIME + "'tomorrow'"),
        ((None, 101), "`per_day` is a percentage, from 0 to 100, got 101"),
        ((None, 1, -1), "`grace_minutes` must be at least 0, got -1"),
        ((None, 1, 1, float("nan")), "`cap` is a percentage, from 0 to 100, got nan"),
    ],
)
def test_a_deadline_that_cannot_be_is_refused(arguments, reason):
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        deadline(*arguments)


def test_what_could_not_be_read_has_all_tasks_with_no_points(tmp_path):
    reason = "it is no notebook"
    (mark,) = marks(tmp_path, record("ann", status="unreadable", reason=reason))
    assert (mark.points, mark.of) == (0, ALL + sum(WORDS.values()))
    assert {task.reason for task in mark.tasks} == {f"not graded: {reason}"}
    assert mark.waiting == ()


@pytest.mark.parametrize(
    "content",
    [
        '{"assignment": "x", "submissions": [{}]}',
        '{"assignment": "x", "submissions": [3]}',
        '{"assignment": 3, "submissions": []}',
        '{"assignment": "x", "submissions": {"a": 1}}',
        '{"a":' * 5000,
    ],
)
def test_damaged_results_are_told_in_a_sentence(tmp_path, content):
    (tmp_path / "results.json").write_text(content)
    whole = re.escape(f"{tmp_path / 'results.json'} holds no results of this program")
    with pytest.raises(ValueError, match=f"^{whole}$"):
        load(tmp_path)


@pytest.mark.parametrize(
    "change", [{"student": []}, {"origin": 3}, {"row": {}}, {"tasks": [3]}, {"percent_off": "x"}]
)
def test_a_damaged_gradebook_is_told_in_a_sentence(tmp_path, change):
    told = json.loads(as_json(marks(tmp_path, record("ann")), {}))
    told["marks"][0] |= change
    path = tmp_path / "gradebook.json"
    path.write_text(json.dumps(told))
    whole = re.escape(f"{path} holds no results of this program")
    with pytest.raises(ValueError, match=f"^{whole}$"):
        load(path)


def test_rows_of_two_rosters_are_not_taken_for_each_other(tmp_path):
    """Whoever had another's row had that student's marks on their page."""
    both = []
    for name, *told in (("week3", "ann", "bob"), ("week6", "abe", "ann", "bob")):
        lines = [(student, f"{student}@x.example", "") for student in told]
        own = [record(student, [FIRST], system="nbgrader") for student in told]
        known = roster_of(tmp_path, *lines)
        made = marks_of([load(results(tmp_path / name, *own, assignment=name))], known)
        assert [mark.row for mark in made] == [*range(len(told))]
        (tmp_path / name / "gradebook.json").write_text(as_json(made, {}))
        both.append(load(tmp_path / name))
    assert [mark.row for mark in marks_of(both[:1])] == [0, 1]
    together = marks_of(both)
    people = [
        {mark.student for mark in together if person(mark) == who}
        for who in {person(mark) for mark in together}
    ]
    assert sorted(people, key=min) == [{"abe"}, {"ann"}, {"bob"}]


def test_what_are_no_results_is_refused(tmp_path):
    whole = f"`results` must be a folder with gradebook.json or results.json, got '{tmp_path}'"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        load(tmp_path)
    (tmp_path / "results.json").write_text("[]")
    whole = f"{tmp_path / 'results.json'} holds no results of this program"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        load(tmp_path)


def roster(path, *rows):
    path.write_text(written(rows), encoding="utf-8")
    return read_roster(path)


CANVAS = (
    ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Other (9)"),
    ("", "", "", "", "", "Manual Posting"),
    ("    Points Possible", "", "", "", "", "10"),
    ("Doe, Jane", "11", "s11", "jdoe", "A", "3"),
    ('O\'Neil, "Ann"\n\u202e', "12", "s12", "aoneil", "B", ""),
    ("Doe, Jane", "13", "s13", "jdoe2", "B", ""),
)


@pytest.mark.parametrize(
    ("origin", "row"),
    [
        ({"student": "anything", "number": "12", "system": "canvas"}, 1),
        ({"student": "Doe, Jane", "number": "99", "system": "canvas"}, None),
        ({"student": "JDOE2", "system": "nbgrader"}, 2),
        ({"student": "s11", "system": "folder"}, 0),
        ({"student": "ann o'neil", "system": "folder"}, 1),
        ({"student": "jane doe", "system": "folder"}, None),  # there are two
        ({"student": "jdo", "system": "folder"}, None),
        ({"student": "", "system": "folder"}, None),
    ],
)
def test_students_are_found_in_an_export_of_canvas(tmp_path, origin, row):
    assert roster(tmp_path / "c.csv", *CANVAS).find(origin) == row


@pytest.mark.parametrize("saved", ["1E+13", "11.0", "1.13"])
def test_a_number_that_a_spreadsheet_spoilt_is_nobodys(tmp_path, saved):
    known = roster(tmp_path / "c.csv", CANVAS[0], ("Doe", saved, "", "", "", ""))
    found = {known.find({"number": n, "system": "canvas"}) for n in ("13", "0", "3", "11")}
    assert found == {None}


def test_students_are_found_in_lists_of_moodle(tmp_path):
    sheet = roster(
        tmp_path / "w.csv",
        ("Identifier", "Full name", "Email address", "Grade", "Last modified (grade)"),
        ("Participant 501", "Ann Lee", "ann@uni.example", "", "-"),
        ("Participant 50", "Bob Ray", "bob@uni.example", "", "-"),
    )
    assert sheet.system == "worksheet"
    assert sheet.find({"student": "x", "number": "50", "system": "moodle"}) == 1
    assert sheet.find({"student": "ann", "system": "nbgrader"}) == 0
    blind = roster(tmp_path / "b.csv", ("Identifier", "Grade"), ("Participant 501", ""))
    assert blind.name(blind.find({"number": "501", "system": "moodle"})) == "Participant 501"
    for last in ("Last name", "Surname"):  # of Moodle 4, and 3
        listed = roster(
            tmp_path / "l.csv",
            ("First name", last, "Email address"),
            ("Ann", "Lee", "ann@uni.example"),
            ("Bob", "Ray", "bob@uni.example"),
        )
        assert (listed.system, listed.name(1)) == ("list", "Bob Ray")
        assert listed.find({"student": "BOB@uni.example", "system": "nbgrader"}) == 1
        assert listed.find({"student": "Ray Bob", "number": "7", "system": "moodle"}) == 1


def test_a_table_without_students_is_refused(tmp_path):
    whole = (
        "`roster` must be exported from Canvas (with the columns Student and ID) or from "
        "Moodle (Identifier or Email address); its columns are a, b"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        roster(tmp_path / "x.csv", ("a", "b"), ("1", "2"))


def test_a_students_attempts_meet_in_the_roster(tmp_path):
    known = roster(tmp_path / "c.csv", *CANVAS)
    both = (
        record("doejane", name="one", number="11", system="canvas", attempt=2),
        record("jdoe", [FIRST], name="two", system="nbgrader"),
    )
    (mark,) = marks(tmp_path, *both, roster=known)
    assert (mark.student, mark.attempts, mark.row) == ("Doe, Jane", 2, 0)


def test_who_is_called_like_another_in_the_roster_does_not_hand_in_for_them(tmp_path):
    """Where users choose their names, a later hand-in counted as another attempt of the other's."""
    known = roster(tmp_path / "c.csv", *CANVAS)
    both = [record(user, [FIRST], system="nbgrader") for user in ("aoneil", "o-neil-ann")]
    assert [known.find(one["origin"]) for one in both] == [1, 1]
    found = marks(tmp_path, *both, roster=known)
    assert [(mark.row, mark.student) for mark in found] == [(None, "aoneil"), (None, "o-neil-ann")]
    (alone,) = marks(tmp_path, both[0], roster=known)
    assert alone.row == 1


def test_a_folder_in_ones_own_makes_nobody_who_is_called_like_another_them(tmp_path):
    """A folder called like the assignment was taken for nbgrader's: the other's mark was lost."""
    known = roster(tmp_path / "c.csv", *CANVAS)
    both = [record("aoneil"), record("o-neil-ann", [FIRST], system="nbgrader")]
    found = marks(tmp_path, *both, roster=known)
    assert [(mark.row, mark.student) for mark in found] == [(None, "aoneil"), (None, "o-neil-ann")]


def test_an_address_elsewhere_with_anothers_user_name_takes_nobodys_place(tmp_path):
    """Whoever set theirs to it had the marks of a user whose own address is called otherwise."""
    known = roster_of(
        tmp_path,
        ("Ann Lee", "ann.lee@uni.example", ""),
        ("Mal Ory", "ann@mail.example", ""),
        ("Bob Ray", "bob@uni.example", ""),
        ("Cem Oz", "bob@mail.example", ""),
        ("Dan Day", "dan@uni.example", ""),
    )
    users = ("ann", "bob", "ann@mail.example")
    found = [known.find({"student": user, "system": "nbgrader"}) for user in users]
    assert found == [None, 2, 1]


def test_who_is_called_points_possible_changes_no_scale(tmp_path):
    told = ("Points Possible", "14", "s14", "mal", "A", "3")
    assert roster(tmp_path / "c.csv", *CANVAS, told).most == {"Other (9)": 10}


def test_names_are_compared_without_accents_case_and_order():
    assert name_key("Ångström, Zoë") == name_key("zoe ANGSTROM")
    assert name_key("李, 明") == name_key("明 李") != ""


def roster_of(tmp_path, *rows):
    path = tmp_path / "class.csv"
    path.write_text(written([("Full name", "Email address", "ID number"), *rows]), encoding="utf-8")
    return read_roster(path)


CLASS = (("Ann Lee", "ann@uni.example", "111"), ("Mal Ory", "mal@uni.example", "222"))


@pytest.mark.parametrize("called", ["ann@uni.example", "111", "ANN"])
def test_a_full_name_that_is_anothers_address_is_not_theirs(tmp_path, called):
    mallory = record(called, system="moodle", number="5002")
    (mark,) = marks(tmp_path, mallory, roster=roster_of(tmp_path, *CLASS))
    assert mark.row is None


def test_of_two_persons_with_one_name_nobody_takes_the_place_in_the_roster(tmp_path):
    ann = record("Ann Lee", system="moodle", number="5001", name="Ann Lee_5001")
    mallory = record("lee, ann", [FIRST], system="moodle", number="5002", name="lee, ann_5002")
    made = marks(tmp_path, ann, mallory, roster=roster_of(tmp_path, *CLASS))
    assert [(mark.row, mark.student) for mark in made] == [(None, "Ann Lee"), (None, "lee, ann")]
    (alone,) = marks(tmp_path, ann, roster=roster_of(tmp_path, *CLASS))
    assert alone.row == 0
