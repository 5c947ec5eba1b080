import { LEARNED_FILE, packLearned } from '../artifact/learned.ts';
import { createRng } from '../core/rng.ts';
import { createEngine } from '../tensor/engine.ts';
import { type Publishable, refit } from './refit.ts';
import { trainRepeats } from './repeats.ts';
import { backendWarnings, writeReport } from './report.ts';
import { type Held, holding } from './run/holding.ts';
import { createStageProgress } from './run/progress.ts';
import { findPublished, publishFiles, releaseOf } from './run/publish.ts';
import { createRun, type Run, type RunningStage } from './run/run.ts';
import type { RunOptions, RunResult } from './run/run-options.ts';
import { teacherFiles } from './run/teacher-files.ts';
import type { OpenTask, Task } from './task.ts';
import { taskOf } from './tasks/registry.ts';

/**
 * Runs a distillation job, unless an earlier run of it had published its result. The caller registers the version.
 * @param variant runs in place of the spec's task: a bench compares or measures parts of one with it
 */
export async function runDistillation(options: RunOptions, variant?: Task): Promise<RunResult> {
  const { task: asked, artifacts, logger } = options;
  const { spec } = asked;
  const earlier = await findPublished(artifacts, spec, asked.jobId);
  if (earlier) {
    logger.info('an earlier run of this job had published its result');
    return earlier;
  }
  const engine =
    options.engine ??
    (await createEngine({ backend: asked.tensorBackend as 'auto', memoryMiB: asked.tensorMemoryMiB }));
  logger.info({ backend: engine.report }, 'tensor backend ready');
  const task = variant ?? taskOf(spec);
  const progress = createStageProgress({
    device: engine.report.name,
    refit: spec.evaluation.refit,
    seeds: spec.evaluation.seeds,
    control: task.control,
    metric: task.metric,
    ...(options.clock && { now: options.clock }),
    report: options.onProgress,
  });
  const started = { ...options, engine, rng: createRng(spec.distillation.seed), progress };
  return distil(createRun(started), task);
}

/** The story of every job: data -> teacher -> transfer -> student -> controls -> evaluation -> refit -> report -> publication. */
async function distil<T extends Held, S extends Held, C extends Held>(
  run: Run,
  task: Task<T, S, C>,
): Promise<RunResult> {
  for (const warning of backendWarnings(run.engine.report)) run.warn(warning);
  const { refit: refits } = run.spec.evaluation;
  const opened = await run.stage('data', () => task.open(run));
  const tested = await holding(async (keep) => {
    const teacher = keep(await run.stage('teacher', (stage) => opened.teach(stage)));
    const train = await run.stage('transfer', async ({ fit }) => opened.transfer(teacher, await fit()));
    const student = keep(
      await run.stage('distillation', async ({ fit }) => train(await fit(opened.identity))),
    );
    const controls = await run.stage(task.control, (stage) => trainControls(opened, teacher, stage));
    const repeats = await trainRepeats(run, opened, teacher, keep);
    const assessment = await run.stage('evaluation', ({ advance }) =>
      opened.assess({ teacher, student, controls, repeats }, advance),
    );
    await teacher.wake?.();
    // All that a refit needs is copied out here, so that it does not hold the tested models beside its own.
    if (refits) return { assessment, student, whole: opened.whole({ teacher, student }) };
    return { assessment, student, files: teacherFiles(run, opened.storable(teacher)) };
  });
  const { report: body, summary } = tested.assessment;
  // The report stands for the models that were tested; what is published after a refit learns from the test part too.
  const published: Publishable<T, S> = tested.whole
    ? await refit(run, opened, tested.whole, tested.student)
    : { by: opened, ...tested, served: { weights: 'tested' } };
  return run.stage('publishing', async ({ report: say }) => {
    const report = writeReport(run, body, published.served);
    const { model, backend, warnings } = report;
    const draft = { model, jobId: run.jobId, backend, summary };
    const { files, ...shape } = published.by.pack(published.student, report, draft);
    // The student's manifest stays the last of all.
    const learned = packLearned(published.by.learned());
    const all = new Map([...published.files, [LEARNED_FILE, learned], ...files]);
    const version = await publishFiles(run, all, {
      model,
      ...shape,
      summary,
      ...releaseOf(run.spec, report),
    });
    say(1);
    return { version, warnings };
  });
}

async function trainControls<T extends Held, S extends Held, C extends Held>(
  { controls, identity }: OpenTask<T, S, C>,
  teacher: T,
  { fit }: RunningStage,
): Promise<C[]> {
  const trained: C[] = [];
  for (const [i, one] of controls.entries()) {
    const control = await one.train(teacher, await fit(identity, i, controls.length));
    control.dispose();
    trained.push(control);
  }
  return trained;
}
