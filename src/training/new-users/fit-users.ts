import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import { type Csr, columnSums, selectRows } from '../../dataset/matrix.ts';
import { fitHistories } from '../../teacher/kinds/fit-histories.ts';
import { createItemSpace } from './item-space.ts';

/** Vectors of users by what is said of them: what all have in common, and what each column adds. */
export interface UserMap {
  /** [d] */
  start: Float32Array;
  /** [columns, d] */
  table: Float32Array;
}

/**
 * Fits vectors to features of users: the scores are the popularity, and by how much users who share a feature take more or less of
 * each item, by ridge regression (Gantner et al., ICDM 2010), as near as the space of the items allows.
 *
 * @param histories [users, items] @param side [users, columns] rows of length 1
 * @param users that it is fitted to
 * @returns one map for each ridge
 */
export function fitUsers(
  weights: Pick<StudentWeights, 'itemsOut' | 'itemBias'>,
  { histories, side }: { histories: Csr; side: Csr },
  users: Int32Array,
  ridges: readonly number[],
): UserMap[] {
  const own = selectRows(histories, users);
  const d = weights.itemsOut.width;
  const popularity = columnSums(own).map((sum) => sum / users.length);
  const { popular, add } = createItemSpace(weights, popularity);
  const common = new Float64Array(d);
  for (let item = 0; item < popularity.length; item++) add(item, -popularity[item]!, common);
  const targets = new Float32Array(users.length * d);
  for (let row = 0; row < own.rows; row++) {
    const target = targets.subarray(row * d, (row + 1) * d);
    for (let p = own.indptr[row]!; p < own.indptr[row + 1]!; p++)
      add(own.indices[p]!, own.values[p]!, target);
    for (let k = 0; k < d; k++) target[k] = popular.factor * (target[k]! + common[k]!);
  }
  const bags = selectRows(side, users);
  return ridges.map((ridge) => ({ start: popular.vector, table: fitHistories(bags, targets, d, ridge) }));
}
