"""Batch size against the noise of the gradient, on the digits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deeplearn_utils import colors

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from ..parts.marks import Arrow, Axis, Band, Dots, Line, Pane, Rule
from .gradient_noise import Noise, batch_means, dealt_out, noise_at

FULL = 1079
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, FULL)
SHOWN = 200
"""Batches whose gradients are drawn."""

MOMENTS = {"0": "before training", "1": "after 1 epoch", "10": "after 10 epochs"}
CLOUD = Pane(
    title=f"Gradients of {SHOWN} batches; full gradient = 1",
    x=Axis(label="along the full gradient", domain="x_domain"),
    y=Axis(label="across it, where examples differ most", domain="y_domain"),
    aspect=1.0,
    marks=(
        Band(low="low", high=0.0, color=colors.DEAD, label="a step would lead uphill"),
        Rule(at=0.0, axis="y", color=colors.GREY),
        Dots(
            x="along",
            y="across",
            where="downhill",
            size=3,
            opacity=0.5,
            color=colors.BLUE,
            label="a batch",
        ),
        Dots(
            x="along",
            y="across",
            where="uphill",
            size=3.5,
            symbol="cross",
            color=colors.VERMILION,
            label="a batch that leads uphill",
        ),
        Arrow(x=0.0, y=0.0, x_end=1.0, y_end=0.0, width=3.0, label="full gradient"),
    ),
)
CURVE = Pane(
    title="Noise: how far a batch lies from the full gradient",
    x=Axis(label="batch size B (log scale)", domain=(0.8, 1400.0), scale="log"),
    y=Axis(label="noise / length of the full gradient", domain=(0.03, 60.0), scale="log"),
    aspect=1.0,
    marks=(
        Rule(at=1.0, axis="y", color=colors.GREY, label="as long as the full gradient"),
        Rule(at="now", width=1.5),
        Line(x="B", y="put_back", color=colors.GREY, dashed=True, label="theory, put back: σ/√B"),
        Line(x="B", y="dealt", color=colors.VERMILION, label="theory, dealt out"),
        Dots(x="size", y="measured", size=4, color=colors.BLUE, label="measured, dealt out"),
        Dots(x="now", y="noise", size=8, hollow=True, label="this batch size"),
    ),
)


class BatchSizeExplorer(Explorer):
    """Batch size, before, early and late in training: gradients of batches and their noise."""

    name = "batch_size"
    title = "The noise of a mini-batch's gradient"
    summary = (
        "Left: gradients of 200 batches of 8 digits, a cloud around the arrow of the full "
        "gradient; all lie on its downhill side. Right: noise against batch size, both axes "
        "logarithmic; eleven measured points on a line that falls by half for each four times "
        "the batch, and drops to nothing when the batch holds all 1,079 digits."
    )
    controls = (
        Slider("batch_size", "batch size B", SIZES, 8, names={FULL: "all"}),
        Choice("moment", "moment", MOMENTS, "0"),
    )
    panes = (CLOUD, CURVE)
    depends = {
        **dict.fromkeys(("B", "size"), ()),
        **dict.fromkeys(
            ("put_back", "dealt", "measured", "x_domain", "y_domain", "low"), ("moment",)
        ),
        "now": ("batch_size",),
    }
    question = Question(
        text=(
            "Before training, the gradient of a single example lies about 6 times as far from the "
            "full gradient as that one is long. Of 200 single examples, how many lead uphill?"
        ),
        options=("more than half", "about half", "only a few"),
        answer=2,
        explanation=(
            "Only a few. Most of the noise lies across the full gradient. Along it the spread is "
            "only 0.9 times the gradient's length, not 6, and only this part can turn a step "
            "around. The rest leads sideways: it costs time, and mostly averages out over the next "
            "steps."
        ),
    )
    target = Target(
        text=(
            "After 1 epoch, find the smallest batch here whose noise is shorter than the full "
            "gradient."
        ),
        explanation=(
            "Before training 64 examples were enough. Training shortens the full gradient much "
            "more than the noise, so that later only a larger batch is as reliable."
        ),
    )

    def look(self, batch_size: int, moment: str) -> Batches:
        """Return the noise at the moment, and the gradients of the batches."""
        noise = noise_at(int(moment), SIZES[:-1])
        along, across = (batch_means(x, batch_size)[:SHOWN] for x in (noise.along, noise.across))
        return Batches(batch_size, moment, noise, along, across)

    def compute(self, look: Batches) -> Arrays:
        """Return the cloud of batches, and the noise, measured and from theory."""
        batch_size, _, noise, along, across = look
        B = np.geomspace(1, FULL - 1, 81)
        reach = 2.2 * noise.across.std()
        measured = np.append(noise.measured, np.nan)
        return {
            **{"along": along, "across": across},
            **{"uphill": (along < 0).astype(float), "downhill": (along >= 0).astype(float)},
            **{"x_domain": np.array([-0.4, 1.6]) * reach, "low": -0.4 * reach},
            **{
                "y_domain": np.array([-reach, reach]),
                "B": B,
                "size": np.array(SIZES, dtype=float),
                "now": batch_size,
            },
            **{"put_back": noise.spread / np.sqrt(B), "dealt": noise.spread * dealt_out(B, FULL)},
            **{"measured": measured, "noise": measured[SIZES.index(batch_size)]},
        }

    def describe(self, look: Batches) -> str:
        """Tell the noise, what theory says, and how many batches lead uphill."""
        size, moment = look.batch_size, MOMENTS[look.moment].capitalize()
        if size == FULL:
            return f"A batch of all {FULL:,} examples is the full gradient: there is no noise."
        measured = look.noise.measured[SIZES.index(size)]
        theory = look.noise.spread * dealt_out(size, FULL)
        uphill = int((look.along < 0).sum())
        lead = "leads" if uphill == 1 else "lead"
        return (
            f"{moment}, batches of {size}: noise {measured:.2g} times the full gradient "
            f"(theory {theory:.2g}). {uphill} of {SHOWN} batches {lead} uphill."
        )

    def reached(self, look: Batches) -> bool:
        """Return whether this is the smallest batch with noise below 1."""
        smallest = SIZES[np.flatnonzero(look.noise.measured < 1)[0]]
        return look.moment == "1" and look.batch_size == smallest

    def warm(self) -> None:
        """Measure at every moment once."""
        for values in self.settings(("moment",)):
            self.frame(**values)


class Batches(NamedTuple):
    """Gradients of batches of one size at one moment, in units of the full gradient's length."""

    batch_size: int
    moment: str
    noise: Noise
    along: np.ndarray  # (SHOWN,)
    across: np.ndarray  # (SHOWN,)
