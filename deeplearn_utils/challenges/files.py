"""Entries are data: JSON or arrays without pickle, of a bounded size, read without running them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from .verdict import Refused, Unreadable

__all__ = ["read_array", "read_json", "seed_of"]

LARGEST = 1_000_000


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    Unreadable
        When there is no such file, or it is larger than a million bytes.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Unreadable(f"{path}: cannot be opened ({reason}); is the name right?") from None
    except ValueError:  # a name with a zero byte
        raise Unreadable(f"{path!r}: is no name of a file") from None
    if len(content) > LARGEST:
        raise Unreadable(f"{path}: is larger than {LARGEST:,} bytes; an entry is a small file")
    return content


def read_json(path: Path) -> dict[str, Any]:
    """Return the object that a JSON file holds.

    Raises
    ------
    Unreadable
        When the file is no JSON, holds NaN or infinity, a name twice, or anything but one object.
    """
    content = read_bytes(path)
    try:
        entry = json.loads(
            content.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_object
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise Unreadable(
            f"{path}: is no JSON ({reason}); open it in a text editor, or write it with json.dump"
        ) from None
    if not isinstance(entry, dict):
        kind = type(entry).__name__
        raise Unreadable(f'{path}: must hold one object such as {{"hidden": [16]}}, got a {kind}')
    return entry


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"{min(twice)!r} stands there twice")
    return dict(pairs)


def read_array(path: Path, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return one real array of a given shape from an .npz file; nothing is unpickled.

    Raises
    ------
    Unreadable
        When the file is damaged or no .npz.
    Refused
        When it holds other arrays, or this one with another shape or kind of numbers.
    """
    read_bytes(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = [member.removesuffix(".npy") for member in archive.namelist()]
            if names == [name]:
                with archive.open(archive.namelist()[0]) as member:
                    return _array(member, name, shape)
    except (Refused, Unreadable):
        raise
    except Exception as error:  # a damaged file fails in any way
        reason = str(error) or type(error).__name__
        raise Unreadable(
            f"{path}: is no sound .npz file ({reason}); write it with np.savez_compressed"
        ) from None
    raise Refused(f"the file must hold one array, named {name!r}, got {names}")


def _array(member: zipfile.ZipExtFile, name: str, shape: tuple[int, ...]) -> np.ndarray:
    version = np.lib.format.read_magic(member)
    if version != (1, 0):  # later ones have headers of any length
        raise ValueError(f"format {version} of .npy is not read here")
    found, fortran, dtype = np.lib.format.read_array_header_1_0(member)
    if dtype.kind not in "fiu":
        raise Refused(f"`{name}` must hold real numbers, got {dtype}; nothing is unpickled")
    if found != shape:
        raise Refused(f"`{name}` must have shape {shape}, got {found}")
    size = int(np.prod(shape)) * dtype.itemsize
    content = member.read(size + 1)
    if len(content) != size:
        raise ValueError(f"{size} bytes of numbers belong there")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C").astype(float)


def seed_of(entry: Any) -> int:
    """Return a seed that only this entry has: fresh draws, and the same verdict each time.

    Examples
    --------
    >>> seed_of({"a": 1, "b": 2}) == seed_of({"b": 2, "a": 1}), seed_of({"a": 2}) < 2**64
    (True, True)
    """
    text = json.dumps(entry, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
