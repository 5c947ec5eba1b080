import type { LearnedFile } from '../../../artifact/learned.ts';
import type { Dataset } from '../../../dataset/build.ts';
import { type Csr, columnSums } from '../../../dataset/matrix.ts';
import { findNewItems } from '../../../dataset/new-items.ts';
import { holdOutUsers } from '../../../dataset/split/kinds.ts';
import { newestKnown, type Split, splitPairs, studentHistories } from '../../../dataset/split/split.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { ModelValidation, TrainingContext, WarmStart } from '../../../teacher/contract.ts';
import { namedAnswers } from '../../run/answered.ts';
import { hashOfStart } from '../../run/hash-of-start.ts';
import { readHidden } from '../../run/hidden-items.ts';
import { packScored } from '../../run/pack.ts';
import { heldOutTypes, planFilter, planWeighting } from '../../run/plan-job.ts';
import { listsOf, probeHistories } from '../../run/probe-lists.ts';
import { summaryOf } from '../../run/publish.ts';
import { refuseEmptyTest } from '../../run/refuse-empty-test.ts';
import type { Run } from '../../run/run.ts';
import { splitWarnings } from '../../run/split-warnings.ts';
import { type OpenTask, type Refit, seedsOf, type Task } from '../../task.ts';
import { type FoundTeacher, findTeacher, importedOf, storedOf } from '../../teachers/find-teacher.ts';
import {
  areWhole,
  type LearnedNow,
  leakWarnings,
  learnedBefore,
  learnedPairs,
} from '../../teachers/learned-before.ts';
import { obtainTeacher, retrainTeacher } from '../../teachers/obtain-teacher.ts';
import { chosenOf, identityOf, type RankingTeacher } from '../../teachers/teacher-setup.ts';
import { assess } from './assess.ts';
import { keepColdUsers } from './cold-users.ts';
import { earlierVersions } from './earlier.ts';
import { hashOfTeacher } from './hash-of-teacher.ts';
import { thenNewcomers, thenNewcomersAgain } from './newcomers.ts';
import { planTraining, type TrainingSettings } from './plan.ts';
import { reportRanking } from './report.ts';
import { type RankingControls, trainControls } from './train-controls.ts';
import { learnsFromTeacher, startDistilled, type TrainedStudent } from './train-student.ts';
import { readTrainingData, type TrainingData, withHidden } from './training-data.ts';
import { createMeasurement, createValidation } from './validation.ts';
import { newcomerWarnings, planWarnings, sizeWarnings } from './warnings.ts';

export type OpenRanking = OpenTask<RankingTeacher, TrainedStudent, RankingControls>;

/** The tasks single-label and sequential, and multi-label over items: every item is ranked from the history alone. */
export const ranking: Task<RankingTeacher, TrainedStudent, RankingControls> = {
  metric: 'ndcg@10',
  control: 'student-alone',
  open: async (run) => openRanking(run, await prepareRanking(run)),
};

/** The data of a job and its plan. A bench varies the settings. */
export interface PreparedRanking {
  data: TrainingData;
  split: Split;
  found: FoundTeacher;
  /** All that the versions that teach had learned from. */
  learned: ReturnType<typeof learnedBefore>;
  settings: TrainingSettings;
  weighting: Weighting;
  validation: ModelValidation | undefined;
}

export async function prepareRanking(run: Run): Promise<PreparedRanking> {
  const { spec, store, artifacts, rng, logger, warn } = run;
  const { split: plan } = spec.dataset;
  const weighting = planWeighting(spec);
  const read = await store.interactions.snapshot((source) =>
    readTrainingData(
      source,
      spec,
      weighting,
      {
        heldOut: heldOutTypes(plan),
        filter: planFilter(spec),
        inOrder: spec.task === 'sequential',
        withSeen: true,
      },
      warn,
    ),
  );
  const ids = [...read.dataset.items, ...(read.cold?.ids ?? [])];
  const data = withHidden(read, await readHidden(store, spec.model, ids));
  const { dataset } = data;
  const found = await findTeacher({ store, artifacts }, spec, dataset);
  const learned = learnedBefore(storedOf(found));
  const [split] = holdOutUsers([splitPairs(dataset, plan, spec.distillation.seed, learned)], {
    users: dataset.users,
    unseenShare: spec.evaluation.unseenUsers ?? 0,
  }) as [Split];
  const leaks = { versions: storedOf(found), imported: importedOf(spec), takenOut: split.takenOut };
  for (const warning of [...splitWarnings(split), ...leakWarnings(leaks)]) warn(warning);
  refuseEmptyTest(split, dataset.hidden);
  const size = {
    users: dataset.users.length,
    items: dataset.items.length,
    pairs: split.train.indices.length,
  };
  const settings = planTraining(spec, size, found);
  for (const warning of planWarnings(settings)) warn(warning);
  logger.info({ ...size, pairs: dataset.matrix.indices.length, hash: dataset.hash }, 'data set ready');
  const validation = createValidation(split, settings.patience, rng.fork('validation'), dataset);
  return { data, split, found, learned, settings, weighting, validation };
}

