"""Measure latency against batch size and threads on this machine, for the panel on batching.

Run it where nothing else runs::

    python -m deeplearn_utils.explorers.deployment.measuring FILE

A small network is trained on the digits and converted. Each runtime, with each number of threads,
opens it in a process of its own. They take turns: in every round each measures all batch sizes, in
an order drawn by lot, so that whatever else the machine does meets all of them alike.
"""

from __future__ import annotations

import argparse
import datetime
import json
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import packages_distributions, version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from deeplearn_utils.arrays import import_quietly
from deeplearn_utils.arrays.importing import silent_stderr
from deeplearn_utils.datasets import digits
from deeplearn_utils.edge.convert import convert
from deeplearn_utils.edge.formats import RUNTIMES, open_model

from ..parts.stored import sealed
from .measured import BATCHES, FORMATS, THREADS

CALLS = 5  # of each batch size in each round
VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTEROP_THREADS")
"""They would overrule the threads asked for."""

Model = Callable[[np.ndarray], np.ndarray]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write a file of JSON."""
    parser = argparse.ArgumentParser(prog="measuring", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, metavar="FILE", help="what to write")
    parser.add_argument("--rounds", type=int, default=100, help=f"of {CALLS} calls (default: 100)")
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES, metavar="B")
    parser.add_argument("--formats", choices=FORMATS, nargs="+", default=FORMATS, metavar="FORMAT")
    options = parser.parse_args(arguments)
    found = measure(options.rounds, options.batches, options.formats)
    options.file.write_text(sealed(json.dumps(found, indent=1) + "\n"), encoding="utf-8")


def measure(rounds: int, batches: Sequence[int], formats: Sequence[str]) -> dict[str, Any]:
    """Return all latencies in milliseconds, and what they depend on; skip what isn't installed."""
    packages = packages_distributions()
    modules = {name: RUNTIMES[name].module.partition(".")[0] for name in formats}
    formats = [name for name in formats if modules[name] in packages]
    places = [(name, threads) for name in formats for threads in THREADS]
    seconds: dict[tuple[str, int, int], list[float]] = {}
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        tell("training and converting the network")
        right = prepare(Path(folder), formats, batches)
        workers = [running.enter_context(worker(folder, *place)) for place in places]
        for number in range(rounds):
            tell(f"round {number + 1} of {rounds}")
            for place in rng.permutation(len(places)):
                order = rng.permutation(batches).tolist()
                for batch, found in zip(order, asked(workers[place], order), strict=True):
                    seconds.setdefault((*places[place], batch), []).extend(found)
    names = ["keras", *(packages[modules[name]][0] for name in formats)]
    return {
        "machine": machine(),
        "date": datetime.date.today().isoformat(),
        "versions": {name: version(name) for name in names},
        "validation_accuracy": round(right, 4),
        "calls": rounds * CALLS,
        "batches": list(batches),
        "milliseconds": {
            name: {
                str(threads): {
                    title: [quantile(seconds[name, threads, batch], q) for batch in batches]
                    for title, q in (("median", 50), ("95 %", 95))
                }
                for threads in THREADS
            }
            for name in formats
        },
    }


def quantile(seconds: list[float], percent: float) -> float:
    """Return a percentile in milliseconds, with four significant digits.

    >>> quantile([0.001, 0.0012345678, 0.004], 50)
    1.235
    """
    return float(f"{1e3 * np.percentile(seconds, percent):.4g}")


def tell(what: str) -> None:
    """Say what goes on, on stderr."""
    sys.stderr.write(f"{what}\n")


