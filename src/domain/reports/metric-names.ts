/** Metrics of which less is better. */
const ERRORS: ReadonlySet<string> = new Set([
  'rmse',
  'mae',
  'loss',
  'logLoss',
  'kl',
  'distance',
  'calibrationError',
]);

/** True for an error or a loss: less of it is better. Every other metric is better when it is higher. */
export function isError(metric: string): boolean {
  return ERRORS.has(metric);
}

/** Names of metrics as the field writes them, such as NDCG@10. */
export function metricTitle(metric: string): string {
  const [name = '', k] = metric.split('@');
  const titles: Record<string, string> = {
    ndcg: 'NDCG',
    hr: 'HR',
    mrr: 'MRR',
    recall: 'Recall',
    precision: 'Precision',
    rmse: 'RMSE',
    mae: 'MAE',
    microF1: 'micro F1',
  };
  const title = titles[name] ?? name;
  return k === undefined ? title : `${title}@${k}`;
}
