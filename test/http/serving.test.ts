import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { readingWeights, sampleWeights } from '../artifact/sample-student.ts';
import { eventually } from '../helpers/eventually.ts';
import { interaction, truncate } from '../serving/serving-setup.ts';
import { randomRequest } from './fuzz-requests.ts';
import { ITEMS, type LiveService, startLiveService } from './live-service.ts';
import { expectProblem } from './problem.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

const get = (path: string) => request(service.url).get(path);
const post = (path: string, body: object) => request(service.url).post(path).send(body);
const idsOf = (answer: { body: { items: { itemId: string }[] } }) =>
  answer.body.items.map(({ itemId }) => itemId);

describe('GET /recommend/:userId', () => {
  it('answers the plain question from memory as it answers any other', async () => {
    const general = await get('/recommend/u?k=7&fields=title').expect(200);
    await get('/recommend/u?k=7').expect(200);
    const { history } = service.store.interactions;
    service.store.interactions.history = () => Promise.reject(new Error('nobody should ask'));
    const quick = await get('/recommend/u?k=7').expect(200);
    service.store.interactions.history = history;
    expect(quick.headers['content-type']).toMatch(/^application\/json/);
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(quick.body).toEqual({ ...general.body, recommendationId: id });
    expect(quick.headers['cache-control']).toBe('private, no-store');
  });

  it('says what took how long', async () => {
    for (const path of ['/recommend/u', '/recommend/u?explain=true']) {
      const { headers } = await get(path);
      expect(headers['server-timing']).toMatch(
        /^history;dur=[\d.e-]+, vector;dur=[\d.e-]+, scan;dur=[\d.e-]+, total;dur=[\d.e-]+$/,
      );
    }
  });

  it('counts an interaction of a moment ago, accepted here', async () => {
    for (let i = 0; i < 20; i++) {
      const [first] = idsOf(await get('/recommend/reader?k=1'));
      await post('/interactions', { interactions: [{ userId: 'reader', itemId: first, type: 'click' }] });
      expect(idsOf(await get('/recommend/reader?k=50'))).not.toContain(first);
    }
  });

  it('counts what another process stored when its signal comes, and at once while no signals are heard', async () => {
    await get('/recommend/u?k=3');
    const [first, second] = idsOf(await get('/recommend/u?k=3'));
    // Past the announcing store, as another process does it.
    await service.setup.store.interactions.add([interaction('u', first!)]);
    await service.signals.publish({ kind: 'histories', users: ['u'] });
    expect(idsOf(await get('/recommend/u?k=3'))).not.toContain(first);
    service.signals.gone = true;
    await service.setup.store.interactions.add([interaction('u', second!)]);
    expect(idsOf(await get('/recommend/u?k=3'))).not.toContain(second);
    service.signals.gone = false;
  });

  it('shows new titles and hides hidden items at once', async () => {
    const [first] = idsOf(await get('/recommend/u?k=1'));
    await post('/items', { items: [{ itemId: first, title: 'Renamed' }] });
    expect((await get('/recommend/u?k=1')).body.items[0].title).toBe('Renamed');
    await post('/items', { items: [{ itemId: first, hidden: true }] });
    expect(idsOf(await get('/recommend/u?k=1'))).not.toContain(first);
    await post('/items', {
      items: [{ itemId: first, title: `Film "${first!.slice(5)}"`, categories: ['Odd'] }],
    });
  });

  it.each([
    ['filter=number%20%3E', 'invalid-request', /^filter, at character 9: it ends, expected a number/],
    [
      'filter=number%20%3E%20%27',
      'invalid-request',
      /^filter, at character 10: the ' that begins here is never closed/,
    ],
    ['task=clicks', 'invalid-request', /^task must be one of default/],
  ])('refuses ?%s', async (query, code, detail) => {
    expectProblem(await get(`/recommend/u?${query}`), 400, code, detail);
  });

  it('says that a version is not there, or cannot be used', async () => {
    expectProblem(await get('/recommend/u?version=99'), 404, 'not-found', /has no version 99/);
    const broken = await service.setup.publish(
      'broken',
      sampleWeights(5, 2),
      truncate('weights.safetensors'),
    );
    const answer = await get(`/recommend/u?model=broken&version=${broken.version}`);
    expectProblem(answer, 409, 'conflict', /cannot be used: weights.safetensors is truncated/);
  });
});

