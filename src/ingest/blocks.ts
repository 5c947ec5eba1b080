/** Longer lines are refused: nothing that is meant has them, and they would have to be held in memory. */
export const MAX_LINE_BYTES = 1_048_576;

/** Whole lines with their line ends, or one line that is too long to be read. */
export type Block = { line: number; bytes: Buffer } | { line: number; tooLong: true };

const NEWLINE = 10;

/** Cuts a stream of bytes at line ends. `line` is the number of the block's first line, from 1. */
export async function* readBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let line = 1;
  let rest: Buffer[] = [];
  let restBytes = 0;
  let skipping = false;
  for await (const chunk of source) {
    let data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (skipping) {
      const end = data.indexOf(NEWLINE);
      if (end < 0) continue;
      data = data.subarray(end + 1);
      line++;
      skipping = false;
    }
    const end = data.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const bytes = Buffer.concat([...rest, data.subarray(0, end)]);
      yield { line, bytes };
      line += countLines(bytes);
      rest = [];
      restBytes = 0;
    }
    if (end < data.length) {
      rest.push(data.subarray(end));
      restBytes += data.length - end;
    }
    if (restBytes > MAX_LINE_BYTES) {
      yield { line, tooLong: true };
      rest = [];
      restBytes = 0;
      skipping = true;
    }
  }
  if (restBytes > 0) yield { line, bytes: Buffer.concat(rest) };
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** The lines of a block without their ends, `\n` or `\r\n`. */
export function* linesOf(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    yield bytes.subarray(start, end > start && bytes[end - 1] === 13 ? end - 1 : end);
    start = end + 1;
  }
}
