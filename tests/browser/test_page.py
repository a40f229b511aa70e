"""The built site as a reader meets it: offline, on a phone, in the dark, with a screen reader."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.watching import watching
from tests.site_pages import PAGES, SPHINX_PAGES

ALL = [*PAGES, *SPHINX_PAGES]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
UNASKED = ("label-content-name-mismatch", "duplicate-id")  # axe does not run them by itself
COLORS = ["color-contrast", "link-in-text-block"]
PHONE = 390
UNFOLD = """() => {
    document.querySelectorAll("details").forEach(fold => fold.open = true);
    document.querySelectorAll(".toggle-hidden .toggle-button").forEach(fold => fold.click());
}"""
# In a listing or a signature all tokens of the same classes, within the same ones, look alike: the
# first of each stays in sight. A chapter has 12,000 tokens, and axe looks at what lies under each.
ONE_OF_A_KIND = """() => {
    const kind = (node, end) =>
        node === end ? "" : `${node.localName} ${node.className}, ${kind(node.parentNode, end)}`;
    for (const listing of document.querySelectorAll("pre, dt")) {
        const met = new Set();
        for (const token of listing.querySelectorAll("span:not(:has(*))")) {
            const found = kind(token, listing);
            if (met.has(found)) {
                token.dataset.again = "";
                token.style.visibility = "hidden";
            }
            met.add(found);
        }
    }
}"""
ALL_OF_A_KIND = """() => document.querySelectorAll("[data-again]").forEach(
    token => token.style.visibility = "")"""
AT_REST = """() => Promise.allSettled(
    document.getAnimations().map(motion => motion.finished)
)"""


def ready(page: Page) -> Page:
    """Wait until the formulas are set, then open all that is folded away, to the end."""
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.evaluate(UNFOLD)
    page.evaluate(AT_REST)
    return page


@pytest.fixture(scope="module", params=ALL)
def visit(request, chromium, site):
    """Each page, opened once from its folder; a test leaves it as it found it."""
    with watching(chromium) as open_page:
        yield ready(open_page((site / f"{request.param}.html").as_uri()))


def test_no_barrier_for_readers(visit):
    assert barriers(visit, {"type": "tag", "values": WCAG}) == []


def test_no_barrier_in_the_dark(visit):
    try:
        visit.emulate_media(color_scheme="dark")
        expect(visit.locator("html")).to_have_attribute("data-theme", "dark")
        visit.evaluate(AT_REST)
        assert barriers(visit, {"type": "rule", "values": COLORS}) == []
    finally:
        visit.emulate_media(color_scheme="light")
        expect(visit.locator("html")).to_have_attribute("data-theme", "light")
        visit.evaluate(AT_REST)


def barriers(page: Page, rules: dict) -> list[str]:
    """Return what axe-core finds; it need not load the style sheets once more (preload).

    It describes violations only: what is right would take a quarter of its time to describe.
    """
    page.evaluate(ONE_OF_A_KIND)
    more = {rule: {"enabled": True} for rule in UNASKED}
    options = {"runOnly": rules, "rules": more, "preload": False, "resultTypes": ["violations"]}
    try:
        found = Axe().run(page, options=options)
    finally:
        page.evaluate(ALL_OF_A_KIND)
    return [explain(violation) for violation in found.response["violations"]]


def explain(violation: dict) -> str:
    """Return a violation of the accessibility rules in a few lines."""
    nodes = [f"{node['html'][:200]} ({node['failureSummary']})" for node in violation["nodes"][:5]]
    return f"{violation['id']}, {len(violation['nodes'])} times: " + "; ".join(nodes)


def test_a_phone_shows_the_page_without_scrolling_sideways(visit):
    wide = visit.viewport_size
    try:
        visit.set_viewport_size({"width": PHONE, "height": wide["height"]})
        assert visit.evaluate("document.documentElement.scrollWidth") <= PHONE
        assert visit.evaluate("document.body.scrollWidth") <= PHONE
    finally:
        visit.set_viewport_size(wide)


def test_formulas_are_set(visit):
    formulas = visit.locator(".bd-article .math").count()
    assert visit.locator(".bd-article .math mjx-container").count() >= formulas
    assert visit.locator("mjx-merror").count() == 0
    assert r"\(" not in visit.locator("main").inner_text()


@pytest.mark.parametrize("name", ALL)
def test_a_server_hands_the_page_out_complete(open_page, site_address, name):
    page = open_page(f"{site_address}/{name}.html")
    expect(page.locator("main h1:visible")).to_have_count(1)
    broken = "() => [...document.images].filter(i => i.complete && !i.naturalWidth).length"
    assert page.evaluate(broken) == 0


def test_the_bare_folder_opens_on_the_front_page(open_page, site):
    page = open_page((site / "index.html").as_uri())
    expect(page.locator("main h1").first).to_contain_text("Deep Learning")


@pytest.mark.parametrize("word", ["saturation", "饱和"])
def test_search_works_from_a_folder(open_page, site, word):
    page = open_page((site / "book/index.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    found = page.locator("#search-results").get_by_role("link", name="Glossary").first
    expect(found).to_be_visible()
    found.click()
    expect(page.locator("main h1").first).to_contain_text("Glossary")


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_reader_chooses_light_or_dark(open_page, site, mode):
    page = open_page((site / "book/index.html").as_uri(), dark=mode == "light")
    page.get_by_role("button", name="Color mode").first.click()
    page.locator(f'.theme-change-button[data-mode="{mode}"]').first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", mode)


def test_the_menu_opens_on_a_phone(open_page, site):
    page = open_page((site / "book/index.html").as_uri(), width=PHONE)
    page.locator(".primary-toggle").first.click()
    expect(page.get_by_role("link", name="Networks").first).to_be_visible()


def test_a_solution_is_folded_away_until_it_is_asked_for(open_page, site):
    page = open_page((site / "chapters/01_networks.html").as_uri())
    solution = page.locator(".solution.dropdown").first
    text = solution.locator("section, p:not(.admonition-title)").first
    expect(text).to_be_hidden()
    solution.locator(".toggle-button").focus()
    page.keyboard.press("Enter")
    expect(text).to_be_visible()
