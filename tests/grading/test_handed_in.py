"""Whose a submission is, as nbgrader, Canvas and Moodle tell it in names."""

import io
import os
import pwd
import re
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplearn_utils.grading import owners
from deeplearn_utils.grading.handed_in import Origin, groups, told_time
from deeplearn_utils.grading.submissions import collect

NAME = "01_networks"


def handed_in(folder, places):
    for place, content in places.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {s.name: (s.origin, s.refused or s.content) for s in collect(folder, NAME)}


def zipped(path, places):
    with zipfile.ZipFile(path, "w") as file:
        for place, content in places.items():
            file.writestr(place, content)
    return {s.name: (s.origin, s.refused or s.content) for s in collect(path, NAME)}


FIRST = "doe-jane+01_networks+2026-11-30 21:59:03.120000 UTC+q1w2e3r4t5y6"
SECOND = "doe-jane+01_networks+2026-12-01 08:00:00.000001 UTC+u7i8o9p0a1s2"
EXCHANGE = {
    f"course/inbound/{FIRST}/01_networks.ipynb": b"1",
    f"course/inbound/{FIRST}/timestamp.txt": b"2026-11-30 21:59:03.120000 UTC",
    f"course/inbound/{SECOND}/01_networks.ipynb": b"2",
    "course/inbound/roe+week 1+2026-11-30 10:00:00.000000 UTC/01_networks.ipynb": b"3",
    "course/inbound/roe+02_x+2026-11-30 10:00:00.000000 UTC+abc/02_x.ipynb": b"another",
    "course/outbound/01_networks/01_networks.ipynb": b"released",
    "course/feedback/abc/01_networks.ipynb": b"old",
}


@pytest.mark.parametrize("read", [handed_in, zipped])
@pytest.mark.parametrize("below", ["", "course/", "course/inbound/"])
def test_an_exchange_folder_is_read_as_it_lies_from_any_height(tmp_path, read, below):
    places = {p.removeprefix(below): c for p, c in EXCHANGE.items() if p.startswith(below)}
    found = read(tmp_path / "in", places)
    jane = [Origin("doe-jane", "nbgrader", submitted=t) for t in JANE]
    roe = Origin("roe", "nbgrader", submitted="2026-11-30T10:00:00+00:00")
    other = "roe+week 1+2026-11-30 10:00:00.000000 UTC"
    assert found == {FIRST: (jane[0], b"1"), SECOND: (jane[1], b"2"), other: (roe, b"3")}


JANE = ("2026-11-30T21:59:03+00:00", "2026-12-01T08:00:00+00:00")


@pytest.mark.parametrize("read", [handed_in, zipped])
@pytest.mark.parametrize("below", ["", "submitted/"])
@pytest.mark.parametrize("begin", ["", "./"])
def test_what_nbgrader_collected_is_read_with_its_times(tmp_path, read, below, begin):
    places = {
        "submitted/ann/01_networks/01_networks.ipynb": b"1",
        "submitted/ann/01_networks/timestamp.txt": b"2026-11-30 23:00:00 UTC\n",
        "submitted/bob/01_networks/01_networks.ipynb": b"2",
        "submitted/bob/02_x/02_x.ipynb": b"another",
        "submitted/cem/02_x/02_x.ipynb": b"another",
        "submitted/cem/02_x/timestamp.txt": b"2026-12-07 23:00:00 UTC\n",
        "source/01_networks/01_networks.ipynb": b"the solution",
        "autograded/ann/01_networks/01_networks.ipynb": b"old",
    }
    below = {p.removeprefix(below): c for p, c in places.items() if p.startswith(below)}
    assert read(tmp_path / "in", {f"{begin}{place}": c for place, c in below.items()}) == {
        "ann/01_networks": (
            Origin("ann", "nbgrader", submitted="2026-11-30T23:00:00+00:00"),
            b"1",
        ),
        "bob/01_networks": (Origin("bob", "nbgrader"), b"2"),
    }


@pytest.mark.parametrize("below", ["", "submissions/"])
def test_names_of_canvas_tell_the_user_the_attempt_and_what_is_late(tmp_path, below):
    found = zipped(
        tmp_path / "submissions.zip",
        {
            f"{below}doejane_LATE_11_901_01_networks-2.ipynb": b"1",
            f"{below}roerichard_12_902_01_networks.ipynb": b"2",
            f"{below}roerichard_12_903_scratch.ipynb": b"no",
            f"{below}müllerå_13_904_final version.ipynb": b"3",
            f"{below}_LATE_14_905_01_networks.ipynb": b"4",
        },
    )
    jane = Origin("doejane", "canvas", "11", 3, late=True, reply="doejane_LATE_11_901_")
    assert found == {
        "doejane_11 attempt 3": (jane, b"1"),
        "roerichard_12": (found["roerichard_12"][0], b"2"),
        "müllerå_13": (Origin("müllerå", "canvas", "13", reply="müllerå_13_904_"), b"3"),
        "_14": (Origin("_14", "canvas", "14", late=True, reply="_LATE_14_905_"), b"4"),
    }
    richard = found["roerichard_12"][0]
    assert (richard.number, richard.attempt, richard.late) == ("12", 1, False)


@pytest.mark.parametrize(
    "folder", ["inbound/{}+{}+2026-1{}-30 21:59:03 UTC+x", "c/submitted/{}/{}", "submitted/{}/{}"]
)
def test_a_copy_in_a_later_assignments_folder_is_no_attempt(folder):
    """It was the last one, and late."""
    own = [f"{folder.format(who, NAME, 0)}/{NAME}.ipynb" for who in ("ann", "bob")]
    later = [
        f"{folder.format(who, '02_x', 1)}/{name}.ipynb"
        for who in ("ann", "bob")
        for name in (NAME, "x")
    ]
    dan = f"{folder.format('dan', '02_x', 1)}/{NAME}.ipynb"
    places = [*own, *later, dan]
    found = groups([(place, place) for place in places], NAME, {})
    assert [place for _, group in found for place, _ in group.files] == [*own, dan]


def test_one_folder_more_does_not_tell_that_a_course_calls_them_otherwise():
    """In the exchange anybody can make one for another student."""
    own = [f"{who}+week 1+2026-10-30 21:59:03 UTC+x/{NAME}.ipynb" for who in ("ann", "bob")]
    forged = f"ann+{NAME}+2026-10-30 21:59:03 UTC+y/{NAME}.ipynb"
    found = groups([(place, place) for place in [*own, forged]], NAME, {})
    assert [place for _, group in found for place, _ in group.files] == [*own, forged]


def test_a_number_at_the_end_of_an_assignments_name_is_no_attempt():
    places = ["doe_11_901_lab-3.ipynb", "doe_11_902_lab-3-1.ipynb", "roe_12_903_lab-3.ipynb"]
    found = dict(groups([(place, place) for place in places], "lab-3", {}))
    attempts = {name: group.origin.attempt for name, group in found.items()}
    assert attempts == {"doe_11": 1, "doe_11 attempt 2": 2, "roe_12": 1}


