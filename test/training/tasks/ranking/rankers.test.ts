import { expect, it } from 'vitest';
import { popularityRanker, timeRanker } from '../../../../src/training/tasks/ranking/rankers.ts';
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
