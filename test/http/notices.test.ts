import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from './problem.ts';
import { rawRequest } from './raw-request.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function get(query: string) {
  const answer = await rawRequest(service.url, 'GET', `/notices?${query}`);
  return { ...answer, body: JSON.parse(answer.text) };
}

describe('GET /notices', () => {
  it('answers pages, by kind and model', async () => {
    for (const model of ['movies', 'books']) {
      await service.store.notices.add({ kind: 'drift.found', model, version: 2, data: { overlap: 0.3 } });
    }
    const first = await get('limit=1');
    expect(first.body).toMatchObject({ data: [{ kind: 'drift.found' }], nextCursor: expect.any(String) });
    const second = await get(`limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body).toMatchObject({ data: [{ data: { overlap: 0.3 } }], nextCursor: null });
    const books = await get('model=books&kind=drift.found');
    expect(books.body.data).toMatchObject([{ model: 'books', version: 2, job: null }]);
    expect((await get('kind=job.ended')).body.data).toEqual([]);
  });

  it.each([
    ['kind=job.begun', /kind must be one of.*job\.ended/],
    ['model=No%20Model', /model must be/],
    ['limit=0', /limit must be/],
    ['cursor=x', /cursor is not one that this list gave/],
    ['since=1', /since is not known here; known are kind, model/],
  ])('refuses ?%s', async (query, detail) => {
    expectProblem(await get(query), 400, 'invalid-request', detail);
  });
});
