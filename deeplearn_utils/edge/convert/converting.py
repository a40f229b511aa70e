"""From a network to a file that another runtime reads, which is kept only if it computes the same.

Exporters lower a network to other operations, fold layers into each other, and run in other code.
Each step may change the outputs, and a file that merely opens proves nothing. So the file is opened
by the runtime that it is for, and both compute the same inputs.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...checks import as_path, choice, count, finite, in_range
from ...networks import MLP
from ..errors import ConversionError
from ..formats import FOLDERS, RUNTIMES, Session, files_of, need, open_model
from ..parity import Parity, compare
from .writers import WRITERS, evaluating, is_keras, is_torch

__all__ = ["Report", "convert", "outputs_of"]

MOST_AT_ONCE = 256  # samples that the original computes in one call


@dataclass(frozen=True)
class Report:
    """A conversion that was kept.

    Attributes
    ----------
    path : Path
        What was written: a file, or a folder for "savedmodel" and "mlp".
    format : str
    n_bytes : int
        Of the file, or of all files in the folder.
    parity : Parity
        The largest difference from the original, and where.
    tolerance : float
        What `parity.relative` was allowed to be.
    """

    path: Path
    format: str
    n_bytes: int
    parity: Parity
    tolerance: float

    def __str__(self) -> str:
        return (
            f"{self.path.name}: {RUNTIMES[self.format].title}, {self.n_bytes} bytes; on "
            f"{self.parity.n_samples} samples {self.parity}"
        )


def convert(
    model: Any,
    path: str | os.PathLike[str],
    X: np.ndarray,
    *,
    to: str,
    theta: np.ndarray | None = None,
    tolerance: float = 1e-5,
    batch: int = 1,
) -> Report:
    """Write a model in another format; keep the file only if its runtime computes the same.

    Parameters
    ----------
    model : keras.Model, torch.nn.Module or MLP
    path : path
        What to write. An older file, or folder of the same format, is replaced, and stays as it is
        when anything goes wrong.
    X : ndarray, shape (n, ...)
        Inputs on which both are compared, as the model takes them: the scaled test set.
    to : str
        A key of `WRITERS`.
    theta : ndarray, shape (n_parameters,), optional
        The parameters of an `MLP`.
    tolerance : float
        How far an output may be from the original's, relative to the largest output, or to 1 if
        that is less. Other orders of summation in float32 explain about 1e-6.
    batch : int
        How many samples a LiteRT file takes at a time; the other formats take any number.

    Returns
    -------
    Report

    Raises
    ------
    ConversionError
        When an output differs by more than the tolerance, or the shapes differ. Nothing is left.
    ImportError
        When a program is not installed; the message says what brings it.
    TypeError, ValueError
        When an argument is wrong, or the model can't be written in this format.
    """
    choice("to", to, WRITERS)
    X = _inputs(X)
    if is_keras(model):
        _check_keras(model)
    tolerance, batch = float(in_range("tolerance", tolerance, 0)), count("batch", batch)
    original = outputs_of(model, X, theta)
    runtime = RUNTIMES[to]
    need(runtime.module, runtime.extra)
    path = as_path("path", path)
    _check_place(path, to)
    with _beside(path) as folder:
        made = folder / f"model{runtime.suffix}"
        WRITERS[to](model, made, _as_taken(X, model), theta, batch)
        parity = _compared(path, open_model(made, to), X, original, to, tolerance)
        n_bytes = sum(map(len, files_of(made).values()))
        _put(made, path, folder)
    return Report(path, to, n_bytes, parity, tolerance)


def outputs_of(model: Any, X: np.ndarray, theta: np.ndarray | None = None) -> np.ndarray:
    """Return what a model in memory gives for a batch, in evaluation mode.

    Parameters
    ----------
    model : keras.Model, torch.nn.Module or MLP
    X : ndarray, shape (n, ...)
    theta : ndarray, shape (n_parameters,), optional
        The parameters of an `MLP`, and of nothing else.

    Raises
    ------
    TypeError
        When the model is of another kind, or θ is missing or too much.
    """
    if isinstance(model, MLP):
        if theta is None:
            raise TypeError("`theta` must be given with an MLP, which holds no parameters")
        theta = np.asarray(theta)
        return model.forward(theta, X.astype(theta.dtype))
    if theta is not None:
        raise TypeError(f"`theta` goes with an MLP only, got it with {type(model).__name__}")
    X = _as_taken(X, model)
    parts = [X[start : start + MOST_AT_ONCE] for start in range(0, len(X), MOST_AT_ONCE)]
    if is_keras(model):
        return np.concatenate([np.asarray(model(part, training=False)) for part in parts])
    if is_torch(model):
        torch = need("torch", "torch")
        with evaluating(model), torch.no_grad():
            return np.concatenate([model(torch.tensor(part)).numpy() for part in parts])
    raise TypeError(
        f"`model` must be a Keras model, a PyTorch module or an MLP, got {type(model).__name__}"
    )


def _inputs(X: Any) -> np.ndarray:
    if not isinstance(X, np.ndarray) or X.ndim < 2 or len(X) == 0:
        got = f"shape {X.shape}" if isinstance(X, np.ndarray) else type(X).__name__
        raise ValueError(f"`X` must be an array of samples, shape (n, ...), got {got}")
    if X.dtype.kind == "f":
        finite("X", X)
    return X


def _check_keras(model: Any) -> None:
    if not model.built or not model.inputs:
        raise ValueError("`model` must know what it takes: call it with some inputs first")
    sides = (len(model.inputs), len(model.outputs))
    if sides != (1, 1):
        raise ValueError("`model` must have one input and one output, got {} and {}".format(*sides))


def _as_taken(X: np.ndarray, model: Any) -> np.ndarray:
    """Return inputs in the number type that a framework's model takes."""
    if is_keras(model):
        return X.astype(model.inputs[0].dtype)
    if is_torch(model):
        numbers = next(iter(model.parameters()), None)
        return X if numbers is None else X.astype(str(numbers.dtype).removeprefix("torch."))
    return X.astype("float32")


