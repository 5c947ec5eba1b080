import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { problem } from '../../src/core/errors.ts';
import type { AppDeps } from '../../src/http/deps.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { Store } from '../../src/store/store.ts';
import { eventually } from '../helpers/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { temporaryFolder } from '../helpers/store.ts';
import { sendLines } from './line-sender.ts';
import { expectProblem } from './problem.ts';
import { startService } from './service.ts';

/** Batches end where they are full, unless a test is about pauses. */
const TIMING = { pauseMs: 60_000, unreadMs: 60_000, lingerMs: 20 };
const row = (i: number) => ({
  userId: `u${i % 50}`,
  itemId: `i${i}`,
  type: 'click',
  timestamp: 1_700_000_000 + i,
});
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => row(from + i));

async function serve(overrides: Partial<AppDeps> = {}) {
  const service = await startService({ interactionStream: TIMING, ...overrides });
  onTestFinished(() => service.close());
  return service;
}

/** The store, with `add` of interactions as it is said here. */
const withAdd = (store: Store, add: Store['interactions']['add']): Store => ({
  ...store,
  interactions: { ...store.interactions, add },
});

let server: TestPostgres | undefined;
beforeAll(async () => {
  if (findPostgres()) server = await startTestPostgres();
});
afterAll(() => server?.close());

/** The service closes it. */
const openSqlite = async () => createStore(`sqlite:${await temporaryFolder()}/test.db`);
const ENGINES = {
  SQLite: openSqlite,
  PostgreSQL: async () => createStore(await server!.createSchema()),
};

for (const [name, open] of Object.entries(ENGINES)) {
  describe.runIf(name === 'SQLite' || findPostgres())(`a stream into ${name}`, () => {
    it('is stored in transactions that are answered while it goes on', async () => {
      const store = await open();
      const { url } = await serve({ store });
      const sender = sendLines(url);
      await sender.write(...rows(0, 998), '{"userId":', { userId: 'u' });
      const refused = [await sender.next(), await sender.next()];
      expect(refused).toEqual([
        {
          line: 999,
          status: 'refused',
          error: { code: 'malformed-json', detail: expect.stringMatching(/not valid JSON/) },
        },
        {
          line: 1000,
          status: 'refused',
          error: { code: 'invalid-rows', detail: expect.stringMatching(/itemId is missing/) },
        },
      ]);
      expect(await sender.next()).toEqual({ settled: 1000 });
      expect(await store.interactions.countUpTo(5000)).toBe(998);
      await sender.write('', ...rows(990, 1100));
      expect(await sender.end()).toEqual([
        { settled: 1111 },
        { summary: { lastLine: 1111, stored: 1100, duplicates: 8, refused: 2, isComplete: true } },
      ]);
      expect(await store.interactions.countUpTo(5000)).toBe(1100);
    });

    it('that breaks leaves what was acknowledged, and nothing half-done', async () => {
      const store = await open();
      const { url, log } = await serve({ store });
      const sender = sendLines(url);
      await sender.write(...rows(0, 1500), '{"userId":"half');
      expect(await sender.next()).toEqual({ settled: 1000 });
      sender.request.destroy();
      await eventually('the service notices', () => log.some((line) => /the client went away/.test(line)));
      expect(await store.interactions.countUpTo(5000)).toBe(1000);
      // All of it once more: what is there is known.
      const again = sendLines(url);
      await again.write(...rows(0, 1500));
      expect((await again.end()).at(-1)).toMatchObject({ summary: { stored: 500, duplicates: 1000 } });
    });
  });
}

