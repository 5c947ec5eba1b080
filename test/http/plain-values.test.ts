import request from 'supertest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { interaction } from '../serving/serving-setup.ts';
import { type LiveService, startLiveService } from './live-service.ts';

/** Beyond 2^53, where a double has other digits. */
const LONG = '9007199254740993';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
  await service.store.interactions.add([interaction('mover', 'item-1')]);
});
afterAll(() => service.close());

type Case = [route: string, method: 'post' | 'put' | 'patch', path: string, body: string];

/** Bodies of all routes that take one, with numbers for ids and null for what may be absent. */
const BODIES: Case[] = [
  [
    'interactions',
    'post',
    '/interactions',
    `{"interactions": [{"userId": ${LONG}, "itemId": 7, "type": "click", "value": null, "eventId": 8, "context": null}]}`,
  ],
  ['items', 'post', '/items', `{"items": [{"itemId": ${LONG}, "title": null, "features": null}]}`],
  ['users', 'post', '/users', `{"users": [{"userId": ${LONG}, "features": null}]}`],
  ['one item', 'put', `/items/${LONG}`, `{"itemId": ${LONG}, "title": null}`],
  ['one item without its id', 'put', '/items/7', '{"itemId": null, "categories": null}'],
  ['a change of an item', 'patch', '/items/7', '{"title": null}'],
  ['one user', 'put', '/users/7', '{"userId": 7, "features": null}'],
  [
    'a session',
    'post',
    '/recommend',
    `{"userId": ${LONG}, "interactions": [{"itemId": 7, "type": null, "value": null, "timestamp": null}], "exclude": [7], "k": null, "model": null, "filter": null}`,
  ],
  ['several users', 'post', '/recommend/batch', `{"users": [7, ${LONG}], "k": null}`],
  ['a ranking', 'post', '/rank', `{"userId": 7, "items": [7, ${LONG}], "interactions": null, "task": null}`],
  [
    'a rule',
    'post',
    '/rules',
    `{"action": "hide", "items": [7, ${LONG}], "categories": null, "model": null, "from": null}`,
  ],
  ['a merge', 'post', '/users/mover/merge', `{"into": ${LONG}1}`],
  ['a merge into a short one', 'post', `/users/${LONG}1/merge`, '{"into": 77}'],
  ['a type', 'put', '/event-types/wave', '{"meaning": "positive", "weight": null, "scale": null}'],
  [
    'a job',
    'post',
    '/jobs',
    '{"model": "movies", "teacher": null, "dataset": {"since": null, "types": null, "split": null}}',
  ],
  [
    'a schedule',
    'post',
    '/schedules',
    '{"name": "nightly", "job": {"model": "movies", "teacher": null}, "afterInteractions": null, "cron": "0 3 * * *", "timeZone": null}',
  ],
];

it.each(BODIES)('%s: numbers are ids, and null is absent', async (_, method, path, body) => {
  const type = method === 'patch' ? 'application/merge-patch+json' : 'application/json';
  const answer = await request(service.url)[method](path).set('content-type', type).send(body);
  // Too little data is no matter of the form.
  const isFine = answer.status < 300 || answer.body.code === 'not-enough-data';
  expect(isFine ? 'fine' : answer.body.detail).toBe('fine');
});

it('keeps every digit', async () => {
  const { body } = await request(service.url).get(`/users/${LONG}/interactions`).expect(200);
  expect(body.data).toMatchObject([{ userId: LONG, itemId: '7', eventId: '8' }]);
  await request(service.url).get(`/items/${LONG}`).expect(200);
  const moved = await request(service.url).get('/users/77/interactions').expect(200);
  expect(moved.body.data).toMatchObject([{ userId: '77', itemId: 'item-1' }]);
  const ranked = await request(service.url)
    .post('/rank')
    .set('content-type', 'application/json')
    .send(`{"items": [${LONG}]}`);
  // By the rule that was made above.
  expect(ranked.body.leftOut).toEqual([{ itemId: LONG, reason: 'hidden-by-rule' }]);
});

it('takes lines of JSON with the same digits, and refuses what is no whole number', async () => {
  const post = (line: string) =>
    request(service.url)
      .post('/interactions?results=summary')
      .set('content-type', 'application/x-ndjson')
      .buffer()
      .send(line);
  const line = `{"userId": "lines", "itemId": ${LONG}, "type": "click"}\n`;
  expect(JSON.parse((await post(line)).text)).toMatchObject({ summary: { stored: 1 } });
  const { body } = await request(service.url).get('/users/lines/interactions').expect(200);
  expect(body.data[0].itemId).toBe(LONG);
  for (const id of ['1.5', '1e300', 'true'])
    expect((await post(line.replace(LONG, id))).body.detail).toMatch(
      /itemId (must be text|is a number beyond)/,
    );
  const session = await request(service.url).post('/recommend').send({ userId: 1.5 }).expect(400);
  expect(session.body.detail).toMatch(/userId must be text/);
});

it('takes ratings of a session by their declared scale', async () => {
  const ask = () =>
    request(service.url)
      .post('/recommend')
      .send({ interactions: [{ itemId: 'item-1', type: 'rating', value: 0.5 }] });
  expect((await ask()).body.detail).toBe(
    'interactions[0].value must be a number from 1 to 5 when type is rating.',
  );
  const scale = { min: 0.5, max: 5, step: 0.5, likedFrom: 4 };
  await request(service.url).put('/event-types/rating').send({ scale }).expect(200);
  expect((await ask()).status).toBe(200);
});
