import { describe, expect, it } from 'vitest';
import { dequantizeRows, quantizeRows } from '../../src/artifact/student/quantize.ts';
import type { Activation, Normalization } from '../../src/artifact/student/student-weights.ts';
import { createRng } from '../../src/core/rng.ts';
import { productQuantize } from '../../src/student/fit-codes.ts';
import { createFoldInStudent } from '../../src/student/fold-in.ts';
import { roundRows } from '../../src/student/rounding.ts';
import type { StudentSettings } from '../../src/student/settings.ts';
import { randomStart } from '../../src/student/start.ts';
import { DIMENSIONS, describeStudent } from '../contract/student-suite.ts';
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

const plain: StudentSettings = {
  ...settings,
  dimensions: DIMENSIONS,
  normalization: 'l2',
  activation: 'identity',
};
// 60 items: 2 x (480 + 240) and 3 x 240 for the biases and the popularity, and the header.
const INT8 = { overlap: 0.95, rounding: 0.05, bytes: 3000 };
const SOLVED = { user: 'solved', normalization: 'none' } as const;
const HIDDEN = { ...INT8, bytes: 3600 };

for (const normalization of ['l2', 'sqrt', 'none'] as const satisfies Normalization[]) {
  for (const activation of ['identity', 'relu', 'tanh'] as const satisfies Activation[]) {
    describeStudent({
      name: `fold-in (${normalization}, ${activation})`,
      settings: { ...plain, normalization, activation },
      ...INT8,
    });
  }
}
describeStudent({ name: 'fading', settings: { ...plain, recency: 0.6 }, ...INT8 });
describeStudent({ name: 'tied', settings: { ...plain, tied: true }, ...INT8, bytes: 2200 });
describeStudent({ name: 'solved', settings: { ...plain, ...SOLVED }, ...INT8 });
describeStudent({ name: 'solved tied', settings: { ...plain, ...SOLVED, tied: true }, ...INT8, bytes: 2300 });
describeStudent({ name: 'solved fading', settings: { ...plain, ...SOLVED, recency: 0.6 }, ...INT8 });
describeStudent({ name: 'biasless', settings: { ...plain, itemBias: false }, ...INT8, bytes: 2700 });
describeStudent({ name: 'relu layer', settings: { ...plain, hidden: 12, activation: 'relu' }, ...HIDDEN });
describeStudent({ name: 'tanh layer', settings: { ...plain, hidden: 12, activation: 'tanh' }, ...HIDDEN });
describeStudent({
  name: 'int4',
  settings: { ...plain, quantization: 'int4' },
  overlap: 0.7,
  rounding: 0.6,
  bytes: 2500,
});
describeStudent({
  name: 'tied int4',
  settings: { ...plain, quantization: 'int4', tied: true },
  overlap: 0.6,
  rounding: 0.6,
  bytes: 1900,
});
describeStudent({
  name: 'pq',
  settings: { ...plain, quantization: 'pq', codes: 16, codeWidth: 3 },
  overlap: 0.4,
  rounding: 3,
  bytes: 2800,
});

describe('product quantization', () => {
  it('is exact where there are no more different parts than codes', () => {
    const rng = createRng(12);
    const words = [
      [127, -20],
      [127, 3],
      [127, 40],
      [127, 1],
    ];
    const values = Float32Array.from(
      Array.from({ length: 200 }, () => [...words[rng.int(4)]!, ...words[rng.int(4)]!]).flat(),
    );
    const stored = productQuantize(values, 200, 4, { codes: 8, codeWidth: 2 }, createRng(1));
    dequantizeRows(stored).forEach((value, i) => {
      expect(value).toBeCloseTo(values[i]!, 4);
    });
  });

  it('is nearer the more codes there are, and keeps rows of zeros', () => {
    const rng = createRng(13);
    const values = Float32Array.from({ length: 500 * 8 }, (_, i) => (i < 8 ? 0 : rng.normal()));
    const error = (codes: number) => {
      const stored = productQuantize(values, 500, 8, { codes, codeWidth: 4 }, createRng(1));
      expect(
        dequantizeRows(stored)
          .subarray(0, 8)
          .every((x) => x === 0),
      ).toBe(true);
      return dequantizeRows(stored).reduce((sum, x, i) => sum + (x - values[i]!) ** 2, 0) / values.length;
    };
    const errors = [2, 16, 128].map(error);
    expect(errors[0]).toBeLessThan(1);
    expect(errors[1]).toBeLessThan(errors[0]! / 1.3);
    expect(errors[2]).toBeLessThan(errors[1]! / 1.5);
  });
});

describe('rounding in training', () => {
  it('is what the artifact will hold, and lets the gradient through', async () => {
    const engine = await testEngine();
    const { tf } = engine;
    const values = Float32Array.from({ length: 12 }, (_, i) => Math.sin(3 * i));
    for (const bits of ['int8', 'int4'] as const) {
      const expected = dequantizeRows(quantizeRows(values, 3, 4, bits));
      const rows = tf.tensor2d(values, [3, 4]);
      const weights = tf.tensor2d(values.map(Math.cos), [3, 4]);
      const rounded = roundRows(engine, rows, bits);
      rounded.dataSync().forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 5);
      });
      const gradient = tf.grad((x) => tf.sum(tf.mul(roundRows(engine, x, bits), weights)))(rows);
      expect([...gradient.dataSync()]).toEqual([...weights.dataSync()]);
      tf.dispose([rows, weights, rounded, gradient]);
    }
  });
});

describe('rows of zeros', () => {
  // So many that several threads round them, which take numbers below 1.2e-38 for 0.
  it('stay zeros when they are rounded', async () => {
    const engine = await testEngine();
    const rows = engine.tf.zeros([4096, 64]);
    const rounded = roundRows(engine, rows, 'int8');
    expect(rounded.dataSync().every((value) => value === 0)).toBe(true);
    engine.tf.dispose([rows, rounded]);
  });
});

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
