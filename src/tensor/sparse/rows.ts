import { problem } from '../../core/errors.ts';

/** Compressed sparse rows of one batch. `indptr` has rows + 1 entries and starts at 0. */
export interface SparseRows {
  indptr: Int32Array;
  indices: Int32Array;
  values: Float32Array;
  columns: number;
}

/** @throws invalid-training-input: no rows, broken indptr, an id outside [0, columns), a value that is NaN or infinite */
export function checkRows({ indptr, indices, values, columns }: SparseRows): void {
  const rows = indptr.length - 1;
  if (rows < 1) throw problem('invalid-training-input', 'empty batch: it has no rows');
  const count = indptr[rows]!;
  if (indptr[0] !== 0 || count !== indices.length || count !== values.length) {
    throw problem(
      'invalid-training-input',
      `sparse rows disagree: indptr goes from ${indptr[0]} to ${count}, with ${indices.length} indices and ${values.length} values`,
    );
  }
  for (let row = 0; row < rows; row++) {
    if (indptr[row + 1]! < indptr[row]!) {
      throw problem('invalid-training-input', `indptr decreases at row ${row}`);
    }
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) {
      const id = indices[k]!;
      if (id < 0 || id >= columns) {
        throw problem(
          'invalid-training-input',
          `row ${row} holds id ${id}, which is outside 0..${columns - 1} (limit ${columns})`,
        );
      }
      if (!Number.isFinite(values[k])) {
        throw problem('invalid-training-input', `row ${row}, id ${id}: the value is ${values[k]}`);
      }
    }
  }
}

/** The transposed matrix, by counting: linear in the entries. */
export function transposeRows({ indptr, indices, values, columns }: SparseRows): SparseRows {
  const rows = indptr.length - 1;
  const starts = new Int32Array(columns + 1);
  for (let k = 0; k < indices.length; k++) starts[indices[k]! + 1]!++;
  for (let column = 0; column < columns; column++) starts[column + 1]! += starts[column]!;
  const next = starts.slice(0, columns);
  const flipped = {
    indptr: starts,
    indices: new Int32Array(indices.length),
    values: new Float32Array(indices.length),
    columns: rows,
  };
  for (let row = 0; row < rows; row++) {
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) {
      const at = next[indices[k]!]!++;
      flipped.indices[at] = row;
      flipped.values[at] = values[k]!;
    }
  }
  return flipped;
}

export function sumRows({ indptr, values }: SparseRows): Float32Array {
  const sums = new Float32Array(indptr.length - 1);
  for (let row = 0; row < sums.length; row++) {
    let sum = 0;
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) sum += values[k]!;
    sums[row] = sum;
  }
  return sums;
}
