"""The one kind of slider panel: controls, one pure look, and a picture declared as marks."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ..checks import choice
from .parts.controls import Control
from .parts.frame import Arrays, Frame, Question, Target, Values
from .parts.marks import Pane
from .parts.themes import THEMES

MIME = "application/vnd.deeplearn.panel+json"
"""The part of a notebook output that names the panel; the page finds the panel's place by it."""


class Explorer(ABC):
    """A slider panel. A subclass fills in the class attributes and the methods below.

    `look` works out all facts of one setting, once; `compute`, `describe` and `reached` read them.

    Attributes
    ----------
    name, title : str
        The panel's key in `EXPLORERS` and what stands above it.
    summary : str
        What the first picture shows, for readers who do not see it.
    controls : tuple of Slider and Choice
    panes : tuple of Pane
    depends : dict of str to tuple of str
        For an array that does not depend on every control: the controls that it depends on.
        The page keeps one copy of the array for each of their settings.
    question, target : Question or Target, optional
        At least one of them.

    Examples
    --------
    >>> from deeplearn_utils.explorers.parts.controls import Slider, even_stops
    >>> from deeplearn_utils.explorers.parts.marks import Axis, Line, Pane
    >>> class ParabolaExplorer(Explorer):
    ...     name, title = "parabola", "A parabola"
    ...     summary = "The parabola a x squared, opening upwards."
    ...     controls = (Slider("a", "steepness a", even_stops(-1, 1, 0.5), 1.0),)
    ...     x, y = Axis(label="x", domain=(-1, 1)), Axis(label="y", domain=(-1, 1))
    ...     panes = (Pane(title="y = a x²", x=x, y=y, marks=(Line(x="x", y="y"),)),)
    ...     depends = {"x": ()}
    ...     question = Question("For a < 0 it opens", ("up", "down"), 1, "Down.")
    ...
    ...     def look(self, a):
    ...         return {"a": a, "x": np.linspace(-1, 1, 5)}
    ...
    ...     def compute(self, look):
    ...         return {"x": look["x"], "y": look["a"] * look["x"] ** 2}
    ...
    ...     def describe(self, look):
    ...         return f"At x = 1 the height is {look['a']:.1f}."
    >>> ParabolaExplorer().frame(a=-0.5).text
    'At x = 1 the height is -0.5.'
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    controls: ClassVar[tuple[Control, ...]]
    panes: ClassVar[tuple[Pane, ...]]
    depends: ClassVar[dict[str, tuple[str, ...]]] = {}
    question: ClassVar[Question | None] = None
    target: ClassVar[Target | None] = None

    @abstractmethod
    def look(self, **values: Any) -> Any:
        """Return the facts at one setting: a pure function of the controls' values."""

    @abstractmethod
    def compute(self, look: Any) -> Arrays:
        """Return the arrays of the picture, and no other."""

    @abstractmethod
    def describe(self, look: Any) -> str:
        """Return a sentence or two: what the picture shows now."""

    def reached(self, look: Any) -> bool:
        """Return whether the target is reached."""
        return False

    def warm(self) -> None:
        """Compute ahead what would make the first moves slow; called once, in the background."""

    @property
    def start(self) -> Values:
        """The values on which the panel opens."""
        return {control.name: control.start for control in self.controls}

    def frame(self, **values: Any) -> Frame:
        """Return what the panel shows at `values`; controls left out stand at their start."""
        values = self.start | values
        for control in self.controls:
            choice(control.name, values[control.name], control.stops)
        look = self.look(**values)
        arrays = {name: np.asarray(array) for name, array in self.compute(look).items()}
        return Frame(arrays, str(self.describe(look)), bool(self.reached(look)))

    def settings(self, names: Sequence[str] | None = None) -> Iterator[Values]:
        """Yield every combination of stops of the named controls, the last one moving fastest."""
        controls = [c for c in self.controls if names is None or c.name in names]
        for stops in itertools.product(*(control.stops for control in controls)):
            yield {control.name: stop for control, stop in zip(controls, stops, strict=True)}

    def dependence(self, array: str) -> tuple[str, ...]:
        """Return the names of the controls that `array` depends on, in the panel's order."""
        every = tuple(control.name for control in self.controls)
        return tuple(name for name in every if name in self.depends.get(array, every))

    @cached_property
    def declaration(self) -> dict[str, Any]:
        """The panel without its arrays, as JSON for the browser."""
        return {
            "name": self.name,
            "title": self.title,
            "summary": self.summary,
            "controls": [_control(control) for control in self.controls],
            "panes": [pane.declaration() | {"depends": self._depends(pane)} for pane in self.panes],
            "question": self.question and asdict(self.question),
            "target": self.target and asdict(self.target),
            "themes": THEMES,
        }

    def _depends(self, pane: Pane) -> list[str]:
        """Return the controls whose moves change the pane."""
        return sorted({name for array in pane.arrays() for name in self.dependence(array)})

    def __repr__(self) -> str:
        """Return the stable text that stands in the notebook for the panel."""
        labels = ", ".join(control.label for control in self.controls)
        return f"{type(self).__name__}: {self.title}. Run this cell to move its controls: {labels}."

    def answer(self, stops: dict[str, int]) -> Frame:
        """Return the frame at the controls' stops, each told by its number."""
        return self.frame(**{c.name: c.stops[stops[c.name]] for c in self.controls})

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live panel and, for readers without a kernel, the first picture."""
        from .live.output import output

        return output(repr(self), self._entry, self._picture, self._view)

    def _entry(self) -> dict[str, Any]:
        return {MIME: {"name": self.name}}

    def _picture(self) -> dict[str, Any]:
        from .live.picture import first_picture

        return {"image/png": first_picture(self.panes, self.frame().arrays)}

    def _view(self) -> dict[str, Any]:
        from .live.shown import keep
        from .live.widget import PanelWidget

        widget = PanelWidget(self.declaration, self.answer, self.warm)
        keep(widget)
        return widget.view()


def _control(control: Control) -> dict[str, Any]:
    """Return a control as JSON; the browser knows its stops by their number."""
    return {
        "kind": control.kind,
        "name": control.name,
        "label": control.label,
        "readouts": control.readouts,
        "start": control.stops.index(control.start),
    }
