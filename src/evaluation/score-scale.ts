import { type Csr, selectRows } from '../dataset/matrix.ts';
import { type EvaluationData, evaluatedUsers, masked, type Ranker } from './evaluate.ts';
import { sumExp } from './softmax.ts';

/** Scores of one fit: 8 MiB, and a second or so for all rankers of a job. */
const MOST_SCORES = 1 << 21;
const LEAST_USERS = 16;
const BATCH = 64;
const STEPS = 60;
/** Relative width of the interval at which the search ends. */
const PRECISION = 1e-7;
/** A scale may be as many times away from the one at which scores have a standard deviation of 1. */
const REACH = 1e4;

/**
 * Users whom scales are fitted on: as many of the validation as keep the scores small. A student that was taught the very pairs
 * that are predicted would get the scale of its memory, so these users alone count; there are none where they are fewer than 16.
 * @param isUntaught true for users whose held-out pairs nobody was taught
 */
export function scaleUsers(
  heldOut: Csr,
  isUntaught: (user: number) => boolean,
  shuffle: (users: Int32Array) => Int32Array,
): Int32Array {
  const untaught = evaluatedUsers(heldOut).filter(isUntaught);
  if (untaught.length < LEAST_USERS) return new Int32Array(0);
  const most = Math.max(LEAST_USERS, Math.floor(MOST_SCORES / heldOut.columns));
  return shuffle(untaught).subarray(0, most);
}

/**
 * Fits the scale s > 0 under which the held-out items are most likely as draws from softmax(s * scores) over the items that are
 * not masked: temperature scaling (Guo et al., ICML 2017, section 4.2), which changes no ranking. The loss is convex in s, so that
 * its slope has one zero; it is searched by Newton's steps within an interval that is halved where a step would leave it.
 *
 * @param data histories, masked items and held-out pairs, [all users, items] each
 * @returns null where no user has scores, or where they are not finite. Where the held-out items are scored no better than
 *   others, or better than all others, the scale is the least or the greatest that is looked at.
 */
export function fitScale(
  ranker: Ranker,
  data: Pick<EvaluationData, 'histories' | 'known' | 'heldOut' | 'hidden'>,
  users: Int32Array,
): number | null {
  const rows = collect(ranker, data, ranker.covers ? users.filter((user) => ranker.covers!(user)) : users);
  const spread = deviation(rows);
  if (!(spread > 0 && spread < Number.POSITIVE_INFINITY)) return null;
  let [low, high] = [1 / (REACH * spread), REACH / spread];
  let scale = 1 / spread;
  for (let step = 0; step < STEPS && high - low > PRECISION * scale; step++) {
    const { slope, curvature } = slopeAt(rows, scale);
    if (slope > 0) high = scale;
    else low = scale;
    const next = scale - slope / curvature;
    // The interval spans orders of magnitude at first: its middle is taken between the logarithms.
    scale = next > low && next < high ? next : Math.sqrt(low * high);
    if (Math.abs(slope) < PRECISION * spread) break;
  }
  return scale;
}

interface ScoredUser {
  /** The scores of items that are not masked, less the greatest. */
  below: Float32Array;
  /** Mean of them over the held-out items. */
  heldOut: number;
}

function collect(
  ranker: Ranker,
  data: Pick<EvaluationData, 'histories' | 'known' | 'heldOut' | 'hidden'>,
  users: Int32Array,
): ScoredUser[] {
  const items = data.histories.columns;
  const rows: ScoredUser[] = [];
  for (let from = 0; from < users.length; from += BATCH) {
    const batch = users.subarray(from, from + BATCH);
    const scores = ranker.scores(selectRows(data.histories, batch));
    for (let b = 0; b < batch.length; b++) {
      const own = masked(scores.subarray(b * items, (b + 1) * items), data, batch[b]!);
      rows.push(scoredUser(own, data.heldOut, batch[b]!));
    }
  }
  return rows;
}

function scoredUser(scores: Float32Array, { indptr, indices }: Csr, user: number): ScoredUser {
  let max = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (let j = 0; j < scores.length; j++) {
    if (scores[j]! === Number.NEGATIVE_INFINITY) continue;
    count++;
    // One that is no number makes no maximum either.
    max = Math.max(max, scores[j]!);
  }
  const below = new Float32Array(count);
  for (let j = 0, n = 0; j < scores.length; j++)
    if (scores[j]! !== Number.NEGATIVE_INFINITY) below[n++] = scores[j]! - max;
  let sum = 0;
  for (let p = indptr[user]!; p < indptr[user + 1]!; p++) sum += scores[indices[p]!]! - max;
  return { below, heldOut: sum / (indptr[user + 1]! - indptr[user]!) };
}

/** Mean over users of the standard deviation of their scores; NaN where a score is not finite, or without users. */
function deviation(rows: readonly ScoredUser[]): number {
  let total = 0;
  for (const { below, heldOut } of rows) {
    let [sum, squares] = [0, 0];
    for (let j = 0; j < below.length; j++) sum += below[j]!;
    const mean = sum / below.length;
    for (let j = 0; j < below.length; j++) squares += (below[j]! - mean) ** 2;
    total += Number.isFinite(heldOut) ? Math.sqrt(squares / below.length) : Number.NaN;
  }
  return total / rows.length;
}

/** First and second derivative of the loss by the scale: what the softmax expects less what is held out, and its variance. */
function slopeAt(rows: readonly ScoredUser[], scale: number): { slope: number; curvature: number } {
  let [slope, curvature] = [0, 0];
  const weights = new Float32Array(Math.max(...rows.map(({ below }) => below.length)));
  for (const { below, heldOut } of rows) {
    const sum = sumExp(below, 0, weights, scale);
    let [mean, square] = [0, 0];
    for (let j = 0; j < below.length; j++) {
      const weighed = weights[j]! * below[j]!;
      mean += weighed;
      square += weighed * below[j]!;
    }
    mean /= sum;
    slope += mean - heldOut;
    curvature += square / sum - mean * mean;
  }
  return { slope: slope / rows.length, curvature: Math.max(curvature / rows.length, Number.MIN_VALUE) };
}
