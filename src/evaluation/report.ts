import type { MeasuredByName } from '../domain/reports/measured.ts';
import type { ModelReport } from '../domain/reports/model-report.ts';
import { meanWithInterval, type Resampling, statistic } from './bootstrap.ts';
import type { Pairing } from './comparison.ts';
import type { Exposure } from './exposure.ts';
import type { Outcome } from './tally.ts';

/** Facts of a ranker that are given, such as its size; the rest of its report is computed. */
export type RankerFacts = Pick<
  ModelReport,
  | 'role'
  | 'description'
  | 'version'
  | 'isLive'
  | 'parameters'
  | 'bytes'
  | 'p50Microseconds'
  | 'p99Microseconds'
>;

export function rankerReport(outcome: Outcome, facts: RankerFacts, resampling: Resampling): ModelReport {
  const { loss, calibratedLoss } = outcome.metrics;
  const mean = (column: Float64Array | undefined) =>
    column ? meanWithInterval(column, resampling).value : null;
  return {
    name: outcome.name as ModelReport['name'],
    ...facts,
    // May be no finite number, which JSON writes as null; a warning says so.
    loss: mean(loss),
    calibratedLoss: outcome.scale === null ? null : mean(calibratedLoss),
    scoreScale: outcome.scale,
    ...rankerFigures(outcome, resampling),
    coverage: byK(outcome, 'coverage', 'coverage'),
    popularityBias: {
      ...byK(outcome, 'averagePopularity', 'averagePopularity'),
      ...byK(outcome, 'headShare', 'headShare'),
      ...byK(outcome, 'gini', 'gini'),
    },
    segments: outcome.segments,
  };
}

/** The figures that have intervals. */
export function rankerFigures(
  outcome: Outcome,
  resampling: Resampling,
): Pick<ModelReport, 'metrics' | 'fidelity'> {
  const intervals = (columns: Record<string, Float64Array>) =>
    mapValues(columns, (c) => meanWithInterval(c, resampling));
  const measured = intervals(withoutLosses(outcome.metrics));
  const first = measured['hr@1'];
  return {
    // The former name of hr@1, for those who read it still.
    metrics: { ...(first && { accuracy: first }), ...measured },
    fidelity: Object.keys(outcome.fidelity).length > 0 ? intervals(outcome.fidelity) : null,
  };
}

function withoutLosses({ loss: _, calibratedLoss: __, ...metrics }: Outcome['metrics']): Outcome['metrics'] {
  return metrics;
}

function byK({ exposure }: Outcome, field: keyof Exposure, name: string): Record<string, number> {
  return Object.fromEntries(Object.entries(exposure).map(([k, shown]) => [`${name}@${k}`, shown[field]]));
}

/** Compares rankers on the same users. Losses are not compared: scores have scales of their own. */
export function pairRankers(resampling: Resampling): Pairing<Outcome> {
  const compare =
    (of: (a: number, b: number) => number) =>
    (one: Outcome, other: Outcome): MeasuredByName => {
      return Object.fromEntries(
        Object.entries(withoutLosses(one.metrics)).flatMap(([name, column]) => {
          const measured = statistic([column, other.metrics[name]!], resampling, ([a, b]) => of(a!, b!));
          // A share of nothing is no number: the metric is left out.
          return Number.isNaN(measured.value) ? [] : [[name, measured]];
        }),
      );
    };
  return {
    share: compare((a, b) => (b === 0 ? Number.NaN : a / b)),
    gain: compare((a, b) => a - b),
  };
}

function mapValues<A, B>(record: Record<string, A>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
