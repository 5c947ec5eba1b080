import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startPrivateRedis } from '../../src/bin/all-in-one/private-redis.ts';
import { redisServer } from '../chaos/installation.ts';
import { freePorts } from '../lib/free-ports.ts';
import { type ApiProcess, startApi } from './api-process.ts';
import { fillStore, MODEL } from './fill-store.ts';
import { type LoadOrder, type LoadResult, load } from './load.ts';
import { makePopulation } from './population.ts';
import { type Share, whereTimeGoes } from './where-time-goes.ts';

export interface ServeOptions {
  folder: string;
  users: number;
  items: number;
  connections: number;
  /** Of the hot swaps; the other loads are shorter. */
  seconds: number;
  processes: number;
  seed: number;
  log: (line: string) => void;
}

/** One load and what it cost the api. */
export interface Run extends LoadResult {
  /** Processor time of the api per request. */
  cpuMicros: number;
  /** Processor time of the api over the time of the load: about 1 when it had all it can use. */
  busy: number;
  /** Shares of the time in which the thread of the event loop was on a core, and in which it was ready but others were. */
  loopRan: number;
  loopWaited: number;
}

export interface ServeResult {
  setupSeconds: number;
  interactions: number;
  readyMs: number;
  rssAtStartMiB: number;
  rssAfterMiB: number;
  /** Each user for the first time: every history comes from the database. */
  firstTime: Run;
  hello: Run[];
  bare: Run[];
  recommend: Run[];
  swaps: { count: number; failed: number; run: Run };
  writes: { before: Run; during: Run; after: Run; writer: LoadResult };
  two: { one: Run; together: number } | null;
  /** While recommendations were asked for; while the model was swapped as well; while interactions were written as well. */
  profile: Profile;
  swapProfile: Profile;
  writeProfile: Profile;
}

interface Profile {
  places: Share[];
  functions: Share[];
}

const ROUNDS = 3;
const ROUND_SECONDS = 4;
const LONGEST_FILL_SECONDS = 120;
const AFTER_SWAPS_SECONDS = 12;
const WRITE_SECONDS = 6;
const WRITES_PER_SECOND = 500;

export async function measureServing(options: ServeOptions): Promise<ServeResult> {
  const { folder, users, items, seed, log } = options;
  const began = performance.now();
  const population = makePopulation(users, items, seed);
  const databaseFile = path.join(folder, 'stillhouse.db');
  const artifactsUrl = pathToFileURL(path.join(folder, 'artifacts')).href;
  await fillStore(databaseFile, artifactsUrl, population, seed);
  const interactions = population.histories.reduce((sum, rows) => sum + rows.length, 0);
  const setupSeconds = (performance.now() - began) / 1000;
  log(`${interactions} interactions of ${users} users after ${setupSeconds.toFixed(1)} s`);
  const redis = await startPrivateRedis({ server: redisServer(), dir: path.join(folder, 'redis') });
  const env = {
    REDIS_URL: redis.url,
    DATABASE_URL: `sqlite:${databaseFile}`,
    ARTIFACTS_URL: artifactsUrl,
  };
  const apis: ApiProcess[] = [];
  try {
    for (let i = 0; i < options.processes; i++) {
      const [port, barePort] = await freePorts(2);
      const logFile = path.join(folder, `api-${i}.log`);
      apis.push(await startApi({ port: port!, barePort: barePort!, logFile, env }));
    }
    return { setupSeconds, interactions, ...(await underLoad(apis, options)) };
  } finally {
    await Promise.all(apis.map((api) => api.stop()));
    await redis.stop();
  }
}

