import { beforeAll, describe, expect, it } from 'vitest';
import { groupedTopology } from '../../../src/distillation/losses/htd.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { expectClose, gradient, numericGradient, randomMatrix } from '../../tensor/helpers.ts';
import { lossValue } from '../batch.ts';
import * as reference from './reference.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const teacher = randomMatrix(6, 4, 1);
const student = randomMatrix(6, 3, 2);
// Group 2 is empty.
const groups = [0, 3, 0, 1, 1, 0];

describe('topology in groups', () => {
  it("compares groups' means with entities, and entities of one group", () => {
    const { tf } = engine;
    const value = tf.tidy(
      () =>
        groupedTopology(
          engine,
          tf.tensor2d(teacher),
          tf.tensor2d(student),
          Int32Array.from(groups),
        ).dataSync()[0]!,
    );
    expect(value).toBeCloseTo(reference.groupedTopology(teacher, student, groups), 5);
  });

  it('is 0 for the same directions, and knows a member of another group', () => {
    const { tf } = engine;
    const value = (s: number[][], of: number[]) =>
      tf.tidy(
        () =>
          groupedTopology(engine, tf.tensor2d(teacher), tf.tensor2d(s), Int32Array.from(of)).dataSync()[0]!,
      );
    const longer = teacher.map((row) => row.map((x) => 3 * x));
    expect(value(longer, groups)).toBeCloseTo(0, 6);
    // Every entity is its own group: then all pairs are compared through the means.
    const alone = reference.fullTopology(teacher, student);
    expect(value(student, [0, 1, 2, 3, 4, 5])).toBeCloseTo(alone, 5);
  });

  it('has the gradient of entities, none through the means', () => {
    const { tf } = engine;
    const means = reference.meansOf(student, groups);
    const [wanted, x] = [tf.tensor2d(teacher), tf.tensor2d(student)];
    expectClose(
      gradient(engine, (s) => groupedTopology(engine, wanted, s, Int32Array.from(groups)), x),
      numericGradient((s) => reference.groupedTopology(teacher, s, groups, means), student),
    );
    tf.dispose([wanted, x]);
  });
});

describe('the loss htd', () => {
  // One user and one item, each a group of its own. The gates are 0, so that both experts answer, by shares from the noise.
  const mixture = {
    gate: [[0, 0]],
    first: [[0, 0]],
    firstBias: [0, 0],
    second: [[[0]], [[0]]],
    secondBias: [[[0]], [[0]]],
  };
  const parameters = Object.fromEntries(
    ['user', 'item'].flatMap((side) =>
      Object.entries(mixture).map(([name, value]) => [`htd.${side}.${name}`, value]),
    ),
  );
  const numbers = { logits: [[-2]], own: [[1]], hidden: [[3]], factors: [[1]], parameters };
  const settings = { kind: 'htd', weight: 1, groups: 2 } as const;

  it('is half topology of users and items, half what the experts tell of the vectors', () => {
    // Experts say 0: squares 9 and 1. The student opposes user and item: in each group's mean with both entities one of two
    // cosines is off by 2, which squared is a mean of 2; within the groups nothing is off.
    expect(lossValue(engine, [settings], numbers).total).toBeCloseTo(0.5 * 2 + 0.5 * (9 + 1), 4);
  });

  it('leaves no tensor behind', () => expectNoLeak(async () => lossValue(engine, [settings], numbers)));
});
