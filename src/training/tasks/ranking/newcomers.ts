import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import type { EncodedSide } from '../../../dataset/side-inputs.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { trainsOnFeatures } from '../../../domain/tasks/features-spec.ts';
import { fieldName } from '../../../features/values.ts';
import { learnNewItems, type NewItemsData } from '../../new-items/learn-new-items.ts';
import type { Machine } from '../../new-items/small-model.ts';
import { learnNewUsers, learnNewUsersAgain } from '../../new-users/learn-new-users.ts';
import { keepColdUsers, type SplitData, withoutColdUsers } from './cold-users.ts';
import type { TrainedStudent, Training } from './train-student.ts';

export interface Newcomers extends Omit<NewItemsData, 'fields' | 'seed' | 'warn'> {
  /** Encoded features of the users behind the histories, where the job reads any. */
  users?: EncodedSide | undefined;
}

export interface NewcomersContext extends Machine {
  /** Told of odd fields of items, where the job names none: of those that it names it is warned before. */
  warn?(message: string): void;
}

type Found = Pick<TrainedStudent, 'weights' | 'coldUsers'>;

/** Adds to a training what its student makes of items that come later and of users of whom only features are known. */
export function thenNewcomers(
  spec: CompleteDistillation,
  data: Newcomers,
  train: Training,
  machine: NewcomersContext,
  validation: SplitData,
): Training {
  return learnsNewcomers(spec, data, train, machine, async (weights) =>
    trainsOnFeatures(spec.features)
      ? keepColdUsers(weights, validation)
      : learnNewUsers(weights, { ...data, users: data.users! }),
  );
}

/** Adds the same in a refit, whose student knows the validation pairs: what the tested one showed stands. */
export function thenNewcomersAgain(
  spec: CompleteDistillation,
  data: Newcomers,
  train: Training,
  machine: NewcomersContext,
  { coldUsers }: Pick<TrainedStudent, 'coldUsers'>,
): Training {
  return learnsNewcomers(spec, data, train, machine, async (weights) =>
    trainsOnFeatures(spec.features)
      ? { weights: coldUsers?.used === false ? withoutColdUsers(weights) : weights }
      : learnNewUsersAgain(weights, { ...data, users: data.users! }, coldUsers),
  );
}

function learnsNewcomers(
  { features, distillation: { seed } }: CompleteDistillation,
  data: Newcomers,
  train: Training,
  { warn, ...machine }: NewcomersContext,
  newUsers: (weights: StudentWeights) => Promise<Found>,
): Training {
  const { items } = features ?? {};
  const fields = Array.isArray(items) ? items.map(fieldName) : undefined;
  return async (fit) => {
    const trained = await train(fit);
    const asked = { ...data, fields, seed, warn: items ? undefined : warn };
    const { weights, report } = await learnNewItems(trained.weights, asked, machine);
    const found = data.users ? await newUsers(weights) : { weights };
    return { ...trained, ...found, newItems: report };
  };
}
