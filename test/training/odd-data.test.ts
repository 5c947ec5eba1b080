import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import type { Row } from '../helpers/data.ts';
import { run, storeOf } from './run-job.ts';

/** A job that says nothing but its model, on data that is odd in some way. */
async function reportOf(rows: Row[], spec: Partial<DistillationSpec> = {}): Promise<Report> {
  const store = storeOf(rows, 1000);
  return (await run({ model: 'odd', ...spec }, rows, { store })).report;
}

function randomRows(users: number, items: number, each: (user: number) => number, seed = 1): Row[] {
  const rng = createRng(seed);
  const order = Int32Array.from({ length: items }, (_, i) => i);
  return Array.from({ length: users }, (_, user) =>
    [...rng.shuffle(order.slice()).subarray(0, each(user))].map((item) => ({
      user: `u${user}`,
      item: `i${item}`,
    })),
  ).flat();
}

/** Every number there is, and all of them finite. */
function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(numbersOf) : [];
}

const student = (report: Report) => report.models.find(({ name }) => name === 'student')!;

describe('default settings on odd data', () => {
  it('work at the least that is accepted, without a single timestamp', async () => {
    const report = await reportOf(randomRows(10, 10, () => 5));
    expect(report.data).toMatchObject({ users: 10, items: 10, interactions: 50, testUsers: 10 });
    expect(numbersOf(report.models).every(Number.isFinite)).toBe(true);
    expect(student(report).metrics['recall@20']!.value).toBe(1);
  });

  it('work where most users have one interaction, and evaluate the others only', async () => {
    const report = await reportOf(randomRows(60, 30, (user) => (user < 6 ? 12 : 1)));
    expect(report.data.testUsers).toBe(6);
    expect(numbersOf(report.models).every(Number.isFinite)).toBe(true);
  });

  it('work where one item has nearly everything', async () => {
    const rows = randomRows(40, 20, () => 4).concat(
      Array.from({ length: 40 }, (_, user) => ({ user: `u${user}`, item: 'hit' })),
    );
    expect(numbersOf((await reportOf(rows)).models).every(Number.isFinite)).toBe(true);
  });

  it('work with a teacher and a student that are wider than the catalogue', async () => {
    const report = await reportOf(
      randomRows(11, 12, () => 6),
      {
        teacher: { kind: 'matrix-factorization', objective: 'ials', dimensions: 64 },
        student: { kind: 'fold-in', dimensions: 64 },
      },
    );
    const alone = report.models.find(({ name }) => name === 'student-alone')!;
    // Scores that run away have a loss of hundreds of thousands. So few users leave nothing to fit a scale by.
    expect(student(report).loss!).toBeLessThan(alone.loss! + 10);
    expect(student(report).calibratedLoss).toBeNull();
    expect(report.protocol.ranking).toMatch(/not calibrated, as fewer than 16 users/);
    expect(report.warnings.filter((warning) => warning.includes('distillation.transfer'))).toEqual([]);
  });

  it('work with k beyond the catalogue', async () => {
    const report = await reportOf(
      randomRows(12, 12, () => 6),
      { evaluation: { k: [500] } },
    );
    expect(student(report).metrics['recall@500']!.value).toBe(1);
  });
});
