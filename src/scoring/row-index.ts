import type { Sliced } from '../core/slices.ts';

/** Item id -> row. */
export interface RowIndex {
  readonly size: number;
  get(itemId: string): number | undefined;
  has(itemId: string): boolean;
}

const FREE = -1;

/**
 * A hash table of fixed size over ids that are kept elsewhere. A Map of a million would stop everything for a tenth of
 * a second each time it grows, and hold three times the memory.
 * @param items distinct ids in row order
 */
export function* indexRows(items: readonly string[]): Sliced<RowIndex> {
  // Half full at most, so that the next free place is near.
  const places = 2 ** Math.ceil(Math.log2(2 * items.length + 1));
  const rows = new Int32Array(places).fill(FREE);
  const last = places - 1;
  for (let row = 0; row < items.length; row++) {
    let at = hashOfText(items[row]!) & last;
    while (rows[at] !== FREE) at = (at + 1) & last;
    rows[at] = row;
    if (row % 2048 === 2047) yield;
  }

  function get(itemId: string): number | undefined {
    for (let at = hashOfText(itemId) & last; ; at = (at + 1) & last) {
      const row = rows[at]!;
      if (row === FREE) return undefined;
      if (items[row] === itemId) return row;
    }
  }

  return { size: items.length, get, has: (itemId) => get(itemId) !== undefined };
}

/** FNV-1a over UTF-16 units, its high bits mixed into the low ones, which alone choose the place. */
function hashOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
