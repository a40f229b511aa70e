"""Who handed in what, when and for which time, as the names of files and folders tell it.

Three systems name what they hand to an instructor, each in its own way:

- nbgrader's exchange: ``COURSE/inbound/STUDENT+ASSIGNMENT+TIME+RANDOM/NAME.ipynb``, and after its
  ``collect``: ``submitted/STUDENT/ASSIGNMENT/NAME.ipynb`` beside a ``timestamp.txt``;
- Canvas: ``lastnamefirstname_LATE_USER_FILE_NAME-1.ipynb``, where ``_LATE`` and ``-1`` (the first
  file handed in anew) may be missing; or ``LATE_anon_CODE_FILE_NAME-1.ipynb``;
- Moodle: ``Full Name_PARTICIPANT_assignsubmission_file_/NAME.ipynb``, or all of that in one name.

Anything else is a folder, or a notebook, for each student.

Only the first part of a place in which students differ is the system's. What lies below it, and
what is in a zip, was named by the student, and says nothing about whose it is, when it came, or
which system it came from.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

__all__ = [
    "Group",
    "Origin",
    "groups",
    "is_named",
    "is_of_a_student",
    "of_one_student",
    "superseded",
    "told_time",
]

TIMESTAMP = "timestamp.txt"
ZIP = ".zip"
INBOUND = re.compile(
    r"(?P<student>.+)\+(?P<assignment>[^+]+)\+(?P<time>\d{4}-[^+]+)(\+[^+]*)?", re.S
)
CANVAS = re.compile(
    r"(?P<name>.+?)(?P<late>_late)?_(?P<user>\d+)_(?P<file>\d+)_(?P<rest>.*)", re.I | re.S
)
ANONYMOUS = re.compile(
    r"(?P<late>late_)?(?P<name>anon_(?P<user>[a-z\d]{5}))_(?P<file>\d+)_(?P<rest>.*)", re.I | re.S
)
ENTERED = re.compile(
    r"(?P<name>.+?)(?P<late>_late)?_(?P<user>\d+)_(?P<rest>(text|link)\.html)", re.I | re.S
)
"""Words, or an address, that were entered in Canvas instead of a file."""
MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.S
)
AGAIN = re.compile(r"_\d+_\d+_")
LATE_AGAIN = re.compile(r"_late_\d+_\d+_", re.I)
"""What says once more whose a file of Canvas's is: a student can be called so there."""
VERSION = re.compile(r"(?P<stem>.+)-(?P<number>[1-9]\d{0,3})", re.S)


@dataclass(frozen=True)
class Origin:
    """What is known about a submission besides its content."""

    student: str
    """The student, as the system names them."""
    system: str = "folder"
    number: str = ""
    """Canvas's number of the user, or Moodle's of the participant."""
    attempt: int = 1
    late: bool = False
    """Whether the system marked it as late."""
    submitted: str = ""
    """When it was handed in, as ISO 8601 in UTC."""
    changed: str = ""
    """When it was last changed, where that is later than its folder's name says."""
    reply: str = ""
    """How the name of a file for this student begins, so that the system takes it back."""


UNKNOWN = Origin("")
MOST_ATTEMPTS = 20
SUPERSEDED = f"of one student, only the {MOST_ATTEMPTS} newest attempts are graded"
TWO = "its name says two students, and another's says the first of them"
STRAY = "it lies beside what nbgrader took in, and is not named as nbgrader names that"


@dataclass
class Group:
    """The files of one submission."""

    origin: Origin
    files: list[tuple[str, object]] = field(default_factory=list)
    refused: str = ""


def told_time(text: str) -> str:
    """Return a time of nbgrader's, such as "2026-11-30 22:59:03.1 UTC", as ISO 8601 in UTC.

    Examples
    --------
    >>> told_time("2026-11-30 22:59:03.120000 UTC")
    '2026-11-30T22:59:03+00:00'
    >>> told_time("yesterday")
    ''
    """
    day, _, rest = text.strip().partition(" ")
    clock, _, zone = rest.partition(" ")
    try:
        time = datetime.fromisoformat(f"{day}T{clock}{'' if zone in ('UTC', 'GMT') else zone}")
        time = time if time.tzinfo else time.replace(tzinfo=UTC)
        return time.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return ""


