import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const post = (path: string, body: object) => request(service.url).post(path).send(body);

describe('items', () => {
  it('are stored, replaced and read with every field', async () => {
    const item = {
      itemId: 'film/7 ü',
      title: 'Toy Story (1995)',
      categories: ['Animation'],
      labels: ['family'],
      features: { year: 1995, nested: { deep: [1, null, { x: true }] } },
      hidden: true,
      availableFrom: '2026-01-01T00:00:00Z',
    };
    await post('/items', { items: [{ itemId: item.itemId, title: 'Old' }] }).expect(200, {
      accepted: 1,
      rejected: [],
    });
    const answer = await post('/items', { items: [item, { title: 'no id' }] }).expect(200);
    expect(answer.body).toEqual({
      accepted: 1,
      rejected: [{ index: 1, reason: expect.stringMatching(/^itemId is missing/) }],
    });
    const read = await request(service.url)
      .get(`/items/${encodeURIComponent(item.itemId)}`)
      .expect(200);
    expect(read.body).toEqual({ ...item, availableFrom: '2026-01-01T00:00:00.000Z', availableUntil: null });
  });

  it('are refused with 422 when none is good, and 404 when unknown', async () => {
    const answer = await post('/items', { items: [{ itemId: '' }, { itemId: 'a', price: 1 }] });
    expectProblem(
      answer,
      422,
      'invalid-rows',
      /None of the 2 rows could be stored\. Row 0: itemId must be .*; got ""/,
    );
    expect(answer.body).toMatchObject({ accepted: 0, rejected: [{ index: 0 }, { index: 1 }] });
    expectProblem(await request(service.url).get('/items/none'), 404, 'not-found', /no item "none"/);
    expectProblem(
      await post('/items', { users: [] }),
      400,
      'invalid-request',
      /items is missing|users is not known/,
    );
  });
});

describe('users', () => {
  it('are stored, read, and refused by row', async () => {
    const lines = '{"userId":"ann","features":{"age":24}}\n{"userId":7}\n{"userId":true}\n';
    const answer = await request(service.url)
      .post('/users')
      .type('application/x-ndjson')
      .send(lines)
      .expect(200);
    expect(answer.body).toEqual({
      accepted: 2,
      rejected: [{ index: 2, reason: expect.stringMatching(/^userId must be .*; got true/) }],
    });
    const read = await request(service.url)
      .get('/users/ann')
      .expect(200, { userId: 'ann', features: { age: 24 } });
    expect(read.headers['cache-control']).toBe('private, no-store');
    expectProblem(await request(service.url).get('/users/bob'), 404, 'not-found', /no user "bob"/);
  });
});
