export interface DataSize {
  users: number;
  items: number;
  /** Pairs that are trained on. */
  pairs?: number;
  /** Memory that the trainer may take; no limit is known where it is absent. */
  memoryMiB?: number;
}

/** Updates after which the softmax models stopped improving on the data sets that the rules were tried on. */
const TARGET_STEPS = 2000;

/**
 * Epochs of a softmax model. Where an epoch over all users has so many steps that fifteen are beyond the target, there are fewer.
 */
export function planEpochs(users: number, batchSize: number): number {
  return epochsWithin(stepsOf(users, batchSize), { target: TARGET_STEPS, most: TARGET_STEPS });
}

/** True where planEpochs cuts the epochs short: there are so many users that a model sees each of them a few times only. */
export function isCutShort(users: number, batchSize: number): boolean {
  return LEAST_EPOCHS * stepsOf(users, batchSize) > TARGET_STEPS;
}

export function stepsOf(users: number, batchSize: number): number {
  return Math.max(1, Math.ceil(users / batchSize));
}

/** Every user is seen so often at least while the steps stay within the budget; and at most so often. */
const LEAST_EPOCHS = 15;
const MOST_EPOCHS = 60;
/** Beyond the budget: the learning rate has to fall, and the last epochs see the rounding. */
const FEWEST_EPOCHS = 2;

/**
 * Plans epochs by their steps: as many as reach the target, 15 to 60; of those as many as the budget allows, but 2.
 * @param target steps that are enough @param most steps that are affordable @param least epochs where the budget allows them
 */
export function epochsWithin(
  stepsPerEpoch: number,
  { target, most, least = LEAST_EPOCHS }: { target: number; most: number; least?: number },
): number {
  const wanted = Math.min(MOST_EPOCHS, Math.max(least, Math.ceil(target / stepsPerEpoch)));
  return Math.max(FEWEST_EPOCHS, Math.min(wanted, Math.ceil(most / stepsPerEpoch)));
}
