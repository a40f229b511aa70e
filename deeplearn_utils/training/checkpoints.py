"""Saving a record to a file, and loading it to go on from there.

The file is an .npz archive of NumPy. Its comment, the last bytes of the file, is the SHA-256 digest
of all bytes before it: what is read is what was written, names, dtypes and shapes included.
"""

import hashlib
import json
import os
import secrets
import zipfile
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from ..arrays import to_numpy
from ..checks import as_path, instance
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
    older file whole. Who may read it is for the umask to say, as with any new file.

    Parameters
    ----------
    record : Record
        From `train`.
    path : path
        Ends with .npz by custom; the name is used as it is.

    Raises
    ------
    TypeError
        When the optimizer's state is no tuple of arrays and numbers.

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
    path = as_path("path", path)
    if not hasattr(record, "state"):
        instance("record", record, Record, "a Record, one of those that train yields")
    meta = {
        "epoch": record.epoch,
        "step": record.step,
        "state_type": type(record.state).__name__,
        "position": record.position,
    }
    arrays = {f"state_{i}": x for i, x in enumerate(_entries(record.state))}
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(temporary, "xb+") as file:
            theta = to_numpy(record.theta)
            np.savez(file, theta=theta, meta=json.dumps(meta, default=_plain), **arrays)
            _seal(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Load what `save_checkpoint` saved. No code in the file is run.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the file is not, to the bit, what was saved: damaged, changed, or no checkpoint.

    Examples
    --------
    See `save_checkpoint`.
    """
    path = as_path("path", path)
    with path.open("rb") as stream:
        _check_seal(path, stream)
        stream.seek(0)
        try:
            return _read(stream)
        except _OTHERS as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ValueError(
                f"`{path}` is whole, but no checkpoint of this book ({reason})"
            ) from None


_OTHERS = (ArithmeticError, LookupError, MemoryError, NotImplementedError, RecursionError)
_OTHERS += (RuntimeError, SyntaxError, TypeError, ValueError, zipfile.BadZipFile)
"""What a whole archive may end in that another program wrote."""


def _read(stream: BinaryIO) -> Checkpoint:
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        for member in members:
            if member.compress_type != zipfile.ZIP_STORED:  # which would unfold to any size
                raise ValueError(f"{member.filename} is packed")
        parts = {"theta.npy", "meta.npy"} | {f"state_{i}.npy" for i in range(len(members) - 2)}
        if {member.filename for member in members} != parts:
            raise ValueError(f"it holds {', '.join(member.filename for member in members)}")
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as file:
        meta = json.loads(str(file["meta"]))
        state = tuple(file[f"state_{i}"] for i in range(len(members) - 2))
        return Checkpoint(theta=file["theta"], state=state, **meta)


_LENGTH = 2 * hashlib.sha256().digest_size


def _seal(file: BinaryIO) -> None:
    """Write the digest of all that stands in an archive as the archive's comment."""
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = bytes(_LENGTH)
    file.seek(-_LENGTH, os.SEEK_END)
    end = file.tell()
    digest = _digest(file, end)
    file.seek(end)
    file.write(digest)


def _check_seal(path: Any, file: BinaryIO) -> None:
    end = file.seek(0, os.SEEK_END) - _LENGTH
    if end > 0:
        digest = _digest(file, end)
        file.seek(end)
        if file.read() == digest:
            return
    raise ValueError(
        f"`{path}` is damaged or no checkpoint of this book: its bytes don't fit the digest at its "
        "end; use an older copy"
    )


def _digest(file: BinaryIO, end: int) -> bytes:
    """Return the digest of the first bytes of a file, in hexadecimal digits."""
    found, left = hashlib.sha256(), end
    file.seek(0)
    while left:
        block = file.read(min(left, 2**20))
        found.update(block)
        left -= len(block)
    return found.hexdigest().encode()


def _entries(state: Any) -> list[np.ndarray]:
    entries = state if isinstance(state, tuple) else ()
    try:
        arrays = [to_numpy(x) for x in entries]
    except TypeError:
        arrays = None
    if arrays is None or not isinstance(state, tuple) or any(x.dtype.hasobject for x in arrays):
        kinds = f"({', '.join(map(_kind, entries))})" if entries else ""
        raise TypeError(
            "`record.state` must be a tuple of arrays and numbers to be saved, got "
            f"{type(state).__name__}{kinds}"
        )
    return arrays


def _kind(x: Any) -> str:
    of_objects = isinstance(x, np.ndarray) and x.dtype.hasobject
    return f"{type(x).__name__}{' of objects' if of_objects else ''}"


def _plain(x: Any) -> Any:
    """Write NumPy's arrays and numbers in a generator's state as lists and numbers."""
    return x.tolist()
