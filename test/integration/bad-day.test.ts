import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { nextRun } from '../../src/domain/jobs/cron.ts';
import { completeScheduled } from '../../src/domain/jobs/schedule.ts';
import { newDistillation } from '../../src/http/jobs/new-distillation.ts';
import { createQueueProducer } from '../../src/jobs/producer.ts';
import type { Store } from '../../src/store/store.ts';
import { runDriftProcess } from '../../src/worker/drift/drift-process.ts';
import { createScheduler } from '../../src/worker/queue/scheduler.ts';
import { createTrainingWork } from '../../src/worker/queue/training-work.ts';
import { createJobWorker } from '../../src/worker/queue/worker.ts';
import { createGpuSlots } from '../../src/worker/trainer/gpu-slots.ts';
import { eventually } from '../helpers/eventually.ts';
import { startTestRedis, type TestRedis } from '../helpers/redis.ts';
import { openStore, temporaryFolder } from '../helpers/store.ts';

const DAY_MS = 86_400_000;
const USERS = 60;
const PER_TASTE = 40;
const PER_DAY = 6;
const LONG_MS = 240_000;
const NIGHTLY = '0 3 * * *';
const CHILD_ENV = { ...process.env, LOG_LEVEL: 'error' };

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

/**
 * Clicks of users of two tastes in a day: different items of their own taste, popular ones rather. Shuffled, the labels are the
 * same and lie with anybody: what is popular stays so, and nothing else is to be learned.
 */
function createDays() {
  const rng = createRng(3);
  const draw = (items: number[]) => {
    const wanted = rng.next() * items.reduce((sum, item) => sum + weightOf(item), 0);
    let [at, below] = [0, weightOf(items[0]!)];
    while (below < wanted && at < items.length - 1) below += weightOf(items[++at]!);
    return items.splice(at, 1)[0]!;
  };
  return (day: number, isShuffled = false) => {
    const rows = Array.from({ length: USERS }, (_, user) => {
      const items = Array.from({ length: PER_TASTE }, (_item, i) => i);
      return Array.from({ length: PER_DAY }, (_row, i) => ({
        ...{
          userId: `user ${user}`,
          itemId: `${user % 2}-${draw(items)}`,
          type: 'click',
          value: null,
          eventId: null,
        },
        timestamp: day + (user * PER_DAY + i) * 1000,
      }));
    }).flat();
    if (!isShuffled) return rows;
    const labels = rng.shuffle(Int32Array.from(rows.keys()));
    return rows.map((row, i) => ({ ...row, itemId: rows[labels[i]!]!.itemId }));
  };
}

const weightOf = (item: number) => 1 / (item + 2);

