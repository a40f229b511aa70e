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
from dataclasses import dataclass, field, replace
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
FORK = "._"  # what a Mac puts beside each file on other disks
INBOUND = re.compile(
    r"(?P<student>.+)\+(?P<assignment>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d [^+]+)(\+[^+]*)?", re.S
)
"""With a space in the time, which no user's name and no address has."""
COURSE = frozenset(
    ("source", "release", "submitted", "autograded", "feedback", "inbound", "outbound")
)
"""nbgrader's own folders in a course and in its exchange; users may be called so too."""
CANVAS = re.compile(
    r"(?P<name>.*?)(?P<late>_late)?_(?P<user>\d+)_(?P<file>\d+)_(?P<rest>.*)", re.I | re.S
)
"""Of a name without letters nothing is left."""
ANONYMOUS = re.compile(
    r"(?P<late>late_)?(?P<name>anon_(?P<user>[a-z\d]{5}))_(?P<file>\d+)_(?P<rest>.*)", re.I | re.S
)
ENTERED = re.compile(
    r"(?P<name>.*?)(?P<late>_late)?_(?P<user>\d+)_(?P<rest>(text|link)\.html)", re.I | re.S
)
"""Words, or an address, that were entered in Canvas instead of a file."""
MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.S
)
NUMBERS = re.compile(r"_(\d+)_assignsubmission_(?:file|onlinetext)")
"""More than one where a full name, or a file's, holds what Moodle puts behind another's."""
AGAIN = re.compile(r"(?=_((?!0\d)\d+)_((?!0\d)\d+)_)")
LATE_AGAIN = re.compile(r"_late_\d+_\d+_", re.I)
"""What says once more whose a file of Canvas's is: a student can be called so there."""
NUMBER = re.compile(r"0*(\d+)")
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
    """From 1 on as the system counts; below 1 is what lies in a folder beside the likeliest one."""
    late: bool = False
    """Whether the system marked it as late."""
    submitted: str = ""
    """When it was handed in, as ISO 8601 in UTC."""
    changed: str = ""
    """When it was last changed, where that is later than its folder's name says."""
    reply: str = ""
    """How the name of a file for this student begins, so that the system takes it back."""


UNKNOWN = Origin("")
MOST_NAMED = 2  # folders with notebooks called like an assignment beside two of nbgrader's
MOST_BESIDE = 9  # folders with any notebooks, such as lectures, beside two of nbgrader's
MOST_ATTEMPTS = 20
MOST_FOLDERS = 100  # with notebooks in a student's own folder, where others have few
SUPERSEDED = f"of one student, only the {MOST_ATTEMPTS} newest attempts are graded"
TWO = "its name says two students"
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
    found: Iterable[tuple[str, object]],
    assignment: str,
    times: dict[str, str],
    no_zips: frozenset[str] = frozenset(),
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
    no_zips : frozenset of str
        The folders that are called like zips, as their users may be.

    Yields
    ------
    name : str
        The submission's name.
    group : Group
    """
    found = list(found)
    one, level = _course([place for place, _ in found], assignment)
    kept = [entry for entry in found if not one or _folders(entry[0])[level:][:1] == (one,)]
    shared = _shared([place for place, _ in kept])
    after = level + 1 if one == "submitted" else 0
    others = _of_others([place for place, _ in kept], shared, after, assignment, times)
    kept = [entry for entry in kept if entry[0] not in others]
    places = [place for place, _ in kept]
    around = _around(places)
    layout = Layout(
        shared,
        after,
        around,
        taken_in=any(_taken_in(place, shared + 1) for place in places),
        moodle=not after and _is_moodle(places, shared),
        canvas=_numbered({_alone(place, around) for place in places}, assignment),
        assignment=assignment,
        times=times,
        no_zips=no_zips,
    )
    made: dict[str, Group] = {}
    for place, content in kept:
        if layout.taken_in and not _taken_in(place, shared + 1):
            name, group = place, Group(Origin(place), refused=STRAY)
        elif layout.canvas.get(_alone(place, around)) == TWO:
            name, group = place, Group(Origin(place), refused=TWO)
        elif layout.moodle and (part := _of_two(place, shared)):
            name, group = part, Group(Origin(part), refused=TWO)
        else:
            name, origin = _origin(place, layout)
            group = Group(origin)
        made.setdefault(name, group).files.append((place, content))
    _put_in_order(made, assignment)
    yield from _best_of_canvas(made, assignment)
    if one:
        yield from _strays(found, one, level)


@dataclass(frozen=True)
class Layout:
    """How all that was handed in lies; what a single place is called does not change it."""

    shared: int
    """How many folders lie around all places."""
    after: int
    """How many folders end with nbgrader's ``submitted``; 0 if it is not there."""
    around: int
    """1 if one folder holds several students, and nothing lies beside it."""
    taken_in: bool
    """Whether nbgrader took it in."""
    moodle: bool
    canvas: dict[str, str]
    assignment: str
    times: dict[str, str]
    no_zips: frozenset[str]


