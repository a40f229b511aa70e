"""The 8-bit model that reads drawings, and its answers to the test digits, as `making` wrote them.

Nothing is computed here: the answers are those that NumPy gave, and LiteRT and tflite-micro too.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..parts.stored import stored

ROUNDINGS = {"float": "float (LiteRT)", "double": "double (tflite-micro)"}


class Reader(NamedTuple):
    """What is stored."""

    model: dict[str, Any]  # for the engine of `edge.export_js`
    digits: np.ndarray  # (n,), what the test digits are
    pictures: list[str]  # of the test digits: 64 signs each, from 0 (white) to g (16, black)
    outputs: dict[str, np.ndarray]  # by rounding: (n, 10), from -128 to 127

    @property
    def scale(self) -> float:
        """With which the outputs stand for real numbers."""
        return self.model["output"]["scale"]

    @property
    def zero_point(self) -> int:
        """The output that stands for 0."""
        return self.model["output"]["zero"]

    def real(self, outputs: Any) -> Any:
        """Return the real numbers that outputs stand for, in float32 as runtimes give them."""
        return np.float32(self.scale) * np.float32(outputs - self.zero_point)

    def pixels(self, row: int) -> np.ndarray:
        """Return the pixels of a test digit, shape (8, 8), from 0 to 16."""
        return np.array([int(sign, 17) for sign in self.pictures[row]]).reshape(8, 8)


@cache
def reader() -> Reader:
    """Read what is stored beside this module."""
    return stored(__package__, "reader.json", read)


def read(text: str) -> Reader:
    """Read it from a file's text."""
    found = json.loads(text)
    test = found["test"]
    outputs = {rounding: np.array(test[rounding]) for rounding in ROUNDINGS}
    return Reader(found["model"], np.array(test["digits"]), test["pixels"], outputs)
