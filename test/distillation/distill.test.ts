import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { Csr } from '../../src/dataset/matrix.ts';
import { type DistillSettings, distill } from '../../src/distillation/distill.ts';
import { startStudent } from '../../src/distillation/transfer/transfer.ts';
import { randomStart } from '../../src/student/start.ts';
import type { Teacher } from '../../src/teacher/contract.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import type { Progress } from '../../src/tensor/train/progress.ts';
import { ITEMS } from '../helpers/data.ts';
import { expectNoLeak, testEngine } from '../helpers/engine.ts';
import { readScores } from '../helpers/scores.ts';
import { blockTeacher, contextOf, nearness, plain, sourceOf, studentFrom, train } from './setup.ts';

const D = 6;
const settings: DistillSettings = {
  losses: [
    {
      kind: 'softLabels',
      weight: 1,
      temperature: 1,
      scores: 'raw',
      ownItems: 'visible',
      top: 1,
      samples: 0,
    },
    { kind: 'hardLabels', weight: 0.1 },
  ],
  epochs: 10,
  batchSize: 8,
  dropout: 0.2,
  roundedEpochs: 2,
};
const alone: DistillSettings = { ...settings, losses: [{ kind: 'hardLabels', weight: 1 }] };

let engine: Engine;
let teacher: Teacher;
beforeAll(async () => {
  engine = await testEngine();
  teacher = await blockTeacher(engine);
});
afterAll(() => teacher.dispose());

const fromTeacher = () =>
  startStudent('svd', {
    engine,
    teacher,
    student: plain(D),
    sample: train,
    rng: createRng(2),
    scale: 'same',
  });
const fromNothing = () => randomStart(ITEMS, plain(D), createRng(2));

async function distilled(start = fromNothing(), how = settings, by: Teacher | null = teacher) {
  const student = studentFrom(engine, start);
  const before = nearness(student, teacher);
  const seen: Progress[] = [];
  const source = by && sourceOf(engine, by);
  const fit = await distill(
    student,
    source,
    how,
    contextOf(engine, { onProgress: (p) => void seen.push(p) }),
  );
  const after = nearness(student, teacher);
  const values = student.parameters.readAll();
  student.parameters.dispose();
  return { before, after, seen, fit, values };
}

describe('distillation', () => {
  it('brings the student nearer to the teacher, from random numbers and from the transfer', async () => {
    const [random, transferred] = [await distilled(fromNothing()), await distilled(fromTeacher())];
    expect(random.after.kl).toBeLessThan(random.before.kl / 5);
    expect(transferred.after.kl).toBeLessThan(transferred.before.kl);
  });

  it('ends nearer to the teacher than the same student on the data alone', async () => {
    const [taught, untaught] = [await distilled(), await distilled(fromNothing(), alone, null)];
    expect(taught.after.kl).toBeLessThan(untaught.after.kl);
  });

  it('ends nearer after few epochs when it starts from the teacher', async () => {
    const few = { ...settings, epochs: 2 };
    const [transferred, random] = [await distilled(fromTeacher(), few), await distilled(fromNothing(), few)];
    expect(transferred.after.kl).toBeLessThan(random.after.kl / 2);
  });

  it('leaves the teacher as it was, to the last bit', async () => {
    const before = readScores(teacher, train);
    await distilled();
    expect(readScores(teacher, train)).toEqual(before);
  });

  it('reports each loss by its name, and losses that fall', async () => {
    const { fit, seen } = await distilled();
    expect(Object.keys(fit.history[0]!.losses).sort()).toEqual(['hardLabels', 'softLabels', 'total']);
    expect(fit.history.at(-1)!.losses.softLabels).toBeLessThan(fit.history[0]!.losses.softLabels!);
    expect(seen.at(-1)!.losses.softLabels).toBe(fit.history.at(-1)!.losses.softLabels);
  });

  it('shows teacher and student the same partly hidden history', async () => {
    const shown: { teacher: Csr[]; student: Csr[] } = { teacher: [], student: [] };
    const student = studentFrom(engine, fromNothing());
    const watched = {
      ...student,
      input(histories: Csr) {
        shown.student.push(histories);
        return student.input(histories);
      },
    };
    const watchedTeacher = {
      ...teacher,
      scores(histories: Csr) {
        shown.teacher.push(histories);
        return teacher.scores(histories);
      },
    };
    await distill(
      watched,
      sourceOf(engine, watchedTeacher),
      { ...settings, epochs: 2, dropout: 0.4 },
      contextOf(engine),
    );
    student.parameters.dispose();
    expect(shown.teacher).toHaveLength(6);
    expect(shown.teacher).toEqual(shown.student);
    const pairs = shown.teacher.reduce((sum, m) => sum + m.indices.length, 0) / 2;
    expect(pairs).toBeLessThan(0.75 * train.indices.length);
  });

  it('is the same to the last bit for the same seed', async () => {
    const [first, again] = [await distilled(), await distilled()];
    if (engine.report.deterministic) expect(again.values).toEqual(first.values);
  });

  it('stops when it is told to, and leaves no tensor behind', () =>
    expectNoLeak(async () => {
      const stop = new AbortController();
      const student = studentFrom(engine, fromNothing());
      const context = contextOf(engine, { signal: stop.signal, onProgress: () => stop.abort() });
      await expect(distill(student, sourceOf(engine, teacher), settings, context)).rejects.toMatchObject({
        code: 'cancelled',
      });
      student.parameters.dispose();
    }));

  it('leaves no tensor behind when it runs through', () => expectNoLeak(() => distilled()));

  it('fails as diverged when the learning rate is far too high', async () => {
    const student = studentFrom(engine, fromNothing(), 1e20);
    await expect(
      distill(student, sourceOf(engine, teacher), settings, contextOf(engine)),
    ).rejects.toMatchObject({
      code: 'training-diverged',
    });
    student.parameters.dispose();
  });
});
