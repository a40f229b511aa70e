"""What `CompressionExplorer` shows: accuracies and bytes, as `compressing` writes them."""

from __future__ import annotations

import json
from functools import cache
from typing import NamedTuple

import numpy as np

from ..parts.stored import stored

SPARSITIES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
BITS = (32, 16, 8, 6, 4, 3, 2)
RANKINGS = ("global", "layer")
TUNED = ("yes", "no")

Way = tuple[str, str, int]
"""A ranking, whether the weights that stayed were tuned, and bits a weight."""


class Compressed(NamedTuple):
    """What several networks have left, by the way in which they were compressed."""

    right: dict[Way, np.ndarray]  # % of the validation digits, (networks, sparsities)
    n_compressed: dict[Way, np.ndarray]  # bytes after gzip, (networks, sparsities)
    n_bytes: dict[int, int]  # of the file as it is, by bits a weight
    edges: np.ndarray  # (bins + 1,)
    before: np.ndarray  # weights of the first network in each bin, (bins,)
    left: dict[Way, np.ndarray]  # those that are not 0, (sparsities, bins)

    @property
    def original(self) -> np.ndarray:
        """The accuracy of each network before anything was compressed."""
        return self.right["global", "no", 32][:, 0]


@cache
def compressed() -> Compressed:
    """Read what is stored beside this module."""
    return stored(__package__, "compressed.json", read)


def read(text: str) -> Compressed:
    """Read it from a file's text."""
    found = json.loads(text)
    tables = [
        {
            (*way.split(", ")[:2], int(way.split(", ")[2])): np.array(table)
            for way, table in t.items()
        }
        for t in (found["right"], found["compressed_bytes"], found["left"])
    ]
    right, n_compressed, left = tables
    n_bytes = {int(bits): size for bits, size in found["bytes"].items()}
    edges, before = np.linspace(*found["bins"]), np.array(found["before"])
    return Compressed(right, n_compressed, n_bytes, edges, before, left)
