import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { createStore } from '../../src/store/create-store.ts';
import { toBatch } from '../../src/store/data/batch.ts';
import { createIngestWriter } from '../../src/store/sqlite/ingest-writer.ts';
import { interaction, openStore, temporaryFolder } from '../helpers/store.ts';

const newFile = async () => path.join(await temporaryFolder(), 'test.db');

it('says what the thread could not do, and works again when it can', async () => {
  const file = await newFile();
  const writer = createIngestWriter(file);
  onTestFinished(() => writer.close());
  await expect(writer.add(toBatch([interaction()]))).rejects.toThrow(/no such table/);
  await (await createStore(`sqlite:${file}`)).close();
  expect(await writer.add(toBatch([interaction(), interaction()]))).toEqual(Uint8Array.of(1, 0));
});

it('fails a call whose thread ends, and starts another one for the next', async () => {
  const writer = createIngestWriter('', fileURLToPath(new URL('ending-thread.mjs', import.meta.url)));
  onTestFinished(() => writer.close());
  for (const _ of [1, 2]) {
    await expect(writer.add(toBatch([interaction()]))).rejects.toMatchObject({
      code: 'store-unavailable',
      detail: expect.stringContaining('exit code 7'),
    });
  }
});

it('leaves the event loop alone while many rows are stored', async () => {
  const store = await openStore(await newFile());
  const rows = Array.from({ length: 50_000 }, (_, i) =>
    interaction({ userId: `u${i % 997}`, itemId: `i${i % 89}`, timestamp: i }),
  );
  let turns = 0;
  const counting = setInterval(() => turns++, 1);
  await store.interactions.add(rows);
  clearInterval(counting);
  // In one piece it would be the few before and after.
  expect(turns).toBeGreaterThan(20);
});

it('of many rows keeps the order within a user, counts each and knows those of before', async () => {
  const store = await openStore(await newFile());
  const row = (i: number) =>
    interaction({ userId: `u${(i * 7) % 10}`, itemId: `i${i}`, timestamp: i % 2 ? null : 5 });
  const rows = Array.from({ length: 6_000 }, (_, i) => row(i));
  await store.interactions.add(rows.slice(0, 100));
  const outcomes = await store.interactions.add([...rows, row(3)]);
  const duplicates = [...outcomes.keys()].filter((i) => outcomes[i] === 'duplicate');
  expect(duplicates).toEqual([...Array.from({ length: 100 }, (_, i) => i), 6_000]);
  const mine = rows.filter(({ userId }) => userId === 'u0').reverse();
  const expected = [...mine.filter((r) => r.timestamp !== null), ...mine.filter((r) => r.timestamp === null)];
  const history = await store.interactions.history('u0', 10_000);
  expect(history.map(({ itemId }) => itemId)).toEqual(expected.map(({ itemId }) => itemId));
  const counted = await store.interactions.mostPopular(10_000);
  expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(6_000);
});

it('leaves the event loop alone while recommendations and clicks are written down', async () => {
  const store = await openStore(await newFile());
  const items = Array.from({ length: 10 }, (_, i) => `item-${i}`);
  const served = Array.from({ length: 5000 }, (_, i) => ({
    id: `served-${i}`,
    model: 'movies',
    version: 1,
    at: i,
    items,
  }));
  const clicks = served.map(({ id }) => ({ recommendationId: id, itemId: 'item-3', type: 'click' }));
  let turns = 0;
  const counting = setInterval(() => turns++, 1);
  await store.served.record(served, 4000);
  await store.served.click(clicks);
  clearInterval(counting);
  expect(turns).toBeGreaterThan(10);
  const [counts] = await store.served.online('movies', 0);
  expect(counts).toMatchObject({
    ...{ version: 1, served: 4000, clicked: 4000, itemsShown: 40_000, itemsClicked: 4000 },
  });
});
