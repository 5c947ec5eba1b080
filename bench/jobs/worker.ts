import { createLogger } from '../../src/core/logger.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { Work } from '../../src/worker/queue/runner.ts';
import { createJobWorker } from '../../src/worker/queue/worker.ts';

/** The worker as it is, but its jobs have nothing to do: what is left is the job layer. */
const [redisUrl, prefix, databaseUrl, concurrency] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];

const nothing: Work = async ({ id, model }) => ({
  kind: 'trained',
  version: {
    model: model!,
    jobId: id,
    artifact: `models/${model}/${id}`,
    bytes: 1,
    items: 1,
    dimensions: 1,
    summary: { metrics: {}, compressionRatio: 1 },
  },
  warnings: [],
});

const worker = createJobWorker({
  redisUrl,
  prefix,
  store: await createStore(databaseUrl),
  work: { distillation: nothing, import: nothing },
  lanes: { training: Number(concurrency), imports: Number(concurrency) },
  graceMs: 1000,
  logger: createLogger('worker', 'warn'),
});
process.on('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
await worker.start();