@pytest.mark.parametrize(
    "place",
    [
        "Ann-Lee O'Neil_5001_assignsubmission_file_/01_networks.ipynb",
        "Ann-Lee O'Neil_5001_assignsubmission_file/sub/folder/work.ipynb",
        "Ann-Lee O'Neil_5001_assignsubmission_file_01_networks.ipynb",
        ".Ann_5001_assignsubmission_file_/01_networks.ipynb",
        ".Ann_5001_assignsubmission_file_01_networks.ipynb",
    ],
)
@pytest.mark.parametrize("read", [handed_in, zipped])
def test_names_of_moodle_tell_the_participant(tmp_path, read, place):
    name = place.partition("_")[0]
    origin = Origin(name, "moodle", "5001", reply=f"{name}_5001_assignsubmission_file_")
    assert read(tmp_path / "all.zip", {place: b"1"}) == {f"{name}_5001": (origin, b"1")}


@pytest.mark.parametrize(
    "ann",
    [
        "inbound/ann+01_networks+2026-11-30 21:59:03 UTC+q",
        "submitted/ann/01_networks",
        "Ann_1_assignsubmission_file_",
        "Ann_1_assignsubmission_file_/work.zip",
    ],
)
def test_an_older_copy_below_a_notebook_is_not_the_one_that_counts(tmp_path, ann):
    places = {f"{ann}/{NAME}.ipynb": b"new", f"{ann}/old/{NAME}.ipynb": b"old"}
    if "zip" in ann:
        inside = of_a_zip(*((place.removeprefix(f"{ann}/"), c) for place, c in places.items()))
        places = {ann: inside}
    assert [told for _, told in handed_in(tmp_path, places).values()] == [b"new"]


def test_a_student_folder_is_nobody_elses_whatever_files_are_called(tmp_path):
    found = handed_in(tmp_path, {"alice/lab_1_2_v3.ipynb": b"1", "bob/hw/x.ipynb": b"2"})
    assert {n: o.student for n, (o, _) in found.items()} == {"alice": "alice", "bob/hw": "bob"}
    assert {o.system for o, _ in found.values()} == {"folder"}


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-30 22:59:03 CET", ""),
        ("2026-11-30 22:59:03 +0100", "2026-11-30T21:59:03+00:00"),
        ("2026-13-30 22:59:03 UTC", ""),
        ("", ""),
    ],
)
def test_a_time_without_a_known_zone_is_not_guessed(text, time):
    assert told_time(text) == time


