"""What students hand in, read without trust: nothing is opened in full before it was looked at.

What must not be opened (a link, a device, a file too large) is refused, and the others go on.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath, PureWindowsPath

from .handed_in import (
    FORK,
    MOODLE,
    TIMESTAMP,
    UNKNOWN,
    ZIP,
    Group,
    Origin,
    groups,
    is_named,
    is_of_a_student,
    of_one_student,
    superseded,
)
from .owners import changed_later, strangers
from .shown import plain, visible
from .walking import MOST_DEPTH, entered, walked

__all__ = ["Submission", "collect"]

MOST_BYTES = 10 << 20
MOST_ARCHIVE = 1 << 30
MOST_ENTRIES = 20_000
MOST_OF_ALL = 1_000_000  # files in a class's zip: one student may have put thousands into theirs
MOST_NESTED = 100
MOST_ALIKE = 5
ENTRY = b"PK\x01\x02"  # how the head of each entry of a zip begins
UTF_8 = 0x800  # the flag of an entry whose name is
MOST_NAME = 255  # of one part of a place, as in file systems
MOST_TOLD = 1000  # of one that is longer: systems begin it with whose it is
MOST_TIME = 100  # bytes of a time
NONE = "no notebook was handed in"
MANY_ZIPS = f"a student's folder must not hold more than {MOST_NESTED} zips"
TOO_DEEP = f"no notebook was found in the first {MOST_DEPTH} of folders in folders"
UNPACK = "give the folder that it unpacks to"
TOO_MANY = f"a zip must not hold more than {MOST_ENTRIES} files"
LIMITED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How an entry may be packed: zipfile unpacks others in one piece, however large that gets."""
SKIPPED = ("__MACOSX", ".")
NEARLY = re.compile(r"\.ipynb|.\.(rar|7z|tgz|tar(\.\w+)?)$", re.I)
"""Names of files that are meant to be a notebook, or hold one: browsers add an ending to it."""
NOTEBOOK = ".ipynb"


class Unreadable(ValueError):
    """A file that cannot be read; the message says why."""


class Empty(Unreadable):
    """A student's zip in which no notebook is; it counts if nothing else was handed in."""


class Other(Empty):
    """No notebook, or a folder that stays closed; it counts if its student has nothing else."""


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
    if not path.is_dir() and not path.is_file():
        raise ValueError(f"`submissions` must be a folder, a zip or a notebook, got {str(path)!r}")
    return _collected(path, assignment)


def _collected(path: Path, assignment: str) -> Iterator[Submission]:
    if path.is_dir():
        yield from _chosen(list(_in_folder(path)), assignment, path)
    elif path.suffix.lower() != NOTEBOOK and zipfile.is_zipfile(path):
        if path.stat().st_size > MOST_ARCHIVE:
            most = f"a zip must not be larger than {MOST_ARCHIVE >> 20} MB"
            raise ValueError(f"{most}: {UNPACK}")
        with _unzipping(path) as archive:
            yield from _chosen(list(_in_archive(archive)), assignment)
    else:
        read = partial(_content, path.parent, path.name)
        yield from _chosen([(_place("", path.name), read)], assignment)


Read = Callable[[], "bytes | Unreadable"]
Found = tuple[str, "Read | Unreadable"]
"""A file's place, and what reads it: of many files, only those that count are read."""


