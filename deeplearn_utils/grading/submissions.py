"""What students hand in, read without trust: nothing is opened in full before it was looked at.

A link, a device, a name that leaves its folder or a file that is too large is refused with a
reason, and the others go on.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .handed_in import TIMESTAMP, UNKNOWN, ZIP, Origin, groups, is_named

__all__ = ["Submission", "collect", "plain"]

MOST_BYTES = 10 << 20
MOST_ARCHIVE = 1 << 30
MOST_ENTRIES = 20_000
MOST_IN_NESTED = 4 * MOST_BYTES
MOST_NESTED = 100
SKIPPED = ("__MACOSX", ".")
NOTEBOOK = ".ipynb"


class Unreadable(ValueError):
    """A file that cannot be read; the message says why."""


class Empty(Unreadable):
    """A student's zip in which no notebook is; it counts if nothing else was handed in."""


@dataclass
class Submission:
    """One submission: a name, its content or why there is none, whose it is, and a digest of it."""

    name: str
    content: bytes = b""
    refused: str = ""
    origin: Origin = UNKNOWN

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content + self.refused.encode()).hexdigest()


def plain(text: object, most: int = 300) -> str:
    r"""Return text that is safe to show: one line, no control characters, not too long.

    Examples
    --------
    >>> plain("a\x1b[31m\nb")
    'a [31m b'
    """
    kept = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in str(text)[:2000])
    kept = " ".join(kept.split())
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"


def collect(path: str | os.PathLike[str], assignment: str = "") -> Iterator[Submission]:
    """Yield the submissions in a folder, a zip from an LMS, or a single notebook.

    A notebook at the top is a submission; so is each folder with notebooks in it, and a zip in
    it. Of several notebooks in one folder, the one named like the assignment counts. What names
    of nbgrader, Canvas and Moodle tell is read from them (`handed_in`).

    Parameters
    ----------
    path : path
    assignment : str
        The assignment's name.

    Yields
    ------
    Submission

    Raises
    ------
    ValueError
        If ``path`` is nothing of these, or a zip that cannot be opened.
    """
    path = Path(path)
    if path.is_dir():
        found = _in_folder(path)
    elif zipfile.is_zipfile(path):
        found = _in_archive(path.stat().st_size, path)
    elif path.is_file():
        found = [(path.name, _content(path, MOST_BYTES))]
    else:
        raise ValueError(f"`submissions` must be a folder, a zip or a notebook, got {str(path)!r}")
    yield from _chosen(list(found), assignment)


Found = tuple[str, bytes | Unreadable]


def _in_folder(folder: Path) -> Iterator[Found]:
    for root, folders, names in os.walk(folder):  # does not follow links
        folders[:] = sorted(name for name in folders if not name.startswith(SKIPPED))
        for name in sorted(names + [f for f in folders if f.endswith(".ipynb")]):
            if name.startswith(SKIPPED) or not _is_taken(name):
                continue
            path = Path(root) / name
            place = os.fsencode(path.relative_to(folder)).decode(errors="replace")
            if name.lower().endswith(ZIP):
                yield from _nested(place, _content(path, MOST_BYTES))
            else:
                yield place, _content(path, MOST_BYTES)


def _is_taken(name: str, nested: bool = False) -> bool:
    """Tell whether a file is looked at; in a student's own zip, notebooks alone are."""
    if nested:
        return name.lower().endswith(NOTEBOOK)
    return name.lower().endswith((NOTEBOOK, ZIP)) or name == TIMESTAMP


