import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { fieldName } from '../../../features/values.ts';
import { learnNewItems, type NewItemsData } from '../../new-items/learn-new-items.ts';
import { type keepColdUsers, withoutColdUsers } from './cold-users.ts';
import type { TrainedStudent, Training } from './train-student.ts';

type Newcomers = Omit<NewItemsData, 'fields' | 'seed'>;

/**
 * Adds to a training what its student makes of items that come later, and whether it answers users of whom only features are known.
 * @param validateUsers decides the latter
 */
export function thenNewcomers(
  { features, distillation }: CompleteDistillation,
  data: Newcomers,
  train: Training,
  validateUsers: (weights: StudentWeights) => ReturnType<typeof keepColdUsers>,
): Training {
  const { items } = features ?? {};
  const fields = Array.isArray(items) ? items.map(fieldName) : undefined;
  return async (fit) => {
    const trained = await train(fit);
    const { weights, report } = learnNewItems(trained.weights, { ...data, fields, seed: distillation.seed });
    return { ...trained, ...(await validateUsers(weights)), newItems: report };
  };
}

/** Adds the same in a refit, whose student knows the validation pairs: what the tested one showed stands. */
export function thenNewcomersAgain(
  spec: CompleteDistillation,
  data: Newcomers,
  train: Training,
  tested: Pick<TrainedStudent, 'coldUsers'>,
): Training {
  const silent = tested.coldUsers?.used === false;
  return thenNewcomers(spec, data, train, async (weights) => ({
    weights: silent ? withoutColdUsers(weights) : weights,
  }));
}
