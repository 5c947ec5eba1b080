import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startInstallation } from './chaos/installation.ts';
import { freePorts } from './lib/free-ports.ts';
import { fillStore, MODEL } from './serve/fill-store.ts';
import { type LoadOrder, load } from './serve/load.ts';
import { makePopulation } from './serve/population.ts';
import { keepBusy } from './soak/keep-busy.ts';
import { type Readings, soakFaults, soakPage } from './soak/page.ts';
import { diskFigures, loopFigures, processFigures } from './soak/sample.ts';

/**
 * Serves at half load for a long time, while files are imported and jobs renew the model, and looks whether memory, handles, the
 * event loop's delay and the disk stay as they are. Ends with 1 where something grows, fails or ends by itself.
 *   npm run bench:soak -- --minutes 60
 */
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    /** Recommendations a second; half of what a short run without a limit is answered if unset. */
    'per-second': { type: 'string' },
    users: { type: 'string', default: '2000' },
    items: { type: 'string', default: '1000' },
    'job-every': { type: 'string', default: '240' },
    'import-every': { type: 'string', default: '60' },
    'sample-every': { type: 'string', default: '10' },
    backend: { type: 'string' },
    /** Leaves the results file as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const minutes = Number(options.minutes);
const [users, items] = [Number(options.users), Number(options.items)];
const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-soak-'));
try {
  await soak();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function soak(): Promise<void> {
  mkdirSync(path.join(folder, 'artifacts'), { recursive: true });
  const artifacts = `file:${folder}/artifacts`;
  await fillStore(path.join(folder, 'stillhouse.db'), artifacts, makePopulation(users, items, 1), 1);
  const [workerPort] = await freePorts(1);
  const installation = await startInstallation({
    ...{ folder, apis: 1, workers: 1, tensorBackend: options.backend },
    env: {
      ...{ WORKER_PORT: String(workerPort), LOG_LEVEL: 'warn' },
      // What is kept of former jobs is bounded, and the bound has to be met soon.
      ...{ KEEP_VERSIONS: '2', TEACHER_CACHE_MIB: '64' },
    },
  });
  const over = new AbortController();
  try {
    const url = installation.apiUrls[0]!;
    await untilReady(url);
    const order: LoadOrder = { what: 'recommend', url, seconds: 5, connections: 4, users, items, seed: 1 };
    const perSecond = Number(options['per-second'] ?? Math.ceil((await load(order)).perSecond / 2));
    const intervals = {
      jobEverySeconds: Number(options['job-every']),
      importEverySeconds: Number(options['import-every']),
    };
    const busy = keepBusy({ url, model: MODEL, users, items, ...intervals, signal: over.signal });
    const loading = load({ ...order, perSecond, seconds: minutes * 60 });
    const readings: Readings = new Map();
    const processes = [
      { name: 'api', kept: installation.apis[0]!, url },
      { name: 'worker', kept: installation.workers[0]!, url: `http://127.0.0.1:${workerPort}` },
    ].map((each) => ({ ...each, pid: each.kept.pid() }));
    const started = Date.now();
    let isOver = false;
    void loading.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const seconds = (Date.now() - started) / 1000;
      for (const [what, value] of Object.entries(await look())) {
        const known = readings.get(what) ?? [];
        readings.set(what, [...known, { seconds, value }]);
      }
      await sleep(Number(options['sample-every']) * 1000);
    }
    const result = await loading;
    over.abort();
    const beside = await busy;
    const restarts = processes.filter(({ kept, pid }) => kept.pid() !== pid).map(({ name }) => name);
    const soaked = { readings, minutes, load: result, beside, restarts };
    const page = soakPage(soaked, process.argv.slice(2));
    console.log(page);
    if (!options.dry) writeFileSync(path.resolve('bench/results/soak.md'), page);
    if (soakFaults(soaked).length > 0) process.exitCode = 1;

    async function look(): Promise<Record<string, number>> {
      const found: Record<string, number> = {};
      for (const { name, kept, url: at } of processes) {
        const pid = kept.pid();
        if (pid === undefined) continue;
        const { rssMiB, handles } = processFigures(pid);
        const loop = await loopFigures(at);
        found[`${name}: memory, MiB`] = rssMiB;
        found[`${name}: heap in use, MiB`] = loop.heapMiB;
        found[`${name}: open, handles`] = handles;
        found[`${name}: p99 of the event loop's delay, ms`] = loop.lagMs;
      }
      const redis = installation.redisPid();
      if (redis !== undefined) found['redis: memory, MiB'] = processFigures(redis).rssMiB;
      for (const [part, mebibytes] of Object.entries(diskFigures(folder)))
        found[`disk: ${part}, MiB`] = mebibytes;
      return found;
    }
  } catch (error) {
    console.error(installation.story());
    throw error;
  } finally {
    over.abort();
    await installation.stop();
  }
}

async function untilReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/health/ready`).catch(() => null))?.ok) await sleep(200);
}
