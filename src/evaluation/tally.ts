import type { Csr } from '../dataset/matrix.ts';
import { kendallTau, overlap, rankBiasedOverlap } from './agreement.ts';
import { createExposure, type Exposure } from './exposure.ts';
import {
  hitRateAt,
  ndcgAt,
  precisionAt,
  type RecallDenominator,
  recallAt,
  reciprocalRankAt,
} from './metrics.ts';
import { rankRelevant } from './ranks.ts';
import type { Reference, Seen } from './reference.ts';
import { createSegmentTally, type SegmentRow } from './segment-tally.ts';
import { klDivergence, logSumExp } from './softmax.ts';
import { topList } from './top-list.ts';

export interface Outcome {
  name: string;
  /** Factor on the scores for calibratedLoss and kl; null for scores that were taken as they are. */
  scale: number | null;
  /**
   * Per evaluated user: hr@1, loss, calibratedLoss, recall@k, precision@k, ndcg@k, hr@k, mrr@k. What needs a softmax over
   * the whole catalogue, losses and kl, is NaN for users outside the sample; everything is, for users whom the ranker does not cover.
   */
  metrics: Record<string, Float64Array>;
  /** Per evaluated user, against the reference ranker: kl, rbo, tau, overlap@k; empty for the reference itself. */
  fidelity: Record<string, Float64Array>;
  /** Exposure by k, as text. */
  exposure: Record<string, Exposure>;
  segments: SegmentRow[];
}

export interface TallyOptions {
  name: string;
  /** Number of users that are evaluated. */
  users: number;
  ks: readonly number[];
  recallDenominator: RecallDenominator;
  /** True where its scores make a softmax over the catalogue. */
  softmax: boolean;
  /** Calibration: calibratedLoss and kl are of softmax(scale * scores); null for scores as they are. */
  scale: number | null;
  /** Null for the reference itself. */
  reference: { softmax: boolean } | null;
}

/** Loss and divergence are taken from every n-th user, so that they cost no more than the ranking itself. */
export const SOFTMAX_USERS = 4096;

interface UserScores {
  user: number;
  /** Position among the evaluated users. */
  at: number;
  /** [items], masked items at -Infinity. */
  scores: Float32Array;
  /** False for a user who is in no segment and no exposure. */
  counted?: boolean;
}

/** Counts one ranker's metrics, user by user. */
export function createTally(
  { name, users, ks, recallDenominator, softmax, scale: fitted, reference }: TallyOptions,
  data: { histories: Csr; heldOut: Csr; popularity: Float32Array; newItems?: Uint8Array },
) {
  const scale = fitted ?? 1;
  const everyNth = Math.ceil(users / SOFTMAX_USERS);
  const maxK = Math.min(Math.max(...ks), data.histories.columns);
  const columns = (names: readonly string[]) =>
    Object.fromEntries(names.map((key) => [key, new Float64Array(users)]));
  const metrics = columns([
    'hr@1',
    ...(softmax ? ['loss', 'calibratedLoss'] : []),
    ...ks.flatMap((k) => ['recall', 'precision', 'ndcg', 'hr', 'mrr'].map((m) => `${m}@${k}`)),
  ]);
  const hasKl = softmax && reference?.softmax === true;
  const fidelity = columns(
    reference ? [...(hasKl ? ['kl'] : []), 'rbo', 'tau', ...ks.map((k) => `overlap@${k}`)] : [],
  );
  const exposure = ks.map(() => createExposure(data.popularity));
  const segments = createSegmentTally(data, ks.at(-1)!, recallDenominator);

  function add({ user, at, scores, counted = true }: UserScores): Seen {
    const { indptr, indices } = data.heldOut;
    const list = topList(scores, maxK);
    const sampled = softmax && at % everyNth === 0 && list.length > 0;
    const sumOf = (by: number) => (sampled ? logSumExp(scores, scores[list[0]!]!, by) : Number.NaN);
    const raw = sumOf(1);
    const logSum = scale === 1 ? raw : sumOf(scale);
    // Nothing asks for ranks beyond the list.
    const floor = list.length === maxK ? scores[list[maxK - 1]!]! : Number.NEGATIVE_INFINITY;
    const ranked = rankRelevant(scores, indices.subarray(indptr[user]!, indptr[user + 1]!), floor);
    metrics['hr@1']![at] = hitRateAt(ranked.ranks, 1);
    if (softmax) {
      metrics.loss![at] = meanCrossEntropy(scores, 1, raw, ranked.items);
      metrics.calibratedLoss![at] = meanCrossEntropy(scores, scale, logSum, ranked.items);
    }
    for (const [i, k] of ks.entries()) {
      metrics[`recall@${k}`]![at] = recallAt(ranked.ranks, k, recallDenominator);
      metrics[`precision@${k}`]![at] = precisionAt(ranked.ranks, k);
      metrics[`ndcg@${k}`]![at] = ndcgAt(ranked.ranks, k);
      metrics[`hr@${k}`]![at] = hitRateAt(ranked.ranks, k);
      metrics[`mrr@${k}`]![at] = reciprocalRankAt(ranked.ranks, k);
      if (counted) exposure[i]!.add(list.subarray(0, k));
    }
    if (counted) segments.add(user, ranked);
    return { scores, scale, logSum, list };
  }

  /** A user of whom the ranker says nothing. */
  function skip(at: number): void {
    for (const column of [...Object.values(metrics), ...Object.values(fidelity)]) column[at] = Number.NaN;
  }

  function compare(
    at: number,
    { scores, scale: own, logSum, list }: Seen,
    reference: Reference | null,
  ): void {
    if (!reference) {
      for (const column of Object.values(fidelity)) column[at] = Number.NaN;
      return;
    }
    if (hasKl) {
      const { softmax } = reference;
      fidelity.kl![at] = softmax ? klDivergence(softmax, scores, own, logSum) : Number.NaN;
    }
    fidelity.rbo![at] = rankBiasedOverlap(reference.list, list);
    fidelity.tau![at] = kendallTau(reference.list, scores);
    for (const k of ks)
      fidelity[`overlap@${k}`]![at] = overlap(reference.list.subarray(0, k), list.subarray(0, k));
  }

  function outcome(): Outcome {
    const shown = Object.fromEntries(ks.map((k, i) => [String(k), exposure[i]!.result()]));
    return { name, scale: fitted, metrics, fidelity, exposure: shown, segments: segments.rows() };
  }
  return { add, skip, compare, outcome };
}

/** Mean of -log softmax(scale * scores) over the held-out items; the softmax is over the items that are not masked. */
function meanCrossEntropy(scores: Float32Array, scale: number, logSum: number, items: Int32Array): number {
  let sum = 0;
  for (const item of items) sum += logSum - scale * scores[item]!;
  return sum / items.length;
}
