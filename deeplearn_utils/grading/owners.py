"""Whose a folder in nbgrader's exchange is: everybody can write there, under any student's name."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from .handed_in import INBOUND, Group

__all__ = ["strangers"]


def strangers(folder: Path, found: Iterable[tuple[str, Group]]) -> dict[str, str]:
    """Return what one user put into nbgrader's exchange for another, as nbgrader warns of it too.

    Where users are not the students, or folders were copied, an owner says nothing: so it is
    believed only if at least one folder belongs to the student whom it names.

    Parameters
    ----------
    folder : path
        What was handed in.
    found : iterable of tuple
        The submissions by name, as `groups` yields them.

    Returns
    -------
    dict
        From the name of a submission to the user who owns its folder.
    """
    owners: dict[str, tuple[str, str]] = {}
    for name, group in found:
        parts = PurePosixPath(group.files[0][0]).parts
        if INBOUND.fullmatch(name) and name in parts:
            place = folder.joinpath(*parts[: parts.index(name) + 1])
            owners[name] = group.origin.student, owner(place)
    if not any(student == user for student, user in owners.values()):
        return {}
    return {name: user for name, (student, user) in owners.items() if user not in ("", student)}


def owner(place: Path) -> str:
    """Return the user whose folder this is; "" if it is root's or our own, as copies are."""
    try:
        user = place.lstat().st_uid
        return "" if user in (0, os.geteuid()) else pwd.getpwuid(user).pw_name
    except OSError:
        return ""
    except KeyError:
        return str(user)
