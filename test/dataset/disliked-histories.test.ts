import { expect, it } from 'vitest';
import { withDisliked } from '../../src/dataset/disliked-histories.ts';
import { selectRows } from '../../src/dataset/matrix.ts';
import { csrOf } from '../helpers/data.ts';

const histories = csrOf([
  [1, 0, 0, 0],
  [1, 0, 0, 0],
]);
const pairs = csrOf([
  [0, 1, 2, 1],
  [0, 0, 0, 3],
]);
const day = 86_400_000;
const disliked = {
  pairs,
  since: Float64Array.of(20_000 * day, 20_002 * day, 20_001 * day, Number.NEGATIVE_INFINITY),
  moves: Float32Array.of(1, 2, 0, 3),
};
const rowsOf = (found: ReturnType<typeof withDisliked>, row: number) => {
  const { indptr, indices, values } = found.disliked!;
  const of = (from: ArrayLike<number>) => Array.from(from).slice(indptr[row], indptr[row + 1]);
  return { rows: of(indices), weights: of(values) };
};

it('gives what is disliked in words, the newest first, and leaves out low ratings', () => {
  const found = withDisliked(histories, disliked);
  expect(rowsOf(found, 0)).toEqual({ rows: [2, 1], weights: [2, 1] });
  expect(rowsOf(found, 1)).toEqual({ rows: [3], weights: [3] });
});

it('leaves out what is said later than the moment of its user, and goes along with its rows', () => {
  const found = withDisliked(histories, disliked, Float64Array.of(20_002 * day, 0));
  expect(rowsOf(found, 0)).toEqual({ rows: [1], weights: [1] });
  expect(rowsOf(selectRows(found, [1, 0]), 0)).toEqual({ rows: [3], weights: [3] });
});

it('changes nothing where there are low ratings alone', () => {
  expect(withDisliked(histories, { ...disliked, moves: new Float32Array(4) })).toBe(histories);
  expect(withDisliked(histories, undefined)).toBe(histories);
});
