"""The slider panels without a kernel: on the chapters' pages and on a bare one, network off."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deeplearn_utils.explorers import (
    EXPLORERS,
    DecisionBoundaryExplorer,
    GradientNormsExplorer,
    NeuronExplorer,
)
from tests.browser.chapters import CHAPTERS
from tests.browser.panels import (
    CLIPPED_BY_ITSELF,
    Panel,
    controls_stay_in_view,
    move_everything,
    write_page,
)
from tests.explorers.gallery import GalleryExplorer

WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "preload": False,  # from file:// the style sheets can't be asked for again
    "resultTypes": ["violations"],  # nobody reads the description of what is right
}
# axe describes the whole page before it looks at a part: takes away what holds no panel.
ALONE = """() => document.querySelectorAll(
    "article *:not(:has(.dl-explorer), .dl-explorer, .dl-explorer *)"
).forEach(node => node.remove())"""
PHONE = 390
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def open_chapter(open_page, site):
    """A function that opens a chapter's page."""
    return lambda chapter, **options: open_page(address(site, chapter), **options)


def address(site: Path, chapter: str) -> str:
    """Return where a chapter's page lies."""
    return (site / "chapters" / f"{chapter}.html").as_uri()


@pytest.fixture
def bare(open_page, tmp_path, site):
    """A function that opens a page with one panel and nothing else."""

    def open_(explorer):
        page = write_page(tmp_path, explorer, site=site)
        return Panel(open_page(page.as_uri()), explorer)

    return open_


def test_every_panel_stands_in_a_chapter_where_it_is_tried():
    shown = [panel for panels in CHAPTERS.values() for panel in panels]
    assert sorted(panel.name for panel in shown) == sorted(EXPLORERS)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_control_of_a_chapter_moves_its_picture(open_chapter, chapter):
    page = open_chapter(chapter)
    for explorer in CHAPTERS[chapter]:
        panel = Panel(page, explorer)
        move_everything(panel)
        controls_stay_in_view(panel)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_barrier_before_and_after_the_question(open_chapter, chapter):
    page = open_chapter(chapter)
    panels = [Panel(page, explorer) for explorer in CHAPTERS[chapter]]
    page.evaluate(ALONE)
    assert barriers(page) == []
    turn(page, panels, "dark")
    assert barriers(page) == [], "in the dark"
    for panel in panels:
        panel.unlock()
    assert barriers(page) == [], "after the question, in the dark"
    turn(page, panels, "light")
    assert barriers(page) == [], "after the question"


def turn(page: Page, panels: list[Panel], theme: str) -> None:
    """Change the reader's colors, and wait until every panel is drawn in them."""
    before = [panel.picture() for panel in panels]
    page.emulate_media(color_scheme=theme)
    for panel, picture in zip(panels, before, strict=True):
        panel.wait_for_change(picture)


def barriers(page: Page) -> list[tuple[str, list[str]]]:
    """Return what would stop a reader with a screen reader or weak eyes."""
    found = Axe().run(page, ".dl-explorer", options=WCAG).response["violations"]
    return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_pictures_fit_a_phone(open_chapter, chapter):
    page = open_chapter(chapter, width=PHONE)
    for explorer in CHAPTERS[chapter]:
        for picture in Panel(page, explorer).box.locator(".dl-canvas svg").all():
            frame = picture.bounding_box()
            assert frame["x"] >= 0
            assert frame["x"] + frame["width"] <= PHONE
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_without_scripts_the_reader_sees_the_first_picture(site, chromium, chapter):
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(address(site, chapter))
    for explorer in CHAPTERS[chapter]:
        picture = page.get_by_role("img", name=explorer.summary)
        expect(picture).to_have_js_property("complete", True)
        expect(picture).to_be_visible()
    context.close()


@pytest.mark.parametrize("explorer", EXPLORERS.values())
def test_the_page_says_what_python_says(bare, explorer):
    panel = bare(explorer)
    panel.unlock()
    says = panel.box.locator("[aria-live=polite].dl-says")
    expect(says).to_have_text(explorer().frame().text)
    slider = next(control for control in explorer.controls if control.kind == "slider")
    key, stop = ("Home", slider.stops[0])
    if slider.start == stop:
        key, stop = ("End", slider.stops[-1])
    panel.press(panel.sliders()[0], key)
    expect(says).to_have_text(explorer().frame(**{slider.name: stop}).text)


def test_values_are_read_out(bare):
    panel = bare(NeuronExplorer)
    slider = panel.box.get_by_role("slider", name="weight w₁")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", f"{MINUS}3.0")
    expect(panel.box.locator("output").first).to_have_text(f"{MINUS}3.0")


def test_the_controls_wait_for_a_prediction_and_the_answer_is_explained(bare):
    panel = bare(DecisionBoundaryExplorer)
    for control in [*panel.sliders(), *panel.choices()]:
        expect(control).to_be_disabled()
    panel.unlock()
    panel.box.get_by_role("button", name="Show the answer").click()
    explanation = DecisionBoundaryExplorer.question.explanation
    expect(panel.box.get_by_text(explanation)).to_be_visible()


