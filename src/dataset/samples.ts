import type { Rng } from '../core/rng.ts';

/** `count` of 0..items-1 without repeats, by Floyd's algorithm. */
export function distinctItems(items: number, count: number, rng: Rng): Int32Array {
  const chosen = new Set<number>();
  for (let last = items - count; last < items; last++) {
    const item = rng.int(last + 1);
    chosen.add(chosen.has(item) ? last : item);
  }
  return Int32Array.from(chosen);
}