describe('POST /recommend', () => {
  it('answers a session that nobody knows, and stores nothing of it', async () => {
    const interactions = [{ itemId: 'item-3' }, { itemId: 'item-9', type: 'view' }];
    const answer = await post('/recommend?', {
      model: 'movies',
      k: 4,
      interactions,
      userFeatures: { age: 3 },
    }).expect(200);
    expect(answer.body).toMatchObject({ userId: null, source: 'student' });
    expect(idsOf(answer)).toHaveLength(4);
    expect(answer.headers['cache-control']).toBe('private, no-store');
  });

  it.each([
    [
      { interactions: [{ itemId: 'a', type: 'rating' }] },
      /^interactions\[0\].value must be a number from 1 to 5/,
    ],
    [{ interactions: [{ itemId: 'a', timestamp: 'soon' }] }, /^interactions\[0\].timestamp must be a time/],
    [{ interactions: [{ itemId: 'a', timestamp: '2999-01-01T00:00:00Z' }] }, /not in the future/],
    [{ interactions: [{}] }, /^interactions\[0\].itemId is missing/],
    [{ interactions: 'x' }, /^interactions must be a list/],
    [{ k: '5' }, /^k must be a whole number/],
    [{ kk: 5 }, /^kk is not known here/],
  ])('refuses %j', async (body, detail) => {
    expectProblem(await post('/recommend', { model: 'movies', ...body }), 400, 'invalid-request', detail);
  });

  it('refuses an id that cannot be one', async () => {
    const answer = await post('/recommend', { model: 'movies', userId: 'a\u0000' });
    expectProblem(answer, 400, 'invalid-id', /userId contains a NUL/);
  });
});

describe('POST /recommend for a model that goes by the order', () => {
  const session = (...ids: number[]) =>
    post('/recommend', { model: 'next', k: 10, interactions: ids.map((id) => ({ itemId: `item-${id}` })) });

  beforeAll(async () => {
    await service.setup.publish('next', readingWeights(ITEMS));
    await eventually('the model is live', async () => (await session(1)).status === 200);
  });

  it('reads a session from the oldest to the newest, and only the last places', async () => {
    const there = await session(1, 2, 3).expect(200);
    const back = await session(3, 2, 1).expect(200);
    expect(there.body).toMatchObject({ source: 'student', model: { name: 'next' } });
    expect(new Set(idsOf(there))).not.toContain('item-2');
    const scores = (answer: typeof there) => answer.body.items.map(({ score }: { score: number }) => score);
    expect(scores(there)).not.toEqual(scores(back));
    expect(scores(await session(1, 2, 3))).toEqual(scores(there));
    // Four places: what was before them is seen, and says nothing.
    const short = await session(4, 5, 6, 7).expect(200);
    const long = await session(9, 8, 4, 5, 6, 7).expect(200);
    const expected = idsOf(short).filter((id) => !['item-8', 'item-9'].includes(id));
    expect(idsOf(long).slice(0, expected.length)).toEqual(expected);
  });

  it('says of a stored history what it says of the same session', async () => {
    const stored = [11, 12, 13].map((id, i) =>
      interaction('walker', `item-${id}`, { timestamp: 1_700_000_000_000 + i }),
    );
    await service.store.interactions.add(stored);
    const { body } = await get('/recommend/walker?model=next&k=10').expect(200);
    expect((await session(11, 12, 13)).body.items).toEqual(body.items);
  });

  it('puts a session behind what is stored of its user', async () => {
    const answer = await post('/recommend', {
      model: 'next',
      userId: 'walker',
      k: 10,
      interactions: [{ itemId: 'item-14' }],
    }).expect(200);
    expect(answer.body.items).toEqual((await session(11, 12, 13, 14)).body.items);
    expect((await get('/recommend/walker?model=next&k=10')).body.items).not.toEqual(answer.body.items);
  });
});

describe('POST /recommend/batch', () => {
  it('answers each user in order, and says of each what is wrong with it', async () => {
    const users = ['u', 'nobody', '', 'x'.repeat(300)];
    const { body } = await post('/recommend/batch', { model: 'movies', users, k: 2, strict: true }).expect(
      200,
    );
    expect(body.results.map((result: { userId: string }) => result.userId)).toEqual(users);
    expect(body.results[0].items).toHaveLength(2);
    expect(body.results.slice(1).map((result: { problem: { code: string } }) => result.problem.code)).toEqual(
      ['not-found', 'invalid-id', 'invalid-id'],
    );
  });

  it('refuses what is wrong for everybody', async () => {
    const users = ['nobody'];
    const batch = (body: object) => post('/recommend/batch', { model: 'movies', users, ...body });
    expectProblem(await batch({ filter: 'a >' }), 400, 'invalid-request', /^filter, at character 4/);
    expectProblem(await batch({ users: [] }), 400, 'invalid-request', /at least 1 entry/);
    expectProblem(await batch({ users: Array(1001).fill('u') }), 400, 'invalid-request', /at most 1000/);
    expectProblem(await batch({ model: 'films' }), 404, 'not-found', /no model "films"/);
  });
});