def test_the_target_is_announced_when_it_is_reached(bare):
    panel = bare(NeuronExplorer)
    status = panel.box.locator("[role=status].dl-state")
    expect(status).to_have_text("Not reached yet.")
    for label, presses in (("weight w₁", -1), ("weight w₂", 3), ("bias b", -2)):
        slider = panel.box.get_by_role("slider", name=label)
        for _ in range(abs(presses)):
            panel.press(slider, "ArrowRight" if presses > 0 else "ArrowLeft")
    expect(status).to_contain_text("Reached")


def test_the_picture_follows_the_theme(bare):
    panel = bare(NeuronExplorer)
    before = panel.picture()
    panel.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    panel.wait_for_change(before)


def test_logarithmic_axes_have_ticks_at_powers_of_ten(bare):
    panel = bare(GradientNormsExplorer)
    backward, forward = panel.box.locator(".dl-canvas svg").all()
    for power in ("10³", "1", "10⁻⁶", "10⁻¹⁵"):
        expect(backward.get_by_text(power, exact=True)).to_be_visible()
    expect(forward.get_by_text("10⁻³", exact=True)).to_be_visible()


def test_every_kind_of_mark_is_drawn(bare):
    panel = bare(GalleryExplorer)
    left, middle, right = panel.box.locator(".dl-canvas svg").all()
    assert left.locator("path").count() > 10
    assert left.get_by_text("a word").is_visible()
    assert middle.locator("image").count() == 1
    assert middle.get_by_text("last").is_visible()
    assert left.get_by_text("0.00", exact=True).is_visible()
    assert left.get_by_text("\N{MINUS SIGN}1.00", exact=True).is_visible()
    assert right.locator("text").count() == 0  # no axes
    assert right.bounding_box()["width"] > left.bounding_box()["width"]  # a wide pane
    move_everything(panel)


# Places on a page: several of one panel, later ones, and those whose data is not there.

PLACE = '<div class="dl-explorer" data-explorer="gallery"></div>'
DAMAGED = (
    "The data of this panel (explorers/gallery.js) is missing or damaged. "
    "The picture stays; its controls can't be moved here."
)


@pytest.fixture
def gallery(tmp_path):
    """A bare page with the gallery."""
    return write_page(tmp_path, GalleryExplorer)


def test_a_panel_twice_on_a_page_moves_by_itself(open_page, gallery):
    gallery.write_text(gallery.read_text().replace(PLACE, 2 * PLACE))
    page = open_page(gallery.as_uri())
    boxes = page.get_by_role("group", name=GalleryExplorer.title, exact=True)
    expect(boxes).to_have_count(2)
    first, second = (Panel(page, GalleryExplorer, nth) for nth in range(2))
    first.unlock()
    expect(second.sliders()[0]).to_be_disabled()
    before = second.picture()
    move_everything(first)
    assert second.picture() == before
    assert page.evaluate(CLIPPED_BY_ITSELF)


def test_a_place_that_comes_after_its_data_is_mounted(open_page, gallery):
    page = open_page(gallery.as_uri())
    Panel(page, GalleryExplorer)
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', '<p>{PLACE}</p>')")
    move_everything(Panel(page, GalleryExplorer, 1))


def test_a_place_that_was_hidden_is_mounted_when_it_shows(open_page, gallery):
    hidden = f"<details><summary>More</summary>{PLACE}</details>"
    gallery.write_text(gallery.read_text().replace(PLACE, hidden))
    page = open_page(gallery.as_uri())
    page.get_by_text("More").click()
    move_everything(Panel(page, GalleryExplorer))


def remove(data: Path) -> None:
    data.unlink()


def cut(data: Path) -> None:
    data.write_text(data.read_text()[:2000])


def spoil(data: Path) -> None:
    data.write_text(data.read_text().replace('"data":"eN', '"data":"AAAA'))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("damage", [remove, cut, spoil])
def test_a_panel_without_its_data_says_so_beside_its_picture(chromium, gallery, damage, dark):
    damage(gallery.parent / "explorers" / "gallery.js")
    still = '<div class="dl-picture">the first picture</div>'
    gallery.write_text(
        gallery.read_text()
        .replace('lang="en"', f'lang="en" data-theme="{"dark" if dark else "light"}"')
        .replace(PLACE, 2 * PLACE.replace("></", f">{still}</"))
    )
    page = chromium.new_page(color_scheme="dark" if dark else "light")
    page.goto(gallery.as_uri())
    expect(page.get_by_role("alert")).to_have_text([DAMAGED, DAMAGED])
    expect(page.get_by_text("the first picture").first).to_be_visible()
    assert barriers(page) == []
    page.close()
