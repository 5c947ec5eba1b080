import { expect, it } from 'vitest';
import { buildRatings, weightingOf } from '../../../../src/dataset/ratings.ts';
import { completeEvent } from '../../../../src/domain/data/event-type.ts';
import { createHistoryFold } from '../../../../src/serving/caches/history.ts';
import { sourceOf } from '../../../helpers/data.ts';
import { ratedRows } from '../../../helpers/rated.ts';

const UNRATED = -1;
const meaning = completeEvent('rating', { scale: { min: 1, max: 5, likedFrom: 4, unrated: UNRATED } })!;

it('a value that is no rating is none in training: neither a pair nor the end of the scale', async () => {
  const rows = ratedRows();
  const seen = [
    { ...rows[0]!, value: UNRATED, timestamp: Date.UTC(2027, 0, 1) },
    { user: 'watcher', item: rows[0]!.item, type: 'rating', value: UNRATED, timestamp: 1 },
  ];
  const options = { types: ['rating'], isUnrated: (_: string, value: number) => value === UNRATED };
  const [plain, mixed] = [
    await buildRatings(sourceOf(rows), options),
    await buildRatings(sourceOf([...seen, ...rows]), options),
  ];
  expect(mixed.scale).toEqual(plain.scale);
  expect(mixed.users).toEqual(plain.users);
  expect([...mixed.matrix.values]).toEqual([...plain.matrix.values]);
});

it('in serving it makes its item seen, and speaks for nothing', () => {
  const rowOf = new Map(['a', 'b'].map((id, row) => [id, row]));
  const installed = () => (type: string) => (type === 'rating' ? meaning : null);
  const fold = createHistoryFold(rowOf, weightingOf(['rating']), { rated: true, installed });
  const row = (itemId: string, value: number, timestamp: number) => ({
    itemId,
    type: 'rating',
    value,
    timestamp,
  });
  const { rows, weights, seen } = fold([row('a', UNRATED, 3), row('b', UNRATED, 2), row('a', 2, 1)], 4);
  expect([...rows]).toEqual([0]);
  expect([...weights]).toEqual([2]);
  expect([...seen].sort()).toEqual([0, 1]);
});
