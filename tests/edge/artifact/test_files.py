"""Artifact files: what is loaded is what was saved, or it is refused with the reason."""

import io
import os
import re
import stat
import zipfile

import numpy as np
import pytest

from deeplearn_utils.edge import ModelError, artifact
from deeplearn_utils.edge.npy import to_npy
from tests.edge.artifact.lines import NETWORK, a_link, packed, parts_of, sealed, zipped


@pytest.fixture(scope="module")
def one():
    return packed(0)


@pytest.fixture(scope="module")
def other():
    return packed(1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "moons.zip"


def refused(path, message, **options):
    """Assert that a file is refused with this message, after its name."""
    with pytest.raises(ModelError, match=f"^{re.escape(f'`{path}` {message}')}$"):
        artifact.load(path, **options)


# What comes back


def test_all_comes_back(one, path):
    digest = artifact.save(one, path)
    loaded = artifact.load(path, digest=digest)
    assert artifact.digest(loaded) == artifact.digest(one) == digest
    assert loaded.model == one.model
    for name in ("name", "format", "classes", "tolerance", "versions"):
        assert getattr(loaded, name) == getattr(one, name)
    for name in ("golden_inputs", "golden_outputs"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(one, name), strict=True)
    np.testing.assert_array_equal(loaded.scaler.mean, one.scaler.mean, strict=True)
    np.testing.assert_array_equal(loaded.scaler.scale, one.scaler.scale, strict=True)
    assert loaded.input.to_json() == one.input.to_json()
    assert loaded.output.to_json() == one.output.to_json()


def test_a_zip_program_reads_it(one, path):
    artifact.save(one, path)
    parts = parts_of(path)
    assert list(parts) == [
        *("artifact.json", "model/network.json", "model/theta.npy"),
        *("preprocessing.json", "golden_inputs.npy", "golden_outputs.npy"),
    ]
    theta = np.load(io.BytesIO(parts["model/theta.npy"]))
    X = (one.golden_inputs - one.scaler.mean) / one.scaler.scale
    np.testing.assert_allclose(NETWORK.forward(theta, X), one.golden_outputs, rtol=1e-12)


def test_equal_artifacts_make_equal_files(one, tmp_path):
    digests = {artifact.save(x, tmp_path / n) for n, x in (("a", one), ("b", packed(0)))}
    assert len(digests) == 1
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"name": "suns"},
        {"high": 17},
        {"low": None},
        {"scaler": None},
        {"classes": ("lower", "upper")},
        {"tolerance": 1e-3},
        {"versions": {}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_stands_for_everything(change, one):
    assert artifact.digest(packed(**change)) != artifact.digest(one)


def test_a_folder_inside_the_model_comes_back(one, path):
    model = {"saved_model.pb": b"graph", "variables/variables.index": b"index"}
    fields = {name: getattr(one, name) for name in one.__dataclass_fields__}
    artifact.save(artifact.Artifact(**fields | {"model": model, "format": "savedmodel"}), path)
    assert artifact.load(path).model == model


# Nothing is lost


def test_a_save_that_fails_leaves_the_older_file(one, other, path, monkeypatch):
    artifact.save(one, path)
    before = path.read_bytes()

    def fails(source, target):
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fails)
        with pytest.raises(OSError, match=r"^no space left$"):
            artifact.save(other, path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_what_is_no_artifact_is_not_saved(one, path):
    artifact.save(one, path)
    with pytest.raises(TypeError, match=r"^`artifact` must be an Artifact, got dict$"):
        artifact.save({}, path)
    assert artifact.digest(artifact.load(path)) == artifact.digest(one)


def test_a_file_of_the_usual_permissions(one, path):
    mask = os.umask(0)
    os.umask(mask)
    artifact.save(one, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


# Files of another kind


def test_a_missing_file(path):
    with pytest.raises(FileNotFoundError):
        artifact.load(path)


def test_an_empty_file(path):
    path.touch()
    refused(path, "is empty: 0 bytes; use a fresh copy")


def test_a_folder(tmp_path):
    refused(tmp_path, "is a folder, not an artifact, which is one file")


def test_a_device():
    refused("/dev/zero", "is a device or a pipe, not an artifact, which is one file")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\x1c\x00\x00\x00TFL3rest", "it is a bare LiteRT model (.tflite)"),
        (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file, such as Keras weights (.weights.h5)"),
        (b"\x80\x04\x95", "it is a pickle, which nobody should load who doesn't know its author"),
        (b"hello", "it begins with b'hell'"),
    ],
)
def test_another_kind_of_file(path, content, found):
    path.write_bytes(content)
    refused(path, f"is no artifact of this book: {found}")


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"metadata.json": b"{}", "config.json": b"{}"}, "it is a Keras model (.keras)"),
        ({"digits/data.pkl": b""}, "it is a PyTorch file (.pt)"),
        ({"theta.npy": b""}, "it is a NumPy archive (.npz), such as a checkpoint"),
        ({"notes.txt": b"hello"}, "a zip without artifact.json"),
        (
            {"artifact.json": b'{"kind": "a painting"}'},
            "its artifact.json is another program's",
        ),
    ],
)
def test_another_kind_of_zip(path, parts, found):
    path.write_bytes(zipped(parts.items()))
    refused(path, f"is no artifact of this book: {found}")


