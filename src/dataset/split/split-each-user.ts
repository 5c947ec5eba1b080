import { rowLength } from '../matrix.ts';
import { percent, type SplitMethod } from './method.ts';
import { drawLots, oldestFirst, type Pairs, TEST, VALIDATION } from './split-parts.ts';

type EachUserPlan = { testFraction: number; validationFraction: number } | object;

export const lastFraction: SplitMethod<'lastFraction'> = {
  parts: splitEachUser,
  inWords: ({ testFraction, validationFraction }) =>
    `each user's newest ${percent(testFraction)} are test, the ${percent(validationFraction)} before validation, ties at random`,
};

export const leaveLastOut: SplitMethod<'leaveLastOut'> = {
  parts: splitEachUser,
  inWords: () => "each user's newest pair is test, the one before validation, ties at random",
};

export const random: SplitMethod<'random'> = {
  parts: (pairs, plan, seed) => splitEachUser(timeless(pairs), plan, seed),
  inWords: ({ testFraction, validationFraction }) =>
    `of each user's pairs ${percent(testFraction)} are test and ${percent(validationFraction)} validation, at random`,
};

function timeless({ matrix: { order: _, ...matrix }, ...pairs }: Pairs): Pairs {
  return { ...pairs, matrix, firstSeen: new Float64Array(matrix.indices.length).fill(Number.NaN) };
}

/**
 * Each user's newest pairs are held out, the newest of all for the test. A user keeps at least one training pair;
 * users with fewer than three pairs are not tested.
 *
 * @returns [nnz] the part of each pair
 */
function splitEachUser(pairs: Pairs, plan: EachUserPlan, seed: number): Uint8Array {
  const { matrix, firstSeen } = pairs;
  const part = new Uint8Array(matrix.indices.length);
  const lot = drawLots(pairs, seed);
  for (let u = 0; u < matrix.rows; u++) {
    const n = rowLength(matrix, u);
    const { test, validation } = heldOut(n, plan);
    if (test === 0) continue;
    const positions = oldestFirst(matrix.indptr[u]!, matrix.indptr[u + 1]!, firstSeen, lot);
    for (let i = n - test - validation; i < n; i++) part[positions[i]!] = i < n - test ? VALIDATION : TEST;
  }
  return part;
}

function heldOut(n: number, plan: EachUserPlan): { test: number; validation: number } {
  if (n < 3) return { test: 0, validation: 0 };
  if (!('testFraction' in plan)) return { test: 1, validation: 1 };
  const test = Math.max(1, Math.floor(n * plan.testFraction));
  const validation = Math.max(1, Math.floor(n * plan.validationFraction));
  return test + validation < n ? { test, validation } : { test: 1, validation: 1 };
}
