"""The picture of `CompressionExplorer`: the weights that are left, digits misread, and bytes."""

from __future__ import annotations

from deeplearn_utils import colors

from ..parts.marks import Area, Axis, Bars, Dots, Line, Pane, Rule
from .compressed import compressed

COMPRESSED = compressed()
SPARSITY = Axis(label="weights set to 0 (%)", domain=(-3.0, 101.0))

WEIGHTS = Pane(
    title="Weights of the first network that are not 0",
    x=Axis(label="weight", domain=(float(COMPRESSED.edges[0]), float(COMPRESSED.edges[-1]))),
    y=Axis(label="number of weights", domain=(0.0, 800.0)),
    aspect=1.0,
    marks=(
        Bars(left="left", right="right", height="before", color=colors.DEAD, label="before"),
        Bars(left="left", right="right", height="after", color=colors.BLUE, label="now"),
    ),
)
MISREAD = Pane(
    title="Validation digits, mean of five networks",
    x=SPARSITY,
    y=Axis(
        label="misread (%), log scale",
        domain=(2.0, 100.0),
        scale="log",
        ticks=tuple((float(p), str(p)) for p in (2, 3, 5, 10, 20, 50, 100)),
    ),
    aspect=1.0,
    marks=(
        Rule(at="limit", axis="y", dashed=True, label="a point more than before"),
        Rule(at="sparsity", width=1.5),
        Line(x="sparsities", y="misread_float", color=colors.GREY, width=1.5, label="float32"),
        Area(x="sparsities", low="lower", high="upper", color=colors.VALIDATION, opacity=0.25),
        Line(x="sparsities", y="misread", color=colors.VALIDATION),
        Dots(
            x="sparsities",
            y="misread",
            color=colors.VALIDATION,
            size=5,
            label="chosen bits ± standard error",
        ),
        Dots(x="sparsity", y="misread_now", size=9, hollow=True, label="now"),
    ),
)
BYTES = Pane(
    title="Bytes of the file",
    x=SPARSITY,
    y=Axis(
        label="bytes (log scale)",
        domain=(800.0, 32_000.0),
        scale="log",
        ticks=tuple((1000.0 * n, f"{n}k") for n in (1, 2, 5, 10, 20)),
    ),
    aspect=1.0,
    marks=(
        Rule(at="sparsity", width=1.5),
        Line(x="sparsities", y="raw", color=colors.BLUE, dashed=True),
        Dots(
            x="sparsities",
            y="raw",
            color=colors.BLUE,
            symbol="square",
            size=4,
            label="as it is",
        ),
        Line(x="sparsities", y="packed", color=colors.GREEN),
        Dots(x="sparsities", y="packed", color=colors.GREEN, size=5, label="after gzip"),
        Dots(x="sparsity", y="packed_now", size=9, hollow=True, label="now"),
    ),
)