describe('GET /similar/:itemId and POST /rank', () => {
  it('answer, with the model named', async () => {
    const similar = await get('/similar/item-5?k=3&model=movies&category=Odd&fields=categories').expect(200);
    expect(similar.body.items).toHaveLength(3);
    for (const found of similar.body.items) expect(found.categories).toEqual(['Odd']);
    const rank = await post('/rank', {
      model: 'movies',
      userId: 'u',
      items: ['item-1', 'zzz', 'item-2'],
    }).expect(200);
    expect(rank.body).toMatchObject({
      source: 'student',
      unknown: ['zzz'],
      model: { name: 'movies', version: 1 },
    });
    expect(idsOf(rank).sort()).toEqual(['item-1', 'item-2']);
  });

  it('refuse bad input', async () => {
    expectProblem(
      await get('/similar/zzz?model=movies'),
      404,
      'not-found',
      /nor the catalogue knows the item "zzz"/,
    );
    expectProblem(await get('/similar/item-1?k=0'), 400, 'invalid-request', /^k must be/);
    expectProblem(await get('/similar/item-1?diversity=1'), 400, 'invalid-request', /diversity is not known/);
    expectProblem(await post('/rank', { userId: 'u' }), 400, 'invalid-request', /^items is missing/);
    expectProblem(await post('/rank', { items: [] }), 400, 'invalid-request', /at least 1 entry/);
  });
});

describe('/rules', () => {
  it('hold from the next request on until they are deleted', async () => {
    const [first] = idsOf(await get('/recommend/u?k=1&model=movies'));
    const added = await post('/rules', { action: 'hide', items: [first] }).expect(201);
    expect(added.headers.location).toBe(`/rules/${added.body.id}`);
    expect(idsOf(await get('/recommend/u?k=1&model=movies'))).not.toContain(first);
    expect((await get('/rules')).body.data).toEqual([added.body]);
    expect((await get(added.headers.location!)).body).toEqual(added.body);
    await request(service.url).delete(added.headers.location!).expect(204);
    expect(idsOf(await get('/recommend/u?k=1&model=movies'))).toContain(first);
    expectProblem(await get(added.headers.location!), 404, 'not-found', /no rule/);
    expectProblem(await request(service.url).delete('/rules/x'), 404, 'not-found', /no rule "x"/);
  });

  it.each([
    [{ action: 'hide' }, /^items or categories must name something/],
    [{ action: 'drop', items: ['a'] }, /^action must be one of pin, hide, boost/],
    [{ action: 'boost', items: ['a'] }, /^factor is missing/],
    [{ action: 'hide', items: ['a'], amount: 1 }, /^amount belongs to boost/],
    [{ action: 'hide', items: ['a'], position: 1 }, /^position belongs to pin/],
    [{ action: 'pin', categories: ['a'] }, /^categories cannot be pinned/],
    [{ action: 'pin', items: ['a'], position: 0 }, /^position must be a whole number/],
    [{ action: 'hide', items: ['a'], from: 'x' }, /^from must be a time/],
    [{ action: 'hide', items: ['a'], from: '2026-02-01', until: '2026-01-01' }, /^until must be later/],
  ])('refuse %j', async (body, detail) => {
    expectProblem(await post('/rules', body), 400, 'invalid-request', detail);
  });
});