export function openRanking(run: Run, prepared: PreparedRanking): OpenRanking {
  const { spec, rng, stages, logger } = run;
  const { data, split, found, settings, weighting, validation } = prepared;
  const { dataset, features } = data;
  const { stored } = found;
  const learned = { train: split.train, ...(features && { features }), validation };
  /** Students learn from what serving reads of a history; the teacher from all of it. */
  const read = (histories: Csr) => newestKnown(split, histories, settings.maxHistory);
  const shown = { ...learned, train: read(split.train) };
  /** The pairs that the student learns from, and so its controls. */
  const taught = stored || !learnsFromTeacher(settings) ? shown.train : read(studentHistories(split));
  const hashFor = (teacher: object) => hashOfTeacher(run, prepared, teacher);
  const teacherHash = hashFor(identityOf(settings.teacher, found));
  const identity = [teacherHash, settings];
  const setup = (context: TrainingContext) => ({
    ...{ settings: settings.teacher, found, hashFor, stages, stage: 'teacher', context, logger },
  });

  return {
    identity,
    teach: async ({ fit }) => obtainTeacher(setup({ ...(await fit()), ...learned })),
    transfer: async ({ teacher, trajectories }, fit) =>
      thenNewcomers(
        spec,
        { histories: taught, listless: dataset.seen?.pairs, catalogue: data.catalogue, items: dataset.items },
        await startDistilled(
          teacher,
          settings,
          {
            ...fit,
            ...shown,
            warn: run.warn,
            // The curve of a successor is taken on the validation pairs: they are not for its training then.
            ...(stored
              ? { measure: validation?.metric }
              : { histories: taught, measure: createMeasurement(split, rng.fork('curve'), dataset) }),
          },
          { cache: stages.outputs(teacherHash), ...(trajectories && { trajectories }) },
        ),
        (weights) => keepColdUsers(weights, { dataset, split }),
      ),
    controls: [{ train: (_, fit) => trainControls(settings, { ...fit, ...shown }, taught) }],
    async assess({ teacher: obtained, student, controls: [controls], repeats }, advance) {
      const { teacher } = obtained;
      const assessment = await assess(
        {
          teacher,
          student,
          controls: controls!,
          ...(await earlierVersions(run, prepared)),
          repeats: repeats.map((one) => ({ student: one.student, controls: one.controls[0]! })),
        },
        { split, ...data },
        {
          ...settings,
          timedAnswers: run.timedAnswers,
          taughtOnTraining: stored !== undefined || !learnsFromTeacher(settings),
          unseenShare: spec.evaluation.unseenUsers ?? 0,
          seeds: seedsOf(spec.distillation.seed, repeats),
          onRanked: namedAnswers(run.onAnswer, dataset),
        },
        rng.fork('bootstrap'),
        advance,
      );
      const studentBytes = assessment.models.find(({ name }) => name === 'student')!.bytes;
      const sizes = { teacherBytes: teacher.bytes, studentBytes };
      for (const warning of sizeWarnings([settings], sizes)) run.warn(warning);
      const trained = { student, controls: controls! };
      for (const warning of newcomerWarnings(student)) run.warn(warning);
      const report = reportRanking({ spec, ...prepared }, obtained, trained, assessment);
      return { report, summary: summaryOf(report) };
    },
    storable: ({ teacher }) => [teacher],
    learned: () => learnedFile(run, prepared, dataset, { teacher: split.train, student: taught }),
    pack: ({ weights }, report, draft) =>
      packScored(
        { weights, items: dataset.items, weighting, maxHistory: settings.maxHistory },
        report,
        draft,
      ),
    whole: (chosen) => refitRanking(run, prepared, { identity, setup }, chosen),
  };
}

/** Plans the refit on all pairs, those of held-out users and cold items among them. */
function refitRanking(
  run: Run,
  prepared: PreparedRanking,
  { identity, setup }: { identity: readonly unknown[]; setup: Setup },
  { teacher: { teacher }, student }: { teacher: RankingTeacher; student: TrainedStudent },
): Refit<RankingTeacher, TrainedStudent> {
  const { data, split, found, settings, weighting } = prepared;
  const { items, matrix, catalogue, features } = data.whole();
  const learned = { train: matrix, ...(features && { features }), validation: undefined, warn: run.warn };
  const shown = { ...learned, train: data.newest(settings.maxHistory) };
  const listless = data.cold ? undefined : data.dataset.seen?.pairs;
  const chosen = chosenOf(found, teacher);
  const again: WarmStart = {
    weights: student.values(),
    newItems: findNewItems(matrix, student.weights.popularity),
  };
  const epochs = student.fit.bestEpoch ?? student.fit.epochs;
  const plan = { ...settings, distillation: { ...settings.distillation, epochs } };
  const from = [...identity, hashOfStart(chosen, again.weights)];
  return {
    identity: from,
    teach: async ({ fit }) =>
      retrainTeacher(
        setup({ ...(await fit(from)), ...learned }),
        chosen,
        findNewItems(matrix, columnSums(split.train)),
      ),
    transfer: async ({ teacher: refitted }, fit) =>
      thenNewcomersAgain(
        run.spec,
        { histories: shown.train, listless, catalogue, items },
        await startDistilled(refitted, plan, {
          ...{ ...fit, ...shown, again },
          learnedBefore: student.weights.popularity,
        }),
        student,
      ),
    learned: () =>
      learnedFile(run, prepared, { ...data.dataset, items }, { teacher: matrix, student: matrix }),
    pack: ({ weights }, report, draft) =>
      packScored({ weights, items, weighting, maxHistory: settings.maxHistory }, report, draft),
    lists: ({ weights }) => listsOf(weights, probeHistories(shown.train, run.rng), settings.maxHistory),
  };
}

function learnedFile(
  { spec }: Run,
  { found, learned }: PreparedRanking,
  ids: Pick<Dataset, 'users' | 'items'>,
  now: LearnedNow,
): LearnedFile {
  return {
    of: 'pairs',
    isWhole: areWhole(storedOf(found), importedOf(spec)),
    sets: [learnedPairs(ids, now, learned)],
  };
}

type Setup = (context: TrainingContext) => Parameters<typeof obtainTeacher>[0];
