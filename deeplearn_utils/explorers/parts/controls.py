"""The controls of a slider panel: each has a name, a label for the reader, and its stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from deeplearn_utils.checks import choice


@dataclass(frozen=True)
class Slider:
    """A slider that rests only on its stops.

    Parameters
    ----------
    name : str
        The keyword of the panel's `look` method.
    label : str
        What the reader sees and the screen reader says.
    stops : tuple of float
        The values from left to right; `even_stops` makes evenly spaced ones.
    start : float
        The stop on which the panel opens.
    format : str or callable
        How a stop is written, as in ``str.format``, or a function from stop to text.
    unit : str
        Written after the number.
    names : mapping of float to str
        What some stops are known as: written in brackets after the number.
    """

    name: str
    label: str
    stops: tuple[float, ...]
    start: float
    format: str | Callable[[float], str] = "{:g}"
    unit: str = ""
    names: Mapping[float, str] = field(default_factory=dict)
    kind = "slider"

    def __post_init__(self) -> None:
        """Refuse a start that is not one of the stops."""
        choice("start", self.start, self.stops)

    @property
    def readouts(self) -> list[str]:
        """The text of each stop, with a true minus sign and the unit."""
        write = self.format.format if isinstance(self.format, str) else self.format
        numbers = [write(stop).replace("-", "\N{MINUS SIGN}") for stop in self.stops]
        names = [f"({self.names[stop]})" if stop in self.names else "" for stop in self.stops]
        return [
            " ".join(filter(None, (number, self.unit, name)))
            for number, name in zip(numbers, names, strict=True)
        ]


@dataclass(frozen=True)
class Choice:
    """A list from which the reader picks one: `options` maps each value to its label."""

    name: str
    label: str
    options: dict[str, str]
    start: str
    kind = "choice"

    def __post_init__(self) -> None:
        """Refuse a start that is not one of the options."""
        choice("start", self.start, tuple(self.options))

    @property
    def stops(self) -> tuple[str, ...]:
        """The values, in the order of the list."""
        return tuple(self.options)

    @property
    def readouts(self) -> list[str]:
        """The label of each value."""
        return list(self.options.values())


Control = Slider | Choice


def even_stops(low: float, high: float, step: float) -> tuple[float, ...]:
    """Return the stops from `low` to `high`, rounded so that 0.1 + 0.2 reads 0.3.

    >>> even_stops(-0.2, 0.2, 0.1)
    (-0.2, -0.1, 0.0, 0.1, 0.2)
    """
    count = round((high - low) / step) + 1
    return tuple(float(stop) for stop in np.round(np.linspace(low, high, count), 10) + 0.0)
