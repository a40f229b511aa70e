"""Small models: what 8 bits buy, the C program and the page's engine, and what a process costs.

Where 8 bits are faster the table of single layers shows. In a dense layer each weight is read for
one product, and four times fewer bytes are read. In a convolution each weight is used at every
place, so that arithmetic takes the time, and what it gains depends on the processor's instructions
(AVX2 alone, or VNNI). The table's control is the number of input channels: with one, XNNPACK's
8-bit convolution takes as long as with eight, and the float32 one doesn't.

The factor of 2 that is asked for was reported for a CNN of 44,634 parameters whose layers aren't
told: one with as many is measured beside the chapter's networks.
"""

import ctypes
import json
import re
import shutil
import subprocess
from functools import partial

import numpy as np
import pytest

from deeplearn_utils.arrays import import_quietly
from deeplearn_utils.datasets import digits
from deeplearn_utils.edge import budget, integer
from deeplearn_utils.edge.compress import distill, litert_bytes, pipeline, post_training
from deeplearn_utils.edge.export_c import export_c
from deeplearn_utils.edge.export_js import engine_js
from deeplearn_utils.explorers.edge.reader import reader
from tests.bench import goals
from tests.bench.test_kernels import repeated

CALLS = 200
MICRO = 1e6 / CALLS
FLAGS = ("-std=c99", "-O3", "-march=native")

LOOP = """
#include "net.h"
void net_loop(int n, const int8_t *input, int8_t *output) {
  for (int i = 0; i < n; i++) net_run(input, output);
}
"""


def convolutions(keras, channels, hidden=None):
    """The networks of chapter 6: two convolutions with pooling, and dense layers."""
    layers = [keras.Input((8, 8, 1))]
    for n in (channels, 2 * channels):
        layers += [keras.layers.Conv2D(n, 3, padding="same", activation="relu")]
        layers += [keras.layers.MaxPooling2D()]
    layers += [keras.layers.Flatten()]
    layers += [keras.layers.Dense(hidden, activation="relu")] if hidden else []
    return keras.Sequential([*layers, keras.layers.Dense(10)])


def dense(keras, *sizes):
    hidden = [keras.layers.Dense(n, activation="relu") for n in sizes[1:-1]]
    return keras.Sequential([keras.Input(sizes[:1]), *hidden, keras.layers.Dense(sizes[-1])])


def one_layer(keras, kind, n_in, n_out):
    if kind == "dense":
        return dense(keras, n_in, n_out)
    layer = keras.layers.Conv2D(n_out, 3, padding="same", activation="relu")
    return keras.Sequential([keras.Input((8, 8, n_in)), layer])


def both_files(model):
    """Return the float32 and the int8 LiteRT file of a model; the latter takes and gives int8."""
    X = np.random.default_rng(0).uniform(size=(32, *model.input_shape[1:])).astype("float32")
    content = litert_bytes(model)
    return content, post_training(content, to="int8", X=X, real_ends=False)


def interpreter(content):
    """Return LiteRT's interpreter, with an input, on one thread."""
    litert = import_quietly("ai_edge_litert.interpreter")
    made = litert.Interpreter(model_content=content, num_threads=1)
    made.allocate_tensors()
    (takes,) = made.get_input_details()
    made.set_tensor(takes["index"], np.full(takes["shape"], 1, takes["dtype"]))
    return made


def compiled(model, folder, *flags, rounding="float"):
    """Return the C program of an 8-bit model as a library of this process."""
    source, header = export_c(model, "net", rounding=rounding)
    (folder / "net.c").write_text(source + LOOP)
    (folder / "net.h").write_text(header)
    command = ["cc", *flags, "-shared", "-fPIC", "net.c", "-o", "net.so"]
    subprocess.run(command, cwd=folder, check=True)
    return ctypes.CDLL(str(folder / "net.so"))


@pytest.fixture(scope="module")
def keras():
    import_quietly("tensorflow")
    keras = import_quietly("keras")
    keras.utils.set_random_seed(0)
    return keras


