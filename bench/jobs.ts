import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { createStore } from '../src/store/create-store.ts';
import { twoTastes } from '../test/helpers/two-tastes.ts';
import { type Client, createClient } from './chaos/client.ts';
import { type Installation, PREFIX, startInstallation } from './chaos/installation.ts';
import { keepProcess } from './chaos/kept-process.ts';

/**
 * What the job layer costs: 1,000 jobs are posted, then run by a worker whose jobs have nothing to do; and a few real
 * distillations of a tiny data set for comparison.
 *   npm run bench:jobs -- [--jobs 1000] [--posters 8] [--concurrency 8] [--real 5]
 */
const { values: options } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1000' },
    /** Requests at a time. */
    posters: { type: 'string', default: '8' },
    concurrency: { type: 'string', default: '8' },
    real: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    /** Leaves the results file as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const jobs = Number(options.jobs);
const figures = { ...(await withFolder(jobLayer)), ...(await withFolder(realJobs)) };
console.log(options.json ? JSON.stringify(figures) : table());
if (!options.dry) {
  const command = [
    'npm run bench:jobs',
    ...(process.argv.length > 2 ? ['--'] : []),
    ...process.argv.slice(2),
  ].join(' ');
  const cpu = `${os.availableParallelism()} x ${os.cpus()[0]?.model}, Node ${process.version}, SQLite`;
  writeFileSync(
    path.resolve('bench/results/jobs.md'),
    `# What the job layer costs\n\n\`${command}\` on ${cpu}\n\n${table()}\n`,
  );
}

function table(): string {
  const rows = Object.entries(figures).map(([name, value]) => `| ${name} | ${value} |`);
  return ['| what | |', '|---|---|', ...rows].join('\n');
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-jobs-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function jobLayer(folder: string): Promise<Record<string, string | number>> {
  const installation = await startInstallation({ folder, apis: 1, workers: 0 });
  try {
    const client = createClient(installation.apiUrls);
    await client.send('POST', '/interactions', { interactions: twoTastes(20).rows });
    const empty = await redisKiB(installation);
    const posted = await seconds(() => postAll(client));
    const full = await redisKiB(installation);
    // Its search for the models that these jobs only claim to have made would be measured too.
    await installation.apis[0]?.stop();
    const ran = await seconds(() => runAll(installation));
    return {
      'POST /jobs per second': Math.round(jobs / posted),
      'completions per second, jobs with nothing to do': Math.round(jobs / ran),
      'Redis memory without jobs, KiB': empty,
      [`Redis memory with ${jobs} queued, KiB`]: full,
      'Redis memory after all have ended, KiB': await redisKiB(installation),
    };
  } finally {
    await installation.stop();
  }
}

/** A model of its own for each: of one model one job runs at a time. */
async function postAll(client: Client): Promise<void> {
  let next = 0;
  const poster = async () => {
    while (next < jobs) {
      const { status, body } = await client.send('POST', '/jobs', { model: `model-${next++}` });
      if (status !== 202) throw new Error(`POST /jobs was refused: ${JSON.stringify(body)}`);
    }
  };
  await Promise.all(Array.from({ length: Number(options.posters) }, poster));
}

async function runAll({ redisUrl, databaseUrl }: Installation): Promise<void> {
  const file = fileURLToPath(new URL('./jobs/worker.js', import.meta.url));
  const store = await createStore(databaseUrl);
  const args = [redisUrl, PREFIX, databaseUrl, options.concurrency];
  const worker = keepProcess('worker', file, process.env, (line) => console.error(line), args);
  try {
    for (;;) {
      const { states } = await store.jobs.queueCounts();
      if (states.failed > 0) throw new Error(`${states.failed} jobs have failed`);
      if (states.succeeded === jobs) return;
      await sleep(100);
    }
  } finally {
    await worker.stop();
    await store.close();
  }
}

async function realJobs(folder: string): Promise<Record<string, string | number>> {
  const count = Number(options.real);
  const installation = await startInstallation({ folder, apis: 1, workers: 1 });
  try {
    const client = createClient(installation.apiUrls);
    await client.send('POST', '/interactions', { interactions: twoTastes(20).rows });
    const took = await seconds(async () => {
      const ids: string[] = [];
      for (let i = 0; i < count; i++) {
        const teacher = { kind: 'softmax', hidden: [8], epochs: 10 };
        const { body } = await client.send('POST', '/jobs', {
          model: `real-${i}`,
          teacher,
          distillation: { epochs: 5 },
        });
        ids.push(body.id);
      }
      await Promise.all(ids.map((id) => client.follow(id, AbortSignal.timeout(300_000))));
    });
    return { 'seconds per real distillation of 40 users, a trainer process each': (took / count).toFixed(1) };
  } finally {
    await installation.stop();
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function redisKiB({ redisUrl }: Installation): Promise<number> {
  const redis = new Redis(new URL(redisUrl).pathname);
  try {
    const info = await redis.info('memory');
    return Math.round(Number(/used_memory:(\d+)/.exec(info)?.[1]) / 1024);
  } finally {
    redis.disconnect();
  }
}