# Damage


def test_a_cut_file(one, path):
    artifact.save(one, path)
    whole = path.read_bytes()
    for length in (len(whole) - 1, len(whole) // 2, 10):
        path.write_bytes(whole[:length])
        refused(
            path,
            f"is cut off: it ends after {length} bytes, before its table of contents does; "
            "copy or download it again",
        )


def test_an_altered_byte(one, path):
    artifact.save(one, path)
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("model/theta.npy")
    whole[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 4
    path.write_bytes(whole)
    with pytest.raises(ModelError) as caught:
        artifact.load(path)
    assert str(caught.value).startswith(
        f"`{path}` is altered: the bytes of 'model/theta.npy' don't"
    )


def test_bytes_after_the_end_and_before_the_beginning(one, other, path):
    artifact.save(one, path)
    first = path.read_bytes()
    path.write_bytes(first + b"more")
    refused(path, "is altered: 4 bytes follow its end; use a fresh copy")
    artifact.save(other, path)
    path.write_bytes(first + path.read_bytes())
    refused(
        path,
        f"is altered: {len(first)} bytes stand before its first part, as if two files had been "
        "joined; use a fresh copy",
    )


def damaged(rng, whole, foreign):
    """Damage a file in one of six ways."""
    kind, n = rng.integers(6), len(whole)
    at = int(rng.integers(n))
    span = int(rng.integers(1, 64))
    if kind == 0:
        return whole[:at]
    if kind == 1:
        return whole[:at] + bytes([whole[at] ^ 1 << int(rng.integers(8))]) + whole[at + 1 :]
    if kind == 2:
        return whole[:at] + rng.bytes(span) + whole[at + span :]
    if kind == 3:
        return whole[:at] + whole[at + span :]
    if kind == 4:
        return whole[:at] + foreign[at : at + span] + whole[at + span :]
    start = int(rng.integers(n))
    return whole[:at] + whole[start : start + span] + whole[at:]


def test_three_hundred_damaged_files_are_refused_or_equal(one, other, path):
    artifact.save(other, path)
    foreign = path.read_bytes()
    digest = artifact.save(one, path)
    whole = path.read_bytes()
    refusals = []
    for seed in range(300):
        path.write_bytes(damaged(np.random.default_rng(seed), whole, foreign))
        try:
            assert artifact.digest(artifact.load(path)) == digest
        except ModelError as error:
            refusals.append(str(error))
    assert len(refusals) > 250  # dates and flags that no reader looks at may change
    assert all(refusal.startswith(f"`{path}` ") for refusal in refusals)


def test_every_bit_of_artifact_json_counts(one, path):
    artifact.save(one, path)
    parts = parts_of(path)
    text = parts["artifact.json"]
    for place in range(0, 8 * len(text), 61):
        changed = bytearray(text)
        changed[place // 8] ^= 1 << place % 8
        path.write_bytes(zipped((parts | {"artifact.json": bytes(changed)}).items()))
        with pytest.raises(ModelError):
            artifact.load(path)


# Parts that don't belong together


def test_packed_again_by_another_program(one, path):
    artifact.save(one, path)
    path.write_bytes(zipped(reversed(parts_of(path).items()), comment=b"packed again"))
    assert artifact.digest(artifact.load(path)) == artifact.digest(one)


@pytest.mark.parametrize("name", ["model/theta.npy", "preprocessing.json", "golden_inputs.npy"])
def test_a_missing_part(one, path, name):
    artifact.save(one, path)
    parts = parts_of(path)
    del parts[name]
    path.write_bytes(zipped(parts.items()))
    refused(path, f"misses the part {name!r}; use a fresh copy")


def test_a_part_that_the_manifest_never_had(one, path):
    artifact.save(one, path)
    parts = parts_of(path)
    del parts["golden_outputs.npy"]
    path.write_bytes(zipped(sealed(parts).items()))
    refused(path, "misses the part 'golden_outputs.npy'; use a fresh copy")


@pytest.mark.parametrize(
    "name", ["model/theta.npy", "preprocessing.json", "golden_inputs.npy", "golden_outputs.npy"]
)
def test_a_part_of_another_artifact(one, other, path, name):
    artifact.save(other, path)
    foreign = parts_of(path)[name]
    artifact.save(one, path)
    path.write_bytes(zipped((parts_of(path) | {name: foreign}).items()))
    with pytest.raises(ModelError) as caught:
        artifact.load(path)
    assert re.fullmatch(
        re.escape(f"`{path}` is mixed: {name!r} is whole, but not the part that was saved (its ")
        + r"SHA-256 begins with [0-9a-f]{12}\); parts of two artifacts were joined, or it was "
        "edited",
        str(caught.value),
    )


def test_a_part_too_many(one, path):
    artifact.save(one, path)
    path.write_bytes(zipped((parts_of(path) | {"model/other.tflite": b"TFL3"}).items()))
    refused(
        path,
        "holds 'model/other.tflite', which its artifact.json does not list: parts of two artifacts "
        "are mixed",
    )


def test_another_digest_than_was_told(one, other, path):
    found, expected = artifact.save(one, path), artifact.digest(other)
    refused(
        path,
        f"is whole, but another artifact: its digest is {found}, expected {expected}",
        digest=expected,
    )


def test_another_version_of_the_format(one, path):
    artifact.save(one, path)
    path.write_bytes(zipped(sealed(parts_of(path), version=2).items()))
    refused(
        path,
        "is written in version 2 of the format, this program reads version 1; use a program of the "
        "same age, or pack the model again",
    )


def test_an_edited_contract(one, path):
    artifact.save(one, path)
    parts = parts_of(path)
    text = parts["artifact.json"].replace(b'"high": 16.0', b'"high": 99.0')
    assert text != parts["artifact.json"]
    path.write_bytes(zipped((parts | {"artifact.json": text}).items()))
    refused(
        path,
        "is altered: artifact.json does not fit its own SHA-256; change nothing by hand, pack the "
        "model again",
    )


# Contracts that contradict the parts, with all hashes right


def test_a_wrong_shape(one, path):
    artifact.save(one, path)
    parts = parts_of(path) | {"golden_inputs.npy": to_npy(one.golden_inputs[:, :2])}
    path.write_bytes(zipped(sealed(parts).items()))
    refused(
        path,
        "breaks its own contract: `golden_inputs` must have shape (n, 3), got (5, 2)",
    )


def test_a_wrong_dtype(one, path):
    artifact.save(one, path)
    parts = parts_of(path) | {"golden_inputs.npy": to_npy(one.golden_inputs.astype("float32"))}
    path.write_bytes(zipped(sealed(parts).items()))
    refused(
        path,
        "breaks its own contract: `golden_inputs` must have dtype float64, got float32; "
        'try golden_inputs.astype("float64")',
    )


def test_numbers_out_of_range_or_not_finite(one, path):
    artifact.save(one, path)
    whole = parts_of(path)
    for value, message in (
        (17.0, "`golden_inputs` must lie within [0.0, 16.0], got 17.0 in row 1, column 2"),
        (np.nan, "`golden_inputs` must be finite, got 1 NaN, the first in row 1, column 2"),
    ):
        inputs = one.golden_inputs.copy()
        inputs[1, 2] = value
        parts = whole | {"golden_inputs.npy": to_npy(inputs)}
        path.write_bytes(zipped(sealed(parts).items()))
        refused(path, f"breaks its own contract: {message}")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (
            b"{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999, 3)}",
            "an array of shape (999999999999, 3) and dtype float64 takes 23999999999976 bytes, "
            "got 4",
        ),
        (
            b"{'descr': '<f8', 'fortran_order': True, 'shape': (1,)}",
            "an array must hold numbers, row by row, got float64",
        ),
        (b"{'descr': '<f8'", "an array's header can't be read: ('EOF in multi-line statement', "),
        (b"{}", "an array's header can't be read: Header does not contain the correct keys: []"),
    ],
)
def test_an_array_with_a_false_header(one, path, header, reason):
    artifact.save(one, path)
    length = (len(header) + 1).to_bytes(2, "little")
    false = b"".join([b"\x93NUMPY\x01\x00", length, header, b"\n", b"rest"])
    path.write_bytes(zipped(sealed(parts_of(path) | {"golden_inputs.npy": false}).items()))
    with pytest.raises(ModelError) as caught:
        artifact.load(path)
    assert str(caught.value).startswith(f"`{path}` breaks its own contract: {reason}")


def test_objects_are_never_unpickled(one, path):
    artifact.save(one, path)
    stream = io.BytesIO()
    np.save(stream, np.array([print], dtype=object), allow_pickle=True)
    parts = parts_of(path) | {"golden_inputs.npy": stream.getvalue()}
    path.write_bytes(zipped(sealed(parts).items()))
    refused(
        path,
        "breaks its own contract: an array must hold numbers, row by row, got object",
    )


def preprocessing(scaler, classes=b"[]"):
    return b'{"scaler": %b, "target_scaler": null, "classes": %b}' % (scaler, classes)


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b'{"scaler": null, "target_scaler": null}',
        preprocessing(b'{"mean": [1, 2, NaN], "scale": [1, 1, 1]}'),
        preprocessing(b'{"mean": [1, 2], "scale": [1, 1]}'),
        preprocessing(b'{"mean": [1, 2, 3], "scale": [1, 0, 1]}'),
        preprocessing(b"7"),
        preprocessing(b"null", b'["one"]'),
        preprocessing(b"null", b'"no"'),
        b"\xff",
        b"{",
    ],
)
def test_preprocessing_that_makes_no_sense(one, path, text):
    artifact.save(one, path)
    path.write_bytes(zipped(sealed(parts_of(path) | {"preprocessing.json": text}).items()))
    with pytest.raises(ModelError) as caught:
        artifact.load(path)
    assert str(caught.value).startswith(f"`{path}` breaks its own contract: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"input": 7},
        {"input": {"shape": [3]}},
        {"input": {"shape": ["3"], "dtype": "float64", "low": None, "high": None}},
        {"output": {"shape": [2], "dtype": "object", "low": None, "high": None}},
        {"tolerance": "much"},
        {"tolerance": -1},
        {"name": ""},
        {"format": None},
    ],
    ids=str,
)
def test_a_contract_that_makes_no_sense(one, path, changes):
    artifact.save(one, path)
    path.write_bytes(zipped(sealed(parts_of(path), **changes).items()))
    with pytest.raises(ModelError) as caught:
        artifact.load(path)
    assert str(caught.value).startswith(f"`{path}` breaks its own contract: ")


