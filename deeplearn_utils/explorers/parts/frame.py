"""What a panel shows at one setting, and what it asks of the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Values = dict[str, Any]
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Question:
    """A prediction that the reader commits to before the controls unlock."""

    text: str
    options: tuple[str, ...]
    answer: int
    explanation: str


@dataclass(frozen=True)
class Target:
    """A goal; the panel's `reached` method says when the reader is there."""

    text: str
    explanation: str


@dataclass(frozen=True)
class Frame:
    """All that a panel shows at one setting of its controls."""

    arrays: Arrays
    text: str
    reached: bool
