import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Longer ones are cut in two: a child that prints no line end must not fill our memory. */
const LONGEST = 64 * 1024;

/** Calls back with each whole line of a stream of bytes, and with the rest at its end. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length > LONGEST) {
      onLine(rest);
      rest = '';
    }
  });
  stream.once('end', () => {
    if (rest !== '') onLine(rest);
  });
}
