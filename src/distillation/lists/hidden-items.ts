import { type Csr, selectRows, unionRows } from '../../dataset/matrix.ts';

/**
 * Returns the items that losses with own items hidden leave out: each row's own items, and those that the teacher does not know.
 * @param own [rows, items]
 * @param unknown see Teacher.unknown
 */
export function hiddenItems(own: Csr, unknown: Int32Array | undefined): Csr {
  if (!unknown?.length) return own;
  const indptr = Int32Array.of(0, unknown.length);
  const values = new Float32Array(unknown.length).fill(1);
  const row: Csr = { rows: 1, columns: own.columns, indptr, indices: unknown, values };
  return unionRows(own, selectRows(row, new Int32Array(own.rows)));
}
