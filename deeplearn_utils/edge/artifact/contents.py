"""What is shipped: a model together with all that its numbers need to mean something."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...checks import choice, finite, in_range
from ...datasets import Scaler
from ..formats import RUNTIMES
from .archive import PART
from .contract import TensorSpec

__all__ = ["Artifact", "check_model", "check_scaler", "scaled"]


@dataclass(frozen=True, eq=False, repr=False)
class Artifact:
    """A model with its preprocessing, its contract, and a golden pair to test it by.

    Most are made by `pack`, which measures contract and golden pair.

    Parameters
    ----------
    name : str
        What the model is for, such as "digits".
    format : str
        Who runs it: a key of `runtime.RUNTIMES`, such as "litert".
    model : mapping of str to bytes
        The model's files; one, except for formats that are folders.
    input, output : TensorSpec
        What it takes, before the scaler, and what it gives, before it is decoded.
    golden_inputs : ndarray, shape (n,) + input.shape
        Some inputs.
    golden_outputs : ndarray, shape (n,) + output.shape
        What the model gives for them, to be compared wherever it is loaded.
    scaler : Scaler, optional
        Shifts and scales every entry of an input, in row-major order, before the model gets it.
    target_scaler : Scaler, optional
        Its inverse turns outputs into the units of the targets.
    classes : sequence of str, optional
        A name for each output.
    tolerance : float
        How far an output may lie from the golden one, relative to the largest golden output.
    versions : mapping of str to str
        What it was made with; told, never compared.

    Raises
    ------
    TypeError, ValueError
        When the parts don't fit each other.
    """

    name: str
    format: str
    model: Mapping[str, bytes]
    input: TensorSpec
    output: TensorSpec
    golden_inputs: np.ndarray
    golden_outputs: np.ndarray
    scaler: Scaler | None = None
    target_scaler: Scaler | None = None
    classes: Sequence[str] = ()
    tolerance: float = 1e-4
    versions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise ValueError(f"`name` must be a word, got {self.name!r}")
        choice("format", self.format, RUNTIMES)
        for name in ("input", "output"):
            if not isinstance(getattr(self, name), TensorSpec):
                kind = type(getattr(self, name)).__name__
                raise TypeError(f"`{name}` must be a TensorSpec, got {kind}")
        object.__setattr__(self, "classes", _words("classes", self.classes))
        object.__setattr__(self, "tolerance", float(in_range("tolerance", self.tolerance, 0)))
        check_model(self.model, self.format)
        self._check_preprocessing()
        self.input.check("golden_inputs", self.golden_inputs)
        self.output.check("golden_outputs", self.golden_outputs)
        if len(self.golden_inputs) != len(self.golden_outputs):
            raise ValueError(
                "`golden_inputs` and `golden_outputs` must have the same number of samples, got "
                f"{len(self.golden_inputs)} and {len(self.golden_outputs)}"
            )

    def _check_preprocessing(self) -> None:
        check_scaler("scaler", self.scaler, "input", self.input)
        check_scaler("target_scaler", self.target_scaler, "output", self.output)
        n_outputs = int(np.prod(self.output.shape, dtype=int))
        if self.classes and len(self.classes) != n_outputs:
            raise ValueError(
                f"`classes` must name each of the {n_outputs} outputs, got {len(self.classes)}"
            )
        if self.classes and self.target_scaler is not None:
            raise ValueError("`classes` and `target_scaler` exclude each other, got both")

    def __repr__(self) -> str:
        takes, gives = self.input.described(), self.output.described()
        return f"<Artifact {self.name}: {self.format}, {takes} -> {gives}>"

    def prepare(self, X: np.ndarray) -> np.ndarray:
        """Return what the model gets for a batch: checked against the contract, and scaled.

        Parameters
        ----------
        X : ndarray, shape (n,) + input.shape
            In the units that the scaler was fitted on.

        Raises
        ------
        TypeError, ValueError
            When X breaks the contract.
        """
        return scaled(self.input.check("X", X), self.scaler)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Return what outputs mean: names of classes, or numbers in the units of the targets.

        Parameters
        ----------
        outputs : ndarray, shape (n,) + output.shape

        Returns
        -------
        ndarray
            Names, shape (n,), of the class with the largest output; without classes, numbers of
            the outputs' shape.

        Raises
        ------
        ValueError
            When there are not as many outputs as classes, or one is NaN or infinite: no class can
            be told of it.
        """
        outputs = np.asarray(outputs)
        flat = outputs.reshape(len(outputs), -1)
        if self.classes:
            if flat.shape[1] != len(self.classes):
                raise ValueError(
                    f"`outputs` must have one number for each of the {len(self.classes)} classes, "
                    f"got shape {outputs.shape}"
                )
            finite("outputs", outputs, hint="; are the inputs so large that they overflow?")
            return np.array(self.classes)[flat.argmax(axis=1)]
        if self.target_scaler is not None:
            return self.target_scaler.inverse(flat).reshape(outputs.shape)
        return outputs


def scaled(X: np.ndarray, scaler: Scaler | None) -> np.ndarray:
    """Return the numbers that the model gets: float64 stays, others become float32."""
    if scaler is None:
        return X
    Z = scaler.transform(X.reshape(len(X), -1)).reshape(X.shape)
    return Z.astype("float64" if X.dtype == np.float64 else "float32")


def _words(name: str, words: Any) -> tuple[str, ...]:
    if isinstance(words, str) or not isinstance(words, Iterable):
        raise TypeError(f"`{name}` must be a sequence of names, got {words!r}")
    if not all(isinstance(word, str) for word in words):
        raise TypeError(f"`{name}` must be a sequence of names, got {words!r}")
    if len(set(words)) < len(words):
        raise ValueError(f"`{name}` must differ from each other, got {tuple(words)}")
    return tuple(str(word) for word in words)


def check_model(model: Mapping[str, bytes], format: str) -> None:
    """Refuse what are no files of a format."""
    if not isinstance(model, Mapping) or not model:
        raise TypeError(f"`model` must map names of files to bytes, got {type(model).__name__}")
    if RUNTIMES[format].suffix and len(model) > 1:
        raise ValueError(f"`model` must be one file in this format, got {', '.join(model)}")
    for name, content in model.items():
        if not isinstance(name, str) or not PART.fullmatch(name):
            raise ValueError(f"`model` must have plain names of files, got {name!r}")
        if not isinstance(content, bytes) or not content:
            raise ValueError(f"`model` must hold bytes, got none for {name!r}")


def check_scaler(name: str, scaler: Scaler | None, of: str, spec: TensorSpec) -> None:
    """Refuse a scaler that has not one finite mean and scale for each entry of a tensor."""
    if scaler is None:
        return
    if not isinstance(scaler, Scaler):
        raise TypeError(f"`{name}` must be a datasets.Scaler, got {type(scaler).__name__}")
    size = int(np.prod(spec.shape, dtype=int))
    for part in ("mean", "scale"):
        numbers = getattr(scaler, part)
        if not isinstance(numbers, np.ndarray):
            kind = type(numbers).__name__
            raise TypeError(f"`{name}.{part}` must be a NumPy array, got {kind}")
        if numbers.shape != (size,):
            raise ValueError(
                f"`{name}.{part}` must have one number for each of the {size} entries of the "
                f"{of}, got shape {numbers.shape}"
            )
        if not np.isfinite(numbers).all() or (part == "scale" and not (numbers != 0).all()):
            raise ValueError(f"`{name}.{part}` must hold finite numbers, and no scale of 0")
