import { encodeStudentWeights, packStudent } from '../artifact/pack.ts';
import type { ArtifactStore } from '../artifact/store.ts';
import type { StudentWeights } from '../artifact/student-weights.ts';
import { problem } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { createRng } from '../core/rng.ts';
import { CODE_VERSION } from '../core/version.ts';
import { buildDataset, type Dataset } from '../dataset/build.ts';
import type { InteractionSource } from '../dataset/source.ts';
import { describeSplit, type Split, splitByTime } from '../dataset/split.ts';
import type { DistillationSpec } from '../domain/distillation-spec.ts';
import type { JobProgress } from '../domain/job.ts';
import type { NewVersion, ReportSummary } from '../domain/model.ts';
import type { Report } from '../domain/report.ts';
import type { Weighting } from '../domain/weighting.ts';
import type { TrainingContext } from '../teacher/contract.ts';
import { createEngine } from '../tensor/engine.ts';
import { type Assessment, assess } from './assess.ts';
import { trainAlone, trainDistilled, trainTeacher } from './models.ts';
import { planSeed, planSplit, planTraining, planWeighting, type TrainingSettings } from './plan.ts';
import { createStageProgress, type Stage } from './progress.ts';
import { createValidation } from './validation.ts';
import { warningsOf } from './warnings.ts';

export interface RunOptions {
  task: { jobId: string; spec: DistillationSpec; tensorBackend: string };
  store: { interactions: InteractionSource };
  artifacts: Pick<ArtifactStore, 'putFolder'>;
  signal: AbortSignal;
  onProgress(progress: JobProgress): void;
  onWarning(message: string): void;
  logger: Logger;
}

/**
 * The story of a distillation job: data -> teacher -> student -> control -> report -> artifact. The caller registers
 * the version that comes back.
 */
export async function runDistillation(
  options: RunOptions,
): Promise<{ version: NewVersion; warnings: string[] }> {
  const { task, signal, logger } = options;
  const { spec } = task;
  const seconds: Record<string, number> = {};
  const rng = createRng(planSeed(spec));
  const engine = await createEngine({ backend: task.tensorBackend as 'auto' });
  const progress = createStageProgress(engine.report.name, options.onProgress);
  logger.info({ backend: engine.report }, 'tensor backend ready');

  progress.send('data', 0);
  const weighting = planWeighting(spec);
  const dataset = await timed(seconds, 'data', () => buildDataset(options.store.interactions, weighting));
  const split = splitByTime(dataset.matrix, dataset.firstSeen, planSplit(spec), rng.fork('split'));
  const size = { users: dataset.users.length, items: dataset.items.length };
  const settings = planTraining(spec, size);
  logger.info({ ...size, pairs: dataset.matrix.indices.length, hash: dataset.hash }, 'data set ready');

  const validation = createValidation(split, settings.patience, rng.fork('validation'));
  const context = (stage: Stage): TrainingContext => ({
    engine,
    rng,
    train: split.train,
    validation,
    signal,
    onProgress: progress.fitting(stage),
  });
  const teacher = await timed(seconds, 'teacher', () => trainTeacher(settings, context('teacher')));
  progress.send('transfer', 0);
  const student = await timed(seconds, 'distillation', () =>
    trainDistilled(teacher, settings, context('distillation')),
  );
  const alone = await timed(seconds, 'studentAlone', () => trainAlone(settings, context('student-alone')));

  const assessment = await timed(seconds, 'evaluation', () =>
    assess(
      { teacher, student: student.weights, alone: alone.weights },
      split,
      settings.ks,
      rng.fork('bootstrap'),
      (done) => yieldTo(signal, () => progress.send('evaluation', done)),
    ),
  );
  const bytes = encodeStudentWeights(student.weights).length;
  const warnings = warningsOf(settings, {
    teacherBytes: teacher.bytes,
    studentBytes: bytes,
    backend: engine.report,
  });
  for (const warning of warnings) options.onWarning(warning);

  let published = student.weights;
  if (spec.evaluation?.refit) {
    // The report stands for the models that were tested; what is published learns from the test pairs too.
    published = await timed(seconds, 'refit', () =>
      refit(
        settings,
        { ...context('publishing'), train: dataset.matrix, validation: undefined },
        student.fit.bestEpoch,
      ),
    );
  }
  progress.send('publishing', 0);
  const report = writeReport({
    options,
    dataset,
    split,
    settings,
    weighting,
    assessment,
    warnings,
    seconds,
    backend: { ...engine.report },
  });
  teacher.dispose();
  return { version: await publish(options, dataset, published, report, weighting), warnings };
}

