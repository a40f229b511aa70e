"""Pruning and fewer bits against accuracy and bytes, for small networks of the digits."""

from __future__ import annotations

from math import comb, log2
from typing import NamedTuple

import numpy as np

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from .compressed import BITS, SPARSITIES, Compressed, Way
from .compression_panes import BYTES, COMPRESSED, MISREAD, WEIGHTS

RANKING_NAMES = {"global": "one threshold for all layers", "layer": "the same share of each layer"}
TUNED_NAMES = {"yes": "trained on for 20 epochs", "no": "not trained on"}
PERCENTS = tuple(round(100 * s) for s in SPARSITIES)
CLOSE = 1.0
"""Points that may be lost."""


class Place(NamedTuple):
    """A way of compressing, and the place of a sparsity."""

    way: Way
    at: int


def bits_name(bits: float) -> str:
    """Return what a weight of so many bits is called.

    >>> bits_name(32), bits_name(4)
    ('float32', '4 bits')
    """
    return f"float{bits:g}" if bits >= 16 else f"{bits:g} bits"


def standard_error(values: np.ndarray) -> np.ndarray:
    """Return the standard error of the mean over the networks, the first axis."""
    return values.std(axis=0, ddof=1) / np.sqrt(len(values))


def lost(found: Compressed, place: Place) -> np.ndarray:
    """Return how many points of accuracy each network has lost."""
    return found.original - found.right[place.way][:, place.at]


def packed(found: Compressed, place: Place) -> float:
    """Return the mean number of bytes after gzip."""
    return float(found.n_compressed[place.way][:, place.at].mean())


def smallest(found: Compressed, close: float) -> Place:
    """Return where the fewest bytes lose at most so many points, in the mean."""
    places = [Place(way, at) for way in found.right for at in range(len(SPARSITIES))]
    within = [place for place in places if lost(found, place).mean() <= close]
    return min(within, key=lambda place: packed(found, place))


def asked(found: Compressed) -> Question:
    """Return the question: what gzip makes of 8 bits and many zeros."""
    at = PERCENTS.index(90)
    whole, small = found.n_bytes[8], packed(found, Place(("global", "yes", 8), at))
    n_weights = (found.n_bytes[32] - found.n_bytes[16]) // 2
    n_left = n_weights - round(SPARSITIES[at] * n_weights)
    positions = log2(comb(n_weights, n_left)) / 8
    return Question(
        text=(
            f"In float32 the file takes {found.n_bytes[32]:,} bytes. With 8 bits a weight and 90 % "
            "of the weights at 0, gzip makes of it:"
        ),
        options=tuple(f"about {float(f'{n:.2g}'):,.0f} bytes" for n in (whole / 10, small, whole)),
        answer=1,
        explanation=(
            f"{small:,.0f}. As it is, the file has {whole:,} bytes at each sparsity: a 0 takes 8 "
            f"bits like any other number. gzip finds the zeros, but {n_left} bytes of weights are "
            f"left, {whole - n_weights} of scales and biases, and to say where the zeros stand "
            f"takes {positions:.0f} at least: the logarithm of the number of ways, in bytes."
        ),
    )


def explained(found: Compressed) -> str:
    """Return what the smallest file within the limit is, and what each step alone would give."""
    best = smallest(found, CLOSE)
    ranking, tuned, bits = best.way
    points, whole = lost(found, best), found.n_bytes[32]
    alone = (
        whole / packed(found, Place((ranking, tuned, bits), 0)),
        whole / packed(found, Place((ranking, tuned, 32), best.at)),
    )
    return (
        f"{RANKING_NAMES[ranking].capitalize()}, {TUNED_NAMES[tuned]}, {PERCENTS[best.at]} % at 0, "
        f"{bits_name(bits)}: {packed(found, best):,.0f} bytes instead of {whole:,}, "
        f"{whole / packed(found, best):.1f} times fewer, and {points.mean():.1f} ± "
        f"{standard_error(points):.1f} points lost. The bits alone give {alone[0]:.1f} times, the "
        f"zeros alone {alone[1]:.1f}. It was chosen among {len(found.right) * len(SPARSITIES)} on "
        "these digits: what it is worth, the test set must say, once."
    )


