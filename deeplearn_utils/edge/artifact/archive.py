"""A zip archive that is written whole or not at all, and read without trusting it.

Nothing is unpacked onto the disk, and no size that the file claims is believed before it is
bounded. What one looks for is in "Zip Slip" (Snyk, 2018) for names that lead out of the folder, and
in Fifield, "A better zip bomb" (2019) for archives that unfold without end.
"""

import os
import re
import secrets
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from ..errors import ModelError

__all__ = ["MOST_BYTES", "PART", "read_parts", "replacing", "write_parts"]

MOST_BYTES = 2**28
"""How many bytes an archive may unfold to unless a caller allows more: 256 MiB."""

MOST_PARTS = 1000
PART = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)*", re.ASCII)
END, END_LENGTH = b"PK\x05\x06", 22  # of the end record, which has no comment here
NEVER = (1980, 1, 1, 0, 0, 0)  # the earliest date of a zip: equal parts make equal files

KINDS = (  # where a mark stands, the mark, and what has it
    (0, b"\x89HDF\r\n", "an HDF5 file, such as Keras weights (.weights.h5)"),
    (4, b"TFL3", "a bare LiteRT model (.tflite)"),
    (0, b"\x93NUMPY", "a NumPy array (.npy)"),
    (0, b"\x1f\x8b", "a gzip file"),
    (0, b"\x80", "a pickle, which nobody should load who doesn't know its author"),
    (0, b"{", "a JSON text"),
    (0, b"<", "a page of HTML or XML; was it downloaded from a page that says why not?"),
    (0, b"version https://git-lfs", "a pointer of Git LFS; fetch the file with git lfs pull"),
)
INSIDE = {  # a part that tells what else is a zip archive
    "config.json": "a Keras model (.keras)",
    "theta.npy": "a NumPy archive (.npz), such as a checkpoint",
    "data.pkl": "a PyTorch file (.pt)",
    "constants.pkl": "a TorchScript file (.pt)",
}


def write_parts(path: Path, parts: Mapping[str, bytes]) -> None:
    """Write named parts as one zip archive; an older file stays until the new one is whole.

    The same parts make the same bytes: no date and no name of a machine is in the file.
    """
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, NEVER)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)
    with replacing(path) as temporary, open(temporary, "xb") as file:
        file.write(stream.getbuffer())
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside a file, which takes its place if nothing goes wrong."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_parts(path: Path, *, most_bytes: int = MOST_BYTES) -> dict[str, bytes]:
    """Read all parts of an archive into memory.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ModelError
        When it is no archive, damaged, unfolds too far, or has names or links that mean harm.
    """
    data = _bytes(path, most_bytes)
    _check_ends(path, data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            _check_members(path, members, most_bytes)
            return {member.filename: _part(path, archive, member) for member in members}
    except (
        *(zipfile.BadZipFile, struct.error, zlib.error),
        *(EOFError, OverflowError, RuntimeError, ValueError),
    ) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(
            f"`{path}` is altered: its table of contents can't be read ({error}); use a fresh copy"
        ) from None


def _bytes(path: Path, most_bytes: int) -> bytes:
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise ModelError(f"`{path}` is empty: 0 bytes; use a fresh copy")
        if size > most_bytes:
            raise _too_large(path, f"the file has {size} bytes", most_bytes)
        return file.read(most_bytes)


def _opened(path: Path):
    kind = path.stat().st_mode
    if stat.S_ISDIR(kind):
        raise ModelError(f"`{path}` is a folder, not an artifact, which is one file")
    if not stat.S_ISREG(kind):
        raise ModelError(f"`{path}` is a device or a pipe, not an artifact, which is one file")
    return open(path, "rb")


def _too_large(path: Path, found: str, most_bytes: int) -> ModelError:
    return ModelError(
        f"`{path}` unfolds too far: {found}, more than the {most_bytes} that are read; "
        "if you trust it, allow more with `most_bytes`"
    )


def _check_ends(path: Path, data: bytes) -> None:
    """Check the first bytes, and that the end record stands at the end."""
    if not data.startswith(b"PK\x03\x04"):
        kinds = [kind for at, mark, kind in KINDS if data[at : at + len(mark)] == mark]
        found = f"it is {kinds[0]}" if kinds else f"it begins with {data[:4]!r}"
        raise ModelError(f"`{path}` is no artifact of this book: {found}")
    end = data.rfind(END)
    if end < 0 or end + END_LENGTH > len(data):
        raise ModelError(
            f"`{path}` is cut off: it ends after {len(data)} bytes, before its table of contents "
            "does; copy or download it again"
        )
    length = int.from_bytes(data[end + END_LENGTH - 2 : end + END_LENGTH], "little")
    if end + END_LENGTH < len(data) and length == 0:
        raise ModelError(
            f"`{path}` is altered: {len(data) - end - END_LENGTH} bytes follow its end; "
            "use a fresh copy"
        )


def _check_members(path: Path, members: list[zipfile.ZipInfo], most_bytes: int) -> None:
    unfolded = sum(member.file_size for member in members)
    if unfolded > most_bytes or len(members) > MOST_PARTS:
        found = f"{len(members)} parts claim {unfolded} bytes"
        raise _too_large(path, found, most_bytes)
    names = [member.filename for member in members]
    twice = {name for name in names if [n.casefold() for n in names].count(name.casefold()) > 1}
    if twice:
        raise ModelError(f"`{path}` holds the part {min(twice)!r} twice: which one is meant?")
    for member in members:
        if not PART.fullmatch(member.filename):
            raise ModelError(
                f"`{path}` holds a part named {member.filename!r}, which may lead out of its folder"
            )
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise ModelError(f"`{path}` holds {member.filename!r}, which is a link or no file")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ModelError(f"`{path}` is altered: {member.filename!r} is packed in another way")
    if "artifact.json" not in names:
        kinds = [kind for name in names for mark, kind in INSIDE.items() if name.endswith(mark)]
        found = f"it is {kinds[0]}" if kinds else "a zip without artifact.json"
        raise ModelError(f"`{path}` is no artifact of this book: {found}")
    first = min(member.header_offset for member in members)
    if first:
        raise ModelError(
            f"`{path}` is altered: {first} bytes stand before its first part, as if two files had "
            "been joined; use a fresh copy"
        )


def _part(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(member) as file:
            content = file.read(member.file_size + 1)  # no more than it claims
    except (zipfile.BadZipFile, EOFError, RuntimeError, zlib.error) as error:
        raise ModelError(
            f"`{path}` is altered: the bytes of {member.filename!r} don't unpack ({error}); "
            "use a fresh copy"
        ) from None
    if len(content) != member.file_size:
        raise ModelError(f"`{path}` is altered: {member.filename!r} is shorter than it says")
    return content
