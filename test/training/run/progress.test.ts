import { describe, expect, it } from 'vitest';
import type { JobProgress } from '../../../src/domain/jobs/job.ts';
import { createStageProgress, type Stage } from '../../../src/training/run/progress.ts';
import { planTraining } from '../../../src/training/tasks/ranking/plan.ts';
import { warningsOf } from '../../../src/training/tasks/ranking/warnings.ts';

const STAGES: Stage[] = ['data', 'teacher', 'transfer', 'distillation', 'student-alone', 'evaluation'];
const REFIT: Stage[] = ['refit-teacher', 'refit'];

function reported(stages: readonly Stage[], refit: boolean): JobProgress[] {
  const seen: JobProgress[] = [];
  const progress = createStageProgress({ device: 'native', refit, report: (p) => void seen.push(p) });
  for (const stage of stages) for (const within of [0, 0.5, 1]) progress.send(stage, within);
  return seen;
}

describe('the progress of a job', () => {
  it.each([
    ['without a refit', [...STAGES, 'publishing'] as Stage[], false],
    ['with a refit', [...STAGES, ...REFIT, 'publishing'] as Stage[], true],
  ])('goes from 0 to 1 and never back, %s', (_, stages, refit) => {
    const fractions = reported(stages, refit).map((p) => p.fraction);
    expect(fractions[0]).toBe(0);
    expect(fractions.at(-1)).toBe(1);
    fractions.slice(1).forEach((fraction, i) => {
      expect(fraction).toBeGreaterThanOrEqual(fractions[i]!);
    });
  });

  it('guesses the time left only when a tenth is done', () => {
    const seen = reported([...STAGES, 'publishing'], false);
    for (const { fraction, etaSeconds } of seen) expect(etaSeconds !== undefined).toBe(fraction > 0.1);
    expect(seen.at(-1)!.etaSeconds).toBe(0);
  });

  it('passes on what a training loop says of itself', () => {
    const seen: JobProgress[] = [];
    const progress = createStageProgress({ device: 'wasm', refit: false, report: (p) => void seen.push(p) });
    const step = { epoch: 2, epochs: 4, step: 3, steps: 6, etaSeconds: 9, learningRate: 0.01 };
    progress.fitting('teacher')({ ...step, fraction: 0.5, losses: { crossEntropy: 2 }, metric: 0.25 });
    progress.fitting('teacher')({ ...step, fraction: 0.6, losses: { crossEntropy: 1 } });
    expect(seen[0]).toMatchObject({
      stage: 'teacher',
      epoch: 2,
      epochs: 4,
      step: 3,
      losses: { crossEntropy: 2 },
      metrics: { 'ndcg@10': 0.25 },
      learningRate: 0.01,
      device: 'wasm',
    });
    expect(seen[1]).not.toHaveProperty('metrics');
  });
});

describe('warnings', () => {
  const backend = {
    name: 'native',
    requested: 'auto',
    threads: 2,
    selfTestMs: 1,
    deterministic: true,
  } as const;
  const warnings = (dimensions: number, hidden: number[], bytes = [1000, 100], deterministic = true) =>
    warningsOf(
      planTraining(
        { model: 'm', student: { kind: 'fold-in', dimensions }, teacher: { kind: 'softmax', hidden } },
        { users: 100, items: 100 },
      ),
      { teacherBytes: bytes[0]!, studentBytes: bytes[1]!, backend: { ...backend, deterministic } },
    );

  it('are none for a student that is smaller and narrower than its teacher', () => {
    expect(warnings(8, [16])).toEqual([]);
    expect(warnings(16, [16])).toEqual([]);
  });

  it('name a student that is no smaller than its teacher', () => {
    expect(warnings(8, [16], [1000, 1000])).toEqual([expect.stringMatching(/1000 bytes.*not smaller/)]);
  });

  it("name dimensions beyond the teacher's narrowest layer, unless nothing is transferred", () => {
    expect(warnings(20, [64, 12, 64])).toEqual([
      expect.stringMatching(/student\.dimensions 20 .*narrowest layer 12: the other 8/),
    ]);
    const settings = planTraining(
      {
        model: 'm',
        student: { kind: 'fold-in', dimensions: 20 },
        teacher: { kind: 'softmax', hidden: [12] },
        distillation: { transfer: 'none' },
      },
      { users: 100, items: 100 },
    );
    expect(warningsOf(settings, { teacherBytes: 10, studentBytes: 1, backend })).toEqual([]);
  });

  it('name a backend that does not repeat its bytes', () => {
    expect(warnings(8, [16], [1000, 100], false)).toEqual([expect.stringMatching(/native.*same bytes/)]);
  });
});
