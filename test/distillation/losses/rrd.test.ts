import { expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { sampleOthers } from '../../../src/distillation/losses/rrd.ts';
import { csrOf } from '../../helpers/data.ts';

it('samples others that are neither listed nor own, without repeats', () => {
  const lists = {
    width: 2,
    ids: Int32Array.of(0, 1),
    scores: new Float32Array(2),
    lengths: Int32Array.of(2),
  };
  const others = sampleOthers(lists, csrOf([[0, 0, 1, 0, 0, 0]]), 6, 5, createRng(1));
  expect(others.lengths).toEqual(Int32Array.of(3));
  expect([...others.ids.subarray(0, 3)].sort()).toEqual([3, 4, 5]);
});
