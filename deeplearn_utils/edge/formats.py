"""Model files, each opened by its own runtime and run in the same way: a batch in, a batch out."""

import json
import os
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ..arrays import import_quietly
from ..arrays.importing import silent_stderr
from ..checks import as_path, choice, instance, one_library, room
from ..networks import MLP
from .errors import ModelError
from .npy import from_npy, to_npy

__all__ = [
    "RUNTIMES",
    "Runtime",
    "Session",
    "files_of",
    "format_of",
    "mlp_files",
    "open_mlp",
    "open_model",
    "written",
]

AN_MLP = "an MLP, such as MLP([64, 10])"

Compute = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Session:
    """An opened model: call it with a batch.

    Parameters
    ----------
    compute : callable
        Takes a batch as the model's file wants it, returns the outputs.
    shape, dtype
        Of one input sample, and its number type. None where the file does not say.
    output_shape, output_dtype
        The same of one output.
    batch : int, optional
        How many samples the file takes at a time. Default: as many as come.
    """

    compute: Compute
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    output_shape: tuple[int, ...] | None = None
    output_dtype: str | None = None
    batch: int | None = None

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Return the outputs of a batch, shape (n, *output_shape).

        A file for batches of another size gets the samples in turn, and copies of the last one
        where they don't fill a batch.

        Raises
        ------
        TypeError, ValueError
            When X has another dtype or shape than the model takes.
        """
        one_library(X=X)
        if self.dtype is not None and (X.dtype.name != self.dtype or not X.dtype.isnative):
            raise TypeError(f"`X` must have dtype {self.dtype}, got {X.dtype}")
        if X.ndim == 0 or len(X) == 0 or (self.shape is not None and X.shape[1:] != self.shape):
            wanted = "(n, ...)" if self.shape is None else f"({_axes('n', self.shape)})"
            raise ValueError(f"`X` must have shape {wanted} and a sample, got {X.shape}")
        if self.batch is None:
            return self.compute(X)
        outputs = [self.compute(part) for part in _batches(X, self.batch)]
        return np.concatenate(outputs)[: len(X)]


def _axes(*axes: Any) -> str:
    first, rest = axes
    return ", ".join(map(str, (first, *rest)))


def _batches(X: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, len(X), size):
        part = X[start : start + size]
        missing = size - len(part)
        room(missing * max(1, part[0].size), f"a file for batches of {size}")
        yield np.concatenate([part, np.repeat(part[-1:], missing, axis=0)]) if missing else part


@dataclass(frozen=True)
class Runtime:
    """How files of one format are opened, and what has to be installed for it."""

    title: str
    suffix: str  # "" for a folder
    module: str
    extra: str
    open: Callable[[Path], Session]


def open_model(path: str | os.PathLike[str], format: str) -> Session:
    """Open a model's file, or folder, in its own runtime.

    Parameters
    ----------
    path : path
        From somebody you trust: a crafted file may hang a runtime or run code.
    format : str
        A key of `RUNTIMES`.

    Raises
    ------
    FileNotFoundError
        When nothing is there.
    ImportError
        When the runtime is not installed; the message says what brings it.
    ModelError
        When the runtime can't read the file, or it has another number of inputs than one.
    """
    choice("format", format, RUNTIMES)
    runtime, path = RUNTIMES[format], as_path("path", path)
    path.stat()
    need(runtime.module, runtime.extra)
    try:
        with silent_stderr(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return runtime.open(path)
    except ImportError:
        raise
    except Exception as error:  # each runtime has its own kinds
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelError(f"`{path}` can't be opened by {runtime.title}: {reason}") from error


def need(module: str, extra: str) -> ModuleType:
    """Import a module quietly; say what brings it where it is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_quietly(module)
    except ImportError as error:
        raise ImportError(
            f"this needs {module.partition('.')[0]}, which is not installed: "
            f"pip install -e '.[{extra}]' brings it ({error})"
        ) from None


def files_of(path: str | os.PathLike[str]) -> dict[str, bytes]:
    """Return the files of a model by their names: one, or all in a folder."""
    path = as_path("path", path)
    if not path.is_dir():
        return {path.name: path.read_bytes()}
    found = sorted(file for file in path.rglob("*") if file.is_file() and not file.is_symlink())
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in found}


