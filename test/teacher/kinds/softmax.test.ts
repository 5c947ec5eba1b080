import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import type { Csr } from '../../../src/dataset/matrix.ts';
import type { ModelValidation, TrainingContext } from '../../../src/teacher/contract.ts';
import { type SoftmaxSettings, trainSoftmaxTeacher } from '../../../src/teacher/kinds/softmax.ts';
import type { Progress } from '../../../src/tensor/train/progress.ts';
import { describeTeacher } from '../../contract/teacher-suite.ts';
import { blocks, ITEMS } from '../../helpers/data.ts';
import { testEngine } from '../../helpers/engine.ts';
import { readScores } from '../../helpers/scores.ts';

const settings: SoftmaxSettings = {
  kind: 'softmax',
  hidden: [16],
  epochs: 20,
  batchSize: 8,
  learningRate: 0.02,
  dropout: 0.3,
  weightDecay: 0,
};

for (const hidden of [[16], [16, 12]]) {
  describeTeacher({
    name: `softmax ${hidden.join('-')}`,
    train: (context) => trainSoftmaxTeacher({ ...settings, hidden }, context),
    diverge: (context) => trainSoftmaxTeacher({ ...settings, hidden, learningRate: 1e20 }, context),
    linearOverlap: 0.9,
  });
}

describeTeacher({
  name: 'multilabel 16',
  train: (context) => trainSoftmaxTeacher({ ...settings, kind: 'multilabel' }, context),
  diverge: (context) => trainSoftmaxTeacher({ ...settings, kind: 'multilabel', learningRate: 1e20 }, context),
  linearOverlap: 0.85,
});

describe('training of the softmax teacher', () => {
  async function contextOf(more: Partial<TrainingContext> = {}): Promise<TrainingContext> {
    return {
      engine: await testEngine(),
      rng: createRng(1),
      train: blocks().train,
      onProgress: () => {},
      signal: new AbortController().signal,
      ...more,
    };
  }

  it('reports its loss, which falls, up to the whole', async () => {
    const seen: Progress[] = [];
    const teacher = await trainSoftmaxTeacher(
      settings,
      await contextOf({ onProgress: (p) => void seen.push(p) }),
    );
    teacher.dispose();
    const losses = seen.map((p) => p.losses.crossEntropy!);
    // Twelve items of one block are all that can be told apart.
    expect(losses[0]).toBeGreaterThan(0.9 * Math.log(ITEMS));
    expect(losses.at(-1)).toBeLessThan(Math.log(ITEMS / 2) + 0.2);
    expect(seen.at(-1)!.fraction).toBe(1);
  });

  it('counts its parameters: two item matrices, the layers between, and every bias', async () => {
    const teacher = await trainSoftmaxTeacher({ ...settings, hidden: [5, 3], epochs: 1 }, await contextOf());
    teacher.dispose();
    expect(teacher.parameters).toBe(ITEMS * 5 + 5 + 5 * 3 + 3 + ITEMS * 3 + ITEMS);
    expect(teacher.bytes).toBe(4 * teacher.parameters);
    expect(teacher.description).toBe('softmax 5-3');
  });

  it('keeps the weights of the best validation and stops when patience has run out', async () => {
    const metrics = [0.1, 0.5, 0.4, 0.3, 0.9];
    const copies: Float32Array[] = [];
    const { train } = blocks();
    const validation: ModelValidation = {
      metric(scores: (histories: Csr) => Float32Array) {
        copies.push(scores(train));
        return metrics[copies.length - 1]!;
      },
      every: 1,
      patience: 2,
    };
    const teacher = await trainSoftmaxTeacher(settings, await contextOf({ validation }));
    expect(copies).toHaveLength(4);
    expect(teacher.epochs).toBe(2);
    const scores = readScores(teacher, train).flatMap((row) => [...row]);
    teacher.dispose();
    expect(scores).toEqual([...copies[1]!]);
  });

  it('is the same model where the scores of a batch do not fit the budget and are taken in chunks', async () => {
    const engine = await testEngine();
    let chunked = 0;
    const small: typeof engine = {
      ...engine,
      softmaxHeadLoss(head, options) {
        chunked++;
        // Five of the items at a time: 8 rows, 4 buffers, 4 bytes.
        return engine.softmaxHeadLoss(head, { ...options, memoryMiB: (5 * 8 * 16) / 2 ** 20 });
      },
    };
    const whole = await trainSoftmaxTeacher({ ...settings, epochs: 4 }, await contextOf());
    const parts = await trainSoftmaxTeacher({ ...settings, epochs: 4 }, await contextOf({ engine: small }));
    const [a, b] = [whole, parts].map((teacher) =>
      readScores(teacher, blocks().train).flatMap((row) => [...row]),
    );
    whole.dispose();
    parts.dispose();
    expect(chunked).toBe(4 * 3);
    for (const [i, score] of a!.entries()) expect(Math.abs(b![i]! - score)).toBeLessThan(1e-3);
  });

  it('runs all its epochs without validation', async () => {
    const teacher = await trainSoftmaxTeacher({ ...settings, epochs: 3 }, await contextOf());
    teacher.dispose();
    expect(teacher.epochs).toBe(3);
  });
});
