"""Saving a record to a file, and loading it to go on from there."""

import json
import os
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import to_numpy
from .records import Record


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A saved record: all that `train(..., resume=checkpoint)` needs to go on to the bit."""

    epoch: int
    step: int
    theta: np.ndarray
    state: tuple[np.ndarray, ...]
    state_type: str
    position: dict[str, Any]


def save_checkpoint(record: Record, path: str | os.PathLike[str]) -> None:
    """Save a record to a file, so that training can go on later, in another process.

    The file is written under a temporary name and then renamed: an interrupted save leaves an
    older file whole.

    Parameters
    ----------
    record : Record
        From `train`.
    path : path
        Ends with .npz by custom; the name is used as it is.

    Examples
    --------
    >>> import tempfile
    >>> from deeplearn_utils.networks import MLP
    >>> from deeplearn_utils.optimizers import Adam
    >>> from deeplearn_utils.training import train
    >>> network, X = MLP([1, 1]), np.array([[1.0], [2.0]])
    >>> theta = np.array([0.0, 0.0])
    >>> *_, record = train(network, theta, X, X, optimizer=Adam(0.1), epochs=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_checkpoint(record, f"{folder}/run.npz")
    ...     load_checkpoint(f"{folder}/run.npz").step
    2
    """
    path = Path(path)
    meta = {
        "epoch": record.epoch,
        "step": record.step,
        "state_type": type(record.state).__name__,
        "position": record.position,
    }
    state = {f"state_{i}": to_numpy(x) for i, x in enumerate(record.state)}
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file, theta=to_numpy(record.theta), meta=json.dumps(meta, default=_plain), **state
            )
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Load what `save_checkpoint` saved. No code in the file is run.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file is damaged, or no checkpoint.

    Examples
    --------
    See `save_checkpoint`.
    """
    try:
        # Opened here, because NumPy leaves a file open when it turns out to be damaged.
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            meta = json.loads(str(file["meta"]))
            states = sorted((k for k in file if k.startswith("state_")), key=lambda k: int(k[6:]))
            state = tuple(file[k] for k in states)
            return Checkpoint(theta=file["theta"], state=state, **meta)
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except _DAMAGE as error:
        raise ValueError(
            f"`{path}` is damaged or no checkpoint of this book ({error}); use an older copy"
        ) from error


# What reading a damaged zip file or array header raises, as tried byte by byte.
_DAMAGE = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError,
    SyntaxError, TypeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def _plain(x: Any) -> Any:
    """Write NumPy's arrays and numbers in a generator's state as lists and numbers."""
    return x.tolist()
