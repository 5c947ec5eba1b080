import { hashOf } from '../../../core/hash.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { newestKnown, type Split, splitPairs, studentHistories } from '../../../dataset/split/split.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { ModelValidation, TrainingContext } from '../../../teacher/contract.ts';
import { namedAnswers } from '../../run/answered.ts';
import { readHidden } from '../../run/hidden-items.ts';
import { packScored } from '../../run/pack.ts';
import { heldOutTypes, planFilter, planWeighting } from '../../run/plan-job.ts';
import { summaryOf } from '../../run/publish.ts';
import { refuseEmptyTest } from '../../run/refuse-empty-test.ts';
import type { Run } from '../../run/run.ts';
import type { Distillation, OpenTask, Task } from '../../task.ts';
import { type FoundTeacher, findTeacher, storedOf } from '../../teachers/find-teacher.ts';
import { obtainTeacher, retrainTeacher } from '../../teachers/obtain-teacher.ts';
import { identityOf, type RankingTeacher } from '../../teachers/teacher-setup.ts';
import { assess } from './assess.ts';
import { planTraining, type TrainingSettings } from './plan.ts';
import { type RankingReport, reportRanking } from './report.ts';
import { startDistilled, type TrainedStudent, trainControl } from './train-student.ts';
import { readTrainingData, type TrainingData, withHidden } from './training-data.ts';
import { createValidation } from './validation.ts';
import { planWarnings, sizeWarnings } from './warnings.ts';

export type OpenRanking = OpenTask<RankingTeacher, TrainedStudent, RankingReport>;

/** The tasks single-label and sequential, and multi-label over items: every item is ranked from the history alone. */
export const ranking: Task<RankingTeacher, TrainedStudent, RankingReport> = {
  metric: 'ndcg@10',
  control: 'student-alone',
  open: async (run) => openRanking(run, await prepareRanking(run)),
};

/** The data of a job and its plan. A bench varies the settings. */
export interface PreparedRanking {
  data: TrainingData;
  split: Split;
  found: FoundTeacher;
  settings: TrainingSettings;
  weighting: Weighting;
  validation: ModelValidation | undefined;
}

export async function prepareRanking({
  spec,
  store,
  artifacts,
  rng,
  logger,
  warn,
}: Run): Promise<PreparedRanking> {
  const { split: plan } = spec.dataset;
  const weighting = planWeighting(spec);
  const read = await store.interactions.snapshot((source) =>
    readTrainingData(source, spec, weighting, {
      heldOut: heldOutTypes(plan),
      filter: planFilter(spec),
      inOrder: spec.task === 'sequential',
      withSeen: true,
    }),
  );
  const ids = [...read.dataset.items, ...(read.cold?.ids ?? [])];
  const data = withHidden(read, await readHidden(store, spec.model, ids));
  const { dataset } = data;
  const split = splitPairs(dataset, plan, rng.fork('split'));
  refuseEmptyTest(split, dataset.hidden);
  const size = {
    users: dataset.users.length,
    items: dataset.items.length,
    pairs: split.train.indices.length,
  };
  const found = await findTeacher({ store, artifacts }, spec, dataset);
  const settings = planTraining(spec, size, found);
  for (const warning of planWarnings(settings, storedOf(found))) warn(warning);
  logger.info({ ...size, pairs: dataset.matrix.indices.length, hash: dataset.hash }, 'data set ready');
  const validation = createValidation(split, settings.patience, rng.fork('validation'), dataset);
  return { data, split, found, settings, weighting, validation };
}

