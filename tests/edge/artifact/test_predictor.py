"""Packing a model, and starting it again: the model must keep its contract."""

import importlib.metadata
import json
import platform
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deeplearn_utils.datasets import Scaler
from deeplearn_utils.edge import ModelError, artifact, runtime
from deeplearn_utils.edge.artifact.predictor import made_with
from deeplearn_utils.edge.parity import compare
from deeplearn_utils.networks import MLP
from tests.edge.artifact.lines import NETWORK, packed

ROOT = Path(__file__).resolve().parents[3]


def refused(error, message, call, *arguments, **options):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call(*arguments, **options)


def changed(of, **fields):
    """Return an artifact with other fields, without asking whether the model agrees."""
    return artifact.Artifact(
        **{name: getattr(of, name) for name in of.__dataclass_fields__} | fields
    )


@pytest.fixture(scope="module")
def one():
    return packed(0)


@pytest.mark.parametrize(("wrong", "got"), [(None, "NoneType"), ("moons.zip", "'moons.zip'")])
def test_only_an_artifact_is_started(wrong, got):
    message = f"`artifact` must be an Artifact, such as artifact.load(path), got {got}"
    refused(TypeError, message, artifact.start, wrong)


@pytest.mark.parametrize("wrong", ["text", None])
def test_what_runs_a_format_that_is_none(wrong):
    formats = ", ".join(map(repr, runtime.RUNTIMES))
    message = f"`format` must be one of {formats}, got {wrong!r}"
    refused(ValueError, message, made_with, wrong)


def theta_of(seed):
    rng = np.random.default_rng(seed)
    rng.uniform(0, 16, (5, 3))
    return NETWORK.init(rng)


def test_the_contract_is_read_off(one):
    assert one.input.to_json() == {"shape": [3], "dtype": "float64", "low": 0.0, "high": 16.0}
    assert one.output.to_json() == {"shape": [2], "dtype": "float64", "low": None, "high": None}
    assert one.versions == {
        "python": platform.python_version(),
        "deeplearn-utils": "0.1.0",
        "numpy": importlib.metadata.version("numpy"),
        "somewhere": "1.0",
    }


def test_predictions_are_the_networks_own(one, rng):
    X = rng.uniform(0, 16, (20, 3))
    predictor = artifact.start(one)
    scaled = (X - one.golden_inputs.mean(axis=0)) / one.golden_inputs.std(axis=0)
    expected = NETWORK.forward(theta_of(0), scaled)
    np.testing.assert_allclose(predictor.outputs(X), expected, rtol=1e-9)
    labels = NETWORK.predict(theta_of(0), scaled)
    assert predictor.predict(X).tolist() == [("upper", "lower")[label] for label in labels]


def test_targets_come_back_in_their_units(rng):
    network, theta = MLP([1, 1]), np.array([2.0, 1.0])
    X = rng.normal(size=(4, 1))
    meters = Scaler(np.array([100.0]), np.array([10.0]))
    files = runtime.mlp_files(network, theta)
    line = artifact.pack("line", files, X, format="mlp", target_scaler=meters)
    predicted = artifact.start(line).predict(X)
    np.testing.assert_allclose(predicted, 100 + 10 * (2 * X + 1), rtol=1e-12)


def test_without_classes_outputs_stay_outputs(one):
    plain = artifact.start(packed(0, classes=()))
    np.testing.assert_array_equal(plain.predict(one.golden_inputs), one.golden_outputs)


