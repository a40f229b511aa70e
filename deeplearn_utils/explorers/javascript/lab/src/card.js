// The card beside a reference: a term's definition, a source's entry, a figure, a formula. It shows
// on hover and on focus, stays while the pointer is on it, and goes on Escape.
import { REFERENCE } from "./tree.js";

const DELAY = 300; // milliseconds
const ID = "book-card";
const GAP = 6; // pixels

export class Card {
  constructor(places, rendermime, pictures) {
    this.places = places;
    this.rendermime = rendermime;
    this.pictures = pictures;
    this.link = null; // whose card is shown
    this.wanted = null; // to which the card turns
    this.node = document.createElement("div");
    this.node.id = ID;
    this.node.className = "book-card";
    this.node.setAttribute("role", "tooltip");
    this.node.hidden = true;
    document.body.append(this.node);
    this.listen();
  }

  listen() {
    const on = (name, answer) => window.addEventListener(name, answer, { capture: true });
    on("pointerover", ({ target }) => this.point(target));
    on("focusin", ({ target }) => this.point(target, 0));
    on("focusout", ({ target }) => target === this.wanted && this.close());
    on("scroll", () => this.stay());
    on("click", (event) => this.follow(event));
    on("keydown", (event) => {
      if (event.key === "Enter") this.follow(event);
      else if (event.key === "Escape" && !this.node.hidden) {
        this.close();
        event.stopPropagation();
      }
    });
  }

  // Turns to the link under the pointer or in the focus; a link in the focus keeps its card while
  // the pointer is on no link.
  point(target, delay = DELAY) {
    const link = this.node.contains(target) ? this.link : linkAround(target);
    if (link === this.wanted) return;
    if (!link && document.activeElement === this.wanted) return;
    this.wanted = link;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.turn(link), delay);
  }

  turn(link) {
    if (!link) this.close();
    else if (link !== this.link) this.open(link);
  }

  async open(link) {
    this.close();
    this.link = link;
    this.wanted = link;
    const around = await this.places.around(link);
    const place = around?.book.place(idOf(link));
    const content = place && (await this.content(around, place));
    if (!content || this.link !== link) return;
    this.node.replaceChildren(...content);
    this.node.hidden = false;
    link.setAttribute("aria-describedby", ID);
    this.rendermime.latexTypesetter?.typeset(this.node);
    this.stand(link);
  }

  // What stands on the card.
  async content({ book, panel, path }, place) {
    const words = document.createElement("div");
    words.innerHTML = this.rendermime.sanitizer.sanitize(place.html ?? "");
    for (const link of words.querySelectorAll("a")) link.replaceWith(...link.childNodes);
    if (place.number) {
      const name = document.createElement("strong");
      name.textContent = place.kind === "section" ? `${place.number}.` : book.name(place);
      words.prepend(name, " ");
    }
    if (place.kind !== "figure") return words.textContent.trim() ? [words] : null;
    const same = book.documentOf(path) === place.document;
    const source = same ? panel.context.model.toJSON() : book.fileOf(place.document);
    const picture = await this.pictures.of(source, place.id);
    return picture ? [picture, words] : [words];
  }

  // Puts the card below the link, or above it where there is more room.
  stand(link) {
    const at = link.getClientRects()[0] ?? link.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const below = at.bottom + GAP;
    const fits = below + height <= window.innerHeight || at.top < window.innerHeight - at.bottom;
    const left = Math.max(GAP, Math.min(at.left, window.innerWidth - width - GAP));
    this.node.style.left = `${left}px`;
    this.node.style.top = `${fits ? below : Math.max(GAP, at.top - GAP - height)}px`;
  }

  // Goes along with its link when the page is scrolled, and away with it.
  stay() {
    if (this.node.hidden) return;
    const { top, bottom } = this.link.getBoundingClientRect();
    if (!this.link.isConnected || bottom < 0 || top > window.innerHeight) this.close();
    else this.stand(this.link);
  }

  close() {
    clearTimeout(this.timer);
    this.link?.removeAttribute("aria-describedby");
    this.link = null;
    this.wanted = null;
    this.node.hidden = true;
  }

  // Goes where a link leads; JupyterLab would open the file at its top.
  async follow(event) {
    const link = linkAround(event.target);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const around = await this.places.around(link);
    const place = around?.book.place(idOf(link));
    this.close();
    if (place) await this.places.go(around, place);
  }
}

// The book's link in which an element stands, or null.
function linkAround(target) {
  return target.closest?.(`a.${REFERENCE}, .book-caption a[href^="#"]`) ?? null;
}

function idOf(link) {
  return decodeURIComponent(link.hash.slice(1));
}
