import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createSecrets } from '../../../src/core/secrets.ts';
import { createWebhookAddresses } from '../../../src/core/webhook-address.ts';
import { createDeliverer } from '../../../src/worker/webhooks/deliverer.ts';
import { eventually } from '../../helpers/eventually.ts';
import { startTestRedis, type TestRedis } from '../../helpers/redis.ts';
import { openStore, temporaryFolder } from '../../helpers/store.ts';
import { startReceiver } from './receiver.ts';

const SECRETS = createSecrets('a key of thirty-two characters...');

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

it('two workers send what is due, each delivery once, also what lay there before', async () => {
  const { url, received } = await startReceiver();
  const store = await openStore(path.join(await temporaryFolder(), 'test.db'));
  const hook = {
    id: 'whk_1',
    url,
    kinds: null,
    models: null,
    enabled: true,
    secret: SECRETS.seal('whsec_AAAA', 'whk_1'),
  };
  await store.webhooks.create(hook, 9);
  const tell = () => store.notices.add({ kind: 'drift.found', model: 'movies', data: {} });
  for (let i = 0; i < 10; i++) await tell();
  const addresses = createWebhookAddresses({ urls: [url], privateAddresses: ['127.0.0.1'] });
  const common = {
    redisUrl: redis.url,
    webhooks: store.webhooks,
    addresses,
    secrets: SECRETS,
    lookMs: 20,
  };
  const workers = [1, 2].map(() => createDeliverer({ ...common, logger: pino({ level: 'silent' }) }));
  onTestFinished(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
  });
  for (const worker of workers) worker.start();
  for (let i = 0; i < 10; i++) await tell();
  await eventually('all are delivered', async () => (await store.webhooks.counts()).delivered === 20);
  expect(received).toHaveLength(20);
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(20);
});
