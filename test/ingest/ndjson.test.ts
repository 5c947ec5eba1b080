import { describe, expect, it } from 'vitest';
import { readNdjson } from '../../src/ingest/ndjson.ts';
import { inChunks, readAll } from './read-all.ts';

function read(content: string | Uint8Array, type?: string, chunk = 65_536) {
  return readAll(readNdjson(inChunks(content, chunk), 'interactions', { type }));
}

describe('lines of JSON', () => {
  const content = '\ufeff{"userId":"ann","type":"buy"}\r\n\n  \n{"userId":"🎬"}\n{"userId":"bob"}';
  const expected = [
    { line: 1, raw: { userId: 'ann', type: 'buy' } },
    { line: 4, raw: { userId: '🎬', type: 'click' } },
    { line: 5, raw: { userId: 'bob', type: 'click' } },
  ];

  it('are read with their numbers, and get the type of the query where they have none', async () => {
    expect(await read(content, 'click')).toEqual({ rows: expected });
  });

  it.each([1, 2, 5])('are read the same in chunks of %i bytes', async (chunk) => {
    expect(await read(content, 'click', chunk)).toEqual({ rows: expected });
  });
});

it('refuses a line that is no JSON and goes on', async () => {
  const { rows } = await read('{"userId":\nnope\n{"userId":NaN}\n{"userId":"ann"}\n');
  expect(rows.map((row) => ('reason' in row ? `${row.line}: ${row.reason}` : row.line))).toEqual([
    expect.stringMatching(/^1: the line is not valid JSON/),
    expect.stringMatching(/^2: the line is not valid JSON/),
    expect.stringMatching(/^3: the line is not valid JSON/),
    4,
  ]);
});

it('refuses a line that is not UTF-8 and goes on', async () => {
  const bytes = Buffer.concat([
    Buffer.from('{"userId":"J\u00f6rg"}\n', 'latin1'),
    Buffer.from('{"userId":"ann"}\n'),
  ]);
  expect((await read(bytes)).rows).toEqual([
    { line: 1, reason: expect.stringMatching(/^the line is not UTF-8; .*encoding=windows-1252/) },
    { line: 2, raw: { userId: 'ann' } },
  ]);
});

it.each([1000, 65_536, 5_000_000])(
  'refuses a line of ten megabytes and goes on (chunks of %i)',
  async (chunk) => {
    const { rows } = await read(`{"a":1}\n${'x'.repeat(10_000_000)}\n{"a":2}\n`, undefined, chunk);
    expect(rows).toEqual([
      { line: 1, raw: { a: 1 } },
      { line: 2, reason: 'the line is longer than 1048576 bytes; split it' },
      { line: 3, raw: { a: 2 } },
    ]);
  },
);

it.each(['', '\n\n', '\ufeff'])('fails when there is nothing in the file: %j', async (content) => {
  const { rows, error } = await read(content);
  expect(rows).toEqual([]);
  expect(error).toMatchObject({ code: 'invalid-rows', detail: expect.stringContaining('empty') });
});