def as_many_weights(keras):
    """Return a CNN of 44,634 parameters: as many as the one for which a factor of 2 is reported."""
    layers = [
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(256, activation="relu"),
        keras.layers.Dense(10),
    ]
    return keras.Sequential([keras.Input((8, 8, 1)), *layers])


NETWORKS = {
    "chapter 6, 8 channels": partial(convolutions, channels=8),
    "chapter 6, given network": partial(convolutions, channels=64, hidden=512),
    "CNN of 44,634 parameters": as_many_weights,
    "64-256-256-10": lambda keras: dense(keras, 64, 256, 256, 10),
    "64-1024-1024-10": lambda keras: dense(keras, 64, 1024, 1024, 10),
}


@pytest.mark.usefixtures("one_core")
@pytest.mark.parametrize("name", NETWORKS)
def test_8_bits_against_float32(name, keras, medians, table):
    model = NETWORKS[name](keras)
    content, small = both_files(model)
    found = medians(
        {
            "float32": repeated(interpreter(content).invoke, CALLS),
            "int8": repeated(interpreter(small).invoke, CALLS),
        }
    )
    goals.faster(f"int8 LiteRT against float32, {name}", found["int8"], found["float32"], 2)
    header = ("network", "parameters", "float32 (µs)", "int8 (µs)", "ratio")
    columns = (name, model.count_params(), *in_microseconds(found, "float32", "int8"))
    table("LiteRT at batch 1", header, *columns)


@pytest.mark.usefixtures("one_core")
def test_8_bits_against_keras(keras, medians):
    model = convolutions(keras, 8)
    x = np.ones((1, 8, 8, 1), "float32")
    small = interpreter(both_files(model)[1])
    peers = {"Keras": partial(model.predict, x, verbose=0), "int8": repeated(small.invoke, CALLS)}
    found = medians(peers, rounds=9)
    name = "int8 LiteRT against Keras predict, batch 1, chapter 6, 8 channels"
    goals.faster(name, found["int8"] / CALLS, found["Keras"], 500)


def in_microseconds(found, *names):
    """Return the times of one call, and how many times faster the second is."""
    first, second = (found[name] * MICRO for name in names)
    return f"{first:.2f}", f"{second:.2f}", f"{first / second:.2f}"


LAYERS = [
    *(("convolution", n_in, 64) for n_in in (1, 8, 64)),
    ("convolution", 256, 256),
    *(("dense", n, n) for n in (64, 256, 1024)),
]


@pytest.mark.usefixtures("one_core")
@pytest.mark.parametrize(("kind", "n_in", "n_out"), LAYERS)
def test_where_8_bits_are_faster(kind, n_in, n_out, keras, medians, table):
    files = both_files(one_layer(keras, kind, n_in, n_out))
    found = medians(
        {
            name: repeated(interpreter(content).invoke, CALLS)
            for name, content in zip(("float32", "int8"), files, strict=True)
        }
    )
    header = ("layer", "float32 (µs)", "int8 (µs)", "ratio")
    columns = (f"{kind}, {n_in} to {n_out}", *in_microseconds(found, "float32", "int8"))
    table("Single layers in LiteRT; convolutions are 3 by 3 on 8 by 8 places", header, *columns)


@pytest.mark.usefixtures("one_core")
@pytest.mark.parametrize("channels", [8, 16])
def test_the_c_program(channels, keras, medians, table, tmp_path):
    if shutil.which("cc") is None:
        goals.not_here("C program against LiteRT", "there is no C compiler (cc)")
        return
    _, small = both_files(convolutions(keras, channels))
    model = integer.read(small)
    x, z = np.ones(64, np.int8), np.zeros(10, np.int8)
    peers = {"LiteRT": repeated(interpreter(small).invoke, CALLS)}
    for rounding in ("float", "double"):
        for flags in (FLAGS, FLAGS[:2]):
            folder = tmp_path / f"{rounding}-{len(flags)}"
            folder.mkdir()
            run = compiled(model, folder, *flags, rounding=rounding).net_loop
            ends = (ctypes.c_void_p(array.ctypes.data) for array in (x, z))
            peers[f"{rounding}, {' '.join(flags[1:])}"] = partial(run, CALLS, *ends)
    found = medians(peers)
    best = f"float, {' '.join(FLAGS[1:])}"
    name = f"C program against LiteRT, {channels} channels, batch 1"
    goals.no_slower(name, found[best], found["LiteRT"], 2)
    for peer, seconds in found.items():
        header = ("network", "by", "µs", "LiteRT's time")
        ratio = f"{seconds / found['LiteRT']:.2f}"
        table(
            "The C program", header, f"{channels} channels", peer, f"{seconds * MICRO:.2f}", ratio
        )
    if channels == 8 and shutil.which("size"):
        for flag in ("-Os", "-O3"):
            goals.within(
                f"C program without the model, {flag}",
                text_of(tmp_path, model, flag),
                9000,
                "bytes",
            )


