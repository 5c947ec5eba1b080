import type { Rng } from '../../src/core/rng.ts';

export type Draw = (rng: Rng) => number;

/** Draws i with probability weights[i] / sum in constant time (Walker's alias method, Vose 1991). */
export function aliasTable(weights: Float64Array): Draw {
  const n = weights.length;
  const mean = weights.reduce((sum, w) => sum + w, 0) / n;
  const share = weights.map((w) => w / mean);
  const alias = new Int32Array(n);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < n; i++) (share[i]! < 1 ? small : large).push(i);
  while (small.length > 0 && large.length > 0) {
    const poor = small.pop()!;
    const rich = large.at(-1)!;
    alias[poor] = rich;
    share[rich]! -= 1 - share[poor]!;
    if (share[rich]! < 1) small.push(large.pop()!);
  }
  // What is left differs from 1 by rounding alone.
  for (const i of [...small, ...large]) share[i] = 1;
  return (rng) => {
    const i = rng.int(n);
    return rng.next() < share[i]! ? i : alias[i]!;
  };
}
