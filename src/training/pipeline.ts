import type { StudentWeights } from '../artifact/student/student-weights.ts';
import { createRng } from '../core/rng.ts';
import { CODE_VERSION } from '../core/version.ts';
import { splitPairs, taughtHistories } from '../dataset/split/split.ts';
import type { NewVersion } from '../domain/answers/model.ts';
import { learnsSets } from '../domain/tasks/labels-spec.ts';
import type { Teacher, TrainingContext } from '../teacher/contract.ts';
import { createEngine } from '../tensor/engine.ts';
import { createStageProgress, type Stage } from './run/progress.ts';
import { findPublished, publishArtifact, teacherFiles, writeReport } from './run/publish.ts';
import type { RunOptions } from './run/run-options.ts';
import { hashOf } from './run/stages.ts';
import { refuseEmptyTest, releasing, timed, yieldTo } from './run/steps.ts';
import { runLabels } from './tasks/labels/task.ts';
import type { Known } from './tasks/ranking/ask-teacher.ts';
import { assess } from './tasks/ranking/assess.ts';
import { ensembleReport } from './tasks/ranking/ensemble-report.ts';
import {
  heldOutTypes,
  planFilter,
  planSeed,
  planSplit,
  planTeacherBytes,
  planTraining,
  planWeighting,
  type TrainingSettings,
} from './tasks/ranking/plan.ts';
import { trainAlone, trainDistilled } from './tasks/ranking/train-student.ts';
import { readTrainingData } from './tasks/ranking/training-data.ts';
import { transferReport } from './tasks/ranking/transfer-report.ts';
import { createValidation } from './tasks/ranking/validation.ts';
import { warningsOf } from './tasks/ranking/warnings.ts';
import { runRatingDistillation } from './tasks/rating/task.ts';
import { runTasks } from './tasks/several/task.ts';
import { findTeacher, storedOf } from './teachers/given-teacher.ts';
import { obtainTeacher, retrainTeacher } from './teachers/obtain-teacher.ts';
import { identityOf, type ObtainedTeacher } from './teachers/teacher-setup.ts';

/**
 * The story of a distillation job: data -> teacher -> student -> control -> report -> artifact. The caller registers
 * the version that comes back.
 */
