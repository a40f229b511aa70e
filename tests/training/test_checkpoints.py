"""Checkpoint files: what is read is what was written, or it is refused."""

import io
import os
import re
import stat
import struct
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from deeplearn_utils.training import checkpoints, load_checkpoint, save_checkpoint
from tests.training.test_training import run
from tests.wrong_inputs import no_path

DAMAGED = (
    "is damaged or no checkpoint of this book: its bytes don't fit the digest at its end; "
    "use an older copy"
)


@pytest.fixture(scope="module")
def records():
    """Give the records of one run; nothing changes them."""
    return run()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.npz"


def assert_refused(path):
    with pytest.raises(ValueError, match=f"^{re.escape(f'`{path}` {DAMAGED}')}$"):
        load_checkpoint(path)


def test_all_of_a_record_comes_back(records, path):
    save_checkpoint(records[1], path)
    loaded = load_checkpoint(path)
    assert (loaded.epoch, loaded.step) == (records[1].epoch, records[1].step)
    assert loaded.position == records[1].position
    assert loaded.state_type == "AdamState"
    for ours, theirs in zip(
        (loaded.theta, *loaded.state), (records[1].theta, *records[1].state), strict=True
    ):
        assert np.asarray(ours).dtype == np.asarray(theirs).dtype
        np.testing.assert_array_equal(ours, theirs)


def test_numpy_reads_it_as_an_archive(records, path):
    save_checkpoint(records[1], path)
    with np.load(path) as archive:
        assert archive.files == ["theta", "meta", "state_0", "state_1", "state_2"]
        np.testing.assert_array_equal(archive["theta"], records[1].theta)