def _in_folder(folder: Path) -> Iterator[Found]:
    seen: Counter[tuple[str, str]] = Counter()
    closed: list[tuple[str, str]] = []
    for inside, folders, names, _ in walked(folder, closed):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        if inside.count(os.sep) >= MOST_DEPTH and folders:
            folders.clear()
            yield _place(inside, NOTEBOOK), Other(TOO_DEEP)
        for name in folders:
            if name.endswith(NOTEBOOK):  # as some unpack a zip of one notebook
                place = _place(inside, name)
                seen[own := of_one_student(place), "/"] += 1
                if not own or seen[own, "/"] <= MOST_NESTED:
                    yield place, Other("it is no ordinary file")
        for name in sorted(names):
            place = _place(inside, name)
            taken = _is_taken(name) and not _is_hidden(name)
            if not (taken or inside or _is_hidden(name)) and os.path.isdir(folder / name):
                yield _place(name, NOTEBOOK), Other("it is a link")
            if not (taken or _is_told(place)):
                continue
            own, kind = of_one_student(place), PurePosixPath(name).suffix.lower() if taken else ""
            seen[own, kind] += 1
            if own and seen[own, kind] > MOST_NESTED + 1:
                continue
            read = partial(_content, folder, os.path.join(inside, name), _most(name))
            if own and kind == ZIP and seen[own, kind] > MOST_NESTED:
                yield place, Unreadable(MANY_ZIPS)
            else:
                yield place, read if taken else Other(f"{NONE}, but {plain(name, 60)}")
    for inside, reason in closed:
        yield _place(inside, NOTEBOOK), Other(f"a folder cannot be opened: {reason}")


def _place(inside: str, name: str) -> str:
    """Return a place as text; names that are no UTF-8 stay different."""
    place = os.path.normpath(os.path.join(inside, name))
    return os.fsencode(place).decode(errors="backslashreplace")


def _is_taken(name: str, nested: bool = False) -> bool:
    """Tell whether a file is looked at; in a student's own zip, notebooks alone are."""
    if nested:
        return name.lower().endswith(NOTEBOOK)
    return name.lower().endswith((NOTEBOOK, ZIP)) or name == TIMESTAMP


def _is_hidden(name: str) -> bool:
    """Tell whether a file or a folder stays closed; at Moodle somebody can be called like one."""
    return name.startswith(FORK) or (name.startswith(SKIPPED) and not MOODLE.fullmatch(name))


def _is_told(place: str) -> bool:
    """Tell whether what is no notebook says that somebody handed in something."""
    path = PurePosixPath(place)
    nearly = NEARLY.search(path.name) and not path.name.startswith(FORK)
    return bool(nearly or is_of_a_student(place))


def _most(name: str) -> int:
    """Return how many bytes of a file are read: of one that may be too large, one too many."""
    return MOST_TIME if name == TIMESTAMP else MOST_BYTES + 1


def _content(folder: Path, inside: str, most: int = MOST_BYTES + 1) -> bytes | Unreadable:
    """Read a file that is a file, and no more of it than may be; no folder to it may be a link."""
    *steps, name = os.path.normpath(inside).split(os.sep)
    try:
        with entered(folder, steps) as here:
            fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
    except OSError as error:
        link = error.errno == errno.ELOOP or os.path.islink(folder / inside)
        return Unreadable("it is a link" if link else f"it cannot be opened: {error.strerror}")
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        return Unreadable("it is no ordinary file")
    with os.fdopen(fd, "rb") as file:
        try:
            return _short(file.read(most))
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
    except (zipfile.BadZipFile, NotImplementedError, OSError, UnicodeError) as error:
        raise ValueError(f"the zip cannot be read: {plain(error)}") from None


@contextlib.contextmanager
def _unzipping_own(content: bytes) -> Iterator[zipfile.ZipFile]:
    """Open a student's own zip."""
    if content.count(ENTRY) > MOST_ENTRIES:  # zipfile would make an object of each first
        raise ValueError(TOO_MANY)
    with _unzipping(io.BytesIO(content)) as archive:
        yield archive


def _nested(place: str, read: Read | Unreadable) -> Iterator[Found]:
    """Yield a file, or the notebooks in a student's own zip, and no more of them than may be."""
    if not place.lower().endswith(ZIP):
        yield place, read
        return
    content = _read(read)
    if isinstance(content, Unreadable):
        yield place, content
        return
    try:
        with _unzipping_own(content) as archive:
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
    for name, fault in _highest(inside):
        again = fault if isinstance(fault, Unreadable) else partial(_from_nested, read, name)
        yield f"{place}/{PureWindowsPath(name).name}", again


