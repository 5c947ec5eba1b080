import { describe, expect, it } from 'vitest';
import { indexRows } from '../../src/scoring/row-index.ts';

/** Builds the index; says also how often it paused. */
function built(items: readonly string[]) {
  const slices = indexRows(items);
  for (let pauses = 0; ; pauses++) {
    const { done, value } = slices.next();
    if (done) return { index: value, pauses };
  }
}

describe('the rows of items', () => {
  const items = Array.from({ length: 5000 }, (_, i) => `item-${i * 7}`);

  it('are found by their ids, however many share a place', () => {
    const { index } = built(items);
    expect(index.size).toBe(5000);
    expect(items.map((id) => index.get(id))).toEqual(items.map((_, row) => row));
    expect(items.every((id) => index.has(id))).toBe(true);
  });

  it('are not there for other ids', () => {
    const { index } = built(items);
    const others = Array.from({ length: 5000 }, (_, i) => `item-${i * 7 + 1}`);
    expect(others.every((id) => index.get(id) === undefined && !index.has(id))).toBe(true);
  });

  it('are none of an empty catalogue', () => {
    const { index } = built([]);
    expect([index.size, index.get(''), index.has('a')]).toEqual([0, undefined, false]);
  });

  it('let others run after each 2,048', () => {
    expect(built(items).pauses).toBe(2);
    expect(built(items.slice(0, 2048)).pauses).toBe(1);
    expect(built(items.slice(0, 2047)).pauses).toBe(0);
  });
});