# Archives that mean harm


def test_a_zip_that_unfolds_without_end(one, path):
    artifact.save(one, path)
    parts = parts_of(path)
    path.write_bytes(zipped([*parts.items(), ("model/zeros", bytes(10**6))]))
    unfolded = sum(map(len, parts.values())) + 10**6
    assert path.stat().st_size < 10**4
    refused(
        path,
        f"unfolds too far: {len(parts) + 1} parts claim {unfolded} bytes, more than the 100000 "
        "that are read; if you trust it, allow more with `most_bytes`",
        most_bytes=10**5,
    )


def test_a_zip_that_hides_how_far_it_unfolds(one, path):
    """Its table says 1,000 bytes, and the packed ones go on for a million."""
    artifact.save(one, path)
    content = zipped([*parts_of(path).items(), ("model/zeros", bytes(10**6))])
    size = (10**6).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (10**3).to_bytes(4, "little")))
    with pytest.raises(ModelError) as caught:
        artifact.load(path, most_bytes=10**5)
    assert str(caught.value).startswith(
        f"`{path}` is altered: the bytes of 'model/zeros' don't unpack"
    )


def test_a_file_that_is_too_large_is_not_even_read(one, path):
    artifact.save(one, path)
    size = path.stat().st_size
    refused(
        path,
        f"unfolds too far: the file has {size} bytes, more than the 100 that are read; "
        "if you trust it, allow more with `most_bytes`",
        most_bytes=100,
    )


