"""Conversions: each file computes what the original does in its own runtime, or is not kept."""

import json
import os
import re

import numpy as np
import pytest

from deeplearn_utils.edge import ConversionError, ModelError
from deeplearn_utils.edge.convert import WRITERS, convert, converting, outputs_of
from deeplearn_utils.edge.runtime import RUNTIMES, Session, mlp_files, open_model
from deeplearn_utils.networks import MLP
from tests.libraries import installed

SAVED = {to: f"{to}{RUNTIMES[to].suffix}" for to in WRITERS}
OF_KERAS = [to for to in WRITERS if to != "mlp"]


def is_here(to):
    """Tell whether a format's runtime is installed."""
    return installed(RUNTIMES[to].module.partition(".")[0])


def need_runtime(to):
    if not is_here(to):
        pytest.skip(f"{RUNTIMES[to].title} is not installed")


def refused(error, message, *arguments, **options):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        convert(*arguments, **options)


@pytest.fixture(scope="module")
def converted(cnn, images, tmp_path_factory):
    """Give the CNN in each format that this machine has, with the report."""
    folder = tmp_path_factory.mktemp("cnn")
    here = [to for to in OF_KERAS if is_here(to)]
    return {to: convert(cnn, folder / SAVED[to], images, to=to) for to in here}


@pytest.fixture(scope="module")
def regressions(regression, rows, keras, tmp_path_factory):
    """Give the MLP in each format that this machine has, with the report."""
    network, theta = regression
    folder = tmp_path_factory.mktemp("mlp")
    here = [to for to in WRITERS if is_here(to)]
    return {to: convert(network, folder / SAVED[to], rows, to=to, theta=theta) for to in here}


def by_litert(path, X):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    run = interpreter.get_signature_runner()
    ((name, _),) = run.get_input_details().items()
    return np.concatenate([next(iter(run(**{name: x[None]}).values())) for x in X])


def by_onnx(path, X):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path))
    return session.run(None, {session.get_inputs()[0].name: X})[0]


def by_savedmodel(path, X):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    return loaded.serve(X).numpy()


def by_keras(path, X):
    import keras

    return keras.models.load_model(path).predict(X, verbose=0)


def by_torchscript(path, X):
    import torch

    return torch.jit.load(path)(torch.tensor(X)).detach().numpy()


def by_torch_export(path, X):
    import torch

    return torch.export.load(path).module()(torch.tensor(X)).detach().numpy()


def by_numpy(path, X):
    theta = np.load(path / "theta.npy")
    sizes = json.loads((path / "network.json").read_text())["sizes"]
    n, k, m = sizes
    W, theta = theta[: n * k].reshape(n, k), theta[n * k :]
    b, theta = theta[:k], theta[k:]
    return np.maximum(X @ W + b, 0) @ theta[: k * m].reshape(k, m) + theta[k * m :]


ORACLES = {
    "mlp": by_numpy,
    "keras": by_keras,
    "savedmodel": by_savedmodel,
    "litert": by_litert,
    "onnx": by_onnx,
    "torchscript": by_torchscript,
    "torch_export": by_torch_export,
}
"""The runtimes themselves, used as their own manuals say."""


