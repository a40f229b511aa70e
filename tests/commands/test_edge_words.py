"""`deeplearn edge`: compress, run, bench, export."""

import json

import numpy as np
import pytest

pytest.importorskip("typer")

from typer.testing import CliRunner

from deeplearn_utils.__main__ import app
from deeplearn_utils.arrays import import_quietly
from deeplearn_utils.commands import edge_words
from deeplearn_utils.edge import artifact, budget, integer, runtime
from deeplearn_utils.edge.compress import litert_bytes, post_training
from deeplearn_utils.edge.export_c import export_c
from deeplearn_utils.edge.export_js import engine_js
from tests.edge.artifact.lines import NETWORK, packed


def run(*words):
    return CliRunner().invoke(app, ["edge", *map(str, words)])


def told(done):
    return " ".join(done.output.split())


def refused(message, *words):
    done = run(*words)
    assert done.exit_code == 1
    assert told(done) == message


@pytest.fixture
def folder(tmp_path, float_file, int8_file, digit_images):
    """Give a folder with the digits' files, and some inputs."""
    (tmp_path / "float.tflite").write_bytes(float_file)
    (tmp_path / "int8.tflite").write_bytes(int8_file)
    np.save(tmp_path / "X.npy", digit_images["X_train"][:60])
    return tmp_path


@pytest.fixture
def moons(tmp_path):
    artifact.save(packed(), tmp_path / "moons.zip")
    return tmp_path / "moons.zip"


@pytest.mark.parametrize("word", ["compress", "run", "bench", "export"])
def test_each_word_has_its_help(word):
    done = run(word, "--help")
    assert done.exit_code == 0
    assert "Usage:" in done.output


# compress


def test_compress_tells_sizes_and_differences(folder):
    done = run(
        "compress", folder / "float.tflite", folder / "small.tflite", "--inputs", folder / "X.npy"
    )
    assert done.exit_code == 0, done.output
    kind, sizes, apart = done.output.splitlines()
    assert kind == f"{folder / 'small.tflite'}: LiteRT, int8"
    before, after = (budget.size((folder / f"{n}.tflite").read_bytes()) for n in ("float", "small"))
    assert sizes == (
        f"{before.n_bytes} bytes became {after.n_bytes}; packed by gzip, {before.n_compressed} "
        f"became {after.n_compressed}"
    )
    assert apart.startswith("on 60 inputs the largest difference is ")
    assert integer.read(folder / "small.tflite").operations() > 0


def test_compress_keeps_what_an_artifact_says(moons, tmp_path, tf):
    done = run("compress", moons, tmp_path / "small.zip", "--to", "dynamic")
    assert done.exit_code == 0, done.output
    before, after = artifact.load(moons), artifact.load(tmp_path / "small.zip")
    assert (after.format, after.classes) == ("litert", before.classes)
    np.testing.assert_array_equal(after.scaler.mean, before.scaler.mean)
    X = before.golden_inputs
    found = runtime.load(tmp_path / "small.zip").predict(X.astype("float32"))
    np.testing.assert_array_equal(found, runtime.load(moons).predict(X))


def test_compress_a_folder_of_ours(tmp_path, tf):
    (tmp_path / "net").mkdir()
    files = runtime.mlp_files(NETWORK, NETWORK.init(np.random.default_rng(0)))
    runtime.written(files, tmp_path / "net", is_folder=True)
    np.save(tmp_path / "X.npy", np.random.default_rng(1).normal(size=(9, 3)).astype("float32"))
    done = run(
        "compress",
        tmp_path / "net",
        tmp_path / "n.tflite",
        "--to",
        "float16",
        "--inputs",
        tmp_path / "X.npy",
    )
    assert done.exit_code == 0, done.output
    assert runtime.open_model(tmp_path / "n.tflite", "litert").shape == (3,)


def test_compress_says_what_is_missing(folder, tmp_path):
    source, target = folder / "float.tflite", folder / "m.zip"
    message = f"`{target}` must end in .tflite, or in .zip where the source is an artifact"
    refused(message, "compress", source, target)
    refused(
        "`--inputs` must name a .npy file of inputs, on which both are compared; only an artifact "
        "brings its own",
        "compress", source, folder / "m.tflite",
    )  # fmt: skip
    message = "`to` must be one of 'float16', 'dynamic', 'int4', 'int8', got 'int1'"
    refused(
        message,
        "compress", source, folder / "m.tflite", "--to", "int1", "--inputs", folder / "X.npy",
    )  # fmt: skip


# run


