import { type Csr, rowLength, selectRows } from '../dataset/matrix.ts';
import type { RecallDenominator } from './metrics.ts';
import { createReference } from './reference.ts';
import { createTally, type Outcome } from './tally.ts';

/** Anything that scores the whole catalogue from histories. */
export interface Ranker {
  name: string;
  /** [users, items] what it knows of the users, where that is not what the others know. */
  histories?: Csr;
  /** @returns [rows, items] row-major, a buffer of its own or one that the next call reuses */
  scores(histories: Csr): Float32Array;
  /** True where it says anything of a user; the others are left out of its metrics. Everybody by default. */
  covers?(user: number): boolean;
  /**
   * True for a ranker that lists a few items and gives the others -Infinity, so that its scores make no softmax over
   * the catalogue.
   */
  listsOnly?: boolean;
  /** Factor on its scores for calibratedLoss and kl, see score-scale.ts; without one they are taken as they are. */
  scale?: number;
}

export interface EvaluationData {
  /** [users, items] what each user's scores are computed from. */
  histories: Csr;
  /** [users, items] what is masked; by default the histories. */
  known?: Csr;
  /** Rows that nobody is shown; none of them is held out. */
  hidden?: Int32Array;
  /** [users, items] held-out pairs, disjoint from what is masked. */
  heldOut: Csr;
  /** [items] weight in training, for the segments. */
  popularity: Float32Array;
  /** [items] 1 for those that an earlier version did not know; where there is one, for the segments. */
  newItems?: Uint8Array;
  /** True for users who are in the segments and whose lists are counted for coverage and popularity; all by default. */
  counted?: (user: number) => boolean;
}

export interface EvaluateOptions {
  ks: readonly number[];
  /** Default: the number of held-out items. */
  recallDenominator?: RecallDenominator;
  /** False leaves out losses and kl, which take a third of the time of a validation. */
  losses?: boolean;
  batchSize?: number;
  /** Called between batches; for progress and cancelling. */
  onBatch?: (fraction: number) => Promise<void> | void;
  /** Called with each ranker's list of each user, best first, and the scores of all items; the next call overwrites both. */
  onRanked?: OnRanked | undefined;
}

export type OnRanked = (ranker: string, user: number, list: Int32Array, scores: Float32Array) => void;

/** Keeps a batch of scores at 16 MiB. */
const MAX_BATCH_SCORES = 1 << 22;

/** Users whose scores are asked for at once. */
export const batchSizeFor = (items: number): number =>
  Math.max(16, Math.min(256, Math.floor(MAX_BATCH_SCORES / items)));

/**
 * Ranks all items for each user with held-out items, for all rankers in one pass. The first ranker is the reference
 * for fidelity (the teacher).
 */
export async function evaluate(
  rankers: readonly Ranker[],
  data: EvaluationData,
  options: EvaluateOptions,
): Promise<{ users: Int32Array; outcomes: Outcome[] }> {
  const users = evaluatedUsers(data.heldOut);
  const items = data.histories.columns;
  const { ks, recallDenominator = 'testSize', losses = true } = options;
  const inSoftmax = (ranker: Ranker | undefined) => losses && ranker?.listsOnly !== true;
  const tallies = rankers.map((ranker, i) =>
    createTally(
      {
        name: ranker.name,
        users: users.length,
        ks,
        recallDenominator,
        softmax: inSoftmax(ranker),
        scale: ranker.scale ?? null,
        reference: i === 0 ? null : { softmax: inSoftmax(rankers[0]) },
      },
      data,
    ),
  );
  const size = options.batchSize ?? batchSizeFor(items);
  const reference = createReference(rankers.length > 1 ? size : 0, items);
  for (let from = 0; from < users.length; from += size) {
    const batch = users.subarray(from, from + size);
    const histories = selectRows(data.histories, batch);
    for (const [i, ranker] of rankers.entries()) {
      const scores = ranker.scores(ranker.histories ? selectRows(ranker.histories, batch) : histories);
      for (let b = 0; b < batch.length; b++) {
        if (ranker.covers?.(batch[b]!) === false) {
          tallies[i]!.skip(from + b);
          if (i === 0) reference.keep(b, null);
          continue;
        }
        const own = masked(scores.subarray(b * items, (b + 1) * items), data, batch[b]!);
        const counted = data.counted?.(batch[b]!) ?? true;
        const seen = tallies[i]!.add({ user: batch[b]!, at: from + b, scores: own, counted });
        options.onRanked?.(ranker.name, batch[b]!, seen.list, own);
        if (i > 0) tallies[i]!.compare(from + b, seen, reference.of(b));
        else if (rankers.length > 1) reference.keep(b, seen);
      }
    }
    await options.onBatch?.(Math.min(1, (from + size) / users.length));
  }
  return { users, outcomes: tallies.map((tally) => tally.outcome()) };
}

export function evaluatedUsers(heldOut: Csr): Int32Array {
  const all = Int32Array.from({ length: heldOut.rows }, (_, u) => u);
  return all.filter((u) => rowLength(heldOut, u) > 0);
}

/** The scores with what the user is known to have at -Infinity, in place. */
export function masked(
  scores: Float32Array,
  data: Pick<EvaluationData, 'histories' | 'known' | 'hidden'>,
  user: number,
): Float32Array {
  const { indptr, indices } = data.known ?? data.histories;
  for (let p = indptr[user]!; p < indptr[user + 1]!; p++) scores[indices[p]!] = Number.NEGATIVE_INFINITY;
  for (const row of data.hidden ?? []) scores[row] = Number.NEGATIVE_INFINITY;
  return scores;
}
