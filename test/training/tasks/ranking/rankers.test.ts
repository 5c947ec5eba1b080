import { expect, it } from 'vitest';
import { createStudentScorer } from '../../../../src/scoring/student-scorer.ts';
import {
  popularityRanker,
  previousRanker,
  studentRanker,
  timeRanker,
} from '../../../../src/training/tasks/ranking/rankers.ts';
import { sampleWeights } from '../../../artifact/sample-student.ts';
import { csrOf } from '../../../helpers/data.ts';

const histories = csrOf([
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]);

/** Histories of how many answers in all, and of whom. */
function timed(...more: [timed?: number]): { asked: number[]; p50: number; p99: number } {
  const asked: number[] = [];
  const ranker = popularityRanker(Float32Array.of(3, 2, 1));
  const watched = {
    ...ranker,
    recommendOne(history: typeof histories, k: number) {
      asked.push(history.indices[0]!);
      ranker.recommendOne(history, k);
    },
  };
  return { asked, ...timeRanker(watched, histories, Int32Array.of(2, 0), ...more) };
}

it('times four hundred answers after fifty that are not timed, users with a history in turn', () => {
  const { asked, p50, p99 } = timed();
  expect(asked).toHaveLength(450);
  expect(asked.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, i) => [2, 0][i % 2]));
  expect(p50).toBeGreaterThan(0);
  expect(p99).toBeGreaterThanOrEqual(p50);
});

it('times as many as it is told', () => {
  expect(timed(16).asked).toHaveLength(18);
});

it('moves the vectors of students away from what is disliked, as serving does', () => {
  const weights = sampleWeights(6, 4);
  const scorer = createStudentScorer(weights);
  const own = csrOf([[1, 0, 0, 1, 0, 0]]);
  const disliked = csrOf([[0, 0, 2, 0, 0, 0]]);
  const of = (histories: typeof own) => Array.from(studentRanker('student', scorer).scores(histories));
  const served = new Float32Array(6);
  const beside = { rows: Int32Array.of(2), weights: Float32Array.of(2) };
  scorer.scoresInto(Int32Array.of(3, 0), Float32Array.of(1, 1), served, null, beside);
  expect(of({ ...own, disliked })).toEqual(Array.from(served));
  expect(of(own)).not.toEqual(Array.from(served));
  // The same of a version with another order of items, which does not know the last one.
  const oldRows = Int32Array.of(1, 0, 2, 3, 4, -1);
  const before = previousRanker('previous', scorer, oldRows).scores({ ...own, disliked });
  const old = new Float32Array(6);
  scorer.scoresInto(Int32Array.of(3, 1), Float32Array.of(1, 1), old, null, beside);
  expect(before.slice(0, 5)).toEqual(Float32Array.of(old[1]!, old[0]!, old[2]!, old[3]!, old[4]!));
});
