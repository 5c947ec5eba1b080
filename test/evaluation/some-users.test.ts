import { expect, it } from 'vitest';
import { outcomeOf } from '../../src/evaluation/some-users.ts';

it('an outcome of some users has their figures alone, in the order that is asked for', () => {
  const outcome = {
    name: 'student',
    scale: null,
    metrics: { 'ndcg@10': Float64Array.of(1, 2, 3, 4) },
    fidelity: { rbo: Float64Array.of(5, 6, 7, 8) },
    exposure: {},
    segments: [],
  };
  const some = outcomeOf(outcome, Int32Array.of(3, 1));
  expect([...some.metrics['ndcg@10']!, ...some.fidelity.rbo!]).toEqual([4, 2, 8, 6]);
  expect(some.name).toBe('student');
  expect([...outcome.metrics['ndcg@10']!]).toEqual([1, 2, 3, 4]);
});
