import { expect, it } from 'vitest';
import { buildDataset } from '../../src/dataset/build.ts';
import { holdOutItems, withColdItems } from '../../src/dataset/hold-out-items.ts';
import { DEFAULT_WEIGHTING } from '../../src/domain/data/weighting.ts';
import { blockRows, denseOf, sourceOf } from '../helpers/data.ts';

const rows = blockRows();
const read = () => buildDataset(sourceOf(rows), DEFAULT_WEIGHTING);

/** Item ids of each user, in no order. */
const pairsOf = (users: string[], items: string[], dense: number[][]) =>
  users.map((_, user) => items.filter((_, item) => dense[user]![item] !== 0).sort());

it('takes a share of the items out with all their pairs, and gives them back last', async () => {
  const whole = await read();
  const { dataset, cold } = holdOutItems(whole, 0.3, 42);
  expect(cold!.ids.length).toBeGreaterThan(0);
  expect([...dataset.items, ...cold!.ids].sort()).toEqual(whole.items);
  expect(dataset.matrix.columns).toBe(dataset.items.length);
  expect(dataset.matrix.indices.length + cold!.pairs.indices.length).toBe(whole.matrix.indices.length);
  expect(dataset.firstSeen.length).toBe(dataset.matrix.indices.length);
  expect(dataset.hash).not.toBe(whole.hash);
  const back = withColdItems(dataset.matrix, cold);
  const items = [...dataset.items, ...cold!.ids];
  expect(pairsOf(whole.users, items, denseOf(back))).toEqual(
    pairsOf(whole.users, whole.items, denseOf(whole.matrix)),
  );
});

it('draws by id and seed alone, and nothing at a share of 0', async () => {
  const whole = await read();
  const drawn = (seed: number) => holdOutItems(whole, 0.3, seed).cold!.ids;
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
  expect(holdOutItems(whole, 0, 1)).toEqual({ dataset: whole });
});