def written(files: Mapping[str, bytes], folder: Path, *, is_folder: bool) -> Path:
    """Write a model's files into an empty folder; return what a runtime opens."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder if is_folder else folder / next(iter(files))


def mlp_files(network: MLP, theta: np.ndarray) -> dict[str, bytes]:
    """Return an `MLP` and its θ as files that NumPy alone runs: the format "mlp".

    Parameters
    ----------
    network : MLP
    theta : ndarray, shape (n_parameters,)

    Examples
    --------
    >>> sorted(mlp_files(MLP([2, 1]), np.zeros(3)))
    ['network.json', 'theta.npy']
    """
    instance("network", network, MLP, AN_MLP)
    network.layout.unpack(theta)
    described = {
        "sizes": list(network.sizes),
        "activation": list(network.activation),
        "loss": network.loss_name,
    }
    return {
        "network.json": (json.dumps(described, indent=1) + "\n").encode(),
        "theta.npy": to_npy(np.asarray(theta)),
    }


def open_mlp(path: Path) -> tuple[MLP, np.ndarray]:
    """Return the network and the θ of a folder of the format "mlp"."""
    described = json.loads((path / "network.json").read_text("utf-8"))
    theta = from_npy((path / "theta.npy").read_bytes())
    sizes, kinds = described["sizes"], described["activation"]
    network = MLP(sizes, activation=kinds, loss=described["loss"])
    network.layout.unpack(theta)
    return network, theta


def _open_mlp(path: Path) -> Session:
    network, theta = open_mlp(path)
    return Session(
        compute=lambda X: network.forward(theta, X),
        shape=network.sizes[:1],
        dtype=theta.dtype.name,
        output_shape=network.sizes[-1:],
        output_dtype=theta.dtype.name,
    )


def _open_keras(path: Path) -> Session:
    keras = import_quietly("keras")
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    return keras_session(model)


def keras_session(model: Any) -> Session:
    """Return a session of a Keras model in memory."""
    takes, gives = _only("inputs", model.inputs), _only("outputs", model.outputs)
    return Session(
        compute=lambda X: np.asarray(model(X, training=False)),
        shape=_known(takes.shape[1:]),
        dtype=takes.dtype,
        output_shape=_known(gives.shape[1:]),
        output_dtype=gives.dtype,
        batch=takes.shape[0],
    )


def _only(what: str, found: Collection[Any]) -> Any:
    if len(found) != 1:
        raise ValueError(f"it has {len(found)} {what}, and one is what this book's models have")
    return next(iter(found))


def _known(shape: Any) -> tuple[int, ...] | None:
    """Return the axes of a sample, or None where one of them is free."""
    axes = tuple(shape)
    free = any(not isinstance(n, (int, np.integer)) or n < 0 for n in axes)
    return None if free else tuple(map(int, axes))


def _open_savedmodel(path: Path) -> Session:
    tf = import_quietly("tensorflow")
    loaded = tf.saved_model.load(path)
    serve = loaded.signatures["serving_default"]
    name, takes = _only("inputs", serve.structured_input_signature[1].items())
    answer, gives = _only("outputs", serve.structured_outputs.items())

    def compute(X: np.ndarray) -> np.ndarray:
        return serve(**{name: tf.constant(X)})[answer].numpy()

    compute.owner = loaded  # whose variables the function only refers to
    return Session(
        compute=compute,
        shape=_known(takes.shape[1:]),
        dtype=takes.dtype.name,
        output_shape=_known(gives.shape[1:]),
        output_dtype=gives.dtype.name,
        batch=takes.shape[0],
    )


def _open_litert(path: Path) -> Session:
    interpreter = import_quietly("ai_edge_litert.interpreter").Interpreter(
        model_content=path.read_bytes()
    )
    takes = _only("inputs", interpreter.get_input_details())
    gives = _only("outputs", interpreter.get_output_details())
    free = takes["shape_signature"][0] == -1
    interpreter.allocate_tensors()

    def compute(X: np.ndarray) -> np.ndarray:
        if free and len(X) != interpreter.get_input_details()[0]["shape"][0]:
            interpreter.resize_tensor_input(takes["index"], X.shape)
            interpreter.allocate_tensors()
        interpreter.set_tensor(takes["index"], X)
        interpreter.invoke()
        return interpreter.get_tensor(gives["index"])

    return Session(
        compute=compute,
        shape=_known(takes["shape_signature"][1:]),
        dtype=np.dtype(takes["dtype"]).name,
        output_shape=_known(gives["shape_signature"][1:]),
        output_dtype=np.dtype(gives["dtype"]).name,
        batch=None if free else int(takes["shape"][0]),
    )


def _open_onnx(path: Path) -> Session:
    runtime = import_quietly("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    takes = _only("inputs", session.get_inputs())
    gives = _only("outputs", session.get_outputs())
    return Session(
        compute=lambda X: session.run([gives.name], {takes.name: X})[0],
        shape=_known(takes.shape[1:]),
        dtype=_onnx_dtype(takes.type),
        output_shape=_known(gives.shape[1:]),
        output_dtype=_onnx_dtype(gives.type),
        batch=takes.shape[0] if isinstance(takes.shape[0], int) else None,
    )


def _onnx_dtype(kind: str) -> str:
    """Return NumPy's name of a type such as "tensor(float)".

    Examples
    --------
    >>> _onnx_dtype("tensor(float)"), _onnx_dtype("tensor(int8)")
    ('float32', 'int8')
    """
    name = kind.removeprefix("tensor(").removesuffix(")")
    return {"float": "float32", "double": "float64"}.get(name, name)


TORCH_NOTE = "deeplearn.json"  # in TorchScript's file, which does not say what it takes


def _open_torchscript(path: Path) -> Session:
    torch = import_quietly("torch")
    notes = {TORCH_NOTE: ""}
    module = torch.jit.load(path, map_location="cpu", _extra_files=notes)
    note = json.loads(notes[TORCH_NOTE] or "{}")
    return Session(
        compute=_torch_compute(torch, module),
        shape=tuple(note["shape"]) if note else None,
        dtype=note.get("dtype"),
    )


def _open_torch_export(path: Path) -> Session:
    torch = import_quietly("torch")
    program = torch.export.load(path)
    takes = _only("inputs", program.example_inputs[0])
    return Session(
        compute=_torch_compute(torch, program.module()),
        shape=tuple(takes.shape[1:]),
        dtype=str(takes.dtype).removeprefix("torch."),
    )


def _torch_compute(torch: ModuleType, module: Any) -> Compute:
    def compute(X: np.ndarray) -> np.ndarray:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return module(torch.from_numpy(np.array(X))).numpy()  # of memory that may be written

    return compute


RUNTIMES: dict[str, Runtime] = {
    "mlp": Runtime("NumPy", "", "numpy", "lab", _open_mlp),
    "keras": Runtime("Keras", ".keras", "keras", "lab", _open_keras),
    "savedmodel": Runtime("TensorFlow", "", "tensorflow", "lab", _open_savedmodel),
    "litert": Runtime("LiteRT", ".tflite", "ai_edge_litert.interpreter", "edge", _open_litert),
    "onnx": Runtime("ONNX Runtime", ".onnx", "onnxruntime", "edge", _open_onnx),
    "torchscript": Runtime("TorchScript", ".pt", "torch", "torch", _open_torchscript),
    "torch_export": Runtime("torch.export", ".pt2", "torch", "torch", _open_torch_export),
}
"""Who opens which format: a new one is a function and a line here."""

FOLDERS = {"mlp": "network.json", "savedmodel": "saved_model.pb"}
"""Formats that are folders, and a file that tells which."""


def format_of(path: str | os.PathLike[str]) -> str:
    """Return the format of a model's file by the end of its name, or by what is in a folder.

    Raises
    ------
    ModelError
        When it is none of `RUNTIMES`.

    Examples
    --------
    >>> format_of("digits.tflite")
    'litert'
    """
    path = as_path("path", path)
    formats = {kind.suffix: format for format, kind in RUNTIMES.items() if kind.suffix}
    if path.is_dir():
        inside = [format for format, mark in FOLDERS.items() if (path / mark).is_file()]
        formats = {path.suffix: inside[0]} if inside else {}
    if path.suffix not in formats:
        ends = ", ".join(kind.suffix for kind in RUNTIMES.values() if kind.suffix)
        raise ModelError(
            f"`{path}` does not tell its format: names end in {ends}, a folder holds "
            f"{' or '.join(FOLDERS.values())}"
        )
    return formats[path.suffix]
