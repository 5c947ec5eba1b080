import { hashOf } from '../../../core/hash.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import type { Split } from '../../../dataset/split/split.ts';
import type { Run } from '../../run/run.ts';
import type { TrainingSettings } from './plan.ts';
import type { TrainingData } from './training-data.ts';

interface Prepared {
  data: Pick<TrainingData, 'dataset' | 'features'>;
  settings: Pick<TrainingSettings, 'patience'>;
  learned?: { hash: string } | undefined;
  split?: Pick<Split, 'recency'>;
}

/** Hash of all that the weights of a teacher depend on; the student's also depend on the rest of the settings. */
export function hashOfTeacher(
  { spec, engine }: Pick<Run, 'spec' | 'engine'>,
  { data: { dataset, features }, settings, learned, split }: Prepared,
  teacher: object,
): string {
  return hashOf(CODE_VERSION, engine.report.name, dataset.hash, spec.dataset.split, spec.distillation.seed, {
    teacher,
    patience: settings.patience,
    unseenUsers: spec.evaluation.unseenUsers,
    ...(learned && { learnedBefore: learned.hash }),
    ...(features && { features: features.hash }),
    ...(split?.recency !== undefined && { recency: split.recency }),
  });
}
