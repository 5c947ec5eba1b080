import { expect, it } from 'vitest';
import { completeDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import type { PlannedJob } from '../../../src/domain/jobs/job-plan.ts';
import { expectedCost } from '../../../src/training/plan/cost.ts';

const SPEC = completeDistillation({ model: 'm', evaluation: { refit: false } });
const of = {
  stages: [
    { name: 'teacher', work: 60 },
    { name: 'distillation', work: 30 },
    { name: 'student-alone', work: 10 },
    { name: 'single-task', work: 500 },
    { name: 'seeds', work: 500 },
    { name: 'refit', work: 500 },
  ],
  size: { users: 1000, items: 1000, pairs: 10_000 },
  rows: 0,
  teacherMiB: 0,
  isFollower: false,
};
const earlier = (id: string, part: Partial<PlannedJob>): PlannedJob => ({
  ...{ id, task: 'single-label', plannedSeconds: 100, seconds: 100 },
  ...part,
});

it('sums the stages that the job has, and leaves the teacher to the job that trains it', () => {
  const cost = expectedCost(SPEC, of, []);
  expect(cost).toMatchObject({ seconds: 104, plannedSeconds: 104, pace: 1, measuredOn: [], isRough: false });
  expect(cost.stages.map(({ stage }) => stage)).toEqual([
    ...['data', 'teacher', 'distillation', 'student-alone', 'publishing'],
  ]);
  expect(expectedCost(SPEC, { ...of, isFollower: true }, []).seconds).toBe(44);
  expect(expectedCost({ ...SPEC, evaluation: { ...SPEC.evaluation, seeds: 2 } }, of, []).seconds).toBe(604);
});

it('goes by the median pace of earlier jobs of its task and size, and names them', () => {
  const jobs = [
    earlier('slow', { seconds: 300 }),
    earlier('usual', { seconds: 200 }),
    earlier('quick', { seconds: 150 }),
    earlier('of-another-task', { task: 'rating', seconds: 900 }),
    earlier('tiny', { plannedSeconds: 3, seconds: 30 }),
    earlier('went-on-from-before', { seconds: 1 }),
  ];
  const cost = expectedCost(SPEC, of, jobs);
  expect(cost).toMatchObject({ pace: 2, seconds: 208, plannedSeconds: 104 });
  expect(cost.measuredOn).toEqual(['slow', 'usual', 'quick']);
  expect(cost.basis).toMatch(/3 earlier jobs/);
});
