"""A slider panel as a reader handles it, on the page or in JupyterLab."""

import shutil
from functools import cache
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from deeplearn_utils.explorers import Explorer
from deeplearn_utils.explorers.page import packing

# A clip path is numbered; the number says nothing about the picture.
PICTURE = """panel => [...panel.querySelectorAll(".dl-canvas svg")]
    .map(svg => svg.outerHTML.replaceAll(/clip-dl-[0-9]+/g, "")).join("")"""
STILL = """panel => panel.closest(".dl-explorer").dataset.state === "still" """
CHANGED = f"([panel, before]) => ({STILL})(panel) && ({PICTURE})(panel) !== before"


CLIPPED_BY_ITSELF = """() => [...document.querySelectorAll(".dl-canvas [clip-path]")].every(
    part => part.ownerSVGElement.contains(
        document.getElementById(part.getAttribute("clip-path").slice(5, -1))))"""


# The controls at whose middle something else lies: a header, a picture.
COVERED = """panel => {
    const controls = panel.querySelector(".dl-controls");
    return [...controls.querySelectorAll("input, select, button")].filter(control => {
        const { x, y, width, height } = control.getBoundingClientRect();
        const top = document.elementFromPoint(x + width / 2, y + height / 2);
        return control.checkVisibility() && !controls.contains(top);
    }).map(control => control.outerHTML);
}"""


class Panel:
    """One panel, drawn and with its controls open."""

    def __init__(self, page: Page, explorer: type[Explorer], nth: int = 0) -> None:
        """Scroll to the panel: a page loads it only when the reader comes near."""
        self.page = page
        place = page.locator(f":light([data-explorer={explorer.name}])")
        if place.count():
            place.nth(nth).scroll_into_view_if_needed()
        places = page.locator(":light(.dl-explorer)")
        self.box = places.get_by_role("group", name=explorer.title, exact=True).nth(nth)
        self.box.wait_for(state="attached")
        self.box.scroll_into_view_if_needed()
        self.box.locator(".dl-canvas svg").first.wait_for()

    def unlock(self) -> None:
        """Commit to the first prediction, if the panel asks for one."""
        commit = self.box.get_by_role("button", name="That is my prediction")
        if commit.count():
            self.box.get_by_role("radio").first.check()
            commit.click()
        expect(self.sliders()[0]).to_be_enabled()

    def picture(self) -> str:
        """Return what is drawn, once it is the picture of the controls."""
        self.page.wait_for_function(STILL, arg=self.box.element_handle())
        return self.box.evaluate(PICTURE)

    def says(self) -> str:
        """Return the line that says what the picture shows."""
        return self.box.locator(".dl-says").inner_text()

    def sliders(self) -> list[Locator]:
        """Return the panel's sliders."""
        return self.box.get_by_role("slider").all()

    def choices(self) -> list[Locator]:
        """Return the panel's lists."""
        return self.box.get_by_role("combobox").all()

    def wait_for_change(self, before: str) -> None:
        """Wait until the controls' picture is drawn and another one than `before`."""
        panel = self.box.element_handle()
        self.page.wait_for_function(CHANGED, arg=[panel, before])

    def press(self, slider: Locator, key: str) -> None:
        """Press a key on a slider; the picture follows."""
        before, value = self.picture(), slider.input_value()
        slider.focus()
        slider.press(key)
        expect(slider).not_to_have_value(value)
        self.wait_for_change(before)

    def drag(self, slider: Locator, part: float) -> None:
        """Press the mouse on a slider and drag the thumb to a part of its width."""
        slider.scroll_into_view_if_needed()
        before, value, frame = self.picture(), slider.input_value(), slider.bounding_box()
        middle = frame["y"] + frame["height"] / 2
        self.page.mouse.move(frame["x"] + frame["width"] / 2, middle)
        self.page.mouse.down()
        self.page.mouse.move(frame["x"] + frame["width"] * part, middle, steps=5)
        self.page.mouse.up()
        expect(slider).not_to_have_value(value)
        self.wait_for_change(before)

    def choose(self, choice: Locator, option: int) -> None:
        """Pick an option of a list; the picture follows."""
        before = self.picture()
        choice.select_option(index=option)
        self.wait_for_change(before)

    def reset(self) -> None:
        """Press the button that puts the controls back."""
        self.box.get_by_role("button", name="Reset").click()


def move_everything(panel: Panel) -> None:
    """Move each control by keyboard and each slider by mouse; then reset, and see it as before."""
    panel.unlock()
    first, says = panel.picture(), panel.says()
    for slider in panel.sliders():
        leftmost = slider.input_value() == slider.get_attribute("min")
        panel.press(slider, "ArrowRight" if leftmost else "ArrowLeft")
        panel.press(slider, "End")
        panel.drag(slider, 0.15)
    for choice in panel.choices():
        panel.choose(choice, 0 if choice.evaluate("list => list.selectedIndex") else 1)
    before = panel.picture()
    panel.reset()
    panel.wait_for_change(before)
    expect(panel.box.locator(".dl-says")).to_have_text(says)
    assert panel.picture() == first


def controls_stay_in_view(panel: Panel) -> None:
    """Scroll through a panel's pictures on a small laptop: each control can always be clicked."""
    before = panel.page.viewport_size
    panel.page.set_viewport_size({"width": 1280, "height": 720})
    for picture in panel.box.locator(".dl-canvas").all():
        for block in ("start", "center", "end"):
            picture.evaluate("(node, block) => node.scrollIntoView({ block })", block)
            expect(panel.box.locator(".dl-controls")).to_be_in_viewport(ratio=0.99)
            assert panel.box.evaluate(COVERED) == []
    panel.page.set_viewport_size(before)


@cache
def script(explorer: type[Explorer]) -> str:
    """Return a panel's data; computing them takes seconds."""
    return packing.script(explorer())


def write_page(folder: Path, *explorers: type[Explorer], site: Path | None = None) -> Path:
    """Write a bare page with panels, as Sphinx does it but without the book around them.

    A built `site` has the data of its panels already.
    """
    static = Path(packing.__file__).parents[1] / "static"
    (folder / "explorers").mkdir()
    for name in ("explorers.js", "explorers.css"):
        shutil.copy(static / name, folder)
    for explorer in explorers:
        built = site and site / "_static" / "explorers" / f"{explorer.name}.js"
        data = folder / "explorers" / f"{explorer.name}.js"
        data.write_text(built.read_text() if built and built.exists() else script(explorer))
    places = [f'<div class="dl-explorer" data-explorer="{e.name}"></div>' for e in explorers]
    page = folder / "index.html"
    page.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Panels</title>'
        '<link rel="stylesheet" href="explorers.css"><script defer src="explorers.js"></script>'
        f"<body><main>{''.join(places)}</main>",
        encoding="utf-8",
    )
    return page
