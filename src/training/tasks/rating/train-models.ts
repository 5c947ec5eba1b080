import type { WarmStart } from '../../../teacher/contract.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import type { SvdSettings } from '../../../teacher/rating/svd-settings.ts';
import { trainSvdTeacher } from '../../../teacher/rating/svd-teacher.ts';
import { partOf } from '../../run/part-of.ts';
import type { Fit } from '../../run/run.ts';
import { settingsAgain } from '../../run/start-again.ts';
import { type BestRatings, trainBestRatings } from './best-alone.ts';
import type { RatingLesson, StudentLesson } from './lesson.ts';
import { type TrainedRatingStudent, trainRatingStudent } from './train-student.ts';

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

/**
 * Trains the student that is published, on what the teacher says and on hidden ratings. All epochs are run.
 * @param again the same student before, which goes on from there
 */
export function trainDistilled(
  teacher: RatingTeacher,
  { learned, scale, settings, measured }: StudentLesson,
  fit: Fit,
  again?: WarmStart,
): Promise<TrainedRatingStudent> {
  const context = {
    ...fit,
    train: learned,
    scale,
    settings: settings.student,
    measure: measured?.rmse,
    again,
  };
  const how = again ? settingsAgain(settings.distillation) : settings.distillation;
  return trainRatingStudent(teacher, how, context);
}

/** The controls that the student has to beat: itself without a teacher, and the best small model without one. */
export interface RatingControls {
  alone: TrainedRatingStudent;
  best: BestRatings;
  /** Afterwards `alone` has no predictions before rounding any more; all weights stay. */
  dispose(): void;
}

/** Trains both controls from the pairs that the student learns from. */
export async function trainControls(lesson: RatingLesson, fit: Fit): Promise<RatingControls> {
  const alone = await trainAlone(lesson, partOf(fit, 0, 0.6));
  try {
    const best = await trainBestRatings(lesson, partOf(fit, 0.6, 1, 'best-alone'));
    return { alone, best, dispose: alone.dispose };
  } catch (error) {
    alone.dispose();
    throw error;
  }
}

/** Trains the student without a teacher: from hidden ratings alone, for the epochs that validation finds best. */
async function trainAlone(
  { train, learned, scale, settings, validation }: RatingLesson,
  { resume, ...fit }: Fit,
): Promise<TrainedRatingStudent> {
  const { alone: control, patience, student } = settings;
  const context = { ...fit, rng: fit.rng.fork('alone'), scale, settings: student };
  if (!validation) return trainRatingStudent(null, control, { ...context, train: learned, resume });
  // The loop knows metrics that grow as models get better.
  const onProgress: Fit['onProgress'] = ({ metric, ...progress }) =>
    fit.onProgress({ ...progress, ...(metric !== undefined && { metric: -metric }) });
  const tried = await trainRatingStudent(null, control, {
    ...context,
    train,
    validation: { metric: (predictions) => -validation.rmse(predictions), patience },
    resume,
    ...partOf({ onProgress }, 0, 0.5, 'to choose the epochs'),
  });
  tried.dispose();
  const epochs = tried.fit.bestEpoch ?? control.epochs;
  return trainRatingStudent(
    null,
    { ...control, epochs },
    { ...context, train: learned, ...partOf({ onProgress }, 0.5, 1, 'with these epochs') },
  );
}
