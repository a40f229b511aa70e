"""The first picture and the browser's picture show the same numbers."""

import numpy as np
import pytest

from deeplearn_utils.explorers import EXPLORERS
from deeplearn_utils.explorers.parts.themes import THEMES
from tests.browser.drawn import Places, number_of, read_image, read_panes, shapes
from tests.browser.panels import Panel, write_page
from tests.browser.watching import watching
from tests.explorers.drawn import drawn_numbers
from tests.explorers.gallery import GalleryExplorer

PANELS = [*EXPLORERS.values(), GalleryExplorer]
LOOKS = ("label", "color", "dashed")
PIXEL = 0.3  # a page's arrays are packed in 16 bits, and a path is written with some decimals


@pytest.fixture(scope="module", params=PANELS)
def drawn(request, chromium, tmp_path_factory, site):
    """A panel's panes, each with matplotlib's numbers and the browser's."""
    place = write_page(tmp_path_factory.mktemp("panel"), request.param, site=site)
    arrays = request.param().frame().arrays
    with watching(chromium) as open_page:
        box = Panel(open_page(place.as_uri()), request.param).box
        shown = zip(request.param.panes, read_panes(box), strict=True)
        yield box, arrays, [(pane, drawn_numbers(pane, arrays), found) for pane, found in shown]


def test_the_browser_draws_the_numbers_of_the_first_picture(drawn):
    box, arrays, panes = drawn
    for pane, picture, found in panes:
        assert found["title"] == pane.title
        domains = [picture["x"]["domain"], picture["y"]["domain"]]
        places = Places(found["frame"], pane.x, pane.y, domains)
        assert [mark["kind"] for mark in found["marks"]] == [
            mark["kind"] for mark in picture["marks"]
        ]
        for mark, theirs, ours in zip(pane.marks, picture["marks"], found["marks"], strict=True):
            told = f"{pane.title}: {mark}"
            if theirs["kind"] == "raster":
                (url,) = ours["images"]
                colors = ramp(mark, np.array(theirs["rows"]))
                np.testing.assert_allclose(read_image(box, url), colors, atol=1.5, err_msg=told)
            elif theirs["kind"] == "contours":
                assert_on_levels(ours, mark, arrays[mark.values], found["frame"])
            else:
                expected = PIXELS[theirs["kind"]](theirs["rows"], places, mark)
                shown = READ[theirs["kind"]](ours, mark)
                assert_same(shown, expected, told)


def test_ticks_stand_at_their_numbers_and_the_legend_names_the_marks(drawn):
    named = shapes()
    for pane, picture, found in drawn[2]:
        domains = [picture["x"]["domain"], picture["y"]["domain"]]
        places = Places(found["frame"], pane.x, pane.y, domains)
        for i, (name, axis) in enumerate((("x", pane.x), ("y", pane.y))):
            ticks = found[name]
            assert bool(ticks) == pane.axes
            texts = [text for *_, text in ticks]
            if axis.ticks and pane.axes:
                assert texts == picture[name]["texts"]
            numbers = picture[name]["ticks"] if axis.ticks else [number_of(t) for t in texts]
            at = [tick[i] for tick in ticks]
            if pane.axes:
                np.testing.assert_allclose(at, places(name, numbers), atol=PIXEL)
        legend = [
            {"symbol": named[entry["shape"]], **{key: entry[key] for key in LOOKS}}
            for entry in found["legend"]
        ]
        assert legend == picture["legend"]


def assert_same(shown, expected, told):
    assert len(shown) == len(expected), told
    for one, other in zip(shown, expected, strict=True):
        numbers = [[part for part in row if not isinstance(part, str)] for row in (one, other)]
        np.testing.assert_allclose(*numbers, atol=PIXEL, rtol=1e-3, err_msg=told)
        texts = [[part for part in row if isinstance(part, str)] for row in (one, other)]
        assert texts[0] == texts[1], told