def _numbered(names: Iterable[str], assignment: str) -> dict[str, str]:
    """Return which names are Canvas's, and why one of them says nothing, if it doesn't.

    A user has one name, and a file has a number of its own. Whoever is called like another, or like
    another's file, has two users' numbers in the names of theirs: where others say the first alone,
    or with other second ones, or the first file's has too few digits, these are refused. Where a
    number has several names still, or no user's files have numbers of their own, somebody else
    called them so, such as ``Ann_2026_01_networks.ipynb``; and where all begin alike, and cannot be
    one user's, such as ``hw_1_3141592_ann.ipynb``.
    """
    users: dict[str, list[tuple[str, re.Match[str]]]] = defaultdict(list)
    for name in names:
        if found := _canvas(name):
            users[found["user"]].append((name, found))
    every = [found for files in users.values() for _, found in files]
    alike = len({found["name"] for found in every}) == 1
    digits = _fewest_digits(every, assignment) - 1
    told: dict[str, str] = {}
    certain = False
    for files in users.values():
        seconds = {n: _second(found, assignment, digits) for n, found in files}
        if len({found["name"] for n, found in files if not seconds[n]}) > 1:
            seconds = {n: _second(found, assignment, 0) for n, found in files}
        several = len({(found["name"], seconds[name]) for name, found in files}) > 1
        two = {n for n, f in files if seconds[n] and (several or len(f["file"]) < digits)}
        own = [(name, found) for name, found in files if name not in two]
        told |= dict.fromkeys(two, TWO)
        one = not alike or _can_be_one_users(own, assignment)
        if one and len({found["name"] for _, found in own}) == 1:
            told |= {name: "" for name, _ in own}
            certain |= len({_reply(found) for _, found in own}) == len(own)
    return told if certain else {}


def _fewest_digits(every: list[re.Match[str]], assignment: str) -> int:
    """Return how many digits files' numbers have at least; who names a lower one, has both."""
    files = [found for found in every if found.re is not ENTERED]
    numbers = [(one["file"], *(pair[2] for pair in _pairs(one, assignment))) for one in files]
    return min((max(map(len, told)) for told in numbers), default=0)


def _second(found: re.Match[str], assignment: str, digits: int) -> tuple[str, ...]:
    """Return the numbers of a second user and file, which has at least as many digits.

    Canvas numbers the files of all courses in one order, so that a second one's has about as many
    digits as others.
    """
    pairs = _pairs(found, assignment)
    return next((pair.groups() for pair in pairs if len(pair[2]) >= digits), ())


def _pairs(found: re.Match[str], assignment: str) -> Iterator[re.Match[str]]:
    """Return all that could be a second user and file; those in an assignment's name are none."""
    named = rf"(?<!\d){re.escape(assignment)}(?![\d_])"
    behind = found.string[found.end("user") :]
    return AGAIN.finditer(re.sub(named, " ", behind) if assignment else behind)


def _can_be_one_users(files: list[tuple[str, re.Match[str]]], assignment: str) -> bool:
    """Tell whether one user can have handed in files, where all of a class begin alike.

    They are called differently then; and if there are more than one notebook and one zip, one is
    called like the assignment.
    """
    taken = [name for name, _ in files if PurePosixPath(name).suffix.lower() in (".ipynb", ZIP)]
    few = len({PurePosixPath(name).suffix.lower() for name in taken}) == len(taken)
    apart = len({name[len(_reply(found)) :] for name, found in files}) == len(files)
    return few or (apart and any(is_named(name, assignment) for name in taken))


