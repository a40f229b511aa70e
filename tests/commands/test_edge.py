"""`deeplearn edge`: convert, inspect, verify."""

import hashlib
import os

import numpy as np
import pytest

pytest.importorskip("typer")

from typer.testing import CliRunner

from deeplearn_utils.__main__ import app
from deeplearn_utils.edge import artifact, runtime
from tests.edge.artifact.lines import NETWORK, packed, parts_of, zipped


def run(*words):
    return CliRunner().invoke(app, ["edge", *map(str, words)])


def words(done):
    return " ".join(done.output.split())


@pytest.fixture
def path(tmp_path):
    artifact.save(packed(), tmp_path / "moons.zip")
    return tmp_path / "moons.zip"


@pytest.fixture
def folder(tmp_path):
    """Give a folder of the format mlp, and inputs beside it."""
    (tmp_path / "net").mkdir()
    files = runtime.mlp_files(NETWORK, NETWORK.init(np.random.default_rng(0)))
    np.save(tmp_path / "X.npy", np.random.default_rng(1).normal(size=(9, 3)))
    return runtime.written(files, tmp_path / "net", is_folder=True)


@pytest.mark.parametrize("word", ["convert", "inspect", "verify"])
def test_each_word_has_its_help(word):
    done = run(word, "--help")
    assert done.exit_code == 0
    assert "Usage:" in done.output


# verify


def test_verify_says_what_agrees(path):
    digest = artifact.digest(packed())
    done = run("verify", path, "--digest", digest)
    assert done.exit_code == 0
    file, contract, golden = done.output.splitlines()
    assert file == f"file      whole, SHA-256 {digest}"
    assert contract == "contract  (n, 3) float64 within [0, 16] -> (n, 2) float64"
    assert golden.startswith("golden    5 inputs; the largest difference is 0 ")


def test_verify_refuses_a_file_a_contract_a_golden_pair_and_a_digest(path):
    whole, parts = path.read_bytes(), parts_of(path)
    other = parts_of_other(path)
    for content, options, reason in (
        (b"", (), "is empty: 0 bytes"),
        (whole[: len(whole) // 2], (), "is cut off"),
        (zipped((parts | {"model/theta.npy": other}).items()), (), "is mixed"),
        (whole, ("--digest", "0" * 64), "is whole, but another artifact"),
    ):
        path.write_bytes(content)
        done = run("verify", path, *options)
        assert done.exit_code == 1
        assert f"`{path}` {reason}" in done.stderr
        assert "Traceback" not in done.output
    path.unlink()
    done = run("verify", path)
    assert done.exit_code == 1
    assert done.stderr == f"there is no `{path}`\n"


def parts_of_other(path):
    other = path.with_name("other.zip")
    artifact.save(packed(1), other)
    return parts_of(other)["model/theta.npy"]


# inspect


def test_inspect_an_artifact(path):
    done = run("inspect", path)
    assert done.exit_code == 0
    for part in (
        *("moons", "mlp: NumPy", "(n, 3) float64 within [0, 16]", "upper, lower", "scaler"),
        *("5 inputs, tolerance 0.0001", artifact.digest(packed())[:30], "theta.npy", "somewhere"),
    ):
        assert part in done.output


def test_inspect_a_model(folder):
    done = run("inspect", folder)
    assert done.exit_code == 0
    digest = hashlib.sha256((folder / "theta.npy").read_bytes()).hexdigest()
    for part in ("mlp: NumPy", "(n, 3) float64", "(n, 2) float64", "any number", digest[:20]):
        assert part in words(done)


def test_inspect_something_else(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    done = run("inspect", tmp_path / "notes.txt")
    assert done.exit_code == 1
    assert done.stderr == (
        f"`{tmp_path / 'notes.txt'}` is no artifact of this book: it begins with b'hell'\n"
    )


# convert


def test_convert_a_network_of_ours(folder, tf):
    pytest.importorskip("tf2onnx")
    target = folder.with_name("net.onnx")
    done = run("convert", folder, target, "--inputs", folder.with_name("X.npy"))
    assert done.exit_code == 0, done.output
    first, second = done.output.splitlines()
    assert first == f"{target}: ONNX Runtime, {target.stat().st_size} bytes of model"
    assert second.startswith("on 9 samples the largest difference is ")
    X = np.load(folder.with_name("X.npy"))
    found = runtime.open_model(target, "onnx")(X.astype("float32"))
    expected = NETWORK.forward(NETWORK.init(np.random.default_rng(0)), X)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_convert_an_artifact_to_a_keras_model_and_that_to_litert(path, tf):
    keras, lite = path.with_name("moons.keras"), path.with_name("moons.tflite")
    assert run("convert", path, keras).exit_code == 0
    np.save(path.with_name("X.npy"), np.ones((2, 3), "float32"))
    done = run("convert", keras, lite, "--inputs", path.with_name("X.npy"), "--batch", 2)
    assert done.exit_code == 0, done.output
    assert runtime.open_model(lite, "litert").batch == 2
    done = run("convert", lite, path.with_name("m.onnx"), "--inputs", path.with_name("X.npy"))
    assert done.exit_code == 1
    assert done.stderr == (
        f"`{lite}` is a model as litert, which was made to be run, not to be converted; start from "
        "a Keras model (.keras) or a folder of the format mlp\n"
    )


def test_convert_an_artifact_to_an_artifact(path, tf):
    target = path.with_name("small.zip")
    done = run("convert", path, target, "--to", "litert")
    assert done.exit_code == 0, done.output
    before, after = artifact.load(path), artifact.load(target)
    assert (after.name, after.format, after.classes) == ("moons", "litert", before.classes)
    np.testing.assert_array_equal(after.scaler.mean, before.scaler.mean)
    np.testing.assert_allclose(after.golden_outputs, before.golden_outputs, atol=1e-5)
    X = before.golden_inputs
    expected = artifact.start(before).predict(X).tolist()
    assert artifact.start(after).predict(X.astype("float32")).tolist() == expected
    assert run("verify", target).exit_code == 0


def test_what_differs_is_told_and_not_written(folder, tf):
    target = folder.with_name("net.keras")
    inputs = folder.with_name("X.npy")
    done = run("convert", folder, target, "--inputs", inputs, "--tolerance", 0)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"`{target}` was not written: with Keras, the largest difference")
    assert sorted(os.listdir(folder.parent)) == ["X.npy", "net"]


def test_convert_says_what_is_missing(folder, path):
    target = folder.with_name("net.onnx")
    for arguments, message in (
        (
            (folder, target),
            "`--inputs` must name a .npy file of inputs, on which both are compared; only an "
            "artifact brings its own",
        ),
        (
            (path, path.with_name("new.zip")),
            f"`--to` must say in which format, one of {', '.join(runtime.RUNTIMES)}",
        ),
        ((folder.with_name("none"), target), f"there is no `{folder.with_name('none')}`"),
        (
            (folder, target, "--inputs", folder / "network.json"),
            "an array's header can't be read: the magic string is not correct; expected "
            "b'\\x93NUMPY', got b'{\\n \"si'",
        ),
        (
            (folder, target, "--to", "caffe", "--inputs", folder.with_name("X.npy")),
            f"`to` must be one of {', '.join(map(repr, runtime.RUNTIMES))}, got 'caffe'",
        ),
    ):
        done = run("convert", *arguments)
        assert done.exit_code == 1
        assert done.stderr == f"{message}\n"