def _from_nested(read: Read, name: str) -> bytes | Unreadable:
    """Read a notebook in a student's zip, which may be another zip by now: look at it anew."""
    content = read()
    if isinstance(content, Unreadable):
        return content
    try:
        with _unzipping_own(content) as archive:
            entry = archive.getinfo(name)  # the last of this name
            return _fault(entry, set()) or _entry(archive, entry)
    except (ValueError, KeyError) as error:
        return Unreadable(plain(error))


def _in_archive(archive: zipfile.ZipFile, *, nested: bool = False) -> Iterator[Found]:
    """Yield the notebooks and zips in a zip; nothing is ever unpacked to the disk."""
    entries = archive.infolist()
    if len(entries) > (MOST_ENTRIES if nested else MOST_OF_ALL):
        raise ValueError(TOO_MANY if nested else f"the zip holds too many files: {UNPACK}")
    windows = not any("/" in entry.filename or entry.create_system for entry in entries)
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename if nested else _named(entry, windows)
        parts = name.replace("\\", "/").split("/")
        hidden = any(_is_hidden(part) for part in parts[:-1] if part not in (".", ".."))
        taken = _is_taken(parts[-1], nested) and not _is_hidden(parts[-1])
        if not parts[-1] or hidden or not (taken or (not nested and _is_told(name))):
            continue
        read = _fault(entry, seen) or partial(_entry, archive, entry, _most(parts[-1]))
        seen.add(entry.filename)
        if max(map(len, parts)) > MOST_TOLD:
            name = "/".join(f"{part[:-MOST_NAME][:MOST_TOLD]}{part[-MOST_NAME:]}" for part in parts)
        yield name, read if taken else Other(f"{NONE}, but {plain(parts[-1], 60)}")


def _named(entry: zipfile.ZipInfo, windows: bool) -> str:
    """Return an entry's place, as it was before programs of several systems made the zip."""
    name = entry.filename.replace("\\", "/") if windows else entry.filename
    if not entry.flag_bits & UTF_8:
        with contextlib.suppress(UnicodeError):  # Macs write UTF-8, and don't say so
            name = name.encode("cp437").decode()
    return name.removeprefix("./")


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


def _entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int = MOST_BYTES + 1
) -> bytes | Unreadable:
    try:
        with archive.open(entry) as opened:
            return _short(opened.read(most))
    except Exception as error:  # zlib and zipfile each have their own
        return Unreadable(f"it cannot be unpacked: {plain(error, 80)}")


def _chosen(
    files: Sequence[Found], assignment: str, folder: Path | None = None
) -> Iterator[Submission]:
    """Make one submission of each group of files, and read the one that counts."""
    no_zips = _no_zips(place for place, _ in files)
    found = [one for file in files for one in _nested(*file)]
    times = {
        place.rpartition("/")[0]: content[:MOST_TIME].decode(errors="replace")
        for place, read in found
        if PurePosixPath(place).name == TIMESTAMP and isinstance(content := _read(read), bytes)
    }
    wanted = [(p, Other(NONE) if PurePosixPath(p).name == TIMESTAMP else r) for p, r in found]
    names: Counter[str] = Counter()
    submissions = list(_groups(wanted, assignment, times, no_zips))
    everything = list(_groups(wanted, "", times, no_zips)) if folder is not None else []
    if foreign := strangers(folder, everything):  # they must not change how others' are sorted
        theirs = {p for name, group in everything if name in foreign for p, _ in group.files}
        rest = [one for one in wanted if one[0] not in theirs]
        told = [(name, group) for name, group in submissions if name in foreign]
        submissions = [*_groups(rest, assignment, times, no_zips), *told]
    changed = changed_later(folder, submissions) if folder is not None else {}
    refused = foreign | superseded((n, group) for n, group in submissions if n not in foreign)
    for called, group in submissions:
        shown = name = plain(called) or "without a name"
        while names[name]:
            names[shown] += 1
            name = f"{shown}'{names[shown] - 2 or ''}"
        names[name] += 1
        origin = group.origin if called not in foreign else Origin(called)  # no attempt of theirs
        student = visible(origin.student)
        origin = replace(origin, student=student, changed=changed.get(called, ""))
        reason = group.refused or refused.get(called, "")
        content = Unreadable(reason) if reason else _counting(group.files, assignment)
        if isinstance(content, Unreadable):
            yield Submission(name, refused=str(content), origin=origin)
        else:
            yield Submission(name, content, origin=origin)


