"""A digit that the reader draws, read in the browser by an 8-bit network, in both roundings."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Target
from ..parts.numbers import fixed
from .drawing_panes import DRAWING, OUTPUTS, ZERO
from .reader import ROUNDINGS, reader

EXAMPLES = 40
START = 8
MANY = 3
BAR, ABOVE = 0.4, 9.0
"""Half the width of a bar, and from its end to its number."""

MOVED = reader().outputs["float"] != reader().outputs["double"]
"""Which outputs for the test digits change with the rounding, shape (n, 10)."""


class DrawingExplorer(Explorer):
    """Ten integers for a drawing: the browser computes them, with each stroke and in any front end.

    Here are the answers to the test digits, stored when the network was made. The browser has the
    network itself and computes all of its frames, whatever is drawn; at the test digits they are
    these.
    """

    name = "drawing"
    title = "Draw a digit: an 8-bit network reads it here"
    summary = (
        "Left: a handwritten 4 of 8 by 8 pixels, a digit of the test set. Right: the ten outputs "
        "of the network as bars, integers from minus 128 to 127; that of class 4 is the largest. "
        "With the other rounding two of them change by one."
    )
    controls = (
        Slider("example", "test digit", tuple(range(1, EXAMPLES + 1)), START, "no. {:d}"),
        Choice("rounding", "rounding", ROUNDINGS, "float"),
    )
    panes = (DRAWING, OUTPUTS)
    depends = {
        **dict.fromkeys(("left", "right", "classes"), ()),
        "pixels": ("example",),
    }
    target = Target(
        text=f"Draw or find a digit for which {MANY} outputs change with the rounding.",
        explanation=(
            f"Of the {len(MOVED)} test digits, {MOVED.any(axis=1).sum()} have an output that "
            f"changes, and {(MOVED.sum(axis=1) >= MANY).sum()} have {MANY} or more. No output "
            "changes by more than one unit, and no answer changes."
        ),
    )

    @cached_property
    def declaration(self) -> dict[str, Any]:
        """The panel as every panel declares itself, with the network and the digits to load."""
        drawing = {
            "pane": self.panes.index(DRAWING),
            "control": "example",
            "pictures": reader().pictures[:EXAMPLES],
            "rounding": "rounding",
            "roundings": list(ROUNDINGS),
            "model": reader().model,
            "many": MANY,
        }
        return super().declaration | {"drawing": drawing}

    def look(self, example: int, rounding: str) -> Look:
        """Return a test digit and its outputs, in this rounding and in the other."""
        row = example - 1
        (other,) = ROUNDINGS.keys() - {rounding}
        outputs = reader().outputs
        return Look(rounding, reader().pixels(row), outputs[rounding][row], outputs[other][row])

    def compute(self, look: Look) -> Arrays:
        """Return the pixels, the bars with their numbers, and the changes."""
        classes = np.arange(10.0)
        flat = np.full(10, ZERO)
        return {
            "pixels": look.pixels[::-1],
            **{"classes": classes, "left": classes - BAR, "right": classes + BAR},
            **{name: look.integers if name == look.rounding else flat for name in ROUNDINGS},
            "end": look.integers + np.where(look.integers < ZERO, -ABOVE, ABOVE),
            "integers": look.integers,
            "change": np.where(look.change == 0, np.nan, look.change),
            **{"before": look.integers.argmax() - 0.5, "after": look.integers.argmax() + 0.5},
        }

    def describe(self, look: Look) -> str:
        """Tell the answer, what its output stands for, and which outputs change."""
        answer, real = look.integers.argmax(), reader().real(look.integers).astype(float)
        share = 1 / np.exp(real - real[answer]).sum()
        moved = ", ".join(str(k) for k in np.flatnonzero(look.change))
        rest = f"other integers for {moved}" if moved else "the same ten integers"
        return (
            f"Read as {answer}. Its output is {fixed(look.integers[answer], 0)}, which stands for "
            f"{fixed(real[answer])}; softmax makes {fixed(100 * share, 1)} % of it. The other "
            f"rounding gives {rest}."
        )

    def reached(self, look: Look) -> bool:
        """Tell whether enough outputs change."""
        return bool(np.count_nonzero(look.change) >= MANY)


class Look(NamedTuple):
    """One setting."""

    rounding: str
    pixels: np.ndarray  # (8, 8), from 0 to 16
    integers: np.ndarray  # (10,)
    other: np.ndarray  # (10,), with the other rounding

    @property
    def change(self) -> np.ndarray:
        """What the other rounding changes, shape (10,)."""
        return self.other - self.integers
