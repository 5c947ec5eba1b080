import type { Rng } from '../../core/rng.ts';
import { rowLength } from '../matrix.ts';
import { percent, type SplitMethod } from './method.ts';
import { drawLots, FOLD_IN, oldestFirst, type Pairs, TEST, VALIDATION } from './split-parts.ts';

interface UsersPlan {
  testFraction: number;
  validationFraction: number;
  foldInFraction: number;
}

export const heldOutUsers: SplitMethod<'heldOutUsers'> = {
  parts: splitUsers,
  inWords: ({ testFraction, validationFraction, foldInFraction }) =>
    `${percent(testFraction)} of the users are test and ${percent(validationFraction)} validation; none of their pairs is trained on, the older ${percent(foldInFraction)} are known`,
};

/**
 * Strong generalisation (Liang et al., WWW 2018, section 4.2): no pair of a held-out user is trained on. The older part
 * of their history is known, the rest is predicted. Only users with at least two pairs are drawn.
 *
 * @returns [nnz] the part of each pair
 */
function splitUsers(pairs: Pairs, plan: UsersPlan, rng: Rng): Uint8Array {
  const { matrix, firstSeen } = pairs;
  const part = new Uint8Array(matrix.indices.length);
  const lot = drawLots(pairs, () => rng.next());
  const all = Int32Array.from({ length: matrix.rows }, (_, u) => u);
  const users = rng.shuffle(all.filter((u) => rowLength(matrix, u) >= 2));
  const test = Math.max(1, Math.round(users.length * plan.testFraction));
  const validation = Math.max(1, Math.round(users.length * plan.validationFraction));
  for (const [i, u] of users.subarray(0, test + validation).entries()) {
    const n = rowLength(matrix, u);
    const known = Math.min(n - 1, Math.max(1, Math.round(n * plan.foldInFraction)));
    const predicted = i < test ? TEST : VALIDATION;
    for (const [at, p] of oldestFirst(matrix.indptr[u]!, matrix.indptr[u + 1]!, firstSeen, lot).entries())
      part[p] = at < known ? FOLD_IN : predicted;
  }
  return part;
}
