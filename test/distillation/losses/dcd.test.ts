import { beforeAll, describe, expect, it } from 'vitest';
import { discrepancies } from '../../../src/distillation/losses/dcd.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { testEngine } from '../../helpers/engine.ts';
import { lossValue, outputsOf } from '../batch.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

describe('dual correction', () => {
  it('finds what the student ranks too low and too high, by how much', () => {
    const { under, over } = discrepancies(Int32Array.of(3, 1, 2), Int32Array.of(1, 2, 4), 2);
    // 1: rank 1 for 0, 2: rank 2 for 1, 4: not in three for 2. 3: rank 0, not in three.
    expect([...under.items]).toEqual([1, 2, 4]);
    expect([...under.chances].map((x) => x.toFixed(6))).toEqual(
      [0.5, 0.5, 0.5].map((x) => Math.tanh(x).toFixed(6)),
    );
    expect([...over.items]).toEqual([3]);
    expect(over.chances[0]).toBeCloseTo(Math.tanh(1.5), 9);
  });

  it('wants the items in the order of the teacher, above those that are ranked too high', () => {
    const settings = { kind: 'dcd', weight: 1, temperature: 10, top: 1, samples: 1, side: 'users' } as const;
    // The student's order is 0, 1, 2 of equal scores; the teacher's list is 2 alone: 2 must rise above 0 or 1.
    const value = lossValue(engine, [settings], {
      logits: [[0, 0, 0]],
      own: [[0, 0, 0]],
      lists: outputsOf([[2]]),
    });
    expect(value.total).toBeCloseTo(Math.LN2, 5);
  });
});