def _content(path: Path, most: int) -> bytes | Unreadable:
    """Read a file that is a file, and no more of it than may be."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        link = path.is_symlink()
        return Unreadable("it is a link" if link else f"it cannot be opened: {error.strerror}")
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        return Unreadable("it is no ordinary file")
    with os.fdopen(fd, "rb") as file:
        try:
            return _short(file.read(most + 1), most)
        except OSError as error:
            return Unreadable(f"it cannot be read: {error.strerror}")


def _short(content: bytes, most: int) -> bytes | Unreadable:
    if len(content) > most:
        return Unreadable(f"it is larger than {most >> 20} MB; were outputs cleared?")
    return content


def _nested(place: str, content: bytes | Unreadable) -> Iterator[Found]:
    """Yield the notebooks in a student's own zip, and no more of them than may be."""
    if isinstance(content, Unreadable):
        yield place, content
        return
    size = count = 0
    try:
        for name, inner in _in_archive(len(content), io.BytesIO(content)):
            yield f"{place}/{PurePosixPath(name).name}", inner
            count += 1
            size += len(inner) if isinstance(inner, bytes) else 0
            if size > MOST_IN_NESTED:
                raise ValueError(f"a zip must not unpack to more than {MOST_IN_NESTED >> 20} MB")
            if count >= MOST_NESTED:
                raise ValueError(f"a zip must not hold more than {MOST_NESTED - 1} notebooks")
        if not count:
            yield place, Empty("the zip holds no notebook; one in a zip in it is not looked for")
    except ValueError as error:
        yield place, Unreadable(str(error))


def _in_archive(size: int, file: Path | io.BytesIO) -> Iterator[Found]:
    """Yield the notebooks in a zip; nothing is ever unpacked to the disk."""
    if size > MOST_ARCHIVE:
        raise ValueError(f"a zip must not be larger than {MOST_ARCHIVE >> 20} MB")
    nested = not isinstance(file, Path)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise ValueError(f"a zip must not hold more than {MOST_ENTRIES} files")
            seen: set[str] = set()
            for entry in entries:
                name = entry.filename
                parts = name.replace("\\", "/").split("/")
                hidden = any(part.startswith(SKIPPED) for part in parts if part != "..")
                if entry.is_dir() or hidden or not _is_taken(parts[-1], nested):
                    continue
                content = _entry(archive, entry, seen)
                seen.add(name)
                if name.lower().endswith(ZIP):
                    yield from _nested(name, content)
                else:
                    yield name, content
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise ValueError(f"the zip cannot be read: {plain(error)}") from None


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, seen: set[str]) -> bytes | Unreadable:
    parts = entry.filename.replace("\\", "/").split("/")
    if entry.filename.startswith("/") or ".." in parts or parts[0][1:2] == ":":
        return Unreadable("its name leads out of the zip")
    if entry.filename in seen:
        return Unreadable("the zip has two files of this name")
    if stat.S_ISLNK(entry.external_attr >> 16):
        return Unreadable("it is a link")
    if entry.flag_bits & 1:
        return Unreadable("it is encrypted")
    if entry.file_size > MOST_BYTES:
        return _short(bytes(MOST_BYTES + 1), MOST_BYTES)
    try:
        with archive.open(entry) as opened:
            return _short(opened.read(MOST_BYTES + 1), MOST_BYTES)
    except Exception as error:  # zlib, lzma and zipfile each have their own
        return Unreadable(f"it cannot be unpacked: {plain(error, 80)}")


def _is_timestamp(place: str) -> bool:
    return PurePosixPath(place).name == TIMESTAMP


def _chosen(found: Sequence[Found], assignment: str) -> Iterator[Submission]:
    """Make one submission of each group of files."""
    times = {
        place.rpartition("/")[0]: content.decode(errors="replace")
        for place, content in found
        if _is_timestamp(place) and isinstance(content, bytes)
    }
    notebooks = [entry for entry in found if not _is_timestamp(entry[0])]
    names: set[str] = set()
    for called, group in groups(notebooks, assignment, times):
        files = [f for f in group.files if not isinstance(f[1], Empty)] or group.files[:1]
        chosen = files if len(files) == 1 else [f for f in files if is_named(f[0], assignment)]
        name = plain(called) or "without a name"
        while name in names:
            name += "'"
        names.add(name)
        if len(chosen) != 1:
            reason = f"its folder has {len(files)} notebooks; which one counts is not said"
            yield Submission(name, refused=reason, origin=group.origin)
        elif isinstance(chosen[0][1], Unreadable):
            yield Submission(name, refused=str(chosen[0][1]), origin=group.origin)
        else:
            yield Submission(name, chosen[0][1], origin=group.origin)
