import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createStore } from '../src/store/create-store.ts';
import { startApi } from './serve/api-process.ts';
import { fillStore, MODEL } from './serve/fill-store.ts';
import { type LoadOrder, load } from './serve/load.ts';
import { makePopulation, userName } from './serve/population.ts';
import { besiege } from './siege/attackers.ts';

/**
 * Measures what callers with bad manners cost those with good ones: recommendations are asked for at a steady pace, first alone,
 * then while slow bodies, idle connections, streams of events, abandoned batches, bombs and floods of ranges come from
 * other loopback addresses. Ends with 1 where the p99 is more than three times the quiet one, or the api takes more
 * than 400 MiB.
 *   npm run bench:siege -- --seconds 20
 */
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    perSecond: { type: 'string', default: '100' },
    users: { type: 'string', default: '5000' },
    items: { type: 'string', default: '5000' },
    port: { type: 'string', default: '3977' },
  },
});
const MOST_MIB = 400;
const MOST_TIMES = 3;
const [seconds, users, items, port] = [options.seconds, options.users, options.items, options.port].map(
  Number,
);
const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-siege-'));
try {
  process.exitCode = (await siege()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function siege(): Promise<boolean> {
  const databaseFile = path.join(folder, 'siege.db');
  const artifacts = `file:${folder}/artifacts`;
  await fillStore(databaseFile, artifacts, makePopulation(users!, items!, 1), 1);
  const store = await createStore(`sqlite:${databaseFile}`);
  // It never starts, as there is no worker: its streams stay open.
  await store.jobs.create({ id: 'waits', type: 'distillation', model: 'other', spec: { model: 'other' } });
  await store.close();
  const api = await startApi({
    port: port!,
    barePort: port! + 1,
    logFile: path.join(folder, 'api.log'),
    env: {
      DATA_DIR: folder,
      DATABASE_URL: `sqlite:${databaseFile}`,
      ARTIFACTS_URL: artifacts,
      LOG_LEVEL: 'warn',
    },
  });
  let mostMiB = 0;
  const watch = setInterval(() => {
    mostMiB = Math.max(mostMiB, api.rssMiB());
  }, 200);
  try {
    const order: LoadOrder = {
      ...{ what: 'recommend', url: api.url, seconds: seconds!, connections: 8 },
      ...{ perSecond: Number(options.perSecond), users: users!, items: items!, seed: 1 },
    };
    await load({ ...order, seconds: 3 });
    const quiet = await load(order);
    const quietMiB = Math.round(mostMiB);
    const attack = besiege({ port: port!, job: 'waits', model: MODEL, userOf: userName });
    await sleep(2_000);
    const under = await load(order);
    const met = await attack.end();
    await sleep(1_000);
    const times = Number((under.p99Ms / quiet.p99Ms).toFixed(2));
    console.log(
      JSON.stringify({ quiet, under, times, quietMiB, mostMiB: Math.round(mostMiB), met }, null, 2),
    );
    return times <= MOST_TIMES && mostMiB <= MOST_MIB && under.failed === 0;
  } finally {
    clearInterval(watch);
    await api.stop();
  }
}
