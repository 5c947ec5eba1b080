import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { createLogger } from '../../src/core/logger.ts';
import type { NewVersion } from '../../src/domain/answers/model.ts';
import type { CompleteDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import { runDistillation } from '../../src/training/pipeline.ts';
import type { RunOptions } from '../../src/training/run/run-options.ts';
import { createStages } from '../../src/training/run/stages.ts';
import type { Task } from '../../src/training/task.ts';

/** Options in which a bench may differ from a job of its own with nothing that was kept before. */
export interface BenchJob extends Partial<Omit<RunOptions, 'task' | 'store'>> {
  spec: CompleteDistillation;
  interactions: RunOptions['store']['interactions'];
  store?: Partial<RunOptions['store']>;
  jobId?: string;
  backend?: string;
  /** Runs in place of the spec's task. */
  variant?: Task;
}

/** Runs a job's pipeline in this process, without a queue and a database. */
export async function runJob(job: BenchJob): Promise<{ version: NewVersion; report: unknown }> {
  const { spec, interactions, store, jobId = 'bench', backend = 'auto', variant, ...more } = job;
  const { artifacts = createFsStore(`file:${temporary('artifacts')}`) } = more;
  const logger = createLogger('bench', 'silent');
  const { version } = await runDistillation(
    {
      task: { jobId, spec, tensorBackend: backend },
      store: {
        interactions,
        models: { names: async () => [], versions: async () => [] },
        catalogue: { getItems: async () => [] },
        ...store,
      },
      stages: createStages({
        folder: temporary('stages'),
        jobKey: jobId,
        checkpointSeconds: Number.POSITIVE_INFINITY,
        mostCacheMiB: 0,
        logger,
      }),
      signal: new AbortController().signal,
      onProgress() {},
      onWarning() {},
      logger,
      ...more,
      artifacts,
    },
    variant,
  );
  return { version, report: JSON.parse((await artifacts.get(`${version.artifact}/report.json`)).toString()) };
}

export function temporary(name: string): string {
  return mkdtempSync(path.join(os.tmpdir(), `stillhouse-${name}-`));
}
