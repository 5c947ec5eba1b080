import { describe, expect, it } from 'vitest';
import { buildDataset } from '../../../src/dataset/build.ts';
import { describeMasked, maskedFor } from '../../../src/dataset/split/masked.ts';
import { type SplitPlan, splitPairs } from '../../../src/dataset/split/split.ts';
import { DEFAULT_WEIGHTING } from '../../../src/domain/data/weighting.ts';
import { blockRows, type Row, sourceOf } from '../../helpers/data.ts';

const rated = (item: string, timestamp: number, value: number): Row => ({
  ...{ user: 'u', item, type: 'rating', value, timestamp },
});
// Likes 1, 2, 3 and 4, one after the other; dislikes 5 before, 6 between validation and test, 7 after.
const ROWS = [
  ...[1, 2, 3, 4].map((i) => rated(`item/0${i}`, 100 * i, 5)),
  rated('item/05', 50, 1),
  rated('item/06', 350, 1),
  rated('item/07', 450, 1),
];

async function masked(plan: SplitPlan, hidden: string[] = []) {
  const data = await buildDataset(sourceOf([...ROWS, ...blockRows()]), DEFAULT_WEIGHTING, { withSeen: true });
  const split = splitPairs(data, plan, 2);
  const u = data.users.indexOf('u');
  const unlisted = { seen: data.seen!, hidden: Int32Array.from(hidden, (id) => data.items.indexOf(id)) };
  const of = (part: 'validation' | 'test') => {
    const masks = maskedFor(split, unlisted, part);
    const mine = ({ indptr, indices }: typeof masks.known) =>
      Array.from(indices.subarray(indptr[u]!, indptr[u + 1]!), (item) => Number(data.items[item]!.slice(-2)));
    return { known: mine(masks.known), heldOut: mine(masks.heldOut), masks };
  };
  return { split, of };
}

describe('what a ranking leaves out', () => {
  it('is all that the user had before the first pair that is predicted', async () => {
    const { of } = await masked({ strategy: 'leave-last-out' });
    expect(of('validation')).toMatchObject({ known: [1, 2, 5], heldOut: [3] });
    expect(of('test')).toMatchObject({ known: [1, 2, 3, 5, 6], heldOut: [4] });
  });

  it('is all that is as old as the history where the split does not go by time', async () => {
    const { of } = await masked({ strategy: 'random', testFraction: 0.3, validationFraction: 0.3 });
    const { known, heldOut } = of('test');
    const newest = Math.max(...known.filter((item) => item <= 4));
    expect(heldOut).toHaveLength(1);
    expect(known).not.toContain(heldOut[0]);
    expect(known.includes(6)).toBe(newest === 4 || heldOut[0] === 4);
    expect(known).not.toContain(7);
  });

  it('is never a pair that is predicted, but those of hidden items are not predicted', async () => {
    const { of, split } = await masked({ strategy: 'leave-last-out' }, ['item/04', 'item/01']);
    const { known, heldOut, masks } = of('test');
    expect(heldOut).toEqual([]);
    // What is hidden is history all the same.
    expect(known).toContain(1);
    const gone = split.test.indices.length - masks.heldOut.indices.length;
    expect(describeMasked(split, masks)).toBe(
      `all items but the users' training and validation pairs and 2 pairs that they had by then and that do not count (low ratings, types of weight 0, rows outside the filter); 2 hidden items are no candidates, with ${gone} test pairs`,
    );
  });

  it('is said in few words where there is nothing else', async () => {
    const { split } = await masked({ strategy: 'leave-last-out' });
    expect(describeMasked(split, maskedFor(split, {}, 'test'))).toBe(
      "all items but the users' training and validation pairs",
    );
  });
});
