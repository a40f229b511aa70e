"""Whose a folder in nbgrader's exchange is, and of when; all can write there, as they like."""

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from .handed_in import INBOUND, Group
from .shown import plain
from .walking import MOST_DEPTH, walked

__all__ = ["changed_later", "strangers"]

SLACK = timedelta(hours=1)
UNSEEN = "n/a"
"""Whose a folder is that can't be found under the name that is shown; no user is called so."""


def strangers(folder: Path, found: Iterable[tuple[str, Group]]) -> dict[str, str]:
    """Return what one user put into nbgrader's exchange for another, as nbgrader warns of it too.

    Where users are not the students, or folders were copied, an owner says nothing: so it is
    believed only if there are several, and to half of them a folder belongs that names them. Where
    fewer are named so, one of them may have done it, to have all others refused.

    Parameters
    ----------
    folder : path
        What was handed in.
    found : iterable of tuple
        The submissions by name, as `groups` yields them.

    Returns
    -------
    dict
        From the name of a submission to why it is refused.
    """
    owners = {
        name: (group.origin.student, owner(place))
        for name, group in found
        if (place := _inbound(folder, name, group))
    }
    users = {user for _, user in owners.values()} - {"", UNSEEN}
    named = {user for student, user in owners.values() if student == user} & users
    if len(users) < 2 or 2 * len(named) < len(users):
        return {}
    return {
        name: f"its folder belongs to the user {plain(user, 60)}, not to its student"
        for name, (student, user) in owners.items()
        if user not in ("", student)
    }


def changed_later(folder: Path, found: Iterable[tuple[str, Group]]) -> dict[str, str]:
    """Return what was changed in nbgrader's exchange after the time that it names, and when.

    A student gives the folder its name, but not the time at which the system saw it change. A copy
    changes when it is made; but then its owner is not the student.
    """
    later = {}
    for name, group in found:
        place, told = _inbound(folder, name, group), group.origin.submitted
        if place and told and owner(place) == group.origin.student:
            time = datetime.fromtimestamp(_changed(place), UTC)
            if time - datetime.fromisoformat(told) > SLACK:
                later[name] = time.isoformat(timespec="seconds")
    return later


def _changed(folder: Path) -> float:
    """Return when a folder, or anything in it, was last changed."""
    newest = 0.0
    with contextlib.suppress(OSError):  # gone
        newest = folder.lstat().st_ctime
    for inside, folders, names, here in walked(folder.parent, [], folder.name):
        for name in (*folders, *names):
            with contextlib.suppress(OSError):
                seen = os.stat(name, dir_fd=here, follow_symlinks=False)
                newest = max(newest, seen.st_ctime)
        if inside.count(os.sep) >= MOST_DEPTH:  # what lies deeper is not read
            folders.clear()
    return newest


def _inbound(folder: Path, name: str, group: Group) -> Path | None:
    """Return the folder that a submission is in nbgrader's inbound."""
    parts = PurePosixPath(group.files[0][0]).parts
    if INBOUND.fullmatch(name) and name in parts:
        return folder.joinpath(*parts[: parts.index(name) + 1])
    return None


def owner(place: Path) -> str:
    """Return the user whose folder this is; "" if it is root's or our own, as copies are."""
    try:
        user = place.lstat().st_uid
        return "" if user in (0, os.geteuid()) else pwd.getpwuid(user).pw_name
    except OSError:
        return UNSEEN
    except KeyError:
        return str(user)