export async function runDistillation(
  options: RunOptions,
): Promise<{ version: NewVersion; warnings: string[] }> {
  const { task, signal, logger, stages } = options;
  const { spec } = task;
  const earlier = await findPublished(options.artifacts, spec.model, task.jobId);
  if (earlier) {
    logger.info('an earlier run of this job had published its result');
    return earlier;
  }
  const seconds: Record<string, number> = {};
  const rng = createRng(planSeed(spec));
  const engine = await createEngine({
    backend: task.tensorBackend as 'auto',
    memoryMiB: task.tensorMemoryMiB,
  });
  const progress = createStageProgress({
    device: engine.report.name,
    refit: spec.evaluation?.refit ?? false,
    tasks: spec.tasks !== undefined,
    report: options.onProgress,
  });
  logger.info({ backend: engine.report }, 'tensor backend ready');

  if (spec.tasks) return runTasks({ ...options, tasks: spec.tasks, engine, rng, progress });
  if (spec.task === 'multi-label' && !learnsSets(spec))
    return runLabels({ ...options, engine, rng, progress });
  if (spec.task === 'rating') return runRatingDistillation({ ...options, engine, rng, progress });
  progress.send('data', 0);
  const weighting = planWeighting(spec);
  const isSequential = spec.task === 'sequential';
  const plan = planSplit(spec);
  const data = await timed(seconds, 'data', () =>
    options.store.interactions.snapshot((source) =>
      readTrainingData(source, spec, weighting, {
        heldOut: heldOutTypes(plan),
        filter: planFilter(spec),
        inOrder: isSequential,
      }),
    ),
  );
  const { dataset, features } = data;
  const split = splitPairs(dataset, plan, rng.fork('split'));
  refuseEmptyTest(split);
  const size = {
    users: dataset.users.length,
    items: dataset.items.length,
    pairs: split.train.indices.length,
  };
  const found = await findTeacher(options, spec, dataset);
  const { external, stored, carried } = found;
  const settings = planTraining(spec, size, found);
  logger.info({ ...size, pairs: dataset.matrix.indices.length, hash: dataset.hash }, 'data set ready');

  const validation = createValidation(split, settings.patience, rng.fork('validation'));
  const context = (stage: Stage): TrainingContext => ({
    engine,
    rng,
    train: split.train,
    ...(features && { features }),
    validation,
    signal,
    onProgress: progress.fitting(stage),
  });
  // Everything that the weights of a teacher depend on; the student's also depend on the rest of the settings.
  const hashFor = (teacher: object) =>
    hashOf(CODE_VERSION, engine.report.name, dataset.hash, plan, planSeed(spec), {
      teacher,
      patience: settings.patience,
      ...(features && { features: features.hash }),
    });
  const teacherHash = hashFor(identityOf(settings.teacher, found));
  const resumed = async (stage: Stage): Promise<TrainingContext> => ({
    ...context(stage),
    resume: await stages.resume(stage, hashOf(stage, teacherHash, settings)),
  });
  const setup = { settings: settings.teacher, found, hashFor, stages, stage: 'teacher', logger };
  const obtained = await timed(seconds, 'teacher', () =>
    obtainTeacher({ ...setup, context: context('teacher') }),
  );
  const { teacher } = obtained;
  const warnings: string[] = [];
  const warn = (warning: string) => {
    warnings.push(warning);
    options.onWarning(warning);
  };
  const refits = spec.evaluation?.refit ?? false;
  const filesOf = (teacher: Teacher) => teacherFiles(teacher, planTeacherBytes(spec), warn);
  const trained = await releasing(teacher, async () => {
    progress.send('transfer', 0);
    const student = await timed(seconds, 'distillation', async () =>
      trainDistilled(
        teacher,
        settings,
        {
          ...(await resumed('distillation')),
          // The curve of a successor is taken on the validation pairs: they are not for its training then.
          ...(stored ? { measure: validation?.metric } : { histories: taughtHistories(split) }),
        },
        { cache: stages.outputs(teacherHash), ...trajectoriesOf(obtained) },
      ),
    );
    return releasing(student, async () => {
      const alone = await timed(seconds, 'studentAlone', async () =>
        trainAlone(settings, await resumed('student-alone')),
      );
      alone.dispose();
      const previous = stored && carried && { student: stored.previous, oldRows: carried.oldRows };
      const assessment = await timed(seconds, 'evaluation', () =>
        assess(
          { teacher, student, alone: alone.weights, previous },
          { split, ...data },
          settings,
          rng.fork('bootstrap'),
          (done) => yieldTo(signal, () => progress.send('evaluation', done)),
        ),
      );
      const transfer =
        stored &&
        carried &&
        transferReport(stored, carried, { student: student.fit.history, alone: alone.fit.history });
      return { student, assessment, transfer, files: refits ? undefined : filesOf(teacher) };
    });
  });
  const { student, assessment, transfer } = trained;
  warningsOf(settings, {
    teacherBytes: teacher.bytes,
    studentBytes: assessment.rankers.find((ranker) => ranker.name === 'student')!.bytes,
    backend: engine.report,
    stored: storedOf(found),
  }).forEach(warn);

  let published: Published = { weights: student.weights, files: trained.files };
  if (refits) {
    // The report stands for the models that were tested; what is published learns from the test pairs too.
    const whole = data.whole();
    const wholly = async (stage: Stage) => ({
      ...(await resumed(stage)),
      train: whole.matrix,
      ...(whole.features && { features: whole.features }),
      validation: undefined,
    });
    published = await timed(seconds, 'refit', () =>
      refit(settings, wholly, {
        teacher: async () => retrainTeacher({ ...setup, context: await wholly('refit-teacher') }, teacher),
        studentEpochs: student.fit.bestEpoch ?? student.fit.epochs,
        filesOf,
      }),
    );
  }
  progress.send('publishing', 0);
  const report = writeReport({
    spec,
    dataset,
    split,
    settings,
    teacher,
    weighting,
    side: data,
    assessment,
    transfer,
    ensemble: ensembleReport(obtained, found, assessment.members, student.curriculum),
    startMetric: student.startMetric,
    teacherCoverage: external?.coverage,
    warnings,
    seconds,
    backend: { ...engine.report },
  });
  const publication = { jobId: task.jobId, artifacts: options.artifacts, signal };
  const { weights, files } = published;
  const items = refits ? data.whole().items : dataset.items;
  const version = await publishArtifact(publication, items, weights, report, weighting, files);
  progress.send('publishing', 1);
  return { version, warnings };
}

interface Published {
  weights: StudentWeights;
  /** Those of the teacher. */
  files: ReadonlyMap<string, Uint8Array> | undefined;
}

function trajectoriesOf({ trajectories }: ObtainedTeacher): Pick<Known, 'trajectories'> {
  return trajectories ? { trajectories } : {};
}

/** The same models on all pairs, as training chose them, for as many epochs as gave the best weights before. */
async function refit(
  settings: TrainingSettings,
  context: (stage: Stage) => Promise<TrainingContext>,
  chosen: {
    teacher(): Promise<ObtainedTeacher>;
    studentEpochs: number;
    filesOf(teacher: Teacher): Published['files'];
  },
): Promise<Published> {
  const distillation = { ...settings.distillation, epochs: chosen.studentEpochs };
  const obtained = await chosen.teacher();
  const { teacher } = obtained;
  return releasing(teacher, async () => {
    const student = await trainDistilled(
      teacher,
      { ...settings, distillation },
      await context('refit'),
      trajectoriesOf(obtained),
    );
    student.dispose();
    return { weights: student.weights, files: chosen.filesOf(teacher) };
  });
}
