"""The first picture shows by its numbers what the browser is given to draw."""

import numpy as np
import pytest

from deeplearn_utils.explorers import EXPLORERS
from deeplearn_utils.explorers.live.picture import LIGHT
from deeplearn_utils.explorers.parts import marks
from deeplearn_utils.explorers.parts.numbers import fixed
from tests.explorers.drawn import drawn_numbers
from tests.explorers.gallery import GalleryExplorer

PANELS = {**EXPLORERS, "gallery": GalleryExplorer}
PANES = [(name, i) for name, panel in PANELS.items() for i in range(len(panel.panes))]


@pytest.fixture(scope="module", params=PANES, ids=lambda place: f"{place[0]}-{place[1]}")
def drawn(request):
    """A pane, the arrays that the browser is given, and the numbers of the picture."""
    name, i = request.param
    pane, arrays = PANELS[name].panes[i], PANELS[name]().frame().arrays
    return pane, arrays, drawn_numbers(pane, arrays)


def values(arrays, channel):
    return arrays[channel] if isinstance(channel, str) else channel


def points(arrays, *channels):
    """Return rows of numbers, one for each point, without those that have a gap."""
    columns = np.broadcast_arrays(*(np.ravel(values(arrays, channel)) for channel in channels))
    table = np.transpose(columns).astype(float)
    return table[np.isfinite(table).all(axis=1)].tolist()


def curves(mark, arrays):
    """Return x and y of each row of a matrix."""
    x, y = np.broadcast_arrays(values(arrays, mark.x), values(arrays, mark.y))
    return [np.stack(row).astype(float) for row in zip(*np.atleast_2d(x, y), strict=True)]


def dots(mark, arrays):
    if mark.where is None:
        return points(arrays, mark.x, mark.y)
    return [row[:2] for row in points(arrays, mark.x, mark.y, mark.where) if row[2] > 0.5]


def corners(mark, arrays):
    rows = [row[:, np.isfinite(row).all(axis=0)] for row in curves(mark, arrays)]
    return [row.tolist() for row in rows if row.size]


def bars(mark, arrays):
    rows = points(arrays, mark.left, mark.right, mark.height)
    return [[left, right, mark.base, height] for left, right, height in rows]


def numbers(mark, arrays):
    rows = points(arrays, mark.x, mark.y, mark.value)
    return [[x, y, fixed(value, mark.digits)] for x, y, value in rows]


GIVEN = {
    marks.Line: lambda mark, arrays: [row.tolist() for row in curves(mark, arrays)],
    marks.Dots: dots,
    marks.Area: lambda mark, arrays: points(arrays, mark.x, mark.low, mark.high),
    marks.Band: lambda mark, arrays: points(arrays, mark.low, mark.high),
    marks.Polygon: corners,
    marks.Rule: lambda mark, arrays: points(arrays, mark.at),
    marks.Bars: bars,
    marks.Arrow: lambda mark, arrays: points(arrays, *(getattr(mark, c) for c in mark.channels)),
    marks.Raster: lambda mark, arrays: arrays[mark.values].tolist(),
    marks.Contours: lambda mark, arrays: [list(mark.levels)],
    marks.Text: lambda mark, arrays: [[mark.x, mark.y, mark.text]],
    marks.Number: numbers,
}
"""What the browser is given for each kind of mark, as rows of numbers."""


def test_every_mark_is_drawn_at_its_numbers(drawn):
    pane, arrays, picture = drawn
    assert len(picture["marks"]) == len(pane.marks)
    for mark, shown in zip(pane.marks, picture["marks"], strict=True):
        rows, expected = shown["rows"], GIVEN[type(mark)](mark, arrays)
        assert shown["kind"] == mark.declaration()["kind"]
        assert len(rows) == len(expected), mark
        for row, other in zip(rows, expected, strict=True):
            numbers = [np.asarray(r[:-1] if isinstance(r[-1], str) else r) for r in (row, other)]
            np.testing.assert_allclose(*numbers, atol=1e-12, err_msg=str(mark))
            assert not isinstance(other[-1], str) or row[-1] == other[-1]


def test_the_axes_have_the_domains_and_ticks_of_the_declaration(drawn):
    pane, arrays, picture = drawn
    for axis, shown in ((pane.x, picture["x"]), (pane.y, picture["y"])):
        low, high = (float(end) for end in values(arrays, axis.domain))
        assert shown["domain"] == [low, high]
        if axis.ticks:
            assert list(zip(shown["ticks"], shown["texts"], strict=True)) == list(axis.ticks)
        assert all(low <= tick <= high for tick in shown["ticks"])
        assert 2 <= len(shown["ticks"]) <= 12 or axis.ticks
        assert len(set(shown["texts"])) == len(shown["ticks"])


def test_the_legend_names_each_labelled_mark_once_as_it_looks(drawn):
    pane, _, picture = drawn
    expected = [
        {
            "label": mark.label,
            "color": LIGHT[mark.color].lower(),
            "symbol": getattr(mark, "symbol", "line" if hasattr(mark, "width") else "box"),
            "dashed": getattr(mark, "dashed", False),
        }
        for mark in pane.marks
        if mark.label
    ]
    assert picture["legend"] == expected
    assert len({entry["label"] for entry in expected}) == len(expected)
