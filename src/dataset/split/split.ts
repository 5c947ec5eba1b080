import type { Rng } from '../../core/rng.ts';
import type { CompleteSplit } from '../../domain/tasks/split-spec.ts';
import { type Csr, filterEntries, rowLength, unionRows } from '../matrix.ts';
import { NEWER } from './history-kinds.ts';
import { methodOf } from './registry.ts';
import { FOLD_IN, type Pairs, pairsOf, TEST, TRAIN, VALIDATION } from './split-parts.ts';

export type SplitPlan = CompleteSplit;

/** Disjoint parts of one matrix, all of its shape. */
export interface Split {
  train: Csr;
  validation: Csr;
  test: Csr;
  /** Pairs that stand as history for users who are not trained on, when their held-out pairs are predicted. */
  foldIn: Csr;
  /** True where the validation pairs count as history when the test pairs are predicted. */
  validationIsHistory: boolean;
  /** [users] 1 for those of whom such a version learned from any pair; where there is such a version. */
  met?: Uint8Array;
  /** [users] the kind of each user's history, see kinds.ts. */
  kinds: Uint8Array;
  /** Pairs of unseen users that are never recommended and no history either; where there are such. */
  aside?: Csr;
}

/**
 * Splits the pairs as planned; equal seeds give equal splits.
 * @throws problem('not-enough-data') where the plan cannot be carried out on the data
 */
export function splitPairs(pairs: Pairs, plan: SplitPlan, rng: Rng): Split {
  const part = methodOf(plan).parts(pairs, plan, rng);
  const { matrix } = pairs;
  const only = (wanted: number) => filterEntries(matrix, (p) => part[p] === wanted);
  return {
    train: only(TRAIN),
    validation: only(VALIDATION),
    test: only(TEST),
    foldIn: only(FOLD_IN),
    validationIsHistory: !('testHistory' in plan) || plan.testHistory === 'train+validation',
    kinds: new Uint8Array(matrix.rows),
  };
}

/** Returns the histories, [users, items], from which a ranker computes its scores when these pairs are predicted. */
export function historyFor(split: Split, predicted: 'validation' | 'test'): Csr {
  const known = unionRows(split.train, split.foldIn);
  const more = predicted === 'test' && split.validationIsHistory;
  return more ? unionRows(known, split.validation) : known;
}

/**
 * Returns the histories that the student is trained on, [users, items]: those from which the test pairs are predicted, but only
 * of users who have training pairs, and of newer ones without the validation pairs. The teacher answers about these histories,
 * and itself learned from the training pairs alone.
 */
export function studentHistories(split: Split): Csr {
  const { train, validation, kinds, validationIsHistory } = split;
  if (!validationIsHistory) return train;
  return unionRows(
    train,
    pairsOf(validation, (u) => rowLength(train, u) > 0 && kinds[u] !== NEWER),
  );
}

/**
 * Returns the pairs that each user is known to have by then, [users, items], the history among them. No ranking contains them.
 */
export function knownFor(split: Split, predicted: 'validation' | 'test'): Csr {
  const parts = [split.foldIn, split.aside, predicted === 'test' ? split.validation : undefined];
  return parts.reduce<Csr>((known, part) => (part ? unionRows(known, part) : known), split.train);
}
