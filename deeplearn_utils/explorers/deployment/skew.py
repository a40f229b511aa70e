"""Digits that serving prepares otherwise than training did: what is read, and how surely."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from deeplearn_utils.datasets import Dataset, Scaler, digits
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from ..parts.numbers import MINUS
from .skew_panes import (
    ACCURACY,
    ADDED,
    DIGIT,
    EDGES,
    FINE,
    LEFT,
    LOWER,
    REACH,
    RIGHT,
    SIDE,
    SURE,
    UPPER,
)

SERVING = {
    "same": "as in training",
    "none": "without the scaler",
    "few": "scaler fitted on 20 digits",
    "unit": "pixels from 0 to 1",
    "inverted": "inverted: 16 − pixel",
    "transposed": "rows and columns swapped",
}
CONTRASTS = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25)
WHITE, BLACK = 0.0, 16.0
"""The contract: a pixel outside is refused."""

SEEDS = 5
FEW = 20
NEAR = 1.5
NETWORK = MLP([64, 32, 10], activation="relu", loss="softmax_cross_entropy")


class SkewExplorer(Explorer):
    """What serving does to the pixels, against what the networks then read."""

    name = "skew"
    title = "Serving that prepares its inputs otherwise than training"
    summary = (
        "Left: a handwritten 3 as training and as serving give it, before and after the scaler; "
        "both are the same. Middle: share of the validation digits against what is added to each "
        "pixel; about 96 percent are read at 0, and beside it the curve falls steeply. "
        "Right: histogram of the largest probability; nearly all answers are right and sure."
    )
    controls = (
        Choice("serving", "serving", SERVING, "same"),
        Slider("added", "added to each pixel", ADDED, 0.0, "{:+g}"),
        Slider("contrast", "contrast factor", CONTRASTS, 1.0, "{:g}"),
    )
    panes = (DIGIT, ACCURACY, SURE)
    depends = {
        **dict.fromkeys(("added", "left", "middle", "end"), ()),
        **dict.fromkeys(("right", "refused"), ("serving", "contrast")),
        "now": ("added",),
    }
    question = Question(
        text=(
            "The camera of the serving side adds 1 to each pixel, on a scale from 0 (white) to 16 "
            "(black). Of 100 validation digits, 96 were read before. How many now?"
        ),
        options=("about 95", "about 60", "about 20"),
        answer=2,
        explanation=(
            "About 20, and the wrong answers are 90 % sure on average. Eight pixels near the edge "
            "were white in 98 to 99.9 % of the training pictures. Their standard deviations are "
            "0.03 to 0.33, and the scaler divides by them. With 1 added to these eight alone, 19 "
            "are read; with 1 added to the other 56 alone, 94."
        ),
    )
    target = Target(
        text=(
            "Let the networks misread more than half of the digits, while the contract refuses "
            f"none and no pixel of a request is more than {NEAR:g} away from training's."
        ),
        explanation=(
            "A check of the range sees nothing, nor does the golden pair, which was stored before "
            "the camera changed. With +0.5 and contrast 0.9 the mean over all pixels stays at 4.9, "
            "too. What tells are the means of single pixels, compared with training's."
        ),
    )

    def look(self, serving: str, added: float, contrast: float) -> Look:
        """Return what is read at the setting, and at every stop of what is added."""
        every = [answers(serving, stop, contrast) for stop in ADDED]
        return Look(serving, added, contrast, every[ADDED.index(added)], every)

    def compute(self, look: Look) -> Arrays:
        """Return the four pictures, the shares read and refused, and the histograms."""
        width = EDGES[1] - EDGES[0]
        return {
            "digits": drawing(look.serving, look.added, look.contrast),
            **{"added": np.array(ADDED), "now": look.added, "right_now": look.now.right},
            "right": np.array([answer.right for answer in look.every]),
            "refused": np.array([answer.refused for answer in look.every]),
            **{"left": EDGES[:-1] + 0.1 * width, "end": EDGES[1:] - 0.1 * width},
            "middle": EDGES[:-1] + 0.5 * width,
            **{"right_sure": look.now.right_sure, "wrong_sure": look.now.wrong_sure},
        }

    def describe(self, look: Look) -> str:
        """Tell the shares read and refused, how sure wrong answers are, and the largest input."""
        now, label = look.now, SERVING[look.serving]
        added = f"{look.added:g}".replace("-", MINUS)
        return (
            f"{label[0].upper()}{label[1:]}, contrast {look.contrast:g}, added {added}: "
            f"{now.right:.0f} % are read, {now.refused:.0f} % refused. Wrong answers are "
            f"{now.surely_wrong:.0f} % sure on average. Inputs reach {now.largest:.0f} "
            f"(training: {largest_in_training():.0f})."
        )

    def reached(self, look: Look) -> bool:
        """Tell whether most are misread, though nothing is refused and hardly a pixel moved."""
        now = look.now
        return bool(now.right < 50 and now.refused == 0 and now.moved <= NEAR)

    def warm(self) -> None:
        """Train the networks once."""
        self.frame()


class Answers(NamedTuple):
    """What five networks answer to the validation digits, in percent."""

    right: float  # of all answers
    refused: float  # of the requests
    right_sure: np.ndarray  # (9,), of all answers, by their largest probability
    wrong_sure: np.ndarray  # (9,)
    surely_wrong: float  # mean largest probability of the wrong answers
    largest: float  # of the networks' inputs, absolute
    moved: float  # the most that a pixel of a request differs from training's


class Look(NamedTuple):
    """One setting."""

    serving: str
    added: float
    contrast: float
    now: Answers
    every: list[Answers]  # one a stop of what is added


@cache
def data() -> Dataset:
    """Return the digits, pixels from 0 to 16, loaded once."""
    return digits(scale=False)


@cache
def scaler(rows: int | None = None) -> Scaler:
    """Return the scaler of the training digits, or of the first so many."""
    return Scaler.fit(data().X_train[:rows])


@cache
def trained(seed: int) -> np.ndarray:
    """Return θ after 30 epochs on standardized digits."""
    rng = np.random.default_rng(seed)
    options = {"optimizer": Adam(0.003), "epochs": 30, "batch_size": 32, "rng": rng}
    X = scaler().transform(data().X_train)
    *_, last = train(NETWORK, NETWORK.init(rng), X, data().y_train, **options)
    return last.theta


def requested(serving: str, added: float, contrast: float, X: np.ndarray) -> np.ndarray:
    """Return the pixels that arrive, shape (n, 64)."""
    X = contrast * X + added
    if serving == "unit":
        return X / 16
    if serving == "inverted":
        return 16 - X
    if serving == "transposed":
        return X.reshape(-1, 8, 8).swapaxes(1, 2).reshape(-1, 64)
    return X


def prepared(serving: str, requests: np.ndarray) -> np.ndarray:
    """Return what the networks get of the pixels that arrive."""
    if serving == "none":
        return requests
    return scaler(FEW if serving == "few" else None).transform(requests)


@cache
def answers(serving: str, added: float, contrast: float) -> Answers:
    """Return what five networks answer to the validation digits."""
    X, y = data().X_validation, data().y_validation
    requests = requested(serving, added, contrast, X)
    inputs = prepared(serving, requests)
    every = [NETWORK.predict_probabilities(trained(seed), inputs) for seed in range(SEEDS)]
    right = np.concatenate([p.argmax(axis=1) == y for p in every])
    sure = np.concatenate([p.max(axis=1) for p in every])
    counts = (np.histogram(sure[rows], EDGES)[0] for rows in (right, ~right))
    return Answers(
        100 * right.mean(),
        100 * ((requests < WHITE) | (requests > BLACK)).any(axis=1).mean(),
        *(100 * count / len(sure) for count in counts),
        100 * sure[~right].mean(),
        np.abs(inputs).max(),
        np.abs(requests - X).max(),
    )


@cache
def largest_in_training() -> float:
    """Return the largest input of the training digits, absolute."""
    return np.abs(scaler().transform(data().X_train)).max()


def drawing(serving: str, added: float, contrast: float) -> np.ndarray:
    """Return four pictures of a digit, white 0 to black 1, row 0 at the bottom."""
    row = np.flatnonzero(data().y_validation == 3)[0]
    X = data().X_validation[[row]]
    sheet = np.zeros((SIDE, SIDE))
    request = requested(serving, added, contrast, X)
    columns = (
        (LEFT, X, scaler().transform(X)),
        (RIGHT, request, prepared(serving, request)),
    )
    for left, pixels, inputs in columns:
        for low, values in ((UPPER, pixels / 16), (LOWER, inputs / (2 * REACH) + 0.5)):
            sheet[low : low + 8, left : left + 8] = np.clip(values, 0, 1).reshape(8, 8)[::-1]
    return np.kron(sheet, np.ones((FINE, FINE)))