def groups(
    found: Iterable[tuple[str, object]], assignment: str, times: dict[str, str]
) -> Iterator[tuple[str, Group]]:
    """Sort files into submissions.

    Parameters
    ----------
    found : iterable of tuple
        Each file's place below what was handed in, with slashes, and its content.
    assignment : str
        The assignment's name: what nbgrader keeps for others is left out.
    times : dict
        The text of each ``timestamp.txt``, by its folder.

    Yields
    ------
    name : str
        The submission's name.
    group : Group
    """
    made: dict[str, Group] = {}
    kept = list(_of_the_exchange(list(found)))
    shared = _shared([place for place, _ in kept])
    kept = [entry for entry in kept if not _is_of_another(entry[0], shared, assignment)]
    around = _around([place for place, _ in kept])
    taken_in = any(_taken_in(place, shared + 1) for place, _ in kept)
    for place, content in kept:
        if taken_in and not _taken_in(place, shared + 1):
            name = PurePosixPath(place).with_suffix("").as_posix()
            stray = Group(Origin(place), refused=STRAY)
            made.setdefault(name, stray).files.append((place, content))
            continue
        name, origin = _origin(place, shared, around, assignment, times)
        made.setdefault(name, Group(origin)).files.append((place, content))
    yield from _of_canvas_told_apart(made, assignment)


def _of_canvas_told_apart(made: dict[str, Group], assignment: str) -> Iterator[tuple[str, Group]]:
    """Yield groups; of Canvas's, those are refused that say another's number with a second one.

    Of several files that were handed in at once, those called like the assignment are attempts, or
    else notebooks are: what has a number at its end besides is left out.
    """
    canvas = [group for group in made.values() if group.origin.system == "canvas"]
    names: dict[str, set[str]] = defaultdict(set)
    for group in canvas:
        names[group.origin.number].add(group.origin.student)
    best: dict[str, tuple[bool, bool]] = {}
    for group in canvas:
        number, place = group.origin.number, group.files[0][0]
        rest = place.partition(group.origin.reply)[2].partition("/")[0]
        if len(names[number]) > 1 and AGAIN.search(f"_{rest}"):
            group.origin, group.refused = Origin(place), TWO
        else:
            best[number] = max(best.get(number, ()), _rank(group, assignment))
    for name, group in made.items():
        number = group.origin.number
        if group.origin.system != "canvas" or _rank(group, assignment) == best[number]:
            yield name, group


def _rank(group: Group, assignment: str) -> tuple[bool, bool]:
    """Tell whether a file of it is called like the assignment, and whether one is a notebook."""
    places = [place for place, _ in group.files]
    notebook = any(PurePosixPath(place).suffix.lower() == ".ipynb" for place in places)
    return any(is_named(place, assignment) for place in places), notebook


def _shared(places: list[str]) -> int:
    """Return how many folders lie around all places; what a student may have made is not one."""
    count = 0
    for level in zip(*map(_folders, places), strict=False):
        if len(set(level)) > 1 or _is_a_students(level[0]):
            break
        count += 1
    return count


def _is_a_students(folder: str) -> bool:
    return _is_zip(folder) or bool(INBOUND.fullmatch(folder) or MOODLE.fullmatch(folder))


def _inbound(folder: str) -> re.Match[str] | None:
    """Return what a folder's name says if nbgrader gave it; Moodle's, or a zip's, is none."""
    return None if _is_zip(folder) or MOODLE.fullmatch(folder) else INBOUND.fullmatch(folder)


def _taken_in(place: str, most: int) -> re.Match[str] | None:
    """Return what nbgrader says of a place, in one of its first folders."""
    return next(filter(None, map(_inbound, _folders(place)[:most])), None)


def of_one_student(place: str) -> str:
    """Return the folder around a place that a system made for one student; "" if there is none.

    Examples
    --------
    >>> of_one_student("Ann Doe_12_assignsubmission_file_/more/work.zip")
    'Ann Doe_12_assignsubmission_file_'
    """
    return next(filter(_is_a_students, _folders(place)), "")


def is_of_a_student(place: str) -> bool:
    """Tell whether a system says in a place whose it is.

    Examples
    --------
    >>> is_of_a_student("doeann_12_345_work.rar"), is_of_a_student("work.rar")
    (True, False)
    """
    path = PurePosixPath(place)
    return bool(of_one_student(place) or _canvas(path.name) or MOODLE.fullmatch(path.stem))


def superseded(found: Iterable[tuple[str, Group]]) -> dict[str, str]:
    """Return the attempts in a system that newer ones replaced, and why they don't count.

    In nbgrader's inbound a student can put thousands, and of Canvas's files each may be one.
    """
    attempts: dict[tuple[str, str], list[tuple[str, int, str]]] = defaultdict(list)
    for name, group in found:
        one = group.origin
        if one.system != UNKNOWN.system:
            person = one.system, one.number or one.student
            attempts[person].append((one.submitted, one.attempt, name))
    old = (attempt for own in attempts.values() for attempt in sorted(own)[:-MOST_ATTEMPTS])
    return {name: SUPERSEDED for *_, name in old}


def _is_zip(folder: str) -> bool:
    return folder.lower().endswith(ZIP)


