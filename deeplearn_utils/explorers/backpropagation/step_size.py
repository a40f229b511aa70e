"""The slope by a small step: how wrong it comes out, against the step and the precision."""

from __future__ import annotations

import numpy as np

from deeplearn_utils import colors

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target, Values
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

    def compute(self, h: float, difference: str, precision: str, function: str) -> Arrays:
        """Return the magnified neighborhood, the secant, and the error for every step."""
        ends, slope = measure(h, difference, precision, function)
        ends_x, ends_y = magnified(ends, h, precision, function)
        along = np.array([-3.0, 3.0])
        truncation, rounding = theory(np.array(STEPS), difference, precision, function)
        return {
            "places": MAGNIFIED,
            "changes": neighborhood(h, precision, function),
            **{"ends_x": ends_x, "ends_y": ends_y},
            "secant_x": ends_x.mean() + along,
            "secant_y": ends_y.mean() + slope / FUNCTIONS[function].slope * along,
            "h": np.array(STEPS),
            "error": np.array([error(s, difference, precision, function) for s in STEPS]),
            **{"truncation": truncation, "rounding": rounding},
            "h_now": np.array([h]),
            "error_now": np.array([error(h, difference, precision, function)]),
        }

    def describe(self, values: Values, arrays: Arrays) -> str:
        """Tell the slope, its error, and which part of the error theory expects."""
        h, known = values["h"], FUNCTIONS[values["function"]]
        _, slope = measure(**values)
        if np.isnan(slope):
            return f"h = {in_powers(h, 1)} is too small: in float32 x + h rounds to x itself."
        wrong = float(arrays["error_now"][0])
        told = "0" if wrong == SMALLEST else in_powers(wrong)
        start = f"h = {in_powers(h, 1)}: slope {slope:.8f} instead of {known.slope:.8f}, "
        if np.isnan(known.bends[0]):
            return f"{start}relative error {told}. Its kink is 0.02 away; elsewhere it is straight."
        truncation, rounding = theory(h, *list(values.values())[1:])
        return (
            f"{start}relative error {told}. By theory {in_powers(float(truncation))} comes from "
            f"truncation and at most {in_powers(float(rounding))} from rounding."
        )

    def reached(self, values: Values, arrays: Arrays) -> bool:
        """Return whether the error is small and there is a V at all."""
        return values["function"] != "relu" and bool(arrays["error_now"][0] < WANTED)
