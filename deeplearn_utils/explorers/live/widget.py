"""A panel inside JupyterLab: each move of a control is computed by the kernel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from ..parts.frame import Frame
from .output import told

STATIC = Path(__file__).resolve().parents[1] / "static"
MODULE = "\nexport default globalThis.deeplearnExplorers.widget;\n"


class PanelWidget(anywidget.AnyWidget):
    """The live side of a panel.

    The browser sends the numbers of the controls' stops and gets the arrays back as one buffer, or
    what went wrong, in words: every question is answered. The browser leaves few questions open and
    then waits, keeping only its newest setting: moves never queue up.
    """

    _esm = (STATIC / "explorers.js").read_text(encoding="utf-8") + MODULE
    _css = (STATIC / "explorers.css").read_text(encoding="utf-8")
    declaration = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        declaration: dict[str, Any],
        answer: Callable[[dict[str, int]], Frame],
        warm: Callable[[], None],
    ) -> None:
        """Wire the browser's messages to the function that answers them."""
        super().__init__(declaration=declaration)
        self._compute, self._warm = answer, warm
        self._warmed = False
        self.on_msg(self._answer)

    def _answer(self, _: Any, question: dict[str, Any], __: list[memoryview]) -> None:
        """Compute the frame that the browser asks for and send it, or the error."""
        number = question["number"]
        try:
            frame = self._compute(question["stops"])
            layout, buffer = flatten(frame)
        except BaseException as error:  # the reader may stop the kernel, and nothing else may
            self.log.exception("A panel could not be computed.")
            self.send({"number": number, "error": told(error)})
            return
        answer = {"number": number, "text": frame.text, "reached": frame.reached}
        self.send({**answer, "layout": layout}, [buffer])
        if not self._warmed:
            self._warmed = True
            threading.Thread(target=self._compute_ahead, daemon=True).start()

    def _compute_ahead(self) -> None:
        """Warm the panel; if that fails, its moves are slower and nothing else happens."""
        try:
            self._warm()
        except BaseException:
            self.log.exception("A panel could not be computed ahead.")

    def view(self) -> dict[str, Any]:
        """Return the part of a notebook output that a front end turns into the live panel."""
        return self._repr_mimebundle_()[0]

    def close(self) -> None:
        """Close the widget and its layout: nobody sees them any more."""
        if self.comm is not None:
            self.layout.close()
        super().close()


def flatten(frame: Frame) -> tuple[list[tuple[str, list[int]]], bytes]:
    """Return the names and shapes of a frame's arrays, and their float32 values in one buffer."""
    layout = [(name, list(array.shape)) for name, array in frame.arrays.items()]
    values = [np.asarray(array, dtype="<f4").tobytes() for array in frame.arrays.values()]
    return layout, b"".join(values)
