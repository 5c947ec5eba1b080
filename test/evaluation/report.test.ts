import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { createResampling } from '../../src/evaluation/bootstrap.ts';
import { compareRankers, headlineMetric, rankerReport } from '../../src/evaluation/report.ts';
import type { Outcome } from '../../src/evaluation/tally.ts';

function outcome(name: string, recall: number[], fidelity: Record<string, number[]> = {}): Outcome {
  const column = (values: number[]) => Float64Array.from(values);
  return {
    name,
    metrics: { loss: column(recall.map((x) => 2 - x)), 'recall@10': column(recall) },
    fidelity: Object.fromEntries(Object.entries(fidelity).map(([key, values]) => [key, column(values)])),
    exposure: { '10': { coverage: 0.5, averagePopularity: 7, headShare: 0.25, gini: 0.4 } },
    segments: [],
  };
}

const resampling = createResampling(4, createRng(1));
const teacher = outcome('teacher', [0.8, 0.4, 0.6, 0.2]);
const outcomes = {
  teacher,
  student: outcome('student', [0.4, 0.2, 0.3, 0.1]),
  'student-float32': outcome('student-float32', [0.5, 0.25, 0.375, 0.125]),
  'student-alone': outcome('student-alone', [0.3, 0.1, 0.2, 0]),
  'best-alone': outcome('best-alone', [0.2, 0.1, 0.2, 0]),
  popularity: outcome('popularity', [0.2, 0.1, 0.15, 0.05]),
};
const bytes = { teacher: 1000, student: 50 };

describe('the comparison', () => {
  it('says what the student kept, and that with its interval', () => {
    const { retained, compressionRatio } = compareRankers(outcomes, bytes, resampling, 'recall@10');
    expect(compressionRatio).toBe(20);
    const { value, low, high } = retained['recall@10']!;
    // Half of the teacher for every user, so for every resampling.
    for (const x of [value, low, high]) expect(x).toBeCloseTo(0.5, 12);
  });

  it('says what the teacher was good for, and what the student gains over popularity', () => {
    const { gainOverAlone, gainOverPopularity } = compareRankers(outcomes, bytes, resampling, 'recall@10');
    for (const x of Object.values(gainOverAlone['recall@10']!)) expect(x).toBeCloseTo(0.1, 12);
    for (const x of Object.values(gainOverPopularity['recall@10']!)) expect(x).toBeCloseTo(1, 12);
  });

  it('says what the student gains over the better control, and which it is', () => {
    const better = outcome('best-alone', [0.5, 0.3, 0.4, 0.2]);
    const { gainOverAlone, strongestControl } = compareRankers(
      { ...outcomes, 'best-alone': better },
      bytes,
      resampling,
      'recall@10',
    );
    expect(strongestControl).toBe('best-alone');
    for (const x of Object.values(gainOverAlone['recall@10']!)) expect(x).toBeCloseTo(-0.1, 12);
    expect(compareRankers(outcomes, bytes, resampling, 'recall@10').strongestControl).toBe('student-alone');
  });

  it('is by NDCG@10, or at the largest k where there is no ten', () => {
    expect(headlineMetric([5, 10, 50])).toBe('ndcg@10');
    expect(headlineMetric([3, 5])).toBe('ndcg@5');
  });

  it('compares no losses: less of it is better', () => {
    const { retained, gainOverAlone } = compareRankers(outcomes, bytes, resampling, 'recall@10');
    expect(Object.keys(retained)).toEqual(['recall@10']);
    expect(Object.keys(gainOverAlone)).toEqual(['recall@10']);
  });

  it('says what rounding cost', () => {
    const { keptByRounding } = compareRankers(outcomes, bytes, resampling, 'recall@10');
    for (const x of Object.values(keptByRounding['recall@10']!)) expect(x).toBeCloseTo(0.8, 12);
  });

  it('leaves out a share of nothing', () => {
    const nothing = outcome('teacher', [0, 0, 0, 0]);
    const { retained, gainOverAlone } = compareRankers(
      { ...outcomes, teacher: nothing },
      bytes,
      resampling,
      'recall@10',
    );
    expect(retained).toEqual({});
    expect(Object.keys(gainOverAlone)).toEqual(['recall@10']);
  });
});

describe('the report of one ranker', () => {
  const facts = { description: 'd', parameters: 3, bytes: 12, p50Microseconds: 1, p99Microseconds: 2 };

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
