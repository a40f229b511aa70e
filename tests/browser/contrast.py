"""The contrast of what JupyterLab shows; axe-core finds no text to judge in its notebooks."""

from playwright.sync_api import Page

ENOUGH = 4.5  # WCAG 2.2, 1.4.3

# The formulas are those of WCAG 2.2. KaTeX's formulas inherit their color.
RATIOS = """() => {
    const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = color => {
        brush.clearRect(0, 0, 1, 1);
        brush.fillStyle = color;
        brush.fillRect(0, 0, 1, 1);
        return [...brush.getImageData(0, 0, 1, 1).data].map(part => part / 255);
    };
    const over = ([...above], below) =>
        below.map((part, place) => above[place] * above[3] + part * (1 - above[3]));
    const ground = node => {
        if (!node) return [1, 1, 1];
        const color = rgba(getComputedStyle(node).backgroundColor);
        return color[3] === 1 ? color.slice(0, 3) : over(color, ground(node.parentElement));
    };
    const luminance = color => color
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    const ratio = node => {
        const behind = ground(node);
        const both = [over(rgba(getComputedStyle(node).color), behind), behind].map(luminance);
        return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    };
    const parts = document.querySelectorAll(".jp-NotebookPanel .myst, .book-caption, .book-card");
    return [...parts].flatMap(part => [part, ...part.querySelectorAll("*")])
        .filter(node => node.checkVisibility() && !node.closest(".katex"))
        .filter(node => [...node.childNodes].some(({ nodeType, data }) =>
            nodeType === Node.TEXT_NODE && data.trim()))
        .map(node => [ratio(node), `${node.localName}.${node.className}: ${node.textContent}`]);
}"""


def hardly_readable(page: Page) -> list[tuple[float, str]]:
    """Return the texts of a chapter, its captions and the open card that stand out too little."""
    ratios = page.evaluate(RATIOS)
    assert ratios, "nothing is shown"
    return [(ratio, text[:120]) for ratio, text in ratios if ratio < ENOUGH]