def _best_of_canvas(made: dict[str, Group], assignment: str) -> Iterator[tuple[str, Group]]:
    """Yield groups; of several files that a user handed in at Canvas at once, the best ones.

    Those called like the assignment are attempts, or else notebooks are: what has a number at its
    end besides is left out.
    """
    best: dict[str, tuple[bool, bool]] = {}
    for group in made.values():
        if group.origin.system == "canvas":
            number = group.origin.number
            best[number] = max(best.get(number, ()), _rank(group, assignment))
    for name, group in made.items():
        number = group.origin.number
        if group.origin.system != "canvas" or _rank(group, assignment) == best[number]:
            yield name, group


def _put_in_order(made: dict[str, Group], assignment: str) -> None:
    """Have of what lies in one student's plain folder the likeliest count as the last attempt.

    It is called like the assignment, and lies higher than what is older, or belongs to something
    else; `v10` comes after `v9`. What comes later, and elsewhere, comes after it.
    """
    students: dict[str, list[tuple[bool, int, str, str]]] = defaultdict(list)
    for name, group in made.items():
        if group.origin.system == UNKNOWN.system and not group.refused:
            in_order = NUMBER.sub(lambda found: f"{len(found[1]):03}{found[1]}", name)
            told = _rank(group, assignment)[0], -name.count("/"), in_order, name
            students[group.origin.student].append(told)
    for own in students.values():
        for attempt, (*_, name) in enumerate(sorted(own), 2 - len(own)):
            made[name].origin = replace(made[name].origin, attempt=attempt)


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
    """Return where the folder is that a system made for one student; "" if there is none.

    Examples
    --------
    >>> of_one_student("all/Ann Doe_12_assignsubmission_file_/more/work.zip")
    'all/Ann Doe_12_assignsubmission_file_'
    """
    folders = _folders(place)
    levels = (level for level, folder in enumerate(folders, 1) if _is_a_students(folder))
    return "/".join(folders[: next(levels, 0)])


def is_of_a_student(place: str) -> bool:
    """Tell whether a system says in a place whose it is.

    Examples
    --------
    >>> is_of_a_student("doeann_12_345_work.rar"), is_of_a_student("work.rar")
    (True, False)
    """
    path = PurePosixPath(place)
    told = _canvas(path.name) or MOODLE.fullmatch(path.stem)
    return bool(of_one_student(place) or (told and not path.name.startswith(FORK)))


def superseded(found: Iterable[tuple[str, Group]]) -> dict[str, str]:
    """Return the attempts that newer ones replaced, and why they don't count.

    In nbgrader's inbound a student can put thousands, and of Canvas's files each may be one. In a
    plain folder, what holds so many may be a group of students, unless it lies beside a class.
    """
    attempts: dict[tuple[str, str], list[tuple[str, int, str]]] = defaultdict(list)
    for name, group in found:
        one = group.origin
        person = one.system, one.number or one.student
        attempts[person].append((one.submitted, one.attempt, name))
    count = {person: len(own) for person, own in attempts.items()}
    for person, most in count.items():
        own = person[0] == UNKNOWN.system
        if own and (most <= MOST_FOLDERS or len(_with_few(count, most)) <= MOST_BESIDE):
            del attempts[person]
    old = (attempt for own in attempts.values() for attempt in sorted(own)[:-MOST_ATTEMPTS])
    return {name: SUPERSEDED for *_, name in old}


def _with_few(count: dict[tuple[str, str], int], most: int) -> set[str]:
    """Return who has at most a fifth as many, in folders for each student."""
    few = {person for person, number in count.items() if 5 * number <= most}
    return {student for system, student in few if system in (UNKNOWN.system, "nbgrader")}


def _is_zip(folder: str) -> bool:
    return folder.lower().endswith(ZIP)


