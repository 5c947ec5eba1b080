// One job's training, forked by the worker. Everything it needs comes with the task, everything it has to say goes
// back over the channel; it exits when it is done, so that the memory of host and device comes back.
import path from 'node:path';
import './beat-to-parent.ts';
import { readConfig } from '../core/config.ts';
import { createLogger } from '../core/logger.ts';
import type { JobProgress } from '../domain/jobs/job.ts';
import type { TrainerMessage, TrainerTask } from '../jobs/contract.ts';
import { explainMemory } from '../tensor/backend/memory.ts';
import type { Tracer } from '../tracing/contract.ts';
import { startTracing } from '../tracing/start.ts';
import { failureOf } from '../worker/trainer/outcome.ts';
import { createPartDesk } from './trainer-parts.ts';

// Ctrl-C in a terminal reaches every process of the group. What becomes of a trainer its worker decides.
process.on('SIGINT', () => {});
// The worker is gone, maybe killed: nobody would take the result.
process.on('disconnect', () => process.exit(1));
const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());
process.once('message', (task) => void main(task as TrainerTask));

async function main(task: TrainerTask): Promise<void> {
  const logger = createLogger('trainer', readConfig().logLevel).child({ jobId: task.jobId });
  const last = await train(task, logger).catch((error): TrainerMessage => {
    logger.error({ err: error }, 'training failed');
    return { kind: 'failed', ...failureOf(explainMemory(error)) };
  });
  await send(last);
  process.exit(0);
}

async function train(task: TrainerTask, logger: ReturnType<typeof createLogger>): Promise<TrainerMessage> {
  // Loaded only now: the handlers above must be in place before the second that TensorFlow takes.
  const [
    { runDistillation },
    { createStages },
    { createSharedFiles },
    { openSource },
    { createStore },
    { createArtifactStore },
    { onlyPart, shareParts },
    { runPart },
  ] = await Promise.all([
    import('../training/pipeline.ts'),
    import('../training/run/stages.ts'),
    import('../training/run/shared-files.ts'),
    import('../training/source/open-source.ts'),
    import('../store/create-store.ts'),
    import('../artifact/store/create-store.ts'),
    import('../training/parts/shared-parts.ts'),
    import('../training/parts/run-part.ts'),
  ]);
  const store = await createStore(task.databaseUrl, logger);
  const config = { ...readConfig(), artifactsUrl: task.artifactsUrl };
  const tracer = task.trace && (await startTracing(config, 'trainer', logger));
  const progress = createProgressSender();
  const artifacts = createArtifactStore(config, logger);
  const warn = (message: string) => void send({ kind: 'warning', message });
  // Who shares a folder of artifacts shares the folder of stages too.
  const shared = task.artifactsUrl.startsWith('s3:')
    ? createSharedFiles(artifacts, task.stages.folder, logger)
    : undefined;
  const stages = createStages({ ...task.stages, logger, onKept: progress.kept, shared });
  const { part } = task;
  if (part !== undefined) stages.parts = (whole) => onlyPart({ whole, stages }, part);
  else if (task.partsFromSeconds !== undefined) {
    const fromSeconds = task.partsFromSeconds;
    const desk = createPartDesk((message) => void send(message));
    stages.parts = (whole, engine) => shareParts({ whole, engine, stages, logger, fromSeconds }, desk);
  }
  let source: Awaited<ReturnType<typeof openSource>> | undefined;
  try {
    source = await openSource({
      ...{ dataset: task.spec.dataset, interactions: store.interactions, memoryMiB: task.memoryMiB },
      ...{ signal: stopping.signal, warn, logger },
      places: {
        ...config,
        folder: path.join(task.stages.folder, ['parquet', task.jobId, part].filter(Boolean).join('-')),
      },
    });
    const options = {
      ...{ task, artifacts, stages, logger, signal: stopping.signal },
      store: { ...store, interactions: source.interactions },
      onProgress: progress.report,
      onWarning: warn,
      onStage: tracer && ((name: string) => stageOf(tracer, task, name)),
    };
    if (part !== undefined) return { kind: 'part-done', isKept: await runPart(options) };
    const { version, warnings } = await runDistillation(options);
    return { kind: 'done', version, warnings };
  } finally {
    // Before the worker hears of the end: it removes what is shared of a job that is done.
    await shared?.settled();
    await source?.close();
    await Promise.all([store.close(), tracer?.close()]);
  }
}

/** A span of each stage, sent at its end: the process may die in the next moment. */
function stageOf(tracer: Tracer, { trace: parent }: TrainerTask, name: string) {
  const span = tracer.start(`stage ${name}`, { parent });
  return (failure?: string) => {
    span.end(failure);
    void tracer.flush();
  };
}

/** Adds to the progress how many parts of the work are kept, and says a new one at once: the process may die in the next moment. */
function createProgressSender() {
  let parts: number | undefined;
  let last: JobProgress | undefined;
  const report = (progress: JobProgress) => {
    last = progress;
    void send({
      kind: 'progress',
      progress: { ...progress, ...(parts !== undefined && { kept: parts }) },
    });
  };
  return {
    report,
    kept(now: number) {
      parts = now;
      if (!last) return;
      const { epochEnd: _, ...again } = last;
      report(again);
    },
  };
}

/** Resolves when the message is handed over. When it cannot be, the worker is gone and `disconnect` ends us. */
function send(message: TrainerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
