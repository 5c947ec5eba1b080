import { drawOfId } from '../../core/id-hash.ts';
import { rowLength } from '../matrix.ts';
import { percent, type SplitMethod } from './method.ts';
import { drawLots, FOLD_IN, oldestFirst, type Pairs, TEST, TRAIN, VALIDATION } from './split-parts.ts';

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
 * of their history is known, the rest is predicted. Only users with at least two pairs are drawn, by their ids: test users
 * from one end of the lots and validation users from the other, so that few change their part when users are added.
 *
 * @returns [nnz] the part of each pair
 */
function splitUsers(pairs: Pairs, plan: UsersPlan, seed: number): Uint8Array {
  const { matrix, firstSeen } = pairs;
  const part = new Uint8Array(matrix.indices.length);
  const lot = drawLots(pairs, seed);
  const all = Int32Array.from({ length: matrix.rows }, (_, u) => u);
  const draws = pairs.users.map((id) => drawOfId(id, seed));
  const users = all.filter((u) => rowLength(matrix, u) >= 2).sort((a, b) => draws[a]! - draws[b]!);
  const test = Math.max(1, Math.round(users.length * plan.testFraction));
  const validation = Math.max(1, Math.round(users.length * plan.validationFraction));
  for (const [i, u] of users.entries()) {
    const predicted = i < test ? TEST : i >= users.length - validation ? VALIDATION : TRAIN;
    if (predicted === TRAIN) continue;
    const n = rowLength(matrix, u);
    const known = Math.min(n - 1, Math.max(1, Math.round(n * plan.foldInFraction)));
    for (const [at, p] of oldestFirst(matrix.indptr[u]!, matrix.indptr[u + 1]!, firstSeen, lot).entries())
      part[p] = at < known ? FOLD_IN : predicted;
  }
  return part;
}
