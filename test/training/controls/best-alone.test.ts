import { describe, expect, it } from 'vitest';
import { encodeStudentWeights } from '../../../src/artifact/student/pack.ts';
import { createRng } from '../../../src/core/rng.ts';
import { type Csr, rowItems } from '../../../src/dataset/matrix.ts';
import { topList } from '../../../src/evaluation/top-list.ts';
import { randomStart } from '../../../src/student/start.ts';
import type { Progress } from '../../../src/tensor/train/progress.ts';
import { trainBestAlone } from '../../../src/training/controls/best-alone.ts';
import { planWidths } from '../../../src/training/controls/candidates.ts';
import { rounded, scoresOfModel } from '../../../src/training/controls/small-model.ts';
import { bestAloneEntry } from '../../../src/training/tasks/ranking/best-alone.ts';
import { contextOf, plain, studentFrom, train } from '../../distillation/setup.ts';
import { blockOfItem, ITEMS } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { rowsOf, without } from '../../helpers/scores.ts';

const student = plain(4);

/** The share of the first three unseen items that are of the block of the user's history. */
function inBlock(scores: (histories: Csr) => Float32Array): number {
  const shares = rowsOf(scores(train), train.rows).map((row, user) => {
    const block = blockOfItem(rowItems(train, user)[0]!);
    const first = [...topList(without(row, train, user), 3)];
    return first.filter((item) => blockOfItem(item) === block).length / 3;
  });
  return shares.reduce((sum, x) => sum + x, 0) / shares.length;
}

describe('the best small model without a teacher', () => {
  const validation = { metric: async (scores: (histories: Csr) => Float32Array) => inBlock(scores) };

  it('knows the right answer, at no more bytes than the student, and says what it is', async () => {
    const engine = await testEngine();
    const seen: Progress[] = [];
    const best = await trainBestAlone(
      { train, learned: train, student, validation },
      contextOf(engine, { onProgress: (progress) => void seen.push(progress) }),
    );
    expect(best.tried.length).toBeGreaterThan(4);
    expect(Math.max(...best.tried.map(({ metric }) => metric!))).toBe(1);
    const { ranker, description, bytes, parameters } = bestAloneEntry(best);
    expect(ranker.name).toBe('best-alone');
    expect(inBlock((histories) => ranker.scores(histories))).toBeGreaterThan(0.95);
    expect(description).toMatch(/(iALS|EASE|SVD) .*, without a teacher, int8/);
    const own = studentFrom(engine, randomStart(ITEMS, student, createRng(1)));
    expect(bytes).toBeLessThanOrEqual(encodeStudentWeights(own.weights(best.weights.popularity)).length);
    own.parameters.dispose();
    expect(parameters).toBeLessThanOrEqual(2 * ITEMS * 4);
    expect(seen.every(({ fraction }) => fraction >= 0 && fraction < 1)).toBe(true);
  });

  it('is chosen on the pairs of some users where there are very many, and trained on all', async () => {
    const engine = await testEngine();
    const pairs = train.indices.length;
    const of = (lesson: { enough?: number }) =>
      trainBestAlone({ train, learned: train, student, validation, ...lesson }, contextOf(engine));
    const [all, some] = [await of({ enough: pairs }), await of({ enough: pairs / 2 })];
    expect(all.tried.map(({ users }) => users)).toEqual(all.tried.map(() => undefined));
    expect(some.tried.map(({ model }) => model)).toEqual(all.tried.map(({ model }) => model));
    for (const { users } of some.tried) expect(users).toBe(train.rows / 2);
    expect(some.weights.popularity).toEqual(all.weights.popularity);
  });

  it('is the same for the same seed, and leaves no tensor behind', async () => {
    const engine = await testEngine();
    const once = () => trainBestAlone({ train, learned: train, student, validation }, contextOf(engine));
    const first = await once();
    await expectNoLeak(async () => {
      if (engine.report.deterministic) expect((await once()).tried).toEqual(first.tried);
    });
  });

  it('is the first of all, where nothing is held out to choose by', async () => {
    const engine = await testEngine();
    const lesson = { train, learned: train, student, validation: undefined };
    const { tried, weights } = await trainBestAlone(lesson, contextOf(engine));
    expect(tried.every(({ metric }) => metric === null)).toBe(true);
    expect(weights.solver).toBeDefined();
  });

  it('stops when it is told to', async () => {
    const engine = await testEngine();
    const lesson = { train, learned: train, student, validation };
    const job = trainBestAlone(lesson, contextOf(engine, { signal: AbortSignal.abort() }));
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a small model', () => {
  it('has half the width twice where the student has one matrix for both sides', () => {
    expect(planWidths(plain(8))).toEqual({ one: 8, two: 8 });
    expect(planWidths({ ...plain(8), tied: true })).toEqual({ one: 8, two: 4 });
    expect(planWidths({ ...plain(8), hidden: 4 })).toEqual({ one: 8, two: 6 });
  });

  it.each([
    ['solved per user', { solved: { regularization: 0.1, unobservedWeight: 0.2 } }],
    ['folded in', { itemsIn: Float32Array.from({ length: ITEMS * 2 }, (_, i) => Math.cos(i)) }],
  ])('%s ranks as it does before rounding', async (_, user) => {
    const engine = await testEngine();
    const itemsOut = Float32Array.from({ length: ITEMS * 2 }, (_, i) => Math.sin(1 + i));
    const model = { description: 'm', width: 2, itemsOut, user, recency: 0.5 };
    const exact = scoresOfModel(engine, model)(train);
    const { ranker } = bestAloneEntry(rounded(engine, model, student, new Float32Array(ITEMS)));
    const served = ranker.scores(train);
    const largest = Math.max(...exact.map(Math.abs));
    for (const [i, score] of exact.entries()) expect(served[i]! / largest).toBeCloseTo(score / largest, 1);
  });
});
