import type { Measured, RankerReport, Report } from '../domain/report.ts';
import { meanWithInterval, type Resampling, statistic } from './bootstrap.ts';
import type { Outcome } from './evaluate.ts';

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
    loss: meanWithInterval(loss!, resampling).value,
    metrics: intervals(metrics),
    coverage: outcome.coverage,
    fidelity: Object.keys(outcome.fidelity).length > 0 ? intervals(outcome.fidelity) : null,
    segments: outcome.segments,
  };
}

/** The student against each of the others, on the same users (paired bootstrap). */
export function compareRankers(
  outcomes: Record<RankerReport['name'], Outcome>,
  bytes: { teacher: number; student: number },
  resampling: Resampling,
): Report['comparison'] {
  const { teacher, student, popularity } = outcomes;
  const alone = outcomes['student-alone'];
  const { loss: _, ...compared } = student.metrics;
  const against = (other: Outcome, of: (a: number, b: number) => number): Record<string, Measured> =>
    Object.fromEntries(
      Object.entries(compared).map(([name, own]) => [
        name,
        statistic([own, other.metrics[name]!], resampling, ([a, b]) => of(a!, b!)),
      ]),
    );
  return {
    compressionRatio: bytes.teacher / bytes.student,
    retained: against(teacher, ratio),
    gainOverAlone: against(alone, (a, b) => a - b),
    gainOverPopularity: against(popularity, (a, b) => ratio(a, b) - 1),
  };
}

/** A share of nothing is reported as 1 when there is nothing to keep, never as infinity, which JSON cannot hold. */
function ratio(a: number, b: number): number {
  return b === 0 ? 1 : a / b;
}

function mapValues<A, B>(record: Record<string, A>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
