import type { Csr } from '../../../dataset/matrix.ts';
import type { RatingScale } from '../../../dataset/ratings.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import type { SvdSettings } from '../../../teacher/rating/svd-settings.ts';
import { trainSvdTeacher } from '../../../teacher/rating/svd-teacher.ts';
import type { Fit } from '../../run/run.ts';
import type { RatingSettings } from './plan.ts';
import { type TrainedRatingStudent, trainRatingStudent } from './train-student.ts';
import type { RatingValidation } from './validation.ts';

/** The data and the settings that the models of a job learn from. */
export interface RatingLesson {
  /** [users, items] what they learn from while the epochs are chosen. */
  train: Csr;
  /** [users, items] what they learn from in the end: the pairs that chose the epochs too. */
  learned: Csr;
  scale: RatingScale;
  settings: RatingSettings;
  /** The validation; all epochs of the settings are run where there is none. */
  validation: RatingValidation | undefined;
  /** A validation on few users, for the curve of the student, which has learned these pairs. */
  measured?: RatingValidation | undefined;
}

/** The part of a lesson that a student gets. */
export type StudentLesson = Pick<RatingLesson, 'learned' | 'scale' | 'settings' | 'measured'>;

/** Trains the teacher until validation gets no better, then anew on all that may be learned, for as many epochs. */
export async function trainRatingTeacher(
  { train, learned, validation, settings }: RatingLesson,
  plan: SvdSettings,
  fits: { choosing: Fit; learning: Fit },
): Promise<RatingTeacher> {
  if (!validation) return trainSvdTeacher(plan, { ...fits.learning, ratings: learned });
  const tried = await trainSvdTeacher(plan, {
    ...fits.choosing,
    ratings: train,
    validation: { rmse: validation.rmse, patience: settings.patience },
  });
  const { epochs } = tried.settings;
  return trainSvdTeacher({ ...plan, epochs }, { ...fits.learning, ratings: learned });
}

/** Trains the student that is published, on what the teacher says and on hidden ratings. All epochs are run. */
export function trainDistilled(
  teacher: RatingTeacher,
  { learned, scale, settings, measured }: StudentLesson,
  fit: Fit,
): Promise<TrainedRatingStudent> {
  const context = { ...fit, train: learned, scale, settings: settings.student, measure: measured?.rmse };
  return trainRatingStudent(teacher, settings.distillation, context);
}

/** Trains the control: it learns from hidden ratings alone, for the epochs that validation finds best. */
export async function trainControl(
  { train, learned, scale, settings, validation }: RatingLesson,
  { resume, ...fit }: Fit,
): Promise<TrainedRatingStudent> {
  const { alone: control, patience, student } = settings;
  const context = { ...fit, rng: fit.rng.fork('alone'), scale, settings: student };
  if (!validation) return trainRatingStudent(null, control, { ...context, train: learned, resume });
  const half = (index: number): Fit['onProgress'] => {
    return ({ fraction, metric, ...progress }) =>
      fit.onProgress({
        ...progress,
        model: index === 0 ? 'to choose the epochs' : 'with these epochs',
        fraction: (index + fraction) / 2,
        // The loop knows metrics that grow as models get better.
        ...(metric !== undefined && { metric: -metric }),
      });
  };
  const tried = await trainRatingStudent(null, control, {
    ...context,
    train,
    validation: { metric: (predictions) => -validation.rmse(predictions), patience },
    resume,
    onProgress: half(0),
  });
  tried.dispose();
  const epochs = tried.fit.bestEpoch ?? control.epochs;
  return trainRatingStudent(
    null,
    { ...control, epochs },
    { ...context, train: learned, onProgress: half(1) },
  );
}