def of_a_zip(*entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


HONEST = {
    "Ann Lee_1_assignsubmission_file_/01_networks.ipynb": b"Ann's",
    "Bob Ray_2_assignsubmission_file_/01_networks.ipynb": b"Bob's",
    "Cem Oz_3_assignsubmission_file_/01_networks.ipynb": b"Cem's",
}


@pytest.mark.parametrize("read", [handed_in, zipped])
@pytest.mark.parametrize("below", ["", "all/"])
@pytest.mark.parametrize(
    "theirs",
    [
        f"submitted/bob/{NAME}/{NAME}.ipynb",
        f"inbound/bob+{NAME}+2026-01-01 00:00:00 UTC+x/{NAME}.ipynb",
        f"bob+{NAME}+2026-01-01 00:00:00 UTC+x/{NAME}.ipynb",
        f"bob+{NAME}+2026-01-01 00:00:00 UTC+x.zip",
        f"Bob Ray_2_assignsubmission_file_/{NAME}.ipynb",
        f"Bob Ray_2_assignsubmission_file_{NAME}.ipynb",
        "Bob Ray_2_assignsubmission_file_.zip",
        "submitted.zip",
        "inbound.zip",
    ],
)
def test_what_a_student_calls_a_file_takes_nobody_elses_place(tmp_path, read, below, theirs):
    mallory = "Mal Ory_4_assignsubmission_file_"
    work = of_a_zip(("Bob Ray_2_assignsubmission_file_x.ipynb", b"M")) if "zip" in theirs else b"M"
    places = {**HONEST, f"{mallory}/{theirs}": work}
    found = read(tmp_path / "in", {f"{below}{place}": c for place, c in places.items()})
    assert {name: (o.system, o.student, c) for name, (o, c) in found.items()} == {
        "Ann Lee_1": ("moodle", "Ann Lee", b"Ann's"),
        "Bob Ray_2": ("moodle", "Bob Ray", b"Bob's"),
        "Cem Oz_3": ("moodle", "Cem Oz", b"Cem's"),
        "Mal Ory_4": ("moodle", "Mal Ory", b"M"),
    }


@pytest.mark.parametrize("called", ["", "x", f"{NAME}.ipynb", "Mal"])
@pytest.mark.parametrize("kind", ["file", "onlinetext"])
@pytest.mark.parametrize("between", ["/", ""])
@pytest.mark.parametrize("below", ["", "submissions/"])
def test_who_is_called_like_anothers_folder_at_moodle_takes_nobodys_place(
    tmp_path, called, kind, between, below
):
    """Bob was refused: his folder had two notebooks."""
    name = f"Bob Ray_2_assignsubmission_{kind}_{called}_4_assignsubmission_file_"
    honest = {place.replace("_/01_networks", f"_{between}x"): c for place, c in HONEST.items()}
    places = {**honest, f"{name}{between}{NAME}.ipynb": b"M"}
    found = handed_in(tmp_path, {f"{below}{place}": c for place, c in places.items()})
    told = {o.student: (o.system, o.number, c) for o, c in found.values()}
    own = name if between else f"{name}{NAME}.ipynb"
    assert told.pop(own) == ("folder", "", "its name says two students")
    assert told == {
        "Ann Lee": ("moodle", "1", b"Ann's"),
        "Bob Ray": ("moodle", "2", b"Bob's"),
        "Cem Oz": ("moodle", "3", b"Cem's"),
    }


def test_who_hands_in_a_file_that_came_from_moodle_is_one_student(tmp_path):
    ann, bob = "Ann_1_assignsubmission_file_", "Bob_2_assignsubmission_file_"
    found = handed_in(tmp_path, {f"{ann}x.ipynb": b"1", f"{bob}{bob}x.ipynb": b"2"})
    assert {o.number: told for o, told in found.values()} == {"1": b"1", "2": b"2"}


@pytest.mark.parametrize(
    "theirs",
    [
        f"submitted/bob/{NAME}/x.ipynb",
        f"inbound/bob+{NAME}+2026-01-01 00:00:00 UTC+x/x.ipynb",
        f"bob+{NAME}+2026-01-01 00:00:00 UTC+x/x.ipynb",
        "bob_2_assignsubmission_file_/x.ipynb",
        "bob_2_assignsubmission_file_x.ipynb",
        "bob_2_3_x.ipynb",
    ],
)
def test_in_a_folder_for_each_student_the_folder_alone_says_who(tmp_path, theirs):
    found = handed_in(tmp_path, {"bob/x.ipynb": b"Bob's", f"mallory/{theirs}": b"M"})
    whose = {content: (o.system, o.student) for o, content in found.values()}
    assert whose == {b"Bob's": ("folder", "bob"), b"M": ("folder", "mallory")}


@pytest.mark.parametrize("below", ["", "submissions/"])
def test_a_zip_handed_in_at_canvas_is_its_students_and_late_as_any_file(tmp_path, below):
    work = of_a_zip((f"bob_13_905_{NAME}.ipynb", b"M"), ("timestamp.txt", b"2020-01-01 0:00 UTC"))
    places = {"mallory_LATE_12_904_work-1.zip": work, "bob_13_905_x.ipynb": b"Bob's"}
    found = zipped(tmp_path / "all.zip", {f"{below}{place}": c for place, c in places.items()})
    late = Origin("mallory", "canvas", "12", 2, late=True, reply="mallory_LATE_12_904_")
    assert found["mallory_12 attempt 2"] == (late, b"M")
    assert found["bob_13"][1] == b"Bob's"
    assert len(found) == 2


@pytest.mark.parametrize(
    "theirs", ["zz_timestamp.txt", "Timestamp.txt", "work.zip", "a/timestamp.txt"]
)
def test_a_time_that_a_student_wrote_is_none(tmp_path, theirs):
    early = b"2020-01-01 00:00:00 UTC"
    ann = "submitted/ann/01_networks"
    places = {
        f"{ann}/01_networks.ipynb": b"1",
        f"{ann}/timestamp.txt": b"2026-11-30 23:00:00 UTC",
        f"{ann}/{theirs}": of_a_zip(("timestamp.txt", early)) if "zip" in theirs else early,
        "submitted/bob/01_networks/01_networks.ipynb": b"2",
    }
    found = handed_in(tmp_path, places)
    told = Origin("ann", "nbgrader", submitted="2026-11-30T23:00:00+00:00")
    assert found["ann/01_networks"] == (told, b"1")


def test_the_end_of_a_line_in_a_files_name_hides_neither_whose_it_is_nor_that_it_is_late(tmp_path):
    found = zipped(
        tmp_path / "all.zip", {"doe_LATE_11_901_wo\nrk.ipynb": b"1", "roe_1_2_x.ipynb": b""}
    )
    late = Origin("doe", "canvas", "11", late=True, reply="doe_LATE_11_901_")
    assert found["doe_11"] == (late, b"1")


@pytest.mark.parametrize("users_are_students", [True, False])
def test_in_the_exchange_nobody_hands_in_for_another(tmp_path, monkeypatch, users_are_students):
    places = {
        f"inbound/{who}+{NAME}+2026-11-30 21:59:0{k} UTC+{mark}/{NAME}.ipynb": mark.encode()
        for k, (who, mark) in enumerate([("bob", "bobs"), ("cem", "cems"), ("bob", "mallorys")])
    }
    users = {"bobs": "bob", "cems": "", "mallorys": "mallory"}
    if not users_are_students:
        users["bobs"] = "jovyan"
    monkeypatch.setattr(owners, "owner", lambda place: users[place.name.rpartition("+")[2]])
    found = {one: origin.student for origin, one in handed_in(tmp_path, places).values()}
    if users_are_students:
        refused = "its folder belongs to the user mallory, not to its student"
        assert found.keys() == {b"bobs", b"cems", refused}
        assert found[refused] not in ("bob", "mallory")  # else it were bob's last attempt
    else:
        assert found == {b"bobs": "bob", b"cems": "cem", b"mallorys": "bob"}


CALLED = [
    *("m_13_905_x_12_904_w-7.ipynb", f"m_13_905_12_904_{NAME}.ipynb", "m_13_905_1_2_3_4_w.zip"),
    *("m_13_12_904_w.ipynb", f"bob_13_12_904_{NAME}.ipynb", "bob_13_12_904_w-7.ipynb"),
    f"bob_13_12_904_{NAME}.zip",
    *(f"cem_7_8_904_{NAME}.ipynb", "cem_7_8_904_w-7.zip"),  # Cem handed in nothing
]


@pytest.mark.parametrize("theirs", CALLED)
def test_who_is_called_like_anothers_file_at_canvas_takes_nobodys_place(tmp_path, theirs):
    """Canvas takes numbers out of a student's name, and spaces between them only after that."""
    work = of_a_zip((f"{NAME}.ipynb", b"M")) if "zip" in theirs else b"M"
    found = handed_in(tmp_path, {"bob_13_905_final.ipynb": b"Bob's", theirs: work})
    whose = {content: (o.system, o.student, o.number) for o, content in found.values()}
    assert whose.pop(b"Bob's") == ("canvas", "bob", "13")
    ((reason, (system, student, _)),) = whose.items()
    assert reason == "its name says two students"
    assert (system, student.startswith(theirs)) == ("folder", True)


CLASSES = [  # what three students handed in, and how a fourth's begins
    tuple(f"{name}_assignsubmission_file_/" for name in ("A_1", "B_2", "C_3", "M_4")),
    tuple(f"up/{name}_assignsubmission_file_" for name in ("A_1", "B_2", "C_3", "M_4")),
    *[
        ("a_12_901_", "b_LATE_13_905_", "c_14_907_", f"{called}_15_909_")
        for called in (
            "m",
            "m_LATE",
            "m_14_907_x",
            "m_13_905",
            "m_12_901_x_LATE",
            "anon_14_9_x",
            "b_13_777_x",
            "b_13",
            "x_13",
        )
    ],
    ("ann/", "bob/", "cem/", "mal/"),
    tuple(f"inbound/{who}+{NAME}+2026-11-30 21:59:03 UTC+q/" for who in ("a", "b", "c", "m")),
    tuple(f"submitted/{who}/{NAME}/" for who in ("a", "b", "c", "m")),
]
PIECES = [
    *("inbound", "submitted", "ann", "b", NAME, "_13_905_", "_LATE_14_907_", "-7", "_", "+", "\\"),
    *("B_2_assignsubmission_file_", f"b+{NAME}+2099-01-01 00:00:00 UTC+x", "/", "/", ".zip/", "x"),
]
CALLED_SO = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CLASSES), st.lists(CALLED_SO, min_size=1, max_size=3))
def test_nothing_that_a_file_is_called_changes_what_others_handed_in(begin, called):
    names = (NAME, f"{NAME}-1", "final")
    honest = [(f"{b}{name}.ipynb", name) for b, name in zip(begin[:3], names, strict=True)]
    in_folders = r"^/|/$|//+" if begin[3].endswith("/") else r"(?<!\.zip)/|/$"
    theirs = [(f"{begin[3]}{re.sub(in_folders, '_', name)}.ipynb", "M") for name in called]
    before, after = (attempts(found) for found in (honest, honest + theirs))
    people = {attempt[:2] for attempt in before}
    assert {attempt for attempt in after if attempt[:2] in people} == before


def attempts(found):
    """Return whose each submission is, which attempt, whether it is late, and what is in it."""
    return {
        (o.system, o.number or o.student, o.attempt, o.late, tuple(file for _, file in group.files))
        for _, group in groups(found, NAME, {})
        for o in [group.origin]
    }


