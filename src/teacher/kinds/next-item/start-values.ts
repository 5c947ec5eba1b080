import type { Rng } from '../../../core/rng.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import type { Engine } from '../../../tensor/engine.ts';
import { leadingVectors, normalisedGraph } from '../graph.ts';

/** Deviation of the items' start values. */
const SPREAD = 0.1;
/** Share of noise beside the data's part of an item's start, whose deviation is 1. */
const NOISE = 0.2;
/** Deviation of start values that are all random. */
const RANDOM_SPREAD = 0.02;

export const randomStart = (length: number, rng: Rng) =>
  Float32Array.from({ length }, () => RANDOM_SPREAD * rng.normal());

/**
 * Items begin near those that the same users had, all equally long: a state begins near its newest item, and so does its
 * answer. From random numbers the first epochs teach little but what is popular.
 *
 * @returns [items, d]
 */
export function nearbyStart(engine: Engine, train: Csr, d: number, rng: Rng): Float32Array {
  const items = train.columns;
  const rank = Math.min(d, items, train.rows);
  const vectors = leadingVectors(engine, normalisedGraph(train).matrix, rank, rng.fork('items'));
  const length = Math.sqrt(vectors.length);
  const values = Float32Array.from({ length: items * d }, () => NOISE * rng.normal());
  for (let i = 0; i < items; i++) {
    const row = values.subarray(i * d, (i + 1) * d);
    for (let k = 0; k < rank; k++) row[k]! += vectors[i * rank + k]! * (length / Math.sqrt(rank));
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / d);
    for (let k = 0; k < d; k++) row[k]! *= SPREAD / norm;
  }
  return values;
}
