import { describe, expect, it } from 'vitest';
import { expectedWork, teacherWork } from '../../../src/training/run/expected-work.ts';
import { createTimeline } from '../../../src/training/run/timeline.ts';

const SIZE = { users: 6000, items: 3000, pairs: 250_000 };
const PLAN = {
  student: { dimensions: 64, user: 'summed' },
  distillation: { epochs: 20 },
  alone: { epochs: 60 },
} as const;

const workOf = (stages: ReturnType<typeof expectedWork>, name: string) =>
  stages.find((stage) => stage.name === name)!;

describe('the expected work', () => {
  it('grows with users, items and epochs', () => {
    const one = expectedWork(SIZE, PLAN, { teacherSeconds: 10 });
    const more = expectedWork({ ...SIZE, items: 6000 }, PLAN, { teacherSeconds: 10 });
    const longer = expectedWork(SIZE, { ...PLAN, distillation: { epochs: 40 } }, { teacherSeconds: 10 });
    expect(workOf(more, 'distillation').work).toBeCloseTo(2 * workOf(one, 'distillation').work);
    expect(workOf(longer, 'distillation').work).toBeCloseTo(2 * workOf(one, 'distillation').work);
    expect(workOf(more, 'evaluation').work).toBeGreaterThan(workOf(one, 'evaluation').work);
  });

  it('does not grow with users who are not taught', () => {
    const dense = { items: 3000, pairs: 10_000_000 };
    const [some, many] = [100_000, 200_000].map((users) => expectedWork({ ...dense, users }, PLAN, {}));
    for (const name of ['transfer', 'distillation', 'evaluation'])
      expect(workOf(many!, name).work).toBe(workOf(some!, name).work);
  });

  it('has more steps for thinned copies, and dearer ones for solved vectors', () => {
    const summed = workOf(expectedWork(SIZE, PLAN, {}), 'distillation').work;
    const thinned = { ...PLAN, distillation: { epochs: 20, thinned: 3 } };
    expect(workOf(expectedWork(SIZE, thinned, {}), 'distillation').work).toBeCloseTo(4 * summed);
    const solved = { ...PLAN, student: { dimensions: 64, user: 'solved' } } as const;
    expect(workOf(expectedWork(SIZE, solved, {}), 'distillation').work).toBeGreaterThan(summed);
  });

  it('of teachers is rough only where nobody knows their time, and the control may end early', () => {
    const [known, guessed] = [expectedWork(SIZE, PLAN, { teacherSeconds: 30 }), expectedWork(SIZE, PLAN, {})];
    expect(workOf(known, 'teacher')).toMatchObject({ isRough: false, work: 33 });
    expect(workOf(guessed, 'teacher').isRough).toBe(true);
    expect(workOf(guessed, 'distillation').isRough).toBe(false);
    expect(workOf(known, 'student-alone').endsEarly).toBe(true);
  });

  it('of several tasks goes by the users who are taught, the part of the catalogue and the users who are tested', () => {
    const size = { users: 32_000, items: 31_000, pairs: 357_000 };
    const of = (distillation: { epochs: number; taught?: number; among?: number }) =>
      expectedWork(size, { ...PLAN, distillation }, { tasks: 3, teacherSeconds: 100 });
    const whole = of({ epochs: 7 });
    const some = of({ epochs: 7, taught: 8_000 });
    const part = of({ epochs: 7, among: 1_024 });
    expect(workOf(some, 'distillation').work).toBeCloseTo(workOf(whole, 'distillation').work / 4);
    expect(workOf(some, 'transfer').work).toBeLessThan(workOf(whole, 'transfer').work / 3);
    expect(workOf(part, 'distillation').work).toBeLessThan(workOf(whole, 'distillation').work / 4);
    expect(workOf(part, 'single-task').work).toBeLessThan(workOf(whole, 'single-task').work);
    const tested = (tasks: number) => workOf(expectedWork(size, PLAN, { tasks }), 'evaluation').work / tasks;
    expect(tested(3)).toBeLessThan(tested(1) / 3);
  });

  it('of the choice of the student is none where there is nothing to choose', () => {
    expect(teacherWork(SIZE, { teacherSeconds: 10, candidates: 1 }).choice).toBe(0);
    expect(teacherWork(SIZE, { teacherSeconds: 10, candidates: 5 }).choice).toBeGreaterThan(1);
  });
});

/** Seconds of the processors, of a whole default job of that size on synthetic data (bench/results/scale.md). */
const RECORDED = {
  teacher: 67.9,
  transfer: 5.5,
  distillation: 23.7,
  'student-alone': 20.6,
  evaluation: 17,
  'refit-teacher': 0.8,
  refit: 22.4,
};

it('tells the time left of a recorded job within half, after a fifth of it, on a machine of any speed', () => {
  const plan = {
    student: { dimensions: 128, user: 'solved' },
    distillation: { epochs: 4, thinned: 3 },
    alone: { epochs: 60 },
  } as const;
  const names = Object.keys(RECORDED) as (keyof typeof RECORDED)[];
  const whole = names.reduce((sum, name) => sum + RECORDED[name], 0);
  for (const speed of [0.3, 1, 4]) {
    let done = 0;
    let seconds = 0;
    const timeline = createTimeline(
      names.map((name) => ({ name, work: 1 })),
      () => seconds,
    );
    timeline.expect(expectedWork(SIZE, plan, { teacherSeconds: 19, candidates: 5 }));
    for (const name of names) {
      timeline.begin(name);
      for (let part = 0; part <= 100; part++) {
        seconds = speed * (done + (RECORDED[name] * part) / 100);
        const left = speed * whole - seconds;
        const { etaSeconds = Number.NaN } = timeline.at(name, part / 100);
        if (seconds < 0.2 * speed * whole) continue;
        expect(Math.abs(etaSeconds - left)).toBeLessThan(0.5 * Math.max(left, 2 * speed));
      }
      timeline.end();
      done += RECORDED[name];
    }
  }
});
