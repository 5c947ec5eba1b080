import { afterAll, beforeAll, expect, it } from 'vitest';
import { item } from '../helpers/store.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
  await service.store.catalogue.putItems([item('film/7')]);
});
afterAll(() => service.close());

async function send(method: string, path: string, body?: unknown) {
  const answer = await fetch(service.url + path, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

it.each([
  ['/items/film%2F7', { availableFrom: '2026-03-01T12:00:00.000Z', features: { none: null, year: 1995 } }],
  ['/items/film%2F7', {}],
  ['/users/ann', { features: { tags: ['x'], none: null } }],
  ['/event-types/stars', { meaning: 'positive', scale: { min: 0, max: 10, likedFrom: 7 } }],
  ['/event-types/wave', { meaning: 'negative', kind: 'hello' }],
])('PUT %s takes what GET gives of %o', async (path, body) => {
  expect((await send('PUT', path, body)).status).toBe(200);
  const { body: given } = await send('GET', path);
  const again = await send('PUT', path, given);
  expect(again.status).toBe(200);
  const { updatedAt: _, ...kept } = given;
  expect(again.body).toMatchObject(kept);
});

it.each([
  ['/rules', 'id', { action: 'pin', items: ['film/7'], position: 2, until: '2036-03-01T12:00:00Z' }],
  ['/rules', 'id', { action: 'hide', categories: ['Horror'] }],
  ['/rules', 'id', { action: 'boost', items: ['film/7'], factor: 2, model: 'movies' }],
  [
    '/schedules',
    'id',
    { name: 'nightly', cron: '0 3 * * *', timeZone: 'Europe/Berlin', job: { model: 'movies' } },
  ],
  ['/schedules', 'id', { afterInteractions: 3, paused: true, job: { model: 'movies' } }],
])('POST %s takes what GET gives, as a new one', async (path, id, body) => {
  const first = await send('POST', path, body);
  expect(first.status).toBe(201);
  const { body: given } = await send('GET', `${path}/${first.body[id]}`);
  const again = await send('POST', path, given);
  expect(again.status).toBe(201);
  const { id: _, createdAt: __, ...kept } = given;
  expect(again.body).toMatchObject(kept);
  expect(again.body.id).not.toBe(given.id);
});

it.each([
  ['PUT', '/items/film%2F7', { itemId: 'another' }, /itemId in the body is not the one in the path/],
  [
    'PUT',
    '/event-types/stars',
    { type: 'wave', meaning: 'positive' },
    /type in the body is not the one in the path/,
  ],
  ['PUT', '/event-types/stars', { meaning: 'positive', since: 1 }, /since is not known here/],
  ['POST', '/rules', { action: 'hide', items: ['film/7'], updatedAt: 'x' }, /updatedAt is not known here/],
  [
    'POST',
    '/schedules',
    { cron: '0 3 * * *', job: { model: 'movies' }, nextRun: 'x' },
    /nextRun is not known here/,
  ],
  [
    'POST',
    '/schedules',
    { cron: '0 3 * * *', job: { model: 'movies' }, paused: 'yes' },
    /paused must be true or false/,
  ],
])('%s %s refuses %o', async (method, path, body, detail) => {
  const answer = await send(method, path, body);
  expect(answer.status).toBe(400);
  expect(answer.body.detail).toMatch(detail);
});
