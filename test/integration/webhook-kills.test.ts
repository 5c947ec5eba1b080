import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { createSecrets } from '../../src/core/secrets.ts';
import { eventually } from '../helpers/eventually.ts';
import { startTestRedis, type TestRedis } from '../helpers/redis.ts';
import { openStore, temporaryFolder } from '../helpers/store.ts';
import { startReceiver } from '../worker/webhooks/receiver.ts';

const NOTICES = 60;
const KILLS = 3;
const SECRETS_KEY = 'a key of thirty-two characters...';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

it('kill -9 of a worker while it sends loses no delivery, nor does a restart of Redis', {
  timeout: 120_000,
}, async () => {
  const rng = createRng(4);
  const { url, received } = await startReceiver(
    (response) => void sleep(30).then(() => response.writeHead(204).end()),
  );
  const file = path.join(await temporaryFolder(), 'test.db');
  const store = await openStore(file);
  const secret = createSecrets(SECRETS_KEY).seal('whsec_AAAA', 'whk_1');
  const hook = { id: 'whk_1', url, kinds: null, models: null, enabled: true, secret };
  await store.webhooks.create(hook, 9);
  for (let i = 0; i < NOTICES; i++) {
    await store.notices.add({ kind: 'drift.found', model: 'movies', data: { i } });
  }
  const task = {
    databaseUrl: `sqlite:${file}`,
    redisUrl: redis.url,
    url,
    leaseMs: 500,
    secretsKey: SECRETS_KEY,
  };
  const start = async () => {
    const child = fork(path.join(import.meta.dirname, 'webhook-sender.mjs'), [JSON.stringify(task)]);
    await once(child, 'message');
    return child;
  };
  const isOver = async () => (await store.webhooks.counts()).delivered === NOTICES;
  for (let i = 0; i < KILLS; i++) {
    const child = await start();
    const before = received.length;
    // In the middle: some have arrived of which nobody has written that they did.
    await eventually('some have arrived', () => received.length > before || isOver());
    await sleep(rng.int(30));
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await redis.stop();
  await redis.start();
  const last = await start();
  await eventually('all are delivered', isOver, 60_000);
  last.kill('SIGKILL');
  const ids = received.map(({ body }) => JSON.parse(body).data.i as number);
  expect([...new Set(ids)].sort((a, b) => a - b)).toEqual(Array.from({ length: NOTICES }, (_, i) => i));
  // The same delivery has the same id, however often it comes.
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(NOTICES);
});
