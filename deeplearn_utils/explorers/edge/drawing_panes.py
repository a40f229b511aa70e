"""The picture of `DrawingExplorer`: what is drawn, and the ten outputs."""

from __future__ import annotations

from deeplearn_utils import colors

from ..parts.marks import Axis, Band, Bars, Number, Pane, Raster, Rule, Text
from ..parts.numbers import fixed
from .reader import reader

ZERO = float(reader().zero_point)
LOW, HIGH = -160.0, 142.0
BELOW = -150.0
"""Where the changes stand, below all bars."""

DRAWING = Pane(
    title="Draw a digit here",
    x=Axis(label="", domain=(0.0, 8.0)),
    y=Axis(label="", domain=(0.0, 8.0)),
    aspect=1.0,
    axes=False,
    marks=(Raster(values="pixels", domain=(0.0, 16.0), colors=("paper", "ink")),),
)
OUTPUTS = Pane(
    title="Ten outputs of 8 bits, and what they stand for (right)",
    x=Axis(label="class", domain=(-0.6, 11.4), ticks=tuple((float(k), str(k)) for k in range(10))),
    y=Axis(
        label="output (integer)",
        domain=(LOW, HIGH),
        ticks=tuple((float(q), fixed(q, 0)) for q in (-128, -64, 0, 64, 127)),
    ),
    aspect=0.95,
    marks=(
        Band(low="before", high="after", opacity=0.25, color=colors.GREY, label="the answer"),
        Rule(at=ZERO, axis="y"),
        *(
            Bars(
                left="left",
                right="right",
                height=rounding,
                base=ZERO,
                color=color,
                opacity=0.8,
                label=label,
            )
            for rounding, color, label in (
                ("float", colors.BLUE, "float rounding"),
                ("double", colors.ORANGE, "double rounding"),
            )
        ),
        Number(x="classes", y="end", value="integers", digits=0, size=11),
        Number(
            x="classes",
            y=BELOW,
            value="change",
            digits=0,
            color=colors.VERMILION,
            label="change by the other rounding",
        ),
        *(
            Text(
                x=11.2,
                y=float(q),
                text=fixed(float(reader().real(q)), 1),
                anchor="end",
                color=colors.GREY,
            )
            for q in (-128, -64, 0, 64, 127)
        ),
    ),
)
