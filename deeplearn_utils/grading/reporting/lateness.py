"""What a late submission costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

__all__ = ["Deadline", "deadline"]

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Deadline:
    """When a submission is due, and what percentage of all points each begun day costs."""

    due: datetime | None = None
    per_day: float = 0.0
    grace_minutes: float = 0.0
    cap: float = 100.0

    def days(self, origin: dict[str, Any]) -> int:
        """Return for how many begun days a submission is late; one if only a mark says so."""
        submitted = origin.get("submitted", "")
        if not submitted or self.due is None:
            return int(bool(origin.get("late")))
        over = datetime.fromisoformat(submitted) - self.due
        return math.ceil(over / DAY) if over > timedelta(minutes=self.grace_minutes) else 0

    def percent(self, days: int) -> float:
        """Return the percentage of all points that is taken off.

        Examples
        --------
        >>> Deadline(per_day=10, cap=50).percent(3), Deadline(per_day=10, cap=50).percent(9)
        (30.0, 50.0)
        """
        return float(min(days * self.per_day, self.cap))


def deadline(
    due: str | None = None, per_day: float = 0.0, grace_minutes: float = 0.0, cap: float = 100.0
) -> Deadline:
    """Return a deadline from what people write.

    Parameters
    ----------
    due : str, optional
        A time in ISO 8601 with its zone, such as "2026-11-30T23:59+01:00".
    per_day : float
        Percent of all points for each begun day.
    grace_minutes : float
        How much later than ``due`` is still in time.
    cap : float
        The most percent that are taken off.

    Returns
    -------
    Deadline

    Raises
    ------
    ValueError
        If the time has no zone, or a number is out of its range.
    """
    for name, value in (("per_day", per_day), ("cap", cap)):
        if not 0 <= value <= 100:
            raise ValueError(f"`{name}` is a percentage, from 0 to 100, got {value:g}")
    if not 0 <= grace_minutes < math.inf:
        raise ValueError(f"`grace_minutes` must be at least 0, got {grace_minutes:g}")
    if due is None:
        return Deadline(None, per_day, grace_minutes, cap)
    try:
        time = datetime.fromisoformat(due)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise ValueError(
            f"`due` must be a time with its zone, such as 2026-11-30T23:59+01:00, got {due!r}"
        )
    return Deadline(time, per_day, grace_minutes, cap)
