"""A model in a process of its own: it answers as here, and what it does wrong is told."""

import gc
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deeplearn_utils.edge import ModelError, artifact, isolated, runtime
from tests.edge.artifact.lines import NETWORK, packed, parts_of, sealed, zipped


@pytest.fixture
def path(tmp_path):
    artifact.save(packed(), tmp_path / "moons.zip")
    return tmp_path / "moons.zip"


def refused(error, message, call, *arguments, **options):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call(*arguments, **options)


def test_it_answers_as_the_model_here_does(path):
    X = np.random.default_rng(1).uniform(0, 16, (40, 3))
    expected = runtime.load(path).predict(X)
    with runtime.load(path, digest=artifact.digest(packed()), isolated=True) as model:
        np.testing.assert_array_equal(model.predict(X), expected)
        np.testing.assert_array_equal(model.predict(X[:1]), expected[:1])
        assert repr(model) == ("<Isolated moons: (n, 3) float64 within [0, 16] -> (n, 2) float64>")


def test_inputs_against_the_contract_are_told_and_harm_nothing(path):
    here = runtime.load(path)
    with runtime.load(path, isolated=True) as model:
        for X in (np.ones((2, 4)), np.ones((2, 3), "int64"), np.full((1, 3), 99.0)):
            with pytest.raises((TypeError, ValueError)) as caught:
                here.predict(X)
            refused(type(caught.value), str(caught.value), model.predict, X)
        refused(TypeError, "`X` must be an array of numbers, got list", model.predict, [1, 2, 3])
        assert model.predict(np.ones((1, 3))).shape == (1,)


def test_a_file_that_is_not_what_was_saved(path, tmp_path):
    with pytest.raises(ModelError) as caught:
        runtime.load(path, digest="0" * 64)
    refused(ModelError, str(caught.value), runtime.load, path, digest="0" * 64, isolated=True)
    with pytest.raises(FileNotFoundError):
        runtime.load(tmp_path / "none.zip", isolated=True)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ModelError) as caught:
        runtime.load(path)
    refused(ModelError, str(caught.value), runtime.load, path, isolated=True)


def test_a_model_of_another_network_in_a_sealed_file(path):
    parts = parts_of(path)
    files = runtime.mlp_files(NETWORK, np.zeros(NETWORK.layout.size))
    other = {f"model/{name}": content for name, content in files.items()}
    path.write_bytes(zipped(sealed(parts | other).items()))
    for options in ({}, {"isolated": True}):
        with pytest.raises(ModelError) as caught:
            runtime.load(path, **options)
        told = "the model of `moons` does not give its golden outputs: the largest difference is "
        assert str(caught.value).startswith(told)


def test_a_model_that_takes_too_much_memory_is_refused_not_fatal(path):
    if sys.platform != "linux":
        pytest.skip("address space is limited on Linux only")
    with pytest.raises(ModelError):
        runtime.load(path, isolated=True, memory=2**20)


# A program that misbehaves, in the place of the worker.


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Let `Isolated` start another program; `yes` in it answers."""

    def replaced(program):
        (tmp_path / "bad").mkdir()
        (tmp_path / "bad/__init__.py").touch()
        (tmp_path / "bad/worker.py").write_text(
            "import os, signal, sys, time\n"
            "def yes(content, letter=b'y'):\n"
            "    os.write(1, letter + len(content).to_bytes(8, 'big') + content)\n" + program
        )
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(isolated, "__package__", "bad")

    return replaced


def test_it_hangs(path, started):
    started("yes(b'ready')\ntime.sleep(600)")
    message = f"`{path}` gave no answer within 2 seconds: its model may hang the runtime"
    model = runtime.load(path, isolated=True, seconds=2)
    refused(ModelError, message, model.predict, np.ones((1, 3)))
    message = f"the process of `{path}` has ended; load the file again"
    refused(ModelError, message, model.predict, np.ones((1, 3)))


def test_it_crashes(path, started):
    started("yes(b'ready')\nsys.stdin.buffer.read(8)\nos.kill(os.getpid(), signal.SIGSEGV)")
    model = runtime.load(path, isolated=True)
    message = f"`{path}` made its process stop with signal 11"
    refused(ModelError, message, model.predict, np.ones((1, 3)))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("yes(b'{}', b'n')", "gave an answer that can't be read"),
        ("yes(b'7', b'n')", "gave an answer that can't be read"),
        ("os.write(1, b'y' + b'\\xff' * 8); time.sleep(600)", "gave an answer that can't be read"),
        ("os.write(1, b'x' + bytes(8)); time.sleep(600)", "gave an answer that can't be read"),
        (
            "os.write(1, b'y' + bytes(7) + b'9' + b'cut'); os._exit(3)",
            "made its process stop with status 3",
        ),
        ("os._exit(0)", "made its process stop with status 0"),
    ],
)
def test_what_is_no_answer(said, message, path, started):
    started(said)
    refused(ModelError, f"`{path}` {message}", runtime.load, path, isolated=True)


def test_an_answer_that_is_no_array(path, started):
    started("yes(b'ready')\nyes(b'no array')\ntime.sleep(600)")
    model = runtime.load(path, isolated=True)
    message = (
        f"`{path}` gave an answer that can't be read: an array's header can't be read: the magic "
        "string is not correct; expected b'\\x93NUMPY', got b'no arr'"
    )
    refused(ModelError, message, model.predict, np.ones((1, 3)))


def test_no_process_outlives_its_model(path):
    model = runtime.load(path, isolated=True)
    process = model._process
    del model
    gc.collect()
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_limits_must_be_some(path):
    message = "`seconds` must be a number in (0, inf), got 0"
    refused(ValueError, message, runtime.load, path, isolated=True, seconds=0)
    message = "`memory` must be at least 1, got 0"
    refused(ValueError, message, runtime.load, path, isolated=True, memory=0)


ALONE = """
import importlib.util, sys
sys.path.insert(0, sys.argv[1])  # the book's own package
for name in ("tensorflow", "keras", "torch", "jax", "scipy", "litert_quantizer", "matplotlib"):
    assert importlib.util.find_spec(name) is None, name
import numpy as np
from deeplearn_utils.edge import runtime
print(*runtime.load(sys.argv[2]).predict(np.load(sys.argv[3])))
"""


def test_litert_and_numpy_are_all_it_takes(int8_file, digit_images, tmp_path, runtime_python):
    root = Path(__file__).parents[2]
    files = {"digits.tflite": int8_file}
    X = digit_images["X_test"][:20]
    names = tuple("0123456789")
    whole = artifact.pack("digits", files, X, format="litert", classes=names)
    artifact.save(whole, tmp_path / "digits.zip")
    np.save(tmp_path / "X.npy", X)
    command = [runtime_python, "-I", "-c", ALONE, root, tmp_path / "digits.zip", tmp_path / "X.npy"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [*runtime.load(tmp_path / "digits.zip").predict(X)]
    with runtime.load(tmp_path / "digits.zip", isolated=True) as model:
        np.testing.assert_array_equal(model.predict(X), done.stdout.split())
