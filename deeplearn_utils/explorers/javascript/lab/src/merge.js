// Brings a reader's copy of a chapter up to date: the chapter's cells as they are now, and all that
// the reader wrote. A chapter's cells carry ids made from their text, so a changed one has a new id.

// What a copy has to remember of the chapter: the text that each cell had, as a short digest.
export function remember(cells) {
  return Object.fromEntries(cells.map(({ id, source }) => [id, digest(source)]));
}

// Returns the cells of the new copy. `base` is what `remember` gave when the copy was made.
export function merge(copied, chapter, base) {
  const own = copied.filter(({ id, source }) => base[id] !== digest(source));
  const edited = new Map(own.map((cell) => [cell.id, cell]));
  const merged = chapter.map((cell) => edited.get(cell.id) ?? cell);
  const placed = new Set(chapter.map(({ id }) => id));
  const order = copied.map(({ id }) => id);
  for (const cell of own.filter(({ id }) => !placed.has(id))) {
    const before = order.slice(0, order.indexOf(cell.id)).findLast((id) => placed.has(id));
    merged.splice(merged.findIndex(({ id }) => id === before) + 1, 0, cell);
    placed.add(cell.id);
  }
  return merged;
}

// A digest of a text: FNV-1a over its UTF-16 units, and its length.
export function digest(source) {
  const text = [source].flat().join("");
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  return `${(hash >>> 0).toString(16)}.${text.length}`;
}