@pytest.mark.parametrize("how", [[], ["--isolated"]])
def test_run_prints_the_classes_of_an_artifact(how, moons):
    whole = artifact.load(moons)
    np.save(moons.with_name("X.npy"), whole.golden_inputs)
    done = run("run", moons, moons.with_name("X.npy"), "--digest", artifact.digest(whole), *how)
    assert done.exit_code == 0, done.output
    assert done.output.split() == [*runtime.load(moons).predict(whole.golden_inputs)]


def test_run_prints_or_writes_the_outputs_of_a_file(folder):
    X = np.load(folder / "X.npy")
    expected = runtime.open_model(folder / "int8.tflite", "litert")(X)
    done = run("run", folder / "int8.tflite", folder / "X.npy")
    printed = [[float(v) for v in line.split()] for line in done.output.splitlines()]
    np.testing.assert_allclose(printed, expected, rtol=1e-6)
    done = run("run", folder / "int8.tflite", folder / "X.npy", "--output", folder / "z.npy")
    assert done.output == f"{folder / 'z.npy'}: (60, 10) float32\n"
    np.testing.assert_array_equal(np.load(folder / "z.npy"), expected)


def test_run_tells_what_is_wrong(folder, moons):
    message = f"`{folder / 'int8.tflite'}` is a bare model; only an artifact has a digest"
    refused(message, "run", folder / "int8.tflite", folder / "X.npy", "--isolated")
    done = run("run", moons, folder / "X.npy")
    assert (done.exit_code, told(done)[:3]) == (1, "`X`")


# bench


def test_bench_shows_what_a_model_costs(folder, monkeypatch):
    monkeypatch.setattr(
        edge_words.budget, "start_up", lambda path: budget.StartUp(0.25, 40 * 2**20, 5)
    )
    done = run("bench", folder / "int8.tflite", "--repeats", 3, "--flash", 262144, "--ram", 65536)
    assert done.exit_code == 0, done.output
    found = budget.size((folder / "int8.tflite").read_bytes())
    words = told(done)
    assert f"{found.n_bytes} bytes, {found.n_compressed} packed by gzip" in words
    for part in ("of 3 inputs", "0.25 s to the first answer", "40 MiB resident", "products of a"):
        assert part in words
    assert "fits" in words


def test_bench_of_an_artifact_of_ours(moons):
    done = run("bench", moons, "--repeats", 3)
    assert done.exit_code == 0, done.output
    assert "of 3 inputs" in told(done)
    assert "start-up" not in told(done)
    message = "`--flash` and `--ram` describe a device together: give both"
    refused(message, "bench", moons, "--flash", 3)


# export


def test_export_to_c(folder):
    done = run("export", folder / "int8.tflite", folder / "net.c", "--rounding", "float", "--main")
    assert done.exit_code == 0, done.output
    model = integer.read(folder / "int8.tflite")
    source, header = export_c(model, "net", rounding="float", main=True)
    assert (folder / "net.c").read_text() == source
    assert (folder / "net.h").read_text() == header
    assert done.output.splitlines()[0] == f"{folder / 'net.c'}: {len(source)} bytes"


def test_export_without_a_softmax(folder, tf):
    keras = import_quietly("keras")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    X = np.random.default_rng(0).uniform(size=(50, 4)).astype("float32")
    content = post_training(litert_bytes(model), to="int8", X=X)
    (folder / "soft.tflite").write_bytes(content)
    done = run("export", folder / "soft.tflite", folder / "soft.c", "--without-softmax")
    assert done.exit_code == 0, done.output
    source, _ = export_c(integer.read(content, without_softmax=True), "soft")
    assert (folder / "soft.c").read_text() == source


def test_export_for_a_page(folder, digit_images, int8_file):
    X = digit_images["X_train"][:5]
    whole = artifact.pack("digits", {"d.tflite": int8_file}, X, format="litert")
    artifact.save(whole, folder / "digits.zip")
    done = run("export", folder / "digits.zip", folder / "net.json")
    assert done.exit_code == 0, done.output
    assert (folder / "engine.js").read_text() == engine_js()
    assert json.loads((folder / "net.json").read_text())["format"] == "deeplearn-int8-1"


def test_export_tells_what_is_wrong(folder, moons):
    message = f"`{folder / 'net.py'}` must end in .c or .json"
    refused(message, "export", folder / "int8.tflite", folder / "net.py")
    message = f"`{moons}` holds a model as mlp; LiteRT's are exported"
    refused(message, "export", moons, folder / "net.c")
    message = "`the model` can't be read as an 8-bit model: a layer CONV_2D computes with float32"
    refused(message, "export", folder / "float.tflite", folder / "net.c")
