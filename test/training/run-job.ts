import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { problem } from '../../src/core/errors.ts';
import { createLogger } from '../../src/core/logger.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { JobProgress } from '../../src/domain/jobs/job.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { runDistillation } from '../../src/training/pipeline.ts';
import type { RunOptions } from '../../src/training/run/run-options.ts';
import { createStages } from '../../src/training/run/stages.ts';
import { blockRows, type Row, sourceOf } from '../helpers/data.ts';
import { tensorBackend } from '../helpers/engine.ts';

/** A job of a second on the blocks of test/helpers/data.ts. */
export const SPEC: DistillationSpec = {
  model: 'blocks',
  dataset: { split: { strategy: 'last-fraction', testFraction: 0.2, validationFraction: 0.1 } },
  teacher: {
    kind: 'softmax',
    hidden: [32],
    epochs: 12,
    batchSize: 8,
    learningRate: 0.02,
    dropout: 0.3,
    weightDecay: 0,
  },
  student: { kind: 'fold-in', dimensions: 4 },
  distillation: { epochs: 6, batchSize: 8, seed: 7 },
  evaluation: { k: [3, 5] },
};

/** An artifact store in memory: what was put is all that there is. */
export function memoryArtifacts(before: Iterable<[string, Buffer]> = []) {
  const files = new Map<string, Buffer>(before);
  return {
    files,
    async putFolder(prefix: string, folder: ReadonlyMap<string, Uint8Array>) {
      for (const [name, bytes] of folder) files.set(`${prefix}/${name}`, Buffer.from(bytes));
    },
    async get(key: string) {
      const bytes = files.get(key);
      if (!bytes) throw problem('not-found', key);
      return bytes;
    },
  };
}

/** What a job reads: interactions, and nothing else that was ever stored. */
export const storeOf = (rows: readonly Row[], chunk?: number): RunOptions['store'] => ({
  interactions: sourceOf(rows, chunk),
  models: { names: async () => [], versions: async () => [] },
  catalogue: { getItems: async () => [] },
});

/** A job whose published weights are those that were tested, unless it asks for the refit: most tests look at these. */
const tested = (spec: DistillationSpec): DistillationSpec => ({
  ...spec,
  evaluation: { refit: false, ...spec.evaluation },
});

export async function run(
  spec = SPEC,
  rows: Row[] = blockRows(),
  more: Partial<RunOptions> = {},
  artifacts = memoryArtifacts(),
) {
  const progress: JobProgress[] = [];
  const warnings: string[] = [];
  const job = runDistillation({
    task: { jobId: 'job-1', spec: completeDistillation(tested(spec)), tensorBackend },
    store: storeOf(rows),
    artifacts,
    stages: createStages({
      folder: mkdtempSync(path.join(os.tmpdir(), 'stillhouse-stages-')),
      jobKey: 'job-1',
      checkpointSeconds: 3600,
      mostCacheMiB: 0,
      logger: createLogger('test', 'silent'),
    }),
    signal: new AbortController().signal,
    onProgress: (p) => void progress.push(p),
    onWarning: (message) => void warnings.push(message),
    logger: createLogger('test', 'silent'),
    // No test reads how long an answer takes, and four hundred of a teacher take longer than its training.
    timedAnswers: 16,
    ...more,
  });
  const result = await job.catch((error) => Promise.reject(Object.assign(error, { artifacts, progress })));
  const file = (name: string) => artifacts.files.get(`models/${spec.model}/job-1/${name}`)!;
  const report: Report = JSON.parse(file('report.json').toString());
  return { ...result, artifacts, progress, warned: warnings, report, weights: file('weights.safetensors') };
}
