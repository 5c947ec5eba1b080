import { setImmediate as nextTurn } from 'node:timers/promises';
import request from 'supertest';
import { afterEach, expect, it } from 'vitest';
import { expectProblem } from './problem.ts';
import { type Service, startService, toyRecommender } from './service.ts';

let service: Service;
/** Lets answers go that a failed test would leave waiting. */
let letGo = () => {};
afterEach(() => {
  letGo();
  return service?.close();
});
const PATIENT = { timeout: 10_000 };

const users = (count: number) => Array.from({ length: count }, (_, i) => `user-${i}`);
const batch = (body: object) => request(service.url).post('/recommend/batch').send(body);

/** Recommenders whose answers wait until they are let go. */
function held(): { open(): void; asked: string[]; recommender: ReturnType<typeof toyRecommender> } {
  const asked: string[] = [];
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  letGo = open;
  const toy = answering(() => {});
  const recommend: typeof toy.recommend = async (userId, options) => {
    asked.push(userId);
    await opened;
    return toy.recommend(userId, options);
  };
  return { open: () => open(), asked, recommender: { ...toy, recommend } };
}

/** A toy that answers sessions too. */
function answering(onAsked: () => void): ReturnType<typeof toyRecommender> {
  const toy = toyRecommender(onAsked);
  return { ...toy, recommendTo: ({ userId }, options) => toy.recommend(userId ?? 'nobody', options) };
}

it('work that is too much is refused before it begins, by the name of the limit', async () => {
  let asked = 0;
  service = await startService({ recommender: answering(() => asked++) });
  await batch({ users: users(1000), k: 100 }).expect(200);
  expect(asked).toBe(1001);
  for (const [body, places] of [
    [{ users: users(1000), k: 1000 }, 1_000_000],
    [{ users: users(1000), k: 100, diversity: 0.3 }, 400_000],
    [{ users: users(251), k: 1, explain: true }, 251_251],
  ] as const) {
    const answer = await batch(body);
    expectProblem(answer, 400, 'invalid-request', /MAX_REQUEST_PLACES allows 250000/);
    expect(answer.body.detail).toContain(`asks for ${places} places`);
  }
  expect(asked).toBe(1001);
});

it('the limit is a setting, and holds for one user too', async () => {
  const recommender = answering(() => {});
  service = await startService({ recommender, limits: { places: 30 } });
  await request(service.url).get('/recommend/user-1?k=10&diversity=0.5').expect(400);
  await request(service.url).post('/recommend').send({ userId: 'user-1', k: 31, strict: true }).expect(400);
  await service.close();
  service = await startService({ recommender, limits: { places: 0 } });
  await batch({ users: users(1000), k: 1000 }).expect(200);
});

it('a batch ends when its client has gone', async () => {
  const { open, asked, recommender } = held();
  service = await startService({ recommender });
  const { port } = new URL(service.url);
  const { request: send } = await import('node:http');
  const client = send({
    port,
    path: '/recommend/batch',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  client.on('error', () => {});
  client.end(JSON.stringify({ users: users(1000), k: 1 }));
  await expect.poll(() => asked.length, PATIENT).toBe(1);
  client.destroy();
  const connections = () =>
    new Promise((resolve) => service.app.server.getConnections((_error, count) => resolve(count)));
  await expect.poll(connections, PATIENT).toBe(0);
  open();
  // Some turns of the event loop, in which all others would be asked.
  for (let turn = 0; turn < 50; turn++) await nextTurn();
  expect(asked).toHaveLength(1);
});

it('further requests get 503 while as many as allowed are worked on; health is answered', async () => {
  const { open, asked, recommender } = held();
  service = await startService({ recommender, limits: { inFlight: 2 } });
  const get = (path: string) => request(service.url).get(path);
  const working = [get('/recommend/a?strict=true'), get('/recommend/b?strict=true')].map((one) => one.then());
  await expect.poll(() => asked.length, PATIENT).toBe(2);
  const refused = await get('/recommend/c?strict=true');
  expectProblem(refused, 503, 'overloaded', /MAX_REQUESTS_IN_FLIGHT/);
  expect(refused.headers['retry-after']).toBe('1');
  await get('/health/live').expect(200);
  open();
  await Promise.all(working);
  await get('/recommend/c?strict=true').expect(200);
});

it('a client that goes leaves its place to others', async () => {
  const { open, recommender } = held();
  open();
  service = await startService({ recommender, limits: { inFlight: 1 } });
  for (let i = 0; i < 3; i++) await request(service.url).get('/recommend/a?strict=true').expect(200);
  await request(service.url).get('/recommend/%00').expect(400);
  await request(service.url).get('/recommend/a?strict=true').expect(200);
});

it('a process that cannot keep up says so', async () => {
  service = await startService({ limits: { loopDelayMs: 1 } });
  await expect
    .poll(
      async () => {
        const until = performance.now() + 300;
        while (performance.now() < until);
        return (await request(service.url).get('/recommend/a')).status;
      },
      { ...PATIENT, interval: 100 },
    )
    .toBe(503);
  await request(service.url).get('/health/live').expect(200);
});
