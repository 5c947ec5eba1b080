import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const post = (body: object | string) =>
  request(service.url).post('/interactions').set('content-type', 'application/json').send(body);
const click = { userId: 'u', itemId: 'i', type: 'click' };

describe('POST /interactions', () => {
  it('stores good rows, counts doubles and names bad ones', async () => {
    const rating = {
      userId: 'ann',
      itemId: 'a/b c',
      type: 'rating',
      value: 5,
      timestamp: '2026-03-01T12:00:00Z',
    };
    const rows = [
      rating,
      rating,
      { ...rating, value: 9 },
      { ...rating, timestamp: 881_250_949, eventId: 'e1' },
    ];
    const stored = { timestampSource: 'given', context: null };
    const answer = await post({ interactions: rows }).expect(200);
    expect(answer.body).toEqual({
      accepted: 2,
      duplicates: 1,
      rejected: [{ index: 2, reason: expect.stringMatching(/value must be .*1 to 5.*; got 9/) }],
    });
    const { body } = await request(service.url).get('/users/ann/interactions').expect(200);
    expect(body).toEqual({
      data: [
        { ...rating, ...stored, timestamp: '2026-03-01T12:00:00.000Z', eventId: null },
        { ...rating, ...stored, timestamp: '1997-12-04T15:55:49.000Z', eventId: 'e1' },
      ],
      nextCursor: null,
    });
  });

  it.each([
    [
      'a rating below 1',
      { ...click, type: 'rating', value: 0 },
      /value must be a number from 1 to 5 when type is rating; got 0/,
    ],
    ['a rating without a value', { ...click, type: 'rating' }, /value is missing/],
    [
      'a time in the future',
      { ...click, timestamp: '2999-01-01T00:00:00Z' },
      /timestamp must be a time in the past.*; got "2999/,
    ],
    [
      'a time that is none',
      { ...click, timestamp: 'yesterday' },
      /timestamp must be a time .*; got "yesterday"/,
    ],
    ['a number as id', { ...click, userId: 7.5 }, /userId must be text.*; got 7.5/],
    ['an empty id', { ...click, itemId: '' }, /itemId must be text.*; got ""/],
    ['a long id', { ...click, itemId: 'é'.repeat(129) }, /itemId has 258 bytes; at most 256/],
    ['an id with NUL', { ...click, itemId: 'a\u0000b' }, /itemId contains a NUL/],
    ['an unknown field', { ...click, colour: 'red' }, /colour/],
    ['a missing field', { userId: 'u', type: 'click' }, /itemId is missing/],
    ['a list as row', [], /row must be an object.*; got a list/],
    ['null as row', null, /row must be an object.*; got null/],
  ])('refuses %s, and says so with 422 when there is no other row', async (_name, row, reason) => {
    const answer = await post({ interactions: [row] });
    expectProblem(answer, 422, 'invalid-rows', /^None of the 1 rows could be stored\. Row 0: /);
    expect(answer.body).toMatchObject({ accepted: 0, duplicates: 0 });
    expect((answer.body.rejected as unknown[])[0]).toEqual({
      index: 0,
      reason: expect.stringMatching(reason),
    });
  });

  it.each([
    ['[]', /the body must be an object; got a list/],
    ['{}', /interactions is missing/],
    ['{"interactions":{}}', /interactions must be a list; got an object/],
    ['{"interactions":[]}', /at least 1 entry; got 0/],
    ['{"interactions":[1],"also":1}', /also is not known here; known are interactions/],
    ['', /the body is missing/],
  ])('refuses the outer shape %s', async (body, detail) => {
    expectProblem(await post(body), 400, 'invalid-request', detail);
  });

  it('takes 1,000 rows and not one more', async () => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ ...click, userId: `many-${i}` }));
    expect((await post({ interactions: rows(1000) }).expect(200)).body.accepted).toBe(1000);
    const detail = /at most 1000 entries; got 1001; send larger files to POST \/imports/;
    expectProblem(await post({ interactions: rows(1001) }), 400, 'invalid-request', detail);
  });

  it('refuses bodies it cannot read', async () => {
    expectProblem(
      await post('{"interactions":[{"value":NaN}]}'),
      400,
      'malformed-json',
      /NaN .* is not JSON/,
    );
    const notUtf8 = request(service.url).post('/interactions').set('content-type', 'application/json');
    notUtf8.write(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) as unknown as string);
    expectProblem(await notUtf8, 400, 'malformed-json', /UTF-8/);
    expectProblem(
      await post(`{"interactions":["${'x'.repeat(4_300_000)}"]}`),
      413,
      'payload-too-large',
      /4194304 bytes/,
    );
    expectProblem(
      await post('{}').set('content-encoding', 'gzip'),
      415,
      'unsupported-media-type',
      /Content-Encoding: gzip/,
    );
    const text = await request(service.url).post('/interactions').type('text/plain').send('x');
    expectProblem(text, 415, 'unsupported-media-type', /text\/plain; send application\/json/);
  });
});

it.each([5, '5', 99_999_999])(
  'a time of %j is refused, as imports refuse it, and ISO text is taken',
  async (timestamp) => {
    const early = { ...click, userId: 'early', timestamp };
    const reason = /^timestamp: numbers such as \d+ would be times before 1973; send Unix seconds/;
    const { body } = await post({
      interactions: [early, { ...early, timestamp: '1970-01-01T00:00:05Z' }],
    }).expect(200);
    expect(body.rejected).toEqual([{ index: 0, reason: expect.stringMatching(reason) }]);
    const lines = await request(service.url)
      .post('/interactions')
      .set('content-type', 'application/x-ndjson')
      .send(`${JSON.stringify(early)}\n`);
    expect(lines.text).toMatch(/would be times before 1973/);
  },
);

describe('GET /users/:userId/interactions', () => {
  it('pages, newest first', async () => {
    const rows = [3, 1, 2].map((n) => ({ ...click, userId: 'pager', itemId: `i${n}`, timestamp: n * 5e8 }));
    await post({ interactions: rows }).expect(200);
    const first = await request(service.url).get('/users/pager/interactions?limit=2').expect(200);
    expect(first.body.data.map((row: { itemId: string }) => row.itemId)).toEqual(['i3', 'i2']);
    expect(first.headers['cache-control']).toBe('private, no-store');
    const query = { limit: 2, cursor: first.body.nextCursor };
    const rest = await request(service.url).get('/users/pager/interactions').query(query).expect(200);
    expect(rest.body.data.map((row: { itemId: string }) => row.itemId)).toEqual(['i1']);
    expect((await request(service.url).get('/users/nobody/interactions').expect(200)).body.data).toEqual([]);
  });
});
