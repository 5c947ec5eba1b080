import { beforeAll, describe, expect, it } from 'vitest';
import { rankShares } from '../../../src/distillation/losses/rank-labels.ts';
import type { LossSettings } from '../../../src/domain/losses/loss-spec.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { lossValue, outputsOf } from '../batch.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

// exp(-r / T) halves with every rank.
const HALVING = 1 / Math.LN2;
const rank = (more: object = {}): LossSettings => ({
  kind: 'rankLabels',
  weight: 1,
  temperature: HALVING,
  top: 3,
  samples: 0,
  ...more,
});

describe('rank labels', () => {
  it('fall exponentially with the rank, as shares of each list', () => {
    const lists = {
      width: 3,
      ids: new Int32Array(6),
      scores: new Float32Array(6),
      lengths: Int32Array.of(3, 1),
    };
    const shares = [...rankShares(lists, HALVING)];
    [4 / 7, 2 / 7, 1 / 7, 1, 0, 0].forEach((share, i) => {
      expect(shares[i]).toBeCloseTo(share, 6);
    });
  });

  it('are wanted of the softmax over all items but the own ones', () => {
    // Item 3 is the user's own: the others share as 1/2, 1/4, 1/4, and are wanted as 4/7, 2/7, 1/7.
    const value = lossValue(engine, [rank()], {
      logits: [[Math.LN2, 0, 0, 50]],
      own: [[0, 0, 0, 2]],
      lists: outputsOf([[0, 1, 2]]),
    });
    expect(value.parts.rankLabels).toBeCloseTo((4 / 7) * Math.LN2 + (3 / 7) * Math.log(4), 5);
  });

  it('are nothing for a user of whom no other item is left', () => {
    const value = lossValue(engine, [rank()], {
      logits: [
        [0, 0],
        [0, 0],
      ],
      own: [
        [1, 1],
        [1, 0],
      ],
      lists: outputsOf([[], [1]]),
    });
    expect(value.total).toBeCloseTo(0, 6);
  });

  it('sampled, are the full loss where the sample is the catalogue', () => {
    const numbers = {
      logits: [[0.3, -1, 2, 7, 0.5, -0.2]],
      own: [[0, 0, 0, 1, 0, 0]],
      lists: outputsOf([[2, 0, 4]]),
    };
    const full = lossValue(engine, [rank()], numbers).total;
    expect(lossValue(engine, [rank({ samples: 6 })], numbers).total).toBeCloseTo(full, 5);
  });

  it('leave no tensor behind', () =>
    expectNoLeak(async () => {
      const numbers = { logits: [[1, 2, 3]], own: [[1, 0, 0]], lists: outputsOf([[1, 2]]) };
      lossValue(
        engine,
        [rank(), { kind: 'rrd', weight: 1, top: 2, samples: 1, ownItems: 'hidden', side: 'users' }],
        numbers,
      );
      lossValue(engine, [rank({ samples: 2 })], numbers);
    }));
});
