// The legend of a pane: a small picture of each labelled mark beside its label.
import { element } from "./element.js";

const SVG = "http://www.w3.org/2000/svg";

// Adds the legend; returns a function that gives it its colors.
export function addLegend(box, { marks }) {
  const labelled = marks.filter(({ label }) => label);
  const list = element("ul", { class: "dl-legend" });
  if (labelled.length) box.append(list);
  return (colors) => {
    const items = labelled.map((mark) => element("li", {}, swatch(mark, colors), mark.label));
    list.replaceChildren(...items);
  };
}

function swatch(mark, colors) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ width: 22, height: 14, "aria-hidden": true })) {
    svg.setAttribute(name, value);
  }
  const color = colors[mark.color];
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", PATHS[mark.symbol] ?? PATHS[mark.kind] ?? PATHS.box);
  const outlined = ["line", "rule", "contours", "arrow"].includes(mark.kind);
  const look =
    outlined || mark.hollow || mark.symbol === "cross"
      ? {
          stroke: color,
          "stroke-width": mark.width ?? 2,
          "stroke-opacity": mark.opacity,
          fill: "none",
        }
      : { fill: color, "fill-opacity": mark.opacity, stroke: colors.ink, "stroke-width": 0.8 };
  if (mark.dashed) look["stroke-dasharray"] = "5 3";
  for (const [name, value] of Object.entries(look)) shape.setAttribute(name, value);
  svg.append(shape);
  return svg;
}

const STRAIGHT = "M0,7H22";
const PATHS = {
  line: STRAIGHT,
  rule: STRAIGHT,
  contours: STRAIGHT,
  arrow: "M1,7H20M15,3L20,7L15,11",
  box: "M1,2H21V12H1Z",
  circle: "M6,7a5,5 0 1,0 10,0a5,5 0 1,0 -10,0",
  square: "M6.5,2.5H15.5V11.5H6.5Z",
  triangle: "M11,1.5L17,12H5Z",
  cross: "M7,3L15,11M15,3L7,11",
};
