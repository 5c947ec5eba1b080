import type { Measured, RankerReport, Report } from '../domain/report.ts';
import { meanWithInterval, type Resampling, statistic } from './bootstrap.ts';
import type { Exposure } from './exposure.ts';
import type { Outcome } from './tally.ts';

/** What a ranker costs; the rest of its report is computed. */
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
  outcomes: Record<Exclude<RankerReport['name'], 'previous'>, Outcome> & { previous?: Outcome },
  bytes: { teacher: number; student: number },
  resampling: Resampling,
): Report['comparison'] {
  const { teacher, student, popularity, previous } = outcomes;
  const { loss: _, ...compared } = student.metrics;
  const against = (other: Outcome, of: (a: number, b: number) => number): Record<string, Measured> =>
    Object.fromEntries(
      Object.entries(compared).flatMap(([name, own]) => {
        const measured = statistic([own, other.metrics[name]!], resampling, ([a, b]) => of(a!, b!));
        // A share of nothing is no number: the metric is left out.
        return Number.isNaN(measured.value) ? [] : [[name, measured]];
      }),
    );
  return {
    compressionRatio: bytes.teacher / bytes.student,
    retained: against(teacher, ratio),
    keptByRounding: against(outcomes['student-float32'], ratio),
    gainOverAlone: against(outcomes['student-alone'], (a, b) => a - b),
    ...(previous && { gainOverPrevious: against(previous, (a, b) => a - b) }),
    gainOverPopularity: against(popularity, (a, b) => ratio(a, b) - 1),
  };
}

function ratio(a: number, b: number): number {
  return b === 0 ? Number.NaN : a / b;
}

function mapValues<A, B>(record: Record<string, A>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
