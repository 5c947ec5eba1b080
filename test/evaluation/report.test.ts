import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { createResampling } from '../../src/evaluation/bootstrap.ts';
import { compareModels } from '../../src/evaluation/comparison.ts';
import { pairRankers, rankerReport } from '../../src/evaluation/report.ts';
import type { Outcome } from '../../src/evaluation/tally.ts';

function outcome(name: string, recall: number[], fidelity: Record<string, number[]> = {}): Outcome {
  const column = (values: number[]) => Float64Array.from(values);
  return {
    name,
    scale: null,
    metrics: { loss: column(recall.map((x) => 2 - x)), 'recall@10': column(recall) },
    fidelity: Object.fromEntries(Object.entries(fidelity).map(([key, values]) => [key, column(values)])),
    exposure: { '10': { coverage: 0.5, averagePopularity: 7, headShare: 0.25, gini: 0.4 } },
    segments: [],
  };
}

const resampling = createResampling(4, createRng(1));
const teacher = outcome('teacher', [0.8, 0.4, 0.6, 0.2]);
const roles = {
  teacher: 'teacher',
  student: 'student',
  'student-float32': 'student',
  'student-alone': 'control',
  popularity: 'baseline',
} as const;
const outcomes: Record<keyof typeof roles, Outcome> = {
  teacher,
  student: outcome('student', [0.4, 0.2, 0.3, 0.1]),
  'student-float32': outcome('student-float32', [0.5, 0.25, 0.375, 0.125]),
  'student-alone': outcome('student-alone', [0.3, 0.1, 0.2, 0]),
  popularity: outcome('popularity', [0.2, 0.1, 0.15, 0.05]),
};

function compare(changed: Partial<typeof outcomes> = {}, more: Parameters<typeof compareModels>[0] = []) {
  const models = Object.entries({ ...outcomes, ...changed }).map(([name, one]) => ({
    name: name as keyof typeof roles,
    role: roles[name as keyof typeof roles],
    bytes: name === 'teacher' ? 1000 : 50,
    outcome: one,
  }));
  return compareModels([...models, ...(more as typeof models)], pairRankers(resampling));
}

const expectAll = (measured: object, value: number) => {
  // The same for every user, so for every resampling.
  for (const x of Object.values(measured)) expect(x).toBeCloseTo(value, 12);
};

describe('the comparison', () => {
  it('says what the student kept, and that with its interval', () => {
    const { retained, compressionRatio } = compare();
    expect(compressionRatio).toBe(20);
    expectAll(retained['recall@10']!, 0.5);
  });

  it('has differences from everybody, and from the teacher to the baseline', () => {
    const { gainOverAlone, gainOverBaseline, gainOverTeacher, teacherOverBaseline } = compare();
    expectAll(gainOverAlone['recall@10']!, 0.1);
    expect(gainOverBaseline['recall@10']!.value).toBeCloseTo(0.125, 12);
    expect(gainOverTeacher!['recall@10']!.value).toBeCloseTo(-0.25, 12);
    expect(teacherOverBaseline!['recall@10']!.value).toBeCloseTo(0.375, 12);
  });

  it('of several controls takes the better one, and sets earlier versions beside', () => {
    const models = [
      { name: 'best-alone', role: 'control', bytes: 50, outcome: outcome('b', [0.35, 0.15, 0.25, 0.05]) },
      { name: 'live', role: 'live', bytes: 50, outcome: outcome('l', [0.5, 0.3, 0.4, 0.2]) },
    ] as const;
    const { gainOverAlone, gainOverLive, gainOverPrevious } = compare({}, models);
    expectAll(gainOverAlone['recall@10']!, 0.05);
    expectAll(gainOverLive!['recall@10']!, -0.1);
    expect(gainOverPrevious).toBeUndefined();
  });

  it('sets a student of one task beside: it has a teacher, and is no control of what that was worth', () => {
    const single = { name: 'single-task', role: 'control', bytes: 50 } as const;
    const compared = compare({}, [{ ...single, outcome: outcome('s', [0.35, 0.15, 0.25, 0.05]) }]);
    expectAll(compared.gainOverSingleTask!['recall@10']!, 0.05);
    expectAll(compared.gainOverAlone['recall@10']!, 0.1);
    expect(compared.bestControl).toEqual({ 'recall@10': 'student-alone' });
    expect(compare().gainOverSingleTask).toBeUndefined();
  });

  it('compares no losses: scores have scales of their own', () => {
    const { retained, gainOverAlone } = compare();
    expect(Object.keys(retained)).toEqual(['recall@10']);
    expect(Object.keys(gainOverAlone)).toEqual(['recall@10']);
  });

  it('says what rounding cost', () => {
    expectAll(compare().keptByRounding['recall@10']!, 0.8);
  });

  it('leaves out a share of nothing', () => {
    const { retained, gainOverAlone } = compare({ teacher: outcome('teacher', [0, 0, 0, 0]) });
    expect(retained).toEqual({});
    expect(Object.keys(gainOverAlone)).toEqual(['recall@10']);
  });
});

describe('the report of one ranker', () => {
  const facts = {
    ...({ role: 'teacher', description: 'd', parameters: 3, bytes: 12 } as const),
    ...{ p50Microseconds: 1, p99Microseconds: 2 },
  };

  it('has its facts, the mean loss and every metric with an interval', () => {
    const report = rankerReport(teacher, facts, resampling);
    expect(report).toMatchObject({
      name: 'teacher',
      ...facts,
      coverage: { 'coverage@10': 0.5 },
      popularityBias: { 'averagePopularity@10': 7, 'headShare@10': 0.25, 'gini@10': 0.4 },
    });
    expect(report.loss).toBeCloseTo(1.5, 12);
    expect(Object.keys(report.metrics)).toEqual(['recall@10']);
    expect(report.metrics['recall@10']!.value).toBeCloseTo(0.5, 12);
    expect(report.metrics['recall@10']!.low).toBeLessThan(0.5);
    expect(report.metrics['recall@10']!.high).toBeGreaterThan(0.5);
  });

  it('has fidelity for all but the reference', () => {
    expect(rankerReport(teacher, facts, resampling).fidelity).toBeNull();
    const student = outcome('student', [1, 1, 1, 1], { kl: [1, 2, 3, 4] });
    expect(rankerReport(student, facts, resampling).fidelity!.kl!.value).toBe(2.5);
  });
});
