"""Model files and their runtimes: what can't be opened is told, whatever the runtime says."""

import re
import sys

import numpy as np
import pytest

from deeplearn_utils.edge import ModelError, formats, runtime
from deeplearn_utils.edge.formats import Session
from deeplearn_utils.edge.npy import from_npy, to_npy
from deeplearn_utils.networks import MLP
from tests.wrong_inputs import no_array, no_path, whole

HERE = {"mlp": "numpy", "litert": "ai_edge_litert", "onnx": "onnxruntime"}


def refused(error, message, call, *arguments):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call(*arguments)


@pytest.mark.parametrize("format", ["litert", "onnx"])
@pytest.mark.parametrize("content", [b"", b"hello", b"\x1c\x00\x00\x00TFL3" + bytes(200)])
def test_what_is_no_model(format, content, tmp_path):
    pytest.importorskip(HERE[format])
    path = tmp_path / f"model{runtime.RUNTIMES[format].suffix}"
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        runtime.open_model(path, format)
    title = runtime.RUNTIMES[format].title
    assert str(caught.value).startswith(f"`{path}` can't be opened by {title}: ")


@pytest.mark.parametrize("format", ["keras", "savedmodel"])
def test_what_is_no_model_of_tensorflows(format, tf, tmp_path):
    path = tmp_path / f"model{runtime.RUNTIMES[format].suffix}"
    path.mkdir() if format == "savedmodel" else path.write_bytes(b"hello")
    with pytest.raises(ModelError) as caught:
        runtime.open_model(path, format)
    title = runtime.RUNTIMES[format].title
    assert str(caught.value).startswith(f"`{path}` can't be opened by {title}: ")


