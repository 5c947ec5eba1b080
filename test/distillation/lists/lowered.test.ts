import { beforeAll, expect, it } from 'vitest';
import { selectRows } from '../../../src/dataset/matrix.ts';
import { lowerDisliked } from '../../../src/distillation/lists/lowered.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { readAndDispose } from '../../../src/tensor/read.ts';
import { csrOf } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';

const histories = csrOf([
  [1, 0, 0, 0],
  [0, 1, 0, 0],
]);
const disliked = csrOf([
  [0, 0, 0, 0],
  [0, 0, 1, 0],
]);
let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});
const teacher = {
  kind: 'toy',
  scores: ({ rows }: typeof histories) =>
    engine.tf.tensor2d(Array.from({ length: rows }, () => [1, 3, 5, 7])),
};

it('lowers what the user of a row dislikes by deviations of the scores, whichever row it is in', async () => {
  await expectNoLeak(async () => {
    const lowered = lowerDisliked(engine, teacher, disliked, 2);
    expect(lowered.kind).toBe('toy');
    const said = Array.from(readAndDispose(lowered.scores(selectRows(histories, [1, 0]))));
    // The deviation of 1, 3, 5 and 7 is the root of 5.
    expect(said[2]).toBeCloseTo(5 - 2 * Math.sqrt(5), 5);
    expect(said.filter((_, i) => i !== 2)).toEqual([1, 3, 7, 1, 3, 5, 7]);
  });
});

it('hands on the scores of users who dislike nothing', () => {
  const lowered = lowerDisliked(engine, teacher, disliked, 2);
  expect(Array.from(readAndDispose(lowered.scores(selectRows(histories, [0]))))).toEqual([1, 3, 5, 7]);
});
