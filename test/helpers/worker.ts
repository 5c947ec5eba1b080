import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import type { Job, JobState } from '../../src/domain/jobs/job.ts';
import type { JobOptions } from '../../src/domain/jobs/job-options.ts';
import { createQueueProducer, type QueueProducer } from '../../src/jobs/producer.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { NewJob } from '../../src/store/jobs/contract.ts';
import type { Store } from '../../src/store/store.ts';
import { workerClocks } from '../../src/worker/queue/clocks.ts';
import { createTrainingWork } from '../../src/worker/queue/training-work.ts';
import { createJobWorker, type JobWorker, type WorkerOptions } from '../../src/worker/queue/worker.ts';
import { createGpuSlots } from '../../src/worker/trainer/gpu-slots.ts';
import { eventually } from './eventually.ts';

export const GRACE_MS = 400;
/** Runs are watched closely; their locks last as long as in a real worker. */
const CLOCKS = { ...workerClocks(), pollMs: 100, takeoverMs: 300, reconcileEveryMs: 300 };

export interface Run {
  jobId: string;
  pid: number;
  what: string;
}

export interface WorkerBench {
  store: Store;
  producer: QueueProducer;
  worker: JobWorker;
  /** One more on the same queue and database, as on a second machine. */
  addWorker(more?: Partial<WorkerOptions>): JobWorker;
  /** Creates the record and puts it on the queue. The model's name says what the trainer double does. */
  submit(id: string, model: string, options?: JobOptions, more?: Partial<NewJob>): Promise<void>;
  untilState(id: string, state: JobState, timeoutMs?: number): Promise<Job>;
  /** What the trainer doubles did for the job, in order. */
  runs(id: string): Run[];
  close(): Promise<void>;
}

let benches = 0;

/** A worker in this process on real Redis and SQLite, whose trainers are the double. */
export async function createWorkerBench(
  redisUrl: string,
  options: { isStarted?: boolean; memoryMiB?: number } & Partial<WorkerOptions> = {},
): Promise<WorkerBench> {
  const { isStarted, memoryMiB, ...workerOptions } = options;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-worker-'));
  const logger = pino({ level: 'silent' });
  const prefix = options.prefix ?? `bench-${process.pid}-${++benches}`;
  const databaseUrl = `sqlite:${folder}/test.db`;
  const store = await createStore(databaseUrl);
  const producer = createQueueProducer({ redisUrl, prefix, logger });
  const file = new URL('../worker/trainer-double.mjs', import.meta.url);
  const training = createTrainingWork({
    jobs: store.jobs,
    trainer: { file, env: {}, graceMs: GRACE_MS },
    gpus: createGpuSlots('', () => []),
    common: {
      databaseUrl,
      artifactsUrl: pathToFileURL(folder).href,
      tensorBackend: 'auto',
      ...(memoryMiB !== undefined && { memoryMiB }),
      stages: { folder: path.join(folder, 'stages'), checkpointSeconds: 0, mostCacheMiB: 64 },
    },
  });
  const workers: JobWorker[] = [];
  const addWorker = (more: Partial<WorkerOptions> = {}) => {
    const created = createJobWorker({
      redisUrl,
      prefix,
      store,
      work: { distillation: training, import: training },
      lanes: { training: 2, imports: 2 },
      graceMs: GRACE_MS,
      logger,
      clocks: CLOCKS,
      ...workerOptions,
      ...more,
    });
    workers.push(created);
    void created.start();
    return created;
  };
  const worker = isStarted === false ? undefined : addWorker();
  await eventually('the producer is connected', () => producer.healthy());

  const runs = (id: string) => {
    const log = path.join(folder, 'runs.log');
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
    return lines.map((line) => JSON.parse(line) as Run).filter(({ jobId }) => jobId === id);
  };
  return {
    store,
    producer,
    worker: worker!,
    addWorker,
    async submit(id, model, options = {}, more = {}) {
      const { priority, notBefore } = options;
      await store.jobs.create({ id, type: 'distillation', model, spec: { model, ...options }, ...more });
      await producer.enqueue(
        { id, type: more.type ?? 'distillation' },
        {
          ...(priority !== undefined && { priority }),
          ...(notBefore !== undefined && { notBefore }),
        },
      );
    },
    async untilState(id, state, timeoutMs) {
      return eventually(
        `${id} is ${state}`,
        async () => {
          const job = await store.jobs.get(id);
          return job?.state === state ? job : null;
        },
        timeoutMs,
      );
    },
    runs,
    async close() {
      await Promise.all(workers.map((one) => one.stop()));
      await producer.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
