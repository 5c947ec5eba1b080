import type { GateRule } from './gate-rule.ts';
import { SEGMENT_NAMES } from './segment-names.ts';

/** Metrics that may be above 1; all others are shares or means of them. */
const UNBOUNDED = [
  ...['averagePopularity', 'bytes', 'parameters', 'compressionRatio', 'p50', 'p99'],
  ...['rmse', 'mae', 'distance', 'logLoss', 'kl', 'loss', 'calibratedLoss'],
];
/** Correlation of ranks. */
const FROM_MINUS_1 = ['tau'];
/** Losses of pairs may be anything. */
const ANY = ['loss', 'calibratedLoss'];

/** Says why no report can ever pass the rule, or null. */
export function neverPasses({ metric, measure, among, op, limit }: GateRule): string | null {
  if (among?.includes(':') && !SEGMENT_NAMES.includes(among)) {
    return `names the segment ${among}, which no report has; there are ${SEGMENT_NAMES.join(', ')}`;
  }
  if (ANY.includes(metric)) return null;
  const name = metric.split('@')[0]!;
  const isShare = measure === 'retained';
  const least = FROM_MINUS_1.includes(name) && !isShare ? -1 : 0;
  const most = isShare || UNBOUNDED.includes(name) ? Number.POSITIVE_INFINITY : 1;
  const range = most === 1 ? `from ${least} to 1` : 'never below 0';
  if (op === '>=' ? limit <= most : limit >= least) return null;
  return `can never be passed: ${isShare ? "a share of the teacher's" : metric} is ${range}; got ${op} ${limit}`;
}
