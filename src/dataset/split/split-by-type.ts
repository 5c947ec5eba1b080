import type { Rng } from '../../core/rng.ts';
import { drawLots, oldestFirst, type Pairs, TRAIN, VALIDATION } from './split-parts.ts';

export type TypesPlan = { test: string } & ({ validation: string } | { validationFraction: number });

/**
 * The parts in which the interactions were imported. Without a validation type the newest share of each training
 * history is held out for tuning; a user keeps at least one training pair.
 *
 * @returns [nnz] the part of each pair
 */
export function splitByType(pairs: Pairs, plan: TypesPlan, rng: Rng): Uint8Array {
  const { matrix, firstSeen, part: imported } = pairs;
  if (!imported) throw new Error('a split by types needs the part of each pair');
  const part = imported.slice();
  if ('validation' in plan || plan.validationFraction === 0) return part;
  const lot = drawLots(pairs, () => rng.next());
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
