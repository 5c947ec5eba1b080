import path from 'node:path';
import { expect, it } from 'vitest';
import { createLogger } from '../../../src/core/logger.ts';
import { keepRetention } from '../../../src/worker/queue/retention.ts';
import { eventually } from '../../helpers/eventually.ts';
import { interaction, openStore, temporaryFolder } from '../../helpers/store.ts';

const DAY_MS = 86_400_000;

it('deletes what is older than so many days, in steps, and goes on after a failure', async () => {
  const store = await openStore(path.join(await temporaryFolder(), 'test.db'));
  const rows = Array.from({ length: 2_500 }, (_, i) => interaction({ timestamp: i }));
  await store.interactions.add([
    ...rows,
    interaction({ timestamp: 9 * DAY_MS }),
    interaction({ timestamp: null }),
  ]);
  let calls = 0;
  let told = 0;
  const stop = new AbortController();
  const kept = keepRetention({
    deletions: {
      expire: async (before, limit) => {
        if (++calls === 2) throw new Error('the database is away');
        return store.deletions.expire(before, limit);
      },
    },
    retainDays: 2,
    logger: createLogger('test', 'silent'),
    now: () => 10 * DAY_MS,
    signal: stop.signal,
    onDeleted: () => told++,
    intervalMs: 20,
  });
  await eventually('all old rows are gone', async () => (await store.interactions.countUpTo(9_999)) === 2);
  stop.abort();
  await kept;
  expect(calls).toBeGreaterThanOrEqual(4);
  // The pass that failed after its first step, and the one that found the rest; not those that found nothing.
  expect(told).toBe(2);
});
