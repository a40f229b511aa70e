"""A page on paper: nothing is cut, the navigation stays out, and the reader chooses the answers."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watching import watching

PAGES = ["chapters/02_backpropagation", "chapters/04_regularization", "book/notation"]
PAPER = {"width": 680, "height": 1016}  # A4 at 96 dots an inch, without the margins of book.css
FOLDED = ".admonition.dropdown"
CUT = """({ width, height }) => {
    const shown = [...document.querySelectorAll(".bd-article *")].filter(
        e => e.checkVisibility() && !e.matches("mjx-math *"));
    const wide = e => e.getBoundingClientRect().right > width + 1;
    const scrolls = e => getComputedStyle(e).overflow !== "visible" && e.clientWidth > 0
        && (e.scrollWidth > e.clientWidth + 1 || e.clientHeight > height);
    const high = e => e.matches("figure, img, svg, tr, .cell_input, mjx-container")
        && e.getBoundingClientRect().height > height;
    const name = e => `<${e.tagName} class="${e.getAttribute("class")}"> ${e.textContent}`;
    return shown.filter(e => wide(e) || scrolls(e) || high(e)).map(e => name(e).slice(0, 120));
}"""


def for_print(page: Page) -> Page:
    """Show a page as it is laid out on paper."""
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    return page


@pytest.fixture(scope="module", params=PAGES)
def on_paper(request, chromium, site):
    with watching(chromium) as open_page:
        yield for_print(open_page((site / f"{request.param}.html").as_uri()))


@pytest.fixture
def chapter(open_page, site) -> Page:
    return open_page((site / "chapters/04_regularization.html").as_uri())


def test_nothing_is_cut(on_paper):
    assert on_paper.evaluate(CUT, PAPER) == []
    assert on_paper.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]


def test_the_navigation_stays_out(on_paper):
    around = "header, nav, .bd-sidebar, .bd-header-article, .prev-next-footer, .bd-footer"
    shown = on_paper.locator(around).locator("visible=true")
    kept = "#jb-print-toc, #jb-print-toc nav"
    assert [
        e.inner_text() for e in shown.all() if not e.evaluate(f"e => e.matches('{kept}')")
    ] == []
    expect(on_paper.locator("h1:visible")).to_have_count(1)


def test_with_everything_open_nothing_is_cut(on_paper):
    folded = (
        "() => document.querySelectorAll('.toggle-hidden .toggle-button').forEach(b => b.click())"
    )
    on_paper.evaluate(folded)
    assert on_paper.evaluate(CUT, PAPER) == []


def test_what_is_open_is_printed_and_nothing_else_of_the_answers(chapter):
    chapter.locator(f"{FOLDED} .toggle-button").first.click()
    chapter.evaluate("""() => window.addEventListener("beforeprint", () => {
        window.on_paper = document.querySelectorAll(".toggle:not(.toggle-hidden)").length;
    })""")
    chapter.pdf()
    assert chapter.evaluate("window.on_paper") == 1
    for_print(chapter)
    expect(chapter.locator(FOLDED).first).to_be_visible()
    assert chapter.locator(f"{FOLDED} >> visible=true").count() == 1


def test_a_reader_may_print_all_answers(chapter):
    count = chapter.locator(FOLDED).count()
    chapter.evaluate("""() => {
        window.print = () => {
            window.dispatchEvent(new Event("beforeprint"));
            window.on_paper = document.querySelectorAll(".toggle:not(.toggle-hidden)").length;
            window.dispatchEvent(new Event("afterprint"));
        };
    }""")
    chapter.get_by_role("button", name="Download this page").click()
    chapter.get_by_role("button", name=".pdf with answers").click()
    assert chapter.evaluate("window.on_paper") >= count > 0
    expect(chapter.locator(f"{FOLDED}:not(.toggle-hidden)")).to_have_count(0)


def test_a_page_without_answers_offers_none(open_page, site):
    page = open_page((site / "book/notation.html").as_uri())
    page.get_by_role("button", name="Download this page").click()
    expect(page.get_by_role("button", name=".pdf", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=".pdf with answers")).to_have_count(0)


def test_paper_is_light_and_the_page_is_dark_again(open_page, site):
    page = open_page((site / "book/notation.html").as_uri(), dark=True)
    page.evaluate("""() => {
        window.printed = [];
        const note = () => window.printed.push(document.documentElement.dataset.theme);
        window.addEventListener("beforeprint", note);
    }""")
    assert page.pdf().startswith(b"%PDF")
    assert page.evaluate("window.printed") == ["light"]
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_panel_is_printed_as_its_picture_without_controls(chapter):
    place = chapter.locator(".dl-explorer").first
    place.scroll_into_view_if_needed()
    expect(place.locator("input[type=range]").first).to_be_visible()
    for_print(chapter)
    expect(place.locator(".dl-controls")).to_be_hidden()
    expect(place.locator(".dl-canvas svg").first).to_be_visible()
    assert chapter.evaluate(CUT, PAPER) == []