@pytest.mark.parametrize("to", OF_KERAS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_cnn_computes_the_same_in_every_format(to, converted, cnn, images):
    need_runtime(to)
    report, expected = converted[to], cnn.predict(images, verbose=0)
    np.testing.assert_allclose(ORACLES[to](report.path, images), expected, atol=1e-5)
    found = open_model(report.path, to)(images)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    apart = np.abs(found - outputs_of(cnn, images))
    assert report.parity.largest == pytest.approx(apart.max(), abs=1e-6)
    assert report.parity.n_samples == len(images)


@pytest.mark.parametrize("to", WRITERS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_mlp_computes_the_same_in_every_format(to, regressions, regression, rows):
    need_runtime(to)
    network, theta = regression
    expected = network.forward(theta, rows)
    X = rows if to == "mlp" else rows.astype("float32")
    np.testing.assert_allclose(ORACLES[to](regressions[to].path, X), expected, atol=1e-5)
    assert regressions[to].parity.relative < 1e-5


@pytest.mark.parametrize("to", OF_KERAS)
def test_a_file_says_what_it_takes(to, converted, images):
    need_runtime(to)
    session = open_model(converted[to].path, to)
    assert (session.shape, session.dtype) == ((8, 8, 1), "float32")
    if not to.startswith("torch"):
        assert (session.output_shape, session.output_dtype) == ((10,), "float32")
    assert session.batch == (1 if to == "litert" else None)
    for X, error in ((images.astype("float64"), TypeError), (images[0], ValueError)):
        with pytest.raises(error):
            session(X)


def test_the_report_counts_bytes_and_says_where(converted, images, cnn):
    report = converted["onnx"]
    assert report.n_bytes == report.path.stat().st_size
    folder = converted["savedmodel"]
    sizes = [file.stat().st_size for file in folder.path.rglob("*") if file.is_file()]
    assert folder.n_bytes == sum(sizes)
    assert str(report) == (
        f"onnx.onnx: ONNX Runtime, {report.n_bytes} bytes; on 259 samples {report.parity}"
    )


def test_a_pytorch_module_of_ones_own(torch, keras, tmp_path):
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Dropout(), torch.nn.Linear(4, 2))
    module[0].eval()
    X = np.random.default_rng(0).normal(size=(5, 3))
    for to in ("torchscript", "torch_export"):
        report = convert(module, tmp_path / to, X, to=to)
        assert report.parity.largest < 1e-6
    assert [part.training for part in module.modules()] == [True, False, True, True]
    refused(
        TypeError,
        "`model` must be a Keras model or an MLP to become onnx, got a PyTorch module",
        module, tmp_path / "m.onnx", X, to="onnx",
    )  # fmt: skip


def test_larger_batches_of_litert(cnn, images, tmp_path):
    report = convert(cnn, tmp_path / "four.tflite", images[:6], to="litert", batch=4)
    session = open_model(report.path, "litert")
    assert session.batch == 4
    np.testing.assert_allclose(session(images[:5]), outputs_of(cnn, images[:5]), atol=1e-5)


# Only what is equal is kept


@pytest.fixture
def wrong(monkeypatch):
    """Make every runtime add to one output of one example."""

    def opened(path, format):
        session = open_model(path, format)

        def compute(X):
            outputs = np.array(session(X))
            outputs[3, 0] += 0.5
            return outputs

        return Session(compute, session.shape, session.dtype)

    monkeypatch.setattr(converting, "open_model", opened)


@pytest.mark.parametrize("to", ["mlp", "keras", "savedmodel"])
def test_what_differs_is_not_kept_and_the_older_file_stays(
    to, keras, regression, rows, tmp_path, wrong, monkeypatch
):
    network, theta = regression
    path = tmp_path / "net"
    with monkeypatch.context() as whole:
        whole.setattr(converting, "open_model", open_model)
        convert(network, path, rows, to=to, theta=np.zeros_like(theta))
    before = converting.files_of(path)
    with pytest.raises(ConversionError) as caught:
        convert(network, path, rows, to=to, theta=theta)
    message = str(caught.value)
    title = RUNTIMES[to].title
    assert message.startswith(f"`{path}` was not written: with {title}, the largest difference is ")
    assert ", in example 3, output 0: " in message
    assert message.endswith(
        "; allowed is 1e-05. Float32 alone explains about 1e-06: look for a layer that trains or "
        "draws at random, for numbers too large for float32, or say a larger `tolerance`"
    )
    assert converting.files_of(path) == before
    assert os.listdir(tmp_path) == ["net"]
    convert(network, path, rows, to=to, theta=theta, tolerance=1)  # what was allowed is kept
    assert converting.files_of(path) != before


def test_a_model_that_draws_at_random_is_found(keras, tmp_path):
    class Noise(keras.layers.Layer):
        def call(self, x):
            return x + keras.random.normal(keras.ops.shape(x))

    model = keras.Sequential([keras.Input((2,)), Noise()])
    with pytest.raises(ConversionError):
        convert(model, tmp_path / "m", np.ones((4, 2), "float32"), to="savedmodel")
    assert os.listdir(tmp_path) == []


def test_numbers_that_float32_cannot_hold_are_found(keras, tmp_path):
    theta = np.array([1e39, 1.0])
    with pytest.raises(ConversionError), np.errstate(over="ignore"):
        convert(MLP([1, 1]), tmp_path / "m.keras", np.ones((2, 1)), to="keras", theta=theta)
    assert os.listdir(tmp_path) == []


def test_an_export_that_fails_leaves_nothing(regression, rows, tmp_path, monkeypatch):
    network, theta = regression

    def fails(*arguments):
        raise RuntimeError("the exporter stopped")

    monkeypatch.setitem(converting.WRITERS, "mlp", fails)
    refused(
        RuntimeError, "the exporter stopped",
        network, tmp_path / "m", rows, to="mlp", theta=theta,
    )  # fmt: skip
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_moved_comes_back(regression, rows, tmp_path, monkeypatch):
    network, theta = regression
    path = tmp_path / "net"
    convert(network, path, rows, to="mlp", theta=theta)
    before, replace, moved = converting.files_of(path), os.replace, []

    def fails(source, target):
        moved.append(target)
        if len(moved) == 2:
            raise OSError("no space left")
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fails)
        refused(
            OSError, "no space left",
            network, path, rows, to="mlp", theta=0 * theta,
        )  # fmt: skip
    assert converting.files_of(path) == before == mlp_files(network, theta)
    assert os.listdir(tmp_path) == ["net"]


