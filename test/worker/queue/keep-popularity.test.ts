import path from 'node:path';
import { expect, it } from 'vitest';
import { createLogger } from '../../../src/core/logger.ts';
import { DEFAULT_POPULARITY } from '../../../src/domain/data/popularity.ts';
import { keepPopularity } from '../../../src/worker/queue/keep-popularity.ts';
import { eventually } from '../../helpers/eventually.ts';
import { interaction, openStore, temporaryFolder } from '../../helpers/store.ts';

it('counts anew when interactions have come in, not before it is due, and goes on after a failure', async () => {
  let now = 1_800_000_000_000;
  const store = await openStore(path.join(await temporaryFolder(), 'test.db'), () => now);
  await store.interactions.add([interaction()]);
  let calls = 0;
  const stop = new AbortController();
  const kept = keepPopularity({
    store: {
      popularity: {
        state: store.popularity.state,
        isOutdated: store.popularity.isOutdated,
        compute: async (...args) => {
          if (++calls === 1) throw new Error('the database is away');
          return store.popularity.compute(...args);
        },
      },
    },
    definition: DEFAULT_POPULARITY,
    logger: createLogger('test', 'silent'),
    now: () => now,
    signal: stop.signal,
    intervalMs: 5,
  });
  await eventually('it is counted', async () => (await store.popularity.state())?.items === 1);
  await store.interactions.add([interaction({ itemId: 'film-2' })]);
  now += 1000;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(await store.popularity.state()).toMatchObject({ generation: 1 });
  now += 600_000;
  await eventually('it is counted again', async () => (await store.popularity.state())?.items === 2);
  stop.abort();
  await kept;
  expect(calls).toBe(3);
});

it('ends a count that is under way when the worker stops', async () => {
  const store = await openStore(path.join(await temporaryFolder(), 'test.db'));
  await store.interactions.add([interaction()]);
  const stop = new AbortController();
  stop.abort();
  await expect(store.popularity.compute(DEFAULT_POPULARITY, { signal: stop.signal })).rejects.toThrow();
  expect(await store.popularity.state()).toBeNull();
  expect(await store.popularity.compute(DEFAULT_POPULARITY)).toMatchObject({ generation: 1 });
});
