import { describe, expect, it } from 'vitest';
import type { JobProgress } from '../../../src/domain/jobs/job.ts';
import { createStageProgress, type Stage } from '../../../src/training/run/progress.ts';

const STAGES: Stage[] = ['data', 'teacher', 'transfer', 'distillation', 'student-alone', 'evaluation'];
const REFIT: Stage[] = ['refit-teacher', 'refit'];

/** Stages of ten seconds each, on a fake clock. */
function reported(stages: readonly Stage[], refit: boolean): JobProgress[] {
  const seen: JobProgress[] = [];
  let seconds = 0;
  const progress = createStageProgress({
    device: 'native',
    refit,
    now: () => seconds,
    report: (p) => void seen.push(p),
  });
  for (const stage of stages) {
    progress.begin(stage);
    for (const within of [0, 0.5, 1]) {
      seconds += within === 0 ? 0 : 5;
      progress.send(stage, within);
    }
    progress.end();
  }
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

  it('tells no time and little progress before the plan is made, and both afterwards', () => {
    const seen: (JobProgress & { at: number })[] = [];
    let seconds = 0;
    const progress = createStageProgress({
      device: 'native',
      refit: true,
      now: () => seconds,
      report: (p) => void seen.push({ ...p, at: seconds }),
    });
    progress.begin('data');
    // Reading takes half a minute, of which the stage says nothing but that it is alive.
    for (; seconds < 30; seconds++) progress.again();
    const planned = [
      { name: 'teacher', work: 40 },
      { name: 'transfer', work: 5 },
      { name: 'distillation', work: 30 },
      { name: 'student-alone', work: 10 },
      { name: 'evaluation', work: 10 },
      { name: 'refit-teacher', work: 5 },
      { name: 'refit', work: 20 },
    ];
    progress.expect(planned);
    progress.end();
    for (const stage of planned) {
      progress.begin(stage.name as Stage);
      for (let second = 0; second < stage.work; second++, seconds++)
        progress.send(stage.name as Stage, second / stage.work);
      progress.end();
    }
    const unplanned = seen.filter(({ stage }) => stage === 'data');
    expect(unplanned).toHaveLength(30);
    for (const { fraction, etaSeconds } of unplanned) {
      expect(fraction).toBeLessThan(0.03);
      expect(etaSeconds).toBeUndefined();
    }
    for (const { at, etaSeconds } of seen.slice(30)) {
      const left = 150 - at;
      expect(Math.abs(etaSeconds! - left)).toBeLessThan(0.5 * Math.max(left, 2));
    }
  });

  it('tells no time of a job without a plan in seconds before its teacher has told its pace', () => {
    const seen: JobProgress[] = [];
    let seconds = 0;
    const progress = createStageProgress({
      device: 'native',
      refit: false,
      now: () => seconds,
      report: (p) => void seen.push(p),
    });
    progress.begin('data');
    seconds = 20;
    progress.again();
    progress.end();
    progress.begin('teacher');
    progress.send('teacher', 0);
    for (; seconds < 30; seconds++) progress.again();
    for (const { fraction, etaSeconds } of seen) {
      expect(fraction).toBeLessThan(0.03);
      expect(etaSeconds).toBeUndefined();
    }
    // Half of the teacher took forty seconds.
    seconds = 60;
    progress.send('teacher', 0.5);
    expect(seen.at(-1)!.fraction).toBeGreaterThan(0.1);
    expect(seen.at(-1)!.etaSeconds).toBeGreaterThan(80);
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

  it('expects of each stage its share of the time, and of a control of several tasks a longer one', () => {
    const at = (stage: Stage, more: { refit?: boolean; control?: 'single-task' } = {}) => {
      const seen: JobProgress[] = [];
      let seconds = 0;
      const now = () => seconds;
      const progress = createStageProgress({
        device: 'native',
        refit: false,
        now,
        report: (p) => void seen.push(p),
        ...more,
      });
      progress.begin(stage);
      seconds = 1;
      progress.send(stage, 0.5);
      return seen[0]!.fraction;
    };
    // Half of it took a second: as much again, and for the stages to come in the same proportion.
    expect(at('teacher')).toBeCloseTo(1 / (2 + (0.02 + 0.3 + 0.16 + 0.08) * 5 + 0.02), 3);
    expect(at('teacher', { refit: true })).toBeCloseTo(1 / (2 + (0.56 + 0.26) * 5 + 0.02), 3);
    expect(at('teacher', { control: 'single-task' })).toBeCloseTo(1 / (2 + 0.7 * 5 + 0.02), 3);
  });

  it('says again how far it is, with less time left', () => {
    const seen: JobProgress[] = [];
    let seconds = 0;
    const progress = createStageProgress({
      device: 'native',
      refit: false,
      now: () => seconds,
      report: (p) => void seen.push(p),
    });
    progress.begin('evaluation');
    seconds = 10;
    progress.send('evaluation', 0.9);
    seconds = 10.5;
    progress.again();
    expect(seen[1]).toMatchObject({ stage: 'evaluation' });
    expect(seen[1]!.fraction).toBeGreaterThanOrEqual(seen[0]!.fraction);
  });

  it('shares a stage out among its loops, and calls the metric by its name', () => {
    const seen: JobProgress[] = [];
    let seconds = 0;
    const step = { epoch: 1, epochs: 2, step: 1, steps: 2, etaSeconds: 9, learningRate: 0.01, losses: {} };
    const progress = createStageProgress({
      device: 'native',
      refit: false,
      metric: 'rmse',
      now: () => seconds,
      report: (p) => void seen.push(p),
    });
    progress.begin('evaluation');
    seconds = 3;
    // A loop and a half of four are over.
    progress.fitting('evaluation', 1, 4)({ ...step, fraction: 0.5, metric: 0.9 });
    expect(seen.map((p) => p.fraction)).toEqual([expect.closeTo(3 / (8 + 0.02), 3)]);
    expect(seen.map((p) => p.metrics)).toEqual([{ rmse: 0.9 }]);
  });

  it('tells the memory of the process in MiB', () => {
    const [first] = reported(['data'], false);
    const mib = process.memoryUsage.rss() / 2 ** 20;
    expect(first!.rssMiB).toBeGreaterThan(mib / 4);
    expect(first!.rssMiB).toBeLessThan(mib * 4);
  });
});
