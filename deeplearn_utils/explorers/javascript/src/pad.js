// A grid on which the reader draws, laid over the picture that shows its pixels.
import { element } from "./element.js";

export const SIDE = 8; // pixels
export const DARKEST = 16;
const FINE = 4; // a pixel counts the inked ones of its FINE by FINE places: so the digits were made
const PEN = 2; // places from its middle to its edge
const PRESS = 4; // what a press of the space bar adds
const MOVES = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};
const HOW =
  "Draw with the mouse or a finger. With the keyboard, arrow keys move, the space bar darkens a " +
  "pixel, and Backspace clears it.";

// Lays the grid over a canvas; `picture` gives the pixels to load, as text, and `changed` is called
// after each change of the reader's.
export class Pad {
  pixels = new Uint8Array(SIDE * SIDE);
  edits = 0;
  inked = new Uint8Array((FINE * SIDE) ** 2);
  current = 0;

  constructor(canvas, id, picture, changed) {
    this.changed = changed;
    const how = element("p", { class: "dl-how", id: `${id}-how` }, HOW);
    this.grid = element("div", {
      class: "dl-pad",
      role: "grid",
      "aria-label": `Drawing, ${SIDE} by ${SIDE} pixels`,
      "aria-describedby": how.id,
    });
    this.cells = Array.from(this.pixels, () => element("div", { role: "gridcell", tabindex: -1 }));
    for (let row = 0; row < SIDE; row++) {
      const cells = this.cells.slice(row * SIDE, (row + 1) * SIDE);
      this.grid.append(element("div", { role: "row" }, ...cells));
    }
    this.cells[0].tabIndex = 0;
    const stage = element("div", { class: "dl-stage" });
    canvas.replaceWith(stage);
    stage.append(canvas, this.grid);
    this.buttons = element("div", { class: "dl-buttons" });
    this.buttons.append(
      button("Clear", () => this.load("0".repeat(SIDE * SIDE), changed)),
      button("Load the test digit", () => this.load(picture(), changed)),
    );
    stage.after(how, this.buttons);
    this.listen();
    this.load(picture());
  }

  listen() {
    const { grid, cells } = this;
    let last = null;
    grid.addEventListener("keydown", (event) => this.press(event));
    grid.addEventListener("focusin", ({ target }) => this.visit(cells.indexOf(target)));
    grid.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      grid.setPointerCapture(event.pointerId);
      last = this.place(event);
      this.draw(last, last);
    });
    grid.addEventListener("pointermove", (event) => {
      if (!last) return;
      const next = this.place(event);
      this.draw(last, next);
      last = next;
    });
    for (const end of ["pointerup", "pointercancel"]) {
      grid.addEventListener(end, () => {
        last = null;
      });
    }
  }

  // Tells whether a picture is on the pad as it was loaded.
  shows(picture) {
    return picture === Array.from(this.pixels, (pixel) => pixel.toString(DARKEST + 1)).join("");
  }

  // Puts another picture on the pad: a sign for each pixel, 0 to g.
  load(picture, changed = () => {}) {
    this.inked.fill(0);
    this.pixels.set(Array.from(picture, (sign) => Number.parseInt(sign, DARKEST + 1)));
    this.show();
    changed();
  }

  show() {
    this.edits += 1;
    for (const [i, cell] of this.cells.entries()) {
      const name = `row ${Math.floor(i / SIDE) + 1}, column ${(i % SIDE) + 1}: ${this.pixels[i]} of ${DARKEST}`;
      if (cell.getAttribute("aria-label") !== name) cell.setAttribute("aria-label", name);
    }
  }

  // Lies where the picture's frame is.
  follow(svg) {
    const frame = svg.querySelector("clipPath rect");
    for (const [side, name] of Object.entries({
      left: "x",
      top: "y",
      width: "width",
      height: "height",
    }))
      this.grid.style[side] = `${frame.getAttribute(name)}px`;
  }

  visit(i) {
    this.cells[this.current].tabIndex = -1;
    this.cells[i].tabIndex = 0;
    this.current = i;
  }

  press(event) {
    const [row, column] = [Math.floor(this.current / SIDE), this.current % SIDE];
    const inside = (place) => Math.min(Math.max(place, 0), SIDE - 1);
    if (event.key in MOVES) {
      const [down, right] = MOVES[event.key];
      this.cells[inside(row + down) * SIDE + inside(column + right)].focus();
    } else if (event.key === " ") {
      this.set(this.current, Math.min(this.pixels[this.current] + PRESS, DARKEST));
    } else if (event.key === "Backspace") {
      this.set(this.current, 0);
    } else return;
    event.preventDefault();
  }

  set(i, value) {
    this.pixels[i] = value;
    if (!value) this.inked = this.inked.map((ink, place) => (pixelOf(place) === i ? 0 : ink));
    this.show();
    this.changed();
  }

  // Where the pointer is, in places from the upper left corner.
  place({ clientX, clientY }) {
    const { left, top, width, height } = this.grid.getBoundingClientRect();
    const size = FINE * SIDE;
    return [((clientX - left) / width) * size, ((clientY - top) / height) * size];
  }

  // Inks what the pen covers on its way; ink on ink darkens nothing.
  draw([x, y], [xEnd, yEnd]) {
    const steps = Math.ceil(2 * Math.hypot(xEnd - x, yEnd - y)) || 1;
    for (let step = 0; step <= steps; step++) {
      const [xPen, yPen] = [x + ((xEnd - x) * step) / steps, y + ((yEnd - y) * step) / steps];
      for (let place = 0; place < this.inked.length; place++) {
        const [column, row] = [place % (FINE * SIDE), Math.floor(place / (FINE * SIDE))];
        const covered = Math.hypot(column + 0.5 - xPen, row + 0.5 - yPen) <= PEN;
        if (!covered || this.inked[place]) continue;
        this.inked[place] = 1;
        const i = pixelOf(place);
        this.pixels[i] = Math.min(this.pixels[i] + 1, DARKEST);
      }
    }
    this.show();
    this.changed();
  }
}

// The pixel in which a place lies.
function pixelOf(place) {
  const [column, row] = [place % (FINE * SIDE), Math.floor(place / (FINE * SIDE))];
  return Math.floor(row / FINE) * SIDE + Math.floor(column / FINE);
}

function button(text, clicked) {
  const node = element("button", { type: "button", class: "dl-button" }, text);
  node.addEventListener("click", clicked);
  return node;
}