async function underLoad(apis: ApiProcess[], options: ServeOptions) {
  const [api] = apis as [ApiProcess, ...ApiProcess[]];
  const { readyMs } = api;
  const rssAtStartMiB = api.rssMiB();
  const ask = createAsk(options);
  const firstTime = await ask(api, 'recommend', LONGEST_FILL_SECONDS, { isOnceEach: true });
  await ask(api, 'hello', 2);

  const runs = { hello: [] as Run[], bare: [] as Run[], recommend: [] as Run[] };
  for (let round = 0; round < ROUNDS; round++) {
    runs.bare.push(await ask(api, 'hello', ROUND_SECONDS, { url: api.bareUrl }));
    runs.hello.push(await ask(api, 'hello', ROUND_SECONDS));
    runs.recommend.push(await ask(api, 'recommend', ROUND_SECONDS));
  }
  const profile = whereTimeGoes(await api.profile(() => ask(api, 'recommend', ROUND_SECONDS)));
  const swaps = await swapUnderLoad(api, ask, options.seconds);
  const swapProfile = whereTimeGoes(await api.profile(() => swapUnderLoad(api, ask, ROUND_SECONDS)));
  // Users come back, each for the first time since the swap.
  await ask(api, 'recommend', AFTER_SWAPS_SECONDS);
  const writes = await writeUnderLoad(api, ask);
  const writeProfile = whereTimeGoes(await api.profile(() => bothKinds(api, ask)));
  const rssAfterMiB = api.rssMiB();
  const two = apis[1] ? await bothAtOnce(api, apis[1], ask) : null;
  const profiles = { profile, swapProfile, writeProfile };
  return { readyMs, rssAtStartMiB, rssAfterMiB, firstTime, ...runs, swaps, writes, two, ...profiles };
}

type Ask = (
  api: ApiProcess,
  what: LoadOrder['what'],
  seconds: number,
  more?: Partial<LoadOrder>,
) => Promise<Run>;

function createAsk({ connections, users, items, seed, log }: ServeOptions): Ask {
  let asked = 0;
  return async (api, what, seconds, more) => {
    const [cpuBefore, loopBefore, started] = [api.cpuSeconds(), api.loop(), performance.now()];
    const everyone = { url: api.url, users, items };
    const order = { ...everyone, what, seconds, connections, seed: seed + ++asked, ...more };
    const result = await load(order);
    const cpu = api.cpuSeconds() - cpuBefore;
    const loop = api.loop();
    const took = (performance.now() - started) / 1000;
    const run = {
      ...result,
      cpuMicros: (cpu / result.requests) * 1e6,
      busy: (cpu * result.perSecond) / result.requests,
      loopRan: (loop.ranSeconds - loopBefore.ranSeconds) / took,
      loopWaited: (loop.waitedSeconds - loopBefore.waitedSeconds) / took,
    };
    log(
      `${what.padEnd(12)} ${result.requests} requests: ${result.perSecond.toFixed(0)}/s, p99 ${result.p99Ms.toFixed(2)} ms, ` +
        `${run.cpuMicros.toFixed(1)} us of processor each, busy ${run.busy.toFixed(2)}, the loop ${run.loopRan.toFixed(2)} and waiting for a core ${run.loopWaited.toFixed(2)}, failed ${result.failed}`,
    );
    return run;
  };
}

/** Back and forth between two versions of the model by its alias, as an operator would, every second. */
async function swapUnderLoad(api: ApiProcess, ask: Ask, seconds: number) {
  let isOver = false;
  let count = 0;
  let failed = 0;
  const swapping = (async () => {
    while (!isOver) {
      await sleep(1000);
      const response = await fetch(`${api.url}/models/${MODEL}/aliases/stable`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ version: 1 + (count % 2) }),
      });
      if (response.ok) count++;
      else failed++;
    }
  })();
  const run = await ask(api, 'recommend', seconds);
  isOver = true;
  await swapping;
  return { count, failed, run };
}

async function writeUnderLoad(api: ApiProcess, ask: Ask) {
  const before = await ask(api, 'recommend', WRITE_SECONDS);
  const [during, writer] = await bothKinds(api, ask);
  const after = await ask(api, 'recommend', WRITE_SECONDS);
  return { before, during, after, writer };
}

function bothKinds(api: ApiProcess, ask: Ask) {
  return Promise.all([
    ask(api, 'recommend', WRITE_SECONDS),
    ask(api, 'interactions', WRITE_SECONDS, { perSecond: WRITES_PER_SECOND, connections: 10 }),
  ]);
}

async function bothAtOnce(api: ApiProcess, other: ApiProcess, ask: Ask) {
  await ask(other, 'recommend', LONGEST_FILL_SECONDS, { isOnceEach: true });
  const one = await ask(api, 'recommend', ROUND_SECONDS);
  const [a, b] = await Promise.all([
    ask(api, 'recommend', ROUND_SECONDS),
    ask(other, 'recommend', ROUND_SECONDS),
  ]);
  return { one, together: a.perSecond + b.perSecond };
}
