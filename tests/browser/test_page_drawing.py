"""A digit drawn on the page, network off: the integers of Python, by mouse, keyboard and touch."""

import shutil
from importlib.resources import files

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from deeplearn_utils import explorers
from deeplearn_utils.edge import integer
from deeplearn_utils.explorers import DrawingExplorer
from deeplearn_utils.explorers.edge.reader import ROUNDINGS
from tests.browser.drawn import number_of, read_image, read_panes
from tests.browser.panels import Panel, write_page
from tools.javascript import LITERT

THREE = (
    *((0.25, 0.1), (0.6, 0.06), (0.7, 0.25), (0.45, 0.45)),
    *((0.7, 0.65), (0.6, 0.9), (0.25, 0.92)),
)
"""Corners of a stroke, as parts of the pad."""


@pytest.fixture(scope="module")
def model():
    return integer.read((files(explorers) / "edge" / "reader.tflite").read_bytes()).core()


@pytest.fixture
def place(tmp_path):
    """A page with this panel and nothing else, from ``file://``: the network is off there."""
    return write_page(tmp_path, DrawingExplorer).as_uri()


@pytest.fixture
def panel(open_page, place):
    return Panel(open_page(place), DrawingExplorer)


def pad(box: Locator) -> Locator:
    return box.get_by_role("grid", name="Drawing, 8 by 8 pixels")


def pixels(box: Locator) -> np.ndarray:
    """Return what is on the pad as a screen reader tells it, shape (8, 8)."""
    rows = [row.get_by_role("gridcell").all() for row in pad(box).get_by_role("row").all()]
    names = [[cell.get_attribute("aria-label") for cell in row] for row in rows]
    for i, row in enumerate(names, 1):
        for j, name in enumerate(row, 1):
            assert name.startswith(f"row {i}, column {j}: ")
    return np.array([[int(name.split(" ")[-3]) for name in row] for row in names])


def outputs(panel: Panel) -> list[int]:
    """Return the ten integers that stand at the bars."""
    panel.picture()
    (_, pane) = read_panes(panel.box)
    numbers = next(mark for mark in pane["marks"] if mark["kind"] == "number")
    return [int(number_of(text)) for *_, text in numbers["texts"]]


def clear(panel: Panel) -> None:
    before = panel.picture()
    panel.box.get_by_role("button", name="Clear").click()
    panel.wait_for_change(before)
    assert not pixels(panel.box).any()


def assert_read_as_in_python(panel: Panel, model: integer.IntegerModel) -> None:
    """Compare picture, integers and text in both roundings with Python's for the same pixels."""
    drawn = pixels(panel.box)
    image = np.float32(drawn.reshape(1, 8, 8, 1) / 16)
    expected = {name: model.predict(image, rounding=name)[0] for name in ROUNDINGS}
    (choice,) = panel.choices()
    for option, integers in enumerate(expected.values()):
        choice.select_option(index=option)
        assert outputs(panel) == integers.tolist()
        assert panel.says().startswith(f"Read as {integers.argmax()}. ")
        moved = np.flatnonzero(expected["float"] != expected["double"])
        told = f"other integers for {', '.join(map(str, moved))}." if len(moved) else "same ten"
        assert told in panel.says()
        np.testing.assert_array_equal(pixels(panel.box), drawn)
    url = read_panes(panel.box)[0]["marks"][0]["images"][0]
    shade = read_image(panel.box, url)[::-1, :, 0]
    assert (np.diff(shade.ravel()[drawn.ravel().argsort()].astype(int)) <= 0).all()


