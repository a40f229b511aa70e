"""What is read of what students hand in, from folders and zips as systems make them."""

import io
import json
import os
import re
import socket
import struct
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from deeplearn_utils.grading import submissions
from deeplearn_utils.grading.answers import answers_in
from deeplearn_utils.grading.shown import plain, visible
from deeplearn_utils.grading.submissions import collect

CELL = {"cell_type": "code", "outputs": [], "execution_count": None}


def notebook(*answers, **extra):
    cells = [
        {**CELL, "metadata": {"nbgrader": {"grade_id": name}}, "source": source}
        for name, source in answers
    ]
    return json.dumps({"cells": cells, "nbformat": 4, "metadata": {}, **extra}).encode()


def archive(path, *entries):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in entries:
            info = zipfile.ZipInfo(name) if isinstance(name, str) else name
            file.writestr(info, content)
    return path


def found(path, assignment=""):
    return {s.name: s.refused or s.content for s in collect(path, assignment)}


def test_a_zip_from_an_lms(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("work/01_networks.ipynb", b"3")
    path = archive(
        tmp_path / "all.zip",
        ("Ann_1_assignsubmission_file_/01_networks.ipynb", b"1"),
        ("bob_123_456_01_networks.ipynb", b"2"),
        ("Cem_2_assignsubmission_file_/work.zip", inner.getvalue()),
        ("Dan_3/01_networks.ipynb", b"4"),
        ("Dan_3/scratch.ipynb", b"5"),
        ("__MACOSX/._x.ipynb", b"6"),
        ("Ann_1_assignsubmission_file_/.ipynb_checkpoints/x.ipynb", b"7"),
        ("Ann_1_assignsubmission_file_/notes.txt", b"8"),
    )
    assert found(path, "01_networks") == {
        "Ann_1": b"1",
        "bob_123": b"2",
        "Cem_2": b"3",
        "Dan_3": b"4",
    }


def linked():
    info = zipfile.ZipInfo("a/x.ipynb")
    info.external_attr = 0o120777 << 16
    return info


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../x.ipynb", "its name leads out of the zip"),
        ("a/../../x.ipynb", "its name leads out of the zip"),
        ("/x.ipynb", "its name leads out of the zip"),
        ("C:/x.ipynb", "its name leads out of the zip"),
        ("..\\x.ipynb", "its name leads out of the zip"),
        (linked(), "it is a link"),
    ],
    ids=str,
)
def test_an_entry_that_would_do_harm_is_refused_and_others_are_read(tmp_path, name, reason):
    path = archive(tmp_path / "all.zip", (name, b"bad"), ("good/x.ipynb", b"good"))
    read = found(path)
    assert read.pop("good") == b"good"
    assert list(read.values()) == [reason]
    assert [file.name for file in tmp_path.iterdir()] == ["all.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_not_guessed_between(tmp_path):
    path = archive(tmp_path / "all.zip", ("x.ipynb", b"1"), ("x.ipynb", b"2"))
    assert found(path) == {"x": "its folder has 2 notebooks; which one counts is not said"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_last_entry_of_a_name_is_looked_at_too(tmp_path):
    """The first was looked at, and the last was read: 300 MB in one piece, out of 500 bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("x.ipynb", b"1")
        opened.writestr("x.ipynb", bytes(50 << 20), zipfile.ZIP_BZIP2)
    (tmp_path / "ann.zip").write_bytes(file.getvalue())
    read, most = found_within(tmp_path)
    assert read == {"ann": "its folder has 2 notebooks; which one counts is not said"}
    assert most < 20 << 20


def test_an_entry_larger_than_it_says_is_not_unpacked(tmp_path):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x.ipynb", bytes(40 << 20))
    data = bytearray(path.read_bytes())
    honest = (40 << 20).to_bytes(4, "little")
    assert data.count(honest) == 2
    path.write_bytes(bytes(data).replace(honest, (100).to_bytes(4, "little")))
    assert found(path)["x"].startswith("it cannot be unpacked")


def packed(*entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in entries:
            opened.writestr(name, content)
    return file.getvalue()


def test_a_zip_of_many_large_notebooks_is_unpacked_only_so_far(tmp_path):
    bomb = packed(*[(f"{number}.ipynb", bytes(9 << 20)) for number in range(13)])
    (tmp_path / "ann.zip").write_bytes(bomb)
    (tmp_path / "bob.ipynb").write_bytes(b"good")
    read, most = found_within(tmp_path)
    assert read["bob"] == b"good"
    assert read["ann"].startswith("its folder has")
    assert most < 90 << 20


def test_a_zip_of_many_small_notebooks_is_read_only_so_far(tmp_path):
    archive(tmp_path / "ann.zip", *[(f"{number}.ipynb", b"") for number in range(5000)])
    assert found(tmp_path) == {"ann": "its folder has 101 notebooks; which one counts is not said"}


def test_a_zip_of_nothing_but_names_is_not_read_into_objects(tmp_path):
    """200,000 names took a second each time; in the exchange one zip can have many names."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, *[0] * 8, 1, *[0] * 6) + b"x"
    names = entry * 60_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 60_000, 60_000, len(names), 0, 0)
    (tmp_path / "ann.zip").write_bytes(names + end)
    (tmp_path / "bob.ipynb").write_bytes(b"good")
    read, most = found_within(tmp_path)
    assert read == {"ann": "a zip must not hold more than 20000 files", "bob": b"good"}
    assert most < 20 << 20


def test_a_students_thousands_of_files_do_not_close_the_zip_of_a_class(tmp_path, monkeypatch):
    """All were refused for them."""
    theirs = [(f"mal/{number}.txt", b"") for number in range(20_001)]
    archive(tmp_path / "all.zip", ("ann/x.ipynb", b"Ann's"), *theirs, ("mal/x.ipynb", b"M"))
    assert found(tmp_path / "all.zip") == {"ann": b"Ann's", "mal": b"M"}
    monkeypatch.setattr(submissions, "MOST_OF_ALL", 20_002)
    with pytest.raises(
        ValueError,
        match="^the zip holds too many files: give the folder that it unpacks to$",
    ):
        found(tmp_path / "all.zip")


def test_of_a_students_many_zips_only_some_are_opened(tmp_path, monkeypatch):
    folder = tmp_path / "inbound" / "bob+x+2026-11-30 21:59:03.120000 UTC+abc"
    folder.mkdir(parents=True)
    for number in range(300):
        (folder / f"{number}.zip").write_bytes(packed(("x.ipynb", b"")))
    opened = []
    unpacked = submissions._unzipping
    monkeypatch.setattr(submissions, "_unzipping", lambda f: opened.append(f) or unpacked(f))
    (told,) = found(tmp_path, "x").values()
    assert told == "its folder has 101 notebooks; which one counts is not said"
    assert len(opened) == 100


def test_many_who_are_shown_alike_stay_apart(tmp_path):
    for number in range(12):
        name = "".join(chr(1 + (number >> bit & 1)) for bit in range(4))
        (tmp_path / f"ann{name}").mkdir()
        (tmp_path / f"ann{name}" / "x.ipynb").write_bytes(b"x")
    (tmp_path / "ann'2").mkdir()
    (tmp_path / "ann'2" / "x.ipynb").write_bytes(b"x")
    names = [s.name for s in collect(tmp_path)]
    assert len({*names}) == 13
    assert {"ann", "ann'", "ann'1", "ann'2"} < {*names}
    assert max(map(len, names)) < 8


@pytest.mark.parametrize(
    "content", [packed(), packed(("x.txt", b"")), packed(("in.zip", packed(("x.ipynb", b"")))), b""]
)
def test_a_zip_without_a_notebook_ends_in_a_reason(tmp_path, content):
    (tmp_path / "ann.zip").write_bytes(content)
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "x.ipynb").write_bytes(b"good")
    read = found(tmp_path)
    assert read["ann"].startswith(("the zip holds no notebook", "the zip cannot be read"))
    assert read["bob"] == b"good"


