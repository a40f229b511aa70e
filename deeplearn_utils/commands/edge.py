"""`deeplearn edge`: convert a model, look into a file, test an artifact, and `edge_words`."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from ..edge import artifact, runtime
from ..edge.artifact import Artifact
from ..edge.convert import WRITERS, Report
from ..edge.convert import convert as converted
from ..edge.convert.sources import load_source
from ..edge.verifying import verify as verified
from .edge_words import ARTIFACT, as_artifact, bench, compress, export, inputs_of, run
from .telling import say, told

edge = typer.Typer(
    no_args_is_help=True,
    help="Convert, compress, run, measure and export a model; look into a file, test an artifact.",
)
for word in (compress, run, bench, export):
    edge.command()(word)


@edge.command()
def convert(
    source: Annotated[
        Path,
        typer.Argument(help="A Keras model (.keras), a folder of the format mlp, or an artifact."),
    ],
    target: Annotated[
        Path,
        typer.Argument(
            help="What to write. From an artifact to .zip, the new one is an artifact too."
        ),
    ],
    to: Annotated[
        str | None,
        typer.Option(help=f"One of {', '.join(WRITERS)}. Default: by the target's name."),
    ] = None,
    inputs: Annotated[
        Path | None,
        typer.Option(
            help="Inputs as the model takes them (.npy), on which both are compared. "
            "Default: an artifact's golden inputs."
        ),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="How far outputs may differ, relative to the largest one.")
    ] = 1e-5,
    batch: Annotated[int, typer.Option(help="Samples that a LiteRT file takes at a time.")] = 1,
) -> None:
    """Write a model in another format, and keep it only if its runtime computes the same."""
    console = Console()
    with told():
        whole = as_artifact(source)
        to = to or _by_name(target, whole)
        options = {"to": to, "tolerance": tolerance, "batch": batch}
        X = inputs_of(inputs, whole)
        if whole is not None and target.suffix == ARTIFACT:
            with tempfile.TemporaryDirectory() as folder:
                made = Path(folder) / f"model{runtime.RUNTIMES[to].suffix}"
                report = _converted(console, source, whole, made, X, options)
                artifact.save(_packed_again(whole, made, to), target)
        else:
            report = _converted(console, source, whole, target, X, options)
    say(console, f"{target}: {runtime.RUNTIMES[to].title}, {report.n_bytes} bytes of model")
    say(console, f"on {report.parity.n_samples} samples {report.parity}")


@edge.command()
def inspect(
    path: Annotated[Path, typer.Argument(help="An artifact, or a model's file or folder.")],
) -> None:
    """Show what is in an artifact or a model's file; of an artifact, no model is opened."""
    console = Console()
    with told():
        whole = as_artifact(path)
        with console.status("Reading ..."):
            rows = _of_model(path) if whole is None else _of_artifact(whole)
    table = Table(show_header=False)
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)


@edge.command()
def verify(
    path: Annotated[Path, typer.Argument(help="An artifact.")],
    digest: Annotated[
        str | None, typer.Option(help="The SHA-256 that it must have, as inspect shows it.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long to wait for its model.")] = 120,
) -> None:
    """Test an artifact in a process of its own: file, contract and golden pair must agree."""
    console = Console()
    with told(), console.status("Testing ..."):
        verdict = verified(path, digest=digest, seconds=seconds)
    say(console, f"file      whole, SHA-256 {verdict.digest}")
    say(console, f"contract  {verdict.contract}")
    say(console, f"golden    {verdict.n_golden} inputs; {verdict.parity}")


def _by_name(target: Path, whole: Artifact | None) -> str:
    if not target.suffix:
        return "savedmodel"
    if target.suffix == ARTIFACT and whole is not None:
        raise ValueError(f"`--to` must say in which format, one of {', '.join(WRITERS)}")
    return runtime.format_of(target)


def _converted(
    console: Console,
    source: Path,
    whole: Artifact | None,
    target: Path,
    X: np.ndarray,
    options: dict,
) -> Report:
    with console.status(f"Loading {source} ...") as status, tempfile.TemporaryDirectory() as folder:
        if whole is not None:
            is_folder = whole.format in runtime.FOLDERS
            source = runtime.written(whole.model, Path(folder), is_folder=is_folder)
        model, theta = load_source(source, None if whole is None else whole.format)
        status.update(f"Converting to {options['to']}, and comparing {len(X)} samples ...")
        return converted(model, target, X, theta=theta, **options)


def _packed_again(whole: Artifact, made: Path, to: str) -> Artifact:
    """Pack a converted model with the preprocessing of the artifact that it came from."""
    takes, X = whole.input, whole.golden_inputs
    dtype = runtime.open_model(made, to).dtype or "float32"
    return artifact.pack(
        whole.name,
        runtime.files_of(made),
        X.astype(dtype) if X.dtype.kind == "f" else X,
        format=to,
        low=takes.low,
        high=takes.high,
        scaler=whole.scaler,
        target_scaler=whole.target_scaler,
        classes=whole.classes,
        tolerance=whole.tolerance,
    )


def _of_artifact(whole: Artifact) -> list[tuple[str, str]]:
    sizes = [(f"  {name}", f"{len(content)} bytes") for name, content in whole.model.items()]
    versions = [(f"  {name}", number) for name, number in whole.versions.items()]
    scalers = [name for name in ("scaler", "target_scaler") if getattr(whole, name) is not None]
    return [
        ("artifact", whole.name),
        ("format", f"{whole.format}: {runtime.RUNTIMES[whole.format].title}"),
        ("takes", whole.input.described()),
        ("gives", whole.output.described()),
        ("preprocessing", ", ".join(scalers) or "none"),
        ("classes", ", ".join(whole.classes) or "none"),
        ("golden pair", f"{len(whole.golden_inputs)} inputs, tolerance {whole.tolerance:g}"),
        ("SHA-256", artifact.digest(whole)),
        ("model", ""),
        *sizes,
        ("made with", ""),
        *versions,
    ]


def _of_model(path: Path) -> list[tuple[str, str]]:
    format, files = runtime.format_of(path), runtime.files_of(path)
    session = runtime.open_model(path, format)
    batch = "any number" if session.batch is None else str(session.batch)
    sides = {
        "takes": (session.shape, session.dtype),
        "gives": (session.output_shape, session.output_dtype),
    }
    hashes = [
        (f"  {name}", f"{len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")
        for name, content in files.items()
    ]
    return [
        ("format", f"{format}: {runtime.RUNTIMES[format].title}"),
        *((name, _side(*side)) for name, side in sides.items()),
        ("at a time", batch),
        ("files", ""),
        *hashes,
    ]


def _side(shape: tuple[int, ...] | None, dtype: str | None) -> str:
    if shape is None:
        return "the file does not say"
    return f"({', '.join(['n', *map(str, shape)])}) {dtype}"