/** A worker on real Redis with real trainers, and a clock that can be turned to the next night. */
async function startNights() {
  const folder = await temporaryFolder();
  const clock = { now: Math.ceil(Date.now() / DAY_MS) * DAY_MS };
  const databaseUrl = `sqlite:${path.join(folder, 'test.db')}`;
  const artifactsUrl = pathToFileURL(path.join(folder, 'artifacts')).href;
  const store = await openStore(path.join(folder, 'test.db'), () => clock.now);
  const logger = pino({ level: 'silent' });
  const dist = (name: string) => new URL(`../../dist/bin/${name}.js`, import.meta.url);
  const common = { databaseUrl, artifactsUrl, tensorBackend: 'auto' };
  const stages = { folder: path.join(folder, 'stages'), checkpointSeconds: 3600, mostCacheMiB: 0 };
  const training = createTrainingWork({
    jobs: store.jobs,
    trainer: { file: dist('trainer'), env: CHILD_ENV, graceMs: 1000 },
    gpus: createGpuSlots('', () => []),
    common: { ...common, stages },
  });
  const worker = createJobWorker({
    ...{ redisUrl: redis.url, prefix: 'nights', store, lanes: { training: 1 }, graceMs: 1000, logger },
    work: { distillation: training, import: async () => ({ kind: 'failed' }) as never },
    // This test turns the clock itself.
    schedulesEveryMs: 1e9,
  });
  const producer = createQueueProducer({ redisUrl: redis.url, prefix: 'nights', logger });
  onTestFinished(async () => {
    await worker.stop();
    await producer.close();
  });
  await worker.start();
  const queues = { add: producer.enqueue };
  const look = createScheduler({ ...store, queues, now: () => clock.now, logger });
  const untilNight = async () => {
    clock.now = await nextRun(NIGHTLY, 'UTC', clock.now);
    await look();
    const [job] = (await store.jobs.list({}, 1)).rows;
    const ended = await eventually(
      'the job of the night ends',
      async () => {
        const now = await store.jobs.get(job!.id);
        return now?.state === 'succeeded' || now?.state === 'failed' ? now : null;
      },
      LONG_MS,
    );
    if (ended.state === 'failed') throw new Error(JSON.stringify(ended.problem));
    return ended.result as {
      version: number;
      promotion: { promoted: boolean; rules: { rule: string; passed: boolean; text: string }[] };
    };
  };
  const measure = () =>
    runDriftProcess(
      { file: dist('drift'), env: CHILD_ENV },
      { ...common, model: 'movies', sample: 100 },
      new AbortController().signal,
    );
  return { store, clock, untilNight, measure };
}

async function everyNight(store: Store, now: number) {
  const spec = completeScheduled({
    model: 'movies',
    teacher: { kind: 'ease' },
    student: { kind: 'fold-in', dimensions: 8 },
    distillation: { epochs: 6, batchSize: 16, learningRate: 0.02, seed: 7 },
    evaluation: { refit: false },
  });
  const { id: _none, ...job } = newDistillation('', spec, {});
  const nextAt = await nextRun(NIGHTLY, 'UTC', now);
  await store.schedules.create({ id: 'sch_1', cron: NIGHTLY, timeZone: 'UTC', job, nextAt });
}

it('a nightly schedule that is shown a bad day moves nothing, and the gate says why', {
  timeout: 3 * LONG_MS,
}, async () => {
  const { store, clock, untilNight, measure } = await startNights();
  const dayOf = createDays();
  const live = async () => (await store.models.resolve('movies', 'stable'))?.version;
  await everyNight(store, clock.now);

  for (let day = 2; day > 0; day--) await store.interactions.add(dayOf(clock.now - day * DAY_MS));
  expect((await untilNight()).promotion).toMatchObject({ promoted: true });
  expect(await live()).toBe(1);
  // What came since is as it was before: the version and its teacher find it.
  const good = dayOf(clock.now);
  await store.interactions.add(good.slice(0, good.length / 2));
  const fine = await measure();
  expect(fine).toMatchObject({ version: 1, sampled: USERS, notes: [], popularityShare: 0, unknownItems: 0 });
  expect(fine.ndcg!.value).toBeGreaterThan(0.1);
  expect(fine.overlap!.value).toBeGreaterThan(0.3);

  await store.interactions.add(dayOf(clock.now + DAY_MS / 2, true));
  const { version, promotion } = await untilNight();
  expect(version).toBe(2);
  expect(promotion, JSON.stringify(promotion)).toMatchObject({ promoted: false });
  expect(await live()).toBe(1);
  const refused = promotion.rules.filter(({ passed }) => !passed);
  expect(refused.map(({ rule }) => rule)).toContain('baseline');
  for (const { text } of refused) expect(text).toMatch(/\w{3,}.*\.$/);
  const [notice] = (await store.notices.list({ kind: 'version.refused' }, 9)).rows;
  expect(notice).toMatchObject({ model: 'movies', version: 2, data: { alias: 'stable', rules: refused } });
  const bad = await measure();
  expect(bad.ndcg!.value).toBeLessThan(fine.ndcg!.value);
});
