"""From a model's file to an artifact, and from an artifact to predictions."""

import contextlib
import importlib.metadata
import platform
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ... import __version__
from ...checks import choice, instance
from ...datasets import Scaler
from ..errors import ModelError
from ..formats import RUNTIMES, Session, open_model, written
from ..parity import Parity, compare
from .contents import Artifact, check_model, check_scaler, scaled
from .contract import TensorSpec

__all__ = ["Predictor", "pack", "start"]


@dataclass(frozen=True)
class Predictor:
    """An artifact whose model is open, and has given its golden outputs.

    Attributes
    ----------
    artifact : Artifact
    session : runtime.Session
    parity : parity.Parity
        How far the outputs are from the golden ones.
    """

    artifact: Artifact
    session: Session
    parity: Parity

    def outputs(self, X: np.ndarray) -> np.ndarray:
        """Return what the model gives for a batch: logits of classes, or scaled targets.

        Parameters
        ----------
        X : ndarray, shape (n,) + artifact.input.shape
            Not scaled.

        Raises
        ------
        TypeError, ValueError
            When X breaks the contract.
        """
        return self.session(self.artifact.prepare(X))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return what the outputs mean: names of classes, or numbers in the targets' units."""
        return self.artifact.decode(self.outputs(X))


def pack(
    name: str,
    model: Mapping[str, bytes],
    golden_inputs: np.ndarray,
    *,
    format: str,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    scaler: Scaler | None = None,
    target_scaler: Scaler | None = None,
    classes: Sequence[str] = (),
    tolerance: float = 1e-4,
    versions: Mapping[str, str] | None = None,
) -> Artifact:
    """Make an artifact of a model's files: contract and golden outputs are read off the model.

    Parameters
    ----------
    name : str
        What the model is for.
    model : mapping of str to bytes
        From `runtime.files_of`, or `runtime.mlp_files`.
    golden_inputs : ndarray, shape (n, ...)
        A few inputs, not scaled, such as the first ones of the test set.
    format : str
        Of the files, a key of `runtime.RUNTIMES`.
    low, high, scaler, target_scaler, classes, tolerance
        As in `TensorSpec` (of the input) and `Artifact`.
    versions : mapping of str to str, optional
        More programs that took part, beside Python, NumPy, the runtime and this package.

    Raises
    ------
    ModelError
        When the runtime can't read the files, or the model takes other inputs than these.
    TypeError, ValueError
        When an argument is wrong or doesn't fit the others.

    Examples
    --------
    See `save`.
    """
    if not isinstance(golden_inputs, np.ndarray) or golden_inputs.ndim == 0:
        kind = type(golden_inputs).__name__
        raise TypeError(f"`golden_inputs` must be an array of samples, got {kind}")
    takes = TensorSpec(golden_inputs.shape[1:], golden_inputs.dtype.name, low, high)
    choice("format", format, RUNTIMES)
    check_model(model, format)
    session = _opened(model, format)
    check_scaler("scaler", scaler, "input", takes)
    X = scaled(takes.check("golden_inputs", golden_inputs), scaler)
    _check_session(name, session, X)
    golden = np.ascontiguousarray(session(X))
    return Artifact(
        name=name,
        format=format,
        model=dict(model),
        input=takes,
        output=TensorSpec(golden.shape[1:], golden.dtype.name),
        golden_inputs=golden_inputs,
        golden_outputs=golden,
        scaler=scaler,
        target_scaler=target_scaler,
        classes=classes,
        tolerance=tolerance,
        versions={**made_with(format), **(versions or {})},
    )


def made_with(format: str) -> dict[str, str]:
    """Return the versions of what runs a format here.

    Examples
    --------
    >>> sorted(made_with("mlp"))
    ['deeplearn-utils', 'numpy', 'python']
    """
    choice("format", format, RUNTIMES)
    module = RUNTIMES[format].module.partition(".")[0]
    found = {"python": platform.python_version(), "deeplearn-utils": __version__}
    for distribution in ("numpy", module.replace("_", "-")):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # tensorflow-cpu, say
            found[distribution] = importlib.metadata.version(distribution)
    return found


def start(artifact: Artifact) -> Predictor:
    """Open an artifact's model in its runtime, and test it before anybody gets an answer.

    Parameters
    ----------
    artifact : Artifact
        From somebody you trust: a crafted model can hang a runtime or run code. `verify` opens one
        in a process of its own, with a time limit.

    Raises
    ------
    ImportError
        When the runtime is not installed.
    ModelError
        When the runtime can't read the model; when its shapes or dtypes are not the contract's;
        when a golden input doesn't give its golden output.

    Examples
    --------
    See `save`.
    """
    instance("artifact", artifact, Artifact, "an Artifact, such as artifact.load(path)")
    name = artifact.name
    session = _opened(artifact.model, artifact.format)
    X = artifact.prepare(artifact.golden_inputs)
    _check_session(name, session, X)
    try:
        outputs = session(X)
    except Exception as error:  # each runtime has its own kinds
        raise ModelError(f"the model of `{name}` does not run: {error}") from error
    wanted = artifact.output
    if outputs.shape[1:] != wanted.shape or outputs.dtype.name != wanted.dtype:
        raise ModelError(
            f"the model of `{name}` gives outputs of shape {outputs.shape} and dtype "
            f"{outputs.dtype}, its contract says {wanted.described()}"
        )
    parity = compare(outputs, artifact.golden_outputs)
    if not parity.relative <= artifact.tolerance:
        raise ModelError(
            f"the model of `{name}` does not give its golden outputs: {parity}; allowed is "
            f"{artifact.tolerance:.3g}. Made with {_listed(artifact.versions)}, run with "
            f"{_listed(made_with(artifact.format))}"
        )
    return Predictor(artifact, session, parity)


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _opened(model: Mapping[str, bytes], format: str) -> Session:
    with tempfile.TemporaryDirectory() as folder:
        return open_model(
            written(model, Path(folder), is_folder=not RUNTIMES[format].suffix), format
        )


def _check_session(name: str, session: Session, X: np.ndarray) -> None:
    """Compare what a model's file says that it takes with what it is going to get."""
    kinds: tuple[tuple[str, Any, Any], ...] = (
        ("inputs of shape", session.shape, X.shape[1:]),
        ("inputs of dtype", session.dtype, X.dtype.name),
    )
    for what, takes, gets in kinds:
        if takes is not None and takes != gets:
            raise ModelError(
                f"the model of `{name}` takes {what} {takes}, and its contract with the scaler "
                f"gives it {gets}"
            )
