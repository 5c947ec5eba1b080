import type { Readable } from 'node:stream';

const TAIL_CHARACTERS = 4000;

/** Passes a child's error output on and keeps its end for the report of a crash. */
export function keepTail(stream: Readable, passOn: (chunk: Buffer) => void): () => string {
  let tail = '';
  stream.on('data', (chunk: Buffer) => {
    passOn(chunk);
    tail = (tail + chunk.toString('utf8')).slice(-TAIL_CHARACTERS);
  });
  return () => tail.trim();
}
