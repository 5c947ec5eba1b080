import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPrivateRedis } from '../src/bin/all-in-one/private-redis.ts';
import { startTestPostgres } from '../test/helpers/postgres.ts';
import { CREDENTIALS, startTestS3 } from '../test/helpers/s3.ts';
import { createClient } from './chaos/client.ts';
import { redisServer } from './chaos/installation.ts';
import { clusterPage, type Figures, partsOf } from './cluster/page.ts';
import { freePorts } from './lib/free-ports.ts';

/**
 * An installation of several machines: an api and workers in folders of their own, each worker on one core, with PostgreSQL, Redis and
 * S3. Takes the time of one job, whose candidates of `auto` are its parts, with one worker and with two.
 *   node bench/run.mjs cluster --users 3000 --items 2000 --budget 300
 */
const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '3000' },
    items: { type: 'string', default: '2000' },
    budget: { type: 'string', default: '300' },
    dry: { type: 'boolean', default: false },
  },
});
const TICKS = 100;
const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-bench-cluster-'));
const children: ChildProcess[] = [];

function start(name: string, program: string, core: number, env: Record<string, string>): ChildProcess {
  const child = spawn(
    'taskset',
    ['-c', String(core), process.execPath, path.resolve(`dist/bin/${program}.js`)],
    {
      env: { ...process.env, ...env, DATA_DIR: path.join(folder, name), LOG_LEVEL: 'info' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  children.push(child);
  return child;
}

/** Processor seconds of a process and of its children that have ended. */
function processorSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / TICKS;
}

const postgres = await startTestPostgres();
const s3 = await startTestS3();
const redis = await startPrivateRedis({ server: redisServer(), dir: path.join(folder, 'redis') });

async function measure(workers: number): Promise<Figures> {
  const [port = 0] = await freePorts(1);
  const env = {
    ...CREDENTIALS,
    ...(await s3.createBucket()),
    ...{
      REDIS_URL: redis.url,
      REDIS_PREFIX: `bench-${workers}`,
      DATABASE_URL: await postgres.createDatabase(),
    },
    ...{
      SECRETS_KEY: 'a key of the bench that all of them have',
      PARTS_FROM_SECONDS: '1',
      PORT: String(port),
    },
  };
  start(`api-${workers}`, 'api', 0, env);
  const client = createClient([`http://127.0.0.1:${port}`]);
  await client.send('GET', '/health/ready');
  const trainers = Array.from({ length: workers }, (_, i) =>
    start(`worker-${workers}-${i}`, 'worker', i % 2, env),
  );
  await untilThere(client, workers);
  await fill(client);
  const before = trainers.map(processorSeconds);
  const begun = performance.now();
  const { body: job } = await client.send('POST', '/jobs', {
    model: 'bench',
    teacher: { kind: 'auto', budgetSeconds: Number(options.budget) },
    student: { kind: 'fold-in', dimensions: 32 },
    distillation: { epochs: 5 },
    evaluation: { refit: false },
  });
  const done = await untilDone(client, job.id);
  const wall = (performance.now() - begun) / 1000;
  const processor = trainers.map((one, i) => processorSeconds(one) - before[i]!);
  const { body: report } = await client.send('GET', '/models/bench/versions/1/report');
  const { body: logs } = await client.send('GET', `/jobs/${job.id}/logs?limit=1000`);
  if (done.state !== 'succeeded') throw new Error(JSON.stringify(done));
  await stop();
  return { workers, wall, processor, ...partsOf(report, logs) };
}

async function untilThere(client: ReturnType<typeof createClient>, workers: number): Promise<void> {
  for (;;) {
    const { body } = await client.send('GET', '/workers');
    // Their probes take processor time, too.
    if (body.data.filter(({ trainer }: { trainer: unknown }) => trainer).length === workers) return;
    await sleep(300);
  }
}

/** Users of a few tastes, each with forty items. */
async function fill(client: ReturnType<typeof createClient>): Promise<void> {
  const [users, items, tastes, each] = [Number(options.users), Number(options.items), 20, 40];
  for (let from = 0; from < users; from += 25) {
    const interactions = [];
    for (let user = from; user < Math.min(users, from + 25); user++)
      for (let i = 0; i < each; i++) {
        const drawn =
          (user * 7919 + i * i * 104_729 + i * 31) % Math.floor(items / (i % 4 === 0 ? 1 : tastes));
        const item = i % 4 === 0 ? drawn : (user % tastes) * Math.floor(items / tastes) + drawn;
        interactions.push({
          userId: `u${user}`,
          itemId: `i${item}`,
          type: 'click',
          timestamp: 1.7e12 + i * 6e4,
        });
      }
    await client.send('POST', '/interactions', { interactions });
  }
}

async function untilDone(client: ReturnType<typeof createClient>, id: string) {
  for (;;) {
    const { body } = await client.send('GET', `/jobs/${id}`);
    if (['succeeded', 'failed', 'cancelled'].includes(body.state)) return body;
    await sleep(250);
  }
}

async function stop(): Promise<void> {
  const ends = children.splice(0).map(async (child) => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  await Promise.all(ends);
}

try {
  const figures = [await measure(1), await measure(2)];
  const page = clusterPage(figures, process.argv.slice(2));
  console.log(page);
  if (!options.dry) writeFileSync(path.resolve('bench/results/cluster.md'), page);
} finally {
  await stop();
  await redis.stop();
  await s3.close();
  await postgres.close();
  rmSync(folder, { recursive: true, force: true });
}