describe('aliases and files of a model', () => {
  const alias = '/models/movies/aliases/stable';
  const put = (body: object, headers: Record<string, string> = {}) =>
    request(service.url).put(alias).set(headers).send(body);

  it('promote and roll back, and never over a change that the caller has not seen', async () => {
    await service.setup.publish('movies', sampleWeights(ITEMS, 8, 2));
    const { etag } = (await get(alias).expect(200)).headers;
    const back = await put({ version: 1 }, { 'if-match': etag! }).expect(200);
    expect(back.body).toMatchObject({ model: 'movies', alias: 'stable', version: 1 });
    expectProblem(await put({ version: 2 }, { 'if-match': etag! }), 412, 'precondition-failed', /If-Match/);
    expectProblem(
      await put({ version: 2 }, { 'if-none-match': '*' }),
      412,
      'precondition-failed',
      /there already/,
    );
    await put({ version: 2 }, { 'if-match': back.headers.etag! }).expect(200);
    await eventually(
      'version 2 is live',
      async () => (await get('/recommend/u?model=movies')).body.model.version === 2,
    );
    await put({ version: 1 }).expect(200);
    await eventually(
      'version 1 is live',
      async () => (await get('/recommend/u?model=movies')).body.model.version === 1,
    );
  });

  it('refuse bad input', async () => {
    expectProblem(await put({ version: 99 }), 404, 'not-found', /has no version 99/);
    expectProblem(
      await put({ version: 'latest' }),
      400,
      'invalid-request',
      /^version must be a whole number/,
    );
    expectProblem(await get('/models/movies/aliases/none'), 404, 'not-found', /has no alias "none"/);
    expectProblem(await get('/models/movies/aliases/1x'), 400, 'invalid-request', /^alias must be/);
  });

  it('are downloaded whole, in part, or not again', async () => {
    const file = '/models/movies/versions/1/files/weights.safetensors';
    const whole = await get(file).buffer(true).expect(200);
    const sha256 = createHash('sha256').update(whole.body).digest('hex');
    expect(whole.headers.etag).toBe(`"${sha256}"`);
    const manifest = JSON.parse((await get('/models/movies/versions/1/files/manifest.json')).text);
    expect(manifest.files['weights.safetensors'].sha256).toBe(sha256);
    const part = await get(file).set('range', 'bytes=10-19').expect(206);
    expect(part.body).toEqual(whole.body.subarray(10, 20));
    expect(part.headers['content-range']).toBe(`bytes 10-19/${whole.body.length}`);
    await get(file).set('if-none-match', whole.headers.etag!).expect(304);
    expectProblem(
      await get(file).set('range', 'bytes=99999999-'),
      416,
      'range-not-satisfiable',
      /has \d+ bytes/,
    );
    expectProblem(await get('/models/movies/versions/1/files/x'), 404, 'not-found', /it has manifest.json/);
    expectProblem(await get('/models/movies/versions/1/files/..%2Fx'), 404, 'not-found', /has no file/);
  });
});

describe('GET /models/:name/online', () => {
  it('counts the recommendations that were served and what came of them, by version', async () => {
    await service.servedLog.flush();
    const before = (await get('/models/movies/online')).body.versions.find(
      (v: { version: number }) => v.version === 1,
    );
    const shown = await get('/recommend/u?k=4&model=movies');
    await get('/recommend/u?k=4&model=movies&explain=true');
    const { recommendationId } = shown.body;
    const [first] = idsOf(shown);
    const click = (itemId: string) => ({ userId: 'clicker', itemId, type: 'click', recommendationId });
    await post('/interactions', {
      interactions: [click(first!), click(first!), click('item-not-shown')],
    }).expect(200);
    await service.servedLog.flush();
    const { body } = await get('/models/movies/online?days=7').expect(200);
    const after = body.versions.find((v: { version: number }) => v.version === 1);
    expect(after.served - before.served).toBe(2);
    expect(after.clicked - before.clicked).toBe(1);
    expect(after.itemsShown - before.itemsShown).toBe(8);
    expect(after.itemsClicked - before.itemsClicked).toBe(1);
    expect(after.clickThroughRate).toBe(after.clicked / after.served);
    expect(body).toMatchObject({ traffic: null, experiment: null });
    expect(body.byDay).toBeUndefined();
    const { byDay } = (await get('/models/movies/online?byDay=true').expect(200)).body;
    const shownOnAll = byDay.flatMap((one: { versions: { served: number }[] }) => one.versions);
    const sum = (rows: { served: number }[]) => rows.reduce((total, row) => total + row.served, 0);
    expect(sum(shownOnAll)).toBe(sum(body.versions));
    expect(byDay[0].day).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  it('refuses bad input', async () => {
    expectProblem(await get('/models/films/online'), 404, 'not-found', /no model "films"/);
    expectProblem(await get('/models/movies/online?days=0'), 400, 'invalid-request', /^days must be/);
    const row = { userId: 'a', itemId: 'b', type: 'click', recommendationId: '' };
    expectProblem(
      await post('/interactions', { interactions: [row] }),
      422,
      'invalid-rows',
      /recommendationId/,
    );
  });
});

it('answers 600 random questions without one 5xx', async () => {
  const rng = createRng(7);
  for (let i = 0; i < 600; i++) {
    const { method, path, body } = randomRequest(rng, ITEMS);
    const { statusCode, payload } = await service.app.inject({
      method,
      url: path,
      ...(body && { payload: body }),
    });
    expect(statusCode, `${method} ${path} ${JSON.stringify(body)}: ${payload}`).toBeLessThan(500);
  }
});