def rezipped(whole, change):
    """Return the archive with its members changed, and its comment kept."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        comment = archive.comment
        members = {name: archive.read(name) for name in archive.namelist()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in change(members):
            archive.writestr(name, content)
        archive.comment = comment
    return written.getvalue()


def flipped(whole, rng):
    place, bit = rng.integers(len(whole)), rng.integers(8)
    return whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :]


def overwritten(whole, rng):
    place = rng.integers(len(whole) - 8)
    return whole[:place] + rng.bytes(8) + whole[place + 8 :]


def cut(whole, rng):
    return whole[: rng.integers(len(whole))]


def extended(whole, rng):
    return whole + rng.bytes(rng.integers(1, 200))


def cut_out(whole, rng):
    start, length = rng.integers(len(whole) - 50), rng.integers(1, 50)
    return whole[:start] + whole[start + length :]


def doubled(whole, rng):
    start, length = rng.integers(len(whole) - 50), rng.integers(1, 50)
    return whole[: start + length] + whole[start:]


def without_a_member(whole, rng):
    def fewer(members):
        del members[rng.choice(list(members))]
        return members.items()

    return rezipped(whole, fewer)


def with_two_members_swapped(whole, rng):
    def swapped(members):
        first, second = rng.choice(["theta.npy", "state_1.npy", "state_2.npy"], 2, replace=False)
        members[first], members[second] = members[second], members[first]
        return members.items()

    return rezipped(whole, swapped)


def with_a_member_twice(whole, rng):
    extra = ("theta.npy", npy(rng.normal(size=43)))
    return rezipped(whole, lambda members: [*members.items(), extra])


def with_another_dtype(whole, rng):
    return whole.replace(b"'<f8'", rng.choice([b"'<i8'", b"'>f8'", b"'<u8'"]), 1)


def with_other_metadata(whole, rng):
    start = whole.find("epoch".encode("utf-32-le"))
    letter = start + 4 * int(rng.integers(100))
    return whole[:letter] + struct.pack("<I", rng.integers(48, 58)) + whole[letter + 4 :]


def with_another_runs_digest(whole, rng):
    return whole[:-64] + rng.bytes(32).hex().encode()


def npy(array):
    written = io.BytesIO()
    np.save(written, array)
    return written.getvalue()


DAMAGES = [
    *(flipped, overwritten, cut, extended, cut_out, doubled, without_a_member),
    *(with_two_members_swapped, with_a_member_twice, with_another_dtype, with_other_metadata),
    with_another_runs_digest,
]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damaged_checkpoints_are_refused(records, path, damage):
    save_checkpoint(records[1], path)
    whole, rng = path.read_bytes(), np.random.default_rng(9)
    n = 0
    while n < 30:
        damaged = damage(whole, rng)
        if damaged == whole:
            continue
        n += 1
        path.write_bytes(damaged)
        assert_refused(path)


def test_every_place_of_a_file_counts(records, path):
    save_checkpoint(records[1], path)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        assert_refused(path)


def with_content(content):
    return lambda path: path.write_bytes(content)


FOREIGN = {
    "nothing": with_content(b""),
    "text": with_content(b"theta = 1"),
    "long text": with_content(b"theta = 1\n" * 50),
    "pickle": with_content(b"\x80\x04K\x01."),
    "one array": with_content(npy(np.ones(3))),
    "other arrays": lambda path: np.savez(path, X=np.ones(3)),
    "objects": lambda path: np.savez(path, meta=np.array([{}], dtype=object)),
    "a checkpoint without a digest": lambda path: np.savez(
        path, theta=np.ones(3), meta='{"epoch": 1, "step": 1, "position": {}}', state_0=np.array(1)
    ),
    "a zip file": lambda path: zipfile.ZipFile(path, "w").close(),
}


@pytest.mark.parametrize("write", FOREIGN.values(), ids=FOREIGN)
def test_foreign_files_are_refused(write, path):
    write(path)
    assert_refused(path)


def huge():
    written, told = io.BytesIO(), {"descr": "<f8", "fortran_order": False, "shape": (10**15,)}
    np.lib.format.write_array_header_1_0(written, told)
    return written.getvalue()


META = '{"epoch": 1, "step": 1, "state_type": "AdamState", "position": {}}'
SEALED_ANEW = {  # what somebody with intent, or a program of another age, could write
    "a header that asks for terabytes": ({"theta.npy": huge()}, {}),
    "no theta": ({"theta.npy": None}, {}),
    "no metadata": ({"meta.npy": None}, {}),
    "a part that is missed": ({"state_0.npy": None}, {}),
    "a part more": ({"other.npy": npy(np.ones(1))}, {}),
    "a part of another name": ({"state_0.npy": None, "state_00.npy": npy(np.ones(1))}, {}),
    "metadata that are no JSON": ({"meta.npy": npy(np.array("{"))}, {}),
    "metadata that miss a key": ({"meta.npy": npy(np.array('{"epoch": 1}'))}, {}),
    "metadata with a key more": ({"meta.npy": npy(np.array(META[:-1] + ', "x": 1}'))}, {}),
    "metadata that are a list": ({"meta.npy": npy(np.array("[]"))}, {}),
    "metadata nested too deeply": ({"meta.npy": npy(np.array("[" * 9**5))}, {}),
    "packed numbers": ({}, {"compress_type": zipfile.ZIP_DEFLATED}),
}


@pytest.mark.parametrize("name", SEALED_ANEW)
def test_what_is_sealed_anew_is_no_checkpoint_yet(name, path):
    changes, options = SEALED_ANEW[name]
    parts = {"theta.npy": npy(np.ones(1)), "meta.npy": npy(np.array(META))}
    parts |= {f"state_{i}.npy": npy(np.ones(1)) for i in range(2)} | changes
    with path.open("xb+") as file:
        with zipfile.ZipFile(file, "w") as archive:
            for part, content in parts.items():
                if content is not None:
                    archive.writestr(part, content, **options)
        checkpoints._seal(file)
    message = re.escape(f"`{path}` is whole, but no checkpoint of this book (")
    with pytest.raises(ValueError, match=rf"^{message}[^\n]+\)$"):
        load_checkpoint(path)


def test_an_interrupted_save_leaves_the_old_file_whole(records, path, monkeypatch):
    old, new = records[1:3]
    save_checkpoint(old, path)
    before = path.read_bytes()

    def half_a_save(file, **arrays):
        file.write(b"PK half of")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", half_a_save)
        with pytest.raises(KeyboardInterrupt):
            save_checkpoint(new, path)
    with monkeypatch.context() as patch:
        patch.setattr(
            os, "replace", lambda *names: (_ for _ in ()).throw(OSError("the disk is full"))
        )
        with pytest.raises(OSError, match="^the disk is full$"):
            save_checkpoint(new, path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["run.npz"]
    save_checkpoint(new, path)
    assert load_checkpoint(path).step == new.step


def test_a_missing_file_and_a_missing_folder(records, tmp_path):
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError):
        save_checkpoint(records[0], tmp_path / "none" / "run.npz")


@pytest.mark.parametrize("wrong", [None, 3])
def test_what_is_no_path_is_named(records, wrong):
    with pytest.raises(TypeError, match=no_path(wrong, "path")):
        load_checkpoint(wrong)
    with pytest.raises(TypeError, match=no_path(wrong, "path")):
        save_checkpoint(records[0], wrong)


@pytest.mark.parametrize(("wrong", "got"), [(None, "NoneType"), ([], "list")])
def test_what_is_no_record_is_named(path, wrong, got):
    message = f"`record` must be a Record, one of those that train yields, got {got}"
    with pytest.raises(TypeError, match=f"^{message}$"):
        save_checkpoint(wrong, path)


@pytest.mark.skipif(os.name != "posix", reason="other systems have no umask")
@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_the_umask_says_who_may_read_it(records, path, umask):
    before = os.umask(umask)
    try:
        save_checkpoint(records[0], path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize(
    ("state", "got"),
    [
        ({"m": 1}, "dict"),
        (None, "NoneType"),
        (("a",), "tuple(str)"),
        ((0, [1.0]), "tuple(int, list)"),
        ((0, np.array([1, None])), "tuple(int, ndarray of objects)"),
        ((2**80,), "tuple(int)"),
    ],
)
def test_a_state_that_no_file_can_hold(records, path, state, got):
    record = SimpleNamespace(**{**vars(records[1]), "state": state})
    message = f"`record.state` must be a tuple of arrays and numbers to be saved, got {got}"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        save_checkpoint(record, path)
    assert not path.exists()
