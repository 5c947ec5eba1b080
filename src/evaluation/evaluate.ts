import { type Csr, rowLength, selectRows } from '../dataset/matrix.ts';
import {
  hitRateAt,
  klDivergence,
  logSumExp,
  ndcgAt,
  overlap,
  recallAt,
  reciprocalRankAt,
} from './metrics.ts';
import { rankRelevant } from './ranks.ts';
import { createReference, type Reference, type Seen } from './reference.ts';
import { createSegmentTally, type SegmentRow } from './segment-tally.ts';
import { topList } from './top-list.ts';

/** Anything that scores the whole catalogue from histories. */
export interface Ranker {
  name: string;
  /** @returns [rows, items] row-major, a buffer of its own or one that the next call reuses */
  scores(histories: Csr): Float32Array;
}

export interface EvaluationData {
  /** [users, items] what each user's scores are computed from. */
  histories: Csr;
  /** [users, items] what is masked; by default the histories. */
  known?: Csr;
  /** [users, items] held-out pairs, disjoint from what is masked. */
  heldOut: Csr;
  /** [items] weight in training, for the segments. */
  popularity: Float32Array;
}

export interface Outcome {
  name: string;
  /** Per evaluated user: accuracy, loss, recall@k, ndcg@k, hr@k, mrr@k. */
  metrics: Record<string, Float64Array>;
  /** Per evaluated user, against the reference ranker: overlap@k and kl; empty for the reference itself. */
  fidelity: Record<string, Float64Array>;
  /** Share of the catalogue that appears in some user's first k. */
  coverage: Record<string, number>;
  segments: SegmentRow[];
}

export interface EvaluateOptions {
  ks: readonly number[];
  batchSize?: number;
  /** Called between batches; for progress and cancelling. */
  onBatch?: (fraction: number) => Promise<void> | void;
}

/** Keeps a batch of scores at 16 MiB. */
const MAX_BATCH_SCORES = 1 << 22;

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
  const tallies = rankers.map((ranker, i) => createTally(ranker.name, users.length, data, options.ks, i > 0));
  const size = options.batchSize ?? Math.max(16, Math.min(256, Math.floor(MAX_BATCH_SCORES / items)));
  const reference = createReference(rankers.length > 1 ? size : 0, items);
  for (let from = 0; from < users.length; from += size) {
    const batch = users.subarray(from, from + size);
    const histories = selectRows(data.histories, batch);
    for (const [i, ranker] of rankers.entries()) {
      const scores = ranker.scores(histories);
      for (let b = 0; b < batch.length; b++) {
        const own = masked(scores.subarray(b * items, (b + 1) * items), data, batch[b]!);
        const seen = tallies[i]!.add({ user: batch[b]!, at: from + b, scores: own });
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

function masked(scores: Float32Array, data: EvaluationData, user: number): Float32Array {
  const { indptr, indices } = data.known ?? data.histories;
  for (let p = indptr[user]!; p < indptr[user + 1]!; p++) scores[indices[p]!] = Number.NEGATIVE_INFINITY;
  return scores;
}

interface UserScores {
  user: number;
  /** Position among the evaluated users. */
  at: number;
  scores: Float32Array;
}

function createTally(
  name: string,
  users: number,
  data: EvaluationData,
  ks: readonly number[],
  againstReference: boolean,
) {
  const maxK = Math.min(Math.max(...ks), data.histories.columns);
  const column = () => new Float64Array(users);
  const metrics: Record<string, Float64Array> = { accuracy: column(), loss: column() };
  for (const k of ks) for (const m of ['recall', 'ndcg', 'hr', 'mrr']) metrics[`${m}@${k}`] = column();
  const fidelity: Record<string, Float64Array> = {};
  if (againstReference) for (const key of ['kl', ...ks.map((k) => `overlap@${k}`)]) fidelity[key] = column();
  const shown = ks.map(() => new Uint8Array(data.histories.columns));
  const segments = createSegmentTally(data, ks.at(-1)!);

  function add({ user, at, scores }: UserScores): Seen {
    const { indptr, indices } = data.heldOut;
    const list = topList(scores, maxK);
    const logSum = list.length > 0 ? logSumExp(scores, scores[list[0]!]!) : Number.NEGATIVE_INFINITY;
    // Nothing asks for ranks beyond the list.
    const floor = list.length === maxK ? scores[list[maxK - 1]!]! : Number.NEGATIVE_INFINITY;
    const ranked = rankRelevant(scores, indices.subarray(indptr[user]!, indptr[user + 1]!), floor);
    metrics.accuracy![at] = hitRateAt(ranked.ranks, 1);
    metrics.loss![at] = meanCrossEntropy(scores, logSum, ranked.items);
    for (const k of ks) {
      metrics[`recall@${k}`]![at] = recallAt(ranked.ranks, k);
      metrics[`ndcg@${k}`]![at] = ndcgAt(ranked.ranks, k);
      metrics[`hr@${k}`]![at] = hitRateAt(ranked.ranks, k);
      metrics[`mrr@${k}`]![at] = reciprocalRankAt(ranked.ranks, k);
    }
    segments.add(user, ranked);
    for (const [i, k] of ks.entries()) for (const item of list.subarray(0, k)) shown[i]![item] = 1;
    return { scores, logSum, list };
  }

  function compare(at: number, { scores, logSum, list }: Seen, reference: Reference): void {
    fidelity.kl![at] = klDivergence(reference, scores, logSum);
    for (const k of ks)
      fidelity[`overlap@${k}`]![at] = overlap(reference.list.subarray(0, k), list.subarray(0, k));
  }

  function outcome(): Outcome {
    const share = (marks: Uint8Array) => marks.reduce((sum, x) => sum + x, 0) / marks.length;
    const coverage = Object.fromEntries(ks.map((k, i) => [`coverage@${k}`, share(shown[i]!)]));
    return { name, metrics, fidelity, coverage, segments: segments.rows() };
  }
  return { add, compare, outcome };
}

/** Mean of -log softmax over the held-out items; the softmax is over the items that are not masked. */
function meanCrossEntropy(scores: Float32Array, logSum: number, items: Int32Array): number {
  let sum = 0;
  for (const item of items) sum += logSum - scores[item]!;
  return sum / items.length;
}
