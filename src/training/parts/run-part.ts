import { createRng } from '../../core/rng.ts';
import { createEngine } from '../../tensor/engine.ts';
import { createStageProgress } from '../run/progress.ts';
import { createRun } from '../run/run.ts';
import type { RunOptions } from '../run/run-options.ts';
import { taskOf } from '../tasks/registry.ts';
import { PartEnded } from './contract.ts';

/**
 * Makes one part of a job for another trainer: reads the data as the job does, and trains the teacher that `stages.parts` asks for.
 * @returns false where the data have changed since, so that there is no such part any more
 */
export async function runPart(options: RunOptions): Promise<boolean> {
  const { spec, tensorBackend, tensorMemoryMiB } = options.task;
  const engine =
    options.engine ?? (await createEngine({ backend: tensorBackend as 'auto', memoryMiB: tensorMemoryMiB }));
  const task = taskOf(spec);
  const progress = createStageProgress({
    device: engine.report.name,
    ...{ refit: false, seeds: 1 },
    ...{ control: task.control, metric: task.metric },
    report: options.onProgress,
  });
  const run = createRun({ ...options, engine, rng: createRng(spec.distillation.seed), progress });
  try {
    const opened = await run.stage('data', () => task.open(run));
    await run.stage('teacher', (stage) => opened.teach(stage));
  } catch (error) {
    if (error instanceof PartEnded) return error.isKept;
    throw error;
  }
  // The teacher was found trained as a whole.
  return false;
}
