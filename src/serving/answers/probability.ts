import { problem } from '../../core/errors.ts';
import type { Sliced } from '../../core/slices.ts';
import type { ShownScores } from '../../domain/answers/recommend-options.ts';
import type { RowMask } from '../../scoring/scan/blocked-rows.ts';
import type { ScanKernel } from '../../scoring/scan/kernel.ts';
import type { LiveModel, LiveTask } from '../models/live-model.ts';
import type { Boosts } from './rank-rows.ts';

/** Rows of one slice: a fraction of a millisecond. */
const SLICE = 4096;

/** The items that could come into an answer, and what rules add to their scores. */
export interface Candidates {
  leftOut: readonly ArrayLike<number>[];
  mask?: RowMask | undefined;
  boosts?: Boosts | null;
}

/** Turns scores into probabilities, see `createShares`. */
export type Shares = (score: number) => number;

/**
 * Computes the softmax of the scaled scores over all candidates: each one's share among all items that could come into the
 * answer. Exact, by one look at every row beside the scan, which looks at few; in slices, so that other requests go on.
 *
 * @param vector a copy of the user's, as the scan gets it
 * @param scale the one that was fitted on validation pairs
 */
export function* createShares(
  kernel: ScanKernel,
  vector: Float32Array,
  items: number,
  scale: number,
  { leftOut, mask, boosts }: Candidates,
): Sliced<Shares> {
  const isOut = new Uint8Array(items);
  for (const rows of leftOut) for (let i = 0; i < rows.length; i++) isOut[rows[i]!] = 1;
  const added = new Map(Array.from(boosts?.boostedRows ?? [], (row, i) => [row, boosts!.amounts[i]!]));
  const scores = new Float32Array(Math.min(SLICE, items));
  let [max, sum] = [Number.NEGATIVE_INFINITY, 0];
  for (let from = 0; from < items; from += SLICE) {
    const rows = Int32Array.from({ length: Math.min(SLICE, items - from) }, (_, i) => from + i);
    kernel.scoresOf(vector, rows, scores);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (isOut[row] === 1 || mask?.allowed[row] === 0) continue;
      const score = Math.fround(scores[i]! + (added.get(row) ?? 0));
      // As in the scan, which shows no such row.
      if (!(score > Number.NEGATIVE_INFINITY)) continue;
      if (score > max) {
        sum *= Math.exp(scale * (max - score));
        max = score;
      }
      sum += Math.exp(scale * (score - max));
    }
    yield;
  }
  return (score) => Math.exp(scale * (score - max)) / sum;
}

/**
 * @returns the scale where probabilities are asked for, null where scores are shown as they are
 * @throws problem('invalid-request') where the model has none
 */
export function scaleFor(
  model: LiveModel | null,
  task: LiveTask | null,
  asked: ShownScores | undefined,
): number | null {
  if (asked !== 'probability' || !model || !task) return null;
  if (task.scoreScale !== undefined) return task.scoreScale;
  const version = `version ${model.version} of model ${model.name}`;
  throw problem(
    'invalid-request',
    model.scorer.ratings
      ? `scores must be raw for ${version}, which predicts ratings: its scores are on their scale; got "probability".`
      : `scores must be raw for ${version}, which has no scale of its scores: too few users had validation pairs after their histories (at least 16), or an earlier release trained it; got "probability".`,
  );
}
