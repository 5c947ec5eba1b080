import { type Csr, rowLength } from '../../dataset/matrix.ts';

/** Finds the row of `train` that is the same as a given history, or -1: items and weights alike. */
export function createKnownRows(train: Csr): (histories: Csr, row: number) => number {
  const rows = new Map<number, number[]>();
  for (let r = 0; r < train.rows; r++) {
    if (rowLength(train, r) === 0) continue;
    const key = hashOfRow(train, r);
    const list = rows.get(key);
    if (list) list.push(r);
    else rows.set(key, [r]);
  }
  return (histories, row) => {
    const found = rows.get(hashOfRow(histories, row))?.find((r) => same(train, r, histories, row));
    return found ?? -1;
  };
}

/** FNV-1a over the item ids. */
function hashOfRow(m: Csr, row: number): number {
  let hash = 0x811c9dc5;
  for (let p = m.indptr[row]!; p < m.indptr[row + 1]!; p++)
    hash = Math.imul(hash ^ m.indices[p]!, 0x01000193);
  return hash;
}

function same(a: Csr, rowA: number, b: Csr, rowB: number): boolean {
  const length = rowLength(a, rowA);
  if (length !== rowLength(b, rowB)) return false;
  const fromA = a.indptr[rowA]!;
  const fromB = b.indptr[rowB]!;
  for (let k = 0; k < length; k++) {
    if (a.indices[fromA + k] !== b.indices[fromB + k]) return false;
    if (a.values[fromA + k] !== b.values[fromB + k]) return false;
  }
  return true;
}
