import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import { AppError } from '../../core/errors.ts';
import type { Rng } from '../../core/rng.ts';
import { runAtOnce } from '../../core/slices.ts';
import { usersWithHistory } from '../../dataset/batches.ts';
import { type Csr, selectRows } from '../../dataset/matrix.ts';
import { positionsInOrder } from '../../dataset/split/places.ts';
import { bagOf } from '../../features/compose.ts';
import { tryScorer } from '../../scoring/probes.ts';
import { createStudentScorer } from '../../scoring/student-scorer.ts';

/** Answers of a student, as it is served, to some hundred histories. */
export interface ProbeLists {
  /** Places of each list. */
  k: number;
  /** Rows of the answers, best first, one list for each history; the same histories in the same order for every student. */
  lists: readonly Int32Array[];
  /** The greatest size of a score on a list; not a finite number where any score is not. */
  greatest: number;
}

const PROBES = 300;
const K = 10;

/**
 * Draws the histories that students are compared on, the same ones for the same generator.
 * @param whole [users, items] all pairs, of each user as many of the newest as serving reads
 */
export function probeHistories(whole: Csr, rng: Rng): Csr {
  const users = rng.fork('served-probes').shuffle(usersWithHistory(whole)).subarray(0, PROBES);
  return selectRows(whole, users);
}

/**
 * Answers of a student that scores items; of several tasks, of the first. Items that it does not know are left out of the history.
 * @param histories all that the users had, none of which is on a list
 * @param maxHistory items of a history that are read: the last ones where the histories have an order
 */
export function listsOf(weights: StudentWeights, histories: Csr, maxHistory: number): ProbeLists {
  const scorer = createStudentScorer(weights);
  const lists: Int32Array[] = [];
  let greatest = 0;
  for (let r = 0; r < histories.rows; r++) {
    const known = positionsInOrder(histories, r)
      .reverse()
      .filter((p) => histories.indices[p]! < scorer.items);
    const seen = known.map((p) => histories.indices[p]!);
    const values = Float32Array.from(known.slice(0, maxHistory), (p) => histories.values[p]!);
    const side = histories.side && bagOf(histories.side, r);
    const top = scorer.recommend(seen.slice(0, maxHistory), values, K, seen, undefined, side);
    lists.push(Int32Array.from(top.rows.subarray(0, top.length)));
    for (const score of top.scores.subarray(0, top.length)) greatest = Math.max(greatest, Math.abs(score));
  }
  return { k: K, lists, greatest: isSane(scorer) ? greatest : Number.NaN };
}

/** Tries made-up histories, as whoever loads the artifact does: nobody could serve one that fails there. */
function isSane(scorer: Parameters<typeof tryScorer>[0]): boolean {
  try {
    runAtOnce(tryScorer(scorer));
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-artifact') return false;
    throw error;
  }
}
