import type { Measured } from '../domain/reports/measured.ts';
import type { RankerReport } from '../domain/reports/ranker-report.ts';
import type { Report } from '../domain/reports/report.ts';
import { meanWithInterval, type Resampling, statistic } from './bootstrap.ts';
import type { Exposure } from './exposure.ts';
import type { Outcome } from './tally.ts';

/** Facts of a ranker that are given, such as its size; the rest of its report is computed. */
export interface RankerFacts {
  description: string;
  parameters: number;
  bytes: number;
  p50Microseconds: number;
  p99Microseconds: number;
}

export function rankerReport(outcome: Outcome, facts: RankerFacts, resampling: Resampling): RankerReport {
  const { loss, ...metrics } = outcome.metrics;
  const intervals = (columns: Record<string, Float64Array>) =>
    mapValues(columns, (c) => meanWithInterval(c, resampling));
  return {
    name: outcome.name as RankerReport['name'],
    ...facts,
    loss: loss ? meanWithInterval(loss, resampling).value : null,
    metrics: intervals(metrics),
    coverage: byK(outcome, 'coverage', 'coverage'),
    popularityBias: {
      ...byK(outcome, 'averagePopularity', 'averagePopularity'),
      ...byK(outcome, 'headShare', 'headShare'),
      ...byK(outcome, 'gini', 'gini'),
    },
    fidelity: Object.keys(outcome.fidelity).length > 0 ? intervals(outcome.fidelity) : null,
    segments: outcome.segments,
  };
}

function byK({ exposure }: Outcome, field: keyof Exposure, name: string): Record<string, number> {
  return Object.fromEntries(Object.entries(exposure).map(([k, shown]) => [`${name}@${k}`, shown[field]]));
}

/** The student against each of the others, on the same users (paired bootstrap). */
export function compareRankers(
  outcomes: Record<
    'teacher' | 'student' | 'student-float32' | 'student-alone' | 'best-alone' | 'popularity',
    Outcome
  > & {
    previous?: Outcome;
  },
  bytes: { teacher: number; student: number },
  resampling: Resampling,
  headline: string,
): Report['comparison'] {
  const { student, previous } = outcomes;
  const control = strongest([outcomes['student-alone'], outcomes['best-alone']], headline);
  return {
    compressionRatio: bytes.teacher / bytes.student,
    retained: shareOf(student, outcomes.teacher, resampling),
    keptByRounding: shareOf(student, outcomes['student-float32'], resampling),
    strongestControl: control.name as 'student-alone' | 'best-alone',
    gainOverAlone: gainOver(student, control, resampling),
    ...(previous && { gainOverPrevious: gainOver(student, previous, resampling) }),
    gainOverPopularity: relativeGain(student, outcomes.popularity, resampling),
  };
}

/** The metric by which controls are compared: NDCG@10, or at the largest k where 10 is none of them. */
export function headlineMetric(ks: readonly number[]): string {
  return `ndcg@${ks.includes(10) ? 10 : Math.max(...ks)}`;
}

/** The control with the highest mean. It is chosen on the test itself, which speaks against the student. */
export function strongest(controls: readonly Outcome[], headline: string): Outcome {
  const sumOf = ({ metrics }: Outcome) => metrics[headline]!.reduce((sum, x) => sum + x, 0);
  return controls.reduce((best, one) => (sumOf(one) > sumOf(best) ? one : best));
}

type Compare = (a: Outcome, b: Outcome, resampling: Resampling) => Record<string, Measured>;

/** Each metric of one as a share of the other's. */
export const shareOf: Compare = (a, b, resampling) => compare(a, b, resampling, ratio);
/** One less the other. */
export const gainOver: Compare = (a, b, resampling) => compare(a, b, resampling, (x, y) => x - y);
/** One by the other, less 1. */
export const relativeGain: Compare = (a, b, resampling) =>
  compare(a, b, resampling, (x, y) => ratio(x, y) - 1);

function compare(
  own: Outcome,
  other: Outcome,
  resampling: Resampling,
  of: (a: number, b: number) => number,
): Record<string, Measured> {
  const { loss: _, ...compared } = own.metrics;
  return Object.fromEntries(
    Object.entries(compared).flatMap(([name, column]) => {
      const measured = statistic([column, other.metrics[name]!], resampling, ([a, b]) => of(a!, b!));
      // A share of nothing is no number: the metric is left out.
      return Number.isNaN(measured.value) ? [] : [[name, measured]];
    }),
  );
}

function ratio(a: number, b: number): number {
  return b === 0 ? Number.NaN : a / b;
}

function mapValues<A, B>(record: Record<string, A>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
