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
import { type Ranked, rankRelevant } from './ranks.ts';
import { HISTORY_CLASSES, historyClass, ITEM_CLASSES, itemClasses } from './segments.ts';
import { topList } from './top-list.ts';

/** Anything that scores the whole catalogue from histories. */
export interface Ranker {
  name: string;
  /** @returns [rows, items] row-major, a buffer of its own or one that the next call reuses */
  scores(histories: Csr): Float32Array;
}

export interface EvaluationData {
  /** [users, items] what each user's scores are computed from; these items are masked. */
  histories: Csr;
  /** [users, items] held-out pairs, disjoint from the histories. */
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
  segments: { segment: string; users: number; metrics: Record<string, number> }[];
}

export interface EvaluateOptions {
  ks: readonly number[];
  batchSize?: number;
  /** Called between batches; for progress and cancelling. */
  onBatch?: (fraction: number) => Promise<void> | void;
}

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
  const tallies = rankers.map((ranker, i) => createTally(ranker.name, users.length, data, options.ks, i > 0));
  const size = options.batchSize ?? 256;
  for (let from = 0; from < users.length; from += size) {
    const batch = users.subarray(from, from + size);
    const histories = selectRows(data.histories, batch);
    let reference: Reference[] = [];
    for (const [i, ranker] of rankers.entries()) {
      const scores = ranker.scores(histories);
      const rows = Array.from(batch, (user, b) => ({
        user,
        at: from + b,
        scores: masked(
          scores.subarray(b * data.histories.columns, (b + 1) * data.histories.columns),
          data,
          user,
        ),
      }));
      const seen = rows.map((row, b) => tallies[i]!.add(row, reference[b]));
      // A later ranker may reuse the same buffer, so the reference keeps copies.
      if (i === 0 && rankers.length > 1) reference = seen.map((s) => ({ ...s, scores: s.scores.slice() }));
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
  const { indptr, indices } = data.histories;
  for (let p = indptr[user]!; p < indptr[user + 1]!; p++) scores[indices[p]!] = Number.NEGATIVE_INFINITY;
  return scores;
}

interface UserScores {
  user: number;
  /** Position among the evaluated users. */
  at: number;
  scores: Float32Array;
}

interface Reference {
  scores: Float32Array;
  list: Int32Array;
}

function createTally(
  name: string,
  users: number,
  data: EvaluationData,
  ks: readonly number[],
  compare: boolean,
) {
  const maxK = Math.min(Math.max(...ks), data.histories.columns);
  const column = () => new Float64Array(users);
  const metrics: Record<string, Float64Array> = { accuracy: column(), loss: column() };
  for (const k of ks) for (const m of ['recall', 'ndcg', 'hr', 'mrr']) metrics[`${m}@${k}`] = column();
  const fidelity: Record<string, Float64Array> = {};
  if (compare) for (const key of ['kl', ...ks.map((k) => `overlap@${k}`)]) fidelity[key] = column();
  const shown = ks.map(() => new Uint8Array(data.histories.columns));
  const segments = createSegments(data, ks);

  function add({ user, at, scores }: UserScores, reference?: Reference): Reference {
    const { indptr, indices } = data.heldOut;
    const ranked = rankRelevant(scores, indices.subarray(indptr[user]!, indptr[user + 1]!));
    metrics.accuracy![at] = hitRateAt(ranked.ranks, 1);
    metrics.loss![at] = meanCrossEntropy(scores, ranked.items);
    for (const k of ks) {
      metrics[`recall@${k}`]![at] = recallAt(ranked.ranks, k);
      metrics[`ndcg@${k}`]![at] = ndcgAt(ranked.ranks, k);
      metrics[`hr@${k}`]![at] = hitRateAt(ranked.ranks, k);
      metrics[`mrr@${k}`]![at] = reciprocalRankAt(ranked.ranks, k);
    }
    segments.add(user, ranked);
    const list = topList(scores, maxK);
    for (const [i, k] of ks.entries()) for (const item of list.subarray(0, k)) shown[i]![item] = 1;
    if (compare && reference) {
      fidelity.kl![at] = klDivergence(reference.scores, scores);
      for (const k of ks)
        fidelity[`overlap@${k}`]![at] = overlap(reference.list.subarray(0, k), list.subarray(0, k));
    }
    return { scores, list };
  }

  function outcome(): Outcome {
    const share = (marks: Uint8Array) => marks.reduce((sum, x) => sum + x, 0) / marks.length;
    const coverage = Object.fromEntries(ks.map((k, i) => [`coverage@${k}`, share(shown[i]!)]));
    return { name, metrics, fidelity, coverage, segments: segments.rows() };
  }
  return { add, outcome };
}

/** Mean of -log softmax over the held-out items; the softmax is over the items that are not masked. */
function meanCrossEntropy(scores: Float32Array, items: Int32Array): number {
  const z = logSumExp(scores);
  let sum = 0;
  for (const item of items) sum += z - scores[item]!;
  return sum / items.length;
}

function createSegments(data: EvaluationData, ks: readonly number[]) {
  const k = ks.at(-1)!;
  const classes = itemClasses(data.popularity);
  const itemRows = ITEM_CLASSES.map(() => ({ users: new Set<number>(), hits: 0, total: 0 }));
  const historyRows = HISTORY_CLASSES.map(() => ({ users: 0, recall: 0, ndcg: 0 }));
  return {
    add(user: number, ranked: Ranked) {
      for (const [i, item] of ranked.items.entries()) {
        const row = itemRows[classes[item]!]!;
        row.users.add(user);
        row.total++;
        if (ranked.ranks[i]! < k) row.hits++;
      }
      const row = historyRows[historyClass(data.histories, user)]!;
      row.users++;
      row.recall += recallAt(ranked.ranks, k);
      row.ndcg += ndcgAt(ranked.ranks, k);
    },
    rows(): Outcome['segments'] {
      const items = itemRows.map((row, i) => ({
        segment: `items:${ITEM_CLASSES[i]}`,
        users: row.users.size,
        metrics: { [`recall@${k}`]: row.total === 0 ? 0 : row.hits / row.total },
      }));
      const histories = historyRows.map((row, i) => ({
        segment: `history:${HISTORY_CLASSES[i]!.name}`,
        users: row.users,
        metrics: { [`recall@${k}`]: row.recall / row.users, [`ndcg@${k}`]: row.ndcg / row.users },
      }));
      return [...items, ...histories].filter((row) => row.users > 0);
    },
  };
}