@pytest.mark.parametrize("name", ["m_12_905_x", "m_12_905", "m_12_905_1_2_x"])
def test_who_is_called_like_a_file_at_canvas_is_late_as_any(tmp_path, name):
    found = handed_in(tmp_path, {f"{name}_LATE_12_904_{NAME}.ipynb": b"1", "b_1_2_x.ipynb": b"2"})
    assert {o.number: o.late for o, _ in found.values()} == {"12": True, "1": False}


def test_of_several_files_at_canvas_the_one_that_is_named_counts(tmp_path):
    """A number at the end of a scratch file made it the latest attempt."""
    places = {f"doe_11_901_{NAME}.ipynb": b"1", "doe_11_902_scratch-2.ipynb": b"no"}
    places |= {"roe_12_903_final-3.ipynb": b"2", "roe_12_904_data-7.zip": of_a_zip(("x.csv", b""))}
    found = handed_in(tmp_path, places)
    assert {o.student: (o.attempt, told) for o, told in found.values()} == {
        "doe": (1, b"1"),
        "roe": (4, b"2"),
    }


def test_names_of_canvas_without_names_tell_the_attempt_and_what_is_late(tmp_path):
    """The number of the file was taken for the user's."""
    places = {f"LATE_anon_x7Kq2_904_{NAME}-1.ipynb": b"1", f"anon_81234_905_{NAME}.ipynb": b"2"}
    first, second = (origin for origin, _ in handed_in(tmp_path, places).values())
    reply = "LATE_anon_x7Kq2_904_"
    assert first == Origin("anon_x7Kq2", "canvas", "x7Kq2", 2, late=True, reply=reply)
    assert second == Origin("anon_81234", "canvas", "81234", reply="anon_81234_905_")


def test_of_a_students_many_files_at_canvas_the_newest_attempts_are_graded(tmp_path):
    places = {f"mal_11_{k}_{NAME}-{k}.ipynb": b"1" for k in range(1, 31)}
    found = handed_in(tmp_path, places | {f"roe_12_9_{NAME}.ipynb": b"1"})
    graded = {(o.student, o.attempt) for o, told in found.values() if told == b"1"}
    assert graded == {("roe", 1), *(("mal", attempt) for attempt in range(12, 32))}


@pytest.mark.parametrize("names", [("root", "n/a"), ("jovyan",)])
def test_who_names_a_folder_after_the_one_user_of_all_takes_nobodys_place(
    tmp_path, monkeypatch, names
):
    """Owners were believed then, and the whole class was refused."""
    for who in ("ann", "bob", *(name for name in names if "/" not in name)):
        handed_in(tmp_path, {f"inbound/{who}+{NAME}+2026-11-30 21:59:03 UTC+q/{NAME}.ipynb": b"1"})
    monkeypatch.setattr(owners, "owner", lambda place: names[-place.name.startswith("bob")])
    assert {one for _, one in handed_in(tmp_path, {}).values()} == {b"1"}


def owned(monkeypatch, users):
    """Have folders in inbound belong to users by the last part of their names."""
    monkeypatch.setattr(owners, "owner", lambda place: users[place.name.rpartition("+")[2]])


def test_who_names_a_folder_after_their_user_where_students_are_no_users_has_nobody_refused(
    tmp_path, monkeypatch
):
    """One folder that belonged to whom it names had owners believed, and all others refused."""
    users = {"a": "1001", "b": "1002", "c": "1003", "m": "1004"}
    owned(monkeypatch, users)
    names = zip(("ann", "bob", "cem", "1004"), users, strict=True)
    places = [f"inbound/{who}+{NAME}+2026-11-30 21:59:03 UTC+{m}/x.ipynb" for who, m in names]
    assert told(tmp_path, places).keys() == {place.encode() for place in places}


def test_who_hands_in_for_others_does_not_make_theirs_copies_in_another_assignments_folder(
    tmp_path, monkeypatch
):
    """Where nbgrader calls the assignment otherwise, the folders of all others were left out."""
    owned(monkeypatch, {who: who for who in ("ann", "bob", "cem", "mal")})
    time = "2026-11-30 21:59:03 UTC"
    people = ("ann", "bob", "cem", "mal")
    honest = [f"inbound/{who}+week 1+{time}+{who}/{NAME}.ipynb" for who in people[:3]]
    forged = [f"inbound/{who}+{NAME}+{time}+mal/{NAME}.ipynb" for who in (*people, "x", "y")]
    found = told(tmp_path, [*honest, *forged])
    assert found == {
        place.encode(): ("nbgrader", who, "")
        for place, who in zip([*honest, forged[3]], people, strict=True)
    }


def test_when_folders_in_folders_without_an_end_were_changed_is_soon_told(tmp_path, monkeypatch):
    """Each was opened from the first one on: 4,000 of them took a minute."""
    owned(monkeypatch, {"q": "ann"})
    folder = tmp_path / "inbound" / f"ann+{NAME}+2020-11-30 21:59:03 UTC+q"
    (folder / "/".join("d" * 400)).mkdir(parents=True)
    (folder / "x.ipynb").write_bytes(b"Ann's")
    opened = Counter()
    monkeypatch.setattr(os, "open", counted(os.open, opened))
    ((origin, content),) = handed_in(tmp_path, {}).values()
    assert (bool(origin.changed), content) == (True, b"Ann's")
    assert opened["open"] < 10_000


def counted(function, calls):
    """Return a function that counts its calls."""

    def counting(*told, **how):
        calls[function.__name__] += 1
        return function(*told, **how)

    return counting


def test_a_folder_in_inbound_whose_name_is_no_utf8_is_not_its_students(tmp_path, monkeypatch):
    """Nothing is found under the name that is shown, which was taken for a copy's owner."""
    folders = [f"{who}+{NAME}+2026-11-30 21:59:03 UTC+".encode() for who in ("ann", "bob")]
    for folder in (*folders, folders[0] + b"\xff"):
        place = os.path.join(os.fsencode(tmp_path), folder)
        os.mkdir(place)
        with open(os.path.join(place, b"x.ipynb"), "wb") as file:
            file.write(b"1")
    told = owners.owner
    users = {"ann": "ann", "bob": "bob"}
    monkeypatch.setattr(
        owners, "owner", lambda place: users[place.name[:3]] if place.exists() else told(place)
    )
    found = {one for _, one in handed_in(tmp_path, {}).values()}
    assert found == {b"1", "its folder belongs to the user n/a, not to its student"}


@pytest.mark.parametrize("read", [handed_in, zipped])
@pytest.mark.parametrize("below", ["", "course/", "course/inbound/"])
@pytest.mark.parametrize(
    "theirs",
    [
        "inbound/x",  # at the height of inbound, all that was handed in was left out for it
        "submitted/doe-jane/01_networks",  # a later attempt of hers, at whatever time it says
        "doe-jane/01_networks",
        "doe-jane",
        "doe-jane_12_assignsubmission_file_",
    ],
)
def test_a_folder_in_inbound_that_nbgrader_did_not_make_is_nobodys(tmp_path, read, below, theirs):
    stray = {
        f"course/inbound/{theirs}/01_networks.ipynb": b"mallory's",
        f"course/inbound/{theirs}/timestamp.txt": b"2026-12-24 21:59:03.120000 UTC",
    }
    whole = EXCHANGE | stray
    places = {p.removeprefix(below): c for p, c in whole.items() if p.startswith(below)}
    found = read(tmp_path / "in", places)
    told = {content for _, content in found.values()}
    reason = "it lies beside what nbgrader took in, and is not named as nbgrader names that"
    assert told == {b"1", b"2", b"3", reason}
    (origin,) = [origin for origin, content in found.values() if content == reason]
    assert (origin.system, origin.submitted) == ("folder", "")
    assert origin.student.endswith(f"{theirs}/01_networks.ipynb")


