"""The kernel's side of a panel: what the browser asks and what it gets."""

import asyncio
import logging
import threading

import numpy as np
import pytest

from deeplearn_utils.explorers import EXPLORERS
from deeplearn_utils.explorers.live.output import told
from deeplearn_utils.explorers.live.widget import PanelWidget
from tests.explorers.gallery import GalleryExplorer


class Recorder(PanelWidget):
    """A widget that keeps what it would send."""

    def __init__(self, explorer):
        super().__init__(explorer.declaration, explorer.answer, explorer.warm)
        self.sent = []

    def send(self, content, buffers=None):
        self.sent.append((content, buffers))


def ask(widget, number, /, **stops):
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
    assert warmed.wait(120)
    assert calls == [1]


class Untold(Exception):
    """An error whose text fails, too."""

    def __str__(self):
        return 1 / 0


ERRORS = [
    (ValueError("`h` must be\n positive"), "ValueError: `h` must be positive"),
    (FloatingPointError(), "FloatingPointError"),
    (MemoryError("no room"), "MemoryError: no room"),
    (KeyboardInterrupt(), "KeyboardInterrupt"),
    (SystemExit(3), "SystemExit: 3"),
    (asyncio.CancelledError(), "CancelledError"),
    (Untold(), "Untold: its text can't be told"),
    (ValueError("o" * 10**6), f"ValueError: {'o' * 988} ..."),
]
"""What may go wrong, and the words that the browser shows."""

STEPS = ("look", "compute", "describe", "reached")


def failing(error):
    """Return a method that raises."""

    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("error", "words"), ERRORS, ids=lambda x: str(x)[:9] if isinstance(x, str) else type(x).__name__
)
def test_every_question_is_answered_whatever_goes_wrong(monkeypatch, caplog, step, error, words):
    widget = Recorder(GalleryExplorer())
    with monkeypatch.context() as broken:
        broken.setattr(GalleryExplorer, step, failing(error))
        for number in range(5):
            widget._answer(widget, {"number": number, "stops": {"size": 0, "kind": 0}}, [])
    assert widget.sent == [({"number": number, "error": words}, None) for number in range(5)]
    assert caplog.records[0].exc_info[1] is error
    widget.sent.clear()
    content, _ = ask(widget, 6, size=0, kind=0)
    assert content["text"] == GalleryExplorer().frame(size=0.0, kind="plain").text


def test_half_a_character_of_an_error_is_not_sent():
    assert told(ValueError("half \ud800")) == "ValueError: half ?"


@pytest.mark.parametrize("stops", [{}, {"size": 3, "kind": 0}, {"size": "x", "kind": 0}, None])
def test_a_question_that_makes_no_sense_is_answered_too(stops):
    widget = Recorder(GalleryExplorer())
    widget._answer(widget, {"number": 1, "stops": stops}, [])
    ((content, buffers),) = widget.sent
    assert set(content) == {"number", "error"}
    assert buffers is None


def test_an_array_that_cannot_be_sent_is_an_error_like_others(monkeypatch):
    monkeypatch.setattr(GalleryExplorer, "compute", lambda self, look: {"x": np.array(["a"])})
    widget = Recorder(GalleryExplorer())
    widget._answer(widget, {"number": 1, "stops": {"size": 0, "kind": 0}}, [])
    words = "ValueError: could not convert string to float: np.str_('a')"
    assert widget.sent == [({"number": 1, "error": words}, None)]


def test_a_panel_that_cannot_be_warmed_lives_on():
    logged, errors = threading.Event(), []
    handler = logging.Handler()
    handler.emit = lambda record: (errors.append(record.exc_info[1]), logged.set())
    explorer = GalleryExplorer()
    explorer.warm = failing(ValueError("too warm"))
    widget = Recorder(explorer)
    widget.log.addHandler(handler)
    ask(widget, 1, size=0, kind=0)
    assert logged.wait(60)
    widget.log.removeHandler(handler)
    assert [str(error) for error in errors] == ["too warm"]
    ask(widget, 2, size=1, kind=0)


def test_a_closed_widget_leaves_nothing(monkeypatch):
    widget = Recorder(GalleryExplorer())
    layout = widget.layout
    widget.close()
    widget.close()
    assert widget.comm is layout.comm is None


def test_the_widget_carries_the_declaration_and_no_arrays():
    widget = Recorder(GalleryExplorer())
    state = widget.get_state()
    assert state["declaration"]["title"] == "Every kind of mark"
    assert set(state["declaration"]) == {
        *("name", "title", "summary", "controls", "panes", "question", "target", "themes")
    }
