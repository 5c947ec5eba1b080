import { describe, expect, it } from 'vitest';
import { createTimeline, type ExpectedStage } from '../../../src/training/run/timeline.ts';

const STAGES: ExpectedStage[] = [
  { name: 'data', work: 1, isRough: true },
  { name: 'transfer', work: 10 },
  { name: 'distillation', work: 60 },
  { name: 'evaluation', work: 20 },
];

/** Runs stages that really take so many seconds, on a fake clock, and looks once a second. */
function run(took: Record<string, number>, stages = STAGES, expected?: readonly ExpectedStage[]) {
  let seconds = 0;
  const timeline = createTimeline(stages, () => seconds);
  const seen: { name: string; fraction: number; eta: number; left: number }[] = [];
  const whole = Object.values(took).reduce((sum, own) => sum + own, 0);
  if (expected) timeline.expect(expected);
  for (const [name, own] of Object.entries(took)) {
    timeline.begin(name);
    for (let second = 0; second < own; second++) {
      const { fraction, etaSeconds = Number.NaN } = timeline.at(name, second / own);
      seen.push({ name, fraction, eta: etaSeconds, left: whole - seconds });
      seconds++;
    }
    seen.push({ ...lookAt(name), name, left: whole - seconds });
    timeline.end();
  }
  function lookAt(name: string) {
    const { fraction, etaSeconds = Number.NaN } = timeline.at(name, 1);
    return { fraction, eta: etaSeconds };
  }
  return seen;
}

const within = (seen: ReturnType<typeof run>, share: number) =>
  seen.filter(({ eta, left }) => Math.abs(eta - left) > share * Math.max(left, 2));

describe('the estimate of the time left', () => {
  it('is right where stages take what was expected', () => {
    const seen = run({ data: 1, transfer: 10, distillation: 60, evaluation: 20 });
    expect(within(seen, 0.05)).toEqual([]);
  });

  it('is right within half on a machine that is three times as slow, as soon as one stage has told', () => {
    const seen = run({ data: 1, transfer: 30, distillation: 180, evaluation: 60 });
    expect(within(seen.filter(({ name }) => name !== 'data').slice(1), 0.05)).toEqual([]);
  });

  it('is right within half where a stage takes twice or half of what was expected, by its own pace', () => {
    for (const factor of [2, 0.5]) {
      const seen = run({ data: 1, transfer: 10, distillation: 60, evaluation: 20 * factor });
      const late = seen.filter(({ name, fraction }) => name === 'evaluation' && fraction > 0.85);
      expect(within(late, 0.5)).toEqual([]);
      expect(late.length).toBeGreaterThan(3);
    }
  });

  it('never goes back, and ends at 1 with nothing left', () => {
    const seen = run({ data: 8, transfer: 200, distillation: 60, evaluation: 2 });
    seen.slice(1).forEach(({ fraction }, i) => {
      expect(fraction).toBeGreaterThanOrEqual(seen[i]!.fraction);
    });
    expect(seen[0]!.fraction).toBe(0);
    expect(seen.at(-1)).toMatchObject({ fraction: 1, eta: 0 });
  });

  it('takes the pace of no stage whose time says nothing of the others', () => {
    const stages = STAGES.map((stage) => (stage.name === 'transfer' ? { ...stage, isRough: true } : stage));
    const seen = run({ data: 1, transfer: 100, distillation: 60, evaluation: 20 }, stages);
    expect(
      within(
        seen.filter(({ name }) => name === 'distillation'),
        0.05,
      ),
    ).toEqual([]);
  });

  it('goes by what is expected later, of stages that there are', () => {
    const expected = [
      { name: 'distillation', work: 6 },
      { name: 'no such stage', work: 1e9 },
    ];
    const seen = run({ data: 1, transfer: 10, distillation: 6, evaluation: 20 }, STAGES, expected);
    expect(within(seen, 0.05)).toEqual([]);
  });
});

describe('the estimate for a stage that may end early', () => {
  const stages = [
    { name: 'distillation', work: 60 },
    { name: 'student-alone', work: 20, endsEarly: true },
    { name: 'evaluation', work: 20 },
  ];

  it('does not take its pace for its length, nor for that of the others', () => {
    let seconds = 0;
    const timeline = createTimeline(stages, () => seconds);
    timeline.begin('distillation');
    seconds = 60;
    timeline.at('distillation', 1);
    timeline.end();
    timeline.begin('student-alone');
    seconds = 70;
    // By its own pace it would take 100 seconds; it was planned with 20, as it usually ends then.
    expect(timeline.at('student-alone', 0.1).etaSeconds).toBeCloseTo(10 + 20);
    timeline.end();
    timeline.begin('evaluation');
    expect(timeline.at('evaluation', 0).etaSeconds).toBeCloseTo(20);
  });

  it('takes its pace where that is faster than planned', () => {
    let seconds = 0;
    const timeline = createTimeline(stages.slice(1), () => seconds);
    timeline.begin('student-alone');
    seconds = 2;
    expect(timeline.at('student-alone', 0.5).etaSeconds).toBeCloseTo(2 + 20);
  });
});