async function refit(
  settings: TrainingSettings,
  context: TrainingContext,
  bestEpoch: number | undefined,
): Promise<StudentWeights> {
  const teacher = await trainTeacher(settings, context);
  const epochs = bestEpoch ?? settings.distillation.epochs;
  const again = { ...settings, distillation: { ...settings.distillation, epochs } };
  const student = await trainDistilled(teacher, again, context);
  teacher.dispose();
  return student.weights;
}

/** Artifact first: what the registry will name must exist, whole and durable, before it is named. */
async function publish(
  { task, artifacts, signal }: RunOptions,
  dataset: Dataset,
  weights: StudentWeights,
  report: Report,
  weighting: Weighting,
): Promise<NewVersion> {
  if (signal.aborted) throw problem('cancelled', 'the job was cancelled before it published anything');
  const artifact = `models/${report.model}/${task.jobId}`;
  const summary = summaryOf(report);
  const shape = { items: dataset.items.length, dimensions: weights.itemsOut.width };
  const files = packStudent({
    weights,
    items: dataset.items,
    report,
    draft: {
      ...shape,
      kind: 'fold-in',
      model: report.model,
      jobId: task.jobId,
      quantization: 'int8',
      normalization: weights.normalization,
      activation: weights.activation,
      weighting,
      backend: report.backend,
      summary,
    },
  });
  await artifacts.putFolder(artifact, files);
  const bytes = report.rankers.find((ranker) => ranker.name === 'student')!.bytes;
  return { model: report.model, jobId: task.jobId, artifact, bytes, ...shape, summary };
}

interface ReportParts {
  options: RunOptions;
  dataset: Dataset;
  split: Split;
  settings: TrainingSettings;
  weighting: Weighting;
  assessment: Assessment;
  warnings: string[];
  seconds: Record<string, number>;
  backend: Record<string, unknown>;
}

function writeReport(parts: ReportParts): Report {
  const { options, dataset, split, settings, weighting, assessment, warnings, seconds, backend } = parts;
  const { spec } = options.task;
  const seed = planSeed(spec);
  return {
    model: spec.model,
    createdAt: new Date().toISOString(),
    rankers: assessment.rankers,
    comparison: assessment.comparison,
    data: {
      users: dataset.users.length,
      items: dataset.items.length,
      interactions: dataset.matrix.indices.length,
      train: split.train.indices.length,
      validation: split.validation.indices.length,
      test: split.test.indices.length,
      testUsers: assessment.testUsers,
      split: describeSplit(planSplit(spec), seed),
      hash: dataset.hash,
    },
    settings: { ...settings, weighting, refit: spec.evaluation?.refit ?? false },
    seed,
    backend,
    codeVersion: CODE_VERSION,
    seconds,
    warnings,
  };
}

function summaryOf(report: Report): ReportSummary {
  const values = (metrics: Report['rankers'][number]['metrics']) =>
    Object.fromEntries(Object.entries(metrics).map(([name, measured]) => [name, measured.value]));
  return {
    metrics: Object.fromEntries(report.rankers.map((ranker) => [ranker.name, values(ranker.metrics)])),
    compressionRatio: report.comparison.compressionRatio,
  };
}

async function timed<T>(seconds: Record<string, number>, name: string, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await run();
  } finally {
    seconds[name] = Math.round(performance.now() - started) / 1000;
  }
}

/** Lets signals and messages in between two batches of work that never waits by itself. */
async function yieldTo(signal: AbortSignal, report: () => void): Promise<void> {
  report();
  await new Promise((resolve) => setImmediate(resolve));
  if (signal.aborted) throw problem('cancelled', 'the evaluation was cancelled');
}
