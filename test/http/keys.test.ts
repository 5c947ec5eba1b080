import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/domain/keys/key-text.ts';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

const BOSS = 'boss';
const hash = sha256(BOSS).toString('hex');
let now = Date.parse('2026-03-01T12:00:00Z');
let service: Service;
beforeEach(async () => {
  now = Date.parse('2026-03-01T12:00:00Z');
  service = await startService({ apiKeys: parseApiKeys(`${hash}:admin`), now: () => now });
});
afterEach(() => service.close());

type Method = 'get' | 'post' | 'put' | 'delete';
const send = (method: Method, url: string, key = BOSS) =>
  request(service.url)[method](url).set('authorization', `Bearer ${key}`);
const make = async (body: object) => (await send('post', '/keys').send(body).expect(201)).body;
const EVENT = { userId: 'ada', itemId: '3', type: 'click', timestamp: 1_700_000_000 };

describe('keys', () => {
  it('are shown once, hold at once, and are listed without what would let anybody in', async () => {
    const answer = await send('post', '/keys').send({ name: 'reader', scopes: ['read'] });
    expect(answer.headers).toMatchObject({
      location: `/keys/${answer.body.id}`,
      'cache-control': 'no-store',
    });
    const { key, ...view } = answer.body;
    expect(key).toMatch(new RegExp(`^sh_${view.id}_[\\w-]{43}$`));
    expect(view).toMatchObject({ source: 'made', createdBy: hash.slice(0, 12), expiresAt: null });
    await send('get', '/recommend/ada', key).expect(200);
    expectProblem(await send('get', '/keys', key), 403, 'forbidden', /scope admin; yours has read/);
    const { body } = await send('get', '/keys').expect(200);
    expect(body.data).toEqual([view, expect.objectContaining({ id: hash.slice(0, 12), source: 'setting' })]);
    const [, , secret] = key.split('_');
    const everywhere = JSON.stringify([await service.store.keys.list(), service.log, body]);
    expect(everywhere).not.toContain(secret);
  });

  it('are refused when they are deleted or expired', async () => {
    const gone = await make({ name: 'gone', scopes: ['read'] });
    await send('delete', `/keys/${gone.id}`).expect(204);
    expectProblem(await send('get', '/stats', gone.key), 401, 'unauthorized', /not known/);
    const short = await make({ name: 'short', scopes: ['read'], expiresAt: '2026-03-01T13:00:00Z' });
    await send('get', '/stats', short.key).expect(200);
    now += 3_600_000;
    expectProblem(await send('get', '/stats', short.key), 401, 'unauthorized', /expired at 2026-03-01T13/);
    const rotated = await send('post', `/keys/${short.id}/rotate`).send({});
    expectProblem(rotated, 409, 'conflict', /has expired: a new secret of it needs expiresAt/);
  });

  it('are rotated without a body, and not made for an empty list of origins', async () => {
    const { id, key } = await make({ name: 'feed', scopes: ['read'] });
    const { body } = await send('post', `/keys/${id}/rotate`).expect(200);
    expect(body).toMatchObject({ id, formerUntil: '2026-03-01T13:00:00.000Z' });
    for (const one of [key, body.key]) await send('get', '/stats', one).expect(200);
    const bound = await send('post', '/keys').send({ name: 'shop', scopes: ['recommend'], origins: [] });
    expectProblem(bound, 400, 'invalid-request', /^origins must have at least 1 entr/);
  });

  it('are rotated with a time in which both secrets are taken', async () => {
    const before = await make({ name: 'feed', scopes: ['read'] });
    const { body: after } = await send('post', `/keys/${before.id}/rotate`)
      .send({ overlapSeconds: 60 })
      .expect(200);
    expect(after).toMatchObject({ id: before.id, formerUntil: '2026-03-01T12:01:00.000Z' });
    for (const { key } of [before, after]) await send('get', '/stats', key).expect(200);
    now += 60_000;
    await send('get', '/stats', before.key).expect(401);
    await send('get', '/stats', after.key).expect(200);
    const { body: last } = await send('post', `/keys/${before.id}/rotate`)
      .send({ overlapSeconds: 0 })
      .expect(200);
    expect(last.formerUntil).toBeNull();
    await send('get', '/stats', after.key).expect(401);
    await send('get', '/stats', last.key).expect(200);
  });

  it('of pages are taken from these pages alone', async () => {
    const { key, origins } = await make({
      name: 'shop',
      scopes: ['recommend'],
      origins: ['https://Shop.example:443', 'https://shop.example'],
    });
    expect(origins).toEqual(['https://shop.example']);
    const ask = (headers: Record<string, string>) => send('get', '/recommend/ada', key).set(headers);
    const preflight = (origin: string) =>
      request(service.url).options('/recommend/ann').set({
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-api-key',
      });
    const allowed = await preflight('https://shop.example').expect(204);
    expect(allowed.headers['access-control-allow-origin']).toBe('https://shop.example');
    const other = await preflight('https://evil.example');
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
    const read = await ask({ origin: 'https://shop.example' });
    expect(read.headers['access-control-allow-origin']).toBe('https://shop.example');
    await ask({ origin: 'https://shop.example' }).expect(200);
    await ask({ 'sec-fetch-site': 'same-origin' }).expect(200);
    expectProblem(await ask({}), 403, 'forbidden', /pages of https:\/\/shop\.example alone.*has no Origin/);
    expectProblem(
      await ask({ origin: 'https://evil.example' }),
      403,
      'forbidden',
      /"https:\/\/evil\.example"/,
    );
  });

  it('say how long ago they were used, from memory to disk when the service closes', async () => {
    const { key, id } = await make({ name: 'used', scopes: ['read'] });
    await send('get', '/stats', key).expect(200);
    expect((await service.store.keys.list())[0]?.lastUsedAt).toBeNull();
    await service.app.close();
    expect((await service.store.keys.list()).find((one) => one.id === id)?.lastUsedAt).toBe(now);
  });

  it.each([
    [{ scopes: ['read'] }, /name/],
    [{ name: '   ', scopes: ['read'] }, /name is blank/],
    [{ name: 'a\u0000b', scopes: ['read'] }, /name must be text of 1-100 characters/],
    [{ name: 'x', scopes: [] }, /scopes/],
    [{ name: 'x', scopes: ['ingest'] }, /scopes\[0\] must be one of recommend, events/],
    [{ name: 'x', scopes: ['read', 'read'] }, /scopes/],
    [{ name: 'x', scopes: ['read'], origins: ['shop.example'] }, /origins\[0\] must be an origin such as/],
    [
      { name: 'x', scopes: ['read'], origins: ['https://shop.example/path'] },
      /origins\[0\] must be an origin/,
    ],
    [{ name: 'x', scopes: ['read'], origins: ['https://%'] }, /origins\[0\] must be an origin/],
    [
      { name: 'x', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' },
      /expiresAt must be a time that is still/,
    ],
    [{ name: 'x', scopes: ['read'], expiresAt: 'soon' }, /expiresAt must be a time that is still to come/],
    [{ name: 'x', scopes: ['read'], secret: 'mine' }, /secret/],
  ])('are not made of %j', async (body, detail) => {
    expectProblem(await send('post', '/keys').send(body), 400, 'invalid-request', detail);
    expect(await service.store.keys.list()).toEqual([]);
  });

  it('that are not there, or that the setting has, are neither rotated nor deleted', async () => {
    for (const [method, url] of [
      ['delete', '/keys/'],
      ['post', '/keys/'],
    ] as const) {
      const at = (id: string) => send(method, `${url}${id}${method === 'post' ? '/rotate' : ''}`).send({});
      expectProblem(await at('none'), 404, 'not-found', /no key "none"/);
      expectProblem(await at(hash.slice(0, 12)), 409, 'conflict', /setting API_KEYS; change it there/);
    }
    const { id } = await make({ name: 'x', scopes: ['read'] });
    const rotate = (body: object) => send('post', `/keys/${id}/rotate`).send(body);
    expectProblem(await rotate({ overlapSeconds: -1 }), 400, 'invalid-request', /overlapSeconds/);
    expectProblem(await rotate({ overlapSeconds: 1e9 }), 400, 'invalid-request', /overlapSeconds/);
    expectProblem(await rotate({ expiresAt: 5 }), 400, 'invalid-request', /expiresAt/);
  });

  it('say that they are of no use yet where no key is asked for', async () => {
    const open = await startService();
    const made = await request(open.url)
      .post('/keys')
      .send({ name: 'x', scopes: ['read'] });
    expect(made.body.warnings).toEqual([expect.stringMatching(/API_KEYS is empty/)]);
    await open.close();
  });
});

describe('a key for visitors', () => {
  let key: string;
  beforeEach(async () => {
    key = (await make({ name: 'shop', scopes: ['recommend'] })).key;
  });
  const post = (rows: object[]) => send('post', '/interactions', key).send({ interactions: rows });

  it('adds a few events of one user at a time', async () => {
    expect((await post([EVENT, { ...EVENT, itemId: '4' }]).expect(200)).body.accepted).toBe(2);
    expectProblem(await post([EVENT, { ...EVENT, userId: 'bob' }]), 403, 'forbidden', /of several/);
    const many = Array.from({ length: 101 }, (_, i) => ({ ...EVENT, itemId: `${i}` }));
    expectProblem(await post(many), 403, 'forbidden', /at most 100 events/);
    const stream = await send('post', '/interactions', key)
      .set('content-type', 'application/x-ndjson')
      .send(`${JSON.stringify(EVENT)}\n`);
    expectProblem(stream, 403, 'forbidden', /scope events/);
    const { key: events } = await make({ name: 'feed', scopes: ['events'] });
    const rows = { interactions: [EVENT, { ...EVENT, userId: 'bob' }] };
    await send('post', '/interactions', events).send(rows).expect(200);
  });

  it('asks for answers, and reads, deletes and explains nothing', async () => {
    await send('get', '/recommend/ada?impressions=true', key).expect(200);
    expectProblem(await send('get', '/recommend/ada?explain=true', key), 403, 'forbidden', /scope read/);
    for (const url of ['/users/ada/interactions', '/users/ada/similar', '/stats', '/items'])
      await send('get', url, key).expect(403);
    await send('delete', '/interactions?userId=ada', key).expect(403);
    await send('delete', '/users/ada', key).expect(403);
  });
});
