import { describe, expect, it } from 'vitest';
import type { Activation, Normalization } from '../../src/artifact/student-weights.ts';
import { createRng } from '../../src/core/rng.ts';
import { createFoldInStudent } from '../../src/student/fold-in.ts';
import { randomStart } from '../../src/student/start.ts';
import { describeStudent } from '../contract/student-suite.ts';
import { csrOf } from '../helpers/data.ts';
import { testEngine } from '../helpers/engine.ts';

const OPTIMIZER = { kind: 'adamw', learningRate: 0.01 } as const;
const settings = {
  kind: 'fold-in',
  hidden: null,
  tied: false,
  itemBias: true,
  quantization: 'int8',
  codes: 16,
  codeWidth: 4,
} as const;

for (const normalization of ['l2', 'sqrt', 'none'] as const satisfies Normalization[]) {
  for (const activation of ['identity', 'relu', 'tanh'] as const satisfies Activation[]) {
    describeStudent({
      name: `fold-in (${normalization}, ${activation})`,
      normalization,
      activation,
      create: (engine, items, dimensions, start) =>
        createFoldInStudent(
          engine,
          items,
          { ...settings, dimensions, normalization, activation },
          start,
          OPTIMIZER,
        ),
    });
  }
}

describe('the fold-in network', () => {
  const start = {
    itemsIn: Float32Array.of(1, 0, 0, 1, -2, 1),
    itemsOut: Float32Array.of(1, 2, 0, 1, -1, 0),
    itemBias: Float32Array.of(0.5, 0, -0.5),
  };
  // Weights 3 and 4: the length is 5, the root of the sum 2.6458.
  const histories = csrOf([[3, 0, 4]]);

  it.each([
    ['l2', 'identity', [-1, 0.8]],
    ['sqrt', 'identity', [-5 / Math.sqrt(7), 4 / Math.sqrt(7)]],
    ['none', 'identity', [-5, 4]],
    ['l2', 'relu', [0, 0.8]],
    ['l2', 'tanh', [Math.tanh(-1), Math.tanh(0.8)]],
  ] as const)('with %s and %s is E_out act(norm sum w E_in) + c', async (normalization, activation, user) => {
    const student = createFoldInStudent(
      await testEngine(),
      3,
      { ...settings, dimensions: 2, normalization, activation },
      start,
      OPTIMIZER,
    );
    const [a, b] = user;
    const scores = student.scores(histories);
    student.parameters.dispose();
    [a + 2 * b + 0.5, b, -a - 0.5].forEach((score, item) => {
      expect(scores[item]).toBeCloseTo(score, 5);
    });
  });

  it('adds the user bias before the activation', async () => {
    const student = createFoldInStudent(
      await testEngine(),
      3,
      { ...settings, dimensions: 2, normalization: 'l2', activation: 'relu' },
      start,
      OPTIMIZER,
    );
    student.parameters.write('userBias', Float32Array.of(1.5, -1));
    const scores = student.scores(histories);
    student.parameters.dispose();
    // u = relu(-1 + 1.5, 0.8 - 1)
    [0.5 + 0.5, 0, -0.5 - 0.5].forEach((score, item) => {
      expect(scores[item]).toBeCloseTo(score, 5);
    });
  });

  it('starts without a teacher from small random numbers, the same for the same seed', () => {
    const random = (seed: number) =>
      randomStart(40, { ...settings, dimensions: 25, activation: 'identity' }, createRng(seed));
    const { itemsIn, itemsOut, itemBias } = random(1);
    const deviation = Math.sqrt(itemsIn.reduce((sum, x) => sum + x * x, 0) / itemsIn.length);
    expect(deviation).toBeGreaterThan(0.045);
    expect(deviation).toBeLessThan(0.055);
    expect(itemsOut).not.toEqual(itemsIn);
    expect(itemBias).toEqual(new Float32Array(40));
    expect(random(1)).toEqual(random(1));
    expect(random(2)).not.toEqual(random(1));
  });
});
