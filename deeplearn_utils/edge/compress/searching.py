"""The smallest model within a given loss: chosen on validation data, told once on test data."""

import gzip
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...checks import in_range, instance
from ..convert.converting import outputs_of
from ..convert.writers import WRITERS
from ..errors import ModelError
from ..formats import need, open_model
from .distilling import distill
from .post_training import post_training
from .pruning import prune

__all__ = ["Candidate", "Search", "compressed_size", "litert_bytes", "pipeline"]


@dataclass(frozen=True, eq=False)
class Candidate:
    """One compressed model.

    Attributes
    ----------
    network : str
        "original", or the name of a student.
    sparsity : float
        The share of weights that pruning set to 0.
    kind : str
        As in `post_training`; "float32" is not quantized.
    content : bytes
        Its LiteRT file.
    n_bytes, n_compressed : int
        Of the file, and of the file as gzip packs it.
    accuracy : float
        On the validation data.
    """

    network: str
    sparsity: float
    kind: str
    content: bytes = field(repr=False)
    n_bytes: int
    n_compressed: int
    accuracy: float

    @property
    def name(self) -> str:
        """Which steps made it."""
        return f"{self.network}, {self.sparsity:.0%} pruned, {self.kind}"


@dataclass(frozen=True, eq=False)
class Search:
    """What was tried, what was chosen, and what it is worth on data that took no part.

    Attributes
    ----------
    original : Candidate
        The model that it started from, in float32.
    candidates : tuple of Candidate
        All that was tried.
    chosen : Candidate
        The smallest one, as packed by gzip, that keeps the accuracy on the validation data.
    most_loss : float
        How much accuracy it might lose there.
    test_original, test_chosen : float
        Accuracies on the test data.
    """

    original: Candidate
    candidates: tuple[Candidate, ...]
    chosen: Candidate
    most_loss: float
    test_original: float
    test_chosen: float

    @property
    def times_smaller(self) -> float:
        """How many times the chosen file, packed, fits into the original one, not packed."""
        return self.original.n_bytes / self.chosen.n_compressed

    def find(self, network: str, *, sparsity: float = 0.0, kind: str = "int8") -> Candidate:
        """Return the candidate that these steps made.

        Raises
        ------
        KeyError
            When they were not tried together.
        """
        for candidate in self.candidates:
            if (candidate.network, candidate.sparsity, candidate.kind) == (network, sparsity, kind):
                return candidate
        raise KeyError(
            f"{network!r}, pruned to {sparsity:g}, as {kind!r} was not tried; tried were "
            f"{'; '.join(candidate.name for candidate in self.candidates)}"
        )


def pipeline(
    model: Any,
    data: Mapping[str, np.ndarray],
    *,
    most_loss: float = 0.01,
    students: Mapping[str, Any] | None = None,
    distilling: Mapping[str, Any] | None = None,
    sparsities: Sequence[float] = (0.0, 0.5, 0.7, 0.8, 0.9),
    kinds: Sequence[str] = ("int8",),
    epochs: int = 10,
    n_calibration: int = 400,
    seed: int = 0,
    progress: Any = None,
) -> Search:
    """Search for the smallest model within a given loss of accuracy.

    Each network, the model itself and the students that are distilled from it, is pruned to each
    sparsity and quantized in each way. Of those that lose at most `most_loss` on the validation
    data, the smallest is chosen. Then, and once, it meets the test data.

    Parameters
    ----------
    model : keras.Model
        A trained classifier with logits as outputs.
    data : mapping of str to ndarray
        X_train, y_train, X_validation, y_validation, X_test, y_test; y holds numbers of classes.
    most_loss : float
        The accuracy that may be lost on the validation data, in [0, 1]: 0.01 is a point.
    students : mapping of str to keras.Model, optional
        Smaller networks by name. They stay as they are: copies are trained, from the weights that
        they have.
    distilling : mapping of str to object, optional
        How the copies are trained: what `distill` takes by name. By default for three times as many
        `epochs` as a pruned network is tuned, with this `seed`. With ``{"hard": 1.0}`` they learn
        from the labels alone, which is the control of distillation.
    sparsities, kinds : sequence
        What is tried with each network: see `prune` and `post_training`.
    epochs : int
        Of tuning a pruned network.
    n_calibration : int
        How many training samples int8 is calibrated with.
    seed : int
    progress : callable, optional
        Called with a line of text before each candidate.

    Returns
    -------
    Search

    Raises
    ------
    ModelError
        When no candidate is within the loss.
    """
    most_loss = float(in_range("most_loss", most_loss, 0, 1))
    X, y = data["X_train"], data["y_train"]
    original = _candidate(("original", 0.0, "float32"), litert_bytes(model), data)
    networks = {"original": model}
    logits = outputs_of(model, X) if students else None
    learning = {"epochs": 3 * epochs, "seed": seed} | dict(distilling or {})
    for name, student in (students or {}).items():
        _tell(progress, f"distilling {name}")
        networks[name] = distill(_copy(student), X, y, logits, **learning)
    candidates = []
    for name, network in networks.items():
        for sparsity in sparsities:
            _tell(progress, f"{name}: pruning {sparsity:.0%}")
            options = {"sparsity": sparsity, "epochs": epochs, "seed": seed}
            pruned = prune(network, X, y, **options) if sparsity else network
            content = litert_bytes(pruned)
            for to in kinds:
                small = post_training(content, to=to, X=X[:n_calibration])
                candidates.append(_candidate((name, sparsity, to), small, data))
    fit = [c for c in candidates if original.accuracy - c.accuracy <= most_loss + 1e-12]
    if not fit:
        best = max(candidates, key=lambda c: c.accuracy)
        raise ModelError(
            f"no candidate loses at most {most_loss:g} on the validation data: the best, "
            f"{best.name!r}, loses {original.accuracy - best.accuracy:.4f}"
        )
    chosen = min(fit, key=lambda c: c.n_compressed)
    tests = [accuracy_of(c.content, data["X_test"], data["y_test"]) for c in (original, chosen)]
    return Search(original, tuple(candidates), chosen, most_loss, *tests)


def litert_bytes(model: Any) -> bytes:
    """Return the float32 LiteRT file of a Keras model, for one input at a time.

    Examples
    --------
    See `pipeline`; `convert` writes such a file and compares it with the model.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        WRITERS["litert"](model, path, None, None, 1)
        return path.read_bytes()


def compressed_size(content: bytes) -> int:
    """Return how many bytes gzip makes of a file, at its best.

    Examples
    --------
    >>> compressed_size(bytes(10_000))
    45
    """
    instance("content", content, (bytes, bytearray), "bytes, such as path.read_bytes()")
    return len(gzip.compress(content, 9, mtime=0))


def accuracy_of(content: bytes, X: np.ndarray, y: np.ndarray) -> float:
    """Return the share of inputs that a LiteRT file with real ends puts in the right class."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        path.write_bytes(content)
        session = open_model(path, "litert")
        outputs = session(X.astype("float32"))
    return float((outputs.argmax(axis=1) == np.asarray(y)).mean())


def _copy(model: Any) -> Any:
    copy = need("keras", "lab").models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def _candidate(
    steps: tuple[str, float, str], content: bytes, data: Mapping[str, np.ndarray]
) -> Candidate:
    accuracy = accuracy_of(content, data["X_validation"], data["y_validation"])
    return Candidate(*steps, content, len(content), compressed_size(content), accuracy)


def _tell(progress: Any, line: str) -> None:
    if progress is not None:
        progress(line)
