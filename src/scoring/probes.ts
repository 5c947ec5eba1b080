import type { Probe } from '../artifact/student/probes.ts';
import { problem } from '../core/errors.ts';
import type { Sliced } from '../core/slices.ts';
import type { RowIndex } from './row-index.ts';
import type { StudentScorer } from './student-scorer.ts';

const PROBES = 8;
const LONGEST = 5;
const K = 10;
/**
 * Relative to the greatest score of a list. The kernel gives the same bits everywhere; the functions that make a
 * user's vector (tanh, say) may differ by a rounding between releases of Node.
 */
const TOLERANCE = 1e-4;

/**
 * Trial requests with the student's own answers, for its artifact.
 * @param items ids in row order
 */
export function makeProbes(scorer: StudentScorer, items: readonly string[]): Probe[] {
  return trialHistories(scorer).map(({ rows, weights }) => {
    const { rows: best, scores, length } = scorer.recommend(rows, weights, K);
    return {
      history: rows.map((row, i) => ({ itemId: items[row]!, weight: weights[i]! })),
      top: Array.from({ length }, (_, i) => ({ itemId: items[best[i]!]!, score: scores[i]! })),
    };
  });
}

/**
 * Asks again and compares with what was answered when the student was packed.
 * @throws problem('invalid-artifact') that says which request is answered how
 */
export function* checkProbes(scorer: StudentScorer, rowOf: RowIndex, probes: readonly Probe[]): Sliced<void> {
  for (const [i, { history, top }] of probes.entries()) {
    yield;
    const refuse = (reason: string) =>
      problem('invalid-artifact', `trial request ${i + 1} of the artifact ${reason}`);
    const rowNamed = (itemId: string) => {
      const row = rowOf.get(itemId);
      if (row === undefined) throw refuse(`names the item ${JSON.stringify(itemId)}, which it does not have`);
      return row;
    };
    const rows = history.map(({ itemId }) => rowNamed(itemId));
    const expectedRows = top.map(({ itemId }) => rowNamed(itemId));
    const vector = scorer.userVector(
      rows,
      history.map(({ weight }) => weight),
    );
    const own = new Float32Array(top.length);
    scorer.kernel.scoresOf(vector, expectedRows, own);
    const best = scorer.kernel.topK(vector, top.length);
    if (best.length !== top.length) {
      throw refuse(`was answered with ${top.length} items, now with ${best.length}`);
    }
    const allowed = TOLERANCE * Math.max(...top.map(({ score }) => Math.abs(score)));
    top.forEach(({ itemId, score }, place) => {
      // Items that score the same within the tolerance may have changed places.
      if (isNear(own[place]!, score, allowed) && isNear(best.scores[place]!, score, allowed)) return;
      const now = `now scores ${own[place]}, and the best score at that place is ${best.scores[place]}`;
      throw refuse(`had ${JSON.stringify(itemId)} with ${score} at place ${place + 1}; the item ${now}`);
    });
  }
}

/** NaN is near nothing. */
function isNear(a: number, b: number, allowed: number): boolean {
  return Math.abs(a - b) <= allowed;
}

/**
 * A few made-up users: weights that are finite one by one can still overflow together.
 * @throws problem('invalid-artifact')
 */
export function* tryScorer(scorer: StudentScorer): Sliced<void> {
  const all = new Float32Array(scorer.items);
  for (const { rows, weights } of trialHistories(scorer)) {
    yield;
    scorer.scoresInto(rows, weights, all);
    if (!all.every(Number.isFinite)) {
      throw problem('invalid-artifact', 'a trial request got scores that are not finite numbers');
    }
    const { length, scores } = scorer.recommend(rows, weights, K);
    const sorted = scores.subarray(0, length).every((score, at) => at === 0 || score <= scores[at - 1]!);
    if (length !== Math.min(K, scorer.items) || !sorted) {
      throw problem('invalid-artifact', 'a trial request got a list that is not in order');
    }
  }
}

/** One item from anywhere, and up to four popular ones; the newest counts most. */
function trialHistories({ items, popularityOrder }: StudentScorer): { rows: number[]; weights: number[] }[] {
  return Array.from({ length: PROBES }, (_, i) => {
    const first = Math.floor((i * items) / PROBES);
    const rows = [...new Set([first, ...popularityOrder.subarray(i, i + (i % LONGEST))])];
    return { rows, weights: rows.map((_, at) => 1 / (1 + at)) };
  });
}
