import { isUtf8 } from 'node:buffer';
import { batched } from '../../core/batched.ts';
import { messageOf, type ProblemCode } from '../../core/errors.ts';
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
  yield* batched(listsOf(source), { most: BATCH_LINES, pauseMs, stop });
}

async function* listsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Iterable<Line>> {
  for await (const block of readBlocks(source)) yield linesIn(block);
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
