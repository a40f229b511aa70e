"""How each format is written; what was written is believed only after it was compared."""

import contextlib
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ...arrays.importing import silent_stderr
from ...networks import MLP
from ..formats import TORCH_NOTE, mlp_files, need, written
from .keras_twin import keras_twin
from .torch_twin import torch_twin

__all__ = ["WRITERS", "is_keras", "is_torch"]


def is_keras(model: Any) -> bool:
    """Tell whether a model is Keras', without importing Keras."""
    return _is_a(model, "Model", "keras.")


def is_torch(model: Any) -> bool:
    """Tell whether a model is a PyTorch module, without importing PyTorch."""
    return _is_a(model, "Module", "torch.nn.")


def _is_a(model: Any, name: str, package: str) -> bool:
    return any(c.__name__ == name and c.__module__.startswith(package) for c in type(model).mro())


def _in_keras(model: Any, theta: np.ndarray | None, format: str) -> Any:
    if is_torch(model):
        raise TypeError(
            f"`model` must be a Keras model or an MLP to become {format}, got a PyTorch module"
        )
    return keras_twin(model, theta) if isinstance(model, MLP) else model


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Hold back what exporters write on their way."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with silent_stderr(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _signature(model: Any, batch: int | None) -> list[Any]:
    keras = need("keras", "lab")
    (takes,) = model.inputs
    shape = (batch, *takes.shape[1:])
    return [keras.InputSpec(shape=shape, dtype=takes.dtype, name=takes.name)]


def _write_mlp(model: Any, path: Path, X: np.ndarray, theta: np.ndarray | None, batch: int) -> None:
    if not isinstance(model, MLP):
        raise TypeError(f"`model` must be an MLP to become mlp, got {type(model).__name__}")
    path.mkdir()
    written(mlp_files(model, theta), path, is_folder=True)


def _write_keras(
    model: Any, path: Path, X: np.ndarray, theta: np.ndarray | None, batch: int
) -> None:
    with _quietly():
        _in_keras(model, theta, "keras").save(path)


def _write_savedmodel(
    model: Any, path: Path, X: np.ndarray, theta: np.ndarray | None, batch: int
) -> None:
    model = _in_keras(model, theta, "savedmodel")
    with _quietly():
        model.export(path, format="tf_saved_model", verbose=False)


def _write_litert(
    model: Any, path: Path, X: np.ndarray, theta: np.ndarray | None, batch: int
) -> None:
    model = _in_keras(model, theta, "litert")
    with _quietly():
        signature = _signature(model, batch)
        model.export(path, format="litert", input_signature=signature, verbose=False)


def _write_onnx(
    model: Any, path: Path, X: np.ndarray, theta: np.ndarray | None, batch: int
) -> None:
    need("tf2onnx", "edge")
    model = _in_keras(model, theta, "onnx")
    with _quietly():
        model(X[:1])  # a model that was only loaded has no graph yet
        model.export(path, format="onnx", input_signature=_signature(model, None), verbose=False)


def _in_torch(model: Any, theta: np.ndarray | None) -> Any:
    return model if is_torch(model) else torch_twin(model, theta)


def _write_torchscript(
    model: Any, path: Path, X: np.ndarray, theta: np.ndarray | None, batch: int
) -> None:
    torch = need("torch", "torch")
    module = _in_torch(model, theta)
    with _quietly(), evaluating(module), torch.no_grad():
        traced = torch.jit.trace(module, torch.tensor(X[:1]), check_trace=False)
        note = json.dumps({"shape": X.shape[1:], "dtype": X.dtype.name})
        torch.jit.save(traced, path, _extra_files={TORCH_NOTE: note})


def _write_torch_export(
    model: Any, path: Path, X: np.ndarray, theta: np.ndarray | None, batch: int
) -> None:
    torch = need("torch", "torch")
    module = _in_torch(model, theta)
    two = torch.tensor(np.concatenate([X[:1], X[-1:]]))  # of one sample it would stay one
    free = {0: torch.export.Dim("batch")}
    with _quietly(), evaluating(module), torch.no_grad():
        program = torch.export.export(module, (two,), dynamic_shapes=(free,))
        torch.export.save(program, path)


@contextlib.contextmanager
def evaluating(module: Any) -> Iterator[None]:
    """Put a PyTorch module into evaluation mode, and each part back into its own afterwards."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training


WRITERS = {
    "mlp": _write_mlp,
    "keras": _write_keras,
    "savedmodel": _write_savedmodel,
    "litert": _write_litert,
    "onnx": _write_onnx,
    "torchscript": _write_torchscript,
    "torch_export": _write_torch_export,
}
"""Who writes which format."""
