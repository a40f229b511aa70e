"""The slider panels on the built page, from file:// with the network off."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from deeplearn_utils.explorers import EXPLORERS
from tests.browser.panels import Panel, move_everything, write_page
from tests.explorers.gallery import GalleryExplorer

CHAPTER = "chapters/01_networks.html"
NAMES = ("neuron", "decision_boundary")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = 390


@pytest.fixture
def chapter(open_page, site):
    """A function that opens the chapter's page."""
    return lambda **options: open_page((site / CHAPTER).as_uri(), **options)


@pytest.mark.parametrize("name", NAMES)
def test_every_control_moves_the_picture(chapter, name):
    move_everything(Panel(chapter(), EXPLORERS[name]))


@pytest.mark.parametrize("name", NAMES)
def test_the_page_says_what_python_says(chapter, name):
    explorer = EXPLORERS[name]()
    panel = Panel(chapter(), EXPLORERS[name])
    panel.unlock()
    says = panel.box.locator(".dl-says")
    expect(says).to_have_text(explorer.frame().text)
    panel.press(panel.sliders()[0], "ArrowRight")
    slider = explorer.controls[0]
    stop = slider.stops[slider.stops.index(slider.start) + 1]
    expect(says).to_have_text(explorer.frame(**{slider.name: stop}).text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dark", [False, True])
def test_no_barrier_before_and_after_the_question(chapter, name, dark):
    panel = Panel(chapter(dark=dark), EXPLORERS[name])
    options = {"runOnly": {"type": "tag", "values": WCAG}, "preload": False}
    for _ in range(2):
        found = Axe().run(panel.page, ".dl-explorer", options=options).response["violations"]
        assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []
        panel.unlock()


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_fits_a_phone(chapter, name):
    panel = Panel(chapter(width=PHONE), EXPLORERS[name])
    for canvas in panel.box.locator(".dl-canvas svg").all():
        frame = canvas.bounding_box()
        assert frame["x"] >= 0
        assert frame["x"] + frame["width"] <= PHONE
    assert panel.page.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_values_are_read_out(chapter):
    panel = Panel(chapter(), EXPLORERS["neuron"])
    slider = panel.box.get_by_role("slider", name="weight w₁")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "\N{MINUS SIGN}3.0")
    expect(panel.box.locator("output").first).to_have_text("\N{MINUS SIGN}3.0")
    assert panel.box.locator("[aria-live=polite].dl-says").count() == 1


def test_the_controls_wait_for_a_prediction_and_the_answer_is_explained(chapter):
    explorer = EXPLORERS["decision_boundary"]
    panel = Panel(chapter(), explorer)
    for control in [*panel.sliders(), *panel.choices()]:
        expect(control).to_be_disabled()
    panel.unlock()
    panel.box.get_by_role("button", name="Show the answer").click()
    expect(panel.box.get_by_text(explorer.question.explanation)).to_be_visible()


def test_the_target_is_announced_when_it_is_reached(chapter):
    panel = Panel(chapter(), EXPLORERS["neuron"])
    status = panel.box.locator(".dl-state")
    expect(status).to_have_text("Not reached yet.")
    for label, presses in (("weight w₁", -1), ("weight w₂", 3), ("bias b", -2)):
        slider = panel.box.get_by_role("slider", name=label)
        for _ in range(abs(presses)):
            panel.press(slider, "ArrowRight" if presses > 0 else "ArrowLeft")
    expect(status).to_contain_text("Reached")


def test_the_picture_follows_the_theme(chapter):
    panel = Panel(chapter(), EXPLORERS["neuron"])
    before = panel.picture()
    panel.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    panel.wait_for_change(before)


def test_without_scripts_the_reader_sees_the_first_picture(site, chromium):
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((site / CHAPTER).as_uri())
    for name in NAMES:
        picture = page.get_by_role("img", name=EXPLORERS[name].summary)
        expect(picture).to_have_js_property("complete", True)
        expect(picture).to_be_visible()
    context.close()


def test_every_kind_of_mark_is_drawn(open_page, tmp_path):
    panel = Panel(open_page(write_page(tmp_path, GalleryExplorer()).as_uri()), GalleryExplorer)
    assert panel.box.locator(".dl-canvas svg").count() == len(GalleryExplorer.panes)
    left, middle, right = panel.box.locator(".dl-canvas svg").all()
    assert left.locator("path").count() > 10
    assert left.get_by_text("a word").is_visible()
    assert middle.locator("image").count() == 1
    assert right.get_by_text("three").is_visible()
    move_everything(panel)
