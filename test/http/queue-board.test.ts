import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { createQueueProducer, type QueueProducer } from '../../src/jobs/producer.ts';
import { eventually } from '../helpers/eventually.ts';
import { startTestRedis, type TestRedis } from '../helpers/redis.ts';
import { type Service, startService } from './service.ts';

const hashed = (key: string) => createHash('sha256').update(key).digest('hex');
const apiKeys = parseApiKeys(`${hashed('boss')}:admin,${hashed('reader')}:read+train`);

let redis: TestRedis;
let producer: QueueProducer;
let open: Service;
let locked: Service;

beforeAll(async () => {
  redis = await startTestRedis();
  producer = createQueueProducer({ redisUrl: redis.url, prefix: 'board', logger: pino({ level: 'silent' }) });
  await eventually('the producer is connected', () => producer.healthy());
  await producer.enqueue({ id: 'job_seen', type: 'distillation' });
  open = await startService({ queue: producer });
  locked = await startService({ queue: producer, apiKeys });
});
afterAll(async () => {
  await open?.close();
  await locked?.close();
  await producer?.close();
  await redis?.close();
});

const ask = (service: Service, path: string, authorization?: string) =>
  fetch(service.url + path, { headers: authorization ? { authorization } : {} });

it('shows the page with its files, and the queue with its entries', async () => {
  for (const path of ['/admin/queue', '/admin/queue/', '/admin/queue/queue/jobs']) {
    const page = await ask(open, path);
    expect(page.status, path).toBe(200);
    const html = await page.text();
    expect(html).toContain('<title>Stillhouse</title>');
    expect(html, 'loads from elsewhere').not.toMatch(/(src|href)="https?:/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const script = /src="([^"]*static[^"]*\.js)"/.exec(html)?.[1];
    expect(script).toMatch(/^\/admin\/queue\/|^static\//);
    const source = await ask(open, script!.startsWith('/') ? script! : `/admin/queue/${script}`);
    expect(source.status).toBe(200);
  }
  const answer = await ask(open, '/admin/queue/api/queues?activeQueue=jobs&status=prioritized');
  const { queues } = (await answer.json()) as {
    queues: { name: string; readOnlyMode: boolean; jobs: { id: string }[] }[];
  };
  expect(queues.find(({ name }) => name === 'jobs')).toMatchObject({
    readOnlyMode: true,
    jobs: [{ id: 'job_seen' }],
  });
  expect(queues.map(({ name }) => name).sort()).toEqual(['imports', 'jobs']);
});

it('changes nothing: the record in SQL is what counts', async () => {
  for (const path of ['/admin/queue/api/queues/jobs/pause', '/admin/queue/api/queues/jobs/empty']) {
    expect((await fetch(open.url + path, { method: 'PUT' })).status, path).toBe(405);
  }
});

it('is for keys with the scope admin, which a browser asks for', async () => {
  for (const path of ['/admin/queue', '/admin/queue/api/queues']) {
    const stranger = await ask(locked, path);
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect((await ask(locked, path, 'Bearer reader')).status).toBe(403);
    expect((await ask(locked, path, 'Bearer boss')).status).toBe(200);
    expect((await ask(locked, path, `Basic ${btoa('me:boss')}`)).status).toBe(200);
    expect((await ask(locked, path, `Basic ${btoa('me:wrong')}`)).status).toBe(401);
  }
});

it('takes a password nowhere else, since browsers send it along with what other sites ask', async () => {
  const answer = await ask(locked, '/jobs', `Basic ${btoa('me:boss')}`);
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
});

it('says so when there is no queue', async () => {
  const without = await startService();
  const answer = await ask(without, '/admin/queue');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: 'queue-unavailable' });
  await without.close();
});