@pytest.mark.parametrize(
    "name", ["../theta.npy", "/etc/passwd", "model/../../x", "model\\x", "C:x", "model/", "a\nb"]
)
def test_a_name_that_leads_out_of_the_folder(one, path, name):
    artifact.save(one, path)
    path.write_bytes(zipped([*parts_of(path).items(), (name, b"")]))
    refused(path, f"holds a part named {name!r}, which may lead out of its folder")


@pytest.mark.parametrize("second", ["model/theta.npy", "model/Theta.npy"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_there_twice(one, path, second):
    artifact.save(one, path)
    path.write_bytes(zipped([*parts_of(path).items(), (second, b"other")]))
    first = min(second, "model/theta.npy")
    refused(path, f"holds the part {first!r} twice: which one is meant?")


def test_a_link(one, path):
    artifact.save(one, path)
    path.write_bytes(zipped([*parts_of(path).items(), (a_link("model/x"), b"/etc/passwd")]))
    refused(path, "holds 'model/x', which is a link or no file")


def test_a_locked_part(one, path):
    artifact.save(one, path)
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1  # the flag of a part that a password locks
    content[6] |= 1
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        artifact.load(path)
    assert str(caught.value).startswith(f"`{path}` is altered: the bytes of 'artifact.json' don't")


def test_another_way_of_packing(one, path):
    artifact.save(one, path)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in parts_of(path).items():
            archive.writestr(name, content)
    path.write_bytes(stream.getvalue())
    refused(path, "is altered: 'artifact.json' is packed in another way")


def test_a_json_text_as_deep_as_the_sea(one, path):
    artifact.save(one, path)
    deep = parts_of(path) | {"artifact.json": b"[" * 10**5}
    path.write_bytes(zipped(deep.items()))
    with pytest.raises(ModelError) as caught:
        artifact.load(path)
    assert str(caught.value).startswith(f"`{path}` is altered: artifact.json is no JSON text")