def _no_zips(places: Iterable[str]) -> frozenset[str]:
    """Return the folders that are called like zips."""
    called = (PurePosixPath(place) for place in places if f"{ZIP}/" in place.lower())
    above = {part.as_posix() for place in called for part in place.parents}
    return frozenset(part for part in above if part.lower().endswith(ZIP))


def _groups(
    found: Sequence[Found], assignment: str, times: dict[str, str], no_zips: frozenset[str]
) -> Iterator[tuple[str, Group]]:
    """Yield the groups of notebooks, then who handed in other files alone, where systems say who.

    What else lies there must not change how notebooks are sorted: they are sorted without it.
    """
    others = [entry for entry in found if isinstance(entry[1], Other)]
    notebooks = [entry for entry in found if not isinstance(entry[1], Other)]
    sorted_out = list(groups(notebooks, assignment, times, no_zips))
    yield from sorted_out
    systems = {group.origin.system for _, group in sorted_out} | {UNKNOWN.system}
    known = {_person(group.origin) for _, group in sorted_out}
    for name, group in groups(found, assignment, times, no_zips) if others else ():
        alone = all(isinstance(read, Other) for _, read in group.files) and not group.refused
        if group.origin.system == UNKNOWN.system:  # there anything may be called like a time
            alone &= any(_is_meant(place) for place, _ in group.files)
        fits = group.origin.system in systems or not sorted_out
        if alone and fits and _person(group.origin) not in known:
            yield name, group


def _is_meant(place: str) -> bool:
    """Tell whether a file, in a folder for each student or beside them, is somebody's work."""
    path = PurePosixPath(place)
    return path.name != TIMESTAMP and (len(path.parts) > 1 or NOTEBOOK in path.name.lower())


def _person(origin: Origin) -> tuple[str, str]:
    return origin.system, origin.number or origin.student


def _counting(files: Sequence[Found], assignment: str) -> bytes | Unreadable:
    """Read the file that counts; the same notebook twice is one."""
    files = [f for f in files if not isinstance(f[1], Empty)] or files[:1]
    highest = _highest(files)
    chosen = [f for f in highest if len(highest) == 1 or is_named(f[0], assignment)] or highest
    if len(chosen) <= MOST_ALIKE:
        content = _read(chosen[0][1])
        if all(_read(read) == content for _, read in chosen[1:]):
            return content
    return Unreadable(f"its folder has {len(files)} notebooks; which one counts is not said")


def _highest(files: Sequence[Found]) -> list[Found]:
    """Leave out what lies below another of its name, as older copies do; zips are apart."""
    places = [f"/{place}".replace("\\", "/").rpartition("/") for place, _ in files]
    highest: dict[str, str] = {}
    for folder, _, name in sorted(places, key=lambda place: len(place[0])):
        highest.setdefault(name, f"{folder}/")
    kept = []
    for one, (folder, _, name) in zip(files, places, strict=True):
        above, here = highest[name], f"{folder}/"
        below = here[len(above) :] if here.startswith(above) else ""
        if not below or f"{ZIP}/" in below.lower():
            kept.append(one)
    return kept


def _read(read: Read | Unreadable) -> bytes | Unreadable:
    return read if isinstance(read, Unreadable) else read()