def _compared(
    path: Path, session: Session, X: np.ndarray, original: np.ndarray, to: str, tolerance: float
) -> Parity:
    title = RUNTIMES[to].title
    found = session(X if session.dtype is None else X.astype(session.dtype))
    try:
        parity = compare(found, original)
    except ValueError as error:
        raise ConversionError(f"`{path}` was not written: {title}'s {error}") from None
    if not parity.relative <= tolerance:
        raise ConversionError(
            f"`{path}` was not written: with {title}, {parity}; allowed is {tolerance:.3g}. "
            "Float32 alone explains about 1e-06: look for a layer that trains or draws at random, "
            "for numbers too large for float32, or say a larger `tolerance`"
        )
    return parity


# Where it is written


def _check_place(path: Path, to: str) -> None:
    """Refuse to replace a folder by a file or the other way round, and any other folder."""
    is_folder = not RUNTIMES[to].suffix
    if not path.parent.is_dir():
        raise FileNotFoundError(f"`path` must lie in a folder that exists, got {path}")
    if path.is_dir() != is_folder and path.exists():
        kind = "a folder" if path.is_dir() else "a file"
        raise ValueError(f"`path` must not be {kind} that is there already, got {path}")
    if path.is_dir() and any(path.iterdir()) and not (path / FOLDERS[to]).exists():
        raise ValueError(f"`path` must be new, or a folder with a model as {to}, got {path}")


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a folder on the disk of a path, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put(made: Path, path: Path, folder: Path) -> None:
    """Move what was made to its place; what was there goes only when the new one stands."""
    if not path.is_dir():
        os.replace(made, path)
        return
    old = folder / "old"
    os.replace(path, old)
    try:
        os.replace(made, path)
    except BaseException:
        os.replace(old, path)
        raise
