"""The numbers in a panel's picture, read back from what the browser drew, in pixels."""

import math
import re
from typing import Any

import numpy as np
from playwright.sync_api import Locator

from deeplearn_utils.explorers.parts.marks import Axis
from tests.explorers.test_bundle import SOURCES

# Plot moves whole groups by half a pixel to keep lines sharp; only what stands on a part counts.
READ = """pane => {
    const svg = pane.querySelector("svg"), round = text => Number(text);
    const moved = node =>
        (node.getAttribute("transform") ?? "").match(/-?[0-9.]+(?:e-?[0-9]+)?/g)?.map(round);
    const all = (node, tag) => [...node.querySelectorAll(tag)];
    const of = (node, ...names) => names.map(name => round(node.getAttribute(name)));
    const pairs = d => d.split("M").filter(Boolean).map(
        part => (part.match(/-?[0-9.]+(?:e-?[0-9]+)?/g) ?? []).map(round));
    const read = layer => ({
        paths: all(layer, "path:not([transform])").map(path => pairs(path.getAttribute("d") ?? "")),
        dots: [...all(layer, "path[transform]").map(moved),
               ...all(layer, "circle").map(dot => of(dot, "cx", "cy"))],
        boxes: all(layer, "rect").map(box => of(box, "x", "y", "width", "height")),
        lines: all(layer, "line").map(line => of(line, "x1", "y1", "x2", "y2")),
        texts: all(layer, "text").map(text => [...(moved(text) ?? []), text.textContent]),
        images: all(layer, "image").map(image => image.getAttribute("href")),
    });
    const ticks = name => all(svg, `[data-part="${name}-axis tick label"] text`)
        .map(text => [...moved(text), text.textContent]);
    return {
        title: pane.querySelector(".dl-pane-title").textContent,
        frame: of(svg.querySelector("clipPath rect"), "x", "y", "width", "height"),
        x: ticks("x"), y: ticks("y"),
        marks: all(svg, "[data-mark]").map(layer => ({kind: layer.dataset.mark, ...read(layer)})),
        legend: all(pane, ".dl-legend li").map(item => {
            const path = item.querySelector("path"), stroke = path.getAttribute("fill") === "none";
            return {
                label: item.textContent,
                color: path.getAttribute(stroke ? "stroke" : "fill").toLowerCase(),
                shape: path.getAttribute("d"),
                dashed: path.hasAttribute("stroke-dasharray"),
            };
        }),
    };
}"""
PIXELS = """async url => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    Object.assign(canvas, {width: image.width, height: image.height});
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return [image.width, ...context.getImageData(0, 0, image.width, image.height).data];
}"""


def read_panes(box: Locator) -> list[dict[str, Any]]:
    """Return frame, ticks, marks and legend of each pane of a panel."""
    return [pane.evaluate(READ) for pane in box.locator(".dl-pane").all()]


def read_image(box: Locator, url: str) -> np.ndarray:
    """Return an image's colors, the lowest row first."""
    width, *pixels = box.page.evaluate(PIXELS, url)
    return np.reshape(pixels, (-1, width, 4))[::-1, :, :3]


class Places:
    """Where numbers of a pane stand on the screen."""

    def __init__(self, frame: list[float], x: Axis, y: Axis, domains: list[list[float]]) -> None:
        """Take the frame in pixels, and both axes with their domains."""
        left, top, width, height = frame
        self.ends = {"x": (left, left + width), "y": (top + height, top)}
        self.scale = {"x": x.scale, "y": y.scale}
        self.domain = dict(zip("xy", domains, strict=True))

    def __call__(self, axis: str, values: Any) -> np.ndarray:
        """Return the pixels of values along an axis."""
        low, high = self.domain[axis]
        values = np.asarray(values, dtype=float)
        if self.scale[axis] == "log":
            low, high = math.log10(low), math.log10(high)
            with np.errstate(invalid="ignore", divide="ignore"):
                values = np.log10(values)
        first, last = self.ends[axis]
        return first + (values - low) / (high - low) * (last - first)


def number_of(text: str) -> float:
    """Return the number that a tick's label writes."""
    power = re.fullmatch("10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    if power:
        digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
        return 10.0 ** int(power[1].translate(digits))
    return float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))


def shapes() -> dict[str, str]:
    """Return what each shape of the legend stands for; lines of all kinds are lines."""
    source = (SOURCES / "src" / "legend.js").read_text(encoding="utf-8")
    straight = re.search(r'STRAIGHT = "(.*?)"', source)[1]
    table = source[source.index("const PATHS") :]
    named = {path: name for name, path in re.findall(r'(\w+): "(.*?)"', table)}
    return named | {straight: "line", re.search(r'arrow: "(.*?)"', table)[1]: "line"}