def test_a_digit_drawn_by_mouse(panel, model):
    clear(panel)
    frame, mouse, before = pad(panel.box).bounding_box(), panel.page.mouse, panel.picture()
    points = [(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in THREE]
    mouse.move(*points[0])
    mouse.down()
    for point in points[1:]:
        mouse.move(*point, steps=5)
    mouse.up()
    panel.wait_for_change(before)
    assert np.count_nonzero(pixels(panel.box)) > 12
    assert_read_as_in_python(panel, model)
    assert panel.says().startswith("Read as 3. ")


def test_a_digit_drawn_by_keyboard(panel, model):
    clear(panel)
    keyboard = panel.page.keyboard
    pad(panel.box).get_by_role("gridcell").first.focus()
    top = panel.page.evaluate("scrollY")
    for key in ("ArrowRight", "ArrowRight", "ArrowRight"):
        keyboard.press(key)
    for _ in range(7):
        for key in (" ", " ", " ", " ", "ArrowDown"):
            keyboard.press(key)
    keyboard.press(" ")
    keyboard.press("ArrowRight")
    keyboard.press(" ")
    keyboard.press("Backspace")
    expected = np.zeros((8, 8), int)
    expected[:7, 3], expected[7, 3] = 16, 4
    np.testing.assert_array_equal(pixels(panel.box), expected)
    current = panel.page.locator(":focus")
    expect(current).to_have_attribute("aria-label", "row 8, column 5: 0 of 16")
    expect(current).to_have_css("outline-style", "solid")
    assert panel.page.evaluate("scrollY") == top
    assert_read_as_in_python(panel, model)


def test_a_finger_draws_and_does_not_scroll(panel, model):
    clear(panel)
    pad(panel.box).scroll_into_view_if_needed()
    frame, before, top = (
        pad(panel.box).bounding_box(),
        panel.picture(),
        panel.page.evaluate("scrollY"),
    )
    session = panel.page.context.new_cdp_session(panel.page)
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + 0.1 * frame["height"]
    for kind, part in (("Start", 0.0), ("Move", 0.4), ("Move", 0.75)):
        points = [{"x": x, "y": y + part * frame["height"]}]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    panel.wait_for_change(before)
    assert (pixels(panel.box)[1:7, 3:5] > 0).all()
    assert panel.page.evaluate("scrollY") == top
    assert_read_as_in_python(panel, model)


def test_every_test_digit_is_read_as_python_reads_it(panel):
    (slider,), (choice,) = panel.sliders(), panel.choices()
    says = panel.box.locator(".dl-says")
    explorer = DrawingExplorer()
    for option, rounding in enumerate(ROUNDINGS):
        choice.select_option(index=option)
        slider.press("Home")
        for example in explorer.controls[0].stops:
            frame = explorer.frame(example=example, rounding=rounding)
            expect(says).to_have_text(frame.text)
            assert outputs(panel) == frame.arrays["integers"].tolist()
            slider.press("ArrowRight")


def test_the_test_digit_comes_back_after_a_drawing(panel):
    first, start = panel.picture(), pixels(panel.box)
    for name in ("Load the test digit", "Reset"):
        clear(panel)
        before = panel.picture()
        panel.box.get_by_role("button", name=name).click()
        panel.wait_for_change(before)
        assert panel.picture() == first
    clear(panel)
    panel.press(panel.sliders()[0], "ArrowRight")
    panel.press(panel.sliders()[0], "ArrowLeft")
    np.testing.assert_array_equal(pixels(panel.box), start)


LOAD = "Load LiteRT.js (13 MB)"


def expect_litert(panel: Panel, integers: np.ndarray, *, stored: bool) -> None:
    """Wait until LiteRT.js gives these integers, which our engine and Python give too."""
    listed = ", ".join(map(str, integers)).replace("-", "−")
    same = "all ten the same."
    rest = f" As Python stored them for this digit: {same}" if stored else ""
    expect(panel.box.locator(".dl-peer")).to_have_text(
        f'LiteRT.js: {listed}. As this page\'s engine with the rounding "float": {same}{rest}'
    )


def test_litert_in_the_page_gives_the_integers_of_python(panel, model, tmp_path):
    if not LITERT.exists():
        pytest.skip("LiteRT.js is not in build/litert: `make book` fetches it where npm is there")
    shutil.copy(LITERT, tmp_path)
    panel.box.get_by_role("button", name=LOAD).click()
    (slider,) = panel.sliders()
    slider.press("Home")
    explorer = DrawingExplorer()
    for example in explorer.controls[0].stops:
        frame = explorer.frame(example=example, rounding="float")
        expect_litert(panel, frame.arrays["integers"].astype(int), stored=True)
        slider.press("ArrowRight")
    expect(panel.box.get_by_role("button", name=LOAD)).to_have_count(0)

    clear(panel)
    cells = pad(panel.box).get_by_role("gridcell")
    for number in (19, 27, 35, 44):
        cells.nth(number).focus()
        for _ in range(number % 4 + 1):
            panel.page.keyboard.press(" ")
        drawn = np.float32(pixels(panel.box).reshape(1, 8, 8, 1) / 16)
        expect_litert(panel, model.predict(drawn, rounding="float")[0], stored=False)


def test_a_site_without_litert_says_so(chromium, place):
    page = chromium.new_page()
    page.goto(place)
    panel = Panel(page, DrawingExplorer)
    panel.box.get_by_role("button", name=LOAD).click()
    expect(panel.box.locator(".dl-peer")).to_contain_text("not in this copy of the site")
    expect(panel.box.get_by_role("button", name=LOAD)).to_be_enabled()
    page.close()


def test_a_damaged_network_is_told_and_the_panel_lives_on(open_page, tmp_path, place):
    data = tmp_path / "explorers" / "drawing.js"
    data.write_text(data.read_text().replace("deeplearn-int8-1", "another"))
    box = open_page(place).get_by_role("group", name=DrawingExplorer.title, exact=True)
    expect(box.get_by_role("alert")).to_have_text(
        "The drawing could not be read. Error: this is no 8-bit model of this engine"
    )
    box.get_by_role("button", name="Clear").click()
    assert not pixels(box).any()
