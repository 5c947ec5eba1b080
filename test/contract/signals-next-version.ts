import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadStudent } from '../../src/artifact/student/load.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import { runDistillation } from '../../src/training/pipeline.ts';
import { createStages } from '../../src/training/run/stages.ts';
import { tensorBackend } from '../helpers/engine.ts';
import { eventually } from '../helpers/eventually.ts';
import type { LiveService } from '../http/live-service.ts';
import { ALIAS, logger } from '../serving/serving-setup.ts';

/** Runs a job on all that the service has, and makes its version live. @returns the weight of each item in it */
export async function trainNextVersion({ store, setup, models }: LiveService): Promise<Map<string, number>> {
  const { version } = await runDistillation({
    task: {
      jobId: 'next',
      spec: completeDistillation({
        model: 'movies',
        teacher: { kind: 'ease', lambda: 20 },
        student: { kind: 'fold-in', dimensions: 4, user: 'summed' },
        distillation: { epochs: 1 },
        evaluation: { k: [10], refit: true },
      }),
      tensorBackend,
    },
    store,
    artifacts: setup.artifacts,
    stages: createStages({
      folder: mkdtempSync(path.join(os.tmpdir(), 'stillhouse-stages-')),
      jobKey: 'next',
      checkpointSeconds: 3600,
      mostCacheMiB: 0,
      logger,
    }),
    signal: new AbortController().signal,
    onProgress() {},
    onWarning() {},
    logger,
    timedAnswers: 4,
  });
  const published = await store.models.publish(version, ALIAS);
  await eventually(
    'the next version is live',
    async () => models.items.get('movies')?.version === published.version,
  );
  const { weights, items } = await loadStudent(setup.artifacts, version.artifact);
  return new Map(items.map((id, row) => [id, weights.popularity[row]!]));
}
