import { type Csr, rowLength, transpose } from './matrix.ts';
import { repeatsAt, type TimedPairs } from './newest-rows.ts';

/** Pairs of users and items, with what is kept beside each. */
export interface NamedPairs extends TimedPairs {
  users: string[];
  items: string[];
  /** [nnz] */
  part?: Uint8Array;
}

/**
 * The largest part of the data in which each user has `perUser` items and each item `perItem` users. What is taken
 * away takes others below their minimum, so it goes on until nobody is; which of them goes first makes no difference.
 * Linear in the pairs.
 */
export function keepCore(pairs: NamedPairs, least: { perUser: number; perItem: number }): NamedPairs {
  const { matrix } = pairs;
  const sides = [peelingSide(matrix, least.perUser), peelingSide(transpose(matrix), least.perItem)] as const;
  // [side, row]
  const waiting: [0 | 1, number][] = [];
  for (const side of [0, 1] as const)
    for (let row = 0; row < sides[side].rows.rows; row++)
      if (sides[side].isBelow(row)) waiting.push([side, row]);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [side, row] = next;
    const { rows, gone } = sides[side];
    const other = side === 0 ? 1 : 0;
    if (gone[row] === 1) continue;
    gone[row] = 1;
    for (let p = rows.indptr[row]!; p < rows.indptr[row + 1]!; p++) {
      const column = rows.indices[p]!;
      sides[other].count[column]!--;
      if (sides[other].isBelow(column)) waiting.push([other, column]);
    }
  }
  return without(pairs, sides[0].gone, sides[1].gone);
}

function peelingSide(rows: Csr, least: number) {
  const count = Int32Array.from({ length: rows.rows }, (_, row) => rowLength(rows, row));
  const gone = new Uint8Array(rows.rows);
  return { rows, count, gone, isBelow: (row: number) => gone[row] === 0 && count[row]! < least };
}

function without(pairs: NamedPairs, usersGone: Uint8Array, itemsGone: Uint8Array): NamedPairs {
  const { matrix, users, items, part } = pairs;
  const column = new Int32Array(items.length);
  let columns = 0;
  for (let i = 0; i < items.length; i++) column[i] = itemsGone[i] === 1 ? -1 : columns++;
  const indptr = [0];
  const kept = new Int32Array(matrix.indices.length);
  let n = 0;
  for (let u = 0; u < users.length; u++) {
    if (usersGone[u] === 1) continue;
    for (let p = matrix.indptr[u]!; p < matrix.indptr[u + 1]!; p++)
      if (column[matrix.indices[p]!] !== -1) kept[n++] = p;
    indptr.push(n);
  }
  const positions = kept.subarray(0, n);
  const place = new Int32Array(matrix.indices.length).fill(-1);
  for (let at = 0; at < n; at++) place[positions[at]!] = at;
  return {
    users: users.filter((_, u) => usersGone[u] === 0),
    items: items.filter((_, i) => itemsGone[i] === 0),
    matrix: {
      rows: indptr.length - 1,
      columns,
      indptr: Int32Array.from(indptr),
      indices: positions.map((p) => column[matrix.indices[p]!]!),
      values: Float32Array.from(positions, (p) => matrix.values[p]!),
      ...(matrix.order && { order: positions.map((p) => matrix.order![p]!) }),
    },
    firstSeen: Float64Array.from(positions, (p) => pairs.firstSeen[p]!),
    ...(pairs.arrival && { arrival: positions.map((p) => pairs.arrival![p]!) }),
    ...repeatsAt(pairs.repeats, place),
    ...(part && { part: Uint8Array.from(positions, (p) => part[p]!) }),
  };
}
