import { isUtf8 } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, type ProblemCode, problem } from '../../core/errors.ts';
import { type Block, linesOf, MAX_LINE_BYTES, readBlocks } from '../../ingest/blocks.ts';
import { withExactNumbers } from '../../ingest/json-text.ts';

/** A line that is JSON, or why it is none. `line` counts from 1, empty lines too. */
export type Line = { line: number } & ({ row: unknown } | { refused: Refusal });

export interface Refusal {
  code: ProblemCode;
  detail: string;
}

/** Lines that are handed on together at the most. */
export const BATCH_LINES = 1000;

/**
 * Cuts a stream into batches of lines. A batch is full, or nothing more has come for a moment: a sender that pauses
 * hears of what it has sent. No more than one block of the stream is read ahead of the batch that is worked on.
 * @param source the bytes; what is not read of them stays there
 * @param stop ends the reading with problem('not-ready')
 */
export async function* lineBatches(
  source: AsyncIterable<Uint8Array>,
  pauseMs: number,
  stop: AbortSignal,
): AsyncGenerator<Line[]> {
  const blocks = readBlocks(source);
  let waiting: Line[] = [];
  let next = nextOf(blocks);
  for (;;) {
    const got = await firstOf(next, waiting.length > 0 ? pauseMs : null, stop);
    if (got === 'pause') {
      yield waiting;
      waiting = [];
      continue;
    }
    if (got.done) break;
    next = nextOf(blocks);
    for (const line of linesIn(got.value)) {
      waiting.push(line);
      if (waiting.length < BATCH_LINES) continue;
      yield waiting;
      waiting = [];
    }
  }
  if (waiting.length > 0) yield waiting;
}

function nextOf(blocks: AsyncGenerator<Block>): Promise<IteratorResult<Block, void>> {
  const next = blocks.next();
  // Whoever waits for it next hears of a failure.
  next.catch(() => {});
  return next;
}

async function firstOf<T>(next: Promise<T>, pauseMs: number | null, stop: AbortSignal): Promise<T | 'pause'> {
  const over = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const end = () => reject(problem('not-ready', 'The service is closing'));
    if (stop.aborted) end();
    stop.addEventListener('abort', end, { signal: over.signal });
  });
  const pause = pauseMs === null ? [] : [sleep(pauseMs, 'pause' as const, { signal: over.signal })];
  for (const one of pause) one.catch(() => {});
  try {
    return await Promise.race([next, ...pause, stopped]);
  } finally {
    over.abort();
  }
}

/** Empty lines are passed over. */
function* linesIn(block: Block): Generator<Line> {
  let { line } = block;
  if ('tooLong' in block) return yield { line, refused: TOO_LONG };
  const { bytes } = block;
  // As a whole it is decoded in a fraction of the time; a bad byte is the fault of its line alone.
  const texts = isUtf8(bytes) ? bytes.toString('utf8').split('\n') : Array.from(linesOf(bytes), decode);
  for (const text of texts) {
    const read = text === null ? NOT_UTF8 : readLine(text, line === 1);
    if (read) yield { line, ...read };
    line++;
  }
}

const decode = (bytes: Buffer) => (isUtf8(bytes) ? bytes.toString('utf8') : null);

const TOO_LONG: Refusal = {
  code: 'malformed-json',
  detail: `the line is longer than ${MAX_LINE_BYTES} bytes; send one interaction per line`,
};

const NOT_UTF8 = {
  refused: { code: 'malformed-json', detail: 'the line is not UTF-8; send JSON in UTF-8' },
} as const;

function readLine(line: string, isFirst: boolean): { row: unknown } | { refused: Refusal } | null {
  if (line.length > MAX_LINE_BYTES) return { refused: TOO_LONG };
  const text = isFirst && line.startsWith('\uFEFF') ? line.slice(1) : line;
  if (text.trim() === '') return null;
  try {
    return { row: JSON.parse(withExactNumbers(text)) };
  } catch (error) {
    return {
      refused: { code: 'malformed-json', detail: `the line is not valid JSON: ${messageOf(error)}` },
    };
  }
}
