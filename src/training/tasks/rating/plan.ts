import type { DataSize } from '../../../dataset/data-size.ts';
import { RATING_TYPE } from '../../../domain/data/interaction.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { teacherOf } from '../../../domain/teachers/teacher-spec.ts';
import { MAX_HISTORY } from '../../../scoring/user-vector.ts';
import type { RatingStudentSettings } from '../../../student/rating-fold-in.ts';
import { planSvd, type SvdSettings } from '../../../teacher/rating/svd-settings.ts';
import type { StoredSettings } from '../../teachers/stored-teacher.ts';

/** Settings of the training of one student. */
export interface RatingDistillSettings {
  /** Weight of the teacher's predictions; `hardLabels` is that of the ratings themselves. */
  softLabels: number;
  hardLabels: number;
  epochs: number;
  batchSize: number;
  learningRate: number;
  weightDecay: number;
  /** Share of the ratings that is hidden from the student at each step; the hidden ones are its hard labels. */
  dropout: number;
  /** The number of last epochs that see the item matrices as they will be rounded. */
  roundedEpochs: number;
}

/** A rating job with nothing left open. */
export interface RatingSettings {
  types: string[];
  teacher: SvdSettings | StoredSettings;
  student: RatingStudentSettings;
  /** Newest ratings of a history that are read. */
  maxHistory: number;
  distillation: RatingDistillSettings;
  /** The control without a teacher. */
  alone: RatingDistillSettings;
  /** Epochs without a better validation error after which training stops. */
  patience: number;
}

/** The most predictions of one batch, over the whole catalogue: 64 MiB, of which a step needs a few. */
const MOST_PREDICTIONS = 1 << 24;

/**
 * Fills in what the job leaves open. The defaults were chosen on a tenth held out of the training part of one fold of
 * MovieLens-100K.
 * @param stored the version that teaches, where the job names one
 */
export function planRating(
  spec: CompleteDistillation,
  { users, items }: DataSize,
  stored?: StoredSettings,
): RatingSettings {
  const { student, distillation } = spec;
  const most = Math.max(1, Math.floor(MOST_PREDICTIONS / items));
  const batchSize = Math.min(most, distillation.batchSize ?? (users < 5000 ? 64 : 256));
  const epochs = distillation.epochs ?? planEpochs(users, batchSize);
  const weightOf = (kind: string, fallback: number) => {
    const { losses } = distillation;
    if (!losses) return fallback;
    return (losses.find((loss) => loss.kind === kind)?.weight as number | undefined) ?? 0;
  };
  const how: RatingDistillSettings = {
    softLabels: weightOf('softLabels', 1),
    hardLabels: weightOf('hardLabels', 0.1),
    epochs,
    batchSize,
    learningRate: distillation.learningRate ?? 0.01,
    weightDecay: 0,
    dropout: distillation.dropout ?? 0.1,
    roundedEpochs: student.quantizationAware === false ? 0 : Math.ceil(epochs / 4),
  };
  return {
    types: ratingTypes(spec),
    teacher: stored ?? planTrained(spec),
    student: { dimensions: student.dimensions ?? 16, shrinkage: 5 },
    maxHistory: student.maxHistory ?? MAX_HISTORY,
    distillation: how,
    // Without a teacher it overfits in a few epochs unless it learns slowly and is held back.
    alone: {
      ...how,
      softLabels: 0,
      hardLabels: 1,
      epochs: 2 * epochs,
      learningRate: 0.3 * how.learningRate,
      dropout: 0.3,
      weightDecay: 1,
      roundedEpochs: 2 * how.roundedEpochs,
    },
    patience: 5,
  };
}

/** Plans a teacher that the job trains. */
export function planTrained({ teacher }: CompleteDistillation): SvdSettings {
  return planSvd(teacherOf(teacher, 'matrix-factorization'));
}

/** The types whose values are ratings. */
export function ratingTypes({ dataset }: CompleteDistillation): string[] {
  return Object.keys(dataset.types ?? { [RATING_TYPE]: {} });
}

/** About as many updates as gave a good student on MovieLens-100K. */
function planEpochs(users: number, batchSize: number): number {
  const steps = Math.max(1, Math.ceil(users / batchSize));
  return Math.min(100, Math.max(10, Math.ceil(600 / steps)));
}
