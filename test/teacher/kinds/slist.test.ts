import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import type { Csr } from '../../../src/dataset/matrix.ts';
import type { TrainingContext } from '../../../src/teacher/contract.ts';
import { slist, trainSlistTeacher } from '../../../src/teacher/kinds/slist.ts';
import { sequencesOf } from '../../helpers/data.ts';
import { testEngine } from '../../helpers/engine.ts';
import { readScores } from '../../helpers/scores.ts';

describe('SLIST', () => {
  const settings = { kind: 'slist' as const, form: 'full' as const, lambda: [1], recency: 0.5, horizon: 0 };
  const context = async (train: Csr): Promise<TrainingContext> => ({
    ...{ engine: await testEngine(), train, rng: createRng(1), onProgress: () => {} },
    signal: new AbortController().signal,
  });

  it('gives the weights of a hand-made case: one item after another, once', async () => {
    // S = [1, 0, 0] and T = [0, 1, 0], so S'S + I has 2 and 1 on its diagonal, and B = [[0, 1/2, 0], 0, 0].
    const teacher = await trainSlistTeacher(settings, await context(sequencesOf([[0, 1]], 3)));
    const [newest, older] = readScores(teacher, sequencesOf([[0], [0, 2]], 3));
    expect([...newest!].map((x) => Number(x.toFixed(6)))).toEqual([0, 0.5, 0]);
    expect([...older!].map((x) => Number(x.toFixed(6)))).toEqual([0, 0.25, 0]);
    teacher.dispose();
  });

  it('has the same weights without an inverse where no two items meet before a place', async () => {
    const train = sequencesOf(
      [
        [0, 1],
        [2, 1],
        [0, 2],
      ],
      3,
    );
    const histories = sequencesOf([[0], [2], [1, 0]], 3);
    const [full, counted] = await Promise.all(
      (['full', 'diagonal'] as const).map(async (form) => {
        const teacher = await trainSlistTeacher({ ...settings, form }, await context(train));
        const scores = readScores(teacher, histories);
        teacher.dispose();
        return scores;
      }),
    );
    for (const [row, scores] of full!.entries())
      for (const [item, score] of scores.entries()) expect(counted![row]![item]).toBeCloseTo(score, 5);
    expect(counted![0]![1]).toBeCloseTo(1 / 3, 5);
  });

  it('inverts where that is quick and fits, and counts elsewhere', () => {
    const form = (items: number, memoryMiB?: number) =>
      slist.plan({}, { users: 10, items, ...(memoryMiB && { memoryMiB }) }).form;
    expect([form(1000), form(15_000), form(15_001), form(10_000, 1000)]).toEqual([
      ...['full', 'full', 'diagonal', 'diagonal'],
    ]);
    expect(slist.memoryMiB!(slist.plan({}, { users: 10, items: 50_000 }), { users: 10, items: 50_000 })).toBe(
      0,
    );
  });

  it('is refused before anything is computed where its matrix is too large', async () => {
    const train = await context(sequencesOf([[0, 40_001]], 40_002));
    await expect(trainSlistTeacher(settings, train)).rejects.toMatchObject({
      code: 'out-of-memory',
      detail: expect.stringMatching(/^teacher slist inverts a matrix of 40002 x 40002; the limit is 40000/),
    });
  });

  it('says what time and memory it takes, which grow with the items', () => {
    const size = (items: number) => ({ users: 1000, items, pairs: 10_000 });
    const plan = slist.plan({}, size(1000));
    expect(slist.seconds!(plan, size(10_000))).toBeGreaterThan(100 * slist.seconds!(plan, size(1000)));
    expect(slist.memoryMiB!(plan, size(10_000))).toBeGreaterThan(1400);
  });
});