@pytest.mark.parametrize("format", ["torchscript", "torch_export"])
def test_what_is_no_model_of_pytorchs(format, torch, tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(b"hello")
    with pytest.raises(ModelError) as caught:
        runtime.open_model(path, format)
    title = runtime.RUNTIMES[format].title
    assert str(caught.value).startswith(f"`{path}` can't be opened by {title}: ")


@pytest.mark.parametrize("name", ["network.json", "theta.npy"])
def test_a_damaged_network_of_ours(name, tmp_path):
    files = runtime.mlp_files(MLP([2, 1]), np.zeros(3))
    runtime.written(files | {name: files[name][:-8]}, tmp_path, is_folder=True)
    with pytest.raises(ModelError) as caught:
        runtime.open_model(tmp_path, "mlp")
    assert str(caught.value).startswith(f"`{tmp_path}` can't be opened by NumPy: ")


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        runtime.open_model(tmp_path / "m.tflite", "litert")


@pytest.mark.parametrize("wrong", [None, 3])
def test_what_is_no_path_is_named(wrong):
    for call in (
        runtime.format_of,
        runtime.files_of,
        runtime.load,
        lambda path: runtime.open_model(path, "mlp"),
    ):
        with pytest.raises(TypeError, match=no_path(wrong, "path")):
            call(wrong)


def test_what_is_no_mlp_is_not_written():
    message = "`network` must be an MLP, such as MLP([64, 10]), got NoneType"
    with pytest.raises(TypeError, match=whole(message)):
        runtime.mlp_files(None, np.zeros(3))


def test_a_runtime_that_is_not_installed(tmp_path, monkeypatch):
    for format, kind in runtime.RUNTIMES.items():
        name = kind.module.partition(".")[0]
        if name == "numpy":
            continue
        path = tmp_path / f"model{kind.suffix}"
        path.touch()
        with monkeypatch.context() as without:
            for loaded in (*filter(lambda n: n.startswith(f"{name}."), sys.modules), kind.module):
                without.setitem(sys.modules, loaded, None)
            without.setitem(sys.modules, name, None)
            without.setattr(formats, "import_quietly", _imported)
            with pytest.raises(ImportError) as caught:
                runtime.open_model(path, format)
        assert str(caught.value).startswith(
            f"this needs {name}, which is not installed: pip install -e '.[{kind.extra}]' brings it"
        )


def _imported(name):
    raise ImportError(f"No module named {name!r}")


def test_an_mlp_comes_back(rng, tmp_path):
    network = MLP([3, 4, 2], activation="gelu", loss="softmax_cross_entropy")
    theta = network.init(rng, "float32")
    runtime.written(runtime.mlp_files(network, theta), tmp_path, is_folder=True)
    session = runtime.open_model(tmp_path, "mlp")
    X = rng.normal(size=(5, 3)).astype("float32")
    np.testing.assert_array_equal(session(X), network.forward(theta, X), strict=True)
    assert runtime.open_mlp(tmp_path)[0] == network


def test_files_come_back_with_their_folders(tmp_path):
    files = {"saved_model.pb": b"graph", "variables/index": b"index"}
    assert runtime.files_of(runtime.written(files, tmp_path, is_folder=True)) == files


def test_a_link_is_no_file_of_a_model(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "model" / "link").symlink_to(tmp_path / "secret")
    assert runtime.files_of(tmp_path / "model") == {}


def test_a_batch_of_a_fixed_size_is_filled_with_copies():
    seen = []

    def compute(X):
        seen.append(X.tolist())
        return 2 * X

    session = runtime.Session(compute, shape=(1,), dtype="int64", batch=2)
    X = np.arange(5).reshape(5, 1)
    np.testing.assert_array_equal(session(X), 2 * X)
    assert seen == [[[0], [1]], [[2], [3]], [[4], [4]]]


def test_a_file_cannot_ask_for_terabytes_of_copies():
    session = runtime.Session(lambda X: X, batch=10**12)
    message = (
        "a file for batches of 1000000000000 asks for 4e+12 numbers (32000 GB), more than the "
        "134217728 (1 GB) that are made at once"
    )
    refused(ValueError, message, session, np.ones((3, 4)))


def test_a_session_refuses_other_inputs():
    session = runtime.Session(lambda X: X, shape=(2, 3), dtype="float32")
    message = "`X` must have dtype float32, got float64"
    refused(TypeError, message, session, np.ones((1, 2, 3)))
    for shape in ((1, 3, 2), (2, 3), (0, 2, 3)):
        message = f"`X` must have shape (n, 2, 3) and a sample, got {shape}"
        refused(ValueError, message, session, np.ones(shape, "float32"))
    free = runtime.Session(lambda X: X)
    refused(ValueError, "`X` must have shape (n, ...) and a sample, got ()", free, np.array(1.0))


def test_the_format_is_told_by_the_name_or_the_folder(tmp_path):
    for format, kind in runtime.RUNTIMES.items():
        if kind.suffix:
            assert runtime.format_of(f"some.thing{kind.suffix}") == format
    for format, mark in runtime.FOLDERS.items():
        folder = tmp_path / format
        folder.mkdir()
        (folder / mark).touch()
        assert runtime.format_of(folder) == format
    for path in (tmp_path, tmp_path / "digits.zip"):
        refused(
            ModelError,
            f"`{path}` does not tell its format: names end in .keras, .tflite, .onnx, .pt, .pt2, a "
            "folder holds network.json or saved_model.pb",
            runtime.format_of, path,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "X"),
    [
        (no_array([], "X"), [[1.0, 2.0]]),
        (no_array(np.ma.array([]), "X"), np.ma.masked_equal(np.ones((1, 2)), 1.0)),
        (whole("`X` must have dtype float64, got >f8"), np.ones((1, 2), ">f8")),
    ],
)
def test_what_a_runtime_would_misread_is_refused(pattern, X):
    session = Session(lambda X: X, shape=(2,), dtype="float64")
    with pytest.raises(TypeError, match=f"^{pattern[1:-1]}$"):
        session(X)


def test_a_number_without_axes_stays_one():
    assert from_npy(to_npy(np.array(5.0))).shape == ()
    refused(ValueError, "an array must hold numbers, got object", to_npy, np.array([None]))
