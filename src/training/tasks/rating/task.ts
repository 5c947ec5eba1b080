import type { LearnedFile } from '../../../artifact/learned.ts';
import { hashOf } from '../../../core/hash.ts';
import { EMPTY_SET } from '../../../core/hash-set.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import { usersWithHistory } from '../../../dataset/batches.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { findNewItems } from '../../../dataset/new-items.ts';
import { newestOf } from '../../../dataset/newest-rows.ts';
import { buildRatings, type RatedDataset, weightingOf } from '../../../dataset/ratings.ts';
import { holdOutUsers } from '../../../dataset/split/kinds.ts';
import { keepNewest } from '../../../dataset/split/newest.ts';
import { type Split, splitPairs, studentHistories } from '../../../dataset/split/split.ts';
import { resolveEvents } from '../../../domain/data/weighting.ts';
import type { WarmStart } from '../../../teacher/contract.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import { restoreSvdTeacher, trainSvdTeacher } from '../../../teacher/rating/svd-teacher.ts';
import { withLive } from '../../live/live-comparison.ts';
import { compressionWarnings } from '../../report.ts';
import { namedAnswers } from '../../run/answered.ts';
import { measuredUsers } from '../../run/curves.ts';
import { hashOfValues } from '../../run/hash-of-start.ts';
import type { Held } from '../../run/holding.ts';
import { obtain } from '../../run/obtain.ts';
import { packScored } from '../../run/pack.ts';
import { planFilter, readInstalled } from '../../run/plan-job.ts';
import { listsOf, probeHistories } from '../../run/probe-lists.ts';
import { summaryOf } from '../../run/publish.ts';
import { refuseEmptyTest } from '../../run/refuse-empty-test.ts';
import type { Run, RunningStage } from '../../run/run.ts';
import { splitWarnings } from '../../run/split-warnings.ts';
import { type Distillation, type OpenTask, type Refit, seedsOf, type Task } from '../../task.ts';
import { areWhole, leakWarnings, learnedBefore, learnedPairs } from '../../teachers/learned-before.ts';
import { assessRatings } from './assess.ts';
import type { RatingLesson, StudentLesson } from './lesson.ts';
import { compareLiveRatings } from './live.ts';
import { planRating, planTrained, type RatingSettings, ratingTypes } from './plan.ts';
import { predictorsOf } from './predictors.ts';
import { reportRatings } from './report.ts';
import { openStored, type RemappedRatingTeacher } from './stored-teacher.ts';
import { type RatingControls, trainControls, trainDistilled, trainRatingTeacher } from './train-models.ts';
import type { TrainedRatingStudent } from './train-student.ts';
import { createRatingValidation } from './validation.ts';

type HeldTeacher = RatingTeacher & Held;
type RatingDistillation = Distillation<HeldTeacher, TrainedRatingStudent>;
type OpenRating = OpenTask<HeldTeacher, TrainedRatingStudent, RatingControls>;

/** The value of an interaction, such as one to five stars: errors in place of ranks. */
export const rating: Task<HeldTeacher, TrainedRatingStudent, RatingControls> = {
  metric: 'rmse',
  control: 'student-alone',
  open: async (run) => openRating(run, await prepareRating(run)),
};

/** The data of a job and its plan. A bench says another split. */
export interface PreparedRating {
  dataset: RatedDataset;
  split: Split;
  stored: RemappedRatingTeacher | undefined;
  /** All that the version that teaches had learned from. */
  learned: ReturnType<typeof learnedBefore>;
  settings: RatingSettings;
}

export async function prepareRating(run: Run): Promise<PreparedRating> {
  const { spec, store, logger, warn } = run;
  const installed = await readInstalled(store.eventTypes);
  const { events } = resolveEvents({ events: spec.dataset.events }, ratingTypes(spec), installed);
  const dataset = await store.interactions.snapshot((source) =>
    buildRatings(source, {
      types: ratingTypes(spec),
      scale: spec.dataset.ratingScale,
      filter: planFilter(spec),
      isUnrated: (type, value) => events[type]?.scale?.unrated === value,
    }),
  );
  const stored = await openStored(run, dataset);
  const versions = stored ? [stored] : [];
  const learned = learnedBefore(versions);
  // Validation chooses epochs of models that are trained here, and nothing of those that an earlier version taught.
  const tested = learned && { ...learned, validation: EMPTY_SET };
  const [split] = holdOutUsers([splitPairs(dataset, spec.dataset.split, spec.distillation.seed, tested)], {
    users: dataset.users,
    unseenShare: spec.evaluation.unseenUsers ?? 0,
  }) as [Split];
  const leaks = leakWarnings({ versions, takenOut: split.takenOut, noun: 'ratings' });
  for (const warning of [...(stored?.warnings ?? []), ...splitWarnings(split), ...leaks]) warn(warning);
  refuseEmptyTest(split);
  const size = { users: dataset.users.length, items: dataset.items.length };
  logger.info({ ...size, ratings: dataset.matrix.indices.length, hash: dataset.hash }, 'data set ready');
  return { dataset, split, stored, learned, settings: planRating(spec, size, stored?.settings) };
}

