import { hashOf } from '../../../core/hash.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import { unionRows } from '../../../dataset/matrix.ts';
import { buildRatings, type RatedDataset, weightingOf } from '../../../dataset/ratings.ts';
import { historyFor, newestKnown, type Split, splitPairs } from '../../../dataset/split/split.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import { restoreSvdTeacher, trainSvdTeacher } from '../../../teacher/rating/svd-teacher.ts';
import { compressionWarnings } from '../../report.ts';
import { namedAnswers } from '../../run/answered.ts';
import type { Held } from '../../run/holding.ts';
import { obtain } from '../../run/obtain.ts';
import { packScored } from '../../run/pack.ts';
import { planFilter } from '../../run/plan-job.ts';
import { refuseEmptyTest } from '../../run/refuse-empty-test.ts';
import type { Run, RunningStage } from '../../run/run.ts';
import type { Distillation, OpenTask, Task } from '../../task.ts';
import { assessRatings } from './assess.ts';
import { planRating, planTrained, type RatingSettings, ratingTypes } from './plan.ts';
import { predictorsOf } from './predictors.ts';
import { type RatingReportBody, reportRatings, summaryOfRatings } from './report.ts';
import { openStored, type RemappedRatingTeacher } from './stored-teacher.ts';
import { type RatingLesson, trainControl, trainDistilled, trainRatingTeacher } from './train-models.ts';
import type { TrainedRatingStudent } from './train-student.ts';
import { createRatingValidation } from './validation.ts';

type HeldTeacher = RatingTeacher & Held;
type RatingDistillation = Distillation<HeldTeacher, TrainedRatingStudent, RatingReportBody>;
type OpenRating = OpenTask<HeldTeacher, TrainedRatingStudent, RatingReportBody>;

/** The value of an interaction, such as one to five stars: errors in place of ranks. */
export const rating: Task<HeldTeacher, TrainedRatingStudent, RatingReportBody> = {
  metric: 'rmse',
  control: 'student-alone',
  open: async (run) => openRating(run, await prepareRating(run)),
};

/** The data of a job and its plan. A bench says another split. */
export interface PreparedRating {
  dataset: RatedDataset;
  split: Split;
  stored: RemappedRatingTeacher | undefined;
  settings: RatingSettings;
}

export async function prepareRating(run: Run): Promise<PreparedRating> {
  const { spec, store, rng, logger, warn } = run;
  const dataset = await store.interactions.snapshot((source) =>
    buildRatings(source, {
      types: ratingTypes(spec),
      scale: spec.dataset.ratingScale,
      filter: planFilter(spec),
    }),
  );
  const split = splitPairs(dataset, spec.dataset.split, rng.fork('split'));
  refuseEmptyTest(split);
  const stored = await openStored(run, dataset);
  for (const warning of stored?.warnings ?? []) warn(warning);
  const size = { users: dataset.users.length, items: dataset.items.length };
  logger.info({ ...size, ratings: dataset.matrix.indices.length, hash: dataset.hash }, 'data set ready');
  return { dataset, split, stored, settings: planRating(spec, size, stored?.settings) };
}

export function openRating(run: Run, prepared: PreparedRating): OpenRating {
  const { spec, rng } = run;
  const { dataset, split, stored, settings } = prepared;
  const { scale } = dataset;
  const lesson: RatingLesson = {
    train: split.train,
    // Held-out users are not trained on: their validation pairs are not either.
    learned:
      spec.dataset.split.strategy === 'held-out-users'
        ? split.train
        : unionRows(split.train, split.validation),
    scale,
    settings,
    validation: createRatingValidation(split, scale, rng.fork('validation')),
  };
  const { teacher: plan, patience } = settings;
  /** Hash of all that the weights of the teacher depend on; the student's also depend on the rest of the settings. */
  const hash = hashOf(CODE_VERSION, dataset.hash, spec.dataset.split, spec.distillation.seed, {
    teacher: stored?.identity ?? plan,
    scale: { low: scale.low, high: scale.high },
    patience,
  });

  return {
    identity: [hash, settings],
    teach: async (stage) => held(stored?.teacher ?? (await obtainTrained(run, lesson, hash, stage))),
    ...students(lesson, dataset),
    controls: [{ train: (_, fit) => trainControl(lesson, fit) }],
    async assess({ teacher, student, controls: [control] }, advance) {
      const assessment = await assessRatings(
        predictorsOf({ teacher, student, control: control! }, lesson.learned, settings.student.shrinkage),
        {
          histories: newestKnown(split, historyFor(split, 'test'), settings.maxHistory),
          test: split.test,
          scale,
          maxHistory: settings.maxHistory,
          onPredicted: namedAnswers(run.onAnswer, dataset),
        },
        rng.fork('bootstrap'),
        advance,
      );
      const studentBytes = assessment.predictors.find(({ name }) => name === 'student')!.bytes;
      for (const warning of compressionWarnings({ teacherBytes: teacher.bytes, studentBytes })) {
        run.warn(warning);
      }
      const report = reportRatings({ spec, ...prepared }, teacher, assessment);
      return { report, summary: summaryOfRatings(report) };
    },
    storable: (teacher) => [teacher],
    whole: ({ teacher }) => refitRating(prepared, [hash, settings], teacher),
  };
}

/** The teacher that an earlier job has trained just so, or one that is trained now. */
function obtainTrained(
  run: Run,
  lesson: RatingLesson,
  hash: string,
  { fit }: RunningStage,
): Promise<RatingTeacher> {
  return obtain(run, {
    hash,
    checkpoint: 'teacher',
    async train(resume) {
      const [last, loops] = lesson.validation ? [1, 2] : [0, 1];
      return trainRatingTeacher(lesson, planTrained(run.spec), {
        choosing: await fit([hash], 0, 2),
        learning: { ...(await fit(undefined, last, loops)), resume },
      });
    },
    restore: (state) => restoreSvdTeacher(state, lesson.learned.columns),
  });
}

/** Plans the same distillation on all ratings, with a teacher of as many epochs as were best. */
function refitRating(
  { dataset, stored, settings }: PreparedRating,
  identity: readonly unknown[],
  tested: RatingTeacher,
): RatingDistillation {
  const { matrix, scale } = dataset;
  return {
    identity,
    async teach({ fit }) {
      if (stored) return held(stored.teacher);
      return held(await trainSvdTeacher(tested.settings, { ...(await fit(identity)), ratings: matrix }));
    },
    ...students({ learned: matrix, scale, settings }, dataset),
  };
}

/** Trains students from a teacher, and packs them. */
function students(
  lesson: Pick<RatingLesson, 'learned' | 'scale' | 'settings'>,
  { items }: RatedDataset,
): Pick<RatingDistillation, 'transfer' | 'pack'> {
  const weighting = weightingOf(lesson.settings.types);
  return {
    // The student starts from random numbers; the teacher is asked about a batch when it is taught.
    transfer: async (teacher) => (fit) => trainDistilled(teacher, lesson, fit),
    pack: ({ weights }, report, draft) =>
      packScored({ weights, items, weighting, maxHistory: lesson.settings.maxHistory }, report, draft),
  };
}

/** A teacher of ratings holds plain numbers alone: there is nothing to release. */
function held(teacher: RatingTeacher): HeldTeacher {
  return { ...teacher, dispose() {} };
}
