import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POPULARITY } from '../../../src/domain/data/popularity.ts';
import { partsOf } from '../../../src/serving/views/lazy-list.ts';
import { createCurrentPopularity } from '../../../src/serving/views/popularity-view.ts';
import type { Store } from '../../../src/store/store.ts';
import { eventually } from '../../helpers/eventually.ts';
import { interaction, openStore, temporaryFolder } from '../../helpers/store.ts';

let store: Store;
beforeEach(async () => {
  store = await openStore(path.join(await temporaryFolder(), 'test.db'));
});

async function idsOf(popularity: ReturnType<typeof createCurrentPopularity>) {
  const ids: string[] = [];
  for await (const part of partsOf((await popularity.get()).list('score')))
    ids.push(...part.map(({ itemId }) => itemId));
  return ids;
}

const clicks = (itemId: string, ...users: string[]) =>
  store.interactions.add(users.map((userId) => interaction({ userId, itemId })));

describe('popularity in an api', () => {
  it('is counted at the first question, and again when interactions have come in since', async () => {
    await clicks('hit', 'a', 'b');
    await clicks('other', 'a');
    const popularity = createCurrentPopularity(store, DEFAULT_POPULARITY, Date.now, 0);
    expect(await idsOf(popularity)).toEqual(['hit', 'other']);
    const counted = await store.popularity.state();
    expect(await idsOf(popularity)).toEqual(['hit', 'other']);
    // Nothing came in: nothing is counted.
    expect(await store.popularity.state()).toEqual(counted);
    await clicks('other', 'c', 'd', 'e');
    await eventually('the other is ahead', async () => (await idsOf(popularity))[0] === 'other');
  });

  it('is that of whichever process has counted it, all of it, page by page', async () => {
    for (let i = 0; i < 30; i++)
      await clicks(`item-${i}`, ...Array.from({ length: 30 - i }, (_, user) => `u${user}`));
    await store.popularity.compute(DEFAULT_POPULARITY);
    const idle = { ...store.popularity, compute: () => Promise.reject(new Error('it is counted already')) };
    const popularity = createCurrentPopularity({ ...store, popularity: idle }, DEFAULT_POPULARITY, Date.now);
    expect(await idsOf(popularity)).toEqual(Array.from({ length: 30 }, (_, i) => `item-${i}`));
    const scores = await (await popularity.get()).of(['item-3', 'none']);
    expect([...scores]).toEqual([['item-3', 27]]);
  });

  it('stands in with the numbers of interactions while nothing can be counted', async () => {
    await clicks('hit', 'a', 'b');
    await clicks('other', 'c');
    const failing = { ...store.popularity, compute: () => Promise.reject(new Error('read-only')) };
    const popularity = createCurrentPopularity(
      { ...store, popularity: failing },
      DEFAULT_POPULARITY,
      Date.now,
    );
    expect(await idsOf(popularity)).toEqual(['hit', 'other']);
    expect((await popularity.get()).computedAt).toBeNull();
  });

  it('goes on with the former table where a later count fails', async () => {
    await clicks('hit', 'a', 'b');
    await store.popularity.compute(DEFAULT_POPULARITY);
    let tries = 0;
    const failing = {
      ...store.popularity,
      compute: () => {
        tries++;
        return Promise.reject(new Error('away'));
      },
    };
    const popularity = createCurrentPopularity(
      { ...store, popularity: failing },
      DEFAULT_POPULARITY,
      () => Date.now() + 3_600_000,
      0,
    );
    await clicks('hit', 'c');
    expect(await idsOf(popularity)).toEqual(['hit']);
    expect(tries).toBe(1);
    expect(await idsOf(popularity)).toEqual(['hit']);
  });
});
