"""How many pictures a second follow a moving slider, on the page and in JupyterLab.

The browser runs without its limit of one frame for each refresh of the screen.
"""

import statistics

import nbformat
import pytest
from playwright.sync_api import sync_playwright

from deeplearn_utils.explorers import EXPLORERS
from tests.browser.lab import add_mark, jupyterlab, run_all_cells
from tests.browser.panels import Panel, write_page
from tools.find_browser import browser_or_advice

UNLIMITED = ("--no-sandbox", "--disable-frame-rate-limit", "--disable-gpu-vsync")
LEAST = {"page": 60, "lab": 30}
WHERE = {"page": "page, no kernel", "lab": "JupyterLab, kernel"}

# Moves a slider to and fro, one stop at each refresh; gives the pictures drawn in a second.
MOVE = """panel => new Promise(done => {
    const slider = panel.querySelector("input[type=range]");
    const host = panel.closest(".dl-explorer");
    const first = Number(host.dataset.frames), started = performance.now();
    let step = 1;
    const move = now => {
        if (now - started > 2000) {
            return done((Number(host.dataset.frames) - first) / (now - started) * 1000);
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
    page = browser.new_page(viewport={"width": 1280, "height": 900})
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
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/lab/tree/panels.ipynb?reset")
        run_all_cells(page)
        page.wait_for_timeout(15_000)  # until all panels have computed ahead, in the background
        yield page


@pytest.mark.parametrize("where", ["page", "lab"])
@pytest.mark.parametrize("name", EXPLORERS)
def test_pictures_a_second(request, table, where, name):
    panel = Panel(request.getfixturevalue(where), EXPLORERS[name])
    panel.unlock()
    panel.box.evaluate(MOVE)  # the first visits compute what later ones look up
    rate = statistics.median(panel.box.evaluate(MOVE) for _ in range(3))
    table(
        "Slider panels: pictures that follow a moving slider",
        ("panel", "where", "pictures a second", "wanted"),
        *(name, WHERE[where], f"{rate:.0f}", LEAST[where]),
    )
    assert rate >= LEAST[where]
