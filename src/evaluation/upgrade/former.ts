import type { ComparisonReport } from '../../domain/reports/comparison-report.ts';
import type { Measured, MeasuredByName } from '../../domain/reports/measured.ts';
import type { ModelReport, ModelRole } from '../../domain/reports/model-report.ts';
import type { Report } from '../../domain/reports/report.ts';

// Shapes of reports before format 2, as far as they differ from those of today, and what their parts have in common.

/** The parts that every former report has. */
export interface FormerHead {
  model: string;
  createdAt: string;
  settings: Record<string, unknown>;
  seed: number;
  backend: Record<string, unknown>;
  codeVersion: string;
  seconds: Record<string, number>;
  warnings: string[];
}

/** The parts that a former shape fills in by itself. */
export type Upgraded = Pick<Report, 'task' | 'models' | 'comparison' | 'data' | 'protocol'> &
  Partial<Report> & { headlineMetric: string };

const ROLES: Partial<Record<ModelReport['name'], ModelRole>> = {
  teacher: 'teacher',
  student: 'student',
  'student-float32': 'student',
  previous: 'previous',
  popularity: 'baseline',
  means: 'baseline',
  frequency: 'baseline',
};

/** Role of a model, which former reports leave to its name. */
export function roleOf(name: ModelReport['name']): ModelRole {
  return ROLES[name] ?? 'control';
}

/** An interval, each end changed; turned round where the change does so. */
export function mapped({ value, low, high }: Measured, change: (x: number) => number): Measured {
  const [a, b] = [change(low), change(high)];
  return { value: change(value), low: Math.min(a, b), high: Math.max(a, b) };
}

/** All of them, with the names of their metrics; what is no number is left out. */
export function mapAll(
  measured: MeasuredByName,
  change: (x: number, metric: string) => number,
): MeasuredByName {
  return Object.fromEntries(
    Object.entries(measured).flatMap(([metric, one]) => {
      const now = mapped(one, (x) => change(x, metric));
      return Number.isFinite(now.value) ? [[metric, now]] : [];
    }),
  );
}

/**
 * Differences from shares of another's metrics. The values are exact; the intervals take the other's metric as it is, since the
 * users behind it are gone.
 */
export function differences(shares: MeasuredByName, of: MeasuredByName): MeasuredByName {
  return mapAll(shares, (share, metric) => (share - 1) * (of[metric]?.value ?? Number.NaN));
}

/** Metrics of one model. */
export function metricsOf(
  models: readonly Pick<ModelReport, 'name' | 'metrics'>[],
  name: string,
): MeasuredByName {
  return models.find((one) => one.name === name)?.metrics ?? {};
}

/** A comparison of which nothing is known but the sizes. */
export const NOT_COMPARED: Omit<ComparisonReport, 'compressionRatio'> = {
  retained: {},
  keptByRounding: {},
  gainOverAlone: {},
  gainOverBaseline: {},
};
