import type { Rng } from '../core/rng.ts';
import { type Csr, filterEntries, rowLength, selectRows } from './matrix.ts';

/** Users with a history, in a new random order each time; the last batch may be smaller. */
export function* userBatches(histories: Csr, size: number, rng: Rng): Generator<Int32Array> {
  const users = rng.shuffle(usersWithHistory(histories));
  for (let from = 0; from < users.length; from += size) yield users.slice(from, from + size);
}

/** Shuffled users are put in order of their length so many batches at a time, and those batches shuffled again. */
const BATCHES_OF_A_POOL = 16;

/**
 * Yields batches of users like userBatches, but the users of a batch have about equally long histories, so that padding costs
 * little.
 */
export function* lengthBatches(histories: Csr, size: number, rng: Rng): Generator<Int32Array> {
  const users = rng.shuffle(usersWithHistory(histories));
  const pool = size * BATCHES_OF_A_POOL;
  const batches: Int32Array[] = [];
  for (let from = 0; from < users.length; from += pool) {
    const some = users.slice(from, from + pool);
    some.sort((a, b) => rowLength(histories, a) - rowLength(histories, b) || a - b);
    for (let at = 0; at < some.length; at += size) batches.push(some.slice(at, at + size));
  }
  yield* rng.shuffle(batches);
}

export function usersWithHistory(histories: Csr): Int32Array {
  const users = new Int32Array(histories.rows);
  let n = 0;
  for (let u = 0; u < histories.rows; u++) if (rowLength(histories, u) > 0) users[n++] = u;
  return users.slice(0, n);
}

/** The matrix without its empty rows; the same one where there are none. */
export function rowsWithHistory(histories: Csr): Csr {
  const users = usersWithHistory(histories);
  return users.length === histories.rows ? histories : selectRows(histories, users);
}

export function stepsPerEpoch(histories: Csr, size: number): number {
  return Math.ceil(usersWithHistory(histories).length / size);
}

/**
 * The batch's rows with a random share of the entries hidden.
 * @param least entries that a row keeps, if it has as many
 */
export function hideRandomly(batch: Csr, share: number, rng: Rng, least = 1): Csr {
  if (share <= 0) return batch;
  const keep = new Uint8Array(batch.indices.length);
  for (let r = 0; r < batch.rows; r++) {
    const from = batch.indptr[r]!;
    const length = rowLength(batch, r);
    if (length === 0) continue;
    let kept = 0;
    for (let p = from; p < from + length; p++) if (rng.next() >= share) kept += keep[p] = 1;
    while (kept < Math.min(least, length)) {
      const p = from + rng.int(length);
      kept += 1 - keep[p]!;
      keep[p] = 1;
    }
  }
  return filterEntries(batch, (p) => keep[p] === 1);
}

/** A random share of the users without any of their history, of those of whom something else is known. */
export function hideWholly(batch: Csr, share: number, rng: Rng): Csr {
  const { side } = batch;
  if (!side || share <= 0) return batch;
  const keep = new Uint8Array(batch.indices.length).fill(1);
  for (let r = 0; r < batch.rows; r++) {
    const isHidden = rng.next() < share && rowLength(side, r) > 0;
    if (isHidden) keep.fill(0, batch.indptr[r]!, batch.indptr[r + 1]!);
  }
  return filterEntries(batch, (p) => keep[p] === 1);
}

export type RowScale = 'l2' | 'l1' | 'sqrt' | 'none';

/** Scales each row: 'l2' to length 1, 'l1' to sum 1 (a distribution), 'sqrt' by the root of its sum. */
export function scaleRows(batch: Csr, scale: RowScale): Csr {
  if (scale === 'none') return batch;
  const values = new Float32Array(batch.values.length);
  for (let r = 0; r < batch.rows; r++) {
    let sum = 0;
    for (let p = batch.indptr[r]!; p < batch.indptr[r + 1]!; p++) {
      const v = batch.values[p]!;
      sum += scale === 'l2' ? v * v : v;
    }
    const factor = sum > 0 ? 1 / (scale === 'l1' ? sum : Math.sqrt(sum)) : 0;
    for (let p = batch.indptr[r]!; p < batch.indptr[r + 1]!; p++) values[p] = batch.values[p]! * factor;
  }
  return { ...batch, values };
}
