import path from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createSecrets } from '../../../src/core/secrets.ts';
import { createWebhookAddresses } from '../../../src/core/webhook-address.ts';
import { MOST_ATTEMPTS } from '../../../src/domain/notices/backoff.ts';
import { type DeliverDeps, deliver } from '../../../src/worker/webhooks/deliver.ts';
import { openStore, temporaryFolder } from '../../helpers/store.ts';
import { startReceiver } from './receiver.ts';

const SECRETS = createSecrets('a key of thirty-two characters...');
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

async function bench(answer?: Parameters<typeof startReceiver>[0]) {
  const { url, received } = await startReceiver(answer);
  const clock = { now: 1_700_000_000_000 };
  const store = await openStore(path.join(await temporaryFolder(), 'test.db'), () => clock.now);
  const secret = SECRETS.seal(SECRET, 'whk_1');
  const hook = { id: 'whk_1', url, kinds: null, models: null, enabled: true, secret };
  await store.webhooks.create(hook, 9);
  await store.notices.add({ kind: 'drift.found', model: 'movies', data: {} });
  const deps: DeliverDeps = {
    webhooks: store.webhooks,
    addresses: createWebhookAddresses({ urls: [url], privateAddresses: ['127.0.0.1'] }),
    secrets: SECRETS,
    logger: pino({ level: 'silent' }),
    signal: new AbortController().signal,
    now: () => clock.now,
    chance: () => 0,
  };
  const tryAgain = async (more: Partial<DeliverDeps> = {}) => {
    for (const { id } of await store.webhooks.due(9)) await deliver(id, { ...deps, ...more });
    return (await store.webhooks.deliveries('whk_1', {}, 9)).rows[0]!;
  };
  return { store, received, clock, tryAgain };
}

it('sends a signed notice under the id of the delivery and writes down that it came', async () => {
  const { received, tryAgain } = await bench();
  const delivery = await tryAgain();
  expect(delivery).toMatchObject({ state: 'delivered', attempts: 1, status: 204, error: null });
  expect(received).toHaveLength(1);
  expect(received[0]!.headers).toMatchObject({
    'webhook-id': delivery.id,
    'webhook-timestamp': '1700000000',
    'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
  });
  expect(JSON.parse(received[0]!.body)).toMatchObject({ type: 'drift.found', data: { model: 'movies' } });
  await tryAgain();
  expect(received).toHaveLength(1);
});

it('tries again with growing pauses until it comes, under the same id', async () => {
  let bad = 2;
  const { received, clock, tryAgain } = await bench((response) =>
    response.writeHead(bad-- > 0 ? 500 : 200).end(),
  );
  expect(await tryAgain()).toMatchObject({ state: 'pending', status: 500, error: 'The answer was 500.' });
  clock.now += 4999;
  await tryAgain();
  expect(received).toHaveLength(1);
  clock.now += 1;
  expect(await tryAgain()).toMatchObject({ attempts: 2, state: 'pending' });
  clock.now += 20_000;
  expect(await tryAgain()).toMatchObject({ attempts: 3, state: 'delivered', error: null });
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

it('gives up after the last attempt, and says why', async () => {
  const { store, clock, tryAgain } = await bench((response) => response.writeHead(503).end());
  for (let i = 0; i < MOST_ATTEMPTS; i++) {
    await tryAgain();
    clock.now += 7 * 3_600_000;
  }
  expect(await tryAgain()).toMatchObject({ state: 'failed', attempts: MOST_ATTEMPTS, nextAttemptAt: null });
  expect(await store.webhooks.get('whk_1')).toMatchObject({ failures: MOST_ATTEMPTS, waiting: 0 });
});

it.each([
  [302, 'The answer was 302; redirects are not followed.'],
  [404, 'The answer was 404.'],
])('takes %s for a failure', async (status, error) => {
  const { tryAgain } = await bench((response) => response.writeHead(status, { location: '/' }).end());
  expect(await tryAgain()).toMatchObject({ state: 'pending', status, error });
});

it('waits for as long as the receiver asks', async () => {
  const { tryAgain, clock } = await bench((response) =>
    response.writeHead(429, { 'retry-after': '60' }).end(),
  );
  const { nextAttemptAt } = await tryAgain();
  expect(Date.parse(nextAttemptAt!)).toBe(clock.now + 60_000);
});

it('410 switches the webhook off', async () => {
  const { store, tryAgain } = await bench((response) => response.writeHead(410).end());
  expect(await tryAgain()).toMatchObject({ state: 'failed', status: 410 });
  expect(await store.webhooks.get('whk_1')).toMatchObject({
    enabled: false,
    disabledBecause: 'The answer was 410: nobody wants it there any more.',
  });
});

it('a secret that cannot be read sends nothing unsigned', async () => {
  const { received, tryAgain } = await bench();
  expect(await tryAgain({ secrets: createSecrets('another key of thirty-two letters') })).toMatchObject({
    state: 'pending',
    error: expect.stringMatching(
      /^The secret was encrypted under another SECRETS_KEY: api and workers need the same/,
    ),
  });
  expect(received).toEqual([]);
});

it('an attempt that the worker ended itself is due again at once', async () => {
  const stopping = new AbortController();
  const { store, tryAgain } = await bench(() => stopping.abort());
  expect(await tryAgain({ signal: stopping.signal })).toMatchObject({ state: 'pending' });
  expect(await store.webhooks.due(9)).toHaveLength(1);
});
