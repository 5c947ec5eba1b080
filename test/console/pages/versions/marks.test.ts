import { expect, it } from 'vitest';
import { markLists } from '../../../../src/console/pages/versions/marks.ts';

it('of two lists each item knows its place in the other one', () => {
  expect(markLists(['a', 'b', 'c'], ['c', 'a', 'd'])).toEqual({
    first: [
      { itemId: 'a', otherPlace: 2 },
      { itemId: 'b', otherPlace: null },
      { itemId: 'c', otherPlace: 1 },
    ],
    second: [
      { itemId: 'c', otherPlace: 3 },
      { itemId: 'a', otherPlace: 1 },
      { itemId: 'd', otherPlace: null },
    ],
    shared: 2,
  });
  expect(markLists([], [])).toEqual({ first: [], second: [], shared: 0 });
});
