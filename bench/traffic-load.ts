import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createFsStore } from '../src/artifact/store/fs-store.ts';
import { startPrivateRedis } from '../src/bin/all-in-one/private-redis.ts';
import { createRng } from '../src/core/rng.ts';
import { createStore } from '../src/store/create-store.ts';
import { redisServer } from './chaos/installation.ts';
import { freePorts } from './lib/free-ports.ts';
import { startApi } from './serve/api-process.ts';
import { fillStore, MODEL } from './serve/fill-store.ts';
import { makePopulation, userName } from './serve/population.ts';
import { packVersion, trainStudent } from './serve/student.ts';
import { createChanges } from './traffic/changes.ts';
import { createTimeline, type Seen } from './traffic/timeline.ts';

/**
 * Two api processes under load while versions are promoted, rolled back and given shares of the traffic.
 *   node bench/run.mjs traffic-load --changes 100 --pause 400 --connections 4 --think 5
 */
const { values: options } = parseArgs({
  options: {
    changes: { type: 'string', default: '100' },
    pause: { type: 'string', default: '400' },
    connections: { type: 'string', default: '4' },
    // Milliseconds between an answer and the next request of a connection; without them clients take all the processor that there is.
    think: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});
const PATIENCE_MS = 1000;
const [USERS, ITEMS] = [2000, 2000];
const [seed, think] = [Number(options.seed), Number(options.think)];
const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-traffic-'));
const artifactsUrl = pathToFileURL(path.join(folder, 'artifacts')).href;
const databaseFile = path.join(folder, 'stillhouse.db');
const population = makePopulation(USERS, ITEMS, seed);
await fillStore(databaseFile, artifactsUrl, population, seed);
const versions = await addVersions();

const redis = await startPrivateRedis({ server: redisServer(), dir: path.join(folder, 'redis') });
const ports = await freePorts(4);
const env = { REDIS_URL: redis.url, DATABASE_URL: `sqlite:${databaseFile}`, ARTIFACTS_URL: artifactsUrl };
const apis = await Promise.all(
  [0, 1].map((n) =>
    startApi({ port: ports[n]!, barePort: ports[n + 2]!, logFile: path.join(folder, `api-${n}.log`), env }),
  ),
);
try {
  await run();
} finally {
  await Promise.all(apis.map((api) => api.stop()));
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Two more versions beside those of the bench, of other students. */
async function addVersions(): Promise<number[]> {
  const store = await createStore(`sqlite:${databaseFile}`);
  const artifacts = createFsStore(artifactsUrl);
  for (const n of [3, 4]) {
    const jobId = `bench-${n}`;
    const artifact = `models/${MODEL}/${jobId}`;
    const weights = trainStudent(population, 64, seed + n);
    await artifacts.putFolder(artifact, packVersion(weights, MODEL, jobId));
    const shape = { items: ITEMS, dimensions: 64, bytes: 1, summary: { metrics: {}, compressionRatio: 1 } };
    await store.models.publish({ model: MODEL, jobId, artifact, ...shape }, `trial-${n}`);
  }
  const found = (await store.models.versions(MODEL)).map(({ version }) => version);
  await store.close();
  return found;
}

async function run(): Promise<void> {
  const timeline = createTimeline([2], PATIENCE_MS);
  const seen: Seen[] = [];
  const failures: string[] = [];
  let isOver = false;
  const asking = apis.flatMap(({ url }, api) =>
    Array.from({ length: Number(options.connections) }, async (_, n) => {
      const rng = createRng(seed * 100 + api * 10 + n);
      while (!isOver) {
        const sent = performance.now();
        const answer = await fetch(`${url}/recommend/${userName(rng.int(USERS))}?k=10`).catch(
          (error) => error,
        );
        const body = answer.ok ? await answer.json() : null;
        const got = performance.now();
        if (body) seen.push({ sent, got, version: body.model?.version ?? null });
        else failures.push(String(answer.status ?? answer.message));
        if (think > 0) await sleep(think);
      }
    }),
  );
  const rng = createRng(seed);
  const changes = createChanges(
    async (method, place, body) => {
      const headers = { 'content-type': 'application/json' };
      const url = apis[rng.int(2)]!.url + place;
      const answer = await fetch(url, { method, ...(body && { headers, body: JSON.stringify(body) }) });
      return { status: answer.status, body: answer.status === 204 ? {} : ((await answer.json()) as never) };
    },
    MODEL,
    versions,
    rng,
  );
  const began = performance.now();
  while (timeline.changes() < Number(options.changes)) {
    await timeline.change(changes.change);
    await sleep(Number(options.pause) * 2 * rng.next());
  }
  await sleep(PATIENCE_MS);
  isOver = true;
  await Promise.all(asking);
  const seconds = (performance.now() - began) / 1000;
  const late = seen.map(timeline.lateness).filter((ms) => ms > PATIENCE_MS);
  report(seen, failures, late, changes.counts, seconds);
}

function report(
  seen: readonly Seen[],
  failures: readonly string[],
  late: readonly number[],
  counts: Record<string, number>,
  seconds: number,
): void {
  const took = seen.map(({ sent, got }) => got - sent).sort((a, b) => a - b);
  const byVersion = versions.map(
    (version) => `${version}: ${seen.filter((one) => one.version === version).length}`,
  );
  const rows = [
    [
      'changes',
      `${options.changes} (${Object.entries(counts)
        .map(([what, n]) => `${n} ${what}`)
        .join(', ')})`,
    ],
    ['api processes, connections to each, ms between requests', `2, ${options.connections}, ${think}`],
    ['seconds', seconds.toFixed(0)],
    [
      `processes that wanted one of the ${os.cpus().length} cores at the end (load average)`,
      os.loadavg()[0]!.toFixed(0),
    ],
    ['answers', `${seen.length} (by version ${byVersion.join(', ')})`],
    ['failed requests', String(failures.length)],
    [
      `answers by a version that was not current within ${PATIENCE_MS} ms`,
      `${late.length}${late.length > 0 ? `, the latest after ${late.reduce((most, ms) => Math.max(most, ms), 0).toFixed(0)} ms` : ''}`,
    ],
    [
      'milliseconds to an answer, median and p99',
      [0.5, 0.99].map((q) => took[Math.floor(q * took.length)]!.toFixed(1)).join(', '),
    ],
  ];
  const page = `# Two api processes while versions change places

\`node bench/run.mjs traffic-load --changes ${options.changes} --pause ${options.pause} --connections ${options.connections} --think ${options.think} --seed ${options.seed}\`

${USERS} users, ${ITEMS} items, four versions, SQLite, one Redis. Changes go to either process, on average every ${options.pause} ms. A change of which nothing came, such as a rollback with nothing to go back to, is counted among the changes and under no kind.

| what | |
|---|---|
${rows.map(([what, value]) => `| ${what} | ${value} |`).join('\n')}
`;
  writeFileSync('bench/results/traffic-load.md', page);
  console.log(page);
  if (failures.length + late.length > 0) process.exitCode = 1;
}