def test_a_zip_of_data_beside_a_notebook_does_it_no_harm(tmp_path):
    archive(tmp_path / "Ann_1_assignsubmission_file_data.zip", ("rows.csv", b"1,2"))
    (tmp_path / "Ann_1_assignsubmission_file_x.ipynb").write_bytes(b"good")
    assert found(tmp_path) == {"Ann_1": b"good"}


def test_any_damage_to_a_zip_ends_in_a_reason(tmp_path):
    whole = packed(("a/x.ipynb", b"x" * 300), ("é.ipynb", b"y"), ("z.zip", b"z"))
    rng = np.random.default_rng(0)
    for _ in range(1000):
        data = bytearray(whole[: rng.integers(1, 1 + len(whole))] if rng.random() < 0.2 else whole)
        for _ in range(rng.integers(1, 5)):
            data[rng.integers(len(data))] = rng.integers(256)
        (tmp_path / "ann.zip").write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert all(isinstance(one, (str, bytes)) for one in found(tmp_path).values())


def found_within(folder):
    """Return what is found, and the most memory that it took, in bytes."""
    tracemalloc.start()
    read = found(folder)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return read, most


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_zipfile_would_unpack_in_one_piece_is_not_unpacked(tmp_path, method):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("x.ipynb", bytes(64 << 20))
    honest, small = (64 << 20).to_bytes(4, "little"), (100).to_bytes(4, "little")
    (tmp_path / "ann.zip").write_bytes(file.getvalue().replace(honest, small))
    read, most = found_within(tmp_path)
    assert read == {"ann": "it is packed in a way that is not read: pack it as an ordinary zip"}
    assert most < 16 << 20


