import { describe, expect, it } from 'vitest';
import type { DataSize } from '../../../src/dataset/data-size.ts';
import type { SingleSettings } from '../../../src/teacher/registry.ts';
import { secondsOfTraining } from '../../../src/teacher/registry.ts';
import { defaultBudget, planAuto } from '../../../src/training/teachers/plan-auto.ts';

const SMALL = { users: 943, items: 1_682, pairs: 40_000 };
const SPARSE = { users: 5_219, items: 25_183, pairs: 115_142 };
const MIDDLING = { users: 22_000, items: 12_000, pairs: 200_000 };
const LARGE = { users: 30_000, items: 41_000, pairs: 810_000 };
const HUGE = { users: 5_000_000, items: 400_000, pairs: 100_000_000 };

const kindsOf = (size: DataSize, budgetSeconds?: number) =>
  planAuto({ kind: 'auto', ...(budgetSeconds && { budgetSeconds }) }, size).candidates.map(
    ({ kind }) => kind,
  );
const find = <K extends SingleSettings['kind']>(size: DataSize, kind: K) =>
  planAuto({ kind: 'auto' }, size).candidates.find((one) => one.kind === kind) as
    | Extract<SingleSettings, { kind: K }>
    | undefined;

describe('the plan of auto', () => {
  const GRAPHS = ['graph-filter', 'graph-filter'];

  it('tries every kind on small data, and iALS at any size up to a hundred million pairs', () => {
    expect(kindsOf(SMALL)).toEqual(['ease', 'matrix-factorization', ...GRAPHS, 'elsa', 'softmax']);
    expect(kindsOf(SPARSE)).toEqual(['ease', 'matrix-factorization', ...GRAPHS, 'elsa']);
    expect(kindsOf(LARGE)).toEqual(['matrix-factorization', ...GRAPHS, 'elsa']);
    expect(kindsOf(HUGE)).toContain('graph-filter');
  });

  it('says what the budget has no time for, and with more time tries it', () => {
    const { leftOut, budgetSeconds } = planAuto({ kind: 'auto' }, SPARSE);
    expect(budgetSeconds).toBe(defaultBudget(SPARSE));
    expect(leftOut.map(({ kind }) => kind)).toEqual(['softmax']);
    for (const { seconds } of leftOut) expect(seconds).toBeGreaterThan(0);
    expect(kindsOf(SPARSE, 80_000)).toContain('softmax');
  });

  it.each([SMALL, SPARSE, MIDDLING, LARGE, HUGE])(
    'keeps within the budget by its own estimate: %o',
    (size) => {
      const { candidates, budgetSeconds } = planAuto({ kind: 'auto' }, size);
      const sum = candidates.reduce((total, settings) => total + secondsOfTraining(settings, size), 0);
      expect(sum).toBeLessThanOrEqual(budgetSeconds);
    },
  );

  it('takes iALS with its usual setting alone where there is no time to choose among settings', () => {
    const { candidates } = planAuto({ kind: 'auto', budgetSeconds: 12 }, MIDDLING);
    const ials = candidates.find(({ kind }) => kind === 'matrix-factorization');
    expect(ials).toMatchObject({ dimensions: 64, epochs: 6 });
    expect(ials).not.toHaveProperty('tries');
    expect(find(MIDDLING, 'matrix-factorization')).toHaveProperty('tries');
  });

  it('plans the quickest where the budget has time for none', () => {
    const plan = planAuto({ kind: 'auto', budgetSeconds: 1 }, HUGE);
    expect(plan.candidates).toHaveLength(1);
    const [first] = plan.candidates;
    for (const kind of ['ease', 'matrix-factorization', 'elsa', 'softmax'])
      expect(plan.leftOut.map((one) => one.kind)).toContain(kind);
    for (const { seconds } of plan.leftOut)
      expect(seconds).toBeGreaterThanOrEqual(secondsOfTraining(first!, HUGE) - 0.1);
  });

  it('gives iALS the width and EASE the ridges that leave half of the time to others', () => {
    expect(find(SMALL, 'matrix-factorization')).toMatchObject({ dimensions: 128 });
    expect(find(MIDDLING, 'matrix-factorization')).toMatchObject({ dimensions: 256 });
    expect(find(SPARSE, 'matrix-factorization')).toMatchObject({ dimensions: 256 });
    expect(find(SMALL, 'ease')!.lambda.length).toBeGreaterThan(3);
    expect(find(MIDDLING, 'ease')!.lambda).toHaveLength(1);
  });

  it('grows with the size of the data, up to ten minutes', () => {
    const budgets = [SMALL, SPARSE, LARGE, HUGE].map((size) => defaultBudget(size));
    expect(budgets).toEqual([...budgets].sort((a, b) => a - b));
    expect(budgets.at(-1)).toBe(600);
  });

  it('tries what reads the order where the task is sequential, as far as time and memory go', () => {
    const plan = (size: DataSize) => planAuto({ kind: 'auto' }, size, 'sequential');
    const kinds = (size: DataSize) => plan(size).candidates.map(({ kind }) => kind);
    expect(kinds(SMALL)).toEqual(['slist', 'sasrec']);
    expect(kinds(MIDDLING)).toEqual(['slist', 'sasrec']);
    expect(plan(MIDDLING).candidates[0]).toMatchObject({ kind: 'slist', form: 'full' });
    for (const size of [{ ...MIDDLING, memoryMiB: 1000 }, LARGE])
      expect(plan(size).candidates[0]).toMatchObject({ kind: 'slist', form: 'diagonal' });
    const epochs = (size: DataSize, budgetSeconds: number) => {
      const { candidates } = planAuto({ kind: 'auto', budgetSeconds }, size, 'sequential');
      return candidates.flatMap((one) => (one.kind === 'sasrec' ? [one.epochs] : []));
    };
    expect(epochs(SMALL, 190)).toEqual(epochs(SMALL, 800).map((all) => all / 2));
    expect(plan(MIDDLING).budgetSeconds).toBe(defaultBudget(MIDDLING, 'sequential'));
    for (const size of [SMALL, MIDDLING, LARGE, HUGE])
      for (const { kind } of planAuto({ kind: 'auto' }, size).candidates)
        expect(['slist', 'sasrec']).not.toContain(kind);
  });

  it('is made of sizes alone, so it is the same each time', () => {
    expect(planAuto({ kind: 'auto' }, LARGE)).toEqual(planAuto({ kind: 'auto' }, { ...LARGE }));
  });
});
