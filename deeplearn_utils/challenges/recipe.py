"""Recipes in JSON: each field is checked, and what is no field is refused."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from ..intake.kinds import shown
from .verdict import Refused

__all__ = ["fields", "number", "one_of", "series", "whole"]


def fields(
    where: str, entry: Any, needed: Collection[str], optional: Collection[str] = (), why: str = ""
) -> Mapping[str, Any]:
    """Return an object that has all needed fields, and none but the optional ones besides.

    Raises
    ------
    Refused

    Examples
    --------
    >>> fields("the entry", {"steps": 3}, ["steps", "rate"])
    Traceback (most recent call last):
    ...
    deeplearn_utils.challenges.verdict.Refused: the entry lacks 'rate'; it needs 'steps', 'rate'
    """
    if not isinstance(entry, dict):
        raise Refused(f"{where} must be an object, got {shown(entry)}")
    listed = ", ".join(map(repr, needed))
    for name in needed:
        if name not in entry:
            raise Refused(f"{where} lacks {name!r}; it needs {listed}")
    for name in entry:
        if name not in (*needed, *optional):
            known = ", ".join(map(repr, (*needed, *optional)))
            raise Refused(f"{where} has {name!r}, which is none of {known}{why}")
    return entry


def number(where: str, value: Any, low: float, high: float) -> float:
    """Return a number within [low, high].

    Raises
    ------
    Refused
    """
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not known or not low <= value <= high or not math.isfinite(value):
        raise Refused(f"{where} must be a number from {low:g} to {high:g}, got {shown(value)}")
    return float(value)


def whole(where: str, value: Any, low: int, high: int) -> int:
    """Return a whole number from low to high.

    Raises
    ------
    Refused
    """
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Refused(f"{where} must be a whole number from {low} to {high}, got {shown(value)}")
    return value


def one_of(where: str, value: Any, options: Collection[str]) -> str:
    """Return a name that is one of the options.

    Raises
    ------
    Refused
    """
    if not isinstance(value, str) or value not in options:
        listed = ", ".join(map(repr, options))
        raise Refused(f"{where} must be one of {listed}, got {shown(value)}")
    return value


def series(where: str, value: Any, low: int, high: int) -> list[Any]:
    """Return a list with so many entries.

    Raises
    ------
    Refused
    """
    if not isinstance(value, list) or not low <= len(value) <= high:
        wanted = f"{low} to {high}" if low < high else str(low)
        raise Refused(f"{where} must be a list of {wanted}, got {shown(value)}")
    return value
