import { expect, it } from 'vitest';
import type { Job } from '../../../src/domain/jobs/job.ts';
import { MOST_DEATHS, oneMoreDeath } from '../../../src/worker/queue/deaths.ts';

type Died = Parameters<typeof oneMoreDeath>[0];

/** Counts after attempts that each read further than the one before. */
function attempts(kind: 'teacher' | 'interactions', rows: readonly number[]): number[] {
  let stored: Job['problem'] = null;
  return rows.map((read) => {
    const progress = { stage: 'import', fraction: 0.5, rows: read };
    const deaths = oneMoreDeath({ type: 'import', spec: { kind }, progress, problem: stored } as Died);
    stored = { code: 'import-timeout', title: '', type: '', status: 504, detail: '', ...deaths };
    return deaths.failedAttempts;
  });
}

it('counts no attempt of an import that goes on behind the rows that it has stored', () => {
  expect(attempts('interactions', [10, 20, 30, 40])).toEqual([1, 1, 1, 1]);
  expect(attempts('interactions', [10, 10, 10])).toEqual([1, 2, 3]);
});

it('counts each attempt of an import of a teacher, which begins anew however far it came', () => {
  expect(attempts('teacher', [10, 20, 30])).toEqual([1, 2, MOST_DEATHS]);
});
