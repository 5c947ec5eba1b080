import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportKind } from '../../src/domain/data/import-kind.ts';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { readCsv } from '../../src/ingest/csv.ts';
import { parseInteraction, parseItem, parseUser } from '../../src/ingest/rows.ts';
import { interaction, item } from '../helpers/store.ts';
import { inChunks, readAll } from '../ingest/read-all.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

const AWKWARD = 'a "quoted", comma\nand line/ü';
const film = item(AWKWARD, {
  title: 'Toy, Story',
  categories: ['Animation', 'Comedy'],
  features: { year: 1995, nested: { deep: [1, null] } },
  hidden: true,
  availableFrom: 1_700_000_000_000,
});
const events = [
  interaction({ userId: AWKWARD, itemId: AWKWARD, timestamp: 1_700_000_000_123 }),
  interaction({ type: 'rating', value: 4.5, timestamp: null, eventId: 'e-1' }),
];

let service: Service;
beforeAll(async () => {
  service = await startService();
  await service.store.interactions.add(events);
  await service.store.catalogue.putItems([film]);
  await service.store.catalogue.putUsers([{ userId: AWKWARD, features: { age: 24, tags: ['x'] } }]);
});
afterAll(() => service.close());

const get = (path: string, encoding = 'identity') =>
  fetch(`${service.url}${path}`, { headers: { 'accept-encoding': encoding } });

const lines = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

async function reimport<T>(kind: ImportKind, parse: (raw: unknown) => { ok: T } | { reason: string }) {
  const text = await (await get(`/exports/${kind}?format=csv`)).text();
  const { rows } = await readAll(readCsv(inChunks(text, 7), kind, {}));
  return rows.map((row) => parse('raw' in row ? row.raw : row));
}

describe('as lines of JSON', () => {
  it('every row comes as it is read elsewhere', async () => {
    const answer = await get('/exports/interactions');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    const rows = lines(await answer.text());
    expect(rows).toEqual([
      { ...events[0], timestamp: '2023-11-14T22:13:20.123Z', timestampSource: 'given', context: null },
      { ...events[1], timestamp: null, timestampSource: null, context: null },
    ]);
    expect(lines(await (await get('/exports/items')).text())).toMatchObject([{ title: 'Toy, Story' }]);
    expect(lines(await (await get('/exports/users')).text())).toMatchObject([{ userId: AWKWARD }]);
  });

  it('is complete over many pages', async () => {
    const many = await startService();
    const rows = Array.from({ length: 1234 }, (_, i) => interaction({ itemId: `i${i}` }));
    await many.store.interactions.add(rows);
    const text = await (await fetch(`${many.url}/exports/interactions`)).text();
    await many.close();
    expect(lines(text).map((row) => row.itemId)).toEqual(rows.map((row) => row.itemId));
  });

  it('is empty, with 200, where there is nothing', async () => {
    const empty = await startService();
    const answer = await fetch(`${empty.url}/exports/interactions`);
    const csv = await fetch(`${empty.url}/exports/interactions?format=csv`);
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(await csv.text()).toBe('userId,itemId,type,value,timestamp,eventId,timestampSource,context\n');
    await empty.close();
  });
});

it('as CSV goes back in and is the same', async () => {
  expect(await reimport('interactions', (raw) => parseInteraction(raw, Date.now()))).toEqual(
    events.map((ok) => ({ ok })),
  );
  expect(await reimport('items', parseItem)).toEqual([{ ok: film }]);
  expect(await reimport('users', parseUser)).toEqual([
    { ok: { userId: AWKWARD, features: { age: 24, tags: ['x'] } } },
  ]);
});

it('comes compressed for who accepts that, and only then', async () => {
  // supertest would unpack it by itself.
  const raw = await request(service.url)
    .get('/exports/interactions')
    .set('accept-encoding', 'br;q=1, gzip;q=0.5')
    .buffer(true)
    .parse((response, done) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => done(null, Buffer.concat(parts)));
    });
  expect(raw.headers['content-encoding']).toBe('gzip');
  // An HTTP client may have unpacked it already: the first byte tells.
  const body = raw.body as Buffer;
  const text = body[0] === 0x1f ? gunzipSync(body).toString() : body.toString();
  expect(lines(text)).toHaveLength(2);
  expect((await get('/exports/items', 'gzip;q=0')).headers.get('content-encoding')).toBeNull();
});

it('can be narrowed by type and time', async () => {
  const ids = async (query: string) =>
    lines(await (await get(`/exports/interactions?${query}`)).text()).map((row) => row.type);
  expect(await ids('type=rating')).toEqual(['rating']);
  expect(await ids('since=2023-11-14T00:00:00Z&until=1700000001')).toEqual(['click']);
  expect(await ids('since=2024-01-01T00:00:00Z')).toEqual([]);
});

describe('bad input', () => {
  it.each([
    ['format=xml', /format must be one of ndjson, csv, parquet; got "xml"/],
    ['since=yesterday', /since/],
    ['since=1700000001&until=1700000000', /until must be later than since/],
    ['type=9', /type/],
    ['kind=items', /kind/],
  ])('%s is refused', async (query, detail) => {
    expectProblem(
      await request(service.url).get(`/exports/interactions?${query}`),
      400,
      'invalid-request',
      detail,
    );
  });

  it('a database that is away is a 503, not an empty file', async () => {
    const gone = await startService();
    await gone.store.close();
    const answer = await request(gone.url).get('/exports/interactions');
    expectProblem(answer, 503, 'store-unavailable', /database/);
    await gone.app.close();
  });

  it('a key without the admin scope gets nothing', async () => {
    const hash = createHash('sha256').update('reader').digest('hex');
    const guarded = await startService({ apiKeys: parseApiKeys(`${hash}:read+ingest+train`) });
    const answer = await request(guarded.url).get('/exports/users').set('x-api-key', 'reader');
    expectProblem(answer, 403, 'forbidden', /admin/);
    await guarded.close();
  });
});
