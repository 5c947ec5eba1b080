import { MAX_LINE_BYTES } from './blocks.ts';

const [QUOTE, BACKSLASH, NEWLINE] = [0x22, 0x5c, 10];
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE, COMMA] = [0x5b, 0x5d, 0x7b, 0x7d, 0x2c];

/** The bytes of one entry of an array, or why the rest cannot be read. */
export type ArrayEntry = { line: number; bytes: Buffer } | { line: number; broken: string };

/**
 * Cuts a JSON array into its entries, whatever its size: only one entry is held at a time. That each is JSON is left
 * to the caller.
 */
export async function* readArrayEntries(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ArrayEntry[]> {
  let [line, startLine, depth] = [1, 1, 0];
  let [inText, escaped, begun, ended] = [false, false, false, false];
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const data =
      rest.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([rest, chunk]);
    const entries: ArrayEntry[] = [];
    let start = 0;
    const take = (end: number) => {
      const bytes = data.subarray(start, end);
      if (bytes.some((byte) => byte > 32)) entries.push({ line: startLine, bytes });
      start = end + 1;
      startLine = line;
    };
    for (let at = rest.length; at < data.length; at++) {
      const byte = data[at]!;
      if (byte === NEWLINE) line++;
      if (inText) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inText = false;
        continue;
      }
      if (ended) {
        if (byte > 32)
          return yield [...entries, { line, broken: 'there is text after the end of the array' }];
      } else if (byte === QUOTE) inText = true;
      else if (byte === OPEN_LIST || byte === OPEN) {
        depth++;
        if (!begun) {
          begun = true;
          start = at + 1;
          startLine = line;
        }
      } else if (byte === CLOSE_LIST || byte === CLOSE) {
        depth--;
        if (depth === 0) {
          take(at);
          ended = true;
        }
      } else if (byte === COMMA && depth === 1) take(at);
    }
    rest = ended ? Buffer.alloc(0) : data.subarray(start);
    if (rest.length > MAX_LINE_BYTES) {
      return yield [
        ...entries,
        { line: startLine, broken: `an entry of more than ${MAX_LINE_BYTES} bytes starts here` },
      ];
    }
    if (entries.length > 0) yield entries;
  }
  if (!ended) yield [{ line, broken: 'the array is never closed; the file ends in the middle' }];
}