def test_in_a_fresh_process_with_numpy_alone(one, tmp_path):
    artifact.save(one, tmp_path / "moons.zip")
    program = (
        "import json, sys; import numpy as np\n"
        "from deeplearn_utils.edge import artifact\n"
        "predictor = artifact.start(artifact.load(sys.argv[1]))\n"
        "X = predictor.artifact.golden_inputs\n"
        "heavy = {'tensorflow', 'keras', 'torch', 'jax', 'onnx', 'ai_edge_litert'}\n"
        "print(json.dumps([predictor.outputs(X).tolist(), sorted(heavy & set(sys.modules))]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "moons.zip"],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    outputs, loaded = json.loads(done.stdout)
    np.testing.assert_allclose(outputs, one.golden_outputs, rtol=1e-12)
    assert loaded == []


def test_a_sample_that_breaks_the_contract_gets_no_answer(one):
    predictor = artifact.start(one)
    X = one.golden_inputs.copy()
    refused(
        TypeError,
        '`X` must have dtype float64, got float32; try X.astype("float64")',
        predictor.predict, X.astype("float32"),
    )  # fmt: skip
    X[0, 0] = 20
    refused(
        ValueError,
        "`X` must lie within [0.0, 16.0], got 20.0 in row 0, column 0",
        predictor.predict, X,
    )  # fmt: skip


def test_whole_numbers_are_scaled_to_float32():
    pixels = np.array([[0, 255], [255, 0]], "uint8")
    network, theta = MLP([2, 1]), np.ones(3, "float32")
    scaler = Scaler(np.zeros(2), np.full(2, 255.0))
    files = runtime.mlp_files(network, theta)
    packed = artifact.pack("pixels", files, pixels, format="mlp", scaler=scaler)
    assert packed.prepare(pixels).dtype == np.float32
    np.testing.assert_array_equal(packed.golden_outputs, np.full((2, 1), 2, "float32"), strict=True)


# Starting refuses


def test_a_model_that_is_another_one(one):
    other = changed(one, model=packed(1).model)
    outputs = NETWORK.forward(theta_of(1), one.prepare(one.golden_inputs))
    parity = compare(outputs, one.golden_outputs)
    listed = ", ".join(f"{name} {number}" for name, number in one.versions.items())
    refused(
        ModelError,
        f"the model of `moons` does not give its golden outputs: {parity}; allowed is 0.0001. Made "
        f"with {listed}, run with {listed.removesuffix(', somewhere 1.0')}",
        artifact.start, other,
    )  # fmt: skip


def test_a_scaler_that_is_another_one(one):
    skewed = changed(one, scaler=Scaler(one.scaler.mean, 1.1 * one.scaler.scale))
    with pytest.raises(ModelError) as caught:
        artifact.start(skewed)
    assert str(caught.value).startswith("the model of `moons` does not give its golden outputs: ")


def test_outputs_that_are_not_finite(one):
    theta = np.full_like(theta_of(0), np.nan)
    broken = changed(one, model=runtime.mlp_files(NETWORK, theta))
    with pytest.raises(ModelError) as caught:
        artifact.start(broken)
    assert "the largest difference is nan (nan of the largest output), in example 0" in str(
        caught.value
    )


def test_a_model_of_another_shape(one):
    wider = MLP([4, 2])
    other = changed(one, model=runtime.mlp_files(wider, np.zeros(10)))
    refused(
        ModelError,
        "the model of `moons` takes inputs of shape (4,), and its contract with the scaler gives "
        "it (3,)",
        artifact.start, other,
    )  # fmt: skip


def test_a_model_of_another_dtype(one):
    other = changed(one, model=runtime.mlp_files(NETWORK, theta_of(0).astype("float32")))
    refused(
        ModelError,
        "the model of `moons` takes inputs of dtype float32, and its contract with the scaler "
        "gives it float64",
        artifact.start, other,
    )  # fmt: skip


def test_a_model_with_other_outputs(one):
    other = changed(one, model=runtime.mlp_files(MLP([3, 1]), np.zeros(4)))
    refused(
        ModelError,
        "the model of `moons` gives outputs of shape (5, 1) and dtype float64, its contract says "
        "(n, 2) float64",
        artifact.start, other,
    )  # fmt: skip


def test_a_format_that_nobody_opens(one):
    names = ", ".join(map(repr, runtime.RUNTIMES))
    message = f"`format` must be one of {names}, got 'caffe'"
    refused(ValueError, message, changed, one, format="caffe")
    model, X = one.model, one.golden_inputs
    refused(ValueError, message, artifact.pack, "moons", model, X, format="caffe")


def test_a_model_without_one_of_its_files(one):
    other = changed(one, model={"theta.npy": one.model["theta.npy"]})
    with pytest.raises(ModelError) as caught:
        artifact.start(other)
    assert "can't be opened by NumPy: [Errno 2] No such file" in str(caught.value)


# Packing refuses


def test_packing_checks_what_goes_in(one):
    files, X = dict(one.model), one.golden_inputs
    pack = artifact.pack
    for message, error, arguments, options in (
        (
            "`golden_inputs` must be an array of samples, got list",
            TypeError, ("moons", files, [1.0]), {},
        ),
        (
            "`golden_inputs` must hold at least one sample, got none",
            ValueError, ("moons", files, X[:0]), {},
        ),
        (
            "`golden_inputs` must lie within (-inf, 1.0], got "
            f"{X[0, 0]} in row 0, column 0",
            ValueError, ("moons", files, X), {"high": 1},
        ),
        (
            "`scaler` must be a datasets.Scaler, got int",
            TypeError, ("moons", files, X), {"scaler": 3},
        ),
        (
            "`scaler.mean` must have one number for each of the 3 entries of the input, got "
            "shape (2,)",
            ValueError, ("moons", files, X), {"scaler": Scaler.identity(2)},
        ),
        (
            "`classes` must name each of the 2 outputs, got 3",
            ValueError, ("moons", files, X), {"classes": ("a", "b", "c")},
        ),
        (
            "`classes` must differ from each other, got ('a', 'a')",
            ValueError, ("moons", files, X), {"classes": ("a", "a")},
        ),
        (
            "`classes` must be a sequence of names, got 'ab'",
            TypeError, ("moons", files, X), {"classes": "ab"},
        ),
        (
            "`classes` and `target_scaler` exclude each other, got both",
            ValueError, ("moons", files, X),
            {"classes": ("a", "b"), "target_scaler": Scaler.identity(2)},
        ),
        ("`name` must be a word, got ''", ValueError, ("", files, X), {}),
        (
            "`tolerance` must be a number in [0, inf), got -1",
            ValueError, ("moons", files, X), {"tolerance": -1},
        ),
    ):  # fmt: skip
        refused(error, message, pack, *arguments, format="mlp", **options)


def test_files_with_names_that_lead_elsewhere(one):
    fields = {"model": {"../theta.npy": b"1"}}
    message = "`model` must have plain names of files, got '../theta.npy'"
    refused(ValueError, message, changed, one, **fields)
    message = "`model` must hold bytes, got none for 'theta.npy'"
    refused(ValueError, message, changed, one, model={"theta.npy": b""})
    message = "`model` must be one file in this format, got a.tflite, b.tflite"
    two = {"a.tflite": b"1", "b.tflite": b"2"}
    refused(ValueError, message, changed, one, model=two, format="litert")
    refused(TypeError, "`model` must map names of files to bytes, got dict", changed, one, model={})


def test_golden_pairs_of_different_lengths(one):
    message = (
        "`golden_inputs` and `golden_outputs` must have the same number of samples, got 5 and 4"
    )
    refused(ValueError, message, changed, one, golden_outputs=one.golden_outputs[:4])


OVERFLOW = "are the inputs so large that they overflow?"


@pytest.mark.parametrize(("value", "name"), [(np.nan, "NaN"), (np.inf, "infinity")])
def test_no_class_is_told_of_outputs_that_are_no_numbers(one, value, name):
    message = f"`outputs` must be finite, got 1 {name}, the first in row 0, column 1; {OVERFLOW}"
    told = changed(one, classes=("upper", "lower")).decode
    refused(ValueError, message, told, np.array([[1.0, value]]))


def test_an_input_so_large_that_it_overflows_has_no_class(one):
    files = runtime.mlp_files(MLP([2, 2], loss="softmax_cross_entropy"), np.float64([3, -3] * 3))
    packed = artifact.pack("line", files, np.ones((1, 2)), format="mlp", classes=("a", "b"))
    message = (
        f"`outputs` must be finite, got 2 infinities, the first in row 0, column 0; {OVERFLOW}"
    )
    with np.errstate(over="ignore"):
        refused(ValueError, message, artifact.start(packed).predict, np.full((1, 2), 1.7e308))


def test_outputs_and_classes_are_as_many(one):
    message = "`outputs` must have one number for each of the 2 classes, got shape (1, 5)"
    refused(ValueError, message, changed(one, classes=("a", "b")).decode, np.ones((1, 5)))


def test_what_is_packed_is_checked_before_it_is_opened(one):
    X = one.golden_inputs
    message = "`model` must map names of files to bytes, got dict"
    refused(TypeError, message, artifact.pack, "a", {}, X, format="mlp")
    files = {"network.json": "text"}
    message = "`model` must hold bytes, got none for 'network.json'"
    refused(ValueError, message, artifact.pack, "a", files, X, format="mlp")
    message = "`classes` must be a sequence of names, got None"
    refused(TypeError, message, changed, one, classes=None)
    message = "`scaler.mean` must be a NumPy array, got list"
    refused(TypeError, message, changed, one, scaler=Scaler([0.0] * 3, [1.0] * 3))
