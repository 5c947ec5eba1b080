import { describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import type { Csr } from '../../../../src/dataset/matrix.ts';
import { trainLinear } from '../../../../src/training/tasks/labels/best-alone.ts';
import type { LabelExamples } from '../../../../src/training/tasks/labels/train.ts';
import { expectNoLeak, testEngine } from '../../../helpers/engine.ts';

const LABELS = 3;
const ENTITIES = 480;

/** Each entity has one input and one label, which is that of the input. */
const inputs: Csr = {
  ...{ rows: ENTITIES, columns: LABELS },
  indptr: Int32Array.from({ length: ENTITIES + 1 }, (_, row) => row),
  indices: Int32Array.from({ length: ENTITIES }, (_, row) => row % LABELS),
  values: new Float32Array(ENTITIES).fill(1),
};
const all = Int32Array.from({ length: ENTITIES }, (_, row) => row);
const examples: LabelExamples = { inputs, known: inputs, labelled: all, unlabelled: new Int32Array(0) };

/** Share of the entities whose own label has the highest logit. */
function hits(logits: Float32Array): number {
  const best = Array.from(all, (row) => {
    const own = [...logits.subarray(row * LABELS, (row + 1) * LABELS)];
    return Number(own.indexOf(Math.max(...own)) === row % LABELS);
  });
  return best.reduce((sum, one) => sum + one, 0) / ENTITIES;
}

const contextOf = async (signal = new AbortController().signal) => ({
  ...{ engine: await testEngine(), rng: createRng(3), signal, onProgress() {} },
  validation: { metric: (answers: (asked: Csr) => Float32Array) => hits(answers(inputs)), patience: 3 },
});

describe('the best linear model of labels without a teacher', () => {
  it.each([
    ['a column for each label', 4, LABELS],
    ['two columns that three labels share', 2, 2],
  ])('finds the labels with %s', async (_, width, rank) => {
    const linear = await trainLinear(width, examples, await contextOf());
    expect(hits(linear.answers(inputs))).toBe(1);
    expect(linear.tried.map(({ metric }) => metric)).toContain(1);
    expect(linear.tried).toHaveLength(3);
    const { into, out, bias } = linear.weights();
    expect([into.rows, into.width, out.rows, out.width, bias.length]).toEqual([
      LABELS,
      rank,
      LABELS,
      rank,
      rank,
    ]);
    linear.dispose();
  });

  it('leaves no tensors where it is cancelled', async () => {
    const stopped = await contextOf(AbortSignal.abort());
    await expectNoLeak(async () => {
      await expect(trainLinear(2, examples, stopped)).rejects.toMatchObject({ code: 'cancelled' });
    });
  });
});