class CompressionExplorer(Explorer):
    """Sparsity and bits against weights, accuracy and bytes, computed once."""

    name = "compression"
    title = "Fewer weights and fewer bits: what it costs, and what it saves"
    summary = (
        "Left: histogram of the weights of one network, a hill around 0. Middle: share of the "
        "validation digits that are misread against the share of weights set to 0, about 3 percent "
        "up to 80 percent of zeros, then rising steeply. Right: bytes of the file against the same "
        "share; the file as it is stays level, the one after gzip falls."
    )
    controls = (
        Slider("sparsity", "weights set to 0", PERCENTS, 0, "{:g}", "%"),
        Slider("bits", "a weight takes", BITS, 32, bits_name),
        Choice("ranking", "which", RANKING_NAMES, "global"),
        Choice("tuned", "the others", TUNED_NAMES, "yes"),
    )
    panes = (WEIGHTS, MISREAD, BYTES)
    depends = {
        **dict.fromkeys(("left", "right", "before", "sparsities", "limit"), ()),
        "sparsity": ("sparsity",),
        "misread_float": ("ranking", "tuned"),
        **dict.fromkeys(("misread", "lower", "upper", "packed"), ("bits", "ranking", "tuned")),
        "raw": ("bits",),
    }
    question = asked(COMPRESSED)
    target = Target(
        text=(
            "Find the smallest file, after gzip, with which the networks lose at most "
            f"{CLOSE:g} point of accuracy on the validation digits."
        ),
        explanation=explained(COMPRESSED),
    )

    def look(self, sparsity: int, bits: int, ranking: str, tuned: str) -> Place:
        """Return the setting as a place in the stored numbers."""
        return Place((ranking, tuned, bits), PERCENTS.index(sparsity))

    def compute(self, look: Place) -> Arrays:
        """Return the histograms, the accuracies and the bytes."""
        (ranking, tuned, bits), at = look
        wrong = 100 - COMPRESSED.right[look.way]
        mean, error = wrong.mean(axis=0), standard_error(wrong)
        return {
            **{"left": COMPRESSED.edges[:-1], "right": COMPRESSED.edges[1:]},
            **{"before": COMPRESSED.before, "after": COMPRESSED.left[look.way][at]},
            **{"sparsities": np.array(PERCENTS, float), "sparsity": float(PERCENTS[at])},
            "limit": 100 - COMPRESSED.original.mean() + CLOSE,
            "misread_float": 100 - COMPRESSED.right[ranking, tuned, 32].mean(axis=0),
            **{"misread": mean, "lower": mean - error, "upper": mean + error},
            "misread_now": mean[at],
            "raw": np.full(len(SPARSITIES), float(COMPRESSED.n_bytes[bits])),
            "packed": COMPRESSED.n_compressed[look.way].mean(axis=0),
            "packed_now": packed(COMPRESSED, look),
        }

    def describe(self, look: Place) -> str:
        """Tell bytes, and accuracy before and now."""
        (ranking, tuned, bits), at = look
        now = COMPRESSED.right[look.way][:, at]
        return (
            f"{PERCENTS[at]} % at 0 ({RANKING_NAMES[ranking]}; {TUNED_NAMES[tuned]}), "
            f"{bits_name(bits)}: {COMPRESSED.n_bytes[bits]:,} bytes, "
            f"{packed(COMPRESSED, look):,.0f} after gzip. {now.mean():.1f} ± "
            f"{standard_error(now):.1f} % of the digits are read, "
            f"{COMPRESSED.original.mean():.1f} % before."
        )

    def reached(self, look: Place) -> bool:
        """Tell whether it is the smallest file within the limit."""
        return look == smallest(COMPRESSED, CLOSE)