def test_a_name_without_an_end_stops_nobody(tmp_path):
    for number in range(20):
        archive(tmp_path / f"ann {number}.zip", ("_1" * 32_000 + "\n.ipynb", b"x"))
    (tmp_path / "bob.ipynb").write_bytes(b"good")
    read = found(tmp_path)
    assert read.pop("bob") == b"good"
    assert set(read.values()) == {"a name in it is longer than 255 characters"}


def test_of_many_notebooks_only_the_one_that_counts_is_read(tmp_path):
    ann = tmp_path / "ann"
    ann.mkdir()
    for number in range(40):
        with (ann / f"{number}.ipynb").open("wb") as file:
            file.truncate(10 << 20)  # costs its owner nothing
    (ann / "timestamp.txt").write_bytes(b"2026-11-30 23:00:00 UTC" + bytes(1 << 20))
    read, most = found_within(tmp_path)
    assert read == {"ann": "its folder has 40 notebooks; which one counts is not said"}
    assert most < 16 << 20


def test_a_folder_that_becomes_a_link_after_it_was_looked_at_is_not_followed(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "x.ipynb").write_bytes(b"the solution")
    for who in ("ann", "mallory"):
        (tmp_path / "in" / who / "work").mkdir(parents=True)
        (tmp_path / "in" / who / "work" / "x.ipynb").write_bytes(who.encode())
    read = {}
    for submission in collect(tmp_path / "in"):
        read[submission.name] = submission.refused or submission.content
        if submission.name == "ann/work":
            os.rename(tmp_path / "in" / "mallory" / "work", tmp_path / "in" / "mallory" / "old")
            os.symlink(tmp_path / "solutions", tmp_path / "in" / "mallory" / "work")
    assert read == {"ann/work": b"ann", "mallory/work": read["mallory/work"]}
    assert read["mallory/work"].startswith(("it is a link", "it cannot be opened"))


def test_who_is_named_with_control_characters_is_shown_without_and_stays_apart(tmp_path):
    for who in ("ann", "ann\x1b[2J", "ann\x9b2J"):
        (tmp_path / who).mkdir()
        (tmp_path / who / "x.ipynb").write_bytes(b"x")
    students = {s.origin.student for s in collect(tmp_path)}
    assert students == {"ann", "ann\\x1b[2J", "ann\\x9b2J"}


def test_folders_in_folders_without_an_end_stop_nobody(tmp_path):
    """A walk in Python 3.11 calls itself for each, and ended with the last that it can."""
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "x.ipynb").write_bytes(b"good")
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("a", dir_fd=here)
        below = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    read = found(tmp_path)
    while (tmp_path / "a" / "a").exists():  # pytest could not remove it either
        os.rename(tmp_path / "a" / "a", tmp_path / "b")
        os.rmdir(tmp_path / "a")
        os.rename(tmp_path / "b", tmp_path / "a")
    assert read.pop("bob") == b"good"
    assert [*read.values()] == ["no notebook was found in the first 50 of folders in folders"]


def test_a_folder_that_is_called_like_the_notebook_in_it_does_it_no_harm(tmp_path):
    for name in ("ann", "bob"):
        (tmp_path / name / "01_networks.ipynb").mkdir(parents=True)
    (tmp_path / "ann" / "01_networks.ipynb" / "01_networks.ipynb").write_bytes(b"Ann's")
    assert list(found(tmp_path, "01_networks").values()) == [b"Ann's", "it is no ordinary file"]


@pytest.mark.parametrize("also", [True, False])
def test_a_folder_that_stays_closed_is_told_unless_its_student_handed_in(
    tmp_path, monkeypatch, also
):
    (tmp_path / "ann" / "own").mkdir(parents=True)
    if also:
        (tmp_path / "ann" / "x.ipynb").write_bytes(b"Ann's")
    opened = os.open

    def closed(path, *told, **how):
        if path == "own":
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *told, **how)

    monkeypatch.setattr(os, "open", closed)
    told = (
        {"ann": b"Ann's"} if also else {"ann/own": "a folder cannot be opened: Permission denied"}
    )
    assert found(tmp_path) == told


