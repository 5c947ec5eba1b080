import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { createSequentialStudent } from '../../src/student/sequential.ts';
import type { StudentSettings } from '../../src/student/settings.ts';
import { randomStart } from '../../src/student/start.ts';
import { DIMENSIONS, describeStudent } from '../contract/student-suite.ts';
import { sequencesOf } from '../helpers/data.ts';
import { testEngine } from '../helpers/engine.ts';

const settings = {
  kind: 'sequential',
  dimensions: DIMENSIONS,
  hidden: null,
  tied: true,
  itemBias: false,
  normalization: 'l2',
  activation: 'identity',
  quantization: 'int8',
  codes: 16,
  codeWidth: 4,
  encoder: { length: 6, heads: 2 },
} satisfies StudentSettings;

// 60 items: 480 + 240, the popularity of 240, an encoder of 48 + 512 + 88 numbers, and the header.
const ONE = { overlap: 0.9, rounding: 0.001, bytes: 5400 };

describeStudent({ name: 'sequential', settings, ...ONE });
describeStudent({
  name: 'sequential with two matrices, a bias and one head',
  settings: { ...settings, tied: false, itemBias: true, encoder: { length: 4, heads: 1 } },
  ...ONE,
  bytes: 6400,
});
describeStudent({
  name: 'sequential int4',
  settings: { ...settings, quantization: 'int4' },
  overlap: 0.5,
  rounding: 0.001,
  bytes: 5200,
});

describe('the reading of a sequence', () => {
  const items = 20;
  async function both(histories: number[][]) {
    const start = randomStart(items, settings, createRng(3));
    // Items far apart, so that what is read makes a difference.
    start.itemsOut = start.itemsOut.map((x) => 20 * x);
    const student = createSequentialStudent(
      await testEngine(),
      items,
      settings,
      { ...start, encoder: start.encoder! },
      { kind: 'adamw', learningRate: 0.01 },
    );
    const trained = student.scores(sequencesOf(histories, items));
    const scorer = createStudentScorer(student.weights(new Float32Array(items)));
    student.parameters.dispose();
    const served = histories.map((history) => {
      const out = new Float32Array(items);
      scorer.scoresInto(history.toReversed(), new Float32Array(history.length).fill(1), out);
      return out;
    });
    return { trained: histories.map((_, r) => trained.slice(r * items, (r + 1) * items)), served };
  }
  const apart = (a: Float32Array, b: Float32Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

  it('goes by the order, and by the newest places alone, in training as in serving', async () => {
    const six = [3, 14, 1, 5, 9, 2];
    const { trained, served } = await both([six, six.toReversed(), [7, 8, ...six], [8, 7, ...six]]);
    for (const [first, turned, longer, other] of [trained, served]) {
      expect(apart(first!, turned!)).toBeGreaterThan(0.5);
      expect(apart(first!, longer!)).toBeLessThan(1e-4);
      expect(apart(longer!, other!)).toBeLessThan(1e-4);
    }
  });

  it('is not touched by padding', async () => {
    const histories = [[4], [4, 6, 10, 11, 0, 19], [], [12, 4]];
    const together = await both(histories);
    for (const [row, history] of histories.entries()) {
      const alone = await both([history]);
      expect(apart(together.trained[row]!, alone.trained[0]!), `row ${row}`).toBeLessThan(1e-4);
    }
  });
});