export function openRating(run: Run, prepared: PreparedRating): OpenRating {
  const { spec, rng } = run;
  const { dataset, split, stored, settings } = prepared;
  const { scale } = dataset;
  const lesson: RatingLesson = {
    train: split.train,
    learned: studentHistories(split),
    scale,
    settings,
    validation: createRatingValidation(split, scale, rng.fork('validation')),
    measured: createRatingValidation(
      split,
      scale,
      rng.fork('curve'),
      measuredUsers(usersWithHistory(split.train).length),
    ),
  };
  const { teacher: plan, patience } = settings;
  /** Hash of all that the weights of the teacher depend on; the student's also depend on the rest of the settings. */
  const hash = hashOf(CODE_VERSION, dataset.hash, spec.dataset.split, spec.distillation.seed, {
    teacher: stored?.identity ?? plan,
    scale: { low: scale.low, high: scale.high },
    patience,
    unseenUsers: spec.evaluation.unseenUsers,
    ...(prepared.learned && { learned: prepared.learned.hash }),
  });

  return {
    identity: [hash, settings],
    teach: async (stage) => held(stored?.teacher ?? (await obtainTrained(run, lesson, hash, stage))),
    ...students(lesson, dataset),
    controls: [{ train: (_, fit) => trainControls(lesson, fit) }],
    async assess({ teacher, student, controls: [controls], repeats }, advance) {
      const predictors = predictorsOf(
        {
          teacher,
          student,
          controls: controls!,
          repeats: repeats.map((one) => ({ student: one.student, controls: one.controls[0]! })),
        },
        lesson.learned,
        settings.student.shrinkage,
      );
      const tested = await assessRatings(
        predictors,
        {
          split,
          scale,
          maxHistory: settings.maxHistory,
          onPredicted: namedAnswers(run.onAnswer, dataset),
        },
        {
          unseenShare: spec.evaluation.unseenUsers ?? 0,
          seeds: seedsOf(spec.distillation.seed, repeats),
        },
        rng.fork('bootstrap'),
        advance,
      );
      const students = predictors.filter(({ name }) => name === 'student');
      const live = await compareLiveRatings(run, prepared, students, rng.fork('live'));
      const assessment = withLive(tested, live);
      const studentBytes = assessment.models.find(({ name }) => name === 'student')!.bytes;
      for (const warning of compressionWarnings({ teacherBytes: teacher.bytes, studentBytes })) {
        run.warn(warning);
      }
      const report = reportRatings({ spec, ...prepared }, { teacher, controls: controls! }, assessment);
      return { report, summary: summaryOf(report) };
    },
    storable: (teacher) => [teacher],
    learned: () => learnedFile(prepared, lesson.learned),
    whole: (tested) => refitRating(run, prepared, [hash, settings], tested),
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

/** Plans the refit on all ratings. */
function refitRating(
  { rng }: Run,
  prepared: PreparedRating,
  identity: readonly unknown[],
  tested: { teacher: RatingTeacher; student: TrainedRatingStudent },
): Refit<HeldTeacher, TrainedRatingStudent> {
  const { dataset, stored, settings } = prepared;
  const { matrix, scale } = dataset;
  const teacher = stored ? undefined : tested.teacher.state();
  const shown = keepNewest(matrix, { matrix, ...newestOf(dataset) }, settings.maxHistory);
  const again: WarmStart = {
    weights: tested.student.values(),
    newItems: findNewItems(matrix, tested.student.weights.popularity),
  };
  const from = [...identity, hashOfValues({ ...teacher?.tensors, ...again.weights })];
  return {
    identity: from,
    learned: () => learnedFile(prepared, matrix),
    async teach({ fit }) {
      if (stored) return held(stored.teacher);
      const start = { teacher: teacher!, newItems: again.newItems };
      const { settings: plan } = tested.teacher;
      return held(await trainSvdTeacher(plan, { ...(await fit(from)), ratings: matrix, start }));
    },
    ...students({ learned: matrix, scale, settings }, dataset, again),
    lists: ({ weights }) => listsOf(weights, probeHistories(shown, rng), settings.maxHistory),
  };
}

function learnedFile({ dataset, stored, learned }: PreparedRating, matrix: Csr): LearnedFile {
  return {
    of: 'pairs',
    isWhole: areWhole(stored ? [stored] : [], []),
    sets: [learnedPairs(dataset, { teacher: matrix, student: matrix }, learned)],
  };
}

/** Trains students from a teacher, and packs them. @param again the same student before, in a refit */
function students(
  lesson: StudentLesson,
  { items }: RatedDataset,
  again?: WarmStart,
): Pick<RatingDistillation, 'transfer' | 'pack'> {
  const weighting = weightingOf(lesson.settings.types);
  return {
    // The student starts from random numbers; the teacher is asked about a batch when it is taught.
    transfer: async (teacher) => (fit) => trainDistilled(teacher, lesson, fit, again),
    pack: ({ weights }, report, draft) =>
      packScored({ weights, items, weighting, maxHistory: lesson.settings.maxHistory }, report, draft),
  };
}

/** A teacher of ratings holds plain numbers alone: there is nothing to release. */
function held(teacher: RatingTeacher): HeldTeacher {
  return { ...teacher, dispose() {} };
}
