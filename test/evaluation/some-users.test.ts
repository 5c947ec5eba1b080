import { expect, it } from 'vitest';
import { joinOutcomes, outcomeOf } from '../../src/evaluation/some-users.ts';

const OUTCOME = {
  name: 'student',
  scale: null,
  metrics: { 'ndcg@10': Float64Array.of(1, 2, 3, 4) },
  fidelity: { rbo: Float64Array.of(5, 6, 7, 8) },
  exposure: {},
  segments: [],
};

it('an outcome of some users has their figures alone, in the order that is asked for', () => {
  const some = outcomeOf(OUTCOME, Int32Array.of(3, 1), 4);
  expect([...some.metrics['ndcg@10']!, ...some.fidelity.rbo!]).toEqual([4, 2, 8, 6]);
  expect(some.name).toBe('student');
  expect([...OUTCOME.metrics['ndcg@10']!]).toEqual([1, 2, 3, 4]);
});

it('outcomes of several seeds are one, of which users are picked in every seed', () => {
  const other = { ...OUTCOME, metrics: { 'ndcg@10': Float64Array.of(10, 20, 30, 40) } };
  const joined = joinOutcomes([OUTCOME, other]);
  expect([...joined.metrics['ndcg@10']!]).toEqual([1, 2, 3, 4, 10, 20, 30, 40]);
  expect([...outcomeOf(joined, Int32Array.of(3, 1), 4).metrics['ndcg@10']!]).toEqual([4, 2, 40, 20]);
});
