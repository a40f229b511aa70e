"""The list of a class, as Canvas or Moodle exports it, and who in it a submission belongs to.

Known are Canvas's gradebook export, Moodle's grading worksheet of one assignment, and any table
with a name and an address or a number, such as Moodle's list of participants. A submission is
matched by what identifies a person; by the name alone only where one person has it.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..cells import read_table

__all__ = ["Roster", "name_key", "read_roster"]

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
WORKSHEET = ("Identifier", "Grade")
IDENTIFYING = (
    *("id", "sis user id", "sis login id", "integration id", "root account"),
    *("username", "id number", "email address", "email", "login", "number", "student id"),
    "identifier",
)
NAMES = ("student", "full name", "name")
POSSIBLE = "Points Possible"
DECIMAL = re.compile(r"\d{1,9}(\.\d+)?", re.ASCII)
NUMBER_AT_END = re.compile(r"(?<![\d.+])(\d+)\s*$")  # and none of 1E+13, as spreadsheets save it


@dataclass(frozen=True)
class Roster:
    """A class: who is in it, in the order and the columns of the file that was exported."""

    system: str
    """"canvas", "worksheet" (Moodle's, of one assignment) or "list"."""
    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    most: dict[str, float] = field(default_factory=dict)
    """What Canvas gives points for at most, by column, where it says so."""

    def name(self, row: int) -> str:
        """Return a student's name."""
        told = {column.casefold(): value for column, value in self.rows[row].items()}
        for column in NAMES:
            if told.get(column, "").strip():
                return told[column].strip()
        last = told.get("last name") or told.get("surname", "")  # as of Moodle 4, and before
        both = f"{told.get('first name', '')} {last}".strip()
        return both or self._identifiers(row)[0]

    def find(self, origin: dict[str, Any]) -> int | None:
        """Return the row of a submission's student; None where nobody, or more than one, fits."""
        student, number = origin.get("student", ""), origin.get("number", "")
        if origin.get("system") == {"canvas": "canvas", "worksheet": "moodle"}.get(self.system):
            return self._by_number.get(number)
        named = [(self._by_name, name_key(student))]
        if origin.get("system") != "moodle":  # a full name may be set to another's address
            identified = (self._by_identifier, self._by_mailbox)
            named = [*((table, student.casefold()) for table in identified), *named]
        for table, key in named:
            if key and key in table:
                return table[key]
        return None

    def _identifiers(self, row: int) -> list[str]:
        cells = self.rows[row].items()
        return [value.strip() for column, value in cells if column.casefold() in IDENTIFYING]

    @cached_property
    def _by_number(self) -> dict[str, int]:
        column = "ID" if self.system == "canvas" else "Identifier"
        found = [NUMBER_AT_END.search(row.get(column, "")) for row in self.rows]
        return _unique((match[1], row) for row, match in enumerate(found) if match)

    @cached_property
    def _by_identifier(self) -> dict[str, int]:
        return _unique(
            (v.casefold(), r) for r in range(len(self.rows)) for v in self._identifiers(r)
        )

    @cached_property
    def _by_mailbox(self) -> dict[str, int]:
        """At the class's own domain alone: elsewhere people are called as they like."""
        found = [(*v.rpartition("@")[::2], r) for v, r in self._by_identifier.items() if "@" in v]
        at = Counter(domain for _, domain, _ in found)
        return _unique((box, r) for box, domain, r in found if 2 * at[domain] > len(found))

    @cached_property
    def _by_name(self) -> dict[str, int]:
        return _unique((name_key(self.name(row)), row) for row in range(len(self.rows)))


def _unique(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return what leads to one row only."""
    distinct = set(pairs)
    count = Counter(key for key, _ in distinct)
    return {key: row for key, row in distinct if key and count[key] == 1}


def name_key(name: str) -> str:
    """Return a name without case, accents, punctuation and the order of its words.

    Examples
    --------
    >>> name_key("Müller, Anna-Lena") == name_key("anna lena MULLER")
    True
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(sorted(kept.split()))


def read_roster(path: str | os.PathLike[str]) -> Roster:
    """Read a class from a CSV that an LMS exported.

    Parameters
    ----------
    path : path

    Returns
    -------
    Roster

    Raises
    ------
    ValueError
        If no column says who the students are.
    """
    header, lines = read_table(path)
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    known = {column.casefold() for column in header}
    if {"Student", "ID"} <= set(header):
        told = [row for row in rows if row["Student"].strip() == POSSIBLE and not row["ID"].strip()]
        most = {n: float(v) for row in told for n, v in row.items() if DECIMAL.fullmatch(v.strip())}
        rows = [row for row in rows if row["ID"].strip()]  # points possible, manual posting
        return Roster("canvas", tuple(header), tuple(rows), most)
    if set(WORKSHEET) <= set(header):
        return Roster("worksheet", tuple(header), tuple(rows))
    if not known & set(IDENTIFYING):
        raise ValueError(
            f"`roster` must be exported from Canvas (with the columns Student and ID) or from "
            f"Moodle (Identifier or Email address); its columns are {', '.join(header[:8])}"
        )
    return Roster("list", tuple(header), tuple(rows))
