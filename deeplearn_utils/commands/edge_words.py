"""Words of `deeplearn edge`: compress a model, run one, measure it, export it to C or a page."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from ..edge import ModelError, artifact, budget, integer, runtime
from ..edge.artifact import Artifact
from ..edge.artifact.archive import replacing
from ..edge.compress import KINDS, litert_bytes, post_training
from ..edge.convert import keras_twin
from ..edge.convert.sources import load_source
from ..edge.export_c import export_c
from ..edge.export_js import engine_js, export_js
from ..edge.npy import from_npy, to_npy
from ..edge.parity import compare
from ..kernels.quantize import ROUNDINGS
from ..networks import MLP
from .telling import say, told

ARTIFACT = ".zip"  # how an artifact's name ends, by custom


def compress(
    source: Annotated[
        Path,
        typer.Argument(
            help="A Keras model (.keras), a folder of the format mlp, a LiteRT file in float32, or "
            "an artifact of one of them."
        ),
    ],
    target: Annotated[
        Path, typer.Argument(help="A LiteRT file (.tflite), or from an artifact another (.zip).")
    ],
    to: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "int8",
    inputs: Annotated[
        Path | None,
        typer.Option(
            help="Inputs as the model takes them (.npy), from the training set: int8 is calibrated "
            "with them, and both models are compared on them. Default: an artifact's golden inputs."
        ),
    ] = None,
) -> None:
    """Write a model with fewer bits, and say what that changes."""
    console = Console()
    with told():
        whole = as_artifact(source)
        if target.suffix not in (ARTIFACT, ".tflite") or (target.suffix == ARTIFACT and not whole):
            raise ValueError(
                f"`{target}` must end in .tflite, or in .zip where the source is an artifact"
            )
        X = inputs_of(inputs, whole)
        with console.status(f"Loading {source} ...") as status:
            content = _float_litert(source, whole)
            status.update(f"Compressing to {to}, with {len(X)} inputs ...")
            small = post_training(content, to=to, X=X)
            parity = compare(_outputs(small, X), _outputs(content, X))
            if target.suffix == ARTIFACT:
                artifact.save(_repacked(whole, small), target)
            else:
                with replacing(target) as temporary:
                    temporary.write_bytes(small)
    before, after = budget.size(content), budget.size(small)
    say(console, f"{target}: LiteRT, {to}")
    say(
        console,
        f"{before.n_bytes} bytes became {after.n_bytes}; packed by gzip, {before.n_compressed} "
        f"became {after.n_compressed}",
    )
    say(console, f"on {parity.n_samples} inputs {parity}")


def run(
    path: Annotated[Path, typer.Argument(help="An artifact, or a model's file or folder.")],
    inputs: Annotated[Path, typer.Argument(help="A batch of inputs (.npy).")],
    output: Annotated[
        Path | None, typer.Option(help="Where to write the answers (.npy). Default: print them.")
    ] = None,
    digest: Annotated[
        str | None, typer.Option(help="The SHA-256 that an artifact must have.")
    ] = None,
    isolated: Annotated[
        bool, typer.Option(help="Run an artifact in a process of its own, with limits.")
    ] = False,
    seconds: Annotated[float, typer.Option(help="How long an isolated model may take.")] = 30,
) -> None:
    """Compute a batch: an artifact gives names or units, a bare file its outputs."""
    console = Console()
    with told():
        X = from_npy(inputs.read_bytes())
        with console.status("Computing ..."):
            if as_artifact(path, read=False) is None:
                if digest or isolated:
                    raise ValueError(f"`{path}` is a bare model; only an artifact has a digest")
                answers = runtime.open_model(path, runtime.format_of(path))(X)
            else:
                options = {"digest": digest, "isolated": isolated, "seconds": seconds}
                answers = runtime.load(path, **options).predict(X)
        if output is not None:
            with replacing(output) as temporary:
                temporary.write_bytes(to_npy(answers))
            say(console, f"{output}: {answers.shape} {answers.dtype}")
            return
    for row in answers.tolist():
        values = row if isinstance(row, list) else [row]
        say(console, " ".join(v if isinstance(v, str) else f"{v:.7g}" for v in np.ravel(values)))


def bench(
    path: Annotated[Path, typer.Argument(help="An artifact, or a model's file or folder.")],
    inputs: Annotated[
        Path | None,
        typer.Option(
            help="Inputs as the model takes them (.npy). Default: an artifact's golden inputs, or "
            "zeros."
        ),
    ] = None,
    repeats: Annotated[int, typer.Option(help="How many inputs are timed, one at a time.")] = 1000,
    flash: Annotated[int | None, typer.Option(help="Bytes of a device for the model.")] = None,
    ram: Annotated[int | None, typer.Option(help="Bytes of a device for activations.")] = None,
) -> None:
    """Measure a model's file: size, memory, start-up, latency, operations."""
    console = Console()
    with told(), tempfile.TemporaryDirectory() as folder:
        if (flash is None) != (ram is None):
            raise ValueError("`--flash` and `--ram` describe a device together: give both")
        target = None if flash is None else budget.Target(flash, ram)
        whole = as_artifact(path)
        format = runtime.format_of(path) if whole is None else whole.format
        if whole is not None:
            path = runtime.written(whole.model, Path(folder), is_folder=format in runtime.FOLDERS)
        X = _bench_inputs(path, format, inputs, whole)
        with console.status(f"Timing {repeats} inputs ...") as status:
            rows = [("latency", str(budget.latency(path, X, format=format, repeats=repeats)))]
            if format == "litert":
                status.update("Starting processes ...")
                started = budget.start_up(path)
                rows += [
                    ("start-up", f"{started.seconds:.2f} s to the first answer, of a new process"),
                    ("memory", f"{started.resident / 2**20:.0f} MiB resident"),
                ]
        content = b"".join(runtime.files_of(path).values())
        measured = budget.size(content)
        rows.insert(
            0,
            ("size", f"{measured.n_bytes} bytes, {measured.n_compressed} packed by gzip"),
        )
        rows += _of_integers(content, target) if format == "litert" else []
    table = Table(show_header=False)
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)


