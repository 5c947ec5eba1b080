import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { splitPairs } from '../../../../src/dataset/split/split.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { Teacher } from '../../../../src/teacher/contract.ts';
import { trainEaseTeacher } from '../../../../src/teacher/kinds/ease.ts';
import type { Engine } from '../../../../src/tensor/engine.ts';
import { chooseStudent } from '../../../../src/training/tasks/ranking/choose-student.ts';
import { planCandidates } from '../../../../src/training/tasks/ranking/plan-candidates.ts';
import { choiceWarnings } from '../../../../src/training/tasks/ranking/warnings.ts';
import { csrOf } from '../../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../../helpers/engine.ts';

const USERS = 600;
const ITEMS = 40;
const draws = createRng(5);
/** Four tastes of ten items each; of his own a user has most. */
const matrix = csrOf(
  Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: ITEMS }, (_, item) => Number(draws.next() < (item % 4 === user % 4 ? 0.7 : 0.03))),
  ),
);
const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
const times = new Float64Array(matrix.indices.length).fill(Number.NaN);
const pairs = {
  users: names(USERS),
  items: names(ITEMS),
  matrix,
  firstSeen: times,
  lastSeen: times,
} as never;
const splitOf = (strategy: 'random' | 'held-out-users') => {
  const { dataset } = completeDistillation({
    model: 'm',
    dataset: { split: { strategy, testFraction: 0.2, validationFraction: 0.2 } },
  });
  return splitPairs(pairs, dataset.split, 3);
};
const unlisted = {} as never;

let engine: Engine;
let teacher: Teacher;
const contextOf = (seed = 1) => ({
  ...{ engine, rng: createRng(seed), onProgress() {}, signal: new AbortController().signal },
});
const candidates = planCandidates(
  completeDistillation({ model: 'm', student: { kind: 'fold-in', dimensions: 6 } }),
  { users: USERS, items: ITEMS, pairs: matrix.indices.length },
  {} as never,
).map((one) => {
  const { distillation } = one.settings;
  const epochs = Math.min(2, distillation.epochs);
  return { ...one, settings: { ...one.settings, distillation: { ...distillation, epochs } } };
});

beforeAll(async () => {
  engine = await testEngine();
  const train = splitOf('random').train;
  teacher = await trainEaseTeacher(
    { kind: 'ease', lambda: [20], form: 'primal' },
    { ...contextOf(), train, onProgress() {} },
  );
});

describe('the choice of the student', () => {
  it('tries every candidate on known and unseen users, takes the best, and is the same for the same seed', async () => {
    const split = splitOf('random');
    const choose = () =>
      chooseStudent(teacher, candidates, { split, unlisted, train: split.train }, contextOf() as never);
    const choice = await choose();
    const { tried, chosen } = choice!;
    expect(tried.map(({ student }) => student)).toEqual(candidates.map(({ name }) => name));
    for (const { known, unseen, score } of tried) {
      expect(known).toBeGreaterThan(0.2);
      expect(unseen).toBeGreaterThan(0.2);
      expect(score).toBeCloseTo((known! + unseen!) / 2, 9);
    }
    const ended = tried.some(({ student, work }) => work === 1 && student !== 'iALS, solved');
    const last = tried.filter(({ work }) => !ended || work === 1);
    const best = Math.max(...last.map(({ score }) => score));
    const own = tried.find(({ student }) => student === chosen.name)!;
    expect(best - own.score).toBeLessThanOrEqual(own.noise);
    for (const { score, noise, overlap } of last) {
      if (best - score <= noise) expect(overlap).toBeLessThanOrEqual(own.overlap);
    }
    // A control has all of its work done from the start; others have a sixth, and two of them all where that decides.
    const works = tried.map(({ work }) => work);
    expect(works.at(-1)).toBe(1);
    for (const work of works) expect([1 / 6, 1]).toContain(work);
    expect(works.slice(0, -1).filter((work) => work === 1).length).toBeLessThanOrEqual(2);
    // What was dropped by early signs is not chosen.
    if (works.slice(0, -1).includes(1)) expect(own.work).toBe(1);
    await expectNoLeak(async () => {
      if (engine.report.deterministic) expect((await choose())!.tried).toEqual(tried);
    });
  });

  it('is made on unseen users alone where the split holds out users', async () => {
    const split = splitOf('held-out-users');
    const two = candidates.filter(({ name }) => name === 'summed, thinned' || name === 'iALS, solved');
    const choice = await chooseStudent(
      teacher,
      two,
      { split, unlisted, train: split.train },
      contextOf() as never,
    );
    for (const { known, unseen, score } of choice!.tried) expect([known, score]).toEqual([null, unseen]);
  });

  it('is not made among fewer than two, by few users, or where the teacher only has lists', async () => {
    const split = splitOf('random');
    const data = { split, unlisted, train: split.train };
    const context = contextOf() as never;
    expect(await chooseStudent(teacher, candidates.slice(0, 1), data, context)).toBeUndefined();
    const few = { ...split, validation: { ...split.validation, indptr: new Int32Array(USERS + 1) } };
    expect(await chooseStudent(teacher, candidates, { ...data, split: few }, context)).toBeUndefined();
    const lists = { ...teacher, listed: split.train };
    expect(await chooseStudent(lists, candidates, data, context)).toBeUndefined();
  });

  it('warns of a student that no teacher taught, and of no other', () => {
    const tried = [
      { student: 'dropped', work: 1 / 6, known: 0.9, unseen: 0.9, score: 0.9, noise: 0.02, overlap: 0.7 },
      { student: 'summed', work: 1, known: 0.9, unseen: 0.8, score: 0.85, noise: 0.02, overlap: 0.7 },
      { student: 'iALS, solved', work: 1, known: 0.95, unseen: 0.93, score: 0.94, noise: 0, overlap: 0.8 },
    ];
    const [summed, ials] = [candidates[0]!, candidates.at(-1)!];
    expect(choiceWarnings({ chosen: summed, tried })).toEqual([]);
    expect(choiceWarnings(undefined)).toEqual([]);
    expect(choiceWarnings({ chosen: ials, tried })).toEqual([
      expect.stringMatching(/iALS, solved, with 94\.0 % .*\(summed\) had 85\.0 %/),
    ]);
  });
});