def _around(places: list[str]) -> int:
    """Return 1 if one folder holds everything, and several students in it; otherwise 0."""
    tops = {_folders(place)[:1] for place in places}
    inside = {PurePosixPath(*PurePosixPath(place).parts[1:2]) for place in places}
    told = (_canvas(name.name) or MOODLE.fullmatch(name.name) for name in inside)
    users = {found["user"] for found in told if found}
    several = len(users) > 1 or len({name for name in inside if name.suffix != ".ipynb"}) > 1
    return min(_shared(places), int(len(tops) == 1 and several))


def _course(places: list[str], assignment: str) -> tuple[str, int]:
    """Return which folder of nbgrader's holds what was handed in, and how many lie around it.

    ("", 0) if it is not there. Users may be called like it, and in inbound anybody can make a
    folder of such a name. Then what others handed in lies beside it, and not in it.
    """
    for level in range(_shared(places) + 1):
        laid = {below[0] for place in places if len(below := _folders(place)[level:]) > 1}
        for one in ("inbound", "submitted"):
            beside = [place for place in places if _is_beside(place, one, level)]
            inside = [place for place in places if _folders(place)[level:][:1] == (one,)]
            told = len(laid & COURSE)
            course = told > 1 and _holds(inside, beside, level, assignment, sure=told > 2)
            if inside and (course or not beside):
                return one, level
    return "", 0


def _is_beside(place: str, one: str, level: int) -> bool:
    """Tell whether a file lies beside nbgrader's folders, or in one in which it puts no files."""
    first, *rest = PurePosixPath(place).parts[level:]
    directly = len(rest) == 1 and rest != [TIMESTAMP] and first not in (one, "source")
    return directly if first in COURSE else first != TIMESTAMP


def _strays(found: list[tuple[str, object]], one: str, level: int) -> Iterator[tuple[str, Group]]:
    """Yield what lies beside nbgrader's folders; it may be that of users, who must be told."""
    made: dict[str, Group] = {}
    for place, content in found:
        if _is_beside(place, one, level):
            name = "/".join(PurePosixPath(place).parts[: level + 1])
            student = _unzipped(PurePosixPath(name).name.removesuffix(".ipynb"))
            group = made.setdefault(name, Group(Origin(student), refused=STRAY))
            group.files.append((place, content))
    yield from made.items()


def _holds(
    inside: list[str], beside: list[str], level: int, assignment: str, *, sure: bool
) -> bool:
    """Tell whether a folder holds more students than lie beside it, as nbgrader lays them.

    A user who is called like it can lay any number; but not take away what others handed in.
    """
    handed_in = [below for place in inside if (below := _folders(place)[level + 1 :])]
    students = {below[0] for below in handed_in if len(below) > 1 or _inbound(below[0])}
    tops = {p: PurePosixPath(p).parts[level] for p in beside if p.lower().endswith(".ipynb")}
    assigned = {p for p in tops if _folders(p)[level + 1 :][:1] == (assignment,)}
    named = {top for p, top in tops.items() if p in assigned or is_named(p, assignment)}
    few = sure or (len(named) <= MOST_NAMED and len({*tops.values()}) <= MOST_BESIDE)
    taken_in = any(_taken_in(place, level + 1) for place in beside)
    return not taken_in and few and len(students) >= max(1, len(named))


def _folders(place: str) -> tuple[str, ...]:
    return PurePosixPath(place).parts[:-1]


def _of_others(
    places: list[str], shared: int, after: int, assignment: str, times: dict[str, str]
) -> set[str]:
    """Return the places that nbgrader keeps for another assignment.

    Where its ``submitted`` itself was given, these are in a folder that lies beside the same
    student's folder for this assignment, or that has a time where some have such a folder.
    """
    if not assignment:
        return set()
    above = after or _around(places)
    named = {place for place in places if PurePosixPath(place).stem == assignment}
    told = {p: own for p in places if len(own := _folders(p)[above : above + 2]) == 2}
    students = {student for student, one in told.values() if one == assignment}
    others = set()
    for place, (student, one) in told.items():
        timed = students and "/".join(_folders(place)[: above + 2]) in times
        by_student = _is_a_students(student) or _is_zip(one)
        if one != assignment and (after or (not by_student and (timed or student in students))):
            others.add(place)
    told = told if after else {}
    for place in places:
        inbound = _taken_in(place, shared + 1)
        if inbound is not None:
            told[place] = inbound["student"], inbound["assignment"]
            if inbound["assignment"] != assignment:
                others.add(place)
    return others - named | _copies({p: told[p] for p in named if p in told}, assignment)


