import type { ModelVersion } from '../../../domain/answers/model.ts';
import { frontOf } from '../../../domain/releases/front.ts';
import { isError } from '../../../domain/reports/metric-names.ts';

/** A version by its size and one figure. */
export interface VersionPoint {
  version: number;
  bytes: number;
  value: number;
  low: number | null;
  high: number | null;
  microseconds: number | null;
  isFront: boolean;
}

export type Sized = Omit<VersionPoint, 'isFront'>;

/** Marks the points that no other one beats in quality, bytes and time, with errors as less is better. */
export function withFront(points: readonly Sized[], metric: string): VersionPoint[] {
  const merits = points.map((point) => ({ ...point, merit: isError(metric) ? -point.value : point.value }));
  const front = new Set(frontOf(merits).map(({ version }) => version));
  return points.map((point) => ({ ...point, isFront: front.has(point.version) }));
}

type Summarised = Pick<ModelVersion, 'version' | 'bytes' | 'summary'>;

/** Points of versions by what the list of versions says; one that was not measured by the metric is left out. */
export function pointsOf(versions: readonly Summarised[], metric: string): VersionPoint[] {
  const points = versions.flatMap(({ version, bytes, summary }) => {
    const value = summary.metrics.student?.[metric];
    return value === undefined ? [] : [{ version, bytes, value, low: null, high: null, microseconds: null }];
  });
  return withFront(points, metric);
}

/** Metrics of the students of versions, those that most of them have first. */
export function metricsOfVersions(versions: readonly Summarised[]): string[] {
  const counts = new Map<string, number>();
  for (const { summary } of versions) {
    for (const metric of Object.keys(summary.metrics.student ?? {})) {
      if (metric !== 'accuracy') counts.set(metric, (counts.get(metric) ?? 0) + 1);
    }
  }
  const usual = (metric: string) => (USUAL.indexOf(metric) + 1 || USUAL.length + 1) / 1000;
  return [...counts].sort(([a, x], [b, y]) => y - x || usual(a) - usual(b)).map(([metric]) => metric);
}

/** Metrics that headlines are by. */
const USUAL = ['ndcg@10', 'rmse', 'microF1'];
