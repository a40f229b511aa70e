"""Cells of a table: text from anywhere, written so that no spreadsheet takes it for a formula.

A spreadsheet computes a cell that begins with ``=``, ``+``, ``-`` or ``@``, whoever wrote it into a
file. An apostrophe in front makes it text (OWASP, "CSV injection"). A number stays a number. Where
a spreadsheet takes semicolons or tabs for the ends of cells, as many are set to, a cell also begins
within a text of ours, and a line in every line of it.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["inert", "original", "points", "read_table", "written"]

PASSED_OVER = r"(?:[^\S\t\r\n]|['\"\u200b-\u200f\u2060\ufeff])*"
BEGINS = (
    rf"(?:\A|(?<=[;\t\r\n])){{}}(?={PASSED_OVER}[=+\-@＝＋－＠])|\A{{}}(?={PASSED_OVER}[\t\r\n])"
)
COMPUTABLE, MADE_INERT = (re.compile(BEGINS.replace("{}", made)) for made in ("", "'"))
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
NOTHING = "-"  # Moodle writes it where there is no time
MOST_BYTES = 32 << 20
DELIMITERS = ",;\t"


def inert(value: object) -> object:
    """Return a cell's value; text that a spreadsheet would compute gets an apostrophe.

    Examples
    --------
    >>> inert("=1+1"), inert("-3.5"), inert(-3.5), inert("Ann")
    ("'=1+1", '-3.5', -3.5, 'Ann')
    >>> inert("Ann;=1+1")
    "Ann;'=1+1"
    """
    if not isinstance(value, str) or NUMBER.fullmatch(value) or value == NOTHING:
        return value
    return COMPUTABLE.sub("'", value)


def original(text: str) -> str:
    """Return what ``inert`` was given.

    Examples
    --------
    >>> original("'=1+1"), original("'tis")
    ('=1+1', "'tis")
    """
    return MADE_INERT.sub("", text)


def points(value: float | None) -> str:
    """Return points as people write them, with at most two decimals; None is an empty cell.

    Examples
    --------
    >>> points(28.0), points(2 / 3), points(None)
    ('28', '0.67', '')
    """
    return "" if value is None else f"{round(value, 2) + 0.0:.15g}"


def written(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV (RFC 4180), each cell inert."""
    text = io.StringIO()
    csv.writer(text).writerows([inert(value) for value in row] for row in rows)
    return text.getvalue()


def read_table(path: str | os.PathLike[str]) -> tuple[list[str], list[list[str]]]:
    """Read a CSV as systems and spreadsheets write it: with commas, semicolons or tabs.

    Parameters
    ----------
    path : path

    Returns
    -------
    header : list of str
        Without spaces around the names.
    rows : list of list of str
        As long as the header; empty lines are left out.

    Raises
    ------
    ValueError
        If it is no table, or was saved with other ends of cells: then a line of a text within it,
        whoever wrote that, may have become a row.
    """
    path = Path(path)
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} is larger than {MOST_BYTES >> 20} MB: no table of a class")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is no text in UTF-8; save it as CSV, UTF-8") from None
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    csv.field_size_limit(MOST_BYTES)  # Moodle's worksheet has what students wrote in it
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ValueError(f"{path.name} is no CSV: {error}") from None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise ValueError(f"{path.name} is empty")
    header = [original(name.strip()) for name in rows[0]]
    width = len(header)
    for number, row in enumerate(rows, 1):
        if len(row) == 1 < width <= 1 + row[0].count(delimiter):
            raise ValueError(
                f"row {number} of {path.name} stands in one cell: it was saved by a program that "
                f"took another delimiter than {delimiter!r}; open the file with that one, and save "
                "it anew"
            )
    return header, [[original(cell) for cell in (row + [""] * width)[:width]] for row in rows[1:]]
