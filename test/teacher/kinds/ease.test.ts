import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { columnSums } from '../../../src/dataset/matrix.ts';
import type { TrainingContext } from '../../../src/teacher/contract.ts';
import { type EaseSettings, trainEaseTeacher } from '../../../src/teacher/kinds/ease.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { describeTeacher } from '../../contract/teacher-suite.ts';
import { csrOf } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { readScores } from '../../helpers/scores.ts';

for (const form of ['primal', 'dual'] as const) {
  describeTeacher({
    name: `ease ${form}`,
    train: (context) => trainEaseTeacher({ kind: 'ease', lambda: [1], form }, context),
    seeded: false,
    linearOverlap: 0.99,
  });
}

describe('EASE', () => {
  const random = createRng(3);
  const matrix = csrOf(
    Array.from({ length: 9 }, () =>
      Array.from({ length: 7 }, () => (random.next() < 0.4 ? 1 + random.next() : 0)),
    ),
  );
  let engine: Engine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  const context = (more: Partial<TrainingContext> = {}): TrainingContext => ({
    engine,
    rng: createRng(1),
    train: matrix,
    onProgress: () => {},
    signal: new AbortController().signal,
    ...more,
  });
  const train = (settings: Partial<EaseSettings>, more?: Partial<TrainingContext>) =>
    trainEaseTeacher({ kind: 'ease', lambda: [2], form: 'primal', ...settings }, context(more));

  it('gives the weights of a hand-made case: two items seen together by one of two users', async () => {
    // X'X + I = [[3, 1], [1, 2]], its inverse [[2, -1], [-1, 3]] / 5, so B = [[0, 1/3], [1/2, 0]].
    const pair = csrOf([
      [1, 1],
      [1, 0],
    ]);
    for (const form of ['primal', 'dual'] as const) {
      const teacher = await train({ lambda: [1], form }, { train: pair });
      const [both, one] = readScores(teacher, pair);
      teacher.dispose();
      expect(both![0]).toBeCloseTo(1 / 2, 5);
      expect(both![1]).toBeCloseTo(1 / 3, 5);
      expect(one![0]).toBeCloseTo(0, 5);
      expect(one![1]).toBeCloseTo(1 / 3, 5);
    }
  });

  it('gives the same scores in both forms, for users of the training and for others', async () => {
    const others = csrOf([
      [1, 0, 2, 0, 0, 1, 0],
      [0, 0, 0, 0, 0, 0, 3],
    ]);
    const [primal, dual] = [await train({ form: 'primal' }), await train({ form: 'dual' })];
    for (const histories of [matrix, others]) {
      const wanted = readScores(primal, histories);
      readScores(dual, histories).forEach((row, r) => {
        row.forEach((score, item) => {
          expect(score, `row ${r}, item ${item}`).toBeCloseTo(wanted[r]![item]!, 4);
        });
      });
    }
    primal.dispose();
    dual.dispose();
  });

  it('keeps the lambda that is best on validation and says which, and takes the first without validation', async () => {
    await expectNoLeak(async () => {
      const seen: number[] = [];
      const validation = {
        metric: () => [0.2, 0.7, 0.3][seen.push(0) - 1]!,
        every: 1,
        patience: 1,
      };
      const teacher = await train({ lambda: [1, 5, 25] }, { validation });
      expect(teacher.settings.lambda).toEqual([5]);
      expect(teacher.description).toBe('ease lambda 5');
      teacher.dispose();
      const first = await train({ lambda: [1, 5, 25] });
      expect(first.settings.lambda).toEqual([1]);
      first.dispose();
    });
  });

  it('refuses what would not fit, before it computes anything, and says what would do', async () => {
    const wide = { ...matrix, columns: 50_000 };
    await expect(train({}, { train: wide })).rejects.toMatchObject({
      code: 'out-of-memory',
      detail: expect.stringMatching(/50000 x 50000.*graph-filter/),
    });
  });

  it('counts the matrix that a served model would store', async () => {
    const teacher = await train({ form: 'dual' });
    teacher.dispose();
    expect(teacher.bytes).toBe(4 * columnSums(matrix).length ** 2);
  });
});