def test_what_cannot_even_be_looked_at_stops_nobody(tmp_path, monkeypatch):
    """Its path may be too long, or lead through a folder whose names alone others may read."""
    for name in ("ann", "mal"):
        (tmp_path / name).mkdir()
    (tmp_path / "ann" / "x.ipynb").write_bytes(b"Ann's")
    monkeypatch.chdir(tmp_path / "mal")
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    with socket.socket(socket.AF_UNIX) as here:
        here.bind("x.ipynb")
    ann, mal = found(tmp_path).values()
    assert (ann, mal.partition(":")[0]) == (b"Ann's", "it cannot be opened")


def test_a_students_folder_that_is_a_link_is_told(tmp_path):
    (tmp_path / "in" / "ann").mkdir(parents=True)
    (tmp_path / "in" / "ann" / "x.ipynb").write_bytes(b"Ann's")
    (tmp_path / "in" / "mal").symlink_to("ann")
    (tmp_path / "in" / "zoe.ipynb").symlink_to("ann")
    assert found(tmp_path / "in") == {"ann": b"Ann's", "mal": "it is a link", "zoe": "it is a link"}


def test_a_link_in_the_place_of_a_folder_leads_nowhere(tmp_path, monkeypatch):
    """Whoever owns a folder can put a link there between a look at it and the next step."""
    scanned, times = os.scandir, []

    def scandir(path):
        times.append(path)
        if len(times) == 2:
            (tmp_path / "in" / "mal").rename(tmp_path / "was")
            (tmp_path / "in" / "mal").symlink_to(tmp_path / "others")
        return scanned(path)

    for place in ("in/mal/mine", "others/secret"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "x.ipynb").write_bytes(b"")
    monkeypatch.setattr(os, "scandir", scandir)
    assert "mal/secret" not in found(tmp_path / "in")
    assert len(times) == 2


def test_names_that_are_no_text_in_utf8_stay_apart(tmp_path):
    for name in (b"M\xfcller", b"M\xf6ller"):
        os.mkdir(os.path.join(os.fsencode(tmp_path), name))
        with open(os.path.join(os.fsencode(tmp_path), name, b"x.ipynb"), "wb") as file:
            file.write(name)
    assert found(tmp_path) == {"M\\xfcller": b"M\xfcller", "M\\xf6ller": b"M\xf6ller"}


def windows(*places):
    entries = []
    for place in places:
        info = zipfile.ZipInfo()
        info.filename, info.create_system = place, 0
        entries.append((info, place.encode()))
    return entries


def test_a_zip_with_the_slashes_of_windows_is_read_as_any_other(tmp_path):
    own = ("work\\01_networks.ipynb", "work\\scratch.ipynb")
    both = windows(*(f"class\\{who}\\{place}" for who in ("ann", "bob") for place in own))
    read = found(archive(tmp_path / "all.zip", *both), "01_networks")
    assert set(read) == {"class/ann/work", "class/bob/work"}
    some = windows("ann\\01_networks.ipynb", "bob.ipynb")
    assert set(found(archive(tmp_path / "all.zip", *some))) == {"ann", "bob"}
    (tmp_path / "in").mkdir()
    archive(tmp_path / "in" / "ann.zip", *windows(*own))
    assert found(tmp_path / "in", "01_networks") == {"ann": own[0].encode()}


def test_names_in_utf8_are_read_in_a_zip_that_does_not_say_so(tmp_path):
    """Macs write such zips: who was called so was in no list of the class."""
    path = archive(tmp_path / "all.zip", ("Zo__/x.ipynb", b"1"), ("M.ller/x.ipynb", b"2"))
    content = path.read_bytes().replace(b"Zo__/", "Zoë/".encode())
    path.write_bytes(content.replace(b"M.ller", "Müller".encode("cp437")))
    assert found(path) == {"Zoë": b"1", "Müller": b"2"}


def test_a_zip_beside_what_was_unpacked_from_it_says_the_same_once(tmp_path):
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "x.ipynb").write_bytes(b"same")
    archive(tmp_path / "ann.zip", ("x.ipynb", b"same"))
    assert found(tmp_path) == {"ann": b"same"}
    (tmp_path / "ann" / "x.ipynb").write_bytes(b"other")
    assert found(tmp_path) == {"ann": "its folder has 2 notebooks; which one counts is not said"}