describe('the answer to a stream', () => {
  it('has each row with results=all, warnings at the end, and counts clicks', async () => {
    const clicks: unknown[] = [];
    const { url, store } = await serve({
      servedLog: { isSampled: () => false, note: () => {}, click: (some) => clicks.push(...some) },
    });
    const sender = sendLines(url, '?results=all');
    await sender.write({ ...row(1), recommendationId: 'rec_1' }, row(1), '[]', '', {
      ...row(2),
      type: 'swipe',
    });
    expect(await sender.end()).toEqual([
      { line: 1, status: 'stored' },
      { line: 2, status: 'duplicate' },
      {
        line: 3,
        status: 'refused',
        error: { code: 'invalid-rows', detail: expect.stringMatching(/got a list/) },
      },
      { line: 5, status: 'stored' },
      {
        summary: { lastLine: 5, stored: 2, duplicates: 1, refused: 1, isComplete: true },
        warnings: [expect.stringMatching(/^Nobody says what swipe means: .*PUT \/event-types\/swipe/)],
      },
    ]);
    expect(clicks).toEqual([{ recommendationId: 'rec_1', itemId: 'i1', type: 'click' }]);
    expect(await store.interactions.countUpTo(10)).toBe(2);
  });

  it('comes when the sender pauses', async () => {
    const { url } = await serve({ interactionStream: { ...TIMING, pauseMs: 5 } });
    const sender = sendLines(url);
    for (const line of [1, 2]) {
      await sender.write(row(line));
      expect(await sender.next()).toEqual({ settled: line });
    }
    expect((await sender.end()).at(-1)).toMatchObject({ summary: { stored: 2 } });
  });

  it('is the summary alone with results=summary, or a problem where nothing could be stored', async () => {
    const { url } = await serve();
    const post = (text: string) =>
      request(url).post('/interactions/stream?results=summary').type('application/x-ndjson').send(text);
    const answer = await post(`${JSON.stringify(row(1))}\nx\n`)
      .buffer()
      .expect(200);
    expect(JSON.parse(answer.text)).toEqual({
      summary: { lastLine: 2, stored: 1, duplicates: 0, refused: 1, isComplete: true },
    });
    const refused = await post('\n{}\n{}\n');
    expectProblem(refused, 422, 'invalid-rows', /^None of the 2 lines could be stored. Line 2: .*missing/);
    expect(refused.body).toMatchObject({ summary: { refused: 2 }, refused: [{ line: 2 }, { line: 3 }] });
  });

  it('is taken at the older path too, and its own takes nothing else', async () => {
    const { url } = await serve();
    const older = request(url).post('/interactions?results=summary').type('application/x-ndjson');
    const answer = await older
      .send(JSON.stringify(row(1)))
      .buffer()
      .expect(200);
    expect(JSON.parse(answer.text)).toMatchObject({ summary: { stored: 1, isComplete: true } });
    const wrong = await request(url)
      .post('/interactions/stream')
      .send({ interactions: [row(2)] });
    expectProblem(
      wrong,
      415,
      'unsupported-media-type',
      /^Content-Type must be application\/x-ndjson; got application\/json\. POST \/interactions takes JSON/,
    );
  });

  it.each([
    ['', 'application/x-ndjson', '', /The body is empty; send one interaction/],
    ['', 'application/x-ndjson', '\n\n', /The body is empty/],
    ['?results=some', 'application/x-ndjson', '{}', /results must be .*refused.*all.*summary; got "some"/],
    [
      '?results=all',
      'application/json',
      '{"interactions":[{}]}',
      /results is an option of application\/x-ndjson/,
    ],
  ])('%s with the body %s %j is refused', async (query, type, body, detail) => {
    const { url } = await serve();
    expectProblem(
      await request(url).post(`/interactions${query}`).type(type).send(body),
      400,
      'invalid-request',
      detail,
    );
  });
});

describe('a stream that cannot go on', () => {
  const away = () => Promise.reject(problem('store-unavailable', 'The database is locked.'));

  it('is answered 503 where nothing was stored', async () => {
    const { url } = await serve({ store: withAdd(await openSqlite(), away) });
    const sender = sendLines(url);
    await sender.write(...rows(0, 1000));
    const response = await sender.response();
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(await sender.next()).toBeUndefined();
    await eventually('the connection ends although the sender goes on', () => sender.request.destroyed);
  });

  it('says later from where on to send again, and ends the connection', async () => {
    const store = await openSqlite();
    let calls = 0;
    const add: typeof store.interactions.add = (some) =>
      ++calls > 2 ? away() : store.interactions.add(some);
    const { url } = await serve({ store: withAdd(store, add) });
    const sender = sendLines(url, '?results=refused');
    await sender.write(...rows(0, 3000));
    expect([await sender.next(), await sender.next(), await sender.next()]).toEqual([
      { settled: 1000 },
      { settled: 2000 },
      {
        summary: { lastLine: 2000, stored: 2000, duplicates: 0, refused: 0, isComplete: false },
        error: {
          code: 'store-unavailable',
          status: 503,
          detail: 'The database is locked. The lines up to 2000 are settled; send those after it again.',
          retryAfter: 5,
        },
      },
    ]);
    await eventually('the connection ends although the sender goes on', () => sender.request.destroyed);
  });

  it('ends when the service closes', async () => {
    const service = await startService({ interactionStream: TIMING });
    const sender = sendLines(service.url);
    await sender.write(...rows(0, 1001));
    expect(await sender.next()).toEqual({ settled: 1000 });
    const closed = service.close();
    expect(await sender.next()).toMatchObject({
      summary: { lastLine: 1000, isComplete: false },
      error: { code: 'not-ready', status: 503 },
    });
    await closed;
  });
});

