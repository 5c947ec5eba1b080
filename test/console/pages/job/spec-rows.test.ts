import { describe, expect, it } from 'vitest';
import { askedBody, specRows } from '../../../../src/console/pages/job/spec-rows.ts';
import type { Job } from '../../../../src/domain/jobs/job.ts';

const job = {
  spec: {
    type: 'distillation',
    model: 'movies',
    teacher: { kind: 'auto' },
    student: { kind: 'fold-in', dimensions: 16 },
    distillation: { seed: 42 },
    evaluation: { k: [10, 20], refit: true },
  },
  plan: {
    defaults: [
      { field: 'teacher', value: { kind: 'auto' }, why: 'Fits the budget.', decidedBy: 'validation' },
      { field: 'distillation.seed', value: 42, why: 'The same each time.', decidedBy: 'rule' },
      { field: 'distillation.epochs', value: 60, why: 'Enough updates.', decidedBy: 'data' },
      { field: 'publish.gate', value: null, why: 'The usual gate.', decidedBy: 'rule' },
    ],
  },
} as unknown as Job;

describe('specRows', () => {
  it('sets what was asked beside what was used, with the reason of what was left open', () => {
    const rows = specRows(job, { student: { dimensions: 16, hidden: null }, distillation: { epochs: 37 } });
    expect(rows).toEqual([
      { field: 'model', asked: 'movies', used: 'movies' },
      { field: 'teacher.kind', used: 'auto', why: 'Fits the budget.' },
      { field: 'student.kind', asked: 'fold-in', used: 'fold-in' },
      { field: 'student.dimensions', asked: 16, used: 16 },
      { field: 'distillation.seed', used: 42, why: 'The same each time.' },
      { field: 'distillation.epochs', used: 37, why: 'Enough updates.' },
      { field: 'evaluation.k', asked: [10, 20], used: [10, 20] },
      { field: 'evaluation.refit', asked: true, used: true },
      { field: 'publish.gate', why: 'The usual gate.' },
    ]);
  });

  it('gives the request back, to begin another with', () => {
    expect(askedBody(job)).toEqual({
      model: 'movies',
      student: { kind: 'fold-in', dimensions: 16 },
      evaluation: { k: [10, 20], refit: true },
    });
  });

  it('takes all as asked where a job has no plan', () => {
    const rows = specRows({ spec: job.spec }, null);
    expect(rows.every(({ field, asked, used }) => field !== '' && asked === used)).toBe(true);
  });
});