export function openRanking(run: Run, prepared: PreparedRanking): OpenRanking {
  const { spec, engine, rng, stages, logger } = run;
  const { data, split, found, settings, weighting, validation } = prepared;
  const { dataset, features } = data;
  const { stored, remapped } = found;
  const learned = { train: split.train, ...(features && { features }), validation };
  /** Students learn from what serving reads of a history; the teacher from all of it. */
  const read = (histories: Csr) => newestKnown(split, histories, settings.maxHistory);
  const shown = { ...learned, train: read(split.train) };
  /** Hash of all that the weights of a teacher depend on; the student's also depend on the rest of the settings. */
  const hashFor = (teacher: object) =>
    hashOf(CODE_VERSION, engine.report.name, dataset.hash, spec.dataset.split, spec.distillation.seed, {
      teacher,
      patience: settings.patience,
      ...(features && { features: features.hash }),
    });
  const teacherHash = hashFor(identityOf(settings.teacher, found));
  const identity = [teacherHash, settings];
  const setup = (context: TrainingContext) => ({
    ...{ settings: settings.teacher, found, hashFor, stages, stage: 'teacher', context, logger },
  });

  return {
    identity,
    teach: async ({ fit }) => obtainTeacher(setup({ ...(await fit()), ...learned })),
    transfer: ({ teacher, trajectories }, fit) =>
      startDistilled(
        teacher,
        settings,
        {
          ...fit,
          ...shown,
          // The curve of a successor is taken on the validation pairs: they are not for its training then.
          ...(stored ? { measure: validation?.metric } : { histories: read(studentHistories(split)) }),
        },
        { cache: stages.outputs(teacherHash), ...(trajectories && { trajectories }) },
      ),
    controls: [{ train: (_, fit) => trainControl(settings, { ...fit, ...shown }) }],
    async assess({ teacher: obtained, student, controls: [control] }, advance) {
      const { teacher } = obtained;
      const previous = stored && remapped && { student: stored.previous, oldRows: remapped.oldRows };
      const assessment = await assess(
        { teacher, student, control: control!.weights, previous },
        { split, ...data },
        {
          ...settings,
          timedAnswers: run.timedAnswers,
          onRanked: namedAnswers(run.onAnswer, dataset),
        },
        rng.fork('bootstrap'),
        advance,
      );
      const studentBytes = assessment.rankers.find(({ name }) => name === 'student')!.bytes;
      const sizes = { teacherBytes: teacher.bytes, studentBytes };
      for (const warning of sizeWarnings([settings], sizes)) run.warn(warning);
      const report = reportRanking(
        { spec, ...prepared },
        obtained,
        { student, control: control! },
        assessment,
      );
      return { report, summary: summaryOf(report) };
    },
    storable: ({ teacher }) => [teacher],
    pack: ({ weights }, report, draft) =>
      packScored(
        { weights, items: dataset.items, weighting, maxHistory: settings.maxHistory },
        report,
        draft,
      ),
    whole: (chosen) => refitRanking(prepared, { identity, setup }, chosen),
  };
}

/** Plans the refit on all pairs, cold items among them. */
function refitRanking(
  { data, settings, weighting }: PreparedRanking,
  { identity, setup }: { identity: readonly unknown[]; setup: Setup },
  {
    teacher: { teacher: before },
    student: { fit: best },
  }: { teacher: RankingTeacher; student: TrainedStudent },
): Distillation<RankingTeacher, TrainedStudent, RankingReport> {
  const { items, matrix, features } = data.whole();
  const learned = { train: matrix, ...(features && { features }), validation: undefined };
  const shown = { ...learned, train: data.newest(settings.maxHistory) };
  const epochs = best.bestEpoch ?? best.epochs;
  const again = { ...settings, distillation: { ...settings.distillation, epochs } };
  return {
    identity,
    teach: async ({ fit }) => retrainTeacher(setup({ ...(await fit(identity)), ...learned }), before),
    transfer: ({ teacher, trajectories }, fit) =>
      startDistilled(teacher, again, { ...fit, ...shown }, { ...(trajectories && { trajectories }) }),
    pack: ({ weights }, report, draft) =>
      packScored({ weights, items, weighting, maxHistory: settings.maxHistory }, report, draft),
  };
}

type Setup = (context: TrainingContext) => Parameters<typeof obtainTeacher>[0];
