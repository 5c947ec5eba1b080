import { logWeights } from '../../../dataset/log-weights.ts';
import { type Csr, rowIdOf, rowLength, selectRows } from '../../../dataset/matrix.ts';
import { positionsInOrder } from '../../../dataset/split/places.ts';
import type { Ranker } from '../../../evaluation/evaluate.ts';
import { topList } from '../../../evaluation/top-list.ts';
import { bagOf } from '../../../features/compose.ts';
import type { Disliked } from '../../../scoring/disliked.ts';
import type { StudentScorer } from '../../../scoring/student-scorer.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import { readAndDispose } from '../../../tensor/read.ts';

/** A ranker that can also answer one user, as serving would; that is what its latency is measured on. */
export interface TimedRanker extends Ranker {
  recommendOne(history: Csr, k: number): void;
}

export function teacherRanker(teacher: Teacher): TimedRanker {
  const { listed } = teacher;
  const scores = (histories: Csr) =>
    listed ? listedScores(listed, histories) : readAndDispose(teacher.scores(histories));
  return {
    name: 'teacher',
    scores,
    ...(listed && { covers: (user: number) => rowLength(listed, user) > 0, listsOnly: true }),
    recommendOne: (history, k) => void topList(mask(scores(history), history), k),
  };
}

/** Returns the listed scores of each row; an item that is not on the list is on no place of the ranking. */
function listedScores(listed: Csr, histories: Csr): Float32Array {
  const scores = new Float32Array(histories.rows * listed.columns).fill(Number.NEGATIVE_INFINITY);
  for (let r = 0; r < histories.rows; r++) {
    const user = rowIdOf(histories, r);
    for (let p = listed.indptr[user]!; p < listed.indptr[user + 1]!; p++)
      scores[r * listed.columns + listed.indices[p]!] = listed.values[p]!;
  }
  return scores;
}

/** The student as it was trained, in float32: what rounding its item matrices costs is told by comparison with it. */
export function unroundedRanker(student: { scores(histories: Csr): Float32Array }): TimedRanker {
  const scores = (histories: Csr) => student.scores(histories);
  return {
    name: 'student-float32',
    scores,
    recommendOne: (history, k) => void topList(mask(scores(history), history), k),
  };
}

function sideOf({ side }: Csr, row: number) {
  return side && bagOf(side, row);
}

function dislikedOf({ disliked }: Csr, row: number): Disliked | undefined {
  if (!disliked) return undefined;
  const [from, to] = [disliked.indptr[row]!, disliked.indptr[row + 1]!];
  return { rows: disliked.indices.subarray(from, to), weights: disliked.values.subarray(from, to) };
}

/** The student as it will be served: int8 weights and the serving arithmetic. */
export function studentRanker(name: string, scorer: StudentScorer): TimedRanker {
  return {
    name,
    scores(histories) {
      const out = new Float32Array(histories.rows * histories.columns);
      for (let r = 0; r < histories.rows; r++) {
        const { rows, weights } = rowOf(histories, r);
        const own = out.subarray(r * histories.columns, (r + 1) * histories.columns);
        scorer.scoresInto(rows, weights, own, sideOf(histories, r), dislikedOf(histories, r));
      }
      return out;
    },
    recommendOne(history, k) {
      const { rows, weights } = rowOf(history, 0);
      scorer.recommend(rows, weights, k, rows, undefined, sideOf(history, 0), dislikedOf(history, 0));
    },
  };
}

/**
 * A student that was published for another catalogue, as it is served: its items are found again, and those that it does not know
 * come last.
 * @param oldRows [items] its rows, -1 for what it does not know
 * @param readsSide true where what is said of users is encoded as it reads it
 */
export function previousRanker(
  name: 'previous' | 'live',
  scorer: StudentScorer,
  oldRows: Int32Array,
  readsSide = false,
): TimedRanker {
  const old = new Float32Array(scorer.items);
  function known({ rows, weights }: Disliked): Disliked {
    const isKnown = Array.from(rows, (item) => oldRows[item]! >= 0);
    return {
      rows: rows.filter((_, i) => isKnown[i]).map((item) => oldRows[item]!),
      weights: weights.filter((_, i) => isKnown[i]),
    };
  }
  function rowsOf(histories: Csr, r: number) {
    const disliked = dislikedOf(histories, r);
    return {
      ...known(rowOf(histories, r)),
      disliked: disliked && known(disliked),
      side: readsSide ? sideOf(histories, r) : undefined,
    };
  }
  return {
    name,
    scores(histories) {
      const out = new Float32Array(histories.rows * histories.columns);
      for (let r = 0; r < histories.rows; r++) {
        const { rows, weights, side, disliked } = rowsOf(histories, r);
        scorer.scoresInto(rows, weights, old, side, disliked);
        const last = old.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - 1;
        const at = r * histories.columns;
        for (let item = 0; item < histories.columns; item++)
          out[at + item] = oldRows[item]! < 0 ? last : old[oldRows[item]!]!;
      }
      return out;
    },
    recommendOne(history, k) {
      const { rows, weights, side, disliked } = rowsOf(history, 0);
      scorer.recommend(rows, weights, k, rows, undefined, side, disliked);
    },
  };
}

/** The items by their weight in training, the same for everybody. */
export function popularityRanker(popularity: Float32Array): TimedRanker {
  const scores = logWeights(popularity);
  return {
    name: 'popularity',
    scores(histories) {
      const out = new Float32Array(histories.rows * histories.columns);
      for (let r = 0; r < histories.rows; r++) out.set(scores, r * histories.columns);
      return out;
    },
    recommendOne: (history, k) => void topList(mask(scores.slice(), history), k),
  };
}

/** Returns a row as serving gets it: the newest item first where there is an order. */
function rowOf(histories: Csr, row: number) {
  const newestFirst = positionsInOrder(histories, row).reverse();
  return {
    rows: Int32Array.from(newestFirst, (p) => histories.indices[p]!),
    weights: Float32Array.from(newestFirst, (p) => histories.values[p]!),
  };
}

function mask(scores: Float32Array, history: Csr): Float32Array {
  for (const item of history.indices) scores[item] = Number.NEGATIVE_INFINITY;
  return scores;
}

const TIMED = 400;
const WARM_UP_SHARE = 1 / 8;
/** A large teacher takes long for each answer; its median needs no hundreds of them. */
const MAX_MS = 600;

/**
 * Time of one recommendation of ten items, over users with a history in turn, in microseconds.
 * @param timed how many of them are timed
 */
export function timeRanker(
  ranker: TimedRanker,
  histories: Csr,
  users: Int32Array,
  timed = TIMED,
): { p50: number; p99: number } {
  const rows = Array.from(users.subarray(0, 100), (user) => selectRows(histories, [user]));
  const take = (count: number, limitMs: number): number[] => {
    const times: number[] = [];
    const end = performance.now() + limitMs;
    do {
      const started = performance.now();
      ranker.recommendOne(rows[times.length % rows.length]!, 10);
      times.push((performance.now() - started) * 1000);
    } while (times.length < count && performance.now() < end);
    return times;
  };
  take(timed * WARM_UP_SHARE, MAX_MS / 4);
  const times = take(timed, MAX_MS);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
  return { p50: at(0.5), p99: at(0.99) };
}
