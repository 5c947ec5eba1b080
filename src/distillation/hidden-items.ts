import { type Csr, unionRows } from '../dataset/matrix.ts';

/**
 * What losses with own items hidden leave out of the running: each row's own items, and those that the teacher does not know.
 * @param own [rows, items]
 * @param unknown see Teacher.unknown
 */
export function hiddenItems(own: Csr, unknown: Uint8Array | undefined): Csr {
  const columns = unknown ? columnsOf(unknown) : new Int32Array(0);
  if (columns.length === 0) return own;
  const nnz = own.rows * columns.length;
  const indices = new Int32Array(nnz);
  for (let row = 0; row < own.rows; row++) indices.set(columns, row * columns.length);
  return unionRows(own, {
    rows: own.rows,
    columns: own.columns,
    indptr: Int32Array.from({ length: own.rows + 1 }, (_, row) => row * columns.length),
    indices,
    values: new Float32Array(nnz).fill(1),
  });
}

function columnsOf(flags: Uint8Array): Int32Array {
  return Int32Array.from(flags.keys()).filter((column) => flags[column] === 1);
}
