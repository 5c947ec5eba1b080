import { expect, it } from 'vitest';
import { toBatch } from '../../src/store/batch.ts';
import { interaction } from '../helpers/store.ts';

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
  });
});

it('has event ids as soon as one row has one', () => {
  const { eventIds } = toBatch([interaction(), interaction({ eventId: 'e' })]);
  expect(eventIds).toEqual([null, 'e']);
});
