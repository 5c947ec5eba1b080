import { once } from 'node:events';
import { createWriteStream, statSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createRng } from '../../src/core/rng.ts';

export interface Event {
  userId: string;
  itemId: string;
  value: number;
  /** Unix seconds. */
  timestamp: number;
}

const START = 1_500_000_000;
const ITEMS = 30_000;
const ROWS_PER_USER = 100;

/** Events of random users in the order of time, popular items more often; no two are the same. */
export function* events(count: number, seed: number): Generator<Event> {
  const rng = createRng(seed);
  const users = Math.max(100, Math.round(count / ROWS_PER_USER));
  for (let i = 0; i < count; i++) {
    yield {
      userId: `user-${rng.int(users)}`,
      itemId: `item-${Math.floor(ITEMS * rng.next() ** 2)}`,
      value: 1 + rng.int(5),
      timestamp: START + i * 20,
    };
  }
}

/** @returns its bytes */
export async function writeCsv(file: string, count: number, seed: number): Promise<number> {
  const stream = createWriteStream(file);
  let text = 'userId,itemId,rating,timestamp\n';
  for (const { userId, itemId, value, timestamp } of events(count, seed)) {
    text += `${userId},${itemId},${value},${timestamp}\n`;
    if (text.length < 65_536) continue;
    if (!stream.write(text)) await once(stream, 'drain');
    text = '';
  }
  stream.end(text);
  await finished(stream);
  return statSync(file).size;
}
