import { beforeAll, describe, expect, it } from 'vitest';
import { cosines, fullTopology } from '../../../src/distillation/losses/ftd.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { testEngine } from '../../helpers/engine.ts';
import { expectClose, gradient, numericGradient, randomMatrix } from '../../tensor/helpers.ts';
import { lossValue } from '../batch.ts';
import * as reference from './reference.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const teacher = randomMatrix(5, 4, 1);
const student = randomMatrix(5, 2, 2);

describe('full topology', () => {
  it('is made of cosines, 0 for a row of zeros', () => {
    const found = engine.tf.tidy(() => {
      const x = engine.tf.tensor2d([
        [2, 0],
        [1, 1],
        [0, 0],
      ]);
      return cosines(engine, x, x).dataSync();
    });
    expectClose(found, [1, Math.SQRT1_2, 0, Math.SQRT1_2, 1, 0, 0, 0, 0]);
  });

  it('is the mean square over all pairs, with the gradient of it', () => {
    const { tf } = engine;
    const wanted = tf.tensor2d(teacher);
    const x = tf.tensor2d(student);
    const value = tf.tidy(() => fullTopology(engine, wanted, x).dataSync()[0]!);
    expect(value).toBeCloseTo(reference.fullTopology(teacher, student), 5);
    expectClose(
      gradient(engine, (s) => fullTopology(engine, wanted, s), x),
      numericGradient((s) => reference.fullTopology(teacher, s), student),
    );
    tf.dispose([wanted, x]);
  });

  it('relates users to items', () => {
    // One user, one item that is theirs: the student has them at right angles, the teacher in one direction.
    const numbers = { own: [[1]], hidden: [[1, 0]], factors: [[3, 0]] };
    const apart = lossValue(engine, [{ kind: 'ftd', weight: 1 }], { ...numbers, logits: [[0]] });
    // A user vector of zeros has cosine 0 with all, itself included: three of four pairs differ by 1.
    expect(apart.total).toBeCloseTo(0.75, 5);
    const alike = lossValue(engine, [{ kind: 'ftd', weight: 1 }], { ...numbers, logits: [[5]] });
    expect(alike.total).toBeCloseTo(0, 5);
    const opposed = lossValue(engine, [{ kind: 'ftd', weight: 1 }], { ...numbers, logits: [[-5]] });
    // The pairs of the user with the item differ by 2, twice in four.
    expect(opposed.total).toBeCloseTo(2, 5);
  });

  it('is over users alone where the teacher has no item factors', () => {
    const numbers = {
      logits: [[-5], [5]],
      own: [[1], [1]],
      hidden: [
        [1, 0],
        [1, 0],
      ],
    };
    // Opposed instead of alike: two of four pairs differ by 2.
    expect(lossValue(engine, [{ kind: 'ftd', weight: 1 }], numbers).total).toBeCloseTo(2, 5);
  });
});
