import type { CompleteSplit } from '../../domain/tasks/split-spec.ts';
import { type Csr, filterEntries, rowLength, unionRows } from '../matrix.ts';
import { type NewestRows, newestOf } from '../newest-rows.ts';
import { NEWER } from './history-kinds.ts';
import { knownUntil } from './known-until.ts';
import { faded, keepNewest } from './newest.ts';
import { placesInTime } from './places.ts';
import { methodOf } from './registry.ts';
import { FOLD_IN, type Pairs, pairsOf, TEST, TRAIN, VALIDATION } from './split-parts.ts';
import { type LearnedBefore, type TakenOut, takeOut } from './take-out.ts';

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
  /** [users] the kind of each user's history, see kinds.ts. */
  kinds: Uint8Array;
  /** Pairs of unseen users that are never recommended and no history either; where there are such. */
  aside?: Csr;
  /** The split that was carried out in place of the one that was planned, as that one allows, and why. */
  instead?: { plan: SplitPlan; why: string };
  /** Pairs that were no test any more, where a version that learned from some of them is at work. */
  takenOut?: TakenOut;
  /** [users] 1 for those of whom such a version learned from any pair; where there is such a version. */
  met?: Uint8Array;
  /** [users] the moment at which the pairs of a part are predicted, milliseconds; absent where everything is known. */
  until?: Record<'validation' | 'test', Float64Array>;
  /** The matrix that was split, with the newest interaction of each pair that is known at the test. */
  newest?: { matrix: Csr } & NewestRows;
  /** Weight of an item of a history by that of the one after it, where models are asked with older items that say less. */
  recency?: number;
}

/**
 * Splits the pairs as planned. What is drawn is drawn by ids and seed, so that a pair keeps its lot when others are added.
 *
 * @param learned pairs that are not to be held out, as a model at work has learned from them
 * @throws problem('not-enough-data') where the plan cannot be carried out on the data
 */
export function splitPairs(pairs: Pairs, plan: SplitPlan, seed: number, learned?: LearnedBefore): Split {
  const instead = methodOf(plan).instead?.(pairs, plan) ?? undefined;
  const used = instead?.plan ?? plan;
  const part = methodOf(used).parts(pairs, used, seed);
  const taken = learned && takeOut(part, pairs, learned, seed);
  const until = { validation: knownUntil(pairs, part, VALIDATION), test: knownUntil(pairs, part, TEST) };
  const newest = atMoment(pairs, until.test);
  const { matrix } = newest;
  const only = (wanted: number) => filterEntries(matrix, (p) => part[p] === wanted);
  return {
    train: only(TRAIN),
    validation: only(VALIDATION),
    test: only(TEST),
    foldIn: only(FOLD_IN),
    validationIsHistory: !('testHistory' in plan) || plan.testHistory === 'train+validation',
    kinds: new Uint8Array(matrix.rows),
    ...taken,
    ...(instead && { instead }),
    until,
    newest,
  };
}

/** The matrix with the weights and the order that its pairs had at a moment of each user: an item that is come back to later is not newer yet. */
function atMoment(pairs: Pairs, until: Float64Array): { matrix: Csr } & NewestRows {
  const { values, ...newest } = newestOf(pairs, until);
  const { matrix, repeats } = pairs;
  if (!repeats) return { matrix, ...newest };
  const order = matrix.order && { order: placesInTime(matrix, newest.time, newest.arrival!) };
  return { matrix: { ...matrix, values, ...order }, ...newest };
}

/** Returns the histories with at most the newest `limit` pairs of each user that are known at the test, as serving folds them. */
export function newestKnown(split: Split, histories: Csr, limit: number): Csr {
  return split.newest ? keepNewest(histories, split.newest, limit) : histories;
}

/** Returns the histories as models are asked with them: the newest known pairs, of which older ones say less where that was chosen. */
export function askedWith(
  split: Split,
  histories: Csr,
  limit = Number.POSITIVE_INFINITY,
  recency = split.recency,
): Csr {
  const known = newestKnown(split, histories, limit);
  return recency === undefined || recency === 1 || !split.newest
    ? known
    : faded(known, split.newest, recency);
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
