import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const http = () => request(service.url);
const patch = (path: string, body: object) =>
  http().patch(path).type('application/merge-patch+json').send(JSON.stringify(body));

it('an item is changed only as it was read, where the request says so', async () => {
  const path = '/items/conditional';
  const put = (tag: Record<string, string>, title: string) => http().put(path).set(tag).send({ title });
  const stale = /^The item is not what If-Match says; read it again\.$/;
  expectProblem(await put({ 'if-match': '*' }, 'none yet'), 412, 'precondition-failed', stale);
  await put({ 'if-none-match': '*' }, 'first').expect(200);
  const taken = /^The item is there already/;
  expectProblem(await put({ 'if-none-match': '*' }, 'again'), 412, 'precondition-failed', taken);
  const tag = (await http().get(path).expect(200)).headers.etag as string;
  await put({ 'if-match': `"other", ${tag}` }, 'second').expect(200);
  expectProblem(await put({ 'if-match': tag }, 'third'), 412, 'precondition-failed', stale);
  const refused = await patch(path, { title: 'third' }).set('if-match', tag);
  expectProblem(refused, 412, 'precondition-failed', stale);
  const { body, headers } = await http().get(path).expect(200);
  expect(body.title).toBe('second');
  // As some clients send it, without the mark of a weak tag.
  await patch(path, { title: 'third' }).set('if-match', headers.etag!.slice(2)).expect(200);
  const gone = (condition: string) => http().delete(path).set('if-match', condition);
  expectProblem(await gone(headers.etag!), 412, 'precondition-failed', stale);
  const present = await http().get(path).expect(200);
  expect(present.body.title).toBe('third');
  await gone(`"other", ${present.headers.etag}`).expect(204);
  expectProblem(await gone('*'), 404, 'not-found', /conditional/);
});

describe('one item', () => {
  const path = `/items/${encodeURIComponent('film/7')}`;

  it('is put, patched, listed and deleted', async () => {
    const put = await http()
      .put(path)
      .send({
        title: 'Toy Story',
        categories: ['Animation'],
        features: { year: 1995, stars: { a: 1, b: 2 } },
      })
      .expect(200);
    expect(put.body).toMatchObject({ itemId: 'film/7', title: 'Toy Story', hidden: false, labels: [] });

    const patched = await patch(path, {
      title: null,
      labels: ['old'],
      features: { year: 1996, stars: { a: null } },
      availableFrom: '2026-01-01T00:00:00Z',
    }).expect(200);
    expect(patched.body).toMatchObject({
      title: null,
      categories: ['Animation'],
      labels: ['old'],
      features: { year: 1996, stars: { b: 2 } },
      availableFrom: '2026-01-01T00:00:00.000Z',
    });
    await patch(path, { availableFrom: null }).expect(200);
    const read = await http().get(path).expect(200);
    expect(read.body).toEqual({ ...patched.body, availableFrom: null });

    const list = await http().get('/items?category=Animation&label=old&hidden=false').expect(200);
    expect(list.body).toEqual({ data: [read.body], nextCursor: null });
    await http().delete(path).expect(204);
    expectProblem(await http().get(path), 404, 'not-found', /film\/7/);
    expectProblem(await http().delete(path), 404, 'not-found', /film\/7/);
    expectProblem(await patch(path, { hidden: true }), 404, 'not-found', /film\/7/);
    expect((await http().get('/items').expect(200)).body.data).toEqual([]);
  });

  it.each([
    ['put', { hidden: 'yes' }, /hidden must be true or false; got "yes"/],
    ['put', { itemId: 'other' }, /itemId in the body is not the one in the path/],
    ['put', { price: 5 }, /price is not known here/],
    ['put', { availableFrom: '2026-01-02', availableUntil: '2026-01-01' }, /later than availableFrom/],
    ['patch', { categories: 'Animation' }, /categories must be a list.*; got "Animation"/],
    ['patch', { itemId: 'other' }, /itemId in the body is not the one in the path/],
    ['patch', { features: [1] }, /features must be an object.*; got a list/],
  ] as const)('refuses %s %j', async (method, body, reason) => {
    await http().put('/items/bad').send({}).expect(200);
    expectProblem(await http()[method]('/items/bad').send(body), 400, 'invalid-request', reason);
    expect((await http().get('/items/bad').expect(200)).body).toMatchObject({ categories: [], features: {} });
  });

  it('refuses what is no object, no JSON, no known list', async () => {
    expectProblem(await http().put('/items/x').send([1]), 400, 'invalid-request', /object/);
    expectProblem(
      await http().put('/items/x').type('application/json').send('{"title":'),
      400,
      'malformed-json',
      /./,
    );
    expectProblem(await http().get('/items?cursor=abc'), 400, 'invalid-request', /cursor/);
    expectProblem(await http().get('/items?limit=0'), 400, 'invalid-request', /limit/);
    expectProblem(await http().get('/items?title=%20'), 400, 'invalid-request', /title must be text/);
    expectProblem(await http().get('/items?itemId='), 400, 'invalid-request', /itemId/);
    expectProblem(await http().get('/items?colour=red'), 400, 'invalid-request', /colour/);
    expectProblem(await http().put('/items/a%00b').send({}), 400, 'invalid-id', /NUL/);
  });
});

