import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/domain/keys/key-text.ts';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import type { AppDeps } from '../../src/http/deps.ts';
import { eventually } from '../helpers/eventually.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

const hash = sha256('boss').toString('hex');
const BOSS = hash.slice(0, 12);
let service: Service;
const start = async (part: Partial<AppDeps> = {}) => {
  service = await startService({ apiKeys: parseApiKeys(`${hash}:admin`), ...part });
};
afterEach(() => service.close());

const send = (method: 'get' | 'post' | 'put' | 'delete', url: string, key = 'boss') =>
  request(service.url)[method](url).set('x-api-key', key);
const lines = () => service.log.map((line) => JSON.parse(line) as Record<string, unknown>);
const audited = () => lines().filter(({ audit }) => audit === true);

describe('the audit', () => {
  beforeEach(() => start());

  it('has who did what to what, and how it ended', async () => {
    await send('put', '/items/film-7').send({ title: 'x' }).expect(200);
    await send('put', '/models/movies/aliases/stable').send({ version: 3 }).expect(404);
    const { body: made } = await send('post', '/keys').send({ name: 'new', scopes: ['read'] });
    await send('get', '/exports/items').expect(200);
    const read = () => send('get', '/audit?limit=3').expect(200);
    const { data, nextCursor } = await eventually('four entries', async () => {
      const { body } = await read();
      return body.nextCursor !== null && body;
    });
    const key = { keyId: BOSS, keyName: 'API_KEYS entry 1', address: '127.0.0.1', requests: 1 };
    expect(data).toMatchObject([
      { ...key, action: 'GET /exports/items', targets: {}, status: 200 },
      { ...key, action: 'POST /keys', targets: { name: 'new', made: `/keys/${made.id}` }, status: 201 },
      { ...key, targets: { name: 'movies', alias: 'stable', version: '3' }, status: 404 },
    ]);
    const rest = (await send('get', `/audit?cursor=${nextCursor}`).expect(200)).body;
    expect(rest).toMatchObject({
      data: [{ action: 'PUT /items/:itemId', targets: { itemId: 'film-7' } }],
      nextCursor: null,
    });
    // Neither the new key nor what was read is there.
    expect(JSON.stringify([data, rest, service.log])).not.toContain(made.key.split('_').slice(2).join('_'));
    expect(audited().map(({ action }) => action)).toHaveLength(4);
  });

  it('is found by the id of a person whom it does not name', async () => {
    await service.store.catalogue.putUsers([{ userId: 'ada', features: {} }]);
    await send('delete', '/users/ada').expect(200);
    const { data } = await eventually('the entry', async () => {
      const { body } = await send('get', '/audit?target=ada').expect(200);
      return body.data.length > 0 && body;
    });
    expect(data[0]).toMatchObject({ action: 'DELETE /users/:userId', status: 200 });
    expect(JSON.stringify([data, service.log])).not.toContain('"ada"');
    expect((await send('get', '/audit?target=bob').expect(200)).body.data).toEqual([]);
  });

  it('counts posts of interactions by key, and refusals by address', async () => {
    const rows = { interactions: [{ userId: 'ada', itemId: '3', type: 'click' }] };
    for (let i = 0; i < 3; i++) await send('post', '/interactions').send(rows).expect(200);
    for (let i = 0; i < 2; i++) await send('delete', '/keys/x', 'wrong').expect(401);
    expect(audited()).toEqual([]);
    await service.app.close();
    const { rows: entries } = await service.store.audit.list({}, 10);
    expect(entries).toHaveLength(2);
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ action: 'POST /interactions', keyId: BOSS, requests: 3, address: null, targets: {} },
        }),
        expect.objectContaining({
          ...{ action: 'DELETE /keys/:id', keyId: null, requests: 2, status: 401, address: '127.0.0.1' },
        }),
      ]),
    );
  });

  it.each([
    ['limit=5000', /limit/],
    ['cursor=x', /cursor is not one/],
    ['since=yesterday', /since must be a time/],
    ['until=x', /until must be a time/],
    ['since=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z', /until must be later/],
    ['outcome=good', /outcome must be one of done, refused, failed/],
    ['keyId=', /keyId/],
    ['user=ada', /user is not known/],
  ])('is not read with %s', async (query, detail) => {
    expectProblem(await send('get', `/audit?${query}`), 400, 'invalid-request', detail);
  });
});

describe('addresses', () => {
  const told = async (logAddresses: AppDeps['logAddresses']) => {
    await start({ logAddresses });
    await send('get', '/stats').expect(200);
    const line = await eventually('the line', () => lines().find(({ route }) => route === '/stats'));
    expect(line).toMatchObject({ keyId: BOSS });
    return line.address;
  };

  it('stand in log lines as the setting says', async () => {
    expect(await told('plain')).toBe('127.0.0.1');
    await service.close();
    expect(await told('hashed')).toMatch(/^addr_[0-9a-f]{16}$/);
    await service.close();
    expect(await told('off')).toBeUndefined();
  });
});
