export interface DataSize {
  users: number;
  items: number;
  /** Pairs that are trained on. */
  pairs?: number;
}

/** Updates after which the softmax models stopped improving on the data sets that the rules were tried on. */
const TARGET_STEPS = 2000;

export function planEpochs(users: number, batchSize: number): number {
  const steps = Math.max(1, Math.ceil(users / batchSize));
  return Math.min(60, Math.max(15, Math.ceil(TARGET_STEPS / steps)));
}
