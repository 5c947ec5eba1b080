import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from './problem.ts';
import { rawRequest } from './raw-request.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function ask(path: string, method = 'GET', headers: Record<string, string> = {}) {
  const answer = await rawRequest(service.url, method, path, { headers });
  return { ...answer, body: answer.text === '' ? {} : JSON.parse(answer.text) };
}

describe('ids in paths', () => {
  it.each([
    'user-42',
    'a/b',
    'a b',
    '🎬 film',
    '..',
    '.',
    '../../etc/passwd',
    '100%',
    '%2F',
    'a%20b',
    'q?x=1#y',
    'a+b&c=d;e',
    "'; DROP TABLE users; --",
    '中'.repeat(85),
    'x'.repeat(256),
    '%'.repeat(256),
    '__proto__',
    'constructor',
    '\u202eabc',
    '\n',
  ])('arrive as they were sent: %.30j', async (id) => {
    const answer = await ask(`/recommend/${encodeURIComponent(id).replaceAll('.', '%2e')}`);
    expect(answer.status).toBe(200);
    expect(answer.body.userId).toBe(id);
    expect(service.asked.at(-1)?.userId).toBe(id);
  });

  it('arrive as they are stored', async () => {
    const rows = ['a/b', '..', '%2F', '🎬'].map((itemId) => ({ itemId, title: itemId }));
    const headers = { 'content-type': 'application/json' };
    await rawRequest(service.url, 'POST', '/items', { headers, body: JSON.stringify({ items: rows }) });
    for (const { itemId } of rows) {
      expect((await ask(`/items/${encodeURIComponent(itemId)}`)).body.title).toBe(itemId);
    }
  });

  it.each([
    ['/recommend/a%00b', 'invalid-id', /userId contains a NUL character/],
    ['/items/%00', 'invalid-id', /itemId contains a NUL/],
    [`/recommend/${'x'.repeat(257)}`, 'invalid-id', /userId must be text of 1-256 characters; got "x+/],
    [`/users/${encodeURIComponent('é'.repeat(129))}`, 'invalid-id', /userId has 258 bytes; at most 256/],
    [`/recommend/${'x'.repeat(9000)}`, 'invalid-id', /userId must be text of 1-256 characters/],
    ['/recommend/', 'invalid-id', /userId must be text of 1-256 characters; got ""/],
    ['/recommend/%zz', 'invalid-request', /percent-encoded/],
    ['/recommend/%ff', 'invalid-request', /percent-encoded/],
    ['/recommend/%', 'invalid-request', /percent-encoded/],
    ['/recommend/%ed%a0%80', 'invalid-request', /percent-encoded/],
  ])('refused: %.30s', async (path, code, detail) => {
    expectProblem(await ask(path), 400, code, detail);
  });
});

describe('GET /recommend/:userId', () => {
  it('passes on what was asked, with defaults, and must not be cached', async () => {
    const answer = await ask('/recommend/u');
    expect(answer.headers['cache-control']).toBe('private, no-store');
    expect(answer.body).toEqual({
      userId: 'u',
      items: [{ itemId: 'film-7', score: 1.5, title: 'Toy Story (1995)' }],
      source: 'popularity',
      reason: 'This user is unknown.',
      model: null,
      recommendationId: 'rec_1',
    });
    const defaults = { k: 10, includeSeen: false, strict: false, fill: false, explain: false, diversity: 0 };
    expect(service.asked.at(-1)?.options).toEqual(defaults);
    await ask('/recommend/u?k=1000&model=movies&includeSeen=true&strict=true');
    expect(service.asked.at(-1)?.options).toEqual({
      ...defaults,
      k: 1000,
      model: 'movies',
      includeSeen: true,
      strict: true,
    });
    // One value makes a list of one.
    await ask('/recommend/u?exclude=a&category=x&category=y&fields=title&seenTypes=click');
    expect(service.asked.at(-1)?.options).toMatchObject({
      exclude: ['a'],
      category: ['x', 'y'],
      fields: ['title'],
      seenTypes: ['click'],
    });
  });

  it.each([
    ['k=0', /k must be a whole number from 1 to 1000; got 0/],
    ['k=1000000', /k must be a whole number from 1 to 1000; got 1000000/],
    ['k=abc', /k must be a whole number from 1 to 1000; got "abc"/],
    ['k=1.5', /k must be a whole number from 1 to 1000; got "1\.5"/],
    ['k=-1', /k must be a whole number from 1 to 1000; got -1/],
    ['k=', /k must be a whole number from 1 to 1000; got ""/],
    ['k=NaN', /k must be a whole number from 1 to 1000; got "NaN"/],
    ['k=5&k=6', /k must be a whole number from 1 to 1000; got a list/],
    ['model=No%20Such', /model must be a name of 1-64 small letters/],
    ['version=1.5', /version must be a version number such as 4, or an alias such as stable; got "1.5"/],
    ['exclude=', /exclude\[0\] must be text of 1-256 characters; got ""/],
    ['diversity=2', /diversity must be a number from 0 to 1; got 2/],
    ['explain=x', /explain must be true or false/],
    ['seenTypes=1', /seenTypes\[0\] must be a name of 1-64 letters/],
    ['fields=titel', /fields\[0\] must be one of title, categories, features/],
    ['filter=', /filter must be text of 1-2000 characters/],
    ['scores=percent', /scores must be one of raw, probability; got "percent"/],
    ['strict=maybe', /strict must be true or false; got "maybe"/],
    [
      'colour=red',
      /colour is not known here; known are k, model, version, task, exclude, category, filter, includeSeen, seenTypes, diversity, explain, fields, scores, strict/,
    ],
  ])('refuses ?%s', async (query, detail) => {
    expectProblem(await ask(`/recommend/u?${query}`), 400, 'invalid-request', detail);
  });
});

describe('routes that do not exist', () => {
  it('say so, with a hint where an id was probably not encoded', async () => {
    expectProblem(await ask('/nope'), 404, 'not-found', /no such route.*\/docs/);
    expectProblem(await ask('/recommend/a/b'), 404, 'not-found', /percent-encode it.*%2F/);
    expectProblem(await ask('/items/a/b/c'), 404, 'not-found', /percent-encode it/);
  });

  it('name the methods that do', async () => {
    const wrong = await ask('/interactions', 'GET');
    expectProblem(wrong, 405, 'method-not-allowed', /GET is not possible here; allowed are DELETE, POST/);
    expect(wrong.headers.allow).toBe('DELETE, POST');
    expect((await ask('/recommend/u', 'DELETE')).headers.allow).toBe('GET, HEAD');
    expect((await ask('/jobs', 'PUT', { 'content-type': 'text/plain' })).status).toBe(405);
    expect((await ask('/jobs/x/events', 'HEAD')).status).toBe(405);
  });
});

describe('requests as such', () => {
  it('get an id, or keep a harmless one of their own', async () => {
    expect((await ask('/health/live')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect((await ask('/nope', 'GET', { 'x-request-id': 'mine-1' })).body.requestId).toBe('mine-1');
    expect((await ask('/nope', 'GET', { 'x-request-id': 'a b{}' })).body.requestId).not.toBe('a b{}');
    expect((await ask('/recommend/%zz', 'GET', { 'x-request-id': 'mine-2' })).headers['x-request-id']).toBe(
      'mine-2',
    );
  });

  it('leave the ids of people out of the log', async () => {
    service.log.length = 0;
    await ask('/recommend/secret-person');
    await ask('/users/secret-person');
    await ask('/recommend/secret-person/x');
    const log = service.log.join('');
    expect(log).not.toContain('secret-person');
    expect(JSON.parse(service.log[0] as string)).toMatchObject({
      method: 'GET',
      route: '/recommend/:userId',
      status: 200,
      ms: expect.any(Number),
      requestId: expect.any(String),
    });
  });

  it('with headers that are too large are answered in the same form', async () => {
    const answer = await ask('/health/live', 'GET', { 'x-big': 'x'.repeat(20_000) });
    expect(answer.status).toBe(431);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });
});
