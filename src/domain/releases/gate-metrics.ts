export const HISTORY_NAMES: readonly string[] = ['unseen', 'newer', 'taught'];
export const MEASURES_OF_TIME: readonly string[] = ['p50', 'p99'];
export const MEASURES_IN_BYTES: readonly string[] = ['bytes'];

const OF_ALL = ['bytes', 'parameters', 'compressionRatio'];

interface Measured {
  /** Kind of what the job predicts. */
  of: 'items' | 'ratings' | 'labels';
  /** Places at which rankings are measured. */
  ks: readonly number[];
}

/** Names the metrics that a report of such a job has, and so a rule of its gate can ask for. */
export function gateMetrics({ of, ks }: Measured): string[] {
  const at = (name: string, places = ks) => places.map((k) => `${name}@${k}`);
  if (of === 'ratings') return ['rmse', 'mae', 'distance', ...OF_ALL];
  if (of === 'labels') {
    const named = ['microF1', 'microPrecision', 'microRecall', 'lrap', 'logLoss', 'macroF1'];
    return [...named, 'calibrationError', ...at('precision'), 'agreement', ...OF_ALL];
  }
  return [
    ...['ndcg', 'recall', 'precision', 'mrr'].flatMap((name) => at(name)),
    ...at('hr', [...new Set([1, ...ks])]),
    ...at('overlap'),
    ...['rbo', 'tau', 'kl', 'loss', 'calibratedLoss', 'coverage'],
    ...['coverage', 'averagePopularity', 'headShare', 'gini'].flatMap((name) => at(name)),
    ...MEASURES_OF_TIME,
    ...OF_ALL,
  ];
}
