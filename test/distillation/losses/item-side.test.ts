import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { listsOf } from '../../../src/distillation/losses/batch-lists.ts';
import { itemSideOf } from '../../../src/distillation/losses/item-side.ts';
import type { LossSettings } from '../../../src/domain/losses/loss-spec.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { csrOf } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { expectClose, numericGradient } from '../../tensor/helpers.ts';
import { lossGradient, lossValue, outputsOf } from '../batch.ts';
import { relaxedRanking } from './reference.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

// Four users, three items. Item 0 is on the lists of users 2, 0 and 1, by score; item 1 on that of user 3; user 3 owns item 0.
const outputs = outputsOf([[0], [0], [0], [1]], [[5], [2], [7], [1]]);
const own = [
  [0, 0, 0],
  [0, 0, 0],
  [0, 0, 0],
  [1, 0, 0],
];
const logits = [
  [0.3, -1, 0.5],
  [1.2, 0.4, 0],
  [-0.7, 0.9, 1],
  [2, -0.2, 0.1],
];
const numbers = { logits, own, lists: outputs };
const column = (z: number[][], item: number, users: number[]) => users.map((user) => z[user]![item]!);
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe("the teacher's users of an item", () => {
  const sideOf = (excluded?: number[][]) => {
    const lists = listsOf(outputs, Int32Array.of(0, 1, 2, 3), 1);
    const side = itemSideOf(lists, 1, excluded && csrOf(excluded), createRng(4));
    return new Map([...side.items].map((item, m) => [item, [side.listed[m]!, side.others[m]!]]));
  };

  it('are those who have it on their list, by score, and the others', () => {
    const side = sideOf();
    expect([...side.keys()].sort()).toEqual([0, 1]);
    expect(side.get(0)).toEqual([Int32Array.of(2, 0, 1), Int32Array.of(3)]);
    expect(side.get(1)).toEqual([Int32Array.of(3), Int32Array.of(0, 1, 2)]);
  });

  it('leave those out who could not be recommended it', () => {
    expect(sideOf(own).get(0)).toEqual([Int32Array.of(2, 0, 1), new Int32Array(0)]);
  });

  it('are never users of whom the teacher says nothing', () => {
    const lists = listsOf(outputsOf([[0], [], [0]]), Int32Array.of(0, 1, 2), 1);
    const { listed, others } = itemSideOf(lists, 1, undefined, createRng(1));
    expect([listed, others]).toEqual([[Int32Array.of(0, 2)], [new Int32Array(0)]]);
  });

  it('are of as many items as there are users at most, from the first places', () => {
    const lists = listsOf(outputsOf([[3, 1, 2, 0]]), Int32Array.of(0), 4);
    expect(itemSideOf(lists, 4, undefined, createRng(1)).items.length).toBe(1);
    expect([...itemSideOf(lists, 1, undefined, createRng(1)).items]).toEqual([3]);
  });
});

describe('rrd, users by item', () => {
  const settings = (side: 'users' | 'items' | 'both'): LossSettings[] => [
    { kind: 'rrd', weight: 1, top: 3, samples: 4, ownItems: 'hidden', side },
  ];
  /** Item 0: 2, 0, 1 in this order. Item 1: 3 above 0, 1 and 2. */
  const byItem = (z: number[][]) =>
    mean([
      relaxedRanking(column(z, 0, [2, 0, 1]), []),
      relaxedRanking(column(z, 1, [3]), column(z, 1, [0, 1, 2])),
    ]);

  it('is the likelihood of the order of the users, with its gradient', () => {
    expect(lossValue(engine, settings('items'), numbers).total).toBeCloseTo(byItem(logits), 5);
    expectClose(lossGradient(engine, settings('items'), numbers), numericGradient(byItem, logits));
  });

  it('is added to the items by user for both', () => {
    const [users, both] = (['users', 'both'] as const).map(
      (side) => lossValue(engine, settings(side), numbers).total,
    );
    expect(both! - users!).toBeCloseTo(byItem(logits), 5);
    // Settings that were stored without a side mean what they did.
    const { side: _, ...before } = settings('users')[0] as Extract<LossSettings, { kind: 'rrd' }>;
    expect(lossValue(engine, [before as LossSettings], numbers).total).toBe(users);
  });

  it('is 0 for users without lists, with a gradient', () => {
    const silent = { ...numbers, lists: { ...outputs, ids: new Int32Array(4).fill(-1) } };
    expect(lossValue(engine, settings('items'), silent).total).toBe(0);
    expect(lossGradient(engine, settings('items'), silent).every((x) => x === 0)).toBe(true);
  });

  it('leaves no tensor behind', () => expectNoLeak(async () => lossValue(engine, settings('both'), numbers)));
});

describe('dcd, users by item', () => {
  const settings = (side: 'items' | 'both'): LossSettings[] => [
    { kind: 'dcd', weight: 1, temperature: 10, top: 4, samples: 4, side },
  ];
  /**
   * Item 0: the teacher says 2, 0, 1, the student 1, 0, 2: 2 is too low, 1 too high. Item 1: the teacher says 3 and then any,
   * the student 2, 1, 3, 0: 3 is too low; 2 and 1 count as ranked just behind the teacher's list, by the student too high by
   * one and by none.
   */
  const byItem = (z: number[][]) =>
    mean([
      relaxedRanking(column(z, 0, [2]), column(z, 0, [1])),
      relaxedRanking(column(z, 1, [3]), column(z, 1, [2])),
    ]);

  it('raises the users that are ranked too low above those ranked too high, with its gradient', () => {
    expect(lossValue(engine, settings('items'), numbers).total).toBeCloseTo(byItem(logits), 5);
    expectClose(lossGradient(engine, settings('items'), numbers), numericGradient(byItem, logits));
  });

  it('leaves no tensor behind', () => expectNoLeak(async () => lossValue(engine, settings('both'), numbers)));
});