def _around(places: list[str]) -> int:
    """Return 1 if one folder holds everything, and several students in it; otherwise 0."""
    tops = {_folders(place)[:1] for place in places}
    inside = {PurePosixPath(*PurePosixPath(place).parts[1:2]) for place in places}
    users = {found["user"] for name in inside if (found := _canvas(name.name))}
    several = len(users) > 1 or len({name for name in inside if name.suffix != ".ipynb"}) > 1
    return min(_shared(places), int(len(tops) == 1 and several))


def _of_the_exchange(found: list[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    """Leave out what lies beside nbgrader's inbound or submitted: sources, releases, feedback.

    In inbound anybody can make a folder of such a name; what was handed in lies beside it.
    """
    system = min(_shared([place for place, _ in found]), 1) + 1
    for one in ("inbound", "submitted"):
        inside = [entry for entry in found if one in _folders(entry[0])[:system]]
        beside = (place for place, _ in found if one not in _folders(place)[:system])
        if inside and not any(_taken_in(place, system) for place in beside):
            yield from inside
            return
    yield from found


def _folders(place: str) -> tuple[str, ...]:
    return PurePosixPath(place).parts[:-1]


def _is_of_another(place: str, shared: int, assignment: str) -> bool:
    """Tell whether nbgrader keeps this file for another assignment."""
    if not assignment or PurePosixPath(place).stem == assignment:
        return False
    folders = _folders(place)
    after = _after_submitted(folders, shared)
    if after and len(folders) > after + 1:
        return folders[after + 1] != assignment
    inbound = _taken_in(place, shared + 1)
    return inbound is not None and inbound["assignment"] != assignment


def _after_submitted(folders: tuple[str, ...], shared: int) -> int:
    """Return how many folders end with nbgrader's own; 0 if it is not there."""
    system = folders[: shared + 1]
    return system.index("submitted") + 1 if "submitted" in system else 0


def _origin(
    place: str, shared: int, around: int, assignment: str, times: dict[str, str]
) -> tuple[str, Origin]:
    path = PurePosixPath(place)
    folders = path.parts[:-1]
    for part in path.parts[: shared + 1]:
        if part in folders and (found := _inbound(part)):
            time = told_time(found["time"])
            return part, Origin(found["student"], "nbgrader", submitted=time)
        if found := MOODLE.fullmatch(part):
            reply = f"{found['name']}_{found['user']}_assignsubmission_file_"
            name = f"{found['name']}_{found['user']}"
            return name, Origin(found["name"], "moodle", found["user"], reply=reply)
    after = _after_submitted(folders, shared)
    told = folders[after or around :]
    parent = path.parent.as_posix()
    if len(told) >= 2 and (after or told[1] == assignment or parent in times):
        time = told_time(times.get("/".join(folders[: (after or around) + 2]), ""))
        return f"{told[0]}/{told[1]}", Origin(told[0], "nbgrader", submitted=time)
    own = [_unzipped(part) for part in folders[around:]]
    alone = folders[around] if own and _is_zip(folders[around]) else "" if own else path.name
    if found := _canvas(alone):
        return _of_canvas(found)
    name = "/".join(map(_unzipped, folders)) if folders else path.stem
    return name, Origin(own[0] if own else path.stem)


def _unzipped(folder: str) -> str:
    return folder[: -len(ZIP)] if _is_zip(folder) and folder[: -len(ZIP)] else folder


def _canvas(name: str) -> re.Match[str] | None:
    stem = PurePosixPath(name).stem
    return ANONYMOUS.fullmatch(stem) or CANVAS.fullmatch(stem) or ENTERED.fullmatch(name)


def _of_canvas(found: re.Match[str]) -> tuple[str, Origin]:
    version = VERSION.fullmatch(found["rest"])
    attempt = int(version["number"]) + 1 if version else 1
    name = found["name"] if found.re is ANONYMOUS else f"{found['name']}_{found['user']}"
    again = LATE_AGAIN.search(f"_{found['rest']}")
    return name if attempt == 1 else f"{name} attempt {attempt}", Origin(
        found["name"],
        "canvas",
        found["user"],
        attempt,
        bool(found["late"] or again),
        reply=found.string[: found.start("rest")],
    )


def is_named(place: str, assignment: str) -> bool:
    """Tell whether a file has the assignment's name, with what systems put around it.

    Examples
    --------
    >>> is_named("doeann_LATE_12_345_01_networks-1.ipynb", "01_networks")
    True
    """
    stem = PurePosixPath(place).stem
    for pattern in (MOODLE, ANONYMOUS, CANVAS):
        found = pattern.fullmatch(stem)
        stem = found["rest"] if found and found["rest"] else stem
    version = VERSION.fullmatch(stem)
    return assignment in (stem, version["stem"] if version else stem)