describe('one user', () => {
  it('is put, patched and listed', async () => {
    await http()
      .put('/users/ann')
      .send({ features: { age: 24, city: 'Bern' } })
      .expect(200);
    const answer = await patch('/users/ann', { features: { age: 25, city: null } }).expect(200);
    expect(answer.body).toEqual({ userId: 'ann', features: { age: 25 } });
    expect((await http().get('/users').expect(200)).body).toEqual({ data: [answer.body], nextCursor: null });
    expectProblem(await patch('/users/bob', { features: {} }), 404, 'not-found', /bob/);
    expectProblem(
      await http().put('/users/ann').send({ features: 7 }),
      400,
      'invalid-request',
      /features must be an object.*; got 7/,
    );
  });
});

describe('deleting', () => {
  const post = (interactions: object[]) => http().post('/interactions').send({ interactions }).expect(200);

  it('a user erases them and answers with a receipt', async () => {
    await http()
      .put('/users/eve')
      .send({ features: { age: 30 } })
      .expect(200);
    await post([{ userId: 'eve', itemId: 'a', type: 'click' }]);
    const receipt = (await http().delete('/users/eve').expect(200)).body;
    expect(receipt).toMatchObject({ what: 'user', interactions: 1 });
    expectProblem(await http().get('/users/eve'), 404, 'not-found', /eve/);
    expect((await http().get('/users/eve/interactions').expect(200)).body.data).toEqual([]);
    const { id, at, what, interactions } = receipt;
    const { body } = await http().get('/deletions').expect(200);
    expect(body.data[0]).toEqual({ id, at, what, interactions });
    expectProblem(await http().delete('/users/eve'), 404, 'not-found', /eve/);
  });

  it('interactions needs a filter, and says how many went', async () => {
    expectProblem(await http().delete('/interactions'), 400, 'invalid-request', /userId, itemId, type/);
    expectProblem(await http().delete('/interactions?user=x'), 400, 'invalid-request', /user/);
    expectProblem(await http().delete('/interactions?type=9'), 400, 'invalid-request', /type/);
    await post([
      { userId: 'zoe', itemId: 'a', type: 'click' },
      { userId: 'zoe', itemId: 'b', type: 'click' },
    ]);
    const gone = await http().delete('/interactions?userId=zoe&itemId=a').expect(200);
    expect(gone.body).toMatchObject({ interactions: 1, what: 'interactions by userId and itemId' });
    const rest = await http().get('/users/zoe/interactions').expect(200);
    expect(rest.body.data.map((row: { itemId: string }) => row.itemId)).toEqual(['b']);
  });
});
