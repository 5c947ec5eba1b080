import { describe, expect, it } from 'vitest';
import {
  type Csr,
  columnSums,
  emptyCsr,
  filterEntries,
  rowLength,
  selectRows,
  unionRows,
} from '../../src/dataset/matrix.ts';
import { positionsInOrder } from '../../src/dataset/split/places.ts';
import { csrOf, denseOf, sequencesOf } from '../helpers/data.ts';

const m = csrOf([
  [1, 0, 2],
  [0, 0, 0],
  [0, 3, 4],
]);

describe('a sparse matrix', () => {
  it('without entries has its shape and empty rows', () => {
    const empty = emptyCsr(2, 3);
    expect(denseOf(empty)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(columnSums(empty)).toEqual(new Float32Array(3));
  });

  it('gives rows in the order asked for, also twice', () => {
    const rows = selectRows(m, [2, 0, 2, 1]);
    expect(denseOf(rows)).toEqual([
      [0, 3, 4],
      [1, 0, 2],
      [0, 3, 4],
      [0, 0, 0],
    ]);
    expect(rowLength(rows, 0)).toBe(2);
    expect(rowLength(rows, 3)).toBe(0);
  });

  it('of no rows keeps its columns', () => {
    expect(selectRows(m, [])).toMatchObject({ rows: 0, columns: 3, indices: new Int32Array(0) });
  });

  it('keeps the entries that are wanted and nothing of the others', () => {
    const kept = filterEntries(m, (p) => m.values[p]! >= 2 && m.values[p]! < 4);
    expect(denseOf(kept)).toEqual([
      [0, 0, 2],
      [0, 0, 0],
      [0, 3, 0],
    ]);
    expect(kept.indices).toHaveLength(2);
  });

  it('sums its columns', () => {
    expect([...columnSums(m)]).toEqual([1, 3, 6]);
  });

  it('unites with another by the greater value, columns ascending', () => {
    const other = csrOf([
      [0, 5, 1],
      [7, 0, 0],
      [0, 4, 0],
    ]);
    const union = unionRows(m, other);
    expect(denseOf(union)).toEqual([
      [1, 5, 2],
      [7, 0, 0],
      [0, 4, 4],
    ]);
    expect([...union.indices]).toEqual([0, 1, 2, 0, 1, 2]);
    expect(unionRows(m, emptyCsr(3, 3))).toEqual(m);
  });
});

describe('a sparse matrix in order', () => {
  const walks = sequencesOf(
    [
      [2, 0, 1],
      [1, 2],
    ],
    3,
  );
  const inOrder = (matrix: Csr, row: number) => {
    const positions = positionsInOrder(matrix, row);
    return [...positions].map((p) => matrix.indices[p]);
  };

  it('stays in order when rows and entries are taken out', () => {
    const rows = selectRows(walks, [1, 0]);
    expect([inOrder(rows, 0), inOrder(rows, 1)]).toEqual([
      [1, 2],
      [2, 0, 1],
    ]);
    const kept = filterEntries(walks, (p) => walks.indices[p] !== 0);
    expect([inOrder(kept, 0), inOrder(kept, 1)]).toEqual([
      [2, 1],
      [1, 2],
    ]);
  });

  it('is in order again when its parts come together', () => {
    const part = (wanted: number) => filterEntries(walks, (p) => walks.indices[p] === wanted);
    const whole = unionRows(unionRows(part(1), part(0)), part(2));
    expect(whole).toEqual(walks);
    expect(unionRows(walks, emptyCsr(2, 3))).toEqual(walks);
  });

  it('loses the order beside entries that have none', () => {
    expect(
      unionRows(
        csrOf([
          [1, 0, 0],
          [1, 0, 0],
        ]),
        walks,
      ).order,
    ).toBeUndefined();
  });
});