def test_a_zip_at_canvas_is_called_what_a_student_likes(tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("01_networks.ipynb", b"work")
    places = {
        "doejane_7_8_a+b+2026-1.zip": content.getvalue(),
        "roe_9_10_01_networks.ipynb": b"other",
    }
    found = handed_in(tmp_path, places)
    assert {(o.system, o.number, told) for o, told in found.values()} == {
        ("canvas", "7", b"work"),
        ("canvas", "9", b"other"),
    }


def test_a_student_who_handed_in_no_notebook_is_told(tmp_path):
    """They were in no report: nothing said that they had handed in anything."""
    ann, bob, cem = (f"{who}_{k}_assignsubmission_file_" for k, who in enumerate(("A", "B", "C")))
    places = {
        f"{ann}/01_networks.ipynb": b"Ann's",
        f"{ann}/rows.csv": b"1,2",
        f"{bob}/work.rar": b"Bob's",
        f"{cem}/01_networks.ipynb.txt": b"Cem's",
        "notes_2026_11_of_mine.txt": b"nobody's",
    }
    expected = {
        "A_0": b"Ann's",
        "B_1": "no notebook was handed in, but work.rar",
        "C_2": "no notebook was handed in, but 01_networks.ipynb.txt",
    }
    for found in (handed_in(tmp_path / "in", places), zipped(tmp_path / "all.zip", places)):
        assert {name: told for name, (_, told) in found.items()} == expected
        assert {origin.system for origin, _ in found.values()} == {"moodle"}


def test_a_student_is_told_who_handed_in_a_hidden_file_or_words_or_nothing(tmp_path):
    ann, bob, cem = (f"{who}_{k}_assignsubmission_" for k, who in enumerate(("A", "B", "C")))
    moodle = {
        f"{ann}file_/{NAME}.ipynb": b"Ann's",
        f"{ann}onlinetext_/onlinetext.html": b"see file",
        f"{bob}file_/.{NAME}.ipynb": b"Bob's",
        f"{cem}onlinetext_/onlinetext.html": b"<p>",
    }
    expected = {
        "A_0": b"Ann's",
        "B_1": f"no notebook was handed in, but .{NAME}.ipynb",
        "C_2": "no notebook was handed in, but onlinetext.html",
    }
    for found in (handed_in(tmp_path / "in", moodle), zipped(tmp_path / "all.zip", moodle)):
        assert {name: told for name, (_, told) in found.items()} == expected
    canvas = {f"a_1_9_{NAME}.ipynb": b"A", "a_1_text.html": b"", "b_late_2_text.html": b""}
    canvas |= {"c_3_link.html": b"", "d_4_9_.ipynb": b"D", "lab_5_text.ipynb": b"no system's"}
    assert {name: told for name, (_, told) in handed_in(tmp_path / "c", canvas).items()} == {
        "a_1": b"A",
        "b_2": "no notebook was handed in, but b_late_2_text.html",
        "c_3": "no notebook was handed in, but c_3_link.html",
        "d_4": b"D",
        "lab_5_text": b"no system's",
    }


@pytest.mark.parametrize(
    "begin", ["a_1_9_", "a_1_assignsubmission_file_", "a_1_assignsubmission_file_/", "a/", "a_"]
)
@pytest.mark.parametrize("read", [handed_in, zipped])
def test_a_class_is_told_in_which_nobody_handed_in_a_notebook(tmp_path, read, begin):
    place = f"{begin}x.ipynb.txt"
    ((_, told),) = read(tmp_path / "in", {place: b""}).values()
    assert told == f"no notebook was handed in, but {Path(place).name}"


@pytest.mark.parametrize("read", [handed_in, zipped])
def test_a_student_is_told_in_whose_folder_is_a_notebook_with_another_ending(tmp_path, read):
    places = {"ann/x.ipynb": b"1", f"bob/{NAME}.ipynb.txt": b"2", "cem/all/work.rar": b"3"}
    places |= {"dan.ipynb.json": b"4", "data.tar.gz": b"", "hw_1_2_ann_attempt.txt": b""}
    places |= {"ann/a.ipynb.bak": b"", "._hw_1_2_ann.ipynb": b"", f"eve/.{NAME}.ipynb.icloud": b""}
    found = read(tmp_path / "in", places)
    assert {origin.student: told for origin, told in found.values()} == {
        "ann": b"1",
        "bob": f"no notebook was handed in, but {NAME}.ipynb.txt",
        "cem": "no notebook was handed in, but work.rar",
        "dan.ipynb": "no notebook was handed in, but dan.ipynb.json",
        "eve": f"no notebook was handed in, but .{NAME}.ipynb.icloud",
    }


@pytest.mark.parametrize("read", [handed_in, zipped])
@pytest.mark.parametrize(
    "place", ["inbound/{}+01_networks+2026-11-30 21:59:03 UTC+q", "submitted/{}/01_networks"]
)
def test_a_student_is_told_in_whose_folder_is_nothing_but_its_time(tmp_path, read, place):
    ann, bob = (place.format(who) for who in ("ann", "bob"))
    time = {f"{one}/timestamp.txt": b"2026-11-30 21:59:03 UTC" for one in (ann, bob)}
    found = read(tmp_path / "in", {f"{ann}/{NAME}.ipynb": b"1", **time, "timestamp.txt": b""})
    assert {o.student: told for o, told in found.values()} == {
        "ann": b"1",
        "bob": "no notebook was handed in",
    }


def test_of_a_students_many_attempts_the_newest_are_graded(tmp_path):
    places = {
        f"inbound/{who}+{NAME}+2026-11-{day:02} 21:59:03 UTC+q/{NAME}.ipynb": b"1"
        for who, days in (("ann", 2), ("mallory", 30))
        for day in range(1, 1 + days)
    }
    graded = [o for o, content in handed_in(tmp_path, places).values() if content == b"1"]
    assert sum(origin.student == "ann" for origin in graded) == 2
    own = [origin.submitted[:10] for origin in graded if origin.student == "mallory"]
    assert sorted(own) == [f"2026-11-{day}" for day in range(11, 31)]


@pytest.mark.parametrize(
    ("number", "beside", "graded"), [(101, 10, 20), (100, 10, 100), (101, 9, 101)]
)
@pytest.mark.parametrize("inside", ["", f"{NAME}/"])
def test_of_thousands_of_folders_in_one_students_the_likeliest_are_graded(
    tmp_path, number, beside, graded, inside
):
    """Each was graded, before all who came behind; but a group of students loses nobody.

    They were still where others had theirs in a folder called like the assignment.
    """
    places = {f"mallory/v{k}/{NAME}.ipynb": b"1" for k in range(number)}
    places |= {f"student {k}/{inside}{NAME}.ipynb": b"1" for k in range(beside)}
    told = handed_in(tmp_path, places)
    own = [name for name, (o, c) in told.items() if o.student == "mallory" and c == b"1"]
    assert set(own) == {f"mallory/v{k}" for k in range(number - graded, number)}
    assert sum(content == b"1" for _, content in told.values()) == graded + beside


@pytest.mark.parametrize(("number", "graded"), [(150, 20), (149, 149)])
def test_thousands_of_folders_are_too_many_where_all_have_a_courses_notebooks(
    tmp_path, number, graded
):
    """Where nobody had few, somebody could have any number."""
    places = {f"mallory/v{k}/{NAME}.ipynb": b"1" for k in range(number)}
    places |= {f"student {k}/{w}/x.ipynb": b"1" for k in range(10) for w in range(30)}
    told = [content for _, content in handed_in(tmp_path, places).values()]
    assert told.count(b"1") == graded + 300


@pytest.mark.parametrize("user", ["ann", ""])
def test_a_time_that_a_student_gave_is_held_against_when_the_folder_was_changed(
    tmp_path, monkeypatch, user
):
    monkeypatch.setattr(owners, "owner", lambda place: user)
    now = datetime.now(UTC)
    for days in (0, 3):
        told = f"{now - timedelta(days=days):%Y-%m-%d %H:%M:%S} UTC"
        place = f"inbound/ann+{NAME}+{told}+q/{NAME}.ipynb"
        handed_in(tmp_path, {place: b"1"})
    changed = sorted(origin.changed[:4] for origin, _ in handed_in(tmp_path, {}).values())
    assert changed == ["", f"{now:%Y}" if user else ""]


def test_a_zip_or_a_name_that_is_no_utf8_hides_no_change(tmp_path, monkeypatch):
    """Both can be written anew in a folder that was made in time and isn't changed by that."""
    monkeypatch.setattr(owners, "owner", lambda place: place.name[:3])
    work, changed = of_a_zip((f"{NAME}.ipynb", b"1")), {}
    for who, name in (("ann", b"work.zip"), ("bob", b"\xff.ipynb")):
        place = tmp_path / f"{who}+{NAME}+2026-11-20 21:59:03 UTC+q"
        place.mkdir()
        with open(os.path.join(os.fsencode(place), name), "wb") as file:
            file.write(work if name.endswith(b"zip") else b"1")
        changed[who] = next(place.iterdir()).stat().st_ctime
    monkeypatch.setattr(Path, "lstat", lambda place: in_time(place, os.stat(place)))
    found = {o.student: o.changed for o, _ in handed_in(tmp_path, {}).values()}
    assert found == {
        who: datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds")
        for who, time in changed.items()
    }


def in_time(place, seen):
    """Return a folder's state as if it had not been changed; a file's as it is."""
    return seen if place.is_file() else SimpleNamespace(st_ctime=0.0, st_mode=seen.st_mode)


def test_who_owns_a_folder_is_read_from_it(tmp_path):
    assert owners.owner(tmp_path) == ""
    assert owners.owner(tmp_path / "gone") == owners.UNSEEN
    if os.geteuid() == 0:
        os.chown(tmp_path, 1, 1)
        assert owners.owner(tmp_path) == pwd.getpwuid(1).pw_name


def test_a_user_of_nbgraders_may_have_a_plus_in_their_name(tmp_path):
    place = "doe+work+01_networks+2026-11-30 21:59:03.120000 UTC+q1w2"
    found = handed_in(tmp_path, {f"inbound/{place}/01_networks.ipynb": b"1"})
    assert found[place][0] == Origin("doe+work", "nbgrader", submitted=JANE[0])


@pytest.mark.parametrize("year", ["0001-01-01 00:00:00 +1400", "9999-12-31 23:59:59 -1400"])
def test_a_time_before_or_after_all_calendars_stops_nobody(tmp_path, year):
    places = {"ann/a/x.ipynb": b"1", "ann/a/timestamp.txt": year.encode(), "bob/a/x.ipynb": b"2"}
    found = handed_in(tmp_path, places)
    assert {content for _, content in found.values()} == {b"1", b"2"}
    assert told_time(year) == ""


def told(folder, places):
    """Return whose each file is, as its system, its student and its number, by its place."""
    found = handed_in(folder, {place: place.encode() for place in places}).values()
    return {one: (o.system, o.student, o.number) for o, one in found if isinstance(one, bytes)}


TOOK_IN = "+01_networks+2026-11-30 21:59:03 UTC+q1w2e3"
USERS = [
    *("submitted", "inbound", "source", "x_5_assignsubmission_file_", "a_1_2_x", "bob.zip"),
    *(f"x+{NAME}+2026-1@example.org", f"bob{TOOK_IN.replace(' ', '-')}"),
]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("theirs", ["{}/{}.ipynb", "{}/bob/{}/x.ipynb", "{}/inbound/bob/{}.ipynb"])
@pytest.mark.parametrize(
    "place", ["{}/01_networks.ipynb", "{}/01_networks/x.ipynb", "submitted/{}/01_networks/x.ipynb"]
)
def test_whatever_a_user_is_called_others_stay_who_they_are(tmp_path, place, user, theirs):
    honest = [place.format(who) for who in ("ann", "bob", "cem")]
    alone = told(tmp_path / "alone", honest)
    assert {whose[1] for whose in alone.values()} == {"ann", "bob", "cem"}
    folder = place.format(user).rpartition("/")[0]
    both = told(tmp_path / "both", [*honest, theirs.format(folder, NAME)])
    assert {one: both.pop(one) for one in alone} == alone
    assert {whose[1:] for whose in both.values()} == {(user, "")}


@pytest.mark.parametrize(
    "theirs",
    [
        [f"submitted/{NAME}.ipynb"],
        [f"submitted/m{k}/{NAME}/x.ipynb" for k in range(9)],
        [f"inbound/m{k}{TOOK_IN}/x.ipynb" for k in range(9)],
        ["submitted/y/z/x.ipynb"],
    ],
    ids=["own", "submitted", "inbound", "another"],
)
@pytest.mark.parametrize("feedback", [f"feedback/{NAME}.ipynb", "feedback/hw/x.ipynb"])
@pytest.mark.parametrize(
    ("place", "number"),
    [
        ("{}/01_networks.ipynb", 3),
        ("{}/01_networks/x.ipynb", 3),
        ("{}/final.ipynb", 10),
        ("{}.ipynb", 10),
    ],
)
def test_two_users_who_are_called_like_folders_of_a_course_take_nobodys_place(
    tmp_path, place, number, feedback, theirs
):
    honest = [place.format(f"s{k}") for k in range(number)]
    alone = told(tmp_path / "alone", honest)
    assert len(alone) == number
    both = told(tmp_path / "both", [*honest, *theirs, feedback])
    assert {one: both[one] for one in alone} == alone
    assert len(both) > len(alone)


def test_of_a_user_who_is_called_feedback_a_file_shows_that_it_is_no_course(tmp_path):
    both = told(tmp_path, ["ann/final.ipynb", "feedback/x.ipynb", f"submitted/y/{NAME}/z.ipynb"])
    assert {student for _, student, _ in both.values()} == {"ann", "feedback", "submitted"}


def test_in_a_course_beside_other_folders_only_what_was_handed_in_is_read(tmp_path):
    """What lies beside it is told: it may be a small class's."""
    handed = [f"submitted/{who}/{NAME}/x.ipynb" for who in ("ann", "bob", "submitted")]
    course = [f"source/{NAME}/{NAME}.ipynb", "source/header.ipynb", f"release/{NAME}/x.ipynb"]
    others = [f"solved/{NAME}/x.ipynb", "lectures/1.ipynb", "lectures/2.ipynb", "release/x.ipynb"]
    found = handed_in(
        tmp_path, {place: place.encode() for place in [*handed, *course, *others, "x.ipynb"]}
    )
    read = {content: origin for origin, content in found.values() if isinstance(content, bytes)}
    assert read == {place.encode(): Origin(place.split("/")[1], "nbgrader") for place in handed}
    reason = "it lies beside what nbgrader took in, and is not named as nbgrader names that"
    beside = {o.student: told for o, told in found.values() if o.system == "folder"}
    assert beside == dict.fromkeys(("solved", "lectures", "release", "x"), reason)
    assert len(found) == len(handed) + len(beside)


@pytest.mark.parametrize("read", [handed_in, zipped])
@pytest.mark.parametrize(
    "place", ["inbound/{}+01_networks+2026-11-30 21:59:03 UTC+q", "submitted/{}/01_networks"]
)
def test_many_folders_may_lie_around_a_course(tmp_path, read, place):
    """Its solution was graded, and who handed in was one student."""
    handed = [f"home/teacher/fall/{place.format(who)}/x.ipynb" for who in ("ann", "bob")]
    released = f"home/teacher/fall/source/{NAME}/{NAME}.ipynb"
    found = read(tmp_path / "in", {one: one.encode() for one in [*handed, released]})
    whose = {content: (o.system, o.student) for o, content in found.values()}
    assert whose == {
        handed[0].encode(): ("nbgrader", "ann"),
        handed[1].encode(): ("nbgrader", "bob"),
    }


def test_in_a_course_the_lectures_of_a_semester_may_lie(tmp_path):
    """With ten folders of them it was no course, and who handed in was one student."""
    course = [f"{one}/{NAME}/{NAME}.ipynb" for one in ("source", "release")]
    lectures = [f"week {week}/lecture.ipynb" for week in range(15)]
    lectures += [f"{one}/{NAME}.ipynb" for one in ("solved", "old", "tried")]
    handed = [f"submitted/{who}/{NAME}/x.ipynb" for who in ("ann", "bob", "cem")]
    assert told(tmp_path, [*course, *lectures, *handed]) == {
        place.encode(): ("nbgrader", place.split("/")[1], "") for place in handed
    }


@pytest.mark.parametrize("read", [handed_in, zipped])
@pytest.mark.parametrize("below", ["", "all/"])
@pytest.mark.parametrize("bob", ["bob", "Bob"])
def test_a_user_who_is_called_like_a_zip_is_nobody_else(tmp_path, read, below, bob):
    places = {f"{below}{who}/x.ipynb": who.encode() for who in (bob, "bob.zip", "cem")}
    found = read(tmp_path / "in", places)
    assert {content.decode(): origin.student for origin, content in found.values()} == {
        bob: bob,
        "bob.zip": "bob.zip",
        "cem": "cem",
    }


@pytest.mark.parametrize(
    "theirs",
    [
        f"bob{TOOK_IN}.ipynb",
        f"bob{TOOK_IN}.zip/{NAME}.ipynb",
        f"submitted/bob/{NAME}/x.ipynb",
        f"source/{NAME}/x.ipynb",
    ],
)
@pytest.mark.parametrize("below", ["", "inbound/"])
def test_a_file_in_inbound_that_is_called_like_a_folder_takes_nobodys_place(
    tmp_path, below, theirs
):
    honest = [f"{below}{who}{TOOK_IN}/{NAME}.ipynb" for who in ("ann", "bob")]
    hostile = [f"{below}{theirs}", f"{below}submitted/{NAME}.ipynb", f"{below}source/x.ipynb"]
    assert told(tmp_path, [*honest, *hostile]) == {
        place.encode(): ("nbgrader", who, "")
        for place, who in zip(honest, ("ann", "bob"), strict=True)
    }


@pytest.mark.parametrize(
    "called",
    [
        *("{}_2026_01_networks", "{} hw_1_2_final", "hw_1_2_{}", "{}_2026_11_30_10_15"),
        *("{}_3_01_02_x", "HW_1_{1}_{0}", "hw_1_{1}_01_networks", "section_{2}_{1}_{0}"),
        "HW_1_{1}_attempt_2026-11-30-23-59-00_01_networks",
    ],
)
def test_numbers_in_files_names_that_are_not_canvas_s_merge_nobody(tmp_path, called):
    names = [called.format(f"student{k}", 31415 + k, k // 9) for k in range(25)]
    found = handed_in(tmp_path, {f"{name}.ipynb": name.encode() for name in names})
    assert {content: origin.student for origin, content in found.values()} == {
        name.encode(): name for name in names
    }


@pytest.mark.parametrize("called", [NAME, "final"])
@pytest.mark.parametrize("others", [0, 1, 2])
def test_what_one_user_handed_in_at_canvas_is_theirs_however_few_there_are(
    tmp_path, called, others
):
    own = [f"doe_11_901_{called}.ipynb", "doe_11_902_report.pdf", "doe_11_903_data.pdf"]
    own += ["doe_11_904_x.ipynb"] if called == NAME else ["doe_11_904_data.zip"]
    work = {place: b"1" if "901" in place else of_a_zip(("x.csv", b"")) for place in own}
    places = work | {f"roe{k}_{k}_80{k}_final.ipynb": b"2" for k in range(others)}
    found = handed_in(tmp_path, places)
    assert found.pop("doe_11") == (Origin("doe", "canvas", "11", reply="doe_11_901_"), b"1")
    assert {origin.system for origin, _ in found.values()} <= {"canvas"}
    assert len(found) == others


@pytest.mark.parametrize("called", ["s{0}_{0}_90{0}_", "S {0}_{0}_assignsubmission_file_"])
def test_files_that_came_by_mail_are_each_somebodys_in_a_folder_around_a_class(tmp_path, called):
    names = [f"{called.format(k)}{NAME}" for k in range(3)] + ["Kate", "Lee"]
    found = handed_in(tmp_path, {f"all/{name}.ipynb": name.encode() for name in names})
    whose = {content: (o.system, o.student) for o, content in found.values()}
    assert whose.keys() == {name.encode() for name in names}
    assert [whose[name] for name in (b"Kate", b"Lee")] == [("folder", "Kate"), ("folder", "Lee")]


@pytest.mark.parametrize("theirs", ["w-50.ipynb", f"{NAME}.ipynb", "w.ipynb", "w.zip/w.ipynb"])
def test_who_is_called_like_a_file_of_one_of_their_name_takes_nobodys_place(tmp_path, theirs):
    honest = ["bob_13_905_final.ipynb", "cem_14_906_lab_1_2_x.ipynb"]
    assert told(tmp_path, [*honest, f"bob_13_777_x_15_909_{theirs}"]) == {
        honest[0].encode(): ("canvas", "bob", "13"),
        honest[1].encode(): ("canvas", "cem", "14"),
    }


def test_two_numbers_that_a_student_writes_into_files_names_hide_no_lateness(tmp_path):
    late = [f"mal_LATE_15_{number}_{name}.ipynb" for number, name in ((9, "l_1_2_x"), (8, "3_4_y"))]
    assert told(tmp_path, ["bob_13_905_final.ipynb", *late]).keys() == {b"bob_13_905_final.ipynb"}


@pytest.mark.parametrize("called", ["lab_1_2_x", "2026_11_30_x", "1_networks", "Ann_2_2026_x"])
@pytest.mark.parametrize("second", ["data.zip", "2026_notes.ipynb", "lab_1_3_y.ipynb"])
@pytest.mark.parametrize(
    "forged",
    [
        *("", "cem_40233_40235_8123999_w-7", "mal_1_1_40235_8123999_x"),
        "x_40231_8123456_w_40235_8123998_y",
    ],
)
def test_numbers_with_fewer_digits_than_files_have_at_canvas_are_no_second_users(
    tmp_path, called, second, forged
):
    own = [f"ann_40231_8123456_{called}-1.ipynb", f"ann_40231_8123457_{second}"]
    cem = "cem_40233_8123999_final.ipynb"
    found = told(tmp_path, [*own, cem, *([f"{forged}.ipynb"] if forged else [])])
    assert found.pop(cem.encode()) == ("canvas", "cem", "40233")
    assert found.pop(own[0].encode()) == ("canvas", "ann", "40231")
    assert {number for *_, number in found.values()} <= {"40231", "1"}


@pytest.mark.parametrize("theirs", ["m_40231_1_w", "m_40231_1_2_3_w", "m_40231"])
def test_where_all_files_have_numbers_in_their_names_a_low_one_makes_none_a_second_user(
    tmp_path, theirs
):
    honest = {
        f"s{k}_4023{k}_812345{k}_lab_1_2_x.ipynb": ("canvas", f"s{k}", f"4023{k}") for k in range(3)
    }
    found = told(tmp_path, [*honest, f"{theirs}_40235_8123999_y.ipynb"])
    assert found == {place.encode(): whose for place, whose in honest.items()}


@pytest.mark.parametrize("end", [".ipynb", "-99.ipynb"])
@pytest.mark.parametrize("begin", ["{}_1{}_90{}_", "{} Roe_{}{}_assignsubmission_file_"])
def test_a_long_name_at_whose_end_another_is_named_takes_nobodys_place(tmp_path, begin, end):
    """A place in a zip was cut to its end, which began with another's name and number."""
    bob, mallory = begin.format("bob", 3, 3), begin.format("mal", 5, 5)
    long = f"{bob}{'x' * 255}"[: 255 - len(end)] + end
    found = zipped(tmp_path / "all.zip", {f"{bob}final.ipynb": b"Bob's", f"{mallory}{long}": b"M"})
    own = [(o.attempt, told) for o, told in found.values() if o.student.startswith("bob")]
    assert own == [(1, b"Bob's")]


@pytest.mark.parametrize("theirs", [f"mal/{NAME}/x.ipynb", "mal/hw/timestamp.txt"])
def test_a_folder_in_a_students_folder_is_another_assignment_only_beside_this_one(tmp_path, theirs):
    found = handed_in(tmp_path, {"bob/hw/x.ipynb": b"Bob's", theirs: b"M", "mal/x.ipynb": b"M"})
    assert found["bob/hw"][1] == b"Bob's"


def test_many_files_in_a_folder_leave_out_none_in_anothers_of_the_same_name(tmp_path):
    theirs = {f"ann/work.zip/{number}.ipynb": b"" for number in range(110)}
    found = handed_in(tmp_path, {**theirs, f"bob/work.zip/{NAME}.ipynb": b"Bob's"})
    assert found["bob/work"][1] == b"Bob's"


def test_what_lies_beside_a_students_notebook_is_no_later_attempt(tmp_path):
    mine = [
        f"ann/{NAME}.ipynb",
        f"ann/old/{NAME}.ipynb",
        "ann/old/x/y.ipynb",
        "ann/docs/demo.ipynb",
    ]
    found = handed_in(tmp_path, {place: place.encode() for place in [*mine, "bob/hw/x.ipynb"]})
    order = sorted((origin.attempt, place.decode()) for origin, place in found.values())
    assert order[:3] == [(-2, mine[2]), (-1, mine[3]), (0, mine[1])]
    assert order[3:] == [(1, mine[0]), (1, "bob/hw/x.ipynb")]


def test_of_numbered_folders_the_highest_number_is_the_last_attempt(tmp_path):
    places = [f"ann/Version {number}/{NAME}.ipynb" for number in (1, 2, 9, 10, 11)]
    found = handed_in(tmp_path, {p: p.encode() for p in [*places, f"bob/{NAME}.ipynb"]}).values()
    own = sorted((one.attempt, told.decode()) for one, told in found if one.student == "ann")
    assert [place for _, place in own] == places


def test_numbers_in_the_name_of_an_assignment_are_no_second_user(tmp_path):
    for name in ("bob_13_905_2026_01_networks-1.ipynb", "bob_13_906_x.ipynb", "c_14_907_y.ipynb"):
        (tmp_path / name).write_text(name)
    found = {s.name: s.content.decode() for s in collect(tmp_path, "2026_01_networks")}
    assert found["bob_13 attempt 2"] == "bob_13_905_2026_01_networks-1.ipynb"
    assert found.keys() == {"bob_13 attempt 2", "c_14"}


@pytest.mark.parametrize("called", ["{}-Copy1-1", "{} (2)-1", "Copy of {}-1"])
def test_a_copy_of_an_assignment_with_numbers_in_its_name_is_its_students(tmp_path, called):
    own = f"bob_13_905_{called.format('lab_1_2_x')}.ipynb"
    for name in (own, "bob_13_907_data.zip", "c_14_907_y.ipynb"):
        (tmp_path / name).write_bytes(of_a_zip(("x.csv", b"")) if "zip" in name else name.encode())
    found = {s.name: s.content.decode() for s in collect(tmp_path, "lab_1_2_x")}
    assert found == {"bob_13 attempt 2": own, "c_14": "c_14_907_y.ipynb"}


@pytest.mark.parametrize("user", ["1", "15"])
def test_a_users_number_that_an_assignment_s_name_ends_with_is_theirs(tmp_path, user):
    for name in ("bob_13_905_final.ipynb", f"bob_13_777_hw_{user}_909_w-7.ipynb"):
        (tmp_path / name).write_text(name)
    found = {s.origin.number: s.content for s in collect(tmp_path, "hw_1") if not s.refused}
    assert found == {"13": b"bob_13_905_final.ipynb"}