def export(
    path: Annotated[
        Path, typer.Argument(help="An 8-bit LiteRT file (.tflite), or an artifact of one.")
    ],
    target: Annotated[
        Path,
        typer.Argument(
            help="NAME.c, with NAME.h beside it, or NAME.json, with engine.js beside it."
        ),
    ],
    rounding: Annotated[
        str,
        typer.Option(
            help=f"Of a C program, one of {', '.join(ROUNDINGS)}: float is LiteRT's, double is "
            "tflite-micro's, and takes no floating-point numbers."
        ),
    ] = "double",
    main: Annotated[
        bool, typer.Option(help="Add a main to a C program: inputs in, outputs out, as bytes.")
    ] = False,
    without_softmax: Annotated[
        bool,
        typer.Option(
            "--without-softmax",
            help="Leave out a softmax that is the last layer: the outputs are logits, of which the "
            "largest is the class.",
        ),
    ] = False,
) -> None:
    """Write an 8-bit model as a C program, or for a page."""
    console = Console()
    with told():
        if target.suffix not in (".c", ".json"):
            raise ValueError(f"`{target}` must end in .c or .json")
        whole = as_artifact(path)
        if whole is not None and whole.format != "litert":
            raise ModelError(f"`{path}` holds a model as {whole.format}; LiteRT's are exported")
        content = path.read_bytes() if whole is None else next(iter(whole.model.values()))
        model = integer.read(content, without_softmax=without_softmax)
        if target.suffix == ".c":
            source, header = export_c(model, target.stem, rounding=rounding, main=main)
            written = {target: source, target.with_suffix(".h"): header}
        else:
            written = {target: export_js(model), target.with_name("engine.js"): engine_js()}
        for place, text in written.items():
            with replacing(place) as temporary:
                temporary.write_text(text, "utf-8")
    for place, text in written.items():
        say(console, f"{place}: {len(text.encode())} bytes")
    n_weights = sum(step.W.nbytes + step.b.nbytes for step in model.steps if step.W is not None)
    say(console, f"weights and biases: {n_weights} bytes; {model.operations()} products an input")


def as_artifact(path: Path, *, read: bool = True) -> Artifact | bool | None:
    """Return the artifact at a path; None for a model's file; True, without reading, for none."""
    path.stat()
    try:
        runtime.format_of(path)
    except ModelError:
        return artifact.load(path) if read else True
    return None


def inputs_of(path: Path | None, whole: Artifact | None) -> np.ndarray:
    """Return the inputs in a file, or an artifact's golden ones as its model takes them."""
    if path is not None:
        return from_npy(path.read_bytes())
    if whole is None:
        raise ValueError(
            "`--inputs` must name a .npy file of inputs, on which both are compared; only an "
            "artifact brings its own"
        )
    return whole.prepare(whole.golden_inputs)


def _float_litert(source: Path, whole: Artifact | None) -> bytes:
    """Return a float32 LiteRT file of whatever a source is."""
    format = runtime.format_of(source) if whole is None else whole.format
    if format == "litert":
        return source.read_bytes() if whole is None else next(iter(whole.model.values()))
    with tempfile.TemporaryDirectory() as folder:
        if whole is not None:
            is_folder = format in runtime.FOLDERS
            source = runtime.written(whole.model, Path(folder), is_folder=is_folder)
        model, theta = load_source(source, format)
    return litert_bytes(keras_twin(model, theta) if isinstance(model, MLP) else model)


def _outputs(content: bytes, X: np.ndarray) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        path.write_bytes(content)
        session = runtime.open_model(path, "litert")
    return session(X.astype(session.dtype))


def _repacked(whole: Artifact, content: bytes) -> Artifact:
    """Return an artifact with another model, and the golden outputs of that one."""
    X = whole.golden_inputs
    return artifact.pack(
        whole.name,
        {"model.tflite": content},
        X.astype("float32") if X.dtype.kind == "f" else X,
        format="litert",
        low=whole.input.low,
        high=whole.input.high,
        scaler=whole.scaler,
        target_scaler=whole.target_scaler,
        classes=whole.classes,
        tolerance=whole.tolerance,
    )


def _bench_inputs(
    path: Path, format: str, inputs: Path | None, whole: Artifact | None
) -> np.ndarray:
    if inputs is not None or whole is not None:
        return inputs_of(inputs, whole)
    session = runtime.open_model(path, format)
    if session.shape is None:
        raise ValueError("`--inputs` must name a .npy file: the model's file says no shape")
    return np.zeros((1, *session.shape), session.dtype or "float32")


def _of_integers(content: bytes, target: budget.Target | None) -> list[tuple[str, str]]:
    """Return what an 8-bit model tells of itself; nothing for one that is none."""
    try:
        model = integer.read(content)
    except ModelError:
        if target is None:
            return []
        raise
    memory = budget.arena(model.core())
    rows = [
        ("operations", f"{model.operations()} products of a weight and an input"),
        ("activations", f"{memory} bytes at the same time, in int8"),
    ]
    if target is not None:
        rows.append(("device", target.used(flash=len(content), ram=memory)))
    return rows
