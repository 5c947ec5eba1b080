import { describe, expect, it } from 'vitest';
import { suitedToRatings } from '../../src/dataset/liking.ts';
import { DEFAULT_WEIGHTING } from '../../src/domain/data/weighting.ts';
import { type Row, sourceOf } from '../helpers/data.ts';

const rated = (...values: number[]): Row[] =>
  values.map((value, at) => ({ user: `u${at}`, item: 'i', type: 'rating', value }));
const suited = (rows: Row[], weighting = DEFAULT_WEIGHTING) => suitedToRatings(sourceOf(rows, 2), weighting);

describe('the weighting of ratings', () => {
  it('stays where some rating means liking, in whichever chunk', async () => {
    expect(await suited(rated(1, 3, 2, 1, 4))).toBe(DEFAULT_WEIGHTING);
  });

  it('counts all of them where none does', async () => {
    expect(await suited(rated(1, 1, 3))).toEqual({ ...DEFAULT_WEIGHTING, types: { rating: { weight: 1 } } });
  });

  it('stays where there are no ratings, whatever values other types have', async () => {
    expect(await suited([{ user: 'u', item: 'i', type: 'click', value: 1 }])).toBe(DEFAULT_WEIGHTING);
  });

  it('stays where no least value is asked for', async () => {
    const all = { types: { rating: { weight: 2 } }, otherTypes: 1, halfLifeDays: null };
    expect(await suited(rated(1), all)).toBe(all);
  });
});
