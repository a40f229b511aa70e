"""Saving an artifact to a file, and loading it: what is read is what was saved, or it is refused.

The file is a zip archive that any tool opens. `artifact.json` in it lists the contract and, of each
other part, its length and its SHA-256; its own is its last entry, so that one number, the digest,
stands for the whole artifact.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...checks import as_path
from ...datasets import Scaler
from ..errors import ModelError
from ..npy import from_npy, to_npy
from .archive import MOST_BYTES, read_parts, write_parts
from .contents import Artifact
from .contract import TensorSpec

__all__ = ["digest", "load", "save"]

KIND, VERSION = "deeplearn artifact", 1
MANIFEST, MODEL = "artifact.json", "model/"
GOLDEN_INPUTS, GOLDEN_OUTPUTS = "golden_inputs.npy", "golden_outputs.npy"
PREPROCESSING = "preprocessing.json"
FIXED = (PREPROCESSING, GOLDEN_INPUTS, GOLDEN_OUTPUTS)
TOLD = {"kind", "version", "name", "format", "input", "output", "tolerance", "versions", "parts"}


def save(artifact: Artifact, path: str | os.PathLike[str]) -> str:
    """Save an artifact as one file.

    It is written under a temporary name and then renamed: a save that fails or is interrupted
    leaves an older file whole. Equal artifacts make equal files.

    Parameters
    ----------
    artifact : Artifact
    path : path
        Ends with .zip by custom; the name is used as it is.

    Returns
    -------
    str
        The artifact's digest, to be handed to those who load it.

    Examples
    --------
    >>> import tempfile
    >>> from deeplearn_utils.networks import MLP
    >>> from deeplearn_utils.edge import artifact, runtime
    >>> network, theta = MLP([2, 1]), np.array([1.0, 2.0, 0.5])
    >>> files, X = runtime.mlp_files(network, theta), np.ones((1, 2))
    >>> packed = artifact.pack("line", files, X, format="mlp")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     digest = artifact.save(packed, f"{folder}/line.zip")
    ...     loaded = artifact.load(f"{folder}/line.zip", digest=digest)
    >>> loaded
    <Artifact line: mlp, (n, 2) float64 -> (n, 1) float64>
    >>> artifact.start(loaded).predict(np.array([[3.0, 4.0]]))
    array([[11.5]])
    """
    if not isinstance(artifact, Artifact):
        raise TypeError(f"`artifact` must be an Artifact, got {type(artifact).__name__}")
    parts = _parts(artifact)
    write_parts(as_path("path", path), parts)
    return json.loads(parts[MANIFEST])["sha256"]


def digest(artifact: Artifact) -> str:
    """Return the SHA-256 that stands for all of an artifact: model, preprocessing, contract, pair.

    Two artifacts have the same digest if they are equal to the bit.
    """
    return json.loads(_parts(artifact)[MANIFEST])["sha256"]


def load(
    path: str | os.PathLike[str], *, digest: str | None = None, most_bytes: int = MOST_BYTES
) -> Artifact:
    """Load an artifact; refuse what is not, to the bit, what was saved.

    No code in the file is run and no model is opened: that is for `start`, which then also checks
    the model against contract and golden pair.

    Parameters
    ----------
    path : path
    digest : str, optional
        What `save` returned. A file can prove that it is whole, but not who made it: whoever
        changes a part can write new hashes too. A digest that came another way settles that.
    most_bytes : int
        How much is read and unfolded at most. Default: 256 MiB.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ModelError
        When the file is empty, cut off, altered or of another kind, misses a part, mixes parts of
        two artifacts, unfolds too far, was written in another version of the format, or is
        another artifact than the digest says; when shapes, dtypes or numbers break the contract.
    """
    path = as_path("path", path)
    parts = read_parts(path, most_bytes=most_bytes)
    told = _manifest(path, parts.pop(MANIFEST))
    _check_parts(path, told["parts"], parts)
    if digest is not None and digest != told["sha256"]:
        raise ModelError(
            f"`{path}` is whole, but another artifact: its digest is {told['sha256']}, "
            f"expected {digest}"
        )
    try:
        return _artifact(told, parts)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"`{path}` breaks its own contract: {error}") from error


def _parts(artifact: Artifact) -> dict[str, bytes]:
    parts = {f"{MODEL}{name}": content for name, content in sorted(artifact.model.items())}
    scalers = {name: getattr(artifact, name) for name in ("scaler", "target_scaler")}
    told = {name: None if s is None else _scaler_to_json(s) for name, s in scalers.items()}
    parts[PREPROCESSING] = _json({**told, "classes": list(artifact.classes)})
    parts[GOLDEN_INPUTS] = to_npy(artifact.golden_inputs)
    parts[GOLDEN_OUTPUTS] = to_npy(artifact.golden_outputs)
    manifest = {
        "kind": KIND,
        "version": VERSION,
        "name": artifact.name,
        "format": artifact.format,
        "input": artifact.input.to_json(),
        "output": artifact.output.to_json(),
        "tolerance": artifact.tolerance,
        "versions": dict(sorted(artifact.versions.items())),
        "parts": {name: _identity(content) for name, content in parts.items()},
    }
    manifest["sha256"] = _sha256(_json(manifest))
    return {MANIFEST: _json(manifest), **parts}


def _identity(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": _sha256(content)}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False) + "\n").encode()


def _from_json(content: bytes) -> Any:
    return json.loads(content.decode(), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _scaler_to_json(scaler: Scaler) -> dict[str, list[float]]:
    return {"mean": scaler.mean.tolist(), "scale": scaler.scale.tolist()}


def _scaler_from_json(found: dict[str, list[float]] | None) -> Scaler | None:
    if found is None:
        return None
    return Scaler(*(np.array(found[part], np.float64) for part in ("mean", "scale")))


def _manifest(path: Path, content: bytes) -> dict[str, Any]:
    """Return what artifact.json tells, once its version and its own hash are right."""
    try:
        told = _from_json(content)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"`{path}` is altered: {MANIFEST} is no JSON text ({error})") from None
    if not isinstance(told, dict) or told.get("kind") != KIND:
        raise ModelError(
            f"`{path}` is no artifact of this book: its {MANIFEST} is another program's"
        )
    if told.get("version") != VERSION:
        raise ModelError(
            f"`{path}` is written in version {told.get('version')!r} of the format, this program "
            f"reads version {VERSION}; use a program of the same age, or pack the model again"
        )
    seal = told.pop("sha256", None)
    if seal != _sha256(_json(told)) or set(told) != TOLD:
        raise ModelError(
            f"`{path}` is altered: {MANIFEST} does not fit its own SHA-256; change nothing by "
            "hand, pack the model again"
        )
    return {**told, "sha256": seal}


def _check_parts(path: Path, told: Mapping[str, Any], parts: Mapping[str, bytes]) -> None:
    for name in sorted({*told, *FIXED} - set(parts)):
        raise ModelError(f"`{path}` misses the part {name!r}; use a fresh copy")
    for name in sorted(set(parts) - set(told)):
        raise ModelError(
            f"`{path}` holds {name!r}, which its {MANIFEST} does not list: parts of two artifacts "
            "are mixed"
        )
    for name, content in parts.items():
        if told[name] != _identity(content):
            raise ModelError(
                f"`{path}` is mixed: {name!r} is whole, but not the part that was saved (its "
                f"SHA-256 begins with {_sha256(content)[:12]}); parts of two artifacts were "
                "joined, or it was edited"
            )


def _artifact(told: Mapping[str, Any], parts: Mapping[str, bytes]) -> Artifact:
    preprocessing = _from_json(parts[PREPROCESSING])
    return Artifact(
        name=told["name"],
        format=told["format"],
        model={n.removeprefix(MODEL): c for n, c in parts.items() if n.startswith(MODEL)},
        input=TensorSpec.from_json(told["input"]),
        output=TensorSpec.from_json(told["output"]),
        golden_inputs=from_npy(parts[GOLDEN_INPUTS]),
        golden_outputs=from_npy(parts[GOLDEN_OUTPUTS]),
        scaler=_scaler_from_json(preprocessing["scaler"]),
        target_scaler=_scaler_from_json(preprocessing["target_scaler"]),
        classes=preprocessing["classes"],
        tolerance=told["tolerance"],
        versions=told["versions"],
    )
