"""Damaged files give a message, and never run anything."""

import json
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deeplearn_utils.challenges import CHALLENGES, Refused, Unreadable, check, own_entry
from deeplearn_utils.challenges.files import LARGEST, read_array, read_json, seed_of
from tests.wrong_inputs import no_path, whole

JSONS = [name for name in CHALLENGES if own_entry(name).suffix == ".json"]
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read_or_message(name, path):
    """Return what was read, or the message of the two errors that an entry may end with."""
    try:
        return CHALLENGES[name].read(path)
    except (Unreadable, Refused) as error:
        return str(error)


def unsound(path, reason):
    return f"{path}: is no sound .npz file ({reason}); write it with np.savez_compressed"


def message(error, path):
    return str(error.value).replace(str(path), "FILE")


@pytest.mark.parametrize("name", CHALLENGES)
def test_a_missing_file_is_told(name, tmp_path):
    path = tmp_path / "none"
    with pytest.raises(Unreadable) as error:
        check(name, path)
    told = "FILE: cannot be opened (No such file or directory); is the name right?"
    assert message(error, path) == told


def test_a_folder_is_no_entry(tmp_path):
    told = f"{tmp_path}: cannot be opened (Is a directory); is the name right?"
    with pytest.raises(Unreadable, match=whole(told)):
        check("fewest", tmp_path)


@pytest.mark.parametrize("wrong", [None, 3, ["mine.json"]])
def test_what_is_no_path_is_named(wrong):
    with pytest.raises(TypeError, match=no_path(wrong, "file")):
        check("fewest", wrong)


def test_an_unknown_challenge_is_told(tmp_path):
    told = "`name` must be one of 'smallest', 'fewest', 'backward', 'damage', got 'least'"
    with pytest.raises(ValueError, match=whole(told)):
        check("least", tmp_path)
    with pytest.raises(ValueError, match=whole(told)):
        own_entry("least")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no JSON (Expecting value: line 1 column 1 (char 0))"),
        (b"\xff\xfe", "is no JSON ('utf-8' codec can't decode byte 0xff in position 0: invalid"),
        (b'{"a": NaN}', "is no JSON (NaN is no number in JSON)"),
        (b'{"a": 1, "a": 2}', "is no JSON ('a' stands there twice)"),
        (b"[" * 100_000, "is no JSON (nested too deeply)"),
        (b"[1]", 'must hold one object such as {"hidden": [16]}, got a list'),
        (b" " * (LARGEST + 1), "is larger than 1,000,000 bytes; an entry is a small file"),
    ],
)
def test_what_is_no_json_is_told(content, told, tmp_path):
    path = tmp_path / "entry.json"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as error:
        read_json(path)
    assert message(error, path).startswith(f"FILE: {told}")


@pytest.mark.parametrize("name", JSONS)
@FEW
@given(data=st.data())
def test_a_damaged_recipe_is_read_or_told(name, data, tmp_path):
    content = bytearray(own_entry(name).read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "entry.json"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    assert isinstance(read_or_message(name, path), (dict, str))


@FEW
@given(data=st.data())
def test_a_damaged_array_is_read_or_told(data, tmp_path):
    content = bytearray(own_entry("damage").read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "entry.npz"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    found = read_or_message("damage", path)
    assert isinstance(found, str) or found.shape == (359, 64)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("it was unpickled",))


def test_nothing_is_unpickled(tmp_path):
    path = tmp_path / "entry.npz"
    np.savez(path, moved=np.array([Bomb()], dtype=object))
    told = "`moved` must hold real numbers, got object; nothing is unpickled"
    with pytest.raises(Refused, match=whole(told)):
        read_array(path, "moved", (1,))
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(Unreadable, match=whole(unsound(path, "File is not a zip file"))):
        read_array(path, "moved", (1,))


def test_a_header_that_promises_more_is_refused_before_room_is_made(tmp_path):
    path = tmp_path / "entry.npz"
    np.savez(path, moved=np.zeros((2, 3)))
    with zipfile.ZipFile(path) as archive:
        content = archive.read("moved.npy")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("moved.npy", content.replace(b"(2, 3)", b"(2, 3000000000)"))
    told = "`moved` must have shape (2, 3), got (2, 3000000000)"
    with pytest.raises(Refused, match=whole(told)):
        read_array(path, "moved", (2, 3))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("moved.npy", content[:-1])
    told = unsound(path, "48 bytes of numbers belong there")
    with pytest.raises(Unreadable, match=whole(told)):
        read_array(path, "moved", (2, 3))


def test_arrays_come_back_as_they_were_saved(tmp_path):
    path = tmp_path / "entry.npz"
    for values in (np.arange(6.0).reshape(2, 3), np.asfortranarray(np.eye(2, 3, dtype="float32"))):
        np.savez_compressed(path, moved=values)
        np.testing.assert_array_equal(read_array(path, "moved", (2, 3)), values)
    np.savez(path, other=np.zeros(1), moved=np.zeros(1))
    told = "the file must hold one array, named 'moved', got ['other', 'moved']"
    with pytest.raises(Refused, match=whole(told)):
        read_array(path, "moved", (1,))


def test_the_seed_is_that_of_the_content():
    entry = json.loads(own_entry("smallest").read_text())
    assert seed_of(entry) == seed_of(dict(reversed(entry.items())))
    assert seed_of(entry) != seed_of(entry | {"epochs": 61})


def test_headers_of_any_length_are_not_read(tmp_path):
    path = tmp_path / "entry.npz"
    with zipfile.ZipFile(path, "w") as archive, archive.open("moved.npy", "w") as member:
        np.lib.format.write_array(member, np.zeros(1), version=(2, 0))
    told = unsound(path, "format (2, 0) of .npy is not read here")
    with pytest.raises(Unreadable, match=whole(told)):
        read_array(path, "moved", (1,))