# Arguments


def test_places_that_are_not_replaced(regression, rows, tmp_path):
    network, theta = regression
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    options = {"to": "mlp", "theta": theta}
    for name, message in (
        ("notes", "`path` must be new, or a folder with a model as mlp, got {}"),
        ("file", "`path` must not be a file that is there already, got {}"),
    ):
        path = tmp_path / name
        refused(ValueError, message.format(path), network, path, rows, **options)
    path = tmp_path / "nowhere" / "m"
    message = f"`path` must lie in a folder that exists, got {path}"
    refused(FileNotFoundError, message, network, path, rows, **options)
    assert (tmp_path / "notes" / "mine.txt").read_text() == "mine"


def test_a_file_does_not_replace_a_folder(keras, regression, rows, tmp_path):
    network, theta = regression
    message = f"`path` must not be a folder that is there already, got {tmp_path}"
    refused(ValueError, message, network, tmp_path, rows, to="onnx", theta=theta)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"to": "caffe"},
            ValueError,
            f"`to` must be one of {', '.join(map(repr, WRITERS))}, got 'caffe'",
        ),
        (
            {"theta": None},
            TypeError,
            "`theta` must be given with an MLP, which holds no parameters",
        ),
        (
            {"theta": np.zeros(3)},
            ValueError,
            "`theta` must have shape (n_parameters,) = (2113,), got (3,)",
        ),
        ({"model": 3, "theta": None}, TypeError,
         "`model` must be a Keras model, a PyTorch module or an MLP, got int"),
        ({"model": 3}, TypeError, "`theta` goes with an MLP only, got it with int"),
        ({"X": [1.0]}, ValueError, "`X` must be an array of samples, shape (n, ...), got list"),
        (
            {"X": np.ones((0, 64))},
            ValueError,
            "`X` must be an array of samples, shape (n, ...), got shape (0, 64)",
        ),
        (
            {"X": np.full((1, 64), np.nan)},
            ValueError,
            "`X` must be finite, got 64 NaN, the first in row 0, column 0",
        ),
        (
            {"X": np.ones((2, 63))},
            ValueError,
            "`X` must have shape (samples, inputs) = (n, 64), got (2, 63)",
        ),
        ({"tolerance": -1}, ValueError, "`tolerance` must be a number in [0, inf), got -1"),
        ({"batch": 0}, ValueError, "`batch` must be at least 1, got 0"),
    ],
)  # fmt: skip
def test_arguments_that_make_no_sense(options, error, message, regression, rows, tmp_path):
    network, theta = regression
    given = {"model": network, "X": rows, "theta": theta, "to": "mlp"} | options
    refused(error, message, path=tmp_path / "m", **given)
    assert os.listdir(tmp_path) == []


def test_models_of_keras_that_are_not_ready(keras, rows, tmp_path):
    path = tmp_path / "m.onnx"
    message = "`model` must know what it takes: call it with some inputs first"
    refused(ValueError, message, keras.Sequential([keras.layers.Dense(1)]), path, rows, to="onnx")
    x, z = keras.Input((64,)), keras.Input((2,))
    two = keras.Model([x, z], keras.layers.Concatenate()([x, z]))
    message = "`model` must have one input and one output, got 2 and 1"
    refused(ValueError, message, two, path, rows, to="onnx")


def test_a_file_with_two_inputs_is_not_opened(keras, tmp_path):
    x, z = keras.Input((64,)), keras.Input((2,))
    keras.Model([x, z], keras.layers.Concatenate()([x, z])).save(tmp_path / "two.keras")
    message = (
        f"`{tmp_path / 'two.keras'}` can't be opened by Keras: it has 2 inputs, and one is what "
        "this book's models have"
    )
    with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
        open_model(tmp_path / "two.keras", "keras")


def test_only_an_mlp_becomes_mlp(cnn, images, tmp_path):
    message = "`model` must be an MLP to become mlp, got Sequential"
    refused(TypeError, message, cnn, tmp_path / "m", images, to="mlp")
