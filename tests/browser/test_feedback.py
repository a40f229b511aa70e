"""What students and instructors open: readable by everybody, on any screen, in light and dark."""

import pytest
from playwright.sync_api import expect

from deeplearn_utils.grading.reporting.feedback import feedback
from deeplearn_utils.grading.reporting.gradebook import gradebook
from tests.browser.test_page import PHONE, WCAG, barriers
from tests.grading.reporting.results import TASKS, record, results

FIRST, *_, LAST = TASKS
LONG = "x" * 300
EVIL = "</title><script>document.title = 'ran'</script><img src='https://evil.example/x.png'>"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A student's page with everything in it, and the overview of a class."""
    folder = tmp_path_factory.mktemp("graded")
    told = record(f"Ann {EVIL}", [FIRST, LAST], text=f"{EVIL}\n{LONG}", late=True, attempt=2)
    told["notes"] = [LONG]
    graded = results(folder / "r", told, record("bob"), record("cem", [LAST]))
    words = "student,task,points,comment\nbob,dead-or-saturated,1,see me\n"
    (folder / "m.csv").write_text(words)
    gradebook([graded], folder / "g", manual=folder / "m.csv", per_day=10)
    student, *_ = feedback(folder / "g", folder / "pages", book="https://book.example")
    return {"feedback": student, "overview": folder / "g" / "overview.html"}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["feedback", "overview"])
def test_it_has_no_barrier_runs_nothing_and_fits_a_phone(pages, open_page, name, dark):
    page = open_page(pages[name].as_uri(), dark=dark, width=PHONE, strict=True)
    for answer in page.locator("summary").all():
        answer.click()
    assert barriers(page, {"type": "tag", "values": WCAG}) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    assert page.title() != "ran"
    assert page.locator("script").count() == 0
    light, darkest = 255, 80
    red = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
    assert int(red) < darkest if dark else int(red) == light


def test_a_pages_policy_stops_what_gets_into_it(pages, chromium, tmp_path):
    text = pages["feedback"].read_text(encoding="utf-8")
    into = "<script>document.title = 'ran'</script><p style='color: red' id='styled'>x</p><main>"
    spoiled = tmp_path / "spoiled.html"
    spoiled.write_text(text.replace("<main>", into), encoding="utf-8")
    context = chromium.new_context(offline=True)
    try:
        page = context.new_page()
        page.goto(spoiled.as_uri())
        expect(page).not_to_have_title("ran")
        color = "getComputedStyle(document.getElementById('styled')).color"
        assert page.evaluate(color) != "rgb(255, 0, 0)"
        assert page.locator("main").evaluate("e => getComputedStyle(e.parentElement).maxWidth") != (
            "none"
        )
    finally:
        context.close()
