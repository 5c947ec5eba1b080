import { describe, expect, it } from 'vitest';
import { parseColumns } from '../../../src/domain/data/reading/parse.ts';
import { usuallyMeant } from '../../../src/domain/data/weighting.ts';
import type { ReadOptions } from '../../../src/ingest/read-rows.ts';
import { createMessageReader } from '../../../src/worker/consume/message-rows.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MADE = NOW - 5_000;

function read(value: string | Buffer | undefined, options: ReadOptions = {}, timestamp = MADE) {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const message = { partition: 2, offset: 41, timestamp, value: bytes };
  return createMessageReader(options)(message, NOW, usuallyMeant);
}
const row = { userId: 'ann', itemId: '7', type: 'click', value: null, eventId: null };

describe('a message', () => {
  it('is an interaction as in imports; without a time it has that of its message', () => {
    expect(read('{"userId":"ann","itemId":7,"type":"click","value":null}')).toEqual({
      rows: [{ ...row, timestamp: MADE, received: true }],
      rejects: [],
    });
    const given = read('{"userId":"ann","itemId":"7","type":"click","timestamp":"2026-02-01T00:00:00Z"}');
    expect(given.rows).toEqual([{ ...row, timestamp: Date.parse('2026-02-01') }]);
  });

  it.each([
    ['has none', -1, NOW],
    ['is ahead', NOW + 60_000, NOW],
    ['has one', MADE, MADE],
  ])(
    'has a time of receipt that is no later than now where the clock of its producer %s',
    (_what, time, expected) => {
      expect(read('{"userId":"a","itemId":"b","type":"click"}', {}, time).rows[0]!.timestamp).toBe(expected);
    },
  );

  it('is mapped by columns, and may be several rows, of which each is judged for itself', () => {
    const options = {
      type: 'purchase',
      columns: parseColumns(
        'userId:user.id|anonymousId,itemId:lines[].sku,value:lines[].count,timestamp:at.$date',
      ),
    };
    const value = {
      ...{ anonymousId: 'x', at: { $date: '2026-02-01T00:00:00Z' } },
      lines: [
        { sku: 12345678901234567890n.toString(), count: 2 },
        { sku: 'b', count: 'many' },
      ],
    };
    const { rows, rejects } = read(JSON.stringify(value), options);
    expect(rows).toMatchObject([{ userId: 'x', itemId: '12345678901234567890', type: 'purchase', value: 2 }]);
    expect(rejects).toEqual([
      {
        ...{ partition: 2, message: 41, row: 1, userId: 'x', text: JSON.stringify(value) },
        reason: expect.stringMatching(/value must be a number; got "many"/),
      },
    ]);
  });

  it.each([
    ['no value', undefined, /the message has no value/],
    ['no JSON', 'user=ann', /the value is not valid JSON/],
    ['no UTF-8', Buffer.from([0x7b, 0xff]), /the value is not UTF-8; send JSON in UTF-8/],
    ['the head of a schema registry', Buffer.from([0, 0, 0, 0, 1, 0x7b]), /begins with a zero byte/],
    ['no object', '[1]', /must be/],
    ['no item', '{"userId":"ann","type":"click"}', /itemId is missing/],
    ['a member that nobody knows', '{"userId":"a","itemId":"b","type":"click","sku":1}', /sku/],
    ['a scale that it does not keep', '{"userId":"a","itemId":"b","type":"rating","value":9}', /from 1 to 5/],
    [
      'a time of tomorrow',
      '{"userId":"a","itemId":"b","type":"click","timestamp":"2026-03-03"}',
      /time in the past/,
    ],
    ['more than a megabyte', Buffer.alloc(1_100_000, 32), /longer than/],
  ])('is kept aside with the reason where it has %s', (_what, value, reason) => {
    const { rows, rejects } = read(value);
    expect(rows).toEqual([]);
    expect(rejects).toMatchObject([
      { partition: 2, message: 41, row: 0, reason: expect.stringMatching(reason) },
    ]);
    expect(rejects[0]!.text.length).toBeLessThanOrEqual(1_000);
  });
});
