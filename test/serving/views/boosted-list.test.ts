import { expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { boostLazily } from '../../../src/serving/views/boosted-list.ts';
import { createLazyList, partsOf } from '../../../src/serving/views/lazy-list.ts';

const rng = createRng(3);
const entries = Array.from({ length: 1200 }, (_, i) => ({ itemId: `i${i}`, score: rng.next() * 100 })).sort(
  (a, b) => b.score - a.score,
);

function open() {
  let read = 0;
  const list = createLazyList(async () => {
    if (read === entries.length) return null;
    read += 100;
    return entries.slice(read - 100, read);
  });
  return { list, read: () => read };
}

async function all<T>(list: ReturnType<typeof createLazyList<T>>): Promise<T[]> {
  const found: T[] = [];
  for await (const part of partsOf(list)) found.push(...part);
  return found;
}

it.each([
  [1, 0.2],
  [2, 0.5],
  [1000, 0.001],
])(
  'with factors up to %d and down to %d the order is that of all scores times their factors',
  async (up, down) => {
    const factorOf = (itemId: string) => (itemId.endsWith('7') ? up : itemId.endsWith('3') ? down : 1);
    const wanted = entries
      .map((entry) => ({ ...entry, score: entry.score * factorOf(entry.itemId) }))
      .sort((a, b) => b.score - a.score);
    const { list } = open();
    const boosted = boostLazily(list, up, async (part) => part.map(({ itemId }) => factorOf(itemId)));
    expect(await all(boosted)).toEqual(wanted);
  },
);

it('reads no further than it must, and an empty list ends', async () => {
  const { list, read } = open();
  const boosted = boostLazily(list, 1.01, async (part) => part.map(() => 1));
  await boosted.more();
  expect(boosted.items.length).toBeGreaterThan(0);
  expect(read()).toBeLessThan(600);
  expect(
    await all(
      boostLazily(
        createLazyList<{ itemId: string }>(async () => null),
        2,
        async () => [],
      ),
    ),
  ).toEqual([]);
});
