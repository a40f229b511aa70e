"""Files damaged at random: an error that says so or the same answers, and never a crash.

DEEPLEARN_FUZZ=1000 damages as many files of each kind; the default is a smaller number.
"""

import os
import zlib

import numpy as np
import pytest

from deeplearn_utils.edge import ModelError, artifact, integer, runtime
from tests.edge.artifact.lines import parts_of, sealed, zipped

N_FILES = int(os.environ.get("DEEPLEARN_FUZZ", "100"))

DAMAGE = {
    "cut off": lambda rng, x: x[: rng.integers(len(x))],
    "a bit flipped": lambda rng, x: flipped(rng, x, 1),
    "bits flipped": lambda rng, x: flipped(rng, x, rng.integers(2, 200)),
    "a stretch of zeros": lambda rng, x: overwritten(rng, x, bytes),
    "a stretch of noise": lambda rng, x: overwritten(rng, x, rng.bytes),
    "bytes lost": lambda rng, x: spliced(rng, x, lose=True),
    "bytes twice": lambda rng, x: spliced(rng, x, lose=False),
    "bytes at the end": lambda rng, x: x + rng.bytes(rng.integers(1, 300)),
    "bytes at the start": lambda rng, x: rng.bytes(rng.integers(1, 300)) + x,
    "halves swapped": lambda rng, x: x[len(x) // 2 :] + x[: len(x) // 2],
    "line ends of another system": lambda rng, x: x.replace(b"\n", b"\r\n"),
    "packed once more": lambda rng, x: zlib.compress(x),
}


def flipped(rng, content, n):
    damaged = bytearray(content)
    for at in rng.integers(len(content), size=n):
        damaged[at] ^= 1 << rng.integers(8)
    return bytes(damaged)


def overwritten(rng, content, filler):
    start = rng.integers(len(content))
    n = min(int(rng.integers(1, 500)), len(content) - start)
    return content[:start] + filler(n) + content[start + n :]


def spliced(rng, content, *, lose):
    start = rng.integers(len(content))
    end = min(start + rng.integers(1, 500), len(content))
    return content[:start] + (b"" if lose else 2 * content[start:end]) + content[end:]


def damaged_files(content):
    for n in range(N_FILES):
        rng = np.random.default_rng(n)
        how = list(DAMAGE)[n % len(DAMAGE)]
        yield how, DAMAGE[how](rng, content)


@pytest.fixture(scope="module")
def images(digit_images):
    return digit_images["X_test"][:8]


@pytest.fixture(scope="module")
def whole(int8_file, images, tmp_path_factory):
    """Give the path of an artifact with an 8-bit LiteRT model."""
    path = tmp_path_factory.mktemp("digits") / "digits.zip"
    packed = artifact.pack("digits", {"digits.tflite": int8_file}, images, format="litert")
    artifact.save(packed, path)
    return path


def test_a_damaged_artifact_is_refused_or_gives_the_same_answers(whole, images, tmp_path):
    expected = runtime.load(whole).predict(images)
    path, n_refused = tmp_path / "digits.zip", 0
    for how, content in damaged_files(whole.read_bytes()):
        path.write_bytes(content)
        try:
            found = runtime.load(path).predict(images)
        except ModelError:
            n_refused += 1
        else:
            np.testing.assert_array_equal(found, expected, err_msg=how)
    assert n_refused > 0.9 * N_FILES * (len(DAMAGE) - 2) / len(DAMAGE)


def test_a_damaged_bare_model_is_read_as_another_or_refused(int8_file):
    n_refused = 0
    for how, content in damaged_files(int8_file):
        try:
            model = integer.read(content)
        except ModelError:
            n_refused += 1
        else:  # whatever it says now, it can be computed
            takes = model.tensors[model.input]
            outputs = model.predict(np.ones((1, *takes.shape), "float32"))
            assert outputs.shape[0] == 1, how
    assert n_refused > 0.2 * N_FILES


def test_a_sealed_file_with_a_damaged_model_is_caught_in_its_process(
    whole, int8_file, images, tmp_path
):
    expected = runtime.load(whole).predict(images)
    parts, path = parts_of(whole), tmp_path / "digits.zip"
    for n, (how, content) in enumerate(damaged_files(int8_file)):
        if n >= max(6, N_FILES // 20):  # each one is a process that starts
            break
        path.write_bytes(zipped(sealed(parts | {"model/digits.tflite": content}).items()))
        try:
            with runtime.load(path, isolated=True) as model:
                found = model.predict(images)
        except ModelError:
            continue
        np.testing.assert_array_equal(found, expected, err_msg=how)