def text_of(folder, model, flag):
    """Return how many bytes of machine code the C program has, with the rounding "double"."""
    source, header = export_c(model, "net")
    (folder / "net.c").write_text(source)
    (folder / "net.h").write_text(header)
    subprocess.run(["cc", "-std=c99", flag, "-c", "net.c"], cwd=folder, check=True)
    told = subprocess.run(["size", "-A", folder / "net.o"], capture_output=True, encoding="utf-8")
    return sum(int(n) for n in re.findall(r"^\.text\S*\s+(\d+)", told.stdout, re.MULTILINE))


PAGE = """
import { readFileSync } from "node:fs";
import { load } from "./engine.mjs";
const { model, X } = JSON.parse(readFileSync("work.json"));
const network = load(model);
const times = [];
for (let round = 0; round < 20; round++)
  for (const x of X) {
    const started = performance.now();
    network.predict(x);
    times.push(performance.now() - started);
  }
times.sort((a, b) => a - b);
console.log(times[times.length >> 1] * 1000);
"""


def test_the_engine_of_the_page(tmp_path):
    name = "the page's engine, one digit"
    if shutil.which("node") is None:
        goals.not_here(name, "there is no Node.js")
        return
    (tmp_path / "engine.mjs").write_text(engine_js())
    (tmp_path / "program.mjs").write_text(PAGE)
    X = (digits(scale=False).X_test / 16).tolist()
    (tmp_path / "work.json").write_text(json.dumps({"model": reader().model, "X": X}))
    done = subprocess.run(
        ["node", "program.mjs"], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True
    )
    goals.within(name, float(done.stdout), 5000)


def test_a_process_with_the_runtime_alone(keras, tmp_path, runtime_python):
    path = tmp_path / "small.tflite"
    path.write_bytes(both_files(convolutions(keras, 8))[1])
    started = budget.start_up(path, repeats=9, python=runtime_python)
    goals.within("runtime alone: memory", started.resident / 2**20, 60, "MiB")
    goals.within("runtime alone: start to first answer", started.seconds, 0.5, "s")


def test_the_smallest_model(keras):
    """The search of chapter 6: one teacher, one seed."""
    data = digits(dtype="float32", scale=False)
    images = {
        **{f"X_{part}": (getattr(data, f"X_{part}") / 16).reshape(-1, 8, 8, 1) for part in PARTS},
        **{f"y_{part}": getattr(data, f"y_{part}") for part in PARTS},
    }
    X, y = images["X_train"], images["y_train"]
    keras.utils.set_random_seed(0)
    teacher = convolutions(keras, 64, 512)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    teacher.compile(keras.optimizers.Adam(0.001), loss)
    teacher.fit(X, y, batch_size=64, epochs=20, verbose=0)
    options = {"epochs": 60, "batch_size": 64, "learning_rate": 0.005}
    student = distill(convolutions(keras, 8), X, y, np.asarray(teacher(X)), **options)
    found = pipeline(
        teacher, images, students={"student": student}, sparsities=(0.0, 0.97), epochs=12
    )
    goals.smaller("teacher to smallest, one point or less", found.times_smaller, 300)
    alone = found.find("original", sparsity=0.97)
    if found.original.accuracy - alone.accuracy > found.most_loss:
        alone = found.find("original")
    ratio = found.original.n_bytes / alone.n_compressed
    goals.smaller("given network alone, one point or less", ratio, 35)


PARTS = ("train", "validation", "test")
