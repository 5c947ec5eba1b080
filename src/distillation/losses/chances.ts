import type { Rng } from '../../core/rng.ts';

export interface Chances {
  /** Candidates, in the order in which what is drawn of them comes back. */
  items: Int32Array;
  /** Weight of each candidate in the draw; all above 0. */
  chances: Float64Array;
}

/** `count` items without repeats by their chances, in the order in which they were given (Efraimidis & Spirakis 2006). */
export function drawByChance({ items, chances }: Chances, count: number, rng: Rng): Int32Array {
  const keys = Float64Array.from(chances, (chance) => Math.log(1 - rng.next()) / chance);
  const places = Int32Array.from(items, (_, i) => i)
    .sort((a, b) => keys[b]! - keys[a]!)
    .subarray(0, count)
    .sort();
  return places.map((place) => items[place]!);
}
