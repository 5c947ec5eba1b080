import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BATCH_LINES, lineBatches } from '../../../src/http/rows/interaction-lines.ts';
import { MAX_LINE_BYTES } from '../../../src/ingest/blocks.ts';

const NEVER = new AbortController().signal;

async function* chunks(...parts: (string | Buffer | (() => Promise<unknown>))[]) {
  for (const part of parts) {
    if (typeof part === 'function') await part();
    else yield Buffer.from(part as string);
  }
}

async function read(source: AsyncIterable<Uint8Array>, pauseMs = 10_000) {
  const batches = [];
  for await (const batch of lineBatches(source, pauseMs, NEVER)) batches.push(batch);
  return batches;
}

describe('batches of lines', () => {
  it('have each line with its number, whatever the cuts of the stream', async () => {
    const [batch] = await read(chunks('\ufeff{"a"', ':1}\r\n\n', ' \n7\n{"b":', '\n"last"'));
    expect(batch).toEqual([
      { line: 1, row: { a: 1 } },
      { line: 4, row: 7 },
      {
        line: 5,
        refused: { code: 'malformed-json', detail: expect.stringMatching(/^the line is not valid JSON: /) },
      },
      { line: 6, row: 'last' },
    ]);
  });

  it('refuse a line that is no UTF-8 and one that is too long, and go on', async () => {
    const long = Buffer.alloc(MAX_LINE_BYTES / 4, 'x');
    const [batch] = await read(
      chunks(Buffer.from([0x22, 0xff, 0x22, 10]), long, long, long, long, long, 'x\n1\n'),
    );
    expect(batch).toEqual([
      { line: 1, refused: { code: 'malformed-json', detail: expect.stringMatching(/not UTF-8/) } },
      { line: 2, refused: { code: 'malformed-json', detail: expect.stringMatching(/longer than 1048576/) } },
      { line: 3, row: 1 },
    ]);
  });

  it('are full, or all that came before a pause', async () => {
    const line = '{}\n';
    const pause = () => sleep(100);
    const sizes = async (source: AsyncIterable<Uint8Array>, pauseMs?: number) =>
      (await read(source, pauseMs)).map(({ length }) => length);
    expect(await sizes(chunks(line.repeat(BATCH_LINES * 2 + 1)))).toEqual([BATCH_LINES, BATCH_LINES, 1]);
    expect(await sizes(chunks(line, line, pause, line, '{"cut":', pause, '1}\n'), 5)).toEqual([2, 1, 1]);
  });

  it('are read no further ahead than a block', async () => {
    let taken = 0;
    async function* endless() {
      for (;;) {
        taken++;
        yield Buffer.from('{}\n'.repeat(BATCH_LINES));
      }
    }
    const batches = lineBatches(endless(), 10_000, NEVER);
    await batches.next();
    await sleep(5);
    expect(taken).toBeLessThanOrEqual(2);
  });

  it('end when the service closes, in the middle of a wait too', async () => {
    const stop = new AbortController();
    const batches = lineBatches(
      chunks('{}\n', () => new Promise(() => {})),
      1,
      stop.signal,
    );
    expect((await batches.next()).value).toHaveLength(1);
    const next = batches.next();
    stop.abort();
    await expect(next).rejects.toMatchObject({ code: 'not-ready' });
  });
});
