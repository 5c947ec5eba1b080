import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createBatchBuilder, orderByUser, rowsOf, toBatch } from '../../../src/store/data/batch.ts';
import { partsByUser } from '../../../src/store/sqlite/by-user.ts';
import { openConnection } from '../../../src/store/sqlite/connection.ts';
import { interaction, openStore, temporaryFolder } from '../../helpers/store.ts';

it('names each user, item and type once, and says of each row which they are', () => {
  const batch = toBatch([
    interaction({ userId: 'a', itemId: 'x', type: 'click', value: 2, timestamp: 5 }),
    interaction({ userId: 'b', itemId: 'x', type: 'view', value: null, timestamp: null }),
    interaction({ userId: 'a', itemId: 'y', type: 'click', value: 0, timestamp: 0 }),
  ]);
  expect(batch).toEqual({
    length: 3,
    users: ['a', 'b'],
    items: ['x', 'y'],
    types: ['click', 'view'],
    user: Int32Array.of(0, 1, 0),
    item: Int32Array.of(0, 0, 1),
    type: Int32Array.of(0, 1, 0),
    value: Float64Array.of(2, Number.NaN, 0),
    timestamp: Float64Array.of(5, Number.NaN, 0),
    eventIds: null,
    contexts: null,
    received: null,
  });
});

it('gives back the rows that went in, and starts anew when they are taken', () => {
  const builder = createBatchBuilder(1);
  const rows = [interaction(), interaction({ value: 3, timestamp: null }), interaction({ eventId: 'e' })];
  for (const row of rows) builder.add(row);
  const batch = builder.take();
  expect(rowsOf(batch, Int32Array.of(2, 0, 1))).toEqual([rows[2], rows[0], rows[1]]);
  expect(builder.length()).toBe(0);
  expect(builder.take()).toEqual(toBatch([]));
});

it('has event ids as soon as one row has one', () => {
  const { eventIds } = toBatch([interaction(), interaction({ eventId: 'e' })]);
  expect(eventIds).toEqual([null, 'e']);
});

it('orders rows by user, and each user by place', () => {
  const user = Int32Array.of(2, 0, 1, 2, 0);
  expect(orderByUser(user)).toEqual(Int32Array.of(1, 4, 2, 0, 3));
  expect(orderByUser(user, (place) => [7, 3, 5][place]!)).toEqual(Int32Array.of(2, 0, 3, 1, 4));
  expect(orderByUser(new Int32Array(0))).toEqual(new Int32Array(0));
});

it('refuses an order that numbers cannot say', () => {
  expect(() => orderByUser(Int32Array.of(0, 0), () => 2 ** 53)).toThrow('too many rows');
});

it('cuts a batch into parts of whole rows, known users first and each user together', async () => {
  const file = path.join(await temporaryFolder(), 'test.db');
  const store = await openStore(file);
  await store.interactions.add([interaction({ userId: 'known' })]);
  const connection = openConnection(file, true);
  onTestFinished(() => void connection.database.close());
  const rows = ['new', 'known', 'other', 'new', 'known'].map((userId, i) =>
    interaction({ userId, itemId: `i${i}`, timestamp: i, value: i || null, eventId: `e${i}` }),
  );
  const parts = [...partsByUser(connection, toBatch(rows), 2)];
  expect(parts.map((part) => [...part.rows])).toEqual([[1, 4], [0, 3], [2]]);
  for (const part of parts) {
    expect(part.batch).toEqual(toBatch([...part.rows].map((row) => rows[row]!)));
  }
});
