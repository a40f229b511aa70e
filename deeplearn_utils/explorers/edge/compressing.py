"""Prune, round and pack small networks in every way that the panel on compression shows.

Run it for some minutes; the result is the same each time, but for the last digits of sums::

    python -m deeplearn_utils.explorers.edge.compressing FILE

Each network is pruned to each sparsity, with both rankings, with tuning and without. Then its
weights are rounded, with a scale for each unit, and written one after the other, bit by bit, with
scales and biases in float32. Activations stay real numbers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from deeplearn_utils.datasets import Dataset, digits
from deeplearn_utils.edge.compress import compressed_size, prune_mlp
from deeplearn_utils.kernels.quantize import dequantize, quantize, scale_and_zero_point
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train

from ..parts.stored import sealed
from .compressed import BITS, RANKINGS, SPARSITIES, TUNED

NETWORK = MLP([64, 64, 32, 10], activation="relu", loss="softmax_cross_entropy")
SEEDS = 5
EPOCHS = 30
TUNING = 20
BINS = 60
REACH = 1.2
"""Weights beyond it count in the outermost bins."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Compress, and write a file of JSON."""
    parser = argparse.ArgumentParser(prog="compressing", description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, metavar="FILE", help="what to write")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"networks (default: {SEEDS})")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"default: {EPOCHS}")
    parser.add_argument("--tuning", type=int, default=TUNING, help=f"default: {TUNING}")
    options = parser.parse_args(arguments)
    found = compress(options.seeds, options.epochs, options.tuning)
    options.file.write_text(sealed(written(found)), encoding="utf-8")


def compress(seeds: int, epochs: int, tuning: int) -> dict[str, Any]:
    """Return accuracies, bytes and histograms of all ways."""
    found: dict[str, Any] = {
        **{"networks": seeds, "epochs": epochs, "tuning": tuning},
        **{"right": {}, "compressed_bytes": {}, "bytes": {}},
        **{"bins": [-REACH, REACH, BINS + 1], "before": [], "left": {}},
    }
    for seed in range(seeds):
        theta = trained(seed, epochs)
        if seed == 0:
            found["before"] = histogram(theta)
        for ranking in RANKINGS:
            for tuned in TUNED:
                sys.stderr.write(f"network {seed + 1} of {seeds}: {ranking}, tuned: {tuned}\n")
                of = [
                    pruned(theta, s, ranking, tuning * (tuned == "yes"), seed) for s in SPARSITIES
                ]
                for bits in BITS:
                    _add(found, f"{ranking}, {tuned}, {bits}", [rounded(t, bits) for t in of], bits)
    return found


def _add(
    found: dict[str, Any], way: str, models: list[tuple[np.ndarray, bytes]], bits: int
) -> None:
    """Note what one network has at each sparsity."""
    found["right"].setdefault(way, []).append([right(theta) for theta, _ in models])
    sizes = [compressed_size(content) for _, content in models]
    found["compressed_bytes"].setdefault(way, []).append(sizes)
    (found["bytes"][str(bits)],) = {len(content) for _, content in models}
    found["left"].setdefault(way, [histogram(theta) for theta, _ in models])


def written(found: dict[str, Any]) -> str:
    """Return it as JSON with a line for each table."""
    tables = ("right", "compressed_bytes", "left")
    lines = [
        f"{json.dumps(key)}: {_rows(value) if key in tables else json.dumps(value)}"
        for key, value in found.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _rows(table: dict[str, Any]) -> str:
    rows = [f"  {json.dumps(way)}: {json.dumps(values)}" for way, values in table.items()]
    return "{\n" + ",\n".join(rows) + "\n}"


@cache
def data() -> Dataset:
    """Return the digits, standardized, loaded once."""
    return digits()


def trained(seed: int, epochs: int) -> np.ndarray:
    """Return θ of a network after training on the digits."""
    rng, X, y = np.random.default_rng(seed), data().X_train, data().y_train
    options = {"optimizer": Adam(0.003), "epochs": epochs, "batch_size": 32, "rng": rng}
    *_, last = train(NETWORK, NETWORK.init(rng), X, y, **options)
    return last.theta


def pruned(theta: np.ndarray, sparsity: float, ranking: str, epochs: int, seed: int) -> np.ndarray:
    """Return θ with a share of the weights at 0; the same number of epochs at each sparsity."""
    rng, X, y = np.random.default_rng(seed), data().X_train, data().y_train
    options = {"sparsity": sparsity, "ranking": ranking, "epochs": epochs, "rng": rng}
    return prune_mlp(NETWORK, theta, X, y, **options)


def rounded(theta: np.ndarray, bits: int) -> tuple[np.ndarray, bytes]:
    """Return θ with weights of so many bits, and the file that holds it."""
    W, b = NETWORK.layout.unpack(theta)
    if bits >= 16:
        kind = "<f4" if bits == 32 else "<f2"
        W = [layer.astype(kind) for layer in W]
        parts = [layer.tobytes() for layer in W]
    else:
        scales = [
            scale_and_zero_point(layer.min(axis=0), layer.max(axis=0), bits=bits, symmetric=True)[0]
            for layer in W
        ]
        zeros = [np.zeros(len(scale), np.int32) for scale in scales]
        rows = zip(W, scales, zeros, strict=True)
        q = [quantize(layer, scale, zero, bits=bits, axis=1) for layer, scale, zero in rows]
        rows = zip(q, scales, zeros, strict=True)
        W = [dequantize(layer, scale, zero, axis=1) for layer, scale, zero in rows]
        parts = [packed(layer, bits) for layer in q] + [s.astype("<f4").tobytes() for s in scales]
    parts += [layer.astype("<f4").tobytes() for layer in b]
    return NETWORK.layout.pack([layer.astype(float) for layer in W], b), b"".join(parts)


def packed(q: np.ndarray, bits: int) -> bytes:
    """Return whole numbers one after the other, the lowest bit first.

    >>> packed(np.array([1, -1, 0, 1], np.int8), 2).hex()
    '4d'
    """
    single = (q.astype(np.int64).ravel()[:, None] >> np.arange(bits)) & 1
    return np.packbits(single.astype(np.uint8).ravel(), bitorder="little").tobytes()


def right(theta: np.ndarray) -> float:
    """Return the percentage of the validation digits that are read."""
    answers = NETWORK.forward(theta, data().X_validation).argmax(axis=1)
    return round(100 * float((answers == data().y_validation).mean()), 3)


def histogram(theta: np.ndarray) -> list[int]:
    """Return how many weights that are not 0 lie in each bin."""
    W, _ = NETWORK.layout.unpack(theta)
    flat = np.concatenate([layer.ravel() for layer in W])
    inside = np.clip(flat[flat != 0], -REACH * 0.999, REACH * 0.999)
    return np.histogram(inside, np.linspace(-REACH, REACH, BINS + 1))[0].tolist()


if __name__ == "__main__":
    main()