describe('the memory of a stream', () => {
  const acceptAll = async () => {
    const store = await openSqlite();
    const live: number[] = [];
    let calls = 0;
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const add: Store['interactions']['add'] = async (some) => {
      if (calls++ % 40 === 0) {
        collect();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        live.push(heapUsed + arrayBuffers);
      }
      return some.map(() => 'accepted');
    };
    return { store: withAdd(store, add), live };
  };

  it('does not grow with 200,000 lines', async () => {
    const { store, live } = await acceptAll();
    const { url } = await serve({ store });
    const sender = sendLines(url, '?results=all');
    const padding = 'x'.repeat(100);
    let answered = 0;
    const reading = sender.response().then(async (response) => {
      for await (const chunk of response) for (const byte of chunk) if (byte === 10) answered++;
    });
    for (let i = 0; i < 200_000; i += 500) {
      const line = (n: number) =>
        `{"userId":"u","itemId":"i","type":"click","timestamp":${1_700_000_000 + i + n},"context":{"page":"${padding}"}}`;
      await sender.write(...Array.from({ length: 500 }, (_, n) => line(n)));
    }
    sender.request.end();
    await reading;
    expect(answered).toBe(200_001);
    // The body has 36 MB, and none of it stays. Now and then a batch is on its way.
    const [, warm = 0, ...later] = live;
    expect(Math.min(...later.slice(-2)) - warm).toBeLessThan(4e6);
    expect(Math.max(...later) - warm).toBeLessThan(16e6);
  }, 300_000);

  it('does not grow for a sender that reads no answers: nothing more is read, and it is cut off', async () => {
    const { store } = await acceptAll();
    const { url } = await serve({ store, interactionStream: { ...TIMING, unreadMs: 300 } });
    const sender = sendLines(url, '?results=all');
    const line = `{"x":"${'y'.repeat(200)}"}\n`.repeat(1000);
    const closed = new Promise((resolve) => sender.request.once('close', resolve));
    let sent = 0;
    while (!sender.request.destroyed && sent < 300e6) {
      if (!sender.request.write(line))
        await Promise.race([once(sender.request, 'drain').catch(() => {}), closed]);
      sent += line.length;
    }
    expect(sender.request.destroyed).toBe(true);
    // What the two sides of the connection hold: far from all of it.
    expect(sent).toBeLessThan(100e6);
  }, 300_000);
});

describe('a packed stream', () => {
  const lines = rows(0, 3)
    .map((each) => `${JSON.stringify(each)}\n`)
    .join('');
  const send = (url: string, encoding: string, body: Buffer, path = '/interactions/stream?results=summary') =>
    request(url)
      .post(path)
      .set({ 'content-type': 'application/x-ndjson', 'content-encoding': encoding })
      .send(body);

  it('is unpacked, gzip and zstd', async () => {
    const { url } = await serve();
    const { text } = await send(url, 'gzip', gzipSync(lines)).expect(200);
    expect(JSON.parse(text)).toMatchObject({ summary: { stored: 3, isComplete: true } });
    const zstd = zstdStored(Buffer.from(lines));
    const again = await send(url, 'zstd', zstd, '/interactions?results=summary').expect(200);
    expect(JSON.parse(again.text)).toMatchObject({ summary: { duplicates: 3, isComplete: true } });
  });

  it('is refused with the reason where it is broken, packed otherwise, or JSON', async () => {
    const { url } = await serve();
    const cut = await send(url, 'gzip', gzipSync(lines).subarray(0, 30));
    expectProblem(cut, 422, 'invalid-rows', /gzip file ends in the middle/);
    expectProblem(
      await send(url, 'br', Buffer.from('x')),
      415,
      'unsupported-media-type',
      /must be gzip, zstd/,
    );
    const json = request(url)
      .post('/interactions')
      .set({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
    expectProblem(
      await json.send(gzipSync('{}')),
      415,
      'unsupported-media-type',
      /POST \/interactions\/stream/,
    );
  });
});

/** A frame of zstd with one raw block: https://datatracker.ietf.org/doc/html/rfc8878 (3.1.1). */
function zstdStored(bytes: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  header.writeUInt32LE(bytes.length, 5);
  const block = Buffer.alloc(3);
  block.writeUIntLE((bytes.length << 3) | 1, 0, 3);
  return Buffer.concat([header, block, bytes]);
}