def ramp(mark, values):
    """Return the colors of values, as numbers from 0 to 255."""
    names = [THEMES["light"][color] for color in mark.colors]
    steps = np.array([[int(name[i : i + 2], 16) for i in (1, 3, 5)] for name in names])
    low, high = mark.domain
    part = np.clip((values - low) / (high - low), 0, 1)
    return np.stack(
        [np.interp(part, np.linspace(0, 1, len(steps)), channel) for channel in steps.T], axis=-1
    )


def assert_on_levels(ours, mark, values, frame):
    """Every point of a level line stands where the matrix has one of the levels."""
    rows, columns = values.shape
    left, top, width, height = frame
    points = pairs_of(ours)
    assert bool(points) == any(values.min() < level < values.max() for level in mark.levels)
    for x, y in points:
        column = np.clip((x - left) / width * columns - 0.5, 0, columns - 1)
        row = np.clip((top + height - y) / height * rows - 0.5, 0, rows - 1)
        i, j = min(int(row), rows - 2), min(int(column), columns - 2)
        corners = values[i : i + 2, j : j + 2]
        between = np.array([1 - (row - i), row - i]) @ corners @ [1 - (column - j), column - j]
        slack = 0.02 * np.ptp(corners) + 1e-3 * np.ptp(values)
        assert min(abs(between - level) for level in mark.levels) <= slack


def pairs_of(ours):
    """Return the points of all paths, one after another."""
    numbers = [number for path in ours["paths"] for part in path for number in part]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def finite(rows):
    return [tuple(row) for row in rows if np.isfinite(row).all()]


def curves(rows, places, mark):
    pixels = [zip(places("x", x), places("y", y), strict=True) for x, y in rows]
    return finite(point for row in pixels for point in row)


def points(rows, places, mark):
    return [(*places("x", row[:1]), *places("y", row[1:2]), *row[2:]) for row in rows]


def areas(rows, places, mark):
    return sorted(
        (*places("x", [x]), y) for x, *ends in rows for y in places("y", [ends[0], ends[-1]])
    )


def bands(rows, places, mark):
    return [tuple(sorted(places(mark.axis, row))) for row in rows]


def read_bands(ours, mark):
    return [
        (x, x + width) if mark.axis == "x" else (y, y + height)
        for x, y, width, height in ours["boxes"]
    ]


PIXELS = {
    "line": curves,
    "polygon": curves,
    "dots": points,
    "area": areas,
    "band": bands,
    "rule": lambda rows, places, mark: [tuple(places(mark.axis, row)) for row in rows],
    "bars": lambda rows, places, mark: [
        (*places("x", [left, right]), *sorted(places("y", ends), reverse=True))
        for left, right, *ends in rows
    ],
    "arrow": lambda rows, places, mark: [
        (*places("x", [x]), *places("y", [y]), *places("x", [x_end]), *places("y", [y_end]))
        for x, y, x_end, y_end in rows
    ],
    "text": points,
    "number": points,
}
"""matplotlib's rows of each kind of mark, where they stand on the screen."""

READ = {
    "line": lambda ours, mark: pairs_of(ours),
    "polygon": lambda ours, mark: pairs_of(ours),
    "dots": lambda ours, mark: ours["dots"],
    "area": lambda ours, mark: sorted(pairs_of(ours)),
    "band": read_bands,
    "rule": lambda ours, mark: [(line[mark.axis == "y"],) for line in ours["lines"]],
    "bars": lambda ours, mark: [
        (x - 0.5, x + width + 0.5, y + height, y) for x, y, width, height in ours["boxes"]
    ],
    "arrow": lambda ours, mark: [(*path[0][:2], *path[0][2:4]) for path in ours["paths"]],
    "text": lambda ours, mark: ours["texts"],
    "number": lambda ours, mark: ours["texts"],
}
"""The same out of what the browser drew."""