def test_a_notebook_that_is_a_zip_is_no_class(tmp_path):
    path = archive(tmp_path / "mallory.ipynb", ("ann.ipynb", b"1"), ("bob.ipynb", b"2"))
    assert found(path) == {"mallory": path.read_bytes()}


def test_of_a_time_only_its_beginning_is_read(tmp_path):
    """300 times of 10 MB took 12 seconds."""
    place = tmp_path / "submitted" / "ann" / "week"
    place.mkdir(parents=True)
    (place / "x.ipynb").write_bytes(b"1")
    with (place / "timestamp.txt").open("wb") as file:
        file.write(b"2026-11-30 22:59:03 UTC\n".ljust(100))
        file.truncate(11 << 20)
    (one,) = collect(tmp_path, "week")
    assert one.origin.submitted == "2026-11-30T22:59:03+00:00"
    (tmp_path / "all.zip").write_bytes(packed(("a/timestamp.txt", bytes(9 << 20)), ("a/x", b"")))
    _, most = found_within(tmp_path / "all.zip")
    assert most < 2 << 20


def test_a_single_notebook_may_have_a_name_that_is_no_utf8(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"d\xfcr_1_2_x.ipynb")
    with open(path, "wb") as file:
        file.write(b"1")
    (one,) = collect(os.fsdecode(path))
    assert (one.content, one.origin.number, one.origin.reply) == (b"1", "1", "d\\xfcr_1_2_")


def test_a_path_that_is_nothing_is_refused(tmp_path):
    whole = f"`submissions` must be a folder, a zip or a notebook, got '{tmp_path / 'x'}'"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        list(collect(tmp_path / "x"))


def test_answers_are_taken_by_their_id_alone():
    content = notebook(("b", ["x = 1\n", "y = 2"]), ("other", "evil()"), ("a", "z = 3"))
    taken = answers_in(content, ["a", "b", "c"])
    assert taken.answers == {"a": "z = 3", "b": "x = 1\ny = 2"}
    assert taken.notes == ["the cell c is missing"]


def test_cells_with_one_id_are_taken_in_their_order_and_that_is_told():
    """One of them, an import, stood before and behind another, and ran behind it alone."""
    taken = answers_in(notebook(("a", "old"), ("b", "x"), ("a", "new"), ("a", "old")), ["a", "b"])
    assert taken.cells == {"a": ["old", "new", "old"], "b": ["x"]}
    assert taken.answers == {"a": "old\n\nnew\n\nold", "b": "x"}
    assert taken.notes == [
        "several cells say that they are a: they run in their order, the last 20 at most"
    ]
    many = answers_in(notebook(*[("a", str(k)) for k in range(1000)]), ["a"])
    assert many.cells == {"a": [str(k) for k in range(980, 1000)]}


def test_the_same_cell_twice_is_no_news():
    assert answers_in(notebook(("a", "x"), ("a", "x")), ["a"]).notes == []


@pytest.mark.parametrize("loss", ["NaN", "9" * 5000], ids=["NaN", "5,000 digits"])
def test_a_loss_that_became_nan_or_huge_costs_nobody_their_answers(loss):
    """Outputs hold both; strict JSON has no NaN, and Python reads no such whole number."""
    content = notebook(("a", "x = 1"), metadata={"loss": "?"}).replace(b'"?"', loss.encode())
    assert loss.encode() in content
    assert answers_in(content, ["a"]).answers == {"a": "x = 1"}


def test_a_byte_order_mark_does_no_harm():
    assert answers_in(b"\xef\xbb\xbf" + notebook(("a", "x")), ["a"]).answers == {"a": "x"}


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\u202eevil", "a\x00b", "x" * 5000, "\ud800", "\u2028"]
)
def test_what_is_shown_is_one_short_line_without_control(text):
    assert plain(text).isprintable()
    assert visible(text).replace("\u2028", "").isprintable()
    assert len(plain(text)) <= 300


@pytest.mark.parametrize("called", ["x.{}", "x{}.ipynb/more"])
def test_of_a_students_many_other_files_few_are_looked_at(tmp_path, monkeypatch, called):
    seen = []
    sort = submissions.groups

    def spied(files, *told):
        seen.append(len(files))
        return sort(files, *told)

    monkeypatch.setattr(submissions, "groups", spied)
    places = [f"Ann_1_assignsubmission_file_/{called.format(number)}" for number in range(300)]
    for place in [*places, "Bob_2_assignsubmission_file_/x.ipynb"]:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    assert list(found(tmp_path)) == ["Bob_2", "Ann_1"]
    assert max(seen) < 210
