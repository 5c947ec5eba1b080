import { describe, expect, it } from 'vitest';
import type { JobProgress } from '../../../src/domain/jobs/job.ts';
import { createStageProgress, type Stage } from '../../../src/training/run/progress.ts';

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
