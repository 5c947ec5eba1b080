import type { Rng } from '../../core/rng.ts';
import type { CompleteSplit } from '../../domain/tasks/split-spec.ts';
import { type Csr, filterEntries, rowLength, unionRows } from '../matrix.ts';
import { methodOf } from './registry.ts';
import { FOLD_IN, type Pairs, TEST, TRAIN, VALIDATION } from './split-parts.ts';

export type SplitPlan = CompleteSplit;

/** Disjoint parts of one matrix, all of its shape. */
export interface Split {
  train: Csr;
  validation: Csr;
  test: Csr;
  /** What is known of users who are not trained on, when their held-out pairs are predicted. */
  foldIn: Csr;
  /** Whether the validation pairs are history when the test pairs are predicted. */
  validationIsHistory: boolean;
}

/** The same for the same seed. @throws problem('not-enough-data') where the plan cannot be carried out on the data */
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
  };
}

/** What the scores are computed from when these pairs are predicted, [users, items]. */
export function historyFor(split: Split, predicted: 'validation' | 'test'): Csr {
  const known = unionRows(split.train, split.foldIn);
  const more = predicted === 'test' && split.validationIsHistory;
  return more ? unionRows(known, split.validation) : known;
}

/**
 * What the student is taught on, [users, items]: the histories from which the test will be predicted, of users who are trained
 * on. The teacher only answers about them, and it learned from the training pairs alone.
 */
export function taughtHistories(split: Split): Csr {
  const known = historyFor(split, 'test');
  const trained = new Uint8Array(known.indices.length);
  for (let u = 0; u < known.rows; u++)
    if (rowLength(split.train, u) > 0) trained.fill(1, known.indptr[u]!, known.indptr[u + 1]!);
  return filterEntries(known, (p) => trained[p] === 1);
}

/** What the user is known to have by then, and what no ranking contains, [users, items]; the history is part of it. */
export function knownFor(split: Split, predicted: 'validation' | 'test'): Csr {
  const known = unionRows(split.train, split.foldIn);
  return predicted === 'test' ? unionRows(known, split.validation) : known;
}
