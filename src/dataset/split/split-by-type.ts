import { percent, type SplitMethod } from './method.ts';
import { drawLots, oldestFirst, type Pairs, TRAIN, VALIDATION } from './split-parts.ts';

type TypesPlan = { test: string } & ({ validation: string } | { validationFraction: number });

export const types: SplitMethod<'types'> = {
  parts: splitByType,
  inWords: (plan) =>
    'validation' in plan
      ? `pairs of the type ${plan.test} are test, of ${plan.validation} validation; test scores are computed from ${plan.testHistory}`
      : `pairs of the type ${plan.test} are test; of each user's other pairs the newest ${percent(plan.validationFraction)} are validation`,
};

/**
 * The parts in which the interactions were imported. Without a validation type the newest share of each training
 * history is held out for tuning; a user keeps at least one training pair.
 *
 * @returns [nnz] the part of each pair
 */
function splitByType(pairs: Pairs, plan: TypesPlan, seed: number): Uint8Array {
  const { matrix, firstSeen, part: imported } = pairs;
  if (!imported) throw new Error('a split by types needs the part of each pair');
  const part = imported.slice();
  if ('validation' in plan || plan.validationFraction === 0) return part;
  const lot = drawLots(pairs, seed);
  for (let u = 0; u < matrix.rows; u++) {
    const train = oldestFirst(matrix.indptr[u]!, matrix.indptr[u + 1]!, firstSeen, lot).filter(
      (p) => part[p] === TRAIN,
    );
    if (train.length < 3) continue;
    const count = Math.max(1, Math.floor(train.length * plan.validationFraction));
    for (const p of train.slice(-count)) part[p] = VALIDATION;
  }
  return part;
}
