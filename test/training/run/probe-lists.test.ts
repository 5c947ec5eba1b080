import { expect, it } from 'vitest';
import { createStudentScorer } from '../../../src/scoring/student-scorer.ts';
import { listsOf } from '../../../src/training/run/probe-lists.ts';
import { sampleWeights } from '../../artifact/sample-student.ts';
import { csrOf } from '../../helpers/data.ts';

it('reads as many of the newest items as serving does and shows none of the others', () => {
  const weights = sampleWeights(40, 4);
  const scorer = createStudentScorer(weights);
  const row = Array.from({ length: scorer.items }, (_, item) => Number(item < 3));
  const histories = { ...csrOf([row]), order: Int32Array.of(2, 0, 1) };
  const { lists } = listsOf(weights, histories, 1);
  // The first item is the newest.
  const { rows, length } = scorer.recommend([0], Float32Array.of(1), 10, [0, 1, 2]);
  expect([...lists[0]!]).toEqual([...rows.subarray(0, length)]);
  expect([...lists[0]!]).not.toEqual([...listsOf(weights, histories, 3).lists[0]!]);
});
