"""What students hand in, read without trust: nothing is opened in full before it was looked at.

What must not be opened (a link, a device, a file too large) is refused, and the others go on.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from .handed_in import TIMESTAMP, UNKNOWN, ZIP, Origin, groups, is_named, of_one_student
from .owners import strangers
from .shown import plain, visible

__all__ = ["Submission", "collect"]

MOST_BYTES = 10 << 20
MOST_ARCHIVE = 1 << 30
MOST_ENTRIES = 20_000
MOST_NESTED = 100
ENTRY = b"PK\x01\x02"  # how the head of each entry of a zip begins
MOST_NAME = 255  # of one part of a place, as in file systems
MOST_TIME = 100  # characters of a time
MANY_ZIPS = f"a student's folder must not hold more than {MOST_NESTED} zips"
TOO_MANY = f"a zip must not hold more than {MOST_ENTRIES} files"
LIMITED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How an entry may be packed: zipfile unpacks others in one piece, however large that gets."""
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY
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
        yield from _chosen(list(_in_folder(path)), assignment, path)
    elif zipfile.is_zipfile(path):
        if path.stat().st_size > MOST_ARCHIVE:
            raise ValueError(f"a zip must not be larger than {MOST_ARCHIVE >> 20} MB")
        with _unzipping(path) as archive:
            yield from _chosen(list(_in_archive(archive)), assignment)
    elif path.is_file():
        yield from _chosen([(path.name, partial(_content, path.parent, path.name))], assignment)
    else:
        raise ValueError(f"`submissions` must be a folder, a zip or a notebook, got {str(path)!r}")


Read = Callable[[], "bytes | Unreadable"]
Found = tuple[str, "Read | Unreadable"]
"""A file's place, and what reads it: of many files, only those that count are read."""


def _in_folder(folder: Path) -> Iterator[Found]:
    opened: Counter[str] = Counter()
    for root, folders, names in os.walk(folder):  # does not follow links
        folders[:] = sorted(name for name in folders if not name.startswith(SKIPPED))
        for name in sorted(names + [f for f in folders if f.endswith(".ipynb")]):
            if name.startswith(SKIPPED) or not _is_taken(name):
                continue
            inside = os.path.relpath(os.path.join(root, name), folder)
            place = os.fsencode(inside).decode(errors="replace")
            read = partial(_content, folder, inside)
            if name.lower().endswith(ZIP):
                own = of_one_student(place)
                opened[own] += 1
                if own and opened[own] > MOST_NESTED:
                    read = Unreadable(MANY_ZIPS)
                yield from _nested(place, read)
            else:
                yield place, read


def _is_taken(name: str, nested: bool = False) -> bool:
    """Tell whether a file is looked at; in a student's own zip, notebooks alone are."""
    if nested:
        return name.lower().endswith(NOTEBOOK)
    return name.lower().endswith((NOTEBOOK, ZIP)) or name == TIMESTAMP


