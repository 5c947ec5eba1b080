import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createRng } from '../src/core/rng.ts';
import { DEFAULT_POPULARITY } from '../src/domain/data/popularity.ts';
import { createStore } from '../src/store/create-store.ts';
import { createBatchBuilder } from '../src/store/data/batch.ts';

/**
 * Time of one computation of popularity, and how long it holds up the event loop of the process that does it.
 *   node bench/run.mjs popularity --rows 1000000
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    users: { type: 'string', default: '50000' },
    items: { type: 'string', default: '20000' },
  },
});
const [rows, users, items] = [values.rows, values.users, values.items].map(Number) as [
  number,
  number,
  number,
];
const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-popularity-'));
try {
  const store = await createStore(`sqlite:${path.join(folder, 'bench.db')}`);
  const rng = createRng(1);
  const builder = createBatchBuilder();
  const now = Date.now();
  for (let i = 0; i < rows; i++) {
    builder.add({
      userId: `user-${Math.floor(rng.next() * users)}`,
      itemId: `item-${Math.floor(items * rng.next() ** 3)}`,
      type: 'click',
      value: null,
      timestamp: now - Math.floor(rng.next() * 90 * 86_400_000),
      eventId: null,
    });
    if (builder.length() === 250_000) await store.interactions.addBatch(builder.take());
  }
  await store.interactions.addBatch(builder.take());
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const first = await store.popularity.compute(DEFAULT_POPULARITY);
  const second = await store.popularity.compute(DEFAULT_POPULARITY);
  delay.disable();
  const ms = (nanoseconds: number) => Math.round(nanoseconds / 1e5) / 10;
  console.log(
    JSON.stringify({
      rows,
      users,
      items: second!.items,
      firstMs: Math.round(first!.tookMs),
      againMs: Math.round(second!.tookMs),
      loopDelayP99Ms: ms(delay.percentile(99)),
      loopDelayMaxMs: ms(delay.max),
      heapMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
    }),
  );
  await store.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
