import type { Rng } from '../core/rng.ts';
import { type Csr, filterEntries, rowLength } from './matrix.ts';

export type SplitPlan =
  | { strategy: 'last-fraction'; testFraction: number; validationFraction: number }
  | { strategy: 'leave-last-out' };

/** Three disjoint parts of one matrix, all of its shape. */
export interface Split {
  train: Csr;
  validation: Csr;
  test: Csr;
}

const TRAIN = 0;
const VALIDATION = 1;
const TEST = 2;

/**
 * Each user's newest pairs are held out, the newest of all for the test. Pairs without a time, or of the same time,
 * come in random order (seeded): the order of storage may follow the item ids, which would bias the test set.
 * A user keeps at least one training pair; users with fewer than three pairs are not tested.
 *
 * @param time [nnz] of the matrix, milliseconds or NaN
 */
export function splitByTime(matrix: Csr, time: Float64Array, plan: SplitPlan, rng: Rng): Split {
  const part = new Uint8Array(matrix.indices.length);
  const lot = new Float64Array(matrix.indices.length);
  for (let p = 0; p < lot.length; p++) lot[p] = rng.next();
  for (let u = 0; u < matrix.rows; u++) {
    const n = rowLength(matrix, u);
    const { test, validation } = heldOut(n, plan);
    if (test === 0) continue;
    const positions = Array.from({ length: n }, (_, i) => matrix.indptr[u]! + i);
    positions.sort((a, b) => timeOf(time[a]!) - timeOf(time[b]!) || lot[a]! - lot[b]!);
    for (let i = n - test - validation; i < n; i++) part[positions[i]!] = i < n - test ? VALIDATION : TEST;
  }
  return {
    train: filterEntries(matrix, (p) => part[p] === TRAIN),
    validation: filterEntries(matrix, (p) => part[p] === VALIDATION),
    test: filterEntries(matrix, (p) => part[p] === TEST),
  };
}

function heldOut(n: number, plan: SplitPlan): { test: number; validation: number } {
  if (n < 3) return { test: 0, validation: 0 };
  if (plan.strategy === 'leave-last-out') return { test: 1, validation: 1 };
  const test = Math.max(1, Math.floor(n * plan.testFraction));
  const validation = Math.max(1, Math.floor(n * plan.validationFraction));
  return test + validation < n ? { test, validation } : { test: 1, validation: 1 };
}

/** Unknown times sort as the oldest: they are history, not the newest behaviour. */
function timeOf(time: number): number {
  return Number.isNaN(time) ? -1 : time;
}

export function describeSplit(plan: SplitPlan, seed: number): string {
  if (plan.strategy === 'leave-last-out')
    return `leave-last-out: each user's newest pair is test, the one before validation (seed ${seed} for ties)`;
  const percent = (x: number) => `${Math.round(x * 100)} %`;
  return (
    `last-fraction: each user's newest ${percent(plan.testFraction)} are test, ` +
    `the ${percent(plan.validationFraction)} before validation (seed ${seed} for ties)`
  );
}
