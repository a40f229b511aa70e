"""What a checker says of an entry, and the two ways in which an entry fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Challenge", "Refused", "Score", "Unreadable", "Verdict"]


class Unreadable(ValueError):
    """The file is no entry: missing, damaged, or of another kind."""


class Refused(ValueError):
    """The entry can be read, and breaks a rule or stays below the gate."""


@dataclass(frozen=True)
class Score:
    """What an entry reached, and a sentence that tells how it was measured."""

    value: float
    text: str


@dataclass(frozen=True)
class Challenge:
    """One challenge: its rules, and how an entry is read and judged."""

    name: str
    title: str
    rules: str
    unit: str
    fewest: bool
    """Whether the smaller score is the better one."""
    ours: float
    """The score of the book's own entry."""
    digits: int
    """Decimals of a score."""
    read: Callable[[Path], Any]
    judge: Callable[[Any], Score]

    def told(self, score: float) -> str:
        """Return a score with its unit."""
        number = f"{score:.{self.digits}f}"
        return f"{number} {self.unit.removesuffix('s') if number == '1' else self.unit}"


@dataclass(frozen=True)
class Verdict:
    """Whether an entry counts, with its score or with what is wrong and what to try.

    Attributes
    ----------
    challenge : Challenge
    counts : bool
    score : float or None
        None for an entry that doesn't count.
    text : str
        How the score was measured, or why the entry doesn't count.
    """

    challenge: Challenge
    counts: bool
    score: float | None
    text: str

    @property
    def beats_ours(self) -> bool:
        """Whether the entry is better than the book's own, in the digits that are shown."""
        if self.score is None:
            return False
        mine, ours = (round(s, self.challenge.digits) for s in (self.score, self.challenge.ours))
        return mine < ours if self.challenge.fewest else mine > ours

    def __str__(self) -> str:
        """Return the verdict in two lines."""
        if not self.counts:
            return f"{self.challenge.title}: does not count\n{self.text}"
        told, ours = (self.challenge.told(s) for s in (self.score, self.challenge.ours))
        end = "this beats ours" if self.beats_ours else "ours still stands"
        return f"{self.challenge.title}: {told}; the book has {ours}: {end}\n{self.text}"

    __repr__ = __str__
