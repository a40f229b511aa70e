"""The JavaScript engine, under Node.js: LiteRT's and tflite-micro's integers bit for bit."""

import json
import re
import shutil
import subprocess
import zlib

import numpy as np
import pytest

from deeplearn_utils.edge import integer
from deeplearn_utils.edge.export_js import engine_js, export_js
from tests.edge.export.random_models import branched_model, image_model, inputs

NODE = shutil.which("node")
need_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")

PROGRAM = """
import { readFileSync } from "node:fs";
import { load } from "./engine.mjs";
const { model, X, whole, rounding } = JSON.parse(readFileSync("work.json"));
const network = load(model);
const answers = X.map((x) => network.predict(whole ? Int8Array.from(x) : x, rounding));
const told = answers.map(({ layers, integers, real }) => ({
  layers: layers.map((z) => [...z]), integers: [...integers], real: [...real],
}));
process.stdout.write(JSON.stringify(told));
"""


def by_node(folder, model, X, rounding="float"):
    (folder / "engine.mjs").write_text(engine_js())
    (folder / "program.mjs").write_text(PROGRAM)
    work = {"model": json.loads(export_js(model)), "X": X.reshape(len(X), -1).tolist()}
    work |= {"whole": X.dtype == np.int8, "rounding": rounding}
    (folder / "work.json").write_text(json.dumps(work))
    done = subprocess.run([NODE, "program.mjs"], cwd=folder, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@need_node
def test_float_rounding_is_litert_on_the_whole_test_set(
    int8_file, int8_ends_file, digit_images, run_litert, tmp_path
):
    X = digit_images["X_test"]
    answers = by_node(tmp_path, integer.read(int8_file), X)
    expected = run_litert(int8_file, X)
    found = np.array([answer["real"] for answer in answers], "float32")
    np.testing.assert_array_equal(found, expected)
    model = integer.read(int8_ends_file)
    whole = np.array([answer["layers"][0] for answer in answers], "int8").reshape(X.shape)
    found = np.array([answer["integers"] for answer in answers], "int8")
    np.testing.assert_array_equal(found, run_litert(int8_ends_file, whole))
    np.testing.assert_array_equal(found, model.predict(whole))


@need_node
def test_double_rounding_is_the_kernels_on_the_whole_test_set(int8_file, digit_images, tmp_path):
    X, model = digit_images["X_test"], integer.read(int8_file)
    answers = by_node(tmp_path, model, X, "double")
    found = np.array([answer["real"] for answer in answers], "float32")
    np.testing.assert_array_equal(found, model.predict(X, rounding="double"))


@need_node
@pytest.mark.parametrize("rounding", ["float", "double"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", [image_model, branched_model])
def test_every_layer_is_the_kernels(rounding, make, seed, tmp_path):
    model = make(seed)
    X = inputs(model, 20)
    answers = by_node(tmp_path, model, X, rounding)
    computed = [z for step, z in model.layers(X, rounding=rounding) if step.kind != "reshape"]
    for n, expected in enumerate(computed, 1):
        found = np.array([answer["layers"][n] for answer in answers], "int8")
        np.testing.assert_array_equal(found, expected.reshape(len(X), -1))


@need_node
def test_inputs_of_another_length_and_other_models_are_refused(tmp_path):
    model = image_model(0)
    for line, message in (
        ("load({})", "this is no 8-bit model of this engine"),
        ("load(model).predict([1, 2])", "the network takes 105 numbers, got 2"),
    ):
        (tmp_path / "engine.mjs").write_text(engine_js())
        (tmp_path / "program.mjs").write_text(
            f'import {{ load }} from "./engine.mjs";\nconst model = {export_js(model)};\n{line};'
        )
        done = subprocess.run(
            [NODE, "program.mjs"], cwd=tmp_path, capture_output=True, encoding="utf-8"
        )
        assert f"Error: {message}" in done.stderr


def test_the_engine_is_small_and_imports_nothing():
    source = engine_js()
    assert "import" not in re.sub(r"//.*|/\*.*?\*/", "", source, flags=re.DOTALL)
    assert len(zlib.compress(source.encode(), 9)) < 2048


def test_a_layer_that_the_engine_does_not_know():
    tensors = (integer.Tensor((2,), "int8"),) * 2
    added = integer.IntegerModel(tensors, (integer.Step("softmax", (0,), 1),), 0, 1)
    message = (
        "`model` must have layers among dense, conv2d, depthwise_conv2d, max_pool2d, "
        "average_pool2d, add, got softmax"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        export_js(added)
