"""The slope by a small step: how wrong it comes out, against the step and the precision."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from deeplearn_utils import colors

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from ..parts.marks import Axis, Dots, Line, Pane, Rule
from ..parts.numbers import fixed, in_powers
from .slopes import FUNCTIONS, MAGNIFIED, SMALLEST, error, magnified, measure, neighborhood, theory

STEPS = tuple(10.0 ** (half / 2) for half in range(-30, 1))
START = STEPS[-1]
PRECISIONS = {"float64": "float64, 16 digits", "float32": "float32, 7 digits"}
DIFFERENCES = {"forward": "forward", "central": "central"}
WANTED = 1e-10
ZOOM = Pane(
    title="Around x, magnified: h fills one unit",
    x=Axis(
        label="distance from x, in steps h",
        domain=(-2.0, 2.0),
        ticks=tuple((float(step), fixed(step, 0)) for step in range(-2, 3)),
    ),
    y=Axis(label="change of f, in h · f′(x)", domain=(-2.5, 3.5)),
    aspect=0.9,
    marks=(
        Line(x="places", y="changes", color=colors.FORWARD, label="f as the computer sees it"),
        Line(x="places", y="places", dashed=True, label="tangent"),
        Line(x="secant_x", y="secant_y", color=colors.BACKWARD, width=3.0, label="secant"),
        Dots(x="ends_x", y="ends_y", color=colors.BACKWARD, size=6),
    ),
)
V = Pane(
    title="Error of the slope",
    x=Axis(label="step size h", domain=(10.0**-15.4, 10.0**0.4), scale="log"),
    y=Axis(label="relative error", domain=(0.5 * SMALLEST, 10.0), scale="log"),
    aspect=0.9,
    marks=(
        Rule(at="h_now", color=colors.GREY),
        Line(x="h", y="truncation", color=colors.GREEN, dashed=True, label="truncation, by theory"),
        Line(x="h", y="rounding", color=colors.PURPLE, dashed=True, label="rounding, at most"),
        Dots(x="h", y="error", color=colors.FORWARD, size=3, label="measured"),
        Dots(
            x="h_now", y="error_now", color=colors.BACKWARD, symbol="square", size=6, label="this h"
        ),
    ),
)


class StepSizeExplorer(Explorer):
    """Step, precision and kind of difference, and the error of the slope that comes out."""

    name = "step_size"
    title = "The V: a step too large, a step too small"
    summary = (
        "Left: around a point, the curve of the exponential function, its tangent, and the secant "
        "over a step of h = 1, which is far too steep. Right: the relative error of the forward "
        "difference over h on logarithmic axes; it falls with h down to about 1e-8, then rises "
        "again as a cloud of dots under the line of the largest rounding error."
    )
    controls = (
        Slider("h", "step size h", STEPS, START, lambda h: in_powers(h, 1)),
        Choice("difference", "difference", DIFFERENCES, "forward"),
        Choice("precision", "precision", PRECISIONS, "float64"),
        Choice("function", "function", {key: f.label for key, f in FUNCTIONS.items()}, "exp"),
    )
    panes = (ZOOM, V)
    depends = {
        **dict.fromkeys(("places", "h"), ()),
        "changes": ("h", "precision", "function"),
        "h_now": ("h",),
        **dict.fromkeys(("error", "truncation"), ("difference", "precision", "function")),
        "rounding": ("difference", "precision", "function"),
        "truncation": ("difference", "function"),
    }
    question = Question(
        text=(
            "You make h smaller and smaller, from 1 down to 10⁻¹⁵, in float64 with the forward "
            "difference. The error of the slope will:"
        ),
        options=(
            "fall all the way: a smaller step is a better step",
            "fall to about 10⁻¹⁶, the precision, and stay there",
            "fall to about 10⁻⁸, then rise again",
        ),
        answer=2,
        explanation=(
            "It falls to about 10⁻⁸, then rises again. f(x + h) and f(x) agree in ever more "
            "digits; what is left of their difference is rounding error, and dividing by a small "
            "h magnifies it. The best step is near the square root of the precision."
        ),
    )
    target = Target(
        text="Reach the bottom of the V: a relative error below 10⁻¹⁰, for eˣ or for the sigmoid.",
        explanation=(
            "It takes float64 and the central difference: its truncation error falls with h², so "
            "that h may stay as large as 10⁻⁵, where rounding does little harm. The forward "
            "difference gets to about 10⁻⁸, float32 to about 10⁻⁵, and by luck a little below."
        ),
    )

    def look(self, h: float, difference: str, precision: str, function: str) -> Step:
        """Return the slope that comes out, and its error, measured and by theory."""
        ends, slope = measure(h, difference, precision, function)
        options = (difference, precision, function)
        return Step(h, *options, ends, slope, error(slope, function), *theory(h, *options))

    def compute(self, look: Step) -> Arrays:
        """Return the magnified neighborhood, the secant, and the error for every step."""
        h, options = look.h, (look.difference, look.precision, look.function)
        ends_x, ends_y = magnified(look.ends, h, look.precision, look.function)
        along = np.array([-3.0, 3.0])
        slopes = [measure(step, *options)[1] for step in STEPS]
        truncation, rounding = theory(np.array(STEPS), *options)
        return {
            "places": MAGNIFIED,
            "changes": neighborhood(h, look.precision, look.function),
            **{"ends_x": ends_x, "ends_y": ends_y},
            "secant_x": ends_x.mean() + along,
            "secant_y": ends_y.mean() + look.slope / FUNCTIONS[look.function].slope * along,
            "h": np.array(STEPS),
            "error": np.array([error(slope, look.function) for slope in slopes]),
            **{"truncation": truncation, "rounding": rounding},
            "h_now": np.array([h]),
            "error_now": np.array([look.error]),
        }

    def describe(self, look: Step) -> str:
        """Tell the slope, its error, and which part of the error theory expects."""
        h, known = in_powers(look.h, 1), FUNCTIONS[look.function]
        if np.isnan(look.slope):
            return f"h = {h} is too small: in float32 x + h rounds to x itself."
        told = "0" if look.error == SMALLEST else in_powers(look.error)
        start = f"h = {h}: slope {look.slope:.8f} instead of {known.slope:.8f}, "
        if np.isnan(known.bends[0]):
            return f"{start}relative error {told}. Its kink is 0.02 away; elsewhere it is straight."
        truncation, rounding = in_powers(float(look.truncation)), in_powers(float(look.rounding))
        return (
            f"{start}relative error {told}. By theory {truncation} comes from truncation and at "
            f"most {rounding} from rounding."
        )

    def reached(self, look: Step) -> bool:
        """Return whether the error is small and there is a V at all."""
        return look.function != "relu" and look.error < WANTED


class Step(NamedTuple):
    """A slope by a small step, and its relative error."""

    h: float
    difference: str
    precision: str
    function: str
    ends: np.ndarray  # of the secant, (2 coordinates, 2 ends)
    slope: float
    error: float
    truncation: float  # by theory
    rounding: float  # by theory, at most