def network() -> Any:
    """Return the untrained network: two blocks of convolution, normalization, ReLU and pooling."""
    keras = import_quietly("keras")
    layers = keras.layers
    blocks = [
        layer
        for channels in (8, 16)
        for layer in (
            layers.Conv2D(channels, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
        )
    ]
    return keras.Sequential([keras.Input((8, 8, 1)), *blocks, layers.Flatten(), layers.Dense(10)])


def prepare(folder: Path, formats: Sequence[str], batches: Sequence[int]) -> float:
    """Train the network, write its files, and return its accuracy on the validation digits."""
    keras = import_quietly("keras")
    keras.utils.set_random_seed(0)
    data = digits(dtype="float32")
    X, X_validation = (x.reshape(-1, 8, 8, 1) for x in (data.X_train, data.X_validation))
    model = network()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(X, data.y_train, batch_size=32, epochs=10, verbose=0)
    right = model.evaluate(X_validation, data.y_validation, verbose=0, return_dict=True)
    for name in formats:
        for batch in batches if name == "litert" else (1,):
            convert(model, place_of(folder, name, batch), X_validation, to=name, batch=batch)
    np.save(folder / "samples.npy", np.resize(X_validation, (max(batches), 8, 8, 1)))
    return float(right["accuracy"])


def place_of(folder: Path, name: str, batch: int = 1) -> Path:
    """Return where a model's file is: LiteRT has one for each batch size."""
    return folder / f"{name}-{batch}{RUNTIMES[name].suffix}"


@contextmanager
def worker(folder: str, name: str, threads: int) -> Iterator[Connection]:
    """Start a process that measures one runtime with so many threads, and end it afterwards."""
    kept = {name: os.environ.pop(name) for name in VARIABLES if name in os.environ}
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, folder, name, threads), daemon=True)
    process.start()
    theirs.close()
    os.environ.update(kept)
    try:
        yield ours
    finally:
        ours.close()
        process.join()


def asked(connection: Connection, order: list[int]) -> list[list[float]]:
    """Return the seconds of some calls of each batch size."""
    connection.send(order)
    return connection.recv()


def work(connection: Connection, folder: str, name: str, threads: int) -> None:
    """Measure what is asked for, until nobody asks any more."""
    model_of = OPEN[name](Path(folder), threads)
    samples = np.load(Path(folder) / "samples.npy")
    while True:
        try:
            order = connection.recv()
        except EOFError:
            return
        connection.send([timed(model_of(batch), samples[:batch]) for batch in order])


def timed(model: Model, X: np.ndarray) -> list[float]:
    """Return the seconds of some calls, after two that are not counted."""
    seconds = []
    for _ in range(2 + CALLS):
        started = time.perf_counter()
        model(X)
        seconds.append(time.perf_counter() - started)
    return seconds[2:]


def open_litert(folder: Path, threads: int) -> Callable[[int], Model]:
    """Open one file for each batch size."""
    interpreter = import_quietly("ai_edge_litert.interpreter").Interpreter
    opened: dict[int, Model] = {}

    def opening(batch: int) -> Model:
        content = place_of(folder, "litert", batch).read_bytes()
        with silent_stderr():
            model = interpreter(model_content=content, num_threads=threads)
            model.allocate_tensors()
        (takes,), (gives,) = model.get_input_details(), model.get_output_details()

        def compute(X: np.ndarray) -> np.ndarray:
            model.set_tensor(takes["index"], X)
            model.invoke()
            return model.get_tensor(gives["index"])

        return compute

    def model_of(batch: int) -> Model:
        if batch not in opened:
            opened[batch] = opening(batch)
        return opened[batch]

    return model_of


def open_onnx(folder: Path, threads: int) -> Callable[[int], Model]:
    """Open the file for any batch size."""
    runtime = import_quietly("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    path = place_of(folder, "onnx")
    session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (takes,), (gives,) = session.get_inputs(), session.get_outputs()
    return lambda _: lambda X: session.run([gives.name], {takes.name: X})[0]


def open_savedmodel(folder: Path, threads: int) -> Callable[[int], Model]:
    """Open the SavedModel, whose signature is a compiled `tf.function`."""
    threading = import_quietly("tensorflow").config.threading
    threading.set_intra_op_parallelism_threads(threads)
    threading.set_inter_op_parallelism_threads(1)
    session = open_model(place_of(folder, "savedmodel"), "savedmodel")
    return lambda _: session


def open_torchscript(folder: Path, threads: int) -> Callable[[int], Model]:
    """Open the TorchScript file."""
    torch = import_quietly("torch")
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    session = open_model(place_of(folder, "torchscript"), "torchscript")
    return lambda _: session


OPEN = {
    "litert": open_litert,
    "onnx": open_onnx,
    "savedmodel": open_savedmodel,
    "torchscript": open_torchscript,
}


def machine() -> str:
    """Return processor, cores and, where it is known, whether there is AVX-512; not the name."""
    model, flags = processor()
    parts = [model, f"{cores()} cores"]
    if flags:
        parts.append("AVX-512" if "avx512f" in flags else "no AVX-512")
    return ", ".join(parts)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> tuple[str, set[str]]:
    """Return the processor's model and, on Linux, what it can do."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    pairs = (line.partition(":")[::2] for line in lines)
    told = {name.strip(): text.strip() for name, text in pairs}
    return told.get("model name") or platform.machine(), set(told.get("flags", "").split())


if __name__ == "__main__":
    main()
