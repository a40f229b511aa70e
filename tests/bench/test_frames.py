"""How well pictures follow a moving slider, on the page and in JupyterLab.

The rate is told as a part of what a bare page of the same browser repaints in the same run; the
script time is what a picture takes from the browser's own work, its goal for a slow machine.
"""

import statistics

import nbformat
import pytest
from playwright.sync_api import Page, sync_playwright

from deeplearn_utils.explorers import EXPLORERS
from tests.bench import goals
from tests.browser.lab import add_mark, jupyterlab, run_all_cells
from tests.browser.panels import Panel, write_page
from tools.find_browser import browser_or_advice

UNLIMITED = ("--no-sandbox", "--disable-frame-rate-limit", "--disable-gpu-vsync")
LEAST_PART = {"page": 0.9, "lab": 0.5}
MOST_SCRIPT = 8_000  # microseconds
WHERE = {"page": "page, no kernel", "lab": "JupyterLab, kernel"}

# Adds up the time of what runs before each repaint. The script must stand before the panels' own.
CLOCK = """() => {
    const ask = window.requestAnimationFrame.bind(window);
    window.scripted = 0;
    window.requestAnimationFrame = draw => ask(now => {
        const started = performance.now();
        draw(now);
        window.scripted += performance.now() - started;
    });
}"""

# Repaints a bare page for a while; gives the repaints of a second.
BARE = """() => new Promise(done => {
    const started = performance.now();
    let count = 0;
    const again = now => {
        document.body.style.outlineWidth = `${count % 2}px`;
        count += 1;
        if (now - started > 1000) return done(count / (now - started) * 1000);
        requestAnimationFrame(again);
    };
    requestAnimationFrame(again);
})"""

# Moves a slider to and fro, one stop at each refresh; gives the pictures drawn in a second, and the
# microseconds of script that each took: moving the slider, unpacking or asking, drawing.
MOVE = """panel => new Promise(done => {
    const slider = panel.querySelector("input[type=range]");
    const host = panel.closest(".dl-explorer");
    const first = Number(host.dataset.frames), started = performance.now();
    window.scripted = 0;
    let step = 1;
    const move = now => {
        const passed = now - started, frames = Number(host.dataset.frames) - first;
        if (passed > 2000 && frames > 0) {
            return done([frames / passed * 1000, window.scripted / frames * 1000]);
        }
        if (slider.value === slider.max) step = -1;
        if (slider.value === slider.min) step = 1;
        slider.value = Number(slider.value) + step;
        slider.dispatchEvent(new Event("input"));
        requestAnimationFrame(move);
    };
    requestAnimationFrame(move);
})"""


@pytest.fixture(scope="module")
def browser():
    path, advice = browser_or_advice()
    if path is None:
        pytest.skip(advice)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=UNLIMITED)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """The panels on a static page."""
    path = write_page(tmp_path_factory.mktemp("page"), *EXPLORERS.values())
    page = clocked_page(browser)
    page.goto(path.as_uri())
    return page


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """The panels in JupyterLab, each with its kernel."""
    folder = tmp_path_factory.mktemp("lab")
    names = ", ".join(explorer.__name__ for explorer in EXPLORERS.values())
    cells = [f"from deeplearn_utils.explorers import {names}"]
    cells += [f"{explorer.__name__}()" for explorer in EXPLORERS.values()]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    add_mark(notebook)
    nbformat.write(notebook, folder / "panels.ipynb")
    with jupyterlab(folder) as address:
        page = clocked_page(browser)
        page.goto(f"{address}/lab/tree/panels.ipynb?reset")
        run_all_cells(page)
        yield page


@pytest.fixture(scope="module")
def bare(browser):
    """A page with nothing on it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_content("<!doctype html><title>Bare</title><body>")
    return page


def clocked_page(browser) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(f"({CLOCK})()")
    return page


@pytest.mark.parametrize("where", ["page", "lab"])
@pytest.mark.parametrize("name", EXPLORERS)
def test_pictures_follow_a_slider(request, table, bare, where, name):
    page = request.getfixturevalue(where)
    page.bring_to_front()
    panel = Panel(page, EXPLORERS[name])
    panel.unlock()
    panel.box.evaluate(MOVE)  # the first visits compute what later ones look up
    rounds = []
    for _ in range(3):
        bare.bring_to_front()
        possible = bare.evaluate(BARE)
        page.bring_to_front()
        rate, script = panel.box.evaluate(MOVE)
        rounds.append((rate / possible, script, rate))
    part, script, rate = (statistics.median(column) for column in zip(*rounds, strict=True))
    goals.part(f"{name}: pictures, {WHERE[where]}", part, LEAST_PART[where])
    goals.within(f"{name}: script of a picture, {WHERE[where]}", script, MOST_SCRIPT)
    table(
        "Slider panels: pictures that follow a moving slider",
        ("panel", "where", "pictures a second", "of the bare page's", "script of one (ms)"),
        *(name, WHERE[where], f"{rate:.0f}", f"{part:.2f}", f"{script / 1000:.1f}"),
    )