def _content(folder: Path, inside: str) -> bytes | Unreadable:
    """Read a file that is a file, and no more of it than may be; no folder to it may be a link.

    Whoever owns a folder can put a link in its place after it was looked at, so each step is made
    from the one before it.
    """
    *steps, name = os.path.normpath(inside).split(os.sep)
    try:
        with contextlib.ExitStack() as opened:
            here = os.open(folder, DIRECTORY)
            opened.callback(os.close, here)
            for step in steps:
                here = os.open(step, DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
                opened.callback(os.close, here)
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    except OSError as error:
        link = error.errno == errno.ELOOP or (folder / inside).is_symlink()
        return Unreadable("it is a link" if link else f"it cannot be opened: {error.strerror}")
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        return Unreadable("it is no ordinary file")
    with os.fdopen(fd, "rb") as file:
        try:
            return _short(file.read(MOST_BYTES + 1))
        except OSError as error:
            return Unreadable(f"it cannot be read: {error.strerror}")


def _short(content: bytes) -> bytes | Unreadable:
    if len(content) > MOST_BYTES:
        return Unreadable(f"it is larger than {MOST_BYTES >> 20} MB; were outputs cleared?")
    return content


@contextlib.contextmanager
def _unzipping(file: Path | io.BytesIO) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise ValueError(f"the zip cannot be read: {plain(error)}") from None


def _nested(place: str, read: Read | Unreadable) -> Iterator[Found]:
    """Yield the notebooks in a student's own zip, and no more of them than may be."""
    content = _read(read)
    if isinstance(content, Unreadable):
        yield place, content
        return
    try:
        if content.count(ENTRY) > MOST_ENTRIES:  # zipfile would make an object of each first
            raise ValueError(TOO_MANY)
        with _unzipping(io.BytesIO(content)) as archive:
            inside = list(islice(_in_archive(archive, nested=True), MOST_NESTED))
    except ValueError as error:
        yield place, Unreadable(str(error))
        return
    if len(inside) == MOST_NESTED:
        inside.append(
            ("", Unreadable(f"a zip must not hold more than {MOST_NESTED - 1} notebooks"))
        )
    if not inside:
        yield place, Empty("the zip holds no notebook; one in a zip in it is not looked for")
    for name, fault in inside:
        again = fault if isinstance(fault, Unreadable) else partial(_from_nested, read, name)
        yield f"{place}/{PurePosixPath(name).name}", again


def _from_nested(read: Read, name: str) -> bytes | Unreadable:
    content = read()
    if isinstance(content, Unreadable):
        return content
    try:
        with _unzipping(io.BytesIO(content)) as archive:
            return _entry(archive, archive.getinfo(name))
    except (ValueError, KeyError) as error:
        return Unreadable(plain(error))


def _in_archive(archive: zipfile.ZipFile, *, nested: bool = False) -> Iterator[Found]:
    """Yield the notebooks in a zip; nothing is ever unpacked to the disk."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise ValueError(TOO_MANY)
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        parts = name.replace("\\", "/").split("/")
        hidden = any(part.startswith(SKIPPED) for part in parts if part != "..")
        if entry.is_dir() or hidden or not _is_taken(parts[-1], nested):
            continue
        read = _fault(entry, seen) or partial(_entry, archive, entry)
        seen.add(name)
        if max(map(len, parts)) > MOST_NAME:
            name = "/".join(part if len(part) <= MOST_NAME else part[-MOST_NAME:] for part in parts)
        if name.lower().endswith(ZIP):
            yield from _nested(name, read)
        else:
            yield name, read


def _fault(entry: zipfile.ZipInfo, seen: set[str]) -> Unreadable | None:
    """Return why an entry is not read, if its head says so."""
    parts = entry.filename.replace("\\", "/").split("/")
    if entry.filename.startswith("/") or ".." in parts or parts[0][1:2] == ":":
        return Unreadable("its name leads out of the zip")
    if max(map(len, parts)) > MOST_NAME:
        return Unreadable(f"a name in it is longer than {MOST_NAME} characters")
    if entry.filename in seen:
        return Unreadable("the zip has two files of this name")
    if stat.S_ISLNK(entry.external_attr >> 16):
        return Unreadable("it is a link")
    if entry.flag_bits & 1:
        return Unreadable("it is encrypted")
    if entry.compress_type not in LIMITED:
        return Unreadable("it is packed in a way that is not read: pack it as an ordinary zip")
    if entry.file_size > MOST_BYTES:
        return Unreadable(f"it is larger than {MOST_BYTES >> 20} MB; were outputs cleared?")
    return None


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | Unreadable:
    try:
        with archive.open(entry) as opened:
            return _short(opened.read(MOST_BYTES + 1))
    except Exception as error:  # zlib and zipfile each have their own
        return Unreadable(f"it cannot be unpacked: {plain(error, 80)}")


def _chosen(
    found: Sequence[Found], assignment: str, folder: Path | None = None
) -> Iterator[Submission]:
    """Make one submission of each group of files, and read the one that counts."""
    times = {
        place.rpartition("/")[0]: content[:MOST_TIME].decode(errors="replace")
        for place, read in found
        if PurePosixPath(place).name == TIMESTAMP and isinstance(content := _read(read), bytes)
    }
    notebooks = [entry for entry in found if PurePosixPath(entry[0]).name != TIMESTAMP]
    names: Counter[str] = Counter()
    submissions = list(groups(notebooks, assignment, times))
    others = strangers(folder, submissions) if folder is not None else {}
    for called, group in submissions:
        files = [f for f in group.files if not isinstance(f[1], Empty)] or group.files[:1]
        chosen = files if len(files) == 1 else [f for f in files if is_named(f[0], assignment)]
        shown = name = plain(called) or "without a name"
        while names[name]:
            names[shown] += 1
            name = f"{shown}'{names[shown] - 2 or ''}"
        names[name] += 1
        origin = replace(group.origin, student=visible(group.origin.student))
        if called in others or group.refused:
            owner = f"its folder belongs to the user {plain(others.get(called, ''), 60)}"
            reason = group.refused or f"{owner}, not to its student"
            yield Submission(name, refused=reason, origin=origin)
            continue
        if len(chosen) != 1:
            reason = f"its folder has {len(files)} notebooks; which one counts is not said"
            yield Submission(name, refused=reason, origin=origin)
            continue
        content = _read(chosen[0][1])
        refused = str(content) if isinstance(content, Unreadable) else ""
        yield Submission(name, b"" if refused else content, refused, origin)


def _read(read: Read | Unreadable) -> bytes | Unreadable:
    return read if isinstance(read, Unreadable) else read()
