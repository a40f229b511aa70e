"""The kernel's side of a panel: what the browser asks and what it gets."""

import threading

import numpy as np
import pytest

from deeplearn_utils.explorers import EXPLORERS
from deeplearn_utils.explorers.live.widget import PanelWidget
from tests.explorers.gallery import GalleryExplorer


class Recorder(PanelWidget):
    """A widget that keeps what it would send."""

    def __init__(self, explorer):
        super().__init__(explorer.declaration, explorer.answer, explorer.warm)
        self.sent = []

    def send(self, content, buffers=None):
        self.sent.append((content, buffers))


def ask(widget, number, **stops):
    """Ask as the browser does, and return the answer with its arrays."""
    widget._answer(widget, {"number": number, "stops": stops}, [])
    content, (buffer,) = widget.sent.pop()
    arrays, offset = {}, 0
    for name, shape in content["layout"]:
        size = int(np.prod(shape))
        arrays[name] = np.frombuffer(buffer, "<f4", size, offset).reshape(shape)
        offset += 4 * size
    assert offset == len(buffer)
    return content, arrays


@pytest.mark.parametrize("panel", [*EXPLORERS.values(), GalleryExplorer])
def test_the_answer_is_the_frame(panel):
    explorer = panel()
    widget = Recorder(explorer)
    stops = {control.name: len(control.stops) - 1 for control in explorer.controls}
    content, arrays = ask(widget, 7, **stops)
    frame = explorer.frame(**{c.name: c.stops[-1] for c in explorer.controls})
    assert content["number"] == 7
    assert content["text"] == frame.text
    assert content["reached"] == frame.reached
    assert list(arrays) == list(frame.arrays)
    for name, array in frame.arrays.items():
        np.testing.assert_array_equal(arrays[name], array.astype("float32"))


def test_the_panel_warms_once_after_the_first_answer():
    warmed = threading.Event()
    explorer = GalleryExplorer()
    calls = []
    explorer.warm = lambda: (calls.append(1), warmed.set())
    widget = Recorder(explorer)
    assert not calls
    for number in (1, 2):
        ask(widget, number, size=0, kind=0)
    assert warmed.wait(10)
    assert calls == [1]


def test_the_widget_carries_the_declaration_and_no_arrays():
    widget = Recorder(GalleryExplorer())
    state = widget.get_state()
    assert state["declaration"]["title"] == "Every kind of mark"
    assert set(state["declaration"]) == {
        *("name", "title", "summary", "controls", "panes", "question", "target", "themes")
    }