def _copies(told: dict[str, tuple[str, str]], assignment: str) -> set[str]:
    """Return what is called like this assignment in its student's folder for another one.

    It counts if its student has no other; and in a course that calls the folders otherwise, where
    most students have none in a folder for this one.
    """
    own = {student for student, one in told.values() if one == assignment}
    elsewhere = {student for student, _ in told.values()} - own
    if len(own) <= len(elsewhere):
        return set()
    return {p for p, (student, one) in told.items() if student in own and one != assignment}


def _alone(place: str, around: int) -> str:
    """Return the name of a file, or of a zip, that lies in no folder; "" if it lies in one."""
    own = _folders(place)[around:]
    return own[0] if own and _is_zip(own[0]) else "" if own else PurePosixPath(place).name


def _is_moodle(places: list[str], shared: int) -> bool:
    """Tell whether names are Moodle's; a user may be called as it calls folders, but not most."""
    tops = {PurePosixPath(place).parts[shared] for place in places}
    called = {top for top in tops if MOODLE.fullmatch(top)}
    folders = {_folders(place)[shared] for place in places if len(_folders(place)) > shared}
    return len(called) >= len(folders - called)


def _of_two(place: str, shared: int) -> str:
    """Return Moodle's name of a file, or of a folder, if it says two participants; else ""."""
    parts = PurePosixPath(place).parts[: shared + 1]
    part = next(filter(MOODLE.fullmatch, parts), "")
    return part if len(set(NUMBERS.findall(part))) > 1 else ""


def _origin(place: str, layout: Layout) -> tuple[str, Origin]:
    path, around, after = PurePosixPath(place), layout.around, layout.after
    folders = path.parts[:-1]
    for part in path.parts[: layout.shared + 1]:
        if part in folders and (found := _inbound(part)):
            time = told_time(found["time"])
            return part, Origin(found["student"], "nbgrader", submitted=time)
        if layout.moodle and (found := MOODLE.fullmatch(part)):
            reply = f"{found['name']}_{found['user']}_assignsubmission_file_"
            name = f"{found['name']}_{found['user']}"
            return name, Origin(found["name"], "moodle", found["user"], reply=reply)
    told = folders[after or around :]
    known = after or told[1:2] == (layout.assignment,) or path.parent.as_posix() in layout.times
    if len(told) >= 2 and known:
        time = told_time(layout.times.get("/".join(folders[: (after or around) + 2]), ""))
        return f"{told[0]}/{told[1]}", Origin(told[0], "nbgrader", submitted=time)
    alone = _alone(place, around)
    if alone in layout.canvas:
        return _of_canvas(_canvas(alone), layout.assignment)
    if not folders[around:]:
        return "/".join((*folders, path.stem)), Origin(path.stem)
    if "/".join(folders[: around + 1]) in layout.no_zips:
        return "/".join(folders), Origin(folders[around])
    return "/".join(map(_unzipped, folders)), Origin(_unzipped(folders[around]))


def _unzipped(folder: str) -> str:
    return folder[: -len(ZIP)] if _is_zip(folder) and folder[: -len(ZIP)] else folder


def _canvas(name: str) -> re.Match[str] | None:
    stem = PurePosixPath(name).stem
    return ANONYMOUS.fullmatch(stem) or CANVAS.fullmatch(stem) or ENTERED.fullmatch(name)


def _reply(found: re.Match[str]) -> str:
    return found.string[: found.start("rest")]


def _of_canvas(found: re.Match[str], assignment: str) -> tuple[str, Origin]:
    version = None if found["rest"] == assignment else VERSION.fullmatch(found["rest"])
    attempt = int(version["number"]) + 1 if version else 1
    name = found["name"] if found.re is ANONYMOUS else f"{found['name']}_{found['user']}"
    again = LATE_AGAIN.search(f"_{found['rest']}")
    return name if attempt == 1 else f"{name} attempt {attempt}", Origin(
        found["name"] or name,
        "canvas",
        found["user"],
        attempt,
        bool(found["late"] or again),
        reply=_reply(found),
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
